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
from tests.recorded import recorded

pytestmark = pytest.mark.xdist_group("grading-styles")
WAYS = ("right", "wrong", "blank")


def work_of(styles, way):
    """What is handed in: the right answers, the wrong ones, or the release."""
    answers = {} if way == "blank" else {f"{style.name}-answer": getattr(style, way) for style in styles}
    return filled(release_of(course_of(styles)), answers)


def as_in_stock(folder):
    """Points by test, by group and way, each in one kernel: the tests as in the
    course, and every cell run whatever happened before.
    """

    def run(group, way):
        course, made = course_of(GROUPS[group]), work_of(GROUPS[group], way)
        tests = {cell.id: cell.source for cell in course.cells}
        for cell in made.cells:
            cell.source = tests[cell.id] if cell.metadata.get("nbgrader", {}).get("grade") else cell.source
        place = folder / f"{group}-{way}-kernel"
        place.mkdir()
        NotebookClient(made, allow_errors=True, resources={"metadata": {"path": str(place)}}, timeout=120).execute()
        return points(made)

    with ThreadPoolExecutor(2) as pool:
        running = {group: {way: pool.submit(run, group, way) for way in ("right", "wrong")} for group in GROUPS}
        return {group: {way: earned.result() for way, earned in ways.items()} for group, ways in running.items()}


@pytest.fixture(scope="module")
def record(tmp_path_factory):
    """What the answers earn in one kernel; a blank release earns nothing."""
    source = {group: [course_of(styles), work_of(styles, "right"), work_of(styles, "wrong")] for group, styles in GROUPS.items()}
    return recorded("styles", source, lambda: as_in_stock(tmp_path_factory.mktemp("kernels")))


@pytest.fixture(scope="module")
def stock(record):
    return {group: ways | {"blank": dict.fromkeys(ways["right"], 0)} for group, ways in record.value.items()}


@pytest.fixture(scope="module")
def graded(tmp_path_factory, running_executors):
    """Points by test, by (group, way), as graded; and the findings of each group."""
    folder = tmp_path_factory.mktemp("styles")
    ours, found = {}, {}
    executor = running_executors()
    for group, styles in GROUPS.items():
        assignment = side_of(folder / group, course_of(styles))
        found[group] = findings(executor, assignment).notebooks["exercise"]
        for way in WAYS:
            submitted = folder / f"{group}-{way}"
            submitted.mkdir()
            nbformat.write(work_of(styles, way), submitted / "exercise.ipynb")
            outcome = mark(executor, assignment, submitted, way)
            ours[group, way] = points(outcome.pages["exercise"])
    return ours, found


def test_what_one_kernel_gives_is_on_record(record):
    assert not record.problem


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("group", "style"),
    [(group, style) for group, styles in GROUPS.items() for style in styles],
    ids=lambda part: getattr(part, "name", part),
)
def test_an_answer_earns_what_it_earns_in_one_kernel(stock, graded, group, style, way):
    ours, found = graded
    assert ours[group, way][style.name] == stock[group][way][style.name], (
        found[group].together.get(style.name),
        found[group].short.get(style.name),
    )


def test_the_reference_earns_everything_and_the_wrong_answers_do_not(stock, graded):
    _, found = graded
    assert len(STYLES) >= 60
    for group, styles in GROUPS.items():
        assert {style.name: stock[group]["right"][style.name] for style in styles} == {style.name: 2 for style in styles}
        assert all(stock[group]["wrong"][style.name] < 2 for style in styles)
        assert not found[group].short
        assert not found[group].blank
