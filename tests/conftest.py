"""Settings for all tests: long tests first."""

import gc
from pathlib import Path

import pytest

import tests.examples  # noqa: F401  (the profiles of hypothesis, before any test module is read)
from tests.executors import lending, lent_to_grade

TESTS = Path(__file__).parent
# What executes notebooks, runs nbgrader or grades a class.
# A test that asks for the fixture `running_executors` is end to end too.
END_TO_END = (
    "cluster/test_cluster.py",
    "cluster/test_manual.py",
    "notebooks",
    "nbgrader",
    "sandbox",
    "grading/test_hostile.py",
    "grading/test_parity.py",
    "grading/test_run.py",
    "reporting/test_class.py",
)
# The longest groups, the longest first, so that no worker starts one of them at the end.
LONGEST = (
    "browser",
    "grading-honest",
    "grading-hostile",
    "grading-run",
    "grading-parity",
    "01_chain_rule",
    "08_inside_a_transformer",
    "lesson_06",
    "lesson_02",
)


SETTINGS = "_hypothesis_internal_use_settings"  # the attribute of a test in which Hypothesis keeps them


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist reads the groups
def pytest_collection_modifyitems(items):
    """Mark end-to-end tests, keep a file's tests on one worker, and start with the longest groups.

    The tests of a file share what they make, so one worker makes it once.
    """
    gone = [place for place in END_TO_END if not (TESTS / place).exists()]
    assert not gone, f"tests/conftest.py names what is no longer there: {gone}"
    for item in items:
        place = item.path.relative_to(TESTS).as_posix()
        if place.startswith(END_TO_END) or "running_executors" in item.fixturenames:
            item.add_marker(pytest.mark.end_to_end)
        if not item.get_closest_marker("xdist_group"):
            item.add_marker(pytest.mark.xdist_group(place))
    groups = [item.get_closest_marker("xdist_group").args[0] for item in items]
    rank = {group: place for place, group in enumerate(dict.fromkeys([*LONGEST, *groups]))}
    items[:] = [item for _, item in sorted(zip(groups, items), key=lambda pair: rank[pair[0]])]


def pytest_collection_finish():
    """Spare the garbage collector what stays to the end: all tests, and what they have loaded."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_call(item):
    """Give a parametrised property test its own settings back after each of its parameters.

    Hypothesis lays new settings over the last ones for each parameter, and asks all of them in a
    recursion: with a thousand parameters in one process it is too deep.
    """
    test = getattr(item, "obj", None)
    before = getattr(test, SETTINGS, None)
    try:
        return (yield)
    finally:
        if before is not None:
            setattr(test, SETTINGS, before)


@pytest.fixture(scope="session")
def running_executors():
    """running_executors(...): the executor that runs with these arguments, or a new one."""
    with lending() as lend:
        yield lend


@pytest.fixture
def lent_executors(running_executors):
    """`grade` in this process is lent an executor that the tests before it may have used."""
    with lent_to_grade(running_executors):
        yield
