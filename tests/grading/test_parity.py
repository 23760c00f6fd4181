"""The same submissions graded by stock nbgrader, by `grade`, and by
stock nbgrader with our plug-in: equal row by row, or listed here.

What stock nbgrader gives is in tests/recorded.
"""

import csv
import shutil
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from autograder.building import exercises_of, lesson_paths
from autograder.course import course_notebook
from autograder.grading.run import grade
from tests.commands import run_nbgrader
from tests.executors import lent_to_grade
from tests.grading.course import (
    PLUGIN,
    answer,
    check,
    code,
    filled,
    locked,
    make_course,
    notebook,
    released,
    submit,
    task,
    text,
)
from tests.grading.rows import looks, rows
from tests.nbgrader.submissions import WRONG, answered, answers_of
from tests.recorded import recorded

pytestmark = pytest.mark.xdist_group("grading-parity")
LESSON = lesson_paths()[0]
CONFIG = """
from nbgrader.plugins import BasePlugin


class OnePointAnHour(BasePlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return min(score, total_seconds_late // 3600)


c.AssignLatePenalties.plugin_class = OnePointAnHour
c.Grading.require_reference = False  # the solution of one test earns a part of its points on purpose
c.ClearSolutions.code_stub = {"python": "raise NotImplementedError()  # replace this line by yours"}
"""

# Written as another instructor might: plain NumPy, partial credit, work marked by hand, a task, a
# data file.
ARRAYS = notebook(
    text("# Arrays"),
    code("import numpy as np\n%matplotlib inline"),
    locked("data", "table = np.loadtxt('table.csv', delimiter=',')"),
    answer("scale-answer", "def scale(x):\n    ### BEGIN SOLUTION\n    return (x - x.mean()) / x.std()\n    ### END SOLUTION"),
    check(
        "scale",
        "out = scale(table)\nassert out.shape == table.shape, 'the shape is to stay'\n### BEGIN HIDDEN TESTS\n"
        "np.testing.assert_allclose(out.mean(), 0, atol=1e-12)\nnp.testing.assert_allclose(out.std(), 1)\n### END HIDDEN TESTS",
    ),
    answer("parts-answer", "### BEGIN SOLUTION\na, b, c = 1, 4, 9\n### END SOLUTION"),
    check("parts", "points = 0\nfor name, right in dict(a=1, b=4, c=9).items():\n    points += globals().get(name) == right\npoints", 3),
    answer("mean-answer", "def parts_right():\n    ### BEGIN SOLUTION\n    return [1, 2]\n    ### END SOLUTION"),
    check("mean", "np.mean(np.array(parts_right()) == [1, 2]) * 2.0"),
    answer("worth-answer", "def worth():\n    ### BEGIN SOLUTION\n    return 1.5\n    ### END SOLUTION"),
    check("worth", "worth() + 0.0"),
    answer("plot", "### BEGIN SOLUTION\nprint('a plot')\n### END SOLUTION", points=4),
    answer("essay", "### BEGIN SOLUTION\nBecause.\n### END SOLUTION", points=5, markdown=True),
    task("explore", "Explore the table in cells of your own."),
)
OBJECTS = notebook(
    code("import torch"),
    answer(
        "value-answer",
        "class Value:\n    def __init__(self, data, grad=0.0):\n        self.data, self.grad = data, grad\n    ### BEGIN SOLUTION\n"
        "    def __add__(self, other):\n        return Value(self.data + other.data)\n"
        "    def __mul__(self, other):\n        return Value(self.data * getattr(other, 'data', other))\n    ### END SOLUTION",
    ),
    check("value", "v = Value(2.0) * 3 + Value(1.0)\nassert isinstance(v, Value) and v.data == 7 and v.grad == 0"),
    answer(
        "train-answer",
        "def train(steps, lr):\n    ### BEGIN SOLUTION\n    w = torch.zeros(1, requires_grad=True)\n    for _ in range(steps):\n"
        "        ((w - 2) ** 2).sum().backward()\n        with torch.no_grad():\n            w -= lr * w.grad\n            w.grad.zero_()\n"
        "    return w\n    ### END SOLUTION",
    ),
    check("train", "torch.manual_seed(0)\nw = train(40, 0.1)\nassert abs(w.item() - 2) < 1e-3 and w.requires_grad\nw"),
)
RIGHT = {
    "scale-answer": "def scale(x):\n    return (x - np.mean(x)) / np.sqrt(((x - np.mean(x)) ** 2).mean())",
    "parts-answer": "a, b, c = (k**2 for k in (1, 2, 3))",
    "mean-answer": "def parts_right():\n    return 1, 2",
    "worth-answer": "def worth():\n    return 3 / 2",
    "plot": "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()",
    "essay": "Since it is *so*.",
    "value-answer": "class Value:\n    def __init__(self, data, grad=0.0):\n        self.data = data\n        self.grad = grad\n"
    "    def __add__(self, o):\n        return Value(o.data + self.data)\n    def __mul__(self, k):\n        return Value(self.data * k)",
    "train-answer": "def train(steps, lr):\n    w = torch.nn.Parameter(torch.ones(1))\n    sgd = torch.optim.SGD([w], lr=lr)\n"
    "    for _ in range(steps):\n        sgd.zero_grad()\n        (w - 2).pow(2).sum().backward()\n        sgd.step()\n    return w",
}
HALF = {"parts-answer": "a, b = 1, 4", "scale-answer": "def scale(x):\n    return x", "essay": "Hm.", "value-answer": RIGHT["value-answer"]}
ODD = RIGHT | {
    "scale-answer": "import sys, warnings\ndef scale(x):\n    warnings.warn('careful')\n    print('scaling', file=sys.stderr)\n"
    "    return (x - x.mean()) / x.std()",
    "mean-answer": "def parts_right():\n    return 1, 3",
    "worth-answer": "def worth():\n    return -1.0",
}
NOT_A_NUMBER = {"worth-answer": "def worth():\n    return float('nan')", "mean-answer": "def parts_right():\n    return [0, 0]"}
STUDENTS = {"ada": RIGHT, "bob": HALF, "cy": {}, "odd": ODD, "nan": NOT_A_NUMBER}
NOTEBOOKS = {"arrays": ARRAYS, "objects": OBJECTS}
FILES = {"table.csv": "1,2,3\n4,5,7\n"}
ON_TIME, TIMES = "2030-01-01 11:00:00 UTC", {"ada": "2030-01-01 14:30:00 UTC"}
TOO_MANY = {"worth-answer": "def worth():\n    return 7.0"}

# What is meant to differ: (student, test): points by stock, points by us, why.
DIFFERENT = {
    ("odd", "scale"): (0, 2, "stock takes anything on stderr for a failure"),
    ("odd", "mean"): (2, 1, "np.float64(1.0) is text to stock, and full marks"),
    ("nan", "mean"): (2, 0, "np.float64(0.0) is text to stock, and full marks"),
    ("odd", "worth"): (2, 0, "stock takes a number below 0 for full marks"),
    ("nan", "worth"): (2, 0, "stock takes nan for full marks"),
}


@pytest.fixture(scope="module")
def courses(tmp_path_factory, running_executors):
    """Two courses with the same submissions, graded by `grade` and by the plug-in."""
    made = make_course(tmp_path_factory.mktemp("parity") / "ours", {"mixed": NOTEBOOKS}, config=CONFIG, files=FILES)
    with Gradebook(f"sqlite:///{made / 'gradebook.db'}") as gradebook:
        gradebook.update_or_create_assignment("mixed", duedate=datetime(2030, 1, 1, 12))
    for student, answers in STUDENTS.items():
        for name in NOTEBOOKS:
            submit(made, student, "mixed", filled(released(made, "mixed", name), answers), name, timestamp=TIMES.get(student, ON_TIME))
    plugged = Path(shutil.copytree(made, made.parent / "plugged"))
    with (plugged / "nbgrader_config.py").open("a") as config:
        config.write(PLUGIN)
    shutil.copytree(made, made.parent / "untouched")
    with lent_to_grade(running_executors), ThreadPoolExecutor() as pool:
        running = pool.submit(run_nbgrader, plugged, "autograde", "mixed", "--create")
        grade(made, "mixed")
        running.result()
    return {"ours": made, "plugged": plugged}


@pytest.fixture(scope="module")
def record(courses):
    """What stock nbgrader makes of these submissions."""
    source = [CONFIG, FILES, NOTEBOOKS, STUDENTS, TIMES, ON_TIME, TOO_MANY]
    return recorded("mixed", source, lambda: graded_by_stock(courses["ours"].with_name("untouched")))


@pytest.fixture(scope="module")
def stock(record):
    return record.value


def graded_by_stock(course):
    run_nbgrader(course, "autograde", "mixed", "--create")
    found = {"rows": rows(course, "mixed"), "looks": looks(course, "mixed"), "files": files_of(course)} | exported(course)
    submit_too_many(course)
    said = run_nbgrader(course, "autograde", "mixed", "--create", "--student=over", status=1)
    return found | {"stops at too many points": "greater than maximum points" in said}


def files_of(course):
    """The autograded notebooks and what lies beside them."""
    return sorted(path.relative_to(course).as_posix() for path in course.glob("autograded/*/mixed/*"))


def exported(course):
    """The pages and the table that nbgrader's commands make after grading."""
    run_nbgrader(course, "generate_feedback", "mixed", "--student=ada")
    run_nbgrader(course, "export")
    with (course / "grades.csv").open(encoding="utf-8") as file:
        table = sorted(csv.DictReader(file), key=lambda row: row["student_id"])
    return {"pages": sorted(path.name for path in course.glob("feedback/ada/mixed/*.html")), "exported": table}


def submit_too_many(course):
    for name in NOTEBOOKS:
        submit(course, "over", "mixed", filled(released(course, "mixed", name), TOO_MANY), name)


def test_what_stock_nbgrader_gives_is_on_record(record):
    assert not record.problem


def test_the_gradebook_is_the_same_row_by_row_but_for_what_is_listed(courses, stock):
    expected = dict(stock["rows"])
    for (student, test), (theirs, ours, _) in DIFFERENT.items():
        row = expected[f"{student}/arrays/{test}"]
        assert row["score"] == theirs
        expected[f"{student}/arrays/{test}"] = row | {"score": ours, "auto_score": ours, "failed_tests": ours < row["max_score"]}
    assert len(expected) > 30
    assert rows(courses["ours"], "mixed") == expected


def test_the_plug_in_gives_the_same_marks(courses):
    """For a lesson tests/nbgrader compares them."""
    assert rows(courses["plugged"], "mixed") == rows(courses["ours"], "mixed")


def test_a_lesson_gets_the_same_rows_and_looks_the_same_under_stock_nbgrader(tmp_path, running_executors):
    """One submission of exercises that are right, wrong and not started, run by nbgrader itself:
    what the course's package prints and shows is not on record.
    """
    course = make_course(tmp_path / "stock", {LESSON.stem: {LESSON.stem: course_notebook(LESSON)[0]}}, config=CONFIG)
    exercises = exercises_of(LESSON)
    names = list(exercises)
    right, wrong = names[: len(names) // 3], [name for name in names[len(names) // 3 : -1] if exercises[name].arguments is None]
    answers = {name: answer for name, answer in answers_of(LESSON).items() if name in right}
    answers |= {name: WRONG.format(name=name, mistake=exercises[name].mistakes[0].id) for name in wrong}
    submit(course, "ada", LESSON.stem, answered(LESSON, answers))
    ours = Path(shutil.copytree(course, tmp_path / "ours"))
    run_nbgrader(course, "autograde", LESSON.stem, "--create")
    with lent_to_grade(running_executors):
        grade(ours, LESSON.stem)
    assert rows(ours, LESSON.stem) == rows(course, LESSON.stem)
    assert looks(ours, LESSON.stem) == looks(course, LESSON.stem)
    scores = {name: rows(ours, LESSON.stem)[f"ada/{LESSON.stem}/{name}"]["score"] for name in names}
    assert [name for name in names if scores[name] == exercises[name].points] == right


def test_the_submissions_are_no_all_or_nothing(courses):
    """The reference earns everything, the blank nothing,
    the others some points; the late one has a penalty.
    """
    found = rows(courses["ours"], "mixed")
    totals = {
        student: sum(row.get("auto_score") or 0 for name, row in found.items() if name.startswith(f"{student}/")) for student in STUDENTS
    }
    assert totals["ada"] == 2 + 3 + 2 + 1.5 + 2 + 2
    assert totals["cy"] == 0
    assert 0 < totals["bob"] < totals["ada"]
    assert found["ada"]["penalty"] == 2 * len(NOTEBOOKS)
    assert found["odd"]["penalty"] == 0
    assert found["ada/arrays/essay"]["needs_manual_grade"]
    assert found["cy/arrays/comment on essay"]["auto_comment"] == "No response."


@pytest.mark.parametrize("way", ["ours", "plugged"])
def test_the_autograded_notebooks_are_the_same_cell_by_cell(courses, stock, way):
    found = looks(courses[way], "mixed")
    assert len(found) == len(NOTEBOOKS) * len(STUDENTS)
    assert found == stock["looks"]


@pytest.mark.parametrize("way", ["ours", "plugged"])
def test_files_beside_the_notebooks_are_there_as_after_stock(courses, stock, way):
    assert files_of(courses[way]) == stock["files"]


def test_feedback_and_export_work_as_after_stock(courses, stock):
    found = exported(courses["ours"])
    assert found["pages"] == stock["pages"] == ["arrays.html", "objects.html"]
    assert len(found["exported"]) == len(stock["exported"]) >= len(STUDENTS)
    numbers = ("score", "raw_score")
    for mine, row in zip(found["exported"], stock["exported"]):
        lost = sum(theirs - ours for (who, _), (theirs, ours, _) in DIFFERENT.items() if who == row["student_id"])
        assert float(mine["score"] or 0) == pytest.approx(float(row["score"] or 0) - lost), row["student_id"]
        assert {key: value for key, value in mine.items() if key not in numbers} == {
            key: value for key, value in row.items() if key not in numbers
        }


@pytest.mark.usefixtures("lent_executors")
def test_more_points_than_there_are_stop_stock_and_not_us(courses, stock):
    """Stock gives up the submission; ours gives what the test is worth, and says so."""
    course = courses["ours"]
    submit_too_many(course)
    summary = grade(course, "mixed", students=["over"])
    assert rows(course, "mixed")["over/arrays/worth"]["score"] == 2
    assert any("7 points of 2" in words for words in summary.flagged["over"])
    assert stock["stops at too many points"]
