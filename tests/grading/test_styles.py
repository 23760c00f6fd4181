"""Tests of any author: an answer earns what it
earns in one Jupyter kernel, as in stock nbgrader.
"""

from concurrent.futures import ThreadPoolExecutor

import nbformat
import pytest
from nbclient import NotebookClient

from autograder.grading.marking import mark
from autograder.grading.reference import findings
from tests.grading.course import filled, points, release_of, side_of
from tests.grading.styles import GROUPS, STYLES, course_of

pytestmark = pytest.mark.xdist_group("grading-styles")
WAYS = ("right", "wrong", "blank")


def work_of(styles, way):
    """What is handed in: the right answers, the wrong ones, or the release."""
    answers = {} if way == "blank" else {f"{style.name}-answer": getattr(style, way) for style in styles}
    return filled(release_of(course_of(styles)), answers)


def as_in_stock(made, course, folder):
    """Points by test in one kernel: the tests as in the
    course, and every cell run whatever happened before.
    """
    tests = {cell.id: cell.source for cell in course.cells}
    for cell in made.cells:
        cell.source = tests[cell.id] if cell.metadata.get("nbgrader", {}).get("grade") else cell.source
    folder.mkdir()
    NotebookClient(made, allow_errors=True, resources={"metadata": {"path": str(folder)}}, timeout=120).execute()
    return points(made)


@pytest.fixture(scope="module")
def earned(tmp_path_factory, running_executors):
    """Points by test, by (group, way): in one kernel,
    and as graded; and the findings of each group.
    """
    folder = tmp_path_factory.mktemp("styles")
    stock, ours, found = {}, {}, {}
    executor = running_executors()
    with ThreadPoolExecutor(2) as pool:
        truth = {
            (group, way): pool.submit(as_in_stock, work_of(styles, way), course_of(styles), folder / f"{group}-{way}-kernel")
            for group, styles in GROUPS.items()
            for way in ("right", "wrong")
        }
        for group, styles in GROUPS.items():
            assignment = side_of(folder / group, course_of(styles))
            found[group] = findings(executor, assignment).notebooks["exercise"]
            for way in WAYS:
                submitted = folder / f"{group}-{way}"
                submitted.mkdir()
                nbformat.write(work_of(styles, way), submitted / "exercise.ipynb")
                outcome = mark(executor, assignment, submitted, way)
                ours[group, way] = points(outcome.pages["exercise"])
        stock = {key: result.result() for key, result in truth.items()}
        stock |= {(group, "blank"): {style.name: 0 for style in styles} for group, styles in GROUPS.items()}
    return stock, ours, found


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("group", "style"),
    [(group, style) for group, styles in GROUPS.items() for style in styles],
    ids=lambda part: getattr(part, "name", part),
)
def test_an_answer_earns_what_it_earns_in_one_kernel(earned, group, style, way):
    stock, ours, found = earned
    assert ours[group, way][style.name] == stock[group, way][style.name], (
        found[group].together.get(style.name),
        found[group].short.get(style.name),
    )


def test_the_reference_earns_everything_and_the_wrong_answers_do_not(earned):
    stock, _, found = earned
    assert len(STYLES) >= 60
    for group, styles in GROUPS.items():
        assert {style.name: stock[group, "right"][style.name] for style in styles} == {style.name: 2 for style in styles}
        assert all(stock[group, "wrong"][style.name] < 2 for style in styles)
        assert not found[group].short
        assert not found[group].blank
