"""A small course that needs no PyTorch, as a folder without a gradebook, and hand-ins."""

import nbformat
import pytest

from autograder.building import RELEASE
from tests.grading.course import answer, check, notebook, task

CONFIG = "c = get_config()\nc.Grading.preload = []\n"
SMALL = notebook(
    answer("square-answer", "def square(x):\n    ### BEGIN SOLUTION\n    return x * x\n    ### END SOLUTION"),
    check(
        "square", "assert square(3) == 9\n### BEGIN HIDDEN TESTS\nassert square(-2) == 4, 'not a square'\n### END HIDDEN TESTS", points=2
    ),
    answer("parts-answer", "def parts():\n    ### BEGIN SOLUTION\n    return 1, 2\n    ### END SOLUTION"),
    check("parts", "sum(mine == true for mine, true in zip(parts(), (1, 2))) * 1.5", points=3),
    task("essay", "Say why.", points=4),
)


@pytest.fixture
def small(tmp_path):
    """The course's folder: its configuration and one source notebook."""
    folder = tmp_path / "course" / "source" / "week 1"
    folder.mkdir(parents=True)
    nbformat.write(SMALL, folder / "week 1.ipynb")
    (tmp_path / "course" / "nbgrader_config.py").write_text(CONFIG, encoding="utf-8")
    return tmp_path / "course"


def handed_in(path, **answers):
    """The released notebook with these answers, written to `path`."""
    made, resources = nbformat.from_dict(SMALL), {}
    for step in RELEASE:
        made, resources = step().preprocess(made, resources)
    for cell in made.cells:
        cell.source = answers.get(cell.id.removesuffix("-answer"), cell.source) if cell.id.endswith("-answer") else cell.source
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(made, path)
    return path


HALF = {"square": "def square(x):\n    return 3 * x", "parts": "def parts():\n    return 1, 3"}
RIGHT = {"square": "def square(x):\n    return x**2", "parts": "def parts():\n    return 1, 2"}
