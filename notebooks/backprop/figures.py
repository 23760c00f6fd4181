"""The course's figures: a function each, a name and a description in words for those who do not see it.

Every number in a figure is PyTorch's. `python -m autograder.draw` writes them all to img/.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import networkx as nx
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .drawing import (
    BACKWARD,
    BLUE,
    BYSTANDER,
    FAINT,
    FORWARD,
    GREEN,
    INK,
    LARGE,
    MATHS,
    PATHS,
    QUIET,
    SMALL,
    TEXT,
    UPDATE,
    VERMILLION,
    Curve,
    Node,
    Point,
    Stroke,
    arrow,
    canvas,
    computed,
    given,
    key,
    layered,
    line,
    loss,
    number,
    outline,
    parameter,
    readings,
    style,
    svg,
    there_and_back,
    unit,
    write,
    write_over,
)
from .lazy import torch
from .tape import Forward, Tape

FIGURES: dict[str, Callable[[], Figure]] = {}
ALT: dict[str, str] = {}

FORWARD_AND_BACKWARD = [(FORWARD, "forward: values, above"), (BACKWARD, "backward: gradients, below")]


def described(alt: str) -> Callable[[Callable[[], Figure]], Callable[[], Figure]]:
    """Enter a figure's function in FIGURES and its alt text in ALT, and draw it in the course's style."""

    def enter(draw: Callable[[], Figure]) -> Callable[[], Figure]:
        FIGURES[draw.__name__] = style()(draw)
        ALT[draw.__name__] = alt
        return FIGURES[draw.__name__]

    return enter


def as_svg(name: str) -> bytes:
    """The figure called `name` as an SVG file, its title and alt text inside."""
    return svg(FIGURES[name](), (FIGURES[name].__doc__ or "").splitlines()[0], ALT[name])


# --- the numbers ------------------------------------------------------------------------------------------------------------


def measured(forward: Forward, inputs: Mapping[str, Any], output: str) -> tuple[dict[str, float], dict[str, float]]:
    """Each scalar node's value and its gradient, by PyTorch."""
    tape = Tape(forward, inputs)
    values = {name: float(tape.answer(name)) for name in tape.nodes}
    return values, {name: float(tape.answer(f"d{output}_d{name}")) for name in tape.nodes}


def logistic_numbers() -> tuple[dict[str, float], dict[str, float]]:
    """Values and gradients of logistic regression on one example."""

    def forward(node: Callable[..., Any], x1: Any, x2: Any, w1: Any, w2: Any, b: Any, y: int) -> None:
        z = node("z", node("w1x1", w1 * x1) + node("w2x2", w2 * x2) + b)
        yhat = node("yhat", torch.sigmoid(z))
        node("L", -(y * torch.log(yhat) + (1 - y) * torch.log(1 - yhat)))

    return measured(forward, {"x1": 1.5, "x2": 2.5, "w1": -4.0, "w2": 3.0, "b": -1.0, "y": 1}, "L")


def relu_numbers() -> tuple[dict[str, float], dict[str, float]]:
    """Values and gradients of one ReLU neuron whose output is the end of the graph."""

    def forward(node: Callable[..., Any], x1: Any, w1: Any, x2: Any, w2: Any, x3: Any, w3: Any, b: Any) -> None:
        z = node("z", node("p1", w1 * x1) + node("p2", w2 * x2) + node("p3", w3 * x3) + b)
        node("y", torch.relu(z))

    return measured(forward, {"x1": 1.0, "w1": -3.0, "x2": -2.0, "w2": -1.0, "x3": 3.0, "w3": 2.0, "b": 1.0}, "y")


def softmax_network() -> Tape:
    """The 4-4-2 network: sigmoid hidden units, softmax output, squared error, all biases 0."""

    def forward(node: Callable[..., Any], x: Any, W1: Any, W2: Any, y: Any) -> None:
        a1 = node("a1", torch.sigmoid(node("z1", W1 @ x)))
        yhat = node("yhat", torch.softmax(node("z2", W2 @ a1), 0))
        node("L", ((yhat - y) ** 2).sum())

    W1 = np.array([[0.1, 0.3, 0.8, -0.4], [-0.3, -0.2, 0.5, 0.5], [-0.3, 0.0, 0.5, 0.4], [0.2, 0.5, -0.9, 0.7]])
    W2 = np.array([[0.5, 0.8, 0.2, 0.4], [0.5, 0.2, 0.3, -0.5]])
    return Tape(forward, {"x": np.array([2.0, 5.0, 3.0, 3.0]), "W1": W1, "W2": W2, "y": np.array([1.0, 0.0])})


def four_contributions() -> dict[tuple[int, int], float]:
    """What each path of the first-layer weight from input 1 to unit 3 adds to its gradient, by (output i, pre-activation j)."""
    tape = softmax_network()
    shared = tape.answer("da1_dz1")[2, 2] * tape.answer("dz1_dW1")[2, 2, 0]
    into, softmax, out = tape.answer("dz2_da1")[:, 2], tape.answer("dyhat_dz2"), tape.answer("dL_dyhat")
    return {(i + 1, j + 1): float(out[i] * softmax[i, j] * into[j] * shared) for i in range(2) for j in range(2)}


# --- the figures ------------------------------------------------------------------------------------------------------------


@described(
    "The training loop as four boxes in a ring, clockwise. 1 Forward: the input x and the parameters theta give the prediction y-hat. "
    "2 Loss: y-hat and the target y give one number L. 3 Backward: the chain rule gives the gradients of L with respect to theta, and "
    "changes nothing. 4 Update: theta becomes theta minus alpha times those gradients; nothing is differentiated here. Solid arrows "
    "carry values from 1 to 2, dashed arrows carry gradients from 2 through 3 to 4, and a dash-dotted arrow carries the new theta "
    "from 4 back to 1."
)
def training_loop() -> Figure:
    """The training loop: forward, loss, backward, update, and round again."""
    figure, axes = canvas(800, 400)
    steps = {
        "forward": ((205, 95), "1  Forward", r"$\hat{y} = f(x;\,\theta)$", "compute and keep the values"),
        "loss": ((595, 95), "2  Loss", r"$L = L(\hat{y},\, y)$", "one number: how wrong?"),
        "backward": ((595, 305), "3  Backward", r"$\partial L/\partial\theta$ by the chain rule", r"computes gradients, changes nothing"),
        "update": ((205, 305), "4  Update", r"$\theta \leftarrow \theta - \alpha\,\partial L/\partial\theta$", "uses gradients, computes none"),
    }
    boxes = {name: _step(axes, *step) for name, step in steps.items()}
    _labelled(axes, arrow(axes, boxes["forward"], boxes["loss"]), r"$\hat{y}$", (0, -16), BLUE)
    _labelled(axes, arrow(axes, boxes["loss"], boxes["backward"], BACKWARD), r"$\partial L/\partial\hat{y}$", (38, 0), VERMILLION)
    _labelled(axes, arrow(axes, boxes["backward"], boxes["update"], BACKWARD), r"$\partial L/\partial\theta$", (0, -18), VERMILLION)
    _labelled(axes, arrow(axes, boxes["update"], boxes["forward"], UPDATE), r"new $\theta$", (-40, 0), GREEN)
    arrow(axes, given(axes, (32, 95), "$x$", 36), boxes["forward"])
    arrow(axes, given(axes, (768, 95), "$y$", 36), boxes["loss"])
    key(axes, 318, 174, [(FORWARD, "values"), (BACKWARD, "gradients"), (UPDATE, "new parameters")])
    return figure


@described(
    "The 1-2-1 network. The input x feeds two hidden units, through the weights w_1^[1] and w_2^[1]; each hidden unit k adds its bias "
    "b_k^[1] to make the pre-activation z_k^[1] and turns that into the activation a_k^[1]. Both activations feed the output unit, "
    "through the weights w_1^[2] and w_2^[2]; it adds the bias b_1^[2] to make z_1^[2] and turns that into the prediction y-hat. "
    "Prediction and target y give the loss L. The seven parameters are the grey boxes."
)
def one_two_one() -> Figure:
    """The 1-2-1 network with its seven parameters."""
    figure, axes = canvas(800, 420)
    columns = [["x"], ["b1", "unit 1", "unit 2", "b2"], ["b", "output", None], [None, "L", "y"]]
    at = layered(columns, (50, 300, 555, 735), middle=200, row=100)
    x = given(axes, at["x"], "$x$")
    hidden = [unit(axes, at[f"unit {k}"], f"$z_{k}^{{[1]}}$", f"$a_{k}^{{[1]}}$") for k in (1, 2)]
    output = unit(axes, at["output"], "$z_1^{[2]}$", r"$\hat{y}$")
    end = loss(axes, at["L"])
    for k, node in enumerate(hidden, 1):
        bias = parameter(axes, at[f"b{k}"], f"$b_{k}^{{[1]}}$")
        arrow(axes, bias, node)
        _weight(axes, arrow(axes, x, node), f"$w_{k}^{{[1]}}$")
        _weight(axes, arrow(axes, node, output), f"$w_{k}^{{[2]}}$")
    arrow(axes, parameter(axes, at["b"], "$b_1^{[2]}$"), output)
    arrow(axes, output, end)
    arrow(axes, given(axes, at["y"], "$y$"), end)
    for left, words in ((50, "input"), (300, "hidden layer, $l = 1$"), (555, "output layer, $l = 2$"), (735, "loss")):
        write(axes, left, 402, words, SMALL, QUIET)
    return figure


@described(
    "The 1-2-1 network as a computation graph, every edge labelled with its local derivative. Into z_k^[1], for k = 1 and 2: from x, "
    "w_k^[1]; from w_k^[1], x; from b_k^[1], 1. From z_k^[1] to a_k^[1]: a_k^[1] (1 - a_k^[1]). Into z_1^[2]: from a_k^[1], w_k^[2]; "
    "from w_k^[2], a_k^[1]; from b_1^[2], 1. From z_1^[2] to y-hat: y-hat (1 - y-hat). From y-hat to L: "
    "minus y over y-hat, plus (1 - y) over (1 - y-hat)."
)
def one_two_one_edges() -> Figure:
    """The 1-2-1 network as a computation graph, a local derivative on every edge."""
    figure, axes = canvas(800, 580)
    columns = [
        ["w_1^{[1]}", "b_1^{[1]}", "x", "b_2^{[1]}", "w_2^{[1]}"],
        ["z_1^{[1]}", None, "z_2^{[1]}"],
        ["w_1^{[2]}", "a_1^{[1]}", "b_1^{[2]}", "a_2^{[1]}", "w_2^{[2]}"],
        ["z_1^{[2]}"],
        [r"\hat{y}"],
        ["L"],
    ]
    at = layered(columns, (34, 225, 385, 575, 668, 768), middle=290, row=124)
    nodes = {name: _graph_node(axes, name, place) for name, place in at.items()}
    for start, end, slope, t, offset in _one_two_one_slopes():
        top = end.replace("_1^{[2]}", "^{[2]}")
        curve = arrow(axes, nodes[start], nodes[end])
        words = rf"$\frac{{\partial {top}}}{{\partial {start}}} = {slope}$"
        x, y = curve.at(t)
        write_over(axes, x + offset[0], y + offset[1], words, MATHS)
    return figure


@described(
    "x forks into g(x) and h(x), which join again in f(g, h). The upper path, through g, is worth (partial f / partial g) times dg/dx; "
    "the lower path, through h, is worth (partial f / partial h) times dh/dx. df/dx is the sum of the two products: multiply along a "
    "path, add over paths."
)
def several_paths() -> Figure:
    """Two paths from x to f: multiply along each path, add the two products."""
    figure, axes = canvas(800, 380)
    at = layered([["x"], ["g", "h"], ["f"]], (90, 400, 710), middle=160, row=170)
    start, end = given(axes, at["x"], "$x$", 46), computed(axes, at["f"], "$f(g, h)$", 15, 66)
    for name, side, stroke in (("g", -1, PATHS[0]), ("h", 1, PATHS[1])):
        middle = computed(axes, at[name], f"${name}(x)$", 15, 54)
        first, second = arrow(axes, start, middle, stroke), arrow(axes, middle, end, stroke)
        _labelled(axes, first, rf"$\dfrac{{d{name}}}{{dx}}$", (-22, side * 24))
        _labelled(axes, second, rf"$\dfrac{{\partial f}}{{\partial {name}}}$", (22, side * 24))
    return figure


def _step(axes: Axes, at: Point, name: str, equation: str, words: str) -> Node:
    """A step of the training loop: its name, its equation, and what it does in words."""
    node = Node(*at, 262, 112, box=True)
    outline(axes, node)
    write(axes, node.x, node.y - 34, name, MATHS, fontweight="bold")
    write(axes, node.x, node.y, equation, 18)
    write(axes, node.x, node.y + 34, words, SMALL, QUIET)
    return node


def _labelled(axes: Axes, curve: Curve, words: str, offset: Point, colour: str = INK, t: float = 0.5, size: float = MATHS) -> None:
    """A label beside an arrow."""
    x, y = curve.at(t)
    write(axes, x + offset[0], y + offset[1], words, size, colour)


def _weight(axes: Axes, curve: Curve, words: str) -> None:
    """A weight's grey box on the arrow that it weighs."""
    parameter(axes, curve.at(0.46), words)
