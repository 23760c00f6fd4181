"""Lesson 07: a flawed program has one first wrong line and
one reason, found by experiment; and flaws in training.
"""

import ast
import inspect
import re

import numpy as np
import pytest
import torch
from backprop.exercises import find_the_bug as ex
from backprop.exercises.support.verdict import Verdict, numbered_statements, verdict
from backprop.race import descend, race
from matplotlib.figure import Figure

from autograder.building import lesson_paths, source_notebook
from tests.course import check, name, references

VERDICTS = [exercise for exercise in ex.EXERCISES.values() if isinstance(exercise, Verdict)]
LESSON = next(path for path in lesson_paths() if path.stem == "07_find_the_bug")
every_verdict = pytest.mark.parametrize("question", VERDICTS, ids=name)


def plain(source):
    """A function's source without annotations, one line as another."""
    return ast.unparse(ast.parse(re.sub(r" -> Any|: Any", "", source)))


def numbered(source):
    return [(line.split("#")[0].strip(), number) for line, number in re.findall(r"(.*)# (\d+)$", source, re.MULTILINE)]


@pytest.fixture(scope="module")
def notebook():
    return source_notebook(LESSON)


def test_every_case_is_a_verdict_and_a_repair():
    assert len(VERDICTS) >= 10
    others = {"recall_07", "bug_finder", "pitfalls"}
    assert set(ex.EXERCISES) == others | {part for v in VERDICTS for part in (v.name, v.repair.name)}


@every_verdict
def test_the_lesson_shows_the_program_that_the_check_runs(question, notebook):
    wanted = inspect.getsource(question.program)
    shown = [cell.source for cell in notebook.cells if cell.cell_type == "code" and f"def {question.program.__name__}(" in cell.source]
    assert [plain(source) for source in shown] == [plain(wanted)]
    assert numbered(shown[0]) == numbered(wanted)


@every_verdict
def test_the_numbered_lines_are_numbered_in_order_and_named_as_pytorch_names_them(question):
    assert [number for number, _, _ in numbered_statements(question.program) if number] == list(
        range(1, len(question.experiment().lines) + 1)
    )


@every_verdict
def test_exactly_one_line_is_first_and_every_later_wrong_one_follows_or_is_wrong_too(question):
    found = question.experiment()
    assert all(not line.wrong for line in found.lines if line.number < found.line)
    assert next(line for line in found.lines if line.number == found.line).wrong_by_itself
    assert [bool(words) for words in found.instead].count(False) == 1


@every_verdict
def test_a_wrong_choice_is_told_what_it_would_have_led_to_and_not_the_answer(question):
    found = question.experiment()
    for line in (line for line in found.lines if line.number != found.line):
        report = check(question, lambda n=line.number: {"line": n, "why": found.why})
        assert report.points_earned == 1
        assert f"Line {line.number} " in str(report)
        assert "PyTorch " not in str(report).replace("PyTorch's", "")
        assert not re.search(rf"[Ll]ine {found.line}\b", str(report))
    for place in (place for place in range(1, len(question.options) + 1) if place != found.why):
        report = check(question, lambda n=place: (found.line, n))
        assert report.points_earned == 1
        assert "that mistake alone would lead to" in str(report) or "That mistake would give" in str(report)


@every_verdict
def test_a_line_or_reason_that_does_not_exist_is_merely_wrong(question):
    report = check(question, lambda: {"line": 99, "why": 0})
    assert report.points_earned == 0
    assert report.mistake is None


@every_verdict
def test_the_flawed_program_fails_its_check_and_gets_the_name_of_the_reason(question):
    report = check(question.repair, question.program, seed=5)
    assert not report.passed
    assert report.mistake.id == question.options[question.experiment().why - 1]


@every_verdict
def test_the_reasons_stand_in_the_notebook_in_order(question, notebook):
    text = next(cell.source for cell in notebook.cells if cell.cell_type == "markdown" and "\n1. " + question.reasons[0] in cell.source)
    assert [text.index(f"\n{place}. {words}") for place, words in enumerate(question.reasons, 1)]
    assert "<!-- reasons" not in text


def test_numbers_chosen_are_shown_as_whole_numbers():
    assert "line   yours 1   ✗ wrong" in str(check(VERDICTS[0], lambda: (1, 4)))
    assert "yours +1.500000" in str(check(VERDICTS[0], lambda: (1.5, 4)))


def test_the_referee_of_a_verdict_runs_the_experiment():
    assert "ex.two_units_verdict.experiment()" in ex.two_units_verdict.referee_code({})


def test_a_case_whose_reason_is_not_unique_is_refused():
    doubtful = verdict(ex.flawed_two_units, ex.two_units, ("no-activation", "lost-bias"), ("a?", "b", "c"))
    with pytest.raises(ValueError, match=r"flawed_two_units: wrong lines \[2, 3, 4\], reasons that fit \[\]"):
        doubtful.experiment()


# --- the claims that the lesson makes about its flaws ---------------------------------------------


def agree(exercise, program, inputs):
    truth = exercise.measure(inputs).truth
    return all(np.allclose(mine, truth[ask], rtol=1e-9) for ask, mine in zip(exercise.asks, program(**inputs)))


def test_one_flaw_is_caught_by_generic_inputs_only():
    chain = {"x": 1.0, "w": 0.6, "b": -0.3, "v": -1.4, "c": 0.5, "y": 0.8}
    assert agree(ex.hidden_weight, ex.flawed_hidden_weight, chain)
    assert not agree(ex.hidden_weight, ex.flawed_hidden_weight, chain | {"x": 1.01})


def test_one_flaw_is_caught_by_a_second_sample_only():
    open_gate, shut_gate = (ex.relu_unit.draw(3, 2)[k].inputs for k in (0, 1))
    assert agree(ex.relu_unit, ex.flawed_relu_unit, open_gate)
    assert not agree(ex.relu_unit, ex.flawed_relu_unit, shut_gate)


def test_half_a_gradient_trains_at_twice_the_rate_exactly():
    start = ex.small_network.draw(0, 1)[0].inputs
    half = descend(ex.small_network, ex.flawed_small_network, start, "w b v c", alpha=0.02, steps=20)
    whole = descend(ex.small_network, references()["small_network"], start, "w b v c", alpha=0.01, steps=20)
    assert half == whole
    assert half[-1] < half[0]


# --- the race -------------------------------------------------------------------------------------


def test_a_descent_is_torchs():
    start = ex.last_layer.draw(4, 1)[0].inputs
    leaves = {key: torch.tensor(value, dtype=torch.float64, requires_grad=key in ("w3", "b3")) for key, value in start.items()}
    optimizer = torch.optim.SGD([leaves["w3"], leaves["b3"]], lr=0.01)
    losses = []
    for _ in range(6):
        optimizer.zero_grad()
        loss = ((leaves["y"] - (leaves["w3"] * leaves["blue"] + leaves["w4"] * leaves["orange"] + leaves["b3"])) ** 2).sum()
        loss.backward()
        losses.append(loss.item())
        optimizer.step()
    mine = descend(ex.last_layer, references()["last_layer"], start, "w3 b3", alpha=0.01, steps=5)
    np.testing.assert_allclose(mine, losses, rtol=1e-12)


def test_a_descent_leaves_its_start_alone_and_ends_where_the_loss_has_left_for_good():
    start = ex.last_layer.draw(4, 1)[0].inputs
    before = repr(start)
    losses = descend(ex.last_layer, ex.flawed_last_layer, start, "w3 w4 b3", alpha=0.5, steps=50)
    assert len(losses) < 50
    assert repr(start) == before


def test_a_race_says_in_words_what_it_draws_and_forgives_what_is_not_written(capsys):
    def unwritten():
        raise NotImplementedError

    figure = race(not_yet=unwritten, broken=lambda: 1 / 0, up_and_down=lambda: [1.0, 5.0, 0.5], away=lambda: [1.0, 9.0, 2e6])
    assert isinstance(figure, Figure)
    said = capsys.readouterr().out
    assert "not yet: not written yet" in said
    assert "broken: stopped with ZeroDivisionError" in said
    assert "up and down: loss 1.000000 at the start, 5.000000 at its highest, 0.500000 after 2 steps" in said
    assert "away: loss 1.000000 at the start, 2.0e+06 after 2 steps" in said
    assert [text.get_text() for text in figure.axes[0].get_legend().get_texts()] == ["up and down", "away"]
