"""What a learner reads: the same facts as text and as
HTML, never by colour alone; hints; the referee's program.
"""

import html
import re
import subprocess
import sys

import numpy as np
import pytest
from backprop.autodiff.tape import flat
from backprop.checking.examining import examine
from backprop.exercises import computation_graph as ex
from backprop.exercises import one_two_one_network
from backprop.helping.hints import hint_ladder
from backprop.helping.referee import referee_code
from backprop.questions.question import PYTORCH

from tests.course import EXERCISES, FUNCTIONS, check, name, references


def own_operand(x1, x2, w1, w2, b, y):
    yhat = 1 / (1 + np.exp(-(w1 * x1 + w2 * x2 + b)))
    dL_dz = yhat - y
    return -y / yhat + (1 - y) / (1 - yhat), dL_dz, dL_dz * w1, dL_dz * w2, dL_dz


def plain(page):
    """The words of an HTML report, without tags."""
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)))


def test_a_failure_says_which_link_both_values_and_the_likely_reason():
    report = check(ex.logistic_graph, own_operand, seed=2024)
    text = str(report)
    assert text.startswith("logistic_graph: 3 of 5 right (tried on 6 inputs).")
    lines = text.splitlines()
    assert re.fullmatch(r"dL_dz +yours ([-+]\d\.\d{6}) +PyTorch \1 +✓ right", lines[2])
    assert re.fullmatch(r"dL_dw1 +yours [-+]\d\.\d{6} +PyTorch [-+]\d\.\d{6} +✗ first wrong link", lines[3])
    assert lines[6].startswith("A multiply node hands each input the OTHER input's value.")
    assert re.match(r"Seen with x1 = -?\d\.\d+, x2 = ", lines[7])
    assert "ex.logistic_graph.inputs(0)" in lines[7]


def test_html_and_text_state_the_same_facts():
    for answer in (own_operand, references()["logistic_graph"], lambda *_: None, lambda *_: "<script>alert(1)</script>"):
        report = check(ex.logistic_graph, answer, seed=3)
        page = report._repr_html_()
        assert "<script" not in page
        words = plain(page)
        assert html.unescape(report.headline) in words
        for row in report.rows:
            assert all(part in words for part in (row.link, row.yours, row.truth, row.verdict))
        for line in report.advice:
            assert line in words


def test_marks_and_words_tell_right_from_wrong_without_colour():
    page = re.sub(r"(color|border-left):[^;']*", "", check(ex.logistic_graph, own_operand)._repr_html_())
    assert page.count("✓") == 3
    assert page.count("✗") == 2 + 1
    assert "first wrong link" in page


def test_the_inputs_named_in_a_report_are_those_that_inputs_returns():
    report = check(ex.relu_neuron, lambda x, w, b, dL_da: (dL_da, x, w, dL_da), seed=2024)
    arguments = ex.relu_neuron.inputs(report.seen)
    assert f"b = {arguments['b']:g}" in report.inputs
    arguments["x"][:] = 0  # a copy
    assert np.all(ex.relu_neuron.inputs(report.seen)["x"] != 0)


def test_values_that_look_alike_are_shown_with_more_digits():
    def nearly(x1, x2, w1, w2, b, y):
        return tuple(value * (1 + 1e-5) for value in references()["logistic_graph"](x1, x2, w1, w2, b, y))

    first = check(ex.logistic_graph, nearly).rows[0]
    assert first.yours != first.truth


def test_the_second_opinion_is_a_column_of_its_own():
    from backprop.checking.examining import examine

    report = examine(ex.logistic_graph, own_operand, seed=1, samples=3, rtol=1e-6, second_opinion=True)
    for row in report.rows:
        assert float(row.opinion) == pytest.approx(float(row.truth), rel=1e-5)
    assert "differences" in str(report)
    assert "central differences" in report._repr_html_()
    assert "differences" not in str(check(ex.logistic_graph, own_operand))


def test_a_score_is_its_number_in_text_and_a_sentence_in_html():
    score = check(ex.logistic_graph, own_operand).score
    assert score == 3
    assert repr(score) == "3.0"
    assert score._repr_html_() == "3 of 5 points"
    assert float(repr(check(ex.logistic_graph, lambda *_: None).score)) == 0


@pytest.mark.parametrize("exercise", FUNCTIONS, ids=name)
def test_points_are_an_equal_share_for_each_link(exercise):
    rng = np.random.default_rng(0)
    for wrong in exercise.asks:
        report = check(
            exercise,
            lambda *a, w=wrong: {
                ask: flat(v) + 1.5 * (ask == w) for ask, v in zip(exercise.asks, _links(exercise, references()[exercise.name](*a)))
            },
            seed=int(rng.integers(1000)),
        )
        assert report.points_earned == round(exercise.points * (1 - 1 / len(exercise.asks)), 2)


def _links(exercise, value):
    return value if len(exercise.asks) > 1 else (value,)


@pytest.mark.parametrize("exercise", [exercise for exercise in EXERCISES if exercise.compared_with == PYTORCH], ids=name)
def test_the_referees_program_runs_and_prints_the_checks_own_numbers(exercise):
    sample = exercise.draw(2024, 6)[0]
    printed = []
    notebook = {"print": lambda *words: printed.append(words)}
    exec(compile(exercise.referee_code(sample.inputs), exercise.name, "exec"), notebook)
    assert set(notebook) - {"__builtins__"} <= {"print", "np", "torch", "ex", f"pytorch_on_{exercise.name}"}  # no variable of the lesson
    assert [words[0] for words in printed] == list(exercise.asks)
    for ask, value in printed:
        np.testing.assert_allclose(flat(value), sample.truth[ask], rtol=1e-12, atol=1e-15)


def test_the_referees_program_is_what_a_learner_would_write():
    code = referee_code(ex.logistic_graph, ex.logistic_graph.inputs())
    assert "z = p1 + p2 + b" in code
    assert "L.backward(" in code
    assert "node(" not in code


@pytest.mark.parametrize("exercise", EXERCISES, ids=name)
def test_hints_open_one_inside_the_other(exercise):
    ladder = hint_ladder(exercise)
    assert [ladder.index(hint) for hint in exercise.hints] == sorted(ladder.index(hint) for hint in exercise.hints)
    assert ladder.count("<details>") == ladder.count("</details>") == 3
    assert re.search(r"Hint 1.*<details>.*Hint 2.*<details>.*Hint 3.*</details>\s*</details>\s*</details>$", ladder, re.DOTALL)
    assert all(hint.strip() and "!" not in hint for hint in exercise.hints)
    assert "?" in exercise.hints[0]


def test_hints_are_shown_one_after_the_other(capsys):
    import backprop.helping.hints

    backprop.helping.hints.taken.clear()
    for number in (1, 2, 3, 3):
        ex.relu_neuron.hint()
        assert f"Hint {number} of 3" in capsys.readouterr().out
    ex.relu_neuron.hint(2)
    assert ex.relu_neuron.hints[1] in capsys.readouterr().out


def test_in_plain_python_a_check_prints_its_report(capsys):
    ex.logistic_graph.check(own_operand)
    assert "first wrong link" in capsys.readouterr().out


def test_import_is_light():
    code = "import sys, backprop; print([m for m in ('torch', 'matplotlib', 'IPython', 'networkx') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"


def test_an_exercise_is_shown_without_its_hints():
    exercise = EXERCISES[0]
    assert exercise.name in repr(exercise)
    assert not any(hint in repr(exercise) for hint in exercise.hints)


def test_a_second_opinion_that_adds_nothing_says_why():
    sample = one_two_one_network.forward_pass.draw(2024, 1)[0]
    exercise = one_two_one_network.forward_pass
    report = examine(exercise, lambda *_: dict(sample.truth), seed=2024, samples=1, rtol=1e-6, second_opinion=True)
    assert any("no second opinion" in note for note in report.notes)


def test_a_check_without_an_answer_says_what_it_needs(capsys):
    assert ex.logistic_graph.check() == 0
    assert "Hand the check your function: check(logistic_graph)" in capsys.readouterr().out
