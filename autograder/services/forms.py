"""A result in the form that each service reads.

Gradescope: "Autograder Specifications", output format. PrairieLearn: "External grading", grading
results. GitHub Classroom: what its reporter action reads of a runner's results.
"""

import base64
import json
from collections.abc import Callable
from typing import Any

from .result import ExerciseResult, Result

LONGEST = 20_000  # characters of words an exercise: PrairieLearn takes 1 MB in all


def gradescope(result: Result) -> dict[str, Any]:
    """results.json of Gradescope: an entry for each
    exercise, and remarks that only instructors see.
    """
    tests = [
        {
            "name": _name(one),
            "number": str(number),
            "score": one.points or 0,
            "max_score": one.most,
            "status": "passed" if one.points is not None and one.points >= one.most else "failed",
            "output": _words(one),
            "output_format": "text",
            "visibility": "visible",
        }
        for number, one in enumerate(result.exercises, 1)
    ]
    if result.flags:
        words = "\n".join(result.flags)
        tests.append({"name": "For the instructor", "output": words, "output_format": "text", "visibility": "hidden"})
    return {
        "score": result.points,
        "output": result.problem or _summary(result),
        "output_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "execution_time": round(result.seconds),
        "tests": tests,
        "extra_data": {"sandbox": result.sandbox},
    }


def prairielearn(result: Result) -> dict[str, Any]:
    """results.json of PrairieLearn: the score as a share.

    Without a notebook the attempt does not count.
    """
    if result.problem:
        return {"gradable": False, "format_errors": [result.problem], "message": result.problem}
    return {
        "gradable": True,
        "score": result.points / result.most if result.most else 0.0,
        "message": _summary(result),
        "tests": [
            {
                "name": _name(one),
                "description": one.standing.value,
                "points": one.points or 0,
                "max_points": one.most,
                "message": _words(one),
            }
            for one in result.exercises
        ],
    }


def github(result: Result) -> dict[str, Any]:
    """A runner's results for GitHub Classroom's reporter.

    Points by exercise, and pass or fail for versions of the reporter that count these.
    """
    failed = [one for one in result.exercises if one.points is None or one.points < one.most]
    return {
        "version": 1,
        "status": "error" if result.problem else "fail" if failed else "pass",
        "max_score": result.most,
        "tests": [
            {
                "name": _name(one),
                "status": "fail" if one in failed else "pass",
                "score": one.points or 0,
                "message": _words(one) if one in failed else None,
                "test_code": "",
                "filename": "",
                "line_no": 0,
                "execution_time": "",
            }
            for one in result.exercises
        ]
        or [{"name": result.assignment, "status": "error", "score": 0, "message": result.problem}],
    }


def github_output(result: Result) -> str:
    """The line for $GITHUB_OUTPUT."""
    return f"result={base64.b64encode(json.dumps(github(result)).encode()).decode()}\n"


FORMS: dict[str, Callable[[Result], dict[str, Any]]] = {
    "plain": Result.as_dict,
    "gradescope": gradescope,
    "prairielearn": prairielearn,
    "github": github,
}


def _name(one: ExerciseResult) -> str:
    return f"{one.title} ({one.name})" if one.title else one.name


def _words(one: ExerciseResult) -> str:
    first = [f"First wrong link: {one.first}"] if one.first else []
    return "\n".join([*first, *one.words])[:LONGEST]


def _summary(result: Result) -> str:
    waiting = f" {len(result.waiting)} more wait for a person: {', '.join(result.waiting)}." if result.waiting else ""
    right = sum(one.points is not None and one.points >= one.most for one in result.exercises)
    return f"{right} of {len(result.exercises)} exercises are right.{waiting}"
