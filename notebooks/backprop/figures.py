"""The course's figures: a function each, a name and a description in words for those who do not see it.

Every number in a figure is PyTorch's. `python -m autograder.draw` writes them all to img/.
"""

import textwrap
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import networkx as nx
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .check import examine
from .drawing import (
    BACKWARD,
    BLUE,
    BYSTANDER,
    FORWARD,
    GREEN,
    INK,
    LARGE,
    MATHS,
    PATHS,
    QUIET,
    SMALL,
    UPDATE,
    VERMILLION,
    Node,
    Point,
    Shaft,
    Stroke,
    arrow,
    canvas,
    computed,
    given,
    key,
    layered,
    loss,
    number,
    outline,
    parallel,
    parameter,
    readings,
    style,
    svg,
    there_and_back,
    unit,
    write,
    write_over,
)
from .exercise import PUBLIC_SAMPLES, PUBLIC_SEED
from .exercises import computation_graph
from .lazy import torch
from .networks import DEEP, FOUR_FOUR_TWO, LOGISTIC, ONE_TWO_ONE, RELU, Network
from .report import MARKS, Report
from .tape import Forward, Tape
from .trace import trace

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


def logistic_numbers() -> tuple[dict[str, float], dict[str, float]]:
    """Values and gradients of logistic regression on one example."""
    return measured(LOGISTIC.forward, LOGISTIC.inputs)


def relu_numbers() -> tuple[dict[str, float], dict[str, float]]:
    """Values and gradients of one ReLU neuron whose output is the end of the graph."""
    return measured(RELU.forward, RELU.inputs)


def measured(forward: Forward, inputs: Mapping[str, float]) -> tuple[dict[str, float], dict[str, float]]:
    """Each scalar node's value and its gradient, by PyTorch."""
    traced = trace(forward, inputs)
    return dict(traced.values), dict(traced.gradients)


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
        "forward": ((214, 95), "1  Forward", r"$\hat{y} = f(x;\,\theta)$", "compute and keep the values"),
        "loss": ((586, 95), "2  Loss", r"$L = L(\hat{y},\, y)$", "one number: how wrong?"),
        "backward": ((586, 305), "3  Backward", r"$\partial L/\partial\theta$ by the chain rule", "computes gradients, changes nothing"),
        "update": (
            (214, 305),
            "4  Update",
            r"$\theta \leftarrow \theta - \alpha\,\partial L/\partial\theta$",
            "uses gradients, computes none",
        ),
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
    figure, axes = canvas(800, 440)
    columns = [["x"], ["b1", "unit 1", "unit 2", "b2"], ["b", "output", None], [None, "L", "y"]]
    at = layered(columns, (50, 300, 555, 735), middle=205, row=112)
    x = given(axes, at["x"], "$x$")
    hidden = [unit(axes, at[f"unit {k}"], f"$z_{k}^{{[1]}}$", f"$a_{k}^{{[1]}}$") for k in (1, 2)]
    output = unit(axes, at["output"], "$z_1^{[2]}$", r"$\hat{y}$")
    end = loss(axes, at["L"])
    for k, node in enumerate(hidden, 1):
        bias = parameter(axes, at[f"b{k}"], f"$b_{k}^{{[1]}}$")
        arrow(axes, bias, node)
        _weight(axes, arrow(axes, x, node), f"$w_{k}^{{[1]}}$", 0.52)
        _weight(axes, arrow(axes, node, output), f"$w_{k}^{{[2]}}$", 0.42)
    arrow(axes, parameter(axes, at["b"], "$b_1^{[2]}$"), output)
    arrow(axes, output, end)
    arrow(axes, given(axes, at["y"], "$y$"), end)
    parameter(axes, (655, 45), "", 28)
    write(axes, 678, 45, "parameter", SMALL, QUIET, ha="left")
    for left, words in ((50, "input"), (300, "hidden layer, $l = 1$"), (555, "output layer, $l = 2$"), (735, "loss")):
        write(axes, left, 420, words, SMALL, QUIET)
    return figure


@described(
    "The 1-2-1 network as a computation graph, every edge labelled with its local derivative. Into z_k^[1], for k = 1 and 2: from x, "
    "w_k^[1]; from w_k^[1], x; from b_k^[1], 1. From z_k^[1] to a_k^[1]: a_k^[1] (1 - a_k^[1]). Into z_1^[2]: from a_k^[1], w_k^[2]; "
    "from w_k^[2], a_k^[1]; from b_1^[2], 1. From z_1^[2] to y-hat: y-hat (1 - y-hat). From y-hat to L: "
    "minus y over y-hat, plus (1 - y) over (1 - y-hat)."
)
def one_two_one_edges() -> Figure:
    """The 1-2-1 network as a computation graph, a local derivative on every edge."""
    figure, axes = canvas(*ONE_TWO_ONE.size)
    nodes = {label: _shape_of(axes, ONE_TWO_ONE, name) for name, label in ONE_TWO_ONE.labels.items() if name != "y"}
    for start, end, slope, t, offset in _one_two_one_slopes():
        shaft = arrow(axes, nodes[start], nodes[end])
        words = rf"$\dfrac{{\partial {end}}}{{\partial {start}}} = {slope}$"
        x, y = shaft.at(t)
        write_over(axes, x + offset[0], y + offset[1], words, MATHS)
    return figure


@described(
    "x forks into g(x) and h(x), which join again in y = f(g, h). The upper path, solid, through g, is worth (partial y / partial g) times "
    "dg/dx; the lower path, dashed, through h, is worth (partial y / partial h) times dh/dx. dy/dx is the sum of the two products: "
    "multiply along a path, add over paths."
)
def several_paths() -> Figure:
    """Two paths from x to y: multiply along each path, add the two products."""
    figure, axes = canvas(800, 400)
    at = layered([["x"], ["g", "h"], ["y"]], (90, 400, 710), middle=130, row=160)
    start, end = given(axes, at["x"], "$x$", 46), computed(axes, at["y"], "$y$", diameter=56)
    products = {}
    for name, side, stroke in (("g", -1, PATHS[0]), ("h", 1, PATHS[1])):
        middle = computed(axes, at[name], f"${name}(x)$", diameter=56)
        first, second = rf"\dfrac{{d{name}}}{{dx}}", rf"\dfrac{{\partial y}}{{\partial {name}}}"
        _labelled(axes, arrow(axes, start, middle, stroke), f"${first}$", (-18, side * 26))
        _labelled(axes, arrow(axes, middle, end, stroke), f"${second}$", (18, side * 26))
        products[name] = (rf"${second}\cdot{first}$", stroke)
    _sum_of_two(axes, r"$\dfrac{dy}{dx}\;=$", products)
    return figure


@described(
    "Logistic regression on one example as a computation graph, each node with its value above and the gradient of L below. "
    "x1 = 1.5 with gradient 1.5102 and w1 = -4 with gradient -0.5663 meet in w1 x1 = -6 with gradient -0.3775. "
    "x2 = 2.5 with gradient -1.1326 and w2 = 3 with gradient -0.9439 meet in w2 x2 = 7.5 with gradient -0.3775. "
    "Both products and b = -1 with gradient -0.3775 add up to z = 0.5 with gradient -0.3775. "
    "z gives y-hat = 0.6225 with gradient -1.6065; y-hat and y = 1 give L = 0.4741 with gradient 1."
)
def logistic_graph() -> Figure:
    """Logistic regression as a computation graph: values above the nodes, gradients below."""
    values, gradients = logistic_numbers()
    figure, axes = canvas(*LOGISTIC.size)
    nodes = {name: _shape_of(axes, LOGISTIC, name) for name in LOGISTIC.places if name != "y"}
    edges = ["x1 p1", "w1 p1", "x2 p2", "w2 p2", "p1 z", "b z", "p2 z", "z yhat", "yhat L"]
    _graph(axes, nodes, edges, values, gradients)
    target = _shape_of(axes, LOGISTIC, "y")
    arrow(axes, target, nodes["L"])
    readings(axes, target, values["y"], None)
    key(axes, 400, 400, FORWARD_AND_BACKWARD)
    return figure


@described(
    "One ReLU neuron as a computation graph, each node with its value above and the gradient of the output a below. "
    "x1 = 1 with gradient -3 and w1 = -3 with gradient 1 meet in w1 x1 = -3; x2 = -2 with gradient -1 and w2 = -1 with gradient -2 meet "
    "in w2 x2 = 2; x3 = 3 with gradient 2 and w3 = 2 with gradient 3 meet in w3 x3 = 6. The three products and b = 1 with gradient 1 "
    "add up to z = 6; ReLU gives a = 6. The gradient that arrives at a is 1, and it is 1 at a, at z, at b and at each product."
)
def relu_neuron() -> Figure:
    """A ReLU neuron as a computation graph: values above the nodes, gradients below."""
    values, gradients = relu_numbers()
    figure, axes = canvas(*RELU.size)
    nodes = {name: _shape_of(axes, RELU, name) for name in RELU.places}
    edges = ["x1 p1", "w1 p1", "x2 p2", "w2 p2", "x3 p3", "w3 p3", "p1 z", "p2 z", "b z", "p3 z", "z a"]
    arrows = _graph(axes, nodes, edges, values, gradients)
    _labelled(axes, arrows["z a"], "ReLU", (0, -18), QUIET, size=SMALL)
    key(axes, 470, 520, FORWARD_AND_BACKWARD)
    return figure


@described(
    "The 4-4-2 softmax network with the four paths from the weight w_{1->3}^[1], which leads from input 1 to hidden unit 3, to the loss. "
    "Each path runs through a_3^[1], one of the two pre-activations z_1^[2] and z_2^[2], and one of the two outputs y-hat_1 and y-hat_2: "
    "softmax makes every output depend on every pre-activation. Contributions to the gradient: path 1, through z_1 and y-hat_1, -0.003159; "
    "path 2, through z_2 and y-hat_1, +0.004739; path 3, through z_1 and y-hat_2, -0.003159; path 4, through z_2 and y-hat_2, +0.004739. "
    "Their sum, the gradient, is +0.003159."
)
def four_paths() -> Figure:
    """Four paths lead from one first-layer weight through softmax to the loss, and their contributions add."""
    figure, axes = canvas(800, 565)
    nodes = _four_four_two(axes)
    route = nx.DiGraph([("x1", "a3"), ("a3", "z1"), ("a3", "z2")])
    route.add_edges_from((f"z{j}", f"yhat{i}") for i in (1, 2) for j in (1, 2))
    route.add_edges_from([("yhat1", "L"), ("yhat2", "L")])
    paths = sorted(nx.all_simple_paths(route, "x1", "L"), key=lambda path: path[::-1])
    parallel(axes, nodes, paths)
    parameter(axes, _between(nodes["x1"], nodes["a3"], 0.5), r"$w_{1\to 3}^{[1]}$", 58)
    for place, path in enumerate(paths, 1):
        write_over(axes, *_between(nodes[path[2]], nodes[path[3]], 0.32), str(place), SMALL, fontweight="bold")
    write(axes, 540, 100, "softmax", SMALL, QUIET)
    _table_of_paths(axes, paths)
    return figure


@described(
    "A node u is used twice, by p and by q, and both lead on to the loss L. Forward, u's value is copied along both edges. Backward, p "
    "sends back (partial L / partial p) times (partial p / partial u), q sends back (partial L / partial q) times (partial q / partial u), "
    "and the gradient at u is their sum."
)
def fork_adds() -> Figure:
    """Where the forward pass forks, the gradients that come back add."""
    figure, axes = canvas(640, 310)
    at = layered([["u"], ["p", "q"], ["L"]], (80, 350, 570), middle=115, row=140)
    nodes = {name: computed(axes, at[name], f"${name}$") for name in ("u", "p", "q")} | {"L": loss(axes, at["L"])}
    for name, side in (("p", -1), ("q", 1)):
        _, back = there_and_back(axes, nodes["u"], nodes[name], apart=8.0 * side)
        there_and_back(axes, nodes[name], nodes["L"], apart=8.0 * side)
        words = rf"$\dfrac{{\partial L}}{{\partial {name}}}\,\dfrac{{\partial {name}}}{{\partial u}}$"
        _labelled(axes, back, words, (-14, side * 32), VERMILLION)
    total = r"$\dfrac{\partial L}{\partial u} \;=\; \dfrac{\partial L}{\partial p}\,\dfrac{\partial p}{\partial u} \;+\; "
    write(axes, 210, 265, total + r"\dfrac{\partial L}{\partial q}\,\dfrac{\partial q}{\partial u}$", LARGE)
    key(axes, 430, 252, [(FORWARD, "forward: copy"), (BACKWARD, "backward: add")])
    return figure


@described(
    "A deep network in which the first-layer weight w_{1->1}^[1] reaches the loss by three paths. It feeds hidden unit a_1^[1], which "
    "feeds three units of the next layer: a_1^[2] by w_{1->1}^[2], a_2^[2] by w_{1->2}^[2] and a_3^[2] by w_{1->3}^[2]. These feed the one "
    "output y-hat by w_{1->1}^[3], w_{2->1}^[3] and w_{3->1}^[3], and y-hat gives L. Path 1 is solid, path 2 dashed, path 3 dash-dotted; "
    "the gradient is the sum over the three. A second input and a second hidden unit, in grey, lie on none of the paths."
)
def deep_paths() -> Figure:
    """Three paths lead from one first-layer weight of a deep network to the loss."""
    figure, axes = canvas(800, 480)
    columns, at = DEEP.columns, layered(DEEP.columns, DEEP.xs, DEEP.middle, DEEP.row)
    nodes = {name: given(axes, at[name], f"$x_{name[1]}$", colour=QUIET if name == "x2" else INK) for name in columns[0]}
    nodes |= {name: computed(axes, at[name], f"$a_{name[1]}^{{[1]}}$", colour=QUIET if name == "h2" else INK) for name in columns[1]}
    nodes |= {name: computed(axes, at[name], f"$a_{name[1]}^{{[2]}}$") for name in columns[2]}
    nodes |= {"yhat": computed(axes, at["yhat"], r"$\hat{y}$"), "L": loss(axes, at["L"])}
    for start, end in (("x1", "h2"), ("x2", "h1"), ("x2", "h2"), ("h2", "k1"), ("h2", "k2"), ("h2", "k3")):
        arrow(axes, nodes[start], nodes[end], BYSTANDER)
    parallel(axes, nodes, [("x1", "h1", f"k{k}", "yhat", "L") for k in (1, 2, 3)])
    parameter(axes, _between(nodes["x1"], nodes["h1"], 0.5), r"$w_{1\to 1}^{[1]}$", 58)
    for k in (1, 2, 3):
        parameter(axes, _between(nodes["h1"], nodes[f"k{k}"], 0.62), rf"$w_{{1\to {k}}}^{{[2]}}$", 58)
        parameter(axes, _between(nodes[f"k{k}"], nodes["yhat"], 0.45), rf"$w_{{{k}\to 1}}^{{[3]}}$", 58)
    write(axes, 400, 432, _sum_over_three(), LARGE)
    return figure


@described(
    "A chain of four nodes, x, u = x squared, v = e to the u, y = e to the v. Forward arrows lead from each to the next; backward arrows "
    "carry the local slopes du/dx, dv/du and dy/dv. Beneath: dy/dx is the product of the three."
)
def chain_links() -> Figure:
    """A long chain, link by link: a local slope for every arrow, and their product."""
    figure, axes = canvas(800, 250)
    at = layered([["x"], ["u"], ["v"], ["y"]], (70, 290, 510, 730), middle=70, row=0)
    nodes = {"x": given(axes, at["x"], "$x$")} | {name: computed(axes, at[name], f"${name}$") for name in ("u", "v", "y")}
    for start, end, rule in (("x", "u", "u = x^2"), ("u", "v", "v = e^u"), ("v", "y", "y = e^v")):
        there, back = there_and_back(axes, nodes[start], nodes[end])
        _labelled(axes, there, f"${rule}$", (0, -20), BLUE)
        _labelled(axes, back, rf"$\dfrac{{d{end}}}{{d{start}}}$", (0, 34), VERMILLION)
    product = r"\dfrac{dy}{dv} \cdot \dfrac{dv}{du} \cdot \dfrac{du}{dx}"
    write(axes, 300, 203, rf"$\dfrac{{dy}}{{dx}} \;=\; {product}$", LARGE)
    key(axes, 590, 190, [(FORWARD, "forward: values"), (BACKWARD, "backward: slopes")])
    return figure


# --- for the README -----------------------------------------------------------------------------------------------------------


def failing_report() -> Report:
    """What the check of the logistic graph says to someone who multiplies by the wrong operand."""
    exercise = computation_graph.logistic_graph
    mistake = next(mistake for mistake in exercise.mistakes if mistake.id == "own-operand")

    def answer(*inputs: float) -> dict[str, np.ndarray]:
        return exercise.mistaken(mistake, exercise.measure(dict(zip(exercise.inputs(), inputs))))

    return examine(exercise, answer, seed=PUBLIC_SEED, samples=PUBLIC_SAMPLES, rtol=exercise.rtol)


@described(
    "The report of a real check that failed. Under the headline, logistic_graph: 3 of 5 right, tried on 6 inputs, a table has a row for "
    "each gradient, with the learner's value, PyTorch's value and the verdict: the gradients at y-hat, z and b are right, the one of w1 is "
    "the first wrong link, the one of w2 is wrong. Under the table it says: A multiply node hands each input the OTHER input's value. "
    "Yours look multiplied by the weight itself. Then come the inputs with which this was seen."
)
def failing_check() -> Figure:
    """The report of a check that failed, as a learner reads it."""
    report = failing_report()
    lines = [line for words in report.advice for line in textwrap.wrap(words, 92)]
    figure, axes = canvas(800, 110 + 30 * len(report.rows) + 26 * len(lines))
    write(axes, 40, 34, f"✗ {report.headline}", MATHS, ha="left", fontweight="bold")
    y = 72.0
    for x, head in ((40, "link"), (230, "yours"), (390, "PyTorch"), (440, "verdict")):
        write(axes, x, y, head, SMALL, QUIET, ha="left" if x in (40, 440) else "right")
    for row in report.rows:
        y += 30
        mark, colour = MARKS[row.kind]
        write(axes, 40, y, row.link, family="monospace", ha="left")
        write(axes, 230, y, row.yours, family="monospace", ha="right")
        write(axes, 390, y, row.truth, family="monospace", ha="right")
        write(axes, 440, y, mark, MATHS, colour)
        write(axes, 458, y, row.verdict, ha="left")
    y += 12
    for line in lines:
        y += 26
        write(axes, 40, y, line, ha="left")
    return figure


# --- what several figures need ----------------------------------------------------------------------------------------------


def _step(axes: Axes, at: Point, name: str, equation: str, words: str) -> Node:
    """A step of the training loop: its name, its equation, and what it does in words."""
    node = Node(*at, 272, 112, box=True)
    outline(axes, node)
    write(axes, node.x, node.y - 34, name, MATHS, fontweight="bold")
    write(axes, node.x, node.y, equation, 18)
    write(axes, node.x, node.y + 34, words, SMALL, QUIET)
    return node


def _labelled(axes: Axes, shaft: Shaft, words: str, offset: Point, colour: str = INK, t: float = 0.5, size: float = MATHS) -> None:
    """A label beside an arrow."""
    x, y = shaft.at(t)
    write(axes, x + offset[0], y + offset[1], words, size, colour)


def _weight(axes: Axes, shaft: Shaft, words: str, t: float) -> None:
    """A weight's grey box on the arrow that it weighs."""
    parameter(axes, shaft.at(t), words)


def _between(start: Node, end: Node, t: float) -> Point:
    """The point a fraction `t` of the way from one node to another."""
    return start.x + t * (end.x - start.x), start.y + t * (end.y - start.y)


def _sum_of_two(axes: Axes, total: str, products: Mapping[str, tuple[str, Stroke]]) -> None:
    """The sum of the products, under each the look of its path."""
    write(axes, 245, 310, total, LARGE)
    write(axes, 415, 310, "$+$", LARGE)
    for x, (name, (product, stroke)) in zip((330, 500), products.items()):
        write(axes, x, 310, product, LARGE)
        arrow(axes, Node(x - 45, 353, 0, 0), Node(x + 45, 353, 0, 0), stroke)
        write(axes, x, 374, f"the path through ${name}$", SMALL, QUIET)


def _shape_of(axes: Axes, network: Network, name: str) -> Node:
    """A network's node in its place, in the shape of what it is."""
    shape = parameter if name in network.parameters else given if name in network.inputs else loss if name == "L" else computed
    place = network.places[name]
    return shape(axes, (place.x, place.y), f"${network.labels[name]}$")


def _graph(
    axes: Axes, nodes: Mapping[str, Node], edges: Sequence[str], values: Mapping[str, float], gradients: Mapping[str, float]
) -> dict[str, Shaft]:
    """Arrows there and back along every edge, a value above and a gradient below every node; the forward arrows by edge."""
    arrows = {edge: there_and_back(axes, *(nodes[name] for name in edge.split()))[0] for edge in edges}
    for name, node in nodes.items():
        readings(axes, node, values[name], gradients[name])
    return arrows


def _one_two_one_slopes() -> list[tuple[str, str, str, float, Point]]:
    """Each edge of the 1-2-1 graph: from, to, local derivative, and where its label goes."""
    z, yhat = "z_1^{[2]}", r"\hat{y}"
    slopes = [
        ("b_1^{[2]}", z, "1", 0.42, (0.0, 0.0)),
        (z, yhat, rf"{yhat}(1-{yhat})", 0.5, (8.0, -52.0)),
        (yhat, "L", rf"-\dfrac{{y}}{{{yhat}}}+\dfrac{{1-y}}{{1-{yhat}}}", 0.5, (-4.0, 54.0)),
    ]
    for k, up in ((1, -1), (2, 1)):
        w, b, before, a, out = f"w_{k}^{{[1]}}", f"b_{k}^{{[1]}}", f"z_{k}^{{[1]}}", f"a_{k}^{{[1]}}", f"w_{k}^{{[2]}}"
        slopes += [
            (w, before, "x", 0.5, (44.0, up * 22.0)),
            (b, before, "1", 0.42, (0.0, 0.0)),
            ("x", before, w, 0.5, (58.0, -up * 16.0)),
            (before, a, f"{a}(1-{a})", 0.5, (0.0, up * 56.0)),
            (a, z, out, 0.33, (0.0, 0.0)),
            (out, z, a, 0.27, (54.0, up * 14.0)),
        ]
    return slopes


def _four_four_two(axes: Axes) -> dict[str, Node]:
    """The 4-4-2 network's nodes, and in the background the edges on none of the four paths."""
    columns, at = FOUR_FOUR_TWO.columns, layered(FOUR_FOUR_TWO.columns, FOUR_FOUR_TWO.xs, middle=175, row=92)  # a table goes below
    nodes = {name: given(axes, at[name], f"$x_{name[1]}$", colour=INK if name == "x1" else QUIET) for name in columns[0]}
    nodes |= {name: computed(axes, at[name], f"$a_{name[1]}^{{[1]}}$", colour=INK if name == "a3" else QUIET) for name in columns[1]}
    nodes |= {name: computed(axes, at[name], f"$z_{name[1]}^{{[2]}}$") for name in columns[2]}
    nodes |= {name: computed(axes, at[name], rf"$\hat{{y}}_{name[-1]}$") for name in columns[3]} | {"L": loss(axes, at["L"])}
    for left, right in ((columns[0], columns[1]), (columns[1], columns[2])):
        for start in left:
            for end in right:
                if (start, end) != ("x1", "a3") and start != "a3":
                    arrow(axes, nodes[start], nodes[end], BYSTANDER)
    return nodes


def _table_of_paths(axes: Axes, paths: Sequence[Sequence[str]]) -> None:
    """The four paths in words, a line each with what it contributes, and the sum."""
    contributions = four_contributions()
    for place, path in enumerate(paths):
        height, j, i = 392 + 32 * place, path[2][-1], path[3][-1]
        arrow(axes, Node(90, height, 0, 0), Node(160, height, 0, 0), PATHS[place])
        write(axes, 185, height, str(place + 1), SMALL, fontweight="bold")
        route = rf"$x_1 \to a_3^{{[1]}} \to z_{j}^{{[2]}} \to \hat{{y}}_{i} \to L$"
        write(axes, 220, height, route, MATHS, ha="left")
        write(axes, 640, height, f"${number(contributions[int(i), int(j)], 6, '+')}$", MATHS, ha="right")
    axes.plot([90, 640], [508, 508], color=INK, linewidth=0.75)
    write(axes, 220, 535, r"$\partial L/\partial w_{1\to 3}^{[1]}$, the sum", MATHS, ha="left")
    write(axes, 640, 535, f"${number(sum(contributions.values()), 6, '+')}$", MATHS, ha="right")


def _sum_over_three() -> str:
    """The gradient of the deep network's first weight as a sum over its three paths."""
    links = (r"\hat{y}", "L"), ("a_k^{[2]}", r"\hat{y}"), ("a_1^{[1]}", "a_k^{[2]}"), (r"w_{1\to 1}^{[1]}", "a_1^{[1]}")
    product = r"\,".join(rf"\dfrac{{\partial {top}}}{{\partial {bottom}}}" for bottom, top in links)
    return rf"$\dfrac{{\partial L}}{{\partial w_{{1\to 1}}^{{[1]}}}} \;=\; \sum_{{k=1}}^{{3}}\; {product}$"


from . import (  # noqa: E402  (they enter their figures here, once all that they need is there)
    figures_engine,  # noqa: F401
    figures_find_the_bug,  # noqa: F401
    figures_layers,  # noqa: F401
)
