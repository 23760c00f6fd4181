"""An assignment that needs nothing but NumPy, and forty submissions: honest and hostile ones."""

import copy
from pathlib import Path

from tests.grading.course import answer, check, code, filled, make_course, notebook, released, submit

NAME = "light"
CONFIG = """
c.Grading.preload = ["numpy", "numpy.testing"]
c.Grading.cell_seconds = 1
"""
LIGHT = notebook(
    code("import numpy as np"),
    answer("square-answer", "def square(x):\n    ### BEGIN SOLUTION\n    return x * x\n    ### END SOLUTION"),
    check(
        "square",
        "assert square(3) == 9\n### BEGIN HIDDEN TESTS\n"
        "np.testing.assert_allclose(square(np.array([1.5, -2.0])), [2.25, 4.0])\n### END HIDDEN TESTS",
    ),
    answer("sums-answer", "def sums(xs):\n    ### BEGIN SOLUTION\n    return sum(xs), max(xs)\n    ### END SOLUTION"),
    check(
        "sums",
        "### BEGIN HIDDEN TESTS\nright = zip(sums([1, 2, 4]), (7, 4))\n"
        "sum(bool(mine == true) for mine, true in right) * 1.0\n### END HIDDEN TESTS",
    ),
)
RIGHT = {"square-answer": "def square(x):\n    return x * x", "sums-answer": "def sums(xs):\n    return sum(xs), max(xs)"}
WRONG = RIGHT | {"square-answer": "def square(x):\n    return x + x", "sums-answer": "def sums(xs):\n    return sum(xs), min(xs)"}
PICKLE = """\
class Evil:
    def __reduce__(self):
        return eval, ("open('/tmp/evil', 'w')",)

def square(x):
    return Evil()
"""
ATTACKS = {
    "sleeps": "import time\ntime.sleep(60)",
    "exits": "import os\nos._exit(3)",
    "kills": "import os, signal\nos.kill(os.getppid(), signal.SIGKILL)",
    "pickles": PICKLE,
    "prints": "print('x' * 3_000_000)",
    "controls": "print('\\ud800 \\x1b[31m')",
    "raises": "raise type('\\u202e<script>', (Exception,), {})('\\x00')",
    "starts": "import subprocess\ndef square(x):\n    subprocess.run(['true'])\n    return x * x",
    "counts": "def square(x):\n    return 10**5000",
    "shows": "from IPython.display import HTML, display\ndisplay(HTML('<script>alert(1)</script>'))",
}
NO_NOTEBOOKS = {"torn": '{"cells": [', "empty": "", "list": "[]", "nested": "[" * 100_000}


def light_course(folder: Path, name: str = NAME) -> Path:
    """The course, released, with nobody's work in it."""
    return make_course(folder, {name: {name: LIGHT}}, config=CONFIG)


def hand_in(course: Path, students: dict[str, dict[str, str]], name: str = NAME) -> None:
    """Submissions by student, as answers."""
    blank = released(course, name)
    for student, answers in students.items():
        submit(course, student, name, filled(copy.deepcopy(blank), answers))


def hand_in_forty(course: Path) -> None:
    """25 honest submissions, ten attacks and five that are no notebook of the assignment."""
    students = {f"s{number:02d}": [RIGHT, WRONG, {}][number % 3] for number in range(25)}
    hand_in(
        course, students | {f"s{number:02d}-{name}": RIGHT | {"square-answer": text} for number, (name, text) in enumerate(ATTACKS.items())}
    )
    for number, (name, text) in enumerate(NO_NOTEBOOKS.items()):
        hand_in(course, {f"s{number:02d}-{name}": RIGHT})
        (course / "submitted" / f"s{number:02d}-{name}" / NAME / f"{NAME}.ipynb").write_text(text, encoding="utf-8")
    missing = course / "submitted" / "s07-missing" / NAME
    missing.mkdir(parents=True)
    (missing / "answers.pdf").write_bytes(b"%PDF \xff")
