"""Findings of made-up students in a lesson, random
but the same for the same seed, without any grading.
"""

import numpy as np
from backprop.checking.findings import FactKind, LinkState

from autograder.building import exercises_of
from autograder.findings.data import ExerciseFinding, Standing, SubmissionFindings


def made_up_findings(lesson, students, seed=0):
    """Findings on all exercises of a lesson: some mistakes are
    common, and those good at one exercise are good at others.
    """
    rng = np.random.default_rng(seed)
    exercises = list(exercises_of(lesson).values())
    hard = rng.normal(size=len(exercises))
    common = {one.name: rng.dirichlet(np.full(len(one.mistakes), 0.4)) for one in exercises if one.mistakes}
    return [_student(f"student{number:05d}", exercises, hard, common, rng) for number in range(students)]


def _student(name, exercises, hard, common, rng):
    ability = rng.normal(0.6, 1.2)
    stops = len(exercises) if rng.random() < 0.85 else int(rng.integers(0, len(exercises)))
    found = []
    for place, exercise in enumerate(exercises):
        if place >= stops:
            found.append(ExerciseFinding(exercise.name, Standing.UNTOUCHED, 0.0, exercise.points))
        elif rng.random() < 1 / (1 + np.exp(hard[place] - ability)):
            links = dict.fromkeys(exercise.asks, LinkState.RIGHT.name)
            found.append(ExerciseFinding(exercise.name, Standing.RIGHT, exercise.points, exercise.points, links))
        else:
            found.append(_wrong(exercise, common.get(exercise.name), rng))
    return SubmissionFindings(name, f"{name} 1 1", tuple(found))


def _wrong(exercise, common, rng):
    named = common is not None and rng.random() < 0.8
    mistake = exercise.mistakes[rng.choice(len(common), p=common)] if named else None
    made_at = [ask for ask in exercise.asks if mistake and ask in mistake.formulas]
    first = exercise.asks.index(made_at[0]) if made_at else int(rng.integers(len(exercise.asks)))
    states = [LinkState.RIGHT.name] * first + [LinkState.FIRST_WRONG.name] + [LinkState.EFFECT.name] * (len(exercise.asks) - first - 1)
    points = round(exercise.points * first / len(exercise.asks), 2)
    link = exercise.asks[first]
    return ExerciseFinding(
        exercise.name,
        Standing.PARTLY if points else Standing.WRONG,
        points,
        exercise.points,
        dict(zip(exercise.asks, states)),
        link,
        mistake=mistake.id if mistake else "",
        words=mistake.words if mistake else "",
        facts=() if mistake else (rng.choice(list(FactKind)).name,),
        hidden=bool(rng.random() < 0.05),
        line=f"{link} = upstream * local{rng.integers(1, 9)}",
    )
