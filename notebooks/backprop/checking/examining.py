"""One check from end to end: reads the answer on
every sample, compares it, names the mistake, reports.
"""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from ..autodiff.settings import no_collection, ours
from ..questions.question import PYTORCH, Question
from ..translation import N_, _
from .answers import Interrupted, NotStarted, Unreadable, read_answer, read_answers
from .comparing import Comparison
from .diagnosing import Diagnosis, diagnose
from .errors import brief, type_name
from .facts import facts_about
from .findings import Fact, FactKind, LinkState
from .report import Report, Row, describe_inputs

NO_DERIVATIVES = N_("No derivative is asked for here, so central differences add no second opinion.")


def examine(exercise: Question, answer: Any, *, seed: int, samples: int, rtol: float, second_opinion: bool = False) -> Report:
    """Try `answer` on `samples` inputs drawn with `seed`, and report on every link.

    Nothing in a learner's code raises an error here.
    """
    with ours():
        drawn = exercise.draw(seed, 1 if exercise.on_fixed_numbers else samples)
        try:
            readings = read_answers(exercise, answer, drawn)
        except Interrupted as stop:
            return Report(exercise, problem=str(stop), interrupted=stop)
        except Unreadable as problem:
            return Report(exercise, problem=str(problem), started=not isinstance(problem, NotStarted))
        return _report(Comparison(exercise, drawn, readings, rtol), answer, second_opinion)


def _report(comparison: Comparison, answer: Any, second_opinion: bool) -> Report:
    exercise, seen = comparison.question, comparison.seen
    sample, reading = comparison.drawn[seen], comparison.readings[seen]
    diagnosis, facts, failure = _cause(comparison)
    if comparison.wrong and diagnosis.mistake is None and all(fact.kind is FactKind.ONE_WRONG_ENTRY for fact in facts):
        facts = [*_not_repeated(comparison, answer), *facts]
    opinion = exercise.second_opinion(sample) if second_opinion else {}
    notes = [*dict.fromkeys(note for reading in comparison.readings for note in reading.notes), *failure]
    if second_opinion and not opinion:
        notes.append(_(NO_DERIVATIVES))
    rows = []
    for ask in exercise.asks:
        state = _state(comparison, diagnosis, ask)
        given = comparison.source(ask) if state is LinkState.GIVEN else ""
        counts = exercise.on_fixed_numbers or exercise.compared_with != PYTORCH
        rows.append(Row.of(ask, reading, sample.truth[ask], opinion.get(ask), state, given, sample.lists.get(ask), counts=counts))
    return Report(
        exercise,
        rows=rows,
        mistake=diagnosis.mistake,
        facts=facts,
        notes=notes,
        samples=len(comparison.drawn),
        seen=seen,
        inputs=describe_inputs(exercise.call_with(sample.inputs)),
    )


def _cause(comparison: Comparison) -> tuple[Diagnosis, list[Fact], list[str]]:
    """What is known of the cause, and a note if the search for it failed.

    Which links are right is known before, and is told and marked in any case.
    """
    try:
        with no_collection():
            diagnosis = diagnose(comparison)
        return diagnosis, [] if diagnosis.mistake else facts_about(comparison, diagnosis), []
    except Exception as error:
        note = _(
            "The search for the cause failed ({type}: {error}). That is a fault of the course, not of your answer; "
            "which values are right is judged all the same.",
            type=type_name(error),
            error=brief(error),
        )
        return Diagnosis(), [], [note]


def _not_repeated(comparison: Comparison, answer: Any) -> Iterator[Fact]:
    """That the answer is another one when it is called again with the same arguments."""
    if not callable(answer):
        return
    before = comparison.readings[0].values
    with suppress(Unreadable, Interrupted):  # what is judged is judged
        again = read_answer(comparison.question, answer, comparison.drawn[0], fits=True)
        changed = [ask for ask in before if ask in again.values and not comparison.is_right(again, ask, before[ask])]
        if changed:
            words = _(
                "Called again with the same arguments, {name} gives another {link}. "
                "Does something stay from one call to the next, or is something drawn at random?",
                name=comparison.question.name,
                link=changed[0],
            )
            yield Fact(FactKind.NOT_REPEATED, changed[0], words)


def _state(comparison: Comparison, diagnosis: Diagnosis, ask: str) -> LinkState:
    if ask not in comparison.wrong:
        return LinkState.RIGHT
    if ask == comparison.first:
        question = comparison.question
        alone = len(question.asks) == 1 or question.on_fixed_numbers or question.compared_with != PYTORCH
        return LinkState.WRONG if alone else LinkState.FIRST_WRONG
    if ask in comparison.following:
        return LinkState.GIVEN
    if ask in diagnosis.effects:
        return LinkState.EFFECT
    return LinkState.WRONG_ELSEWHERE if comparison.right[ask][comparison.seen] else LinkState.WRONG
