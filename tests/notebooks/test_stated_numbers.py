"""Numbers that the text of lessons 01 to 06 states, and
no cell prints, are recomputed here in float64.
"""

import ast
import re
from functools import cache

import numpy as np
import pytest
from backprop.figures.networks import DEEP, FOUR_FOUR_TWO

from autograder.building import lesson_paths, page_paths, source_notebook

SOURCES = {path.stem[:2]: path for path in [*page_paths(), *lesson_paths()]}


@cache
def text_of(lesson):
    cells = source_notebook(SOURCES[lesson]).cells
    return " ".join(" ".join(cell.source.split()) for cell in cells if cell.cell_type == "markdown")


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


# --- 01 -------------------------------------------------------------------------------------------


def product_of_local_derivatives(w, x=0.5):
    a, product = x, 1.0
    for _ in range(3):
        a = sigmoid(w * a)
        product *= w * a * (1 - a)
    return product


def test_01_the_vanishing_product_is_largest_near_1_97():
    weights = np.linspace(0.5, 6, 5501)
    products = np.array([product_of_local_derivatives(w) for w in weights])
    at = weights[products.argmax()]
    for words in (
        f"It grows from {product_of_local_derivatives(1):.3f} at $w = 1$ to its maximum, {products.max():.4f}, near $w = {at:.2f}$",
        f"at $w = 5$ it is {product_of_local_derivatives(5):.4f}",
    ):
        assert words in text_of("01")


def test_01_the_chain_of_exponentials():
    def local(x):
        u = x**2
        return np.exp(np.exp(u)), np.exp(u), 2 * x

    before, after = local(0.5), local(1.0)
    assert max(range(3), key=lambda k: after[k] - before[k]) == 0
    assert f"from {before[0]:.1f} to {after[0]:.1f}" in text_of("01")
    assert f"The product grows from {np.prod(before):.1f} to {np.prod(after):.1f}" in text_of("01")


def test_01_where_the_bell_is_steepest():
    x = np.linspace(0, 2, 20001)
    assert f"\\approx \\pm {x[np.argmax(2 * x * np.exp(-(x**2)))]:.2f}$" in text_of("01")


# --- 02 -------------------------------------------------------------------------------------------

X, Y = np.array([0.1, 0.53, 0.82]), np.array([1.2, 3.2, 1.1])


def losses(steps, biases_for_weights=False, alpha=0.01):
    """SSR before each step and after the last, with the
    derivatives of the weights or, in their place, of the biases.
    """
    theta, found = np.append(np.random.RandomState(42).randn(4), [0.0, 0.0, 0.0]), []
    for _ in range(steps + 1):
        w1, w2, w3, w4, b1, b2, b3 = theta
        z1, z2 = w1 * X + b1, w2 * X + b2
        blue, orange = np.logaddexp(0, z1), np.logaddexp(0, z2)
        d = -2 * (Y - (w3 * blue + w4 * orange + b3))
        found.append((d**2).sum() / 4)
        d1, d2 = d * w3 * sigmoid(z1), d * w4 * sigmoid(z2)
        db = np.array([d1.sum(), d2.sum()])
        dw = db if biases_for_weights else np.array([d1 @ X, d2 @ X])
        theta = theta - alpha * np.array([*dw, d @ blue, d @ orange, *db, d.sum()])
    return np.array(found)


def test_02_a_wrong_gradient_that_falls_faster_at_first():
    right, wrong = losses(300), losses(300, biases_for_weights=True)
    assert wrong[1] < right[1]
    assert (np.diff(wrong)[wrong.argmin() :] > 0).all()
    overtaken = int(np.argmax(right < wrong))
    assert (right[overtaken:] < wrong[overtaken:]).all()
    words = f"It is lowest after {wrong.argmin()} steps and rises from then on, and from step {overtaken} PyTorch's loss is lower."
    assert words in text_of("02")


# --- 03 -------------------------------------------------------------------------------------------


def test_03_the_sigmoid_of_17_in_float32():
    one, power = np.float32(1), np.exp(np.float32(-17))
    assert one + power == one
    assert np.float32(sigmoid(17.0)) == one - np.float32(2.0**-24)
    assert "would be $1 - 2^{-24}$" in text_of("03")


def test_03_where_the_exponential_overflows():
    with np.errstate(over="ignore"):
        assert np.isinf(np.exp(710.0))
        assert np.isfinite(np.exp(709.0))
    assert "from about $z = 710$ on" in text_of("03")


# --- 04 -------------------------------------------------------------------------------------------


def test_04_the_deep_network_without_one_path():
    before, after = (DEEP.trace(changes).gradients["w11"] for changes in ({}, {"v2": 0.0}))
    assert f"from ${before:+.4f}$ to ${after:+.4f}$" in text_of("04")


def test_04_the_four_paths_of_one_weight():
    value = FOUR_FOUR_TWO.trace({}).values

    def path(i, j):
        p, a = [value["yhat1"], value["yhat2"]], value["a3"]
        slope = p[i] * ((i == j) - p[j])
        return 2 * (p[i] - (1 - i)) * slope * FOUR_FOUR_TWO.inputs[f"w2_{j + 1}3"] * a * (1 - a) * FOUR_FOUR_TWO.inputs["x1"]

    assert f"${path(0, 0) + path(1, 0):.6f}$ is left" in text_of("04")
    assert f"${sum(path(i, j) for i in range(2) for j in range(2)):+.6f}$" in text_of("04")
    assert f"${FOUR_FOUR_TWO.trace({'w2_11': 0.6}).gradients['w1_11']:.6f}$" in text_of("04")


def test_04_counts_and_a_slope():
    assert f"$\\sigma'(1) = {sigmoid(1) * (1 - sigmoid(1)):.4f}$" in text_of("04")
    assert 6**7 < 10**6 < 6**8
    assert f"{6**8} paths, and {8 * 36} multiplications" in text_of("04")
    assert 4 * 6**13 * 3 > 10**11


# --- 05 -------------------------------------------------------------------------------------------


def test_05_products_of_fifty_factors():
    assert f"$0.9^{{50}}$ is about {0.9**50:.3f}, and $1.1^{{50}}$ is about {1.1**50:.0f}" in text_of("05")
    assert 0.25**10 < 1e-6
    assert "was below $10^{-6}$" in text_of("05")


def test_05_blocks_with_skip_connections():
    small, large, too_large = ((1 + c) ** (25 / 2) for c in (0.04, 0.1, 1))
    words = f"is {small:.1f} for $c = 0.04$ and {large:.1f} for $c = 0.1$, but {too_large:.0f} for $c = 1$"
    assert words in text_of("05")


def test_05_the_first_loss_with_three_classes():
    assert f"$\\log 3 \\approx {np.log(3):.3f}$" in text_of("05")


# --- 06 -------------------------------------------------------------------------------------------


def test_06_sizes_of_the_network_of_lesson_05():
    layers = ((2, 24), (24, 12), (12, 2))
    weights = sum(inputs * units for inputs, units in layers)
    parameters = weights + sum(units for _, units in layers)
    assert f"= {weights}$ weights" in text_of("06")
    assert f"each of the 200 points: {200 * weights:,} product nodes" in text_of("06")
    assert f"With {parameters} parameters it has {parameters**2:,} entries" in text_of("06")
    assert f"a single entry of {parameters} is off by 1%" in text_of("06")
    assert f"one product for each column, {parameters} for the spiral" in text_of("06")


def test_06_the_gradient_of_a_running_sum():
    assert sum(range(1, 5)) == 10
    assert "$1 + 2 + 3 + 4$" in text_of("06")


# --- how cells are written ------------------------------------------------------------------------


@pytest.mark.parametrize("lesson", SOURCES)
def test_docstrings_fit_into_a_cell_of_a_narrow_window(lesson):
    for cell in source_notebook(SOURCES[lesson]).cells:
        if cell.cell_type == "code":
            for line in docstring_lines(cell.source):
                assert len(line) <= 88, line


@pytest.mark.parametrize("lesson", SOURCES)
def test_sections_of_other_lessons_are_named_with_their_titles(lesson):
    for other, number, title in re.findall(r'lesson (\d\d), section (\d+)(?:, "([^"]+)")?', text_of(lesson)):
        assert f" ## {number}. {title} " in text_of(other), f"lesson {other} has no section {number} with the title {title!r}"


def docstring_lines(source):
    lines = source.splitlines()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and ast.get_docstring(node):
            yield from lines[node.body[0].lineno - 1 : node.body[0].end_lineno]
