"""Every known mistake fails and gets its own name; any other wrong answer fails and gets none."""

import numpy as np
import pytest
from backprop.checking.comparing import close
from backprop.exercise import PUBLIC_SAMPLES, PUBLIC_SEED
from hypothesis import given
from hypothesis import strategies as st

from tests.backprop.checking.formulas import FORMULAS
from tests.course import EXERCISES, FUNCTIONS, MISTAKES, check, check_values, name, references, replay, truth
from tests.examples import examples

SEEDS = st.integers(0, 2**32 - 1)
BY_WHAT_IS_REACHED = ("overfit_twenty", "fit_digits")  # what they require is the same for all inputs; test_capstone.py tests them


@pytest.mark.parametrize(("exercise", "mistake"), MISTAKES, ids=name)
@given(seed=SEEDS)
@examples(1)
def test_every_mistake_fails_and_gets_its_own_name(exercise, mistake, seed):
    report = check_values(exercise, lambda sample: exercise.mistaken(mistake, sample), seed)
    assert not report.passed
    assert report.points_earned < exercise.points or not exercise.points
    assert report.mistake is mistake, f"{report.mistake}: {report}"


@pytest.mark.parametrize("exercise", EXERCISES, ids=name)
def test_a_mistake_changes_nothing_that_is_asked_before_its_own_links(exercise):
    """Links are asked in the order in which they follow from each other."""
    (sample,) = exercise.draw(3, 1)
    for mistake in exercise.mistakes:
        made_at = [exercise.asks.index(link) if link in exercise.asks else 0 for link in mistake.formulas]
        for ask in exercise.asks[: min(made_at, default=0)]:
            assert close(exercise.mistaken(mistake, sample)[ask], sample.truth[ask], 1e-9, 1e-12).all(), (mistake.id, ask)


@pytest.mark.parametrize("exercise", EXERCISES, ids=name)
def test_ids_are_unique_and_words_are_sentences_that_give_no_formula_away(exercise):
    ids = [mistake.id for mistake in exercise.mistakes]
    said = [told.words for told in (*exercise.mistakes, *exercise.remarks)]
    assert len(set(ids)) == len(ids)
    assert len(said) + len(FORMULAS.get(exercise, ())) >= 4
    for words in said:
        assert words.strip() == words
        assert words[-1] in ".?"
        assert not set("=$*`") & set(words)
        assert "!" not in words


SPOILERS = {
    "scaled": lambda value, rng: value * 0.9,
    "scaled a little": lambda value, rng: value * 1.0005,
    "shifted": lambda value, rng: value + 0.013 * (1 + np.max(np.abs(value))),
    "one entry off": lambda value, rng: _with_entry(value, rng, lambda entry: entry * 1.001 + 1e-4),
    "rounded to three digits": lambda value, rng: np.round(value, 3),
    "nan": lambda value, rng: _with_entry(value, rng, lambda entry: np.nan),
    "infinite": lambda value, rng: _with_entry(value, rng, lambda entry: np.inf),
    "right in float16 only": lambda value, rng: value.astype(np.float16).astype(float),
    "noise": lambda value, rng: value + rng.normal(size=value.shape),
}
ROUNDING = ("rounded to three digits", "right in float16 only")
SAMPLES = 6


def _with_entry(value, rng, change):
    changed = np.array(value)
    where = tuple(rng.integers(0, size) for size in value.shape)
    changed[where] = change(changed[where])
    return changed


@pytest.mark.parametrize("exercise", FUNCTIONS, ids=name)
@given(seed=SEEDS)
@examples(1)
def test_a_random_wrong_answer_fails_and_gets_no_name(exercise, seed):
    rng = np.random.default_rng(seed)
    drawn = exercise.draw(seed, SAMPLES)
    for spoiler, spoil in SPOILERS.items():
        link = exercise.asks[int(rng.integers(len(exercise.asks)))]
        spoilt = [spoiled(truth(sample), link, spoil, rng) for sample in drawn]
        if spoiler in ROUNDING and all(np.all(close(one[link], sample.truth[link], 1e-4)) for one, sample in zip(spoilt, drawn)):
            continue  # whole numbers survive rounding
        report = check(exercise, replay(spoilt), seed, SAMPLES)
        assert not report.passed, (spoiler, str(report))
        assert report.mistake is None, (spoiler, str(report))
        assert report.points_earned == pytest.approx(exercise.points * (1 - 1 / len(exercise.asks)), abs=0.01), spoiler


def spoiled(answer, link, spoil, rng):
    with np.errstate(over="ignore"):
        return answer | {link: spoil(answer[link], rng)}


@pytest.mark.parametrize("exercise", [exercise for exercise in FUNCTIONS if len(exercise.asks) > 1], ids=name)
@given(seed=SEEDS)
@examples(1)
def test_permuted_links_fail(exercise, seed):
    def answer_at(sample):
        values = truth(sample)
        return dict(zip(values, [*list(values.values())[1:], next(iter(values.values()))]))

    report = check_values(exercise, answer_at, seed)
    assert not report.passed


@pytest.mark.parametrize("exercise", FUNCTIONS, ids=name)
def test_shape_is_strict(exercise):
    right = [truth(sample) for sample in exercise.draw(4, SAMPLES)]
    for axis in (0, -1):
        report = check(exercise, replay([{ask: np.expand_dims(value, axis) for ask, value in one.items()} for one in right]), 4, SAMPLES)
        assert report.points_earned == 0, axis
        assert "shape" in report.rows[0].yours, axis


@pytest.mark.parametrize("exercise", FUNCTIONS, ids=name)
def test_right_on_one_sample_only_is_wrong(exercise):
    first = exercise.draw(8, 6)[0]
    report = check_values(
        exercise, lambda sample: truth(sample) if sample is first else {a: v * 1.5 + 1 for a, v in truth(sample).items()}, seed=8
    )
    assert report.points_earned == 0


@pytest.mark.parametrize("exercise", [exercise for exercise in FUNCTIONS if exercise.name not in BY_WHAT_IS_REACHED], ids=name)
def test_a_table_of_the_public_answers_fails_on_fresh_seeds(exercise):
    public = [truth(sample) for sample in exercise.draw(PUBLIC_SEED, PUBLIC_SAMPLES)]
    assert check(exercise, replay(public), PUBLIC_SEED, PUBLIC_SAMPLES).passed
    assert not check(exercise, replay(public), PUBLIC_SEED + 1, PUBLIC_SAMPLES).passed


# Wrong derivations written out by hand, as learners write them, against the names they must get.


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def logistic(slope=lambda z, yhat: yhat * (1 - yhat), dL_dyhat=None, weight=lambda x, w: x):
    def answer(x1, x2, w1, w2, b, y):
        z = w1 * x1 + w2 * x2 + b
        yhat = sigmoid(z)
        upstream = dL_dyhat(yhat, y) if dL_dyhat else -y / yhat + (1 - y) / (1 - yhat)
        dL_dz = upstream * slope(z, yhat)
        return upstream, dL_dz, dL_dz * weight(x1, w1), dL_dz * weight(x2, w2), dL_dz

    return answer


def classifier(hidden_slope=True, outgoing=True, bias=lambda delta, x: delta):
    def answer(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
        a1, a2 = sigmoid(w1_1 * x + b1_1), sigmoid(w1_2 * x + b1_2)
        delta = sigmoid(w2_1 * a1 + w2_2 * a2 + b2_1) - y
        d1 = delta * (w2_1 if outgoing else 1) * (a1 * (1 - a1) if hidden_slope else 1)
        d2 = delta * (w2_2 if outgoing else 1) * (a2 * (1 - a2) if hidden_slope else 1)
        return delta, delta * a2, delta * a1, bias(d2, x), bias(d1, x), d2 * x, d1 * x

    return answer


def softmax_layers(jacobian):
    def answer(x, W1, W2, y):
        a1 = sigmoid(W1 @ x)
        z2 = W2 @ a1
        p = np.exp(z2) / np.exp(z2).sum()
        dL_dz2 = jacobian(p, 2 * (p - y), y)
        dL_da1 = W2.T @ dL_dz2
        dL_dz1 = dL_da1 * a1 * (1 - a1)
        return dL_dz2, np.outer(dL_dz2, a1), dL_da1, dL_dz1, np.outer(dL_dz1, x)

    return answer


BY_HAND = [
    ("one_path", lambda x: (3 * (np.exp(x) + x**2) ** 2, np.exp(x), 3 * (np.exp(x) + x**2) ** 2 * np.exp(x)), "dropped-term"),
    ("reciprocal_chain", lambda x: 2 * x * np.exp(-(x**2)), "reciprocal-sign"),
    ("logistic_graph", logistic(slope=lambda z, yhat: 1), "no-activation-slope"),
    ("logistic_graph", logistic(slope=lambda z, yhat: z * (1 - z)), "slope-of-z"),
    ("logistic_graph", logistic(dL_dyhat=lambda yhat, y: -y / yhat), "dropped-negative-class"),
    ("logistic_graph", logistic(dL_dyhat=lambda yhat, y: -y / yhat - (1 - y) / (1 - yhat)), "log-loss-sign"),
    ("logistic_graph", logistic(weight=lambda x, w: w), "own-operand"),
    ("all_seven", classifier(hidden_slope=False), "no-hidden-slope"),
    ("all_seven", classifier(outgoing=False), "no-outgoing-weight"),
    ("all_seven", classifier(bias=lambda delta, x: delta * x), "bias-like-weight"),
    ("softmax_hidden_layer", softmax_layers(lambda p, g, y: p * (1 - p) * g), "elementwise-softmax"),
    ("softmax_hidden_layer", softmax_layers(lambda p, g, y: p - y), "cross-entropy-shortcut"),
    ("softmax_hidden_layer", softmax_layers(lambda p, g, y: g), "no-softmax-slope"),
]


@pytest.mark.parametrize(("exercise", "answer", "mistake"), BY_HAND, ids=lambda value: value if isinstance(value, str) else "")
def test_wrong_derivations_written_by_hand_get_their_name(exercise, answer, mistake):
    report = check(next(e for e in EXERCISES if e.name == exercise), answer, seed=17)
    assert report.mistake is not None, str(report)
    assert report.mistake.id == mistake


def test_each_reference_fails_every_other_exercise_it_can_be_called_for():
    """The checks tell derivations apart: a right answer to another question is wrong."""
    for exercise in FUNCTIONS:
        for other in FUNCTIONS:
            if other is not exercise:
                assert not check(exercise, references()[other.name], seed=2, samples=3).passed, (exercise.name, other.name)
