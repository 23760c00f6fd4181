"""Right answers with one change each, as learners make them: the place, what they write instead,
the true cause, the first wrong link, and further names that are true of the same numbers.
"""

import numpy as np

from tests.corpus.registry import wrong

Change = tuple[str, str, str, str, tuple[str, ...]]


def sigmoid(t):
    return 1 / (1 + np.exp(-t))


def register(lesson: str, exercise: str, right: str, changes: list[Change]) -> None:
    """Register an answer for each change of the right one."""
    for old, new, cause, first, also in changes:
        assert old in right, (exercise, old)
        names = {"np": np, "sigmoid": sigmoid, "__name__": f"tests.corpus.{lesson}"}
        exec(right.replace(old, new), names)
        wrong(exercise, cause=cause, first=first, also=also)(names["answer"])


OUTPUT_LAYER = """
def answer(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1 = w1_1 * x + b1_1
    z1_2 = w1_2 * x + b1_2
    a1_1 = sigmoid(z1_1)
    a1_2 = sigmoid(z1_2)
    z2_1 = w2_1 * a1_1 + w2_2 * a1_2 + b2_1
    yhat = sigmoid(z2_1)
    dL_dyhat = -y / yhat + (1 - y) / (1 - yhat)
    dL_dz2_1 = dL_dyhat * yhat * (1 - yhat)
    dL_dw2_1 = dL_dz2_1 * a1_1
    dL_dw2_2 = dL_dz2_1 * a1_2
    dL_db2_1 = dL_dz2_1
    return dL_dyhat, dL_dz2_1, dL_dw2_1, dL_dw2_2, dL_db2_1
"""
register(
    "lesson_02",
    "output_layer",
    OUTPUT_LAYER,
    [
        ("-y / yhat + (1 - y) / (1 - yhat)", "y / yhat - (1 - y) / (1 - yhat)", "loss-sign", "dL_dyhat", ("loss-slope-sign",)),
        ("-y / yhat + (1 - y) / (1 - yhat)", "-y / yhat", "dropped-negative-class", "dL_dyhat", ()),
        ("-y / yhat + (1 - y) / (1 - yhat)", "-np.log(yhat)", "value-for-slope", "dL_dyhat", ()),
        ("-y / yhat + (1 - y) / (1 - yhat)", "(1 - y) / (1 - yhat) - y / (1 - yhat)", "wrong-denominator", "dL_dyhat", ("other-unit",)),
        ("dL_dyhat * yhat * (1 - yhat)", "dL_dyhat * z2_1 * (1 - z2_1)", "slope-of-z", "dL_dz2_1", ()),
        ("dL_dyhat * yhat * (1 - yhat)", "dL_dyhat * yhat", "half-of-a-slope", "dL_dz2_1", ("value-for-slope",)),
        ("dL_dyhat * yhat * (1 - yhat)", "dL_dyhat * yhat * (1 - y)", "target-in-the-slope", "dL_dz2_1", ()),
        ("dL_dyhat * yhat * (1 - yhat)", "dL_dyhat * (1 - yhat**2)", "another-functions-slope", "dL_dz2_1", ()),
        ("dL_dz2_1 * a1_1", "dL_dz2_1 * a1_2", "other-unit", "dL_dw2_1", ()),
        ("dL_dw2_2 = dL_dz2_1 * a1_2", "dL_dw2_2 = dL_dw2_1 * a1_2", "chained-through-a-sibling", "dL_dw2_2", ()),
        ("dL_db2_1 = dL_dz2_1", "dL_db2_1 = dL_dz2_1 * b2_1", "bias-times-bias", "dL_db2_1", ()),
        ("dL_db2_1 = dL_dz2_1", "dL_db2_1 = dL_dyhat", "no-activation-slope", "dL_db2_1", ()),
        ("dL_db2_1 = dL_dz2_1", "dL_db2_1 = dL_dw2_1 + dL_dw2_2", "sum-of-weights-for-bias", "dL_db2_1", ()),
        ("dL_dw2_1 = dL_dz2_1 * a1_1", "dL_dw2_1 = dL_dz2_1 * z1_1", "pre-activation-for-activation", "dL_dw2_1", ()),
        ("z2_1 = w2_1 * a1_1 + w2_2 * a1_2 + b2_1", "z2_1 = w2_1 * a1_1 + w2_2 * a1_2", "lost-bias", "dL_dyhat", ()),
        ("a1_2 = sigmoid(z1_2)", "a1_2 = sigmoid(z1_1)", "forward-copy-paste", "dL_dyhat", ()),
        ("a1_1 = sigmoid(z1_1)", "a1_1 = np.tanh(z1_1)", "another-activation", "dL_dyhat", ()),
    ],
)

HIDDEN_UNIT = """
def answer(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1 = w1_1 * x + b1_1
    z1_2 = w1_2 * x + b1_2
    a1_1 = sigmoid(z1_1)
    a1_2 = sigmoid(z1_2)
    z2_1 = w2_1 * a1_1 + w2_2 * a1_2 + b2_1
    yhat = sigmoid(z2_1)
    dL_dyhat = -y / yhat + (1 - y) / (1 - yhat)
    dL_dz2_1 = dL_dyhat * yhat * (1 - yhat)
    dL_dw2_1 = dL_dz2_1 * a1_1
    dL_dw2_2 = dL_dz2_1 * a1_2
    dL_db2_1 = dL_dz2_1
    dL_da1_2 = dL_dz2_1 * w2_2
    dL_dz1_2 = dL_da1_2 * a1_2 * (1 - a1_2)
    dL_dw1_2 = dL_dz1_2 * x
    dL_db1_2 = dL_dz1_2
    return dL_dz2_1, dL_da1_2, dL_dz1_2, dL_dw1_2, dL_db1_2
"""
register(
    "lesson_02",
    "hidden_unit",
    HIDDEN_UNIT,
    [
        ("dL_dz2_1 * w2_2", "dL_dz2_1 * w1_2", "other-unit", "dL_da1_2", ()),
        ("dL_dz2_1 * w2_2", "dL_dz2_1 * w2_1", "other-unit", "dL_da1_2", ()),
        ("dL_dz2_1 * w2_2", "dL_dz2_1 * a1_2", "own-operand", "dL_da1_2", ()),
        ("dL_da1_2 * a1_2 * (1 - a1_2)", "dL_da1_2 * a1_1 * (1 - a1_1)", "other-unit", "dL_dz1_2", ()),
        ("dL_da1_2 * a1_2 * (1 - a1_2)", "dL_da1_2 * yhat * (1 - yhat)", "other-unit", "dL_dz1_2", ("output-slope-for-hidden",)),
        ("dL_da1_2 * a1_2 * (1 - a1_2)", "dL_dz2_1 * a1_2 * (1 - a1_2)", "no-outgoing-weight", "dL_dz1_2", ()),
        ("dL_da1_2 * a1_2 * (1 - a1_2)", "dL_da1_2 + a1_2 * (1 - a1_2)", "links-added", "dL_dz1_2", ()),
        ("dL_dz1_2 * x", "dL_dz1_2 * w1_2", "own-operand", "dL_dw1_2", ()),
        ("dL_dz1_2 * x", "dL_da1_2 * x", "no-hidden-slope", "dL_dw1_2", ()),
        ("dL_dz1_2 * x", "dL_dz1_2 * a1_2", "off-by-one-layer", "dL_dw1_2", ("other-unit",)),
        ("dL_db1_2 = dL_dz1_2", "dL_db1_2 = dL_dw1_2", "bias-equals-weight", "dL_db1_2", ("bias-like-weight",)),
        ("dL_db1_2 = dL_dz1_2", "dL_db1_2 = 1.0", "lost-upstream", "dL_db1_2", ()),
        ("dL_db1_2 = dL_dz1_2", "dL_db1_2 = dL_dz2_1", "no-hidden-slope", "dL_db1_2", ("other-unit",)),
        ("dL_dyhat * yhat * (1 - yhat)", "dL_dyhat", "no-activation-slope", "dL_dz2_1", ()),
        ("dL_dyhat * yhat * (1 - yhat)", "y - yhat", "reversed-residual", "dL_dz2_1", ()),
    ],
)

ALL_SEVEN = """
def answer(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1 = w1_1 * x + b1_1
    z1_2 = w1_2 * x + b1_2
    a1_1 = sigmoid(z1_1)
    a1_2 = sigmoid(z1_2)
    z2_1 = w2_1 * a1_1 + w2_2 * a1_2 + b2_1
    yhat = sigmoid(z2_1)
    dL_dyhat = -y / yhat + (1 - y) / (1 - yhat)
    dL_dz2_1 = dL_dyhat * yhat * (1 - yhat)
    dL_dw2_1 = dL_dz2_1 * a1_1
    dL_dw2_2 = dL_dz2_1 * a1_2
    dL_db2_1 = dL_dz2_1
    dL_dz1_2 = dL_dz2_1 * w2_2 * a1_2 * (1 - a1_2)
    dL_dz1_1 = dL_dz2_1 * w2_1 * a1_1 * (1 - a1_1)
    return dL_db2_1, dL_dw2_2, dL_dw2_1, dL_dz1_2, dL_dz1_1, dL_dz1_2 * x, dL_dz1_1 * x
"""
register(
    "lesson_02",
    "all_seven",
    ALL_SEVEN,
    [
        ("dL_dz1_2 = dL_dz2_1 * w2_2 *", "dL_dz1_2 = dL_dz2_1 * w2_1 *", "other-unit", "dL_db1_2", ()),
        ("w2_2 * a1_2 * (1 - a1_2)", "w2_2", "no-hidden-slope", "dL_db1_2", ()),
        ("dL_dz1_1 * x\n", "dL_dz1_1 * w1_1\n", "own-operand", "dL_dw1_1", ()),
        (
            "dL_dz1_2 = dL_dz2_1 * w2_2 * a1_2 * (1 - a1_2)\n    dL_dz1_1 = dL_dz2_1 * w2_1 * a1_1 * (1 - a1_1)",
            "dL_dz1_2 = dL_dz1_1 = dL_dz2_1 * w2_2 * a1_2 * (1 - a1_2) + dL_dz2_1 * w2_1 * a1_1 * (1 - a1_1)",
            "every-unit-gets-the-sum",
            "dL_db1_2",
            (),
        ),
        ("dL_dyhat * yhat * (1 - yhat)", "2 * (yhat - y) * yhat * (1 - yhat)", "wrong-loss", "dL_db2_1", ()),
        ("dL_dyhat * yhat * (1 - yhat)", "(yhat - y) * yhat * (1 - yhat)", "slope-twice", "dL_db2_1", ()),
        (
            "w2_2 * a1_2 * (1 - a1_2)\n    dL_dz1_1 = dL_dz2_1 * w2_1 * a1_1 * (1 - a1_1)",
            "w2_2 * z1_2 * (1 - z1_2)\n    dL_dz1_1 = dL_dz2_1 * w2_1 * z1_1 * (1 - z1_1)",
            "slope-of-z",
            "dL_db1_2",
            (),
        ),
        (
            "dL_db2_1, dL_dw2_2, dL_dw2_1, dL_dz1_2",
            "dL_db2_1, dL_dw2_1, dL_dw2_2, dL_dz1_2",
            "right-but-permuted",
            "dL_dw2_2",
            ("other-unit",),
        ),
        (
            "    dL_dz1_2 =",
            "    w2_1, w2_2 = w2_1 - 0.1 * dL_dw2_1, w2_2 - 0.1 * dL_dw2_2\n    dL_dz1_2 =",
            "stale-half-step",
            "dL_db1_2",
            (),
        ),
    ],
)

INPUT_GRADIENT = """
def answer(x, w1_1, w1_2, b1_1, b1_2, w2_1, w2_2, b2_1, y):
    z1_1 = w1_1 * x + b1_1
    z1_2 = w1_2 * x + b1_2
    a1_1 = sigmoid(z1_1)
    a1_2 = sigmoid(z1_2)
    z2_1 = w2_1 * a1_1 + w2_2 * a1_2 + b2_1
    yhat = sigmoid(z2_1)
    dL_dyhat = -y / yhat + (1 - y) / (1 - yhat)
    dL_dz2_1 = dL_dyhat * yhat * (1 - yhat)
    dL_dw2_1 = dL_dz2_1 * a1_1
    dL_dw2_2 = dL_dz2_1 * a1_2
    dL_db2_1 = dL_dz2_1
    dL_dz1_2 = dL_dz2_1 * w2_2 * a1_2 * (1 - a1_2)
    dL_dz1_1 = dL_dz2_1 * w2_1 * a1_1 * (1 - a1_1)
    dL_dx = dL_dz1_1 * w1_1 + dL_dz1_2 * w1_2
    return dL_dz1_1, dL_dz1_2, dL_dx
"""
register(
    "lesson_02",
    "input_gradient",
    INPUT_GRADIENT,
    [
        (" + dL_dz1_2 * w1_2", "", "one-path-to-input", "dL_dx", ()),
        ("dL_dz1_1 * w1_1 + dL_dz1_2 * w1_2", "dL_dz1_1 * w1_2 + dL_dz1_2 * w1_1", "other-unit", "dL_dx", ()),
        ("dL_dz1_1 * w1_1 + dL_dz1_2 * w1_2", "dL_dz1_1 + dL_dz1_2", "no-outgoing-weight", "dL_dx", ()),
        (
            "dL_dz1_1 * w1_1 + dL_dz1_2 * w1_2",
            "(dL_dz1_1 + dL_dz1_2) * (w1_1 + w1_2)",
            "sums-multiplied",
            "dL_dx",
            ("every-unit-gets-the-sum",),
        ),
        ("dL_dz1_1 * w1_1 + dL_dz1_2 * w1_2", "(dL_dz1_1 * w1_1 + dL_dz1_2 * w1_2) / 2", "paths-averaged", "dL_dx", ()),
        ("dL_dz1_1 * w1_1 + dL_dz1_2 * w1_2", "dL_dz1_1 * x + dL_dz1_2 * x", "own-operand", "dL_dx", ()),
        ("dL_dz1_1 * w1_1 + dL_dz1_2 * w1_2", "dL_dz1_1 * w1_1 - dL_dz1_2 * w1_2", "paths-subtracted", "dL_dx", ()),
        ("dL_dz1_1 * w1_1 + dL_dz1_2 * w1_2", "dL_dz1_1 * w1_1 * dL_dz1_2 * w1_2", "paths-multiplied", "dL_dx", ()),
    ],
)

REGRESSION_HIDDEN = """
def answer(x, y, w1, w2, w3, w4, b1, b2, b3):
    sp = lambda t: np.log(1 + np.exp(t))
    blue = w1 * x + b1
    orange = w2 * x + b2
    h1 = sp(blue)
    h2 = sp(orange)
    green = w3 * h1 + w4 * h2 + b3
    dSSR_dgreen = -2 * (y - green)
    g1 = dSSR_dgreen * w3
    g2 = dSSR_dgreen * w4
    dSSR_dblue = g1 / (1 + np.exp(-blue))
    dSSR_dorange = g2 / (1 + np.exp(-orange))
    dw1 = np.sum(dSSR_dblue * x)
    db1 = np.sum(dSSR_dblue)
    dw2 = np.sum(dSSR_dorange * x)
    db2 = np.sum(dSSR_dorange)
    return dSSR_dgreen, g1, g2, dw1, db1, dw2, db2
"""
register(
    "lesson_02",
    "regression_hidden",
    REGRESSION_HIDDEN,
    [
        ("-2 * (y - green)", "-(y - green)", "lost-factor-two", "dSSR_dgreen", ()),
        ("-2 * (y - green)", "2 * (y - green)", "residual-sign", "dSSR_dgreen", ()),
        ("-2 * (y - green)", "-2 * (y - green) / len(x)", "mean-for-sum", "dSSR_dgreen", ()),
        ("-2 * (y - green)", "-2 * (y - green)**2", "squared-residual-kept", "dSSR_dgreen", ()),
        ("g1 / (1 + np.exp(-blue))", "g1 * h1", "softplus-slope-is-softplus", "dSSR_dw1", ()),
        ("g1 / (1 + np.exp(-blue))", "g1 * blue * (1 - blue)", "another-functions-slope", "dSSR_dw1", ()),
        ("g1 / (1 + np.exp(-blue))", "g1 / (1 + np.exp(-green))", "other-unit", "dSSR_dw1", ()),
        ("g1 / (1 + np.exp(-blue))", "g1 / (1 + np.exp(blue))", "sigmoid-sign", "dSSR_dw1", ("slope-at-minus-z",)),
        ("g1 / (1 + np.exp(-blue))", "g1", "no-hidden-slope", "dSSR_dw1", ()),
        ("g2 = dSSR_dgreen * w4", "g2 = dSSR_dgreen * w3", "other-unit", "dSSR_dorange", ("units-confused",)),
        ("np.sum(dSSR_dblue * x)", "np.sum(dSSR_dblue) * np.sum(x)", "sums-multiplied", "dSSR_dw1", ()),
        ("np.sum(dSSR_dblue * x)", "np.mean(dSSR_dblue * x)", "mean-for-sum", "dSSR_dw1", ()),
        ("np.sum(dSSR_dblue * x)", "dSSR_dblue[0] * x[0]", "one-sample", "dSSR_dw1", ()),
        ("np.sum(dSSR_dblue * x)", "np.sum(dSSR_dblue * h1)", "off-by-one-layer", "dSSR_dw1", ()),
        ("np.sum(dSSR_dorange * x)", "np.sum(dSSR_dblue * x)", "other-unit", "dSSR_dw2", ()),
        ("np.sum(dSSR_dorange)", "np.sum(dSSR_dorange * x)", "bias-equals-weight", "dSSR_db2", ("bias-like-weight",)),
    ],
)

LOGISTIC_GRAPH = """
def answer(x1, x2, w1, w2, b, y):
    z = w1 * x1 + w2 * x2 + b
    yhat = sigmoid(z)
    dL_dyhat = -y / yhat + (1 - y) / (1 - yhat)
    dL_dz = dL_dyhat * yhat * (1 - yhat)
    dL_dw1 = dL_dz * x1
    dL_dw2 = dL_dz * x2
    dL_db = dL_dz
    return dL_dyhat, dL_dz, dL_dw1, dL_dw2, dL_db
"""
register(
    "lesson_03",
    "logistic_graph",
    LOGISTIC_GRAPH,
    [
        ("-y / yhat + (1 - y) / (1 - yhat)", "-(y / yhat + (1 - y) / (1 - yhat))", "log-loss-sign", "dL_dyhat", ()),
        ("-y / yhat + (1 - y) / (1 - yhat)", "yhat - y", "cross-entropy-shortcut", "dL_dyhat", ("short-form-too-early",)),
        ("-y / yhat + (1 - y) / (1 - yhat)", "-y * np.log(yhat) - (1 - y) * np.log(1 - yhat)", "loss-for-gradient", "dL_dyhat", ()),
        (
            "-y / yhat + (1 - y) / (1 - yhat)",
            "-1 / yhat + 1 / (1 - yhat)",
            "weights-of-the-terms-lost",
            "dL_dyhat",
            ("no-outgoing-weight",),
        ),
        ("dL_dyhat * yhat * (1 - yhat)", "yhat * (1 - yhat)", "lost-upstream", "dL_dz", ()),
        ("dL_dyhat * yhat * (1 - yhat)", "dL_dyhat / (yhat * (1 - yhat))", "divided-by-slope", "dL_dz", ()),
        ("dL_dyhat * yhat * (1 - yhat)", "dL_dyhat * sigmoid(yhat) * (1 - sigmoid(yhat))", "slope-of-activation", "dL_dz", ()),
        ("dL_dyhat * yhat * (1 - yhat)", "dL_dyhat * np.exp(-z) / (1 + np.exp(-z))", "half-of-a-slope", "dL_dz", ()),
        ("dL_dyhat * yhat * (1 - yhat)", "dL_dyhat * (yhat - yhat**3)", "derivative-slip", "dL_dz", ()),
        ("dL_dw1 = dL_dz * x1", "dL_dw1 = dL_dz * w1", "own-operand", "dL_dw1", ()),
        ("dL_dw1 = dL_dz * x1", "dL_dw1 = dL_dyhat * x1", "no-activation-slope", "dL_dw1", ()),
        ("dL_dw1 = dL_dz * x1", "dL_dw1 = dL_dz * z", "other-quantity", "dL_dw1", ()),
        ("dL_dw2 = dL_dz * x2", "dL_dw2 = dL_dz", "weight-equals-bias", "dL_dw2", ("bias-equals-weight",)),
        ("dL_dw2 = dL_dz * x2", "dL_dw2 = dL_dz * x1 * x2", "product-of-inputs", "dL_dw2", ()),
        ("dL_db = dL_dz", "dL_db = dL_dz / 3", "split-at-add", "dL_db", ()),
        ("dL_db = dL_dz", "dL_db = 0.0", "bias-without-gradient", "dL_db", ()),
        (
            "dL_dw1 = dL_dz * x1\n    dL_dw2 = dL_dz * x2\n    dL_db = dL_dz",
            "dL_dz3 = dL_dz / 3\n    dL_dw1 = dL_dz3 * x1\n    dL_dw2 = dL_dz3 * x2\n    dL_db = dL_dz3",
            "split-at-add",
            "dL_dw1",
            (),
        ),
        ("w2 * x2 + b", "w2 * x2", "lost-bias", "dL_dyhat", ()),
        ("w2 * x2 + b", "w2 * x1 + b", "other-unit", "dL_dyhat", ()),
    ],
)

RELU_NEURON = """
def answer(x, w, b, dL_da):
    z = np.sum(x * w) + b
    gate = z > 0
    dL_dz = dL_da * gate
    dL_dx = dL_dz * w
    dL_dw = dL_dz * x
    dL_db = dL_dz
    return dL_dz, dL_dx, dL_dw, dL_db
"""
register(
    "lesson_03",
    "relu_neuron",
    RELU_NEURON,
    [
        ("z > 0", "z < 0", "gate-reversed", "dL_dz", ()),
        ("z > 0", "z >= 1", "gate-elsewhere", "dL_dz", ()),
        ("z > 0", "dL_da > 0", "gate-on-wrong-sign-carrier", "dL_dz", ()),
        ("dL_da * gate", "gate * 1.0", "upstream-dropped", "dL_dz", ()),
        ("dL_da * gate", "dL_da * max(z, 0)", "value-for-slope", "dL_dz", ()),
        ("dL_dx = dL_dz * w", "dL_dx = dL_da * w", "no-gate", "dL_dx", ()),
        ("dL_dx = dL_dz * w", "dL_dx = dL_dz * w.sum()", "every-unit-gets-the-sum", "dL_dx", ()),
        ("dL_dx = dL_dz * w", "dL_dx = dL_dz * w * (w > 0)", "gate-on-wrong-sign-carrier", "dL_dx", ()),
        ("dL_dw = dL_dz * x", "dL_dw = dL_dz * x.sum()", "sum-of-inputs", "dL_dw", ()),
        ("dL_dw = dL_dz * x", "dL_dw = dL_dz * w", "own-operand", "dL_dw", ()),
        ("dL_dw = dL_dz * x", "dL_dw = x * gate", "lost-upstream", "dL_dw", ()),
        ("dL_dw = dL_dz * x", "dL_dw = dL_dz * x / len(x)", "mean-for-sum", "dL_dw", ()),
        ("dL_db = dL_dz", "dL_db = dL_dz * b", "bias-times-bias", "dL_db", ()),
        ("dL_db = dL_dz", "dL_db = dL_dz * len(x)", "counted-once-for-each-input", "dL_db", ()),
        ("dL_db = dL_dz", "dL_db = np.sum(dL_dw)", "sum-of-weights-for-bias", "dL_db", ()),
    ],
)

GRAPH_BACKWARD = """
def answer(values, ops):
    nodes = list(values)
    for name, *k in ops:
        nodes.append(nodes[k[0]] + nodes[k[1]] if name == "add" else nodes[k[0]] * nodes[k[1]] if name == "mul" else np.tanh(nodes[k[0]]))
    grad = [0.0] * len(nodes)
    grad[-1] = 1.0
    for i in reversed(range(len(ops))):
        out = len(values) + i
        g = grad[out]
        name, *k = ops[i]
        if name == "add":
            grad[k[0]] += g
            grad[k[1]] += g
        elif name == "mul":
            grad[k[0]] += g * nodes[k[1]]
            grad[k[1]] += g * nodes[k[0]]
        else:
            grad[k[0]] += g * (1 - nodes[out] ** 2)
    return np.array(grad[: len(values)])
"""
register(
    "lesson_03",
    "graph_backward",
    GRAPH_BACKWARD,
    [
        ("grad[k[1]] += g\n", "grad[k[1]] += g * nodes[k[1]]\n", "bias-times-bias", "dL_dvalues", ()),
        (
            "grad[k[0]] += g * nodes[k[1]]\n            grad[k[1]] += g * nodes[k[0]]",
            "grad[k[0]] += g + nodes[k[1]]\n            grad[k[1]] += g + nodes[k[0]]",
            "upstream-added",
            "dL_dvalues",
            (),
        ),
        (
            "grad[k[0]] += g * nodes[k[1]]\n            grad[k[1]] += g * nodes[k[0]]",
            "grad[k[0]] += g * nodes[k[0]] * nodes[k[1]]\n            grad[k[1]] += g * nodes[k[0]] * nodes[k[1]]",
            "product-for-factor",
            "dL_dvalues",
            (),
        ),
        (
            "grad[k[0]] += g * nodes[k[1]]\n            grad[k[1]] += g * nodes[k[0]]",
            "grad[k[0]] += g / nodes[k[1]]\n            grad[k[1]] += g / nodes[k[0]]",
            "divided-by-factor",
            "dL_dvalues",
            (),
        ),
        ("(1 - nodes[out] ** 2)", "(1 - nodes[k[0]] ** 2)", "slope-of-z", "dL_dvalues", ()),
        ("(1 - nodes[out] ** 2)", "nodes[out]", "value-for-slope", "dL_dvalues", ()),
        ("(1 - nodes[out] ** 2)", "(1 + nodes[out] ** 2)", "derivative-slip-in-square", "dL_dvalues", ("sign-inside-the-slope",)),
        ("(1 - nodes[out] ** 2)", "(1 - nodes[out] ** 2) ** 2", "slope-twice", "dL_dvalues", ()),
        ("grad[k[0]] += g * (1", "grad[k[0]] = g * (1", "overwrite", "dL_dvalues", ()),
        ("grad[k[0]] += g\n            grad[k[1]] += g\n", "grad[k[0]] = g\n            grad[k[1]] = g\n", "overwrite", "dL_dvalues", ()),
        ("grad[-1] = 1.0", "grad = [1.0] * len(nodes)", "all-start-at-one", "dL_dvalues", ()),
        (
            "for i in reversed(range(len(ops)))",
            "for i in reversed(range(1, len(ops)))",
            "loop-stops-early",
            "dL_dvalues",
            ("path-left-out",),
        ),
    ],
)

THREE_SIGMOIDS = """
def answer(x, w1, w2, w3, y):
    a1 = sigmoid(w1 * x)
    a2 = sigmoid(w2 * a1)
    yhat = sigmoid(w3 * a2)
    dL_dyhat = 2 * (yhat - y)
    d3 = dL_dyhat * yhat * (1 - yhat)
    dL_dw3 = d3 * a2
    dL_da2 = d3 * w3
    d2 = dL_da2 * a2 * (1 - a2)
    dL_dw2 = d2 * a1
    dL_da1 = d2 * w2
    d1 = dL_da1 * a1 * (1 - a1)
    dL_dw1 = d1 * x
    return dL_dyhat, dL_dw3, dL_da2, dL_dw2, dL_da1, dL_dw1
"""
register(
    "lesson_01",
    "three_sigmoids",
    THREE_SIGMOIDS,
    [
        ("2 * (yhat - y)", "yhat - y", "lost-factor-two", "dL_dyhat", ()),
        ("2 * (yhat - y)", "2 * (y - yhat)", "reversed-residual", "dL_dyhat", ()),
        ("2 * (yhat - y)", "(yhat - y)**2", "loss-for-gradient", "dL_dyhat", ()),
        ("dL_dyhat * yhat * (1 - yhat)", "dL_dyhat", "no-activation-slope", "dL_dw3", ()),
        ("dL_dw3 = d3 * a2", "dL_dw3 = d3 * yhat", "own-output", "dL_dw3", ("other-quantity",)),
        ("dL_dw3 = d3 * a2", "dL_dw3 = d3 * w3", "own-operand", "dL_dw3", ()),
        ("dL_da2 = d3 * w3", "dL_da2 = dL_dyhat * w3", "no-activation-slope", "dL_da2", ()),
        ("dL_da2 = d3 * w3", "dL_da2 = dL_dw3 * w3", "chained-through-the-weight", "dL_da2", ("both-factors",)),
        ("d2 = dL_da2 * a2 * (1 - a2)", "d2 = dL_da2 * yhat * (1 - yhat)", "other-unit", "dL_dw2", ()),
        ("d2 = dL_da2 * a2 * (1 - a2)", "d2 = dL_da2 * a1 * (1 - a1)", "other-unit", "dL_dw2", ()),
        ("dL_dw2 = d2 * a1", "dL_dw2 = d2 * x", "input-for-activation", "dL_dw2", ()),
        ("dL_dw2 = d2 * a1", "dL_dw2 = d2 * a2", "off-by-one-layer", "dL_dw2", ("other-unit",)),
        ("dL_da1 = d2 * w2", "dL_da1 = d2 * w1", "other-unit", "dL_da1", ()),
        ("dL_dw1 = d1 * x", "dL_dw1 = dL_da1 * x", "no-activation-slope", "dL_dw1", ()),
        ("dL_dw1 = d1 * x", "dL_dw1 = d1 * w1", "own-operand", "dL_dw1", ()),
        ("dL_dw1 = d1 * x", "dL_dw1 = d1 + x", "links-added", "dL_dw1", ()),
    ],
)

SOFTMAX_HIDDEN_LAYER = """
def answer(x, W1, W2, y):
    z1 = W1 @ x
    a1 = 1 / (1 + np.exp(-z1))
    z2 = W2 @ a1
    e = np.exp(z2 - z2.max())
    p = e / e.sum()
    dL_dp = 2 * (p - y)
    J = np.diag(p) - np.outer(p, p)
    dL_dz2 = J @ dL_dp
    dL_dW2 = np.outer(dL_dz2, a1)
    dL_da1 = W2.T @ dL_dz2
    dL_dz1 = dL_da1 * a1 * (1 - a1)
    dL_dW1 = np.outer(dL_dz1, x)
    return dL_dz2, dL_dW2, dL_da1, dL_dz1, dL_dW1
"""
register(
    "lesson_04",
    "softmax_hidden_layer",
    SOFTMAX_HIDDEN_LAYER,
    [
        ("2 * (p - y)", "p - y", "lost-factor-two", "dL_dz2", ()),
        ("J @ dL_dp", "p - y", "cross-entropy-shortcut", "dL_dz2", ()),
        ("J @ dL_dp", "dL_dp", "no-softmax-slope", "dL_dz2", ()),
        ("J @ dL_dp", "p * (1 - p) * dL_dp", "elementwise-softmax", "dL_dz2", ()),
        ("J @ dL_dp", "J.sum(axis=0) * dL_dp", "jacobian-summed", "dL_dz2", ()),
        ("np.diag(p) - np.outer(p, p)", "np.diag(p) + np.outer(p, p)", "softmax-sign", "dL_dz2", ("softmax-offdiagonal-sign",)),
        ("np.outer(dL_dz2, a1)", "np.outer(dL_dz2, z1)", "pre-activation-for-activation", "dL_dW2", ()),
        ("np.outer(dL_dz2, a1)", "np.outer(dL_dp, a1)", "no-softmax-slope", "dL_dW2", ()),
        ("W2.T @ dL_dz2", "W2.T @ dL_dp", "no-softmax-slope", "dL_da1", ()),
        ("W2.T @ dL_dz2", "W2.sum(axis=0) * dL_dz2.sum()", "sums-multiplied", "dL_da1", ("no-outgoing-weight",)),
        ("W2.T @ dL_dz2", "W2[0] * dL_dz2[0]", "first-output-only", "dL_da1", ("one-sample",)),
        ("W2.T @ dL_dz2", "np.abs(W2.T) @ np.abs(dL_dz2)", "absolute-paths", "dL_da1", ()),
        ("W2.T @ dL_dz2", "W2.T @ dL_dz2 / 3", "paths-averaged", "dL_da1", ()),
        ("dL_da1 * a1 * (1 - a1)", "dL_da1", "no-hidden-slope", "dL_dz1", ()),
        ("dL_da1 * a1 * (1 - a1)", "dL_da1 * (1 - a1**2)", "another-functions-slope", "dL_dz1", ()),
        ("dL_da1 * a1 * (1 - a1)", "dL_da1.sum() * a1 * (1 - a1)", "every-unit-gets-the-sum", "dL_dz1", ()),
        ("np.outer(dL_dz1, x)", "np.outer(dL_da1, x)", "no-hidden-slope", "dL_dW1", ()),
        ("np.outer(dL_dz1, x)", "dL_dz1[:, None] * W1", "own-operand", "dL_dW1", ()),
    ],
)

RELU_LAYER = """
def answer(X, W, b, dL_dA):
    Z = X @ W + b
    dL_dZ = dL_dA * (Z > 0)
    dL_dX = dL_dZ @ W.T
    dL_dW = X.T @ dL_dZ
    dL_db = dL_dZ.sum(axis=0)
    return dL_dZ, dL_dX, dL_dW, dL_db
"""
register(
    "lesson_05",
    "relu_layer",
    RELU_LAYER,
    [
        ("Z > 0", "X @ W > 0", "gate-without-bias", "dL_dZ", ()),
        ("Z > 0", "dL_dA > 0", "gate-on-wrong-sign-carrier", "dL_dZ", ()),
        ("dL_dA * (Z > 0)", "dL_dA * np.maximum(Z, 0)", "value-for-slope", "dL_dZ", ()),
        ("dL_dZ @ W.T", "dL_dA @ W.T", "no-gate", "dL_dX", ()),
        ("X.T @ dL_dZ", "X.T @ dL_dZ / len(X)", "mean-for-sum", "dL_dW", ()),
        ("X.T @ dL_dZ", "X.T @ dL_dA", "no-gate", "dL_dW", ()),
        ("X.T @ dL_dZ", "np.outer(X[0], dL_dZ[0])", "one-sample", "dL_dW", ()),
        ("X.T @ dL_dZ", "np.outer(X.sum(axis=0), dL_dZ.sum(axis=0))", "sums-multiplied", "dL_dW", ()),
        ("X.T @ dL_dZ", "W * dL_dZ.sum(axis=0)", "own-operand", "dL_dW", ()),
        ("dL_dZ.sum(axis=0)", "dL_dZ.mean(axis=0)", "bias-mean", "dL_db", ()),
        ("dL_dZ.sum(axis=0)", "dL_dA.sum(axis=0)", "no-gate", "dL_db", ()),
        ("dL_dZ.sum(axis=0)", "dL_dZ", "unsummed-bias", "dL_db", ()),
        ("dL_dZ.sum(axis=0)", "dL_dZ.sum()", "summed-over-everything", "dL_db", ()),
        ("dL_dZ.sum(axis=0)", "dL_dZ.sum(axis=0) * b", "bias-times-bias", "dL_db", ()),
    ],
)

NETWORK_BACKWARD = """
def answer(X, Y, weights, biases):
    A = [X]
    for W, b in zip(weights[:-1], biases[:-1]):
        A.append(np.maximum(0, A[-1] @ W + b))
    Z = A[-1] @ weights[-1] + biases[-1]
    e = np.exp(Z - Z.max(axis=1, keepdims=True))
    P = e / e.sum(axis=1, keepdims=True)
    delta = (P - Y) / len(X)
    dW, db = [], []
    for k in reversed(range(len(weights))):
        dW.insert(0, A[k].T @ delta)
        db.insert(0, delta.sum(axis=0))
        if k:
            delta = (delta @ weights[k].T) * (A[k] > 0)
    return dW, db, delta @ weights[0].T
"""
register(
    "lesson_05",
    "network_backward",
    NETWORK_BACKWARD,
    [
        ("(P - Y) / len(X)", "P - Y", "mean-forgotten", "dL_dweights", ()),
        ("(P - Y) / len(X)", "(Y - P) / len(X)", "reversed-residual", "dL_dweights", ()),
        ("(P - Y) / len(X)", "P / len(X)", "target-forgotten", "dL_dweights", ()),
        ("(P - Y) / len(X)", "(P - Y) * P * (1 - P) / len(X)", "slope-twice", "dL_dweights", ()),
        (" * (A[k] > 0)", "", "no-gate", "dL_dweights", ()),
        ("(A[k] > 0)", "(delta @ weights[k].T > 0)", "gate-on-wrong-sign-carrier", "dL_dweights", ()),
        ("(A[k] > 0)", "A[k]", "value-for-slope", "dL_dweights", ()),
        ("delta.sum(axis=0)", "delta.mean(axis=0)", "bias-mean", "dL_dbiases", ()),
        ("delta.sum(axis=0)", "delta[0]", "one-sample", "dL_dbiases", ()),
        ("A[k].T @ delta", "A[k].T @ delta / len(X)", "mean-twice", "dL_dweights", ("mean-for-sum",)),
        ("axis=1, keepdims=True)\n    delta", "axis=0, keepdims=True)\n    delta", "wrong-axis", "dL_dweights", ()),
    ],
)
