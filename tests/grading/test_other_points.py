"""A lesson's check in a cell that is worth other
points than its exercise: the share stays the same.
"""

import pytest

from autograder.grading.run import grade
from tests.grading.course import answer, check, code, filled, make_course, notebook, released, scores, submit

pytestmark = [pytest.mark.xdist_group("grading-run"), pytest.mark.usefixtures("lent_executors")]

HEAD = """\
def two_paths(x):
    g, h = 2 * x - 1, x**3
    {begin}
    dy_dg, dy_dh, dg_dx, dh_dx = h, {slope}, 2, 3 * x**2
    {end}
    return dy_dg, dy_dh, dg_dx, dh_dx, dy_dg * dg_dx + dy_dh * dh_dx
"""
RIGHT = HEAD.format(begin="### BEGIN SOLUTION", end="### END SOLUTION", slope="g - np.sin(h)")
TEST = """\
ex.{name}.check({name})
### BEGIN HIDDEN TESTS
ex.{name}.check({name}, seed=61285, samples=25)
### END HIDDEN TESTS"""
COURSE = notebook(
    code("import numpy as np\nfrom backprop.exercises import chain_rule as ex"),
    answer("two_paths-answer", RIGHT),
    check("two_paths", TEST.format(name="two_paths"), points=12),
    answer("gears-answer", "def gears():\n    ### BEGIN SOLUTION\n    return 42\n    ### END SOLUTION"),
    check("gears", TEST.format(name="gears"), points=0.5),
    answer("own-answer", "def own():\n    ### BEGIN SOLUTION\n    return 3\n    ### END SOLUTION"),
    check("own", "ex.gears.check(lambda: 42)\nfloat(own())", points=3),
)


def test_a_check_earns_its_share_of_the_cells_points(tmp_path):
    course = make_course(tmp_path / "course", {"other": {"other": COURSE}})
    wrong_sign = HEAD.format(begin="", end="", slope="g + np.sin(h)")
    for student, given in {
        "right": {
            "two_paths-answer": HEAD.format(begin="", end="", slope="g - np.sin(h)"),
            "gears-answer": "def gears():\n    return 42",
            "own-answer": "def own():\n    return 3",
        },
        "partly": {"two_paths-answer": wrong_sign, "gears-answer": "def gears():\n    return 41", "own-answer": "def own():\n    return 1"},
    }.items():
        submit(course, student, "other", filled(released(course, "other"), given))
    summary = grade(course, "other")
    assert summary.flagged == {}
    assert scores(course, "other", "right") == {"two_paths": 12, "gears": 0.5, "own": 3}
    # dy_dh is wrong, and dy_dx follows from it: three of five links; a number of the test's own is
    # left alone
    assert scores(course, "other", "partly") == {"two_paths": pytest.approx(12 * 3 / 5), "gears": 0, "own": 1}
