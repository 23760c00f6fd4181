"""The figures are the same every time, up to date,
described, legible, and show PyTorch's numbers.
"""

import re
from collections import Counter
from functools import cache
from itertools import combinations
from pathlib import Path

import matplotlib
import numpy as np
import pytest
import torch
from backprop.drawing.palette import FAINT, PAPER
from backprop.drawing.shapes import MATHS, PIXEL, SMALL, layered, number
from backprop.figures.catalogue import FIGURES
from backprop.figures.numbers import four_contributions, logistic_numbers, relu_numbers, softmax_network
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import same_color, to_rgb
from matplotlib.transforms import Bbox

from autograder.draw import IMAGES, draw_all

every_figure = pytest.mark.parametrize("name", FIGURES)
NUMBER = re.compile(r"\$([-+]?\d+(?:\.\d+)?)\$")


@cache
def drawn(name):
    """A figure as an SVG file; drawn once for all tests that only read it."""
    return FIGURES[name].as_svg()


@cache
def layout_of(name):
    return Layout(FIGURES[name]())


def numbers_in(name):
    """The numbers written in a figure, each as often as it is there."""
    matches = (NUMBER.fullmatch(text.get_text()) for text in FIGURES[name]().axes[0].texts)
    return Counter(match[1] for match in matches if match)


def autograd(output, leaves):
    """Values and gradients straight from PyTorch, without a Tape."""
    for node in leaves.values():
        node.retain_grad()
    output.backward()
    return {k: v.item() for k, v in leaves.items()}, {k: v.grad.item() for k, v in leaves.items()}


def scalars(**values):
    return {name: torch.tensor(value, dtype=torch.float64, requires_grad=True) for name, value in values.items()}


# --- every figure ---------------------------------------------------------------------------------


def test_the_figures_of_the_course():
    assert list(FIGURES) == [
        "failing_check",
        "training_loop",
        "chain_links",
        "several_paths",
        "one_two_one",
        "one_two_one_edges",
        "logistic_graph",
        "relu_neuron",
        "fork_adds",
        "deep_paths",
        "four_paths",
        "dense_shapes",
        "broadcast_fork",
        "network_back",
        "variance_kept",
        "skip_connection",
        "one_epoch",
        "engine_node",
        "visiting_order",
        "two_modes",
        "array_node",
        "undo_broadcast",
        "first_wrong_line",
        "transformer_block",
        "layer_norm_graph",
        "attention_back",
        "weight_at_every_place",
        "capstone_plan",
        "pixel_gradient",
    ]


@every_figure
def test_drawn_twice_is_byte_identical(name):
    assert FIGURES[name].as_svg() == drawn(name)


@every_figure
def test_a_readers_own_settings_change_nothing(name):
    usual = drawn(name)
    theirs = {"font.family": "monospace", "svg.fonttype": "none", "mathtext.fontset": "stix", "savefig.bbox": "tight", "figure.dpi": 50}
    with matplotlib.rc_context(theirs):
        assert FIGURES[name].as_svg() == usual


@every_figure
def test_the_committed_file_is_what_the_code_draws(name):
    committed = (IMAGES / f"{name}.svg").read_bytes()
    assert committed == drawn(name), "img/ is out of date: run `python -m autograder.draw`"


def test_no_figure_is_left_over():
    assert {file.stem for file in IMAGES.glob("*.svg")} == set(FIGURES)


def test_one_command_draws_them_all(tmp_path):
    files = draw_all(tmp_path / "new")
    assert {file.name for file in files} == {f"{name}.svg" for name in FIGURES}
    assert all(file.read_bytes() == drawn(file.stem) for file in files)


@every_figure
def test_described_in_words(name):
    title = FIGURES[name].title
    assert title.endswith(".")
    assert len(FIGURES[name].alt) > 120
    assert FIGURES[name].alt.endswith(".")
    assert title in drawn(name).decode()


@every_figure
def test_small_and_transparent(name):
    file = drawn(name)
    assert len(file) < 150_000
    assert b"<text" not in file
    assert not re.search(rb'<path d="M 0 [\d.]+\s*L [\d.]+ [\d.]+\s*L [\d.]+ 0\s*L 0 0\s*z\s*" style="fill: #', file)


def contrast(one, other):
    """The contrast ratio of two colours, from 1 to 21, as
    defined by the Web Content Accessibility Guidelines.
    """

    def luminance(colour):
        parts = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in to_rgb(colour)]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    darker, lighter = sorted([luminance(one), luminance(other)])
    return (lighter + 0.05) / (darker + 0.05)


@every_figure
def test_what_is_not_on_the_paper_of_a_node_is_read_on_a_white_page_and_on_a_dark_one(name):
    figure = FIGURES[name]()
    layout = Layout(figure)
    free = [text for text, box in zip(layout.texts, layout.boxes) if not layout.inside_a_node(box) and text.get_bbox_patch() is None]
    lines = [patch.get_edgecolor() for patch in figure.axes[0].patches if patch.get_zorder() == 2]
    for page in ("#ffffff", "#111111"):
        assert all(contrast(text.get_color(), page) > 3 for text in free)
        assert all(contrast(colour, page) > 3 for colour in lines if not same_color(colour, FAINT))


# --- legible --------------------------------------------------------------------------------------


class Layout:
    """Where a figure's texts, nodes and lines are, in pixels."""

    def __init__(self, figure):
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
        axes = figure.axes[0]
        self.paper = figure.bbox
        self.texts = [text for text in axes.texts if text.get_text()]
        self.boxes = [text.get_window_extent(canvas.get_renderer()) for text in self.texts]
        self.nodes = [patch.get_window_extent() for patch in axes.patches if patch.get_zorder() == 3]
        lines = [patch for patch in axes.patches if patch.get_zorder() == 2]
        self.lines = [patch.get_transform().transform_path(patch.get_path()) for patch in lines]

    def inside_a_node(self, box):
        return any(node.contains(*box.min) and node.contains(*box.max) for node in self.nodes)


def overlap(one, other):
    shared = Bbox.intersection(one, other)
    return shared is not None and min(shared.width, shared.height) > 0.5


@every_figure
def test_nothing_is_clipped(name):
    layout = layout_of(name)
    for box in layout.boxes + layout.nodes + [line.get_extents() for line in layout.lines]:
        assert layout.paper.x0 + 3 < box.x0
        assert box.x1 < layout.paper.x1 - 3
        assert layout.paper.y0 + 3 < box.y0
        assert box.y1 < layout.paper.y1 - 3


@every_figure
def test_no_two_labels_overlap(name):
    layout = layout_of(name)
    labelled = zip([text.get_text() for text in layout.texts], layout.boxes)
    clashes = [(one, other) for (one, box), (other, its_box) in combinations(labelled, 2) if overlap(box, its_box)]
    assert clashes == []


@every_figure
def test_a_label_is_wholly_in_a_node_or_wholly_outside(name):
    layout = layout_of(name)
    for text, box in zip(layout.texts, layout.boxes):
        assert layout.inside_a_node(box) or not any(overlap(box, node) for node in layout.nodes), text.get_text()


@every_figure
def test_no_line_runs_through_a_label(name):
    layout = layout_of(name)
    for text, box in zip(layout.texts, layout.boxes):
        on_paper = text.get_bbox_patch() is not None and same_color(text.get_bbox_patch().get_facecolor(), PAPER)
        if not on_paper and not layout.inside_a_node(box):
            assert not any(line.intersects_bbox(box, filled=False) for line in layout.lines), text.get_text()


def test_a_label_on_an_edge_hides_no_other_edge():
    layout = layout_of("one_two_one_edges")
    for text, box in zip(layout.texts, layout.boxes):
        hidden = [line for line in layout.lines if len(line) == 2 and line.intersects_bbox(box, filled=False)]
        assert len(hidden) <= 1, text.get_text()


@every_figure
def test_no_text_is_tiny(name):
    for text in FIGURES[name]().axes[0].texts:
        raised = "$" in text.get_text() and re.search(r"[_^]|\\sum", text.get_text())
        assert text.get_fontsize() >= (MATHS if raised else SMALL) * PIXEL
        assert r"\frac" not in text.get_text()


# --- the numbers ----------------------------------------------------------------------------------


def test_logistic_numbers_are_pytorchs():
    leaf = scalars(x1=1.5, x2=2.5, w1=-4.0, w2=3.0, b=-1.0)
    leaf |= {"p1": leaf["w1"] * leaf["x1"], "p2": leaf["w2"] * leaf["x2"]}
    leaf["z"] = leaf["p1"] + leaf["p2"] + leaf["b"]
    leaf["yhat"] = torch.sigmoid(leaf["z"])
    leaf["L"] = torch.nn.functional.binary_cross_entropy(leaf["yhat"], torch.ones((), dtype=torch.float64))
    values, gradients = autograd(leaf["L"], leaf)
    drawn_values, drawn_gradients = logistic_numbers()
    assert drawn_values == pytest.approx(values | {"y": 1.0}, rel=1e-12)
    assert {name: drawn_gradients[name] for name in gradients} == pytest.approx(gradients, rel=1e-12)
    shown = Counter(number(value) for value in [*values.values(), *gradients.values()])
    assert numbers_in("logistic_graph") == shown + Counter(["1"])  # and the target y = 1


def test_logistic_numbers_are_the_curriculums():
    values, gradients = logistic_numbers()
    assert [values[name] for name in ("p1", "p2", "z", "yhat", "L")] == pytest.approx([-6, 7.5, 0.5, 0.6225, 0.4741], abs=5e-5)
    assert [gradients[name] for name in ("w1", "w2", "b")] == pytest.approx([-0.5663, -0.9439, -0.3775], abs=5e-5)


def test_relu_numbers_are_pytorchs_and_the_curriculums():
    leaf = scalars(x1=1.0, x2=-2.0, x3=3.0, w1=-3.0, w2=-1.0, w3=2.0, b=1.0)
    leaf |= {f"p{k}": leaf[f"w{k}"] * leaf[f"x{k}"] for k in (1, 2, 3)}
    leaf["z"] = leaf["p1"] + leaf["p2"] + leaf["p3"] + leaf["b"]
    leaf["a"] = leaf["z"].clamp(min=0)
    values, gradients = autograd(leaf["a"], leaf)
    assert relu_numbers() == (values, gradients)
    assert (values["z"], values["a"]) == (6, 6)
    assert [gradients[name] for name in ("x1", "x2", "x3", "w1", "w2", "w3", "b")] == [-3, -1, 2, 1, -2, 3, 1]
    assert numbers_in("relu_neuron") == Counter(number(value) for value in [*values.values(), *gradients.values()])


def test_four_contributions_add_up_to_pytorchs_gradient():
    contributions = four_contributions()
    gradient = softmax_network().answer("dL_dW1")[2, 0]
    assert sum(contributions.values()) == pytest.approx(gradient, rel=1e-12)
    assert [round(value, 6) for value in contributions.values()] == [-0.003159, 0.004739, -0.003159, 0.004739]
    assert numbers_in("four_paths") == Counter(number(value, 6, "+") for value in [*contributions.values(), gradient])


def test_the_softmax_network_is_the_curriculums():
    tape = softmax_network()
    np.testing.assert_allclose(tape.answer("yhat"), [0.770336, 0.229664], atol=5e-7)
    np.testing.assert_allclose(tape.answer("dL_dz2"), [-0.162527, 0.162527], atol=5e-7)
    np.testing.assert_allclose(tape.answer("L"), 0.105491, atol=5e-7)


@pytest.mark.parametrize("name", ["logistic_graph", "relu_neuron", "four_paths"])
def test_the_alt_text_says_the_numbers_that_the_figure_shows(name):
    in_words = set(re.findall(r"(?<![\w^-])[-+]?\d+(?:\.\d+)?(?![\w-])", FIGURES[name].alt))
    assert set(numbers_in(name)) <= in_words
    assert {word for word in in_words if "." in word} <= set(numbers_in(name))


@pytest.mark.parametrize(
    ("value", "written"), [(-6.0, "-6"), (7.5, "7.5"), (-0.37754, "-0.3775"), (-0.00001, "0"), (100.0, "100"), (-0.0, "0")]
)
def test_numbers_are_written_as_people_write_them(value, written):
    assert number(value) == written


# --- layout ---------------------------------------------------------------------------------------


def test_layers_keep_their_order_and_their_gaps():
    at = layered([["a", "b", "c"], ["d", None, "e"], ["f"]], (10, 50, 200), middle=100, row=40)
    assert at == {"a": (10, 60), "b": (10, 100), "c": (10, 140), "d": (50, 60), "e": (50, 140), "f": (200, 100)}


def test_the_folder_of_figures_is_the_repositorys():
    assert Path(__file__).parents[3] / "img" == IMAGES
