"""Everything that a learner is told can be translated.

A language is made up in which every message is empty but for the values that it names, between
brackets. What a learner is shown in it has no English word left.
"""

import gettext
import html
import inspect
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from importlib.metadata import PackageNotFoundError

import numpy as np
import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from backprop import SetupProblem, pictures, require_environment, translation
from backprop.checking.examining import examine
from backprop.command.console import app
from backprop.environment import NEEDED, USEFUL, environment_report
from backprop.exercise import PUBLIC_SEED, Exercise
from backprop.exercises import chain_rule
from backprop.exercises.support.verdict import Verdict, investigate, verdict
from backprop.figures.networks import NETWORKS
from backprop.helping.hints import show_hint
from backprop.pictures.stage.stage import Picture
from backprop.progress.contents import course
from backprop.progress.map_drawing import as_html, as_text
from backprop.progress.records import Record, Records
from backprop.progress.standing import LessonStanding
from typer.testing import CliRunner

from autograder.messages import FILE
from tests.backprop.pictures.moves import MOVES, values
from tests.corpus.registry import answers, exercise_of
from tests.course import DECLARED

EVERY = 120  # of the learners' answers, one in so many
PLACEHOLDER = re.compile(r"\{\w*(?:![rs])?(?::[^{}]*)?\}")
VALUES = {"False", "True", "add", "sub", "mul", "tanh", "exp", "sigmoid", "relu", "list"}  # in inputs of samples, and types of values
WORD = re.compile(r"(?<![\w.$\\])[A-Za-z]{2,}(?![\w(…])")


@cache
def messages() -> set[str]:
    """The messages in the file, with both forms of those that have two."""
    with FILE.open("rb") as file:
        return {form for message in read_po(file) for form in ([message.id] if isinstance(message.id, str) else message.id)}


class MadeUp(gettext.NullTranslations):
    """The made-up language. A message that is not in the file stays English, as in any language."""

    def gettext(self, message: str) -> str:
        values = [] if "$" in message else PLACEHOLDER.findall(message)  # braces of LaTeX are no values
        return f"⟦{' '.join(values)}⟧" if message in messages() else message

    def ngettext(self, one: str, many: str, count: int) -> str:
        return self.gettext(one if count == 1 else many)


@pytest.fixture(autouse=True)
def made_up(monkeypatch):
    language = MadeUp()
    monkeypatch.setattr(translation, "catalogue", lambda: language)


def anew(exercise: Exercise) -> Exercise:
    """The same exercise, of which nothing is kept in another language."""
    if isinstance(exercise, Verdict):
        investigate.cache_clear()
        return verdict(exercise.program, exercise.repair, exercise.options, exercise.hints)
    return replace(exercise)


def english(shown: str, *names: str) -> list[str]:
    """The words that are left: no names, no code."""
    assert "⟦" in shown
    return sorted(set(WORD.findall(re.sub(r"`[^`]*`", "", shown))) - {*names, *VALUES})


def names_of(exercise: Exercise) -> set[str]:
    sample = exercise.draw(PUBLIC_SEED, 1)[0]
    repaired = names_of(exercise.repair) if isinstance(exercise, Verdict) else set()
    return {exercise.name, *exercise.asks, *exercise.call_with(sample.inputs), *sample.nodes, *repaired}


def test_a_catalogue_in_the_language_of_the_environment_is_used(tmp_path, monkeypatch):
    catalogue = Catalog(locale="de")
    catalogue.add("{name}: right.", "{name}: richtig.")
    catalogue.add(("{count} attempt", "{count} attempts"), ("{count} Versuch", "{count} Versuche"))
    catalogue.add("{name} is open.", "{nam} ist offen.")  # a mistake of the translator's
    folder = tmp_path / "de" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    with (folder / f"{translation.DOMAIN}.mo").open("wb") as file:
        write_mo(file, catalogue)
    monkeypatch.undo()
    monkeypatch.setattr(translation, "LOCALE", tmp_path)
    for languages, right in (("de_AT:en", "f: richtig."), ("fr", "f: right.")):
        monkeypatch.setenv("LANGUAGE", languages)
        translation.catalogue.cache_clear()
        assert translation._("{name}: right.", name="f") == right
        assert translation._("{name} is open.", name="f") == "f is open."
        assert translation._("") == ""
        assert translation.ngettext("{count} attempt", "{count} attempts", 2) == ("2 Versuche" if "de" in languages else "2 attempts")
    translation.catalogue.cache_clear()


def test_what_a_check_finds_is_the_same_in_every_language(monkeypatch):
    for answer in [*answers().values()][:: 3 * EVERY]:
        found = []
        for language in (MadeUp(), gettext.NullTranslations()):
            monkeypatch.setattr(translation, "catalogue", lambda language=language: language)
            exercise = anew(exercise_of(answer))
            report = examine(exercise, answer.make(answer.write), seed=PUBLIC_SEED, samples=6, rtol=exercise.rtol)
            facts = [(fact.kind, fact.link) for fact in report.facts]
            rows = [(row.link, row.state) for row in report.rows]
            found.append((report.points_earned, report.mistake and report.mistake.id, facts, rows))
        assert found[0] == found[1], answer.id


def test_reports_on_wrong_answers():
    for answer in [*answers().values()][::EVERY]:
        exercise = anew(exercise_of(answer))
        with np.errstate(all="ignore"):
            report = examine(exercise, answer.make(answer.write), seed=PUBLIC_SEED, samples=6, rtol=exercise.rtol)
        if report.rows:
            shown = str(replace(report, notes=[]))  # these may quote NumPy
            assert not english(shown, *names_of(exercise)), (answer.id, shown)
    investigate.cache_clear()


# --- what is said in place of a report ------------------------------------------------------------


def not_started(x):
    raise NotImplementedError


def uses_another(x):
    return not_started(x)


def endless(x):
    return endless(x)


async def asynchronous(x):
    return x


@pytest.mark.parametrize(
    "answer",
    [
        None,
        3.0,
        "text",
        not_started,
        uses_another,
        endless,
        asynchronous,
        lambda x, z: x,
        lambda x: None,
        lambda x: 1.0,
        lambda x: (1.0, 2.0, 3.0, 4.0),
        lambda x: {"dy": 1.0},
        lambda x: {"dz_dx": np.ones(3), "dL_dx": float("nan")},
        lambda x: ("text", [1.0, "text"]),
        lambda x: (None, object()),
    ],
)
def test_bad_answers(answer):
    report = examine(replace(chain_rule.one_path), answer, seed=PUBLIC_SEED, samples=6, rtol=1e-6)
    names = {"lambda", "float", "tuple", "object", "str", "text", "dy", "nan", "asynchronous", "endless", "inf"}
    assert not english(str(report), *names, *names_of(chain_rule.one_path)), str(report)


def caret(x):
    return 3 * x ^ 2


def forgets_numpy(x):
    return cos(x)  # noqa: F821


def not_returned(x):
    return None + x


def no_such_attribute(x):
    return x.grad


@pytest.mark.parametrize("answer", [caret, forgets_numpy, not_returned, no_such_attribute])
def test_errors_in_a_learners_code(answer):
    report = examine(replace(chain_rule.one_path), answer, seed=PUBLIC_SEED, samples=6, rtol=1e-6)
    try:
        answer(2.0)
    except Exception as error:
        pythons = WORD.findall(f"{type(error).__name__} {error}")
    assert report.problem.count("⟦") == 2  # what happened, and what it means
    assert not english(str(report), answer.__name__, *pythons, *WORD.findall(inspect.getsource(answer))), str(report)


# --- beside the check -----------------------------------------------------------------------------


def test_hints(capsys):
    for exercise in DECLARED:
        for number in (1, 2, 3):
            show_hint(replace(exercise), number)
            shown = capsys.readouterr().out
            assert shown.count("⟦") == 3, shown
            assert not english(shown), shown


def test_the_course_map():
    records = Records(None)
    records.saved = {"one_path": Record(1.0, "", 2), "two_paths": Record(2.0, "2026-01-01T10:00:00+00:00", 1)}
    titles = {word for lesson in course() for word in WORD.findall(lesson.title)}
    lesson = course()[1]
    shown = as_html(records, lesson)
    labels = " ".join(re.findall(r"(?:title|aria-label)=[\"']([^\"']*)", shown))
    text = re.sub(r"<style>.*?</style>|<[^>]*>", " ", shown, flags=re.DOTALL)
    exercises = {task.name for lesson in course() for task in lesson.tasks}
    for words in (as_text(records, lesson), labels, text, LessonStanding(lesson, records.all()).sentence):
        assert not english(words, *titles, *exercises), words


def test_the_state_of_the_environment():
    def installed(name):
        raise PackageNotFoundError(name)

    packages = {*NEEDED, *USEFUL, "Python"}
    assert not english(environment_report(python=(3, 9, 1), installed=installed), *packages)
    assert not english(environment_report(installed=lambda name: "0.0", load=lambda name: None), *packages)
    with pytest.raises(SetupProblem) as caught:
        require_environment(version=(3, 9, 1))
    assert not english(str(caught.value))


def test_lessons_are_copied(tmp_path):
    shown = CliRunner().invoke(app, ["lab", str(tmp_path), "--copy-only"]).output
    assert not english(shown.replace(str(tmp_path), "")), shown


# --- pictures -------------------------------------------------------------------------------------

LETTERS = {"SSR", "yhat", "hat", "tanh", "exp", "log", "chain", "alpha", "ij"}  # names of quantities, and a word whose letters attend


def told_by(picture: Picture) -> Iterator[str]:
    """All that a picture shows, in words."""
    yield from (picture.title, picture.summary, picture.message)
    yield re.sub(r"<[^>]*>", " ", picture.caption)
    yield " ".join(re.findall(r'aria-label="([^"]*)"', picture.frame))
    yield re.sub(r"<style>.*?</style>|<[^>]*>", " ", picture.frame, flags=re.DOTALL)
    for control in picture.controls:
        shown = [control.get(part) or "" for part in ("label", "words", "typed", "pause")]
        yield re.sub(r"<[^>]*>", " ", " ".join([*shown, *(option[1] for option in control.get("options", []))]))


@pytest.mark.parametrize(("opened", "key", "span"), MOVES.values(), ids=MOVES)
def test_pictures(opened, key, span):
    picture = eval(opened, vars(pictures))
    names = {name for network in NETWORKS.values() for name in (*network.inputs, *network.places)}
    parts = re.findall(r'data-key="([^"]*)"', picture.frame)[:1]
    moves = [{}, {"pointed": html.unescape("".join(parts))}, {key: values(span, 3)[-1]}]
    moves += [{key: "?"}] if span else []  # refused
    for move in moves:
        picture.inputs = picture.inputs | move
        for words in told_by(picture):
            assert not words.strip() or not set(WORD.findall(words)) - names - LETTERS, words
