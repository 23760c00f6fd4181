"""Fill in: rounded numbers are right, numbers that follow from
an earlier mistake are right given that, mistakes are named.
"""

import math
import re
from types import SimpleNamespace

import numpy as np
import pytest
from backprop.figures.networks import LOGISTIC
from backprop.pictures import FillIn, fill_in
from backprop.pictures.graph.judging import COARSE, GIVEN, RIGHT, WRONG, Judge, typed
from hypothesis import given
from hypothesis import strategies as st

from tests.course import check
from tests.examples import examples

from .test_stepper import FEW, logistic, press

ORDER = ["p1", "p2", "z", "yhat", "L"] + [f"dL_d{name}" for name in ("yhat", "z", "p1", "p2", "b", "x1", "x2", "w1", "w2")]


@pytest.fixture
def picture():
    return fill_in("logistic")


def fill(picture, **texts):
    for ask, text in texts.items():
        picture.inputs = dict(picture.inputs) | {ask: [picture.slots[ask], text]}


def field(picture, ask):
    return next(control for control in picture.controls if control["key"] == ask)


def states(picture):
    return {control["key"]: control["state"] for control in picture.controls if control["kind"] == "blank" and control["value"]}


def by_hand(own, inputs):
    """A whole pass by a learner, each number from
    their own earlier ones; `own` holds the wrong ones.
    """
    numbers = dict(inputs)

    def write(ask, number):
        numbers[ask] = own.get(ask, number)

    write("p1", numbers["w1"] * numbers["x1"])
    write("p2", numbers["w2"] * numbers["x2"])
    write("z", numbers["p1"] + numbers["p2"] + numbers["b"])
    write("yhat", 1 / (1 + math.exp(-numbers["z"])))
    y, yhat = numbers["y"], numbers["yhat"]
    write("L", -(y * math.log(yhat) + (1 - y) * math.log(1 - yhat)))
    write("dL_dyhat", -y / yhat + (1 - y) / (1 - yhat))
    write("dL_dz", numbers["dL_dyhat"] * yhat * (1 - yhat))
    for name in ("p1", "p2", "b"):
        write(f"dL_d{name}", numbers["dL_dz"])
    for k in (1, 2):
        write(f"dL_dx{k}", numbers[f"dL_dp{k}"] * numbers[f"w{k}"])
        write(f"dL_dw{k}", numbers[f"dL_dp{k}"] * numbers[f"x{k}"])
    return {ask: numbers[ask] for ask in ORDER}


def rounded(number, digits):
    return f"{number:.{digits}g}" if abs(number) < 1000 else f"{number:.0f}"


# --- right ----------------------------------------------------------------------------------------


def test_the_fields_are_all_values_then_all_gradients(picture):
    assert [control["key"] for control in picture.controls if control["kind"] == "blank"] == ORDER


@pytest.mark.parametrize("digits", [3, 4, 6])
def test_pytorchs_own_numbers_are_right_however_they_are_rounded(picture, digits):
    values, gradients = logistic()
    for ask in ORDER:
        number = gradients[ask.removeprefix("dL_d")] if ask.startswith("dL_d") else values[ask]
        fill(picture, **{ask: f"{number:.{digits}g}"})
    assert set(states(picture).values()) == {RIGHT}
    assert "14 of 14 right. The whole graph is filled in" in picture.caption


@FEW
@given(seed=st.integers(0, 1000), digits=st.sampled_from([3, 4]))
def test_a_pass_by_hand_that_is_rounded_at_every_step_is_right(seed, digits):
    inputs = LOGISTIC.exercise.sample(np.random.default_rng(seed))
    judge = Judge(LOGISTIC, inputs)
    exact = by_hand({}, inputs)
    texts = {}
    for ask in ORDER:
        own = {other: float(text) for other, text in texts.items()}
        texts[ask] = rounded(by_hand(own, inputs)[ask] if abs(exact[ask]) > 0.02 else exact[ask], digits)
    told = judge.states({ask: typed(text) for ask, text in texts.items()})
    assert set(told.values()) == {RIGHT}


@pytest.mark.parametrize("text", ["0.5", "0,5", "1/2", "-6+7.5+(-1)", "-6 + 7,5 - 1", "5e-1", ".5", "−6+7.5−1", "0.500"])
def test_a_number_may_be_written_in_many_ways(picture, text):
    fill(picture, z=text)
    assert states(picture)["z"] == RIGHT


def test_the_order_is_free(picture):
    for ask, number in reversed(by_hand({}, LOGISTIC.inputs).items()):
        fill(picture, **{ask: f"{number:.4f}"})
        assert states(picture)[ask] == RIGHT
    assert "whole graph is filled in" in picture.caption


# --- right given an earlier one -------------------------------------------------------------------


@examples(40)
@given(slip=st.sampled_from(ORDER), factor=st.sampled_from([-1.0, 0.7, 1.3, 2.0]))
def test_what_follows_from_one_slip_is_right_given_it(slip, factor):
    inputs = {"x1": 1.13, "x2": -0.58, "w1": 0.74, "w2": 1.37, "b": -0.46, "y": 0.35}
    exact = by_hand({}, inputs)
    wrong = exact[slip] * factor
    if slip == "yhat":
        wrong = 0.5 + 0.3 * (1 if exact["yhat"] < 0.5 else -1)
    judge = Judge(LOGISTIC, inputs)
    answers = by_hand({slip: wrong}, inputs)
    told = judge.states({ask: typed(repr(number)) for ask, number in answers.items()})
    for ask in ORDER:
        expected = WRONG if ask == slip else RIGHT if answers[ask] == pytest.approx(exact[ask], rel=1e-3) else GIVEN
        assert told[ask] == expected, (slip, ask)


def test_two_slips_and_what_follows_from_both():
    inputs = LOGISTIC.exercise.inputs(0)
    answers = by_hand({"p1": 2.0, "dL_dz": 0.9}, inputs)
    told = Judge(LOGISTIC, inputs).states({ask: typed(repr(number)) for ask, number in answers.items()})
    assert [ask for ask, kind in told.items() if kind == WRONG] == ["p1", "dL_dz"]
    assert told["z"] == told["yhat"] == told["dL_dyhat"] == told["dL_dw1"] == GIVEN
    assert told["p2"] == RIGHT


def test_an_earlier_number_that_is_put_right_judges_the_later_ones_anew(picture):
    fill(picture, z="1.5", yhat="0.8176")
    assert states(picture) == {"z": WRONG, "yhat": GIVEN}
    assert "right given" in picture.caption or "given your earlier number" in picture.caption
    fill(picture, z="0.5")
    assert states(picture) == {"z": RIGHT, "yhat": WRONG}
    fill(picture, z="")
    assert states(picture) == {"yhat": WRONG}


def test_a_later_number_typed_first_is_judged_by_what_is_known(picture):
    fill(picture, dL_dw1="-0.5663")
    assert states(picture) == {"dL_dw1": RIGHT}
    fill(picture, dL_dw2="0.9439")
    assert states(picture)["dL_dw2"] == WRONG
    fill(picture, dL_dz="0.3775")
    assert states(picture)["dL_dw2"] == GIVEN
    assert states(picture)["dL_dw1"] == RIGHT


# --- wrong ----------------------------------------------------------------------------------------


def test_too_few_digits_are_asked_for_again(picture):
    fill(picture, yhat="0.6")
    assert picture.judge.states(picture.answers)["yhat"] == COARSE
    assert "One more digit" in picture.caption
    assert "✗" not in picture.frame


@FEW
@given(st.integers(0, 300))
def test_every_mistake_of_the_exercise_is_wrong_or_right_by_chance_and_its_words_are_said_where_nothing_else_fits(seed):
    exercise = LOGISTIC.exercise
    inputs = exercise.sample(np.random.default_rng(seed))
    judge, sample = Judge(LOGISTIC, inputs), exercise.measure(inputs)
    for mistake in exercise.mistakes:
        (ask, formula), *_ = mistake.formulas.items()
        number = float(formula(sample.everything))
        answer = {ask: typed(f"{number:.5f}")}
        kind = judge.states(answer)[ask]
        assert kind == WRONG or number == pytest.approx(judge.truth(ask), rel=0.02)
        reason = judge.reason(ask, answer)
        assert kind != WRONG or reason == "" or mistake.words in reason or reason.count("Or else") <= 1


@pytest.mark.parametrize(("ask", "text", "words"), [
    ("p1", "-2.5", "w1 and x1 are multiplied. Yours adds them."),
    ("p1", "6", "Your p1 has the right size and the other sign."),
    ("z", "1.5", "leaves b out of"),
    ("z", "-11.25", ""),
    ("yhat", "0.3775", "the minus in the exponent is missing"),
    ("L", "-0.4741", "Your L has the right size and the other sign."),
    ("L", "0.2059", "The logarithm here is the natural one"),
    ("dL_dz", "0.235", "the derivative of the sigmoid alone"),
    ("dL_dz", "0.3775", "wrong sign"),
    ("dL_dz", "0.5", "Your dL_dz is the value of z."),
    ("dL_dw1", "1.51", "OTHER"),
    ("dL_dw1", "1.5", "That is the local derivative alone"),
    ("dL_dw2", "-0.3146", "does not divide"),
    ("dL_db", "-1", "Your dL_db is the value of b."),
    ("dL_dp1", "-0.1258", "Yours is divided among them"),
    ("dL_dz", "77", ""),
])  # fmt: skip
def test_a_known_mistake_is_named_and_no_other(picture, ask, text, words):
    fill(picture, **{ask: text})
    assert states(picture)[ask] == WRONG
    said = picture.caption
    assert words in said
    if not words:
        assert "not yet. </span>" in said


def logistic_pass(x1, x2, w1, w2, b, y):
    p1, p2 = w1 * x1, w2 * x2
    z = p1 + p2 + b
    yhat = 1 / (1 + math.exp(-z))
    L = -(y * math.log(yhat) + (1 - y) * math.log(1 - yhat))
    return SimpleNamespace(**locals())


def gradients_of(**wrong):
    """A learner's function for the exercise of the same graph, with these formulas in it."""

    def answer(x1, x2, w1, w2, b, y):
        v = logistic_pass(x1, x2, w1, w2, b, y)
        right = {
            "dL_dyhat": lambda v: -v.y / v.yhat + (1 - v.y) / (1 - v.yhat),
            "dL_dz": lambda v: v.dL_dyhat * v.yhat * (1 - v.yhat),
            "dL_dw1": lambda v: v.dL_dz * v.x1,
            "dL_dw2": lambda v: v.dL_dz * v.x2,
            "dL_db": lambda v: v.dL_dz,
        }
        for ask, formula in (right | wrong).items():
            setattr(v, ask, formula(v))
        return tuple(getattr(v, ask) for ask in LOGISTIC.exercise.asks)

    return answer


@pytest.mark.parametrize("wrong", [
    {"dL_dyhat": lambda v: (1 - v.y) / (1 - v.yhat)},
    {"dL_dyhat": lambda v: v.yhat},
    {"dL_dz": lambda v: v.dL_dyhat},
    {"dL_dz": lambda v: v.dL_dyhat * v.yhat},
    {"dL_dz": lambda v: v.dL_dyhat * v.z * (1 - v.z)},
    {"dL_dw1": lambda v: v.dL_dz * v.w1, "dL_dw2": lambda v: v.dL_dz * v.w2},
    {"dL_dw1": lambda v: v.x1, "dL_dw2": lambda v: v.x2},
    {"dL_dw1": lambda v: v.dL_dz + v.x1},
    {"dL_dw2": lambda v: v.dL_dz * v.x1},
])  # fmt: skip
def test_a_mistake_has_the_same_words_in_a_picture_and_in_a_check(wrong):
    report = check(LOGISTIC.exercise, gradients_of(**wrong))
    judge = Judge(LOGISTIC, LOGISTIC.exercise.sample(np.random.default_rng(7)))
    here = SimpleNamespace(**judge.now.values, **{f"dL_d{name}": number for name, number in judge.now.gradients.items()})
    ask, formula = next(iter(wrong.items()))
    said = judge.reason(ask, {ask: typed(repr(float(formula(here))))})
    assert said
    assert said in str(report)


def test_a_mistake_made_with_ones_own_earlier_numbers_is_named(picture):
    fill(picture, dL_dz="2.5", dL_dw1="-10")
    assert states(picture)["dL_dw1"] == WRONG
    assert "OTHER" in picture.caption


@FEW
@given(ask=st.sampled_from(ORDER), number=st.floats(-5, 5).map(lambda number: round(number, 3)))
def test_the_words_never_contain_the_answer(ask, number):
    judge = Judge(LOGISTIC, {"x1": 1.13, "x2": -0.58, "w1": 0.74, "w2": 1.37, "b": -0.46, "y": 0.35})
    answer = {ask: typed(str(number))}
    if judge.states(answer)[ask] == WRONG:
        assert f"{abs(judge.truth(ask)):.2f}" not in judge.reason(ask, answer)


WILD = st.one_of(
    st.floats().map(repr), st.sampled_from(["1e300", "-1e300", "0", "2", "1e-300", "", "x", "1/0", "9" * 70]), st.text(max_size=10)
)


@examples(60)
@given(st.lists(st.tuples(st.sampled_from(ORDER), WILD), max_size=8))
def test_whatever_is_typed_the_picture_lives_on(entries):
    picture = fill_in("logistic")
    for ask, text in entries:
        fill(picture, **{ask: text})
        assert "did not work" not in picture.message
        assert "cannot be drawn" not in picture.message
    fill(picture, z="0.5")
    assert states(picture)["z"] == RIGHT


def test_what_is_no_number_is_refused_and_kept_in_its_field(picture):
    fill(picture, z="half")
    assert "“half” is no number" in picture.message
    assert field(picture, "z")["value"] == "half"
    assert field(picture, "z")["state"] is None
    assert field(picture, "z")["words"] == "the value of z: no number"


# --- the buttons ----------------------------------------------------------------------------------


def test_show_the_next_one_until_all_are_shown(picture):
    for count in range(1, 15):
        press(picture, "show")
        assert f"{count} shown" in picture.caption
        assert set(states(picture).values()) == {None}
    assert "whole graph is filled in" in picture.caption
    assert next(control for control in picture.controls if control["key"] == "show")["disabled"]
    values, gradients = logistic()
    assert float(field(picture, "L")["value"]) == pytest.approx(values["L"], rel=1e-3)
    assert float(field(picture, "dL_dw2")["value"]) == pytest.approx(gradients["w2"], rel=1e-3)


def test_show_begins_with_what_is_wrong(picture):
    fill(picture, p1="-6", p2="3", L="0.4741")
    press(picture, "show")
    assert field(picture, "p2")["value"] == "7.5"
    press(picture, "show")
    assert field(picture, "z")["value"] == "0.5"
    assert "2 of 14 right, 2 shown" in picture.caption


def test_start_again_clears_and_the_same_text_counts_anew(picture):
    fill(picture, z="0.5")
    late = picture.slots["z"]
    press(picture, "again")
    assert states(picture) == {}
    assert "0 of 14" in picture.caption
    picture.inputs = dict(picture.inputs) | {"z": [late, "0.7"]}  # typed before the field was cleared
    assert states(picture) == {}
    fill(picture, z="0.5")
    assert states(picture) == {"z": RIGHT}


def test_new_numbers_are_generic_other_each_time_and_the_same_for_everyone():
    one, other = fill_in("logistic"), fill_in("logistic")
    seen = []
    for _ in range(5):
        press(one, "new")
        press(other, "new")
        assert one.judge.inputs == other.judge.inputs
        assert set(one.judge.inputs) == set(LOGISTIC.inputs)
        assert 0 < one.judge.inputs["y"] < 1
        seen.append(tuple(one.judge.inputs.values()))
    assert len(set(seen)) == 5


@pytest.mark.parametrize("name", ["logistic", "relu", "one_two_one"])
def test_every_network_can_be_filled_in_and_its_fields_lie_apart(name):
    picture = fill_in(name)
    for _ in range(3):
        press(picture, "new")
        while "filled in" not in picture.caption:
            press(picture, "show")
            assert not picture.message
    blanks = [(control["x"], control["y"]) for control in picture.controls if control["kind"] == "blank"]
    apart = [max(abs(x - u) / 62, abs(y - v) / 26) for k, (x, y) in enumerate(blanks) for u, v in blanks[:k]]
    assert min(apart) >= 1


def test_a_network_with_its_weights_on_edges_is_refused():
    for name in ("deep", "nothing"):
        with pytest.raises(ValueError, match=r"too many numbers|There is no network"):
            FillIn(name)


def test_what_a_border_says_a_mark_and_a_word_say_too(picture):
    fill(picture, p1="-6", z="3", yhat="0.9526")
    assert {"✓", "✗", "→"} <= set(re.findall(r">([^<>]+)</text>", picture.frame))
    assert field(picture, "p1")["words"].endswith(": right")
    assert field(picture, "z")["words"].endswith(": wrong")
    assert field(picture, "yhat")["words"].endswith(": right, given your earlier number")
    assert "1 of 14 right, 1 more right given an earlier number" in picture.summary
