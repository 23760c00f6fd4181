"""A result in each service's form: points, words for the
student, and nothing that only the instructor may see.
"""

import base64
import json

from autograder.pages.exercises import MarkedStanding
from autograder.services.forms import github, github_output, gradescope, prairielearn
from autograder.services.result import ExerciseResult, Result

RESULT = Result(
    "01_chain_rule",
    (
        ExerciseResult("gears", "Exercise 2: a prediction", MarkedStanding.RIGHT, 1.0, 1.0, ("Right.",)),
        ExerciseResult("two_paths", "", MarkedStanding.PARTLY, 3.0, 5.0, ("4 of 5 right.", "The sign is turned."), "dy_dh", "sign-turned"),
        ExerciseResult("essay", "Why?", MarkedStanding.WAITING, None, 4.0, ("This is marked by hand.",)),
    ),
    flags=("two_paths uses sympy.",),
)
NOTHING = Result("01_chain_rule", problem="There is no notebook of 01_chain_rule among the files.")


def test_gradescope_gets_an_entry_an_exercise_and_flags_for_instructors_only():
    form = gradescope(RESULT)
    assert form["score"] == 4
    gears, paths, essay, flags = form["tests"]
    assert (gears["name"], gears["score"], gears["max_score"], gears["status"]) == ("Exercise 2: a prediction (gears)", 1, 1, "passed")
    assert (paths["score"], paths["status"]) == (3, "failed")
    assert paths["output"] == "First wrong link: dy_dh\n4 of 5 right.\nThe sign is turned."
    assert (essay["score"], essay["max_score"]) == (0, 4)
    assert "1 more wait for a person: essay" in form["output"]
    assert (flags["visibility"], flags["output"]) == ("hidden", "two_paths uses sympy.")
    seen = [test for test in form["tests"] if test["visibility"] == "visible"]
    assert "sympy" not in json.dumps(seen) + form["output"]
    assert gradescope(NOTHING)["output"] == NOTHING.problem
    assert gradescope(NOTHING)["score"] == 0


def test_prairielearn_gets_a_share_and_an_attempt_without_a_notebook_does_not_count():
    form = prairielearn(RESULT)
    assert form["gradable"]
    assert form["score"] == 0.4
    assert [(test["points"], test["max_points"]) for test in form["tests"]] == [(1, 1), (3, 5), (0, 4)]
    assert "sympy" not in json.dumps(form)
    assert prairielearn(NOTHING) == {"gradable": False, "format_errors": [NOTHING.problem], "message": NOTHING.problem}


def test_github_classroom_gets_a_runners_results_in_base64():
    name, _, value = github_output(RESULT).rstrip("\n").partition("=")
    form = json.loads(base64.b64decode(value))
    assert (name, form) == ("result", github(RESULT))
    assert (form["status"], form["max_score"]) == ("fail", 10)
    assert [(test["status"], test["score"]) for test in form["tests"]] == [("pass", 1), ("fail", 3), ("fail", 0)]
    assert github(NOTHING)["status"] == github(NOTHING)["tests"][0]["status"] == "error"
    assert "sympy" not in json.dumps(form)
