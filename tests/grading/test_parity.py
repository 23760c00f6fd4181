"""The same submissions graded by stock nbgrader, by `grade`, and by
stock nbgrader with our plug-in: equal row by row, or listed here.
"""

import csv
import shutil
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

import nbformat
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
from tests.nbgrader.submissions import mistaken, rounds_of_mistakes, solved

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
    """Three copies of a course with the same submissions, graded in three ways."""
    folder = tmp_path_factory.mktemp("parity")
    lesson, _ = course_notebook(LESSON)
    made = make_course(
        folder / "stock",
        {"mixed": {"arrays": ARRAYS, "objects": OBJECTS}, LESSON.stem: {LESSON.stem: lesson}},
        config=CONFIG,
        files={"table.csv": "1,2,3\n4,5,7\n"},
    )
    with Gradebook(f"sqlite:///{made / 'gradebook.db'}") as gradebook:
        gradebook.update_or_create_assignment("mixed", duedate=datetime(2030, 1, 1, 12))
    for student, answers in STUDENTS.items():
        when = "2030-01-01 14:30:00 UTC" if student == "ada" else "2030-01-01 11:00:00 UTC"
        for name in ("arrays", "objects"):
            submit(made, student, "mixed", filled(released(made, "mixed", name), answers), name, timestamp=when)
    lessons = {
        "ada": solved(LESSON),
        "bob": solved(LESSON, list(exercises_of(LESSON))[:3]),
        "m0": mistaken(LESSON, rounds_of_mistakes(exercises_of(LESSON))[0]),
    }
    for student, work in lessons.items():
        submit(made, student, LESSON.stem, work)
    found = {"stock": made} | {name: Path(shutil.copytree(made, folder / name)) for name in ("ours", "plugged")}
    with (found["plugged"] / "nbgrader_config.py").open("a") as config:
        config.write(PLUGIN)
    with lent_to_grade(running_executors), ThreadPoolExecutor() as pool:
        stock = pool.submit(lambda: [run_nbgrader(made, "autograde", assignment, "--create") for assignment in ("mixed", LESSON.stem)])
        for assignment in ("mixed", LESSON.stem):
            grade(found["ours"], assignment)
        run_nbgrader(found["plugged"], "autograde", "mixed", "--create")
        stock.result()
    return found


def rows(course, assignment):
    """All rows of the gradebook about an assignment's
    submissions, by student, notebook and cell.
    """
    found = {}
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        for submission in gradebook.assignment_submissions(assignment):
            student = submission.student.id
            found[student, "", "submission"] = {
                "timestamp": submission.timestamp,
                "late": submission.total_seconds_late,
                "penalty": submission.late_submission_penalty,
                "needs_manual_grade": submission.needs_manual_grade,
            }
            for made in submission.notebooks:
                for entry in made.grades:
                    found[student, made.name, entry.cell.name] = {
                        name: getattr(entry, name)
                        for name in (
                            "score",
                            "auto_score",
                            "max_score",
                            "manual_score",
                            "extra_credit",
                            "needs_manual_grade",
                            "failed_tests",
                        )
                    }
                for comment in made.comments:
                    words = comment.auto_comment
                    remark = words is not None and words != "No response."  # a flag: for whoever grades, and ours alone
                    found[student, made.name, f"comment on {comment.name}"] = {"auto_comment": None if remark else words}
    return found


def expected_of_ours(stock, assignment):
    """Stock's rows with the differences that are meant."""
    if assignment != "mixed":
        return stock
    for (student, test), (theirs, ours, _) in DIFFERENT.items():
        row = stock[student, "arrays", test]
        assert row["score"] == theirs
        row |= {"score": ours, "auto_score": ours, "failed_tests": ours < row["max_score"]}
    return stock


@pytest.mark.parametrize("assignment", ["mixed", LESSON.stem])
def test_the_gradebook_is_the_same_row_by_row(courses, assignment):
    expected = expected_of_ours(rows(courses["stock"], assignment), assignment)
    assert len(expected) > 30
    assert rows(courses["ours"], assignment) == expected


def test_the_plug_in_gives_the_same_marks(courses):
    """For a lesson tests/nbgrader compares them."""
    assert rows(courses["plugged"], "mixed") == rows(courses["ours"], "mixed")


def test_the_submissions_are_no_all_or_nothing(courses):
    """The reference earns everything, the blank nothing,
    the others some points; the late one has a penalty.
    """
    found = rows(courses["ours"], "mixed")
    auto = {
        student: [row["auto_score"] for (who, *_), row in found.items() if who == student and "auto_score" in row] for student in STUDENTS
    }
    totals = {student: sum(filter(None, scores)) for student, scores in auto.items()}
    assert totals["ada"] == 2 + 3 + 2 + 1.5 + 2 + 2
    assert totals["cy"] == 0
    assert 0 < totals["bob"] < totals["ada"]
    assert found["ada", "", "submission"]["penalty"] == 2 * len(["arrays", "objects"])
    assert found["odd", "", "submission"]["penalty"] == 0
    assert found["ada", "arrays", "essay"]["needs_manual_grade"]
    assert found["cy", "arrays", "comment on essay"]["auto_comment"] == "No response."


@pytest.mark.parametrize("way", ["ours", "plugged"])
def test_the_autograded_notebooks_are_the_same_cell_by_cell(courses, way):
    compared = 0
    for path in sorted(courses[way].glob("autograded/*/*/*.ipynb")):
        theirs = nbformat.read(courses["stock"] / path.relative_to(courses[way]), as_version=4)
        ours = nbformat.read(path, as_version=4)
        nbformat.validate(ours)
        assert [look_of(cell) for cell in ours.cells] == [look_of(cell) for cell in theirs.cells], path
        compared += 1
    assert compared >= 2 * len(STUDENTS)


def look_of(cell):
    """A cell as far as it must not differ: outputs by their types, what is printed as one."""
    outputs = [output.output_type for output in cell.get("outputs", [])]
    shown = sorted(set(outputs) - {"stream"})
    return cell.cell_type, cell.source, cell.metadata.get("nbgrader"), shown


def test_files_beside_the_notebooks_are_there_as_after_stock(courses):
    names = {way: sorted(str(path.relative_to(course)) for path in course.glob("autograded/*/mixed/*")) for way, course in courses.items()}
    assert names["ours"] == names["stock"] == names["plugged"]


def test_feedback_and_export_work_as_after_stock(courses):
    exported = {}
    for way in ("stock", "ours"):
        run_nbgrader(courses[way], "generate_feedback", "mixed", "--student=ada")
        run_nbgrader(courses[way], "export")
        with (courses[way] / "grades.csv").open(encoding="utf-8") as file:
            exported[way] = {(row["assignment"], row["student_id"]): row for row in csv.DictReader(file)}
    pages = {way: sorted(path.name for path in courses[way].glob("feedback/ada/mixed/*.html")) for way in exported}
    assert pages["ours"] == pages["stock"] == ["arrays.html", "objects.html"]
    for (assignment, student), row in exported["stock"].items():
        lost = sum(theirs - ours for (who, _), (theirs, ours, _) in DIFFERENT.items() if (assignment, who) == ("mixed", student))
        mine = exported["ours"][assignment, student]
        assert float(mine["score"] or 0) == pytest.approx(float(row["score"] or 0) - lost), (assignment, student)
        numbers = ("score", "raw_score")
        assert {key: value for key, value in mine.items() if key not in numbers} == {
            key: value for key, value in row.items() if key not in numbers
        }


@pytest.mark.usefixtures("lent_executors")
def test_more_points_than_there_are_stop_stock_and_not_us(courses):
    """Stock gives up the submission; ours gives what the test is worth, and says so."""
    course = courses["ours"]
    for name in ("arrays", "objects"):
        submit(course, "over", "mixed", filled(released(course, "mixed", name), TOO_MANY), name)
    summary = grade(course, "mixed", students=["over"])
    assert rows(course, "mixed")["over", "arrays", "worth"]["score"] == 2
    assert any("7 points of 2" in words for words in summary.flagged["over"])
    shutil.copytree(course / "submitted" / "over", courses["stock"] / "submitted" / "over")
    assert "greater than maximum points" in run_nbgrader(courses["stock"], "autograde", "mixed", "--create", "--student=over", status=1)
