"""The networks of figures and pictures: what they
compute, and where their nodes are, the same in both.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from ..autodiff.lazy import torch
from ..autodiff.tape import Forward
from ..autodiff.trace import Edge, Trace, trace
from ..drawing.shapes import Node, Point, layered
from ..exercise import Exercise
from ..exercises import computation_graph, one_two_one_network

Columns = Sequence[Sequence[str | None]]


@dataclass(frozen=True, eq=False)
class Network:
    """A network of single numbers, drawn in columns.

    title       what it is, in words
    forward     forward(node, *inputs) in torch; every node is a number, the last one is the output
    inputs      the numbers it starts from, by name, in the order in which forward takes them
    columns, xs, middle, row, size
                the layout: column i stands at xs[i], centred on `middle`, `row` apart, on paper of
                this size, in pixels
    labels      each node's name as mathematics, without the dollars
    parameters  the inputs that training changes
    apart       places of nodes that are in no column
    on_edges    parameters drawn on the edge that they weigh: name -> (from, to)
    ranges      how far each input may be moved; the others from -8 to 8
    formulas    what each computed node is, from the nodes that lead to it, as a Python expression
                with log, exp, sigmoid and relu
    exercise    the exercise whose answers are gradients of this network, under the same names
    """

    title: str
    forward: Forward
    inputs: Mapping[str, float]
    columns: Columns
    xs: Sequence[float]
    middle: float
    row: float
    size: tuple[float, float]
    labels: Mapping[str, str]
    parameters: Sequence[str]
    apart: Mapping[str, Point] = field(default_factory=dict)
    on_edges: Mapping[str, Edge] = field(default_factory=dict)
    ranges: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    formulas: Mapping[str, str] = field(default_factory=dict)
    exercise: Exercise | None = None

    @property
    def names(self) -> list[list[str]]:
        """The nodes of each column, without the gaps."""
        return [[name for name in column if name is not None] for column in self.columns]

    @cached_property
    def places(self) -> dict[str, Node]:
        """The outline of every node that is drawn."""
        at = layered(self.columns, self.xs, self.middle, self.row) | dict(self.apart)
        return {name: self._outline(name, place) for name, place in at.items()}

    @cached_property
    def output(self) -> str:
        """The name of the last node."""
        return list(self.trace({}).values)[-1]

    def trace(self, changes: Mapping[str, float]) -> Trace:
        """Values, gradients and slopes, with some of the inputs changed."""
        return trace(self.forward, dict(self.inputs) | dict(changes))

    def range(self, name: str) -> tuple[float, float]:
        """The smallest and the largest number that an input may be."""
        return self.ranges.get(name, (-8.0, 8.0))

    def _outline(self, name: str, at: Point) -> Node:
        if name not in self.inputs:
            return Node(*at, 46, 46)
        return Node(*at, 46 if name in self.parameters else 42, 34, box=True)


def _log_loss(y: Any, yhat: Any) -> Any:
    return -(y * torch.log(yhat) + (1 - y) * torch.log(1 - yhat))


def _relu(node: Any, x1: Any, w1: Any, x2: Any, w2: Any, x3: Any, w3: Any, b: Any) -> None:
    z = node("z", node("p1", w1 * x1) + node("p2", w2 * x2) + node("p3", w3 * x3) + b)
    node("a", torch.relu(z))


def _four_four_two(node: Any, *numbers: Any) -> None:
    """Sigmoid hidden units, softmax output, squared error,
    no biases; `numbers` as in FOUR_FOUR_TWO.inputs.
    """
    given = dict(zip(_FOUR_FOUR_TWO, numbers))
    a = [node(f"a{k}", torch.sigmoid(sum(given[f"w1_{k}{j}"] * given[f"x{j}"] for j in range(1, 5)))) for k in range(1, 5)]
    z = [node(f"z{i}", sum(given[f"w2_{i}{k}"] * a[k - 1] for k in range(1, 5))) for i in (1, 2)]
    yhat = [node(f"yhat{i}", torch.softmax(torch.stack(z), 0)[i - 1]) for i in (1, 2)]
    node("L", (yhat[0] - given["y1"]) ** 2 + (yhat[1] - given["y2"]) ** 2)


def _deep(
    node: Any,
    x1: Any,
    x2: Any,
    w11: Any,
    w12: Any,
    w21: Any,
    w22: Any,
    u1: Any,
    u2: Any,
    u3: Any,
    t1: Any,
    t2: Any,
    t3: Any,
    v1: Any,
    v2: Any,
    v3: Any,
    y: Any,
) -> None:
    h1 = node("h1", torch.sigmoid(w11 * x1 + w21 * x2))
    h2 = node("h2", torch.sigmoid(w12 * x1 + w22 * x2))
    k = [node(f"k{i}", torch.sigmoid(u * h1 + t * h2)) for i, (u, t) in enumerate(((u1, t1), (u2, t2), (u3, t3)), 1)]
    yhat = node("yhat", torch.sigmoid(v1 * k[0] + v2 * k[1] + v3 * k[2]))
    node("L", (yhat - y) ** 2)


_LOG_LOSS = "-(y * log(yhat) + (1 - y) * log(1 - yhat))"

LOGISTIC = Network(
    title="Logistic regression on one example",
    forward=computation_graph.logistic_graph.forward,
    inputs={"x1": 1.5, "x2": 2.5, "w1": -4.0, "w2": 3.0, "b": -1.0, "y": 1.0},
    columns=[["x1", "w1", "x2", "w2"], ["p1", "b", "p2"], ["z"], [None, "yhat", "y"], ["L"]],
    xs=(60, 240, 420, 590, 745),
    middle=215,
    row=108,
    size=(800, 450),
    labels={"p1": "w_1x_1", "p2": "w_2x_2", "z": "z", "yhat": r"\hat{y}", "L": "L", "b": "b", "y": "y"}
    | {f"{s}{k}": f"{s}_{{{k}}}" for s in "xw" for k in (1, 2)},
    parameters=("w1", "w2", "b"),
    ranges={"y": (0.0, 1.0)},
    formulas={"p1": "w1 * x1", "p2": "w2 * x2", "z": "p1 + p2 + b", "yhat": "sigmoid(z)", "L": _LOG_LOSS},
    exercise=computation_graph.logistic_graph,
)

RELU = Network(
    title="A ReLU neuron",
    forward=_relu,
    inputs={"x1": 1.0, "w1": -3.0, "x2": -2.0, "w2": -1.0, "x3": 3.0, "w3": 2.0, "b": 1.0},
    columns=[["x1", "w1", "x2", "w2", "x3", "w3"], ["p1", None, "p2", "b", "p3"], ["z"], ["a"]],
    xs=(60, 280, 500, 720),
    middle=292,
    row=98,
    size=(800, 590),
    labels={f"{s}{k}": f"{s}_{k}" for s in "xw" for k in (1, 2, 3)} | {f"p{k}": f"w_{k}x_{k}" for k in (1, 2, 3)} | {c: c for c in "bza"},
    parameters=("w1", "w2", "w3", "b"),
    formulas={f"p{k}": f"w{k} * x{k}" for k in (1, 2, 3)} | {"z": "p1 + p2 + p3 + b", "a": "relu(z)"},
)

_CODE = {"w1_1": "w_1^{[1]}", "w1_2": "w_2^{[1]}", "b1_1": "b_1^{[1]}", "b1_2": "b_2^{[1]}"}
_CODE |= {"w2_1": "w_1^{[2]}", "w2_2": "w_2^{[2]}", "b2_1": "b_1^{[2]}"}

ONE_TWO_ONE = Network(
    title="The 1-2-1 network",
    forward=one_two_one_network.all_seven.forward,
    inputs={"x": 1.5, "w1_1": 0.8, "w1_2": -1.2, "b1_1": 0.3, "b1_2": 0.5, "w2_1": 1.4, "w2_2": -0.7, "b2_1": 0.2, "y": 1.0},
    columns=[
        ["w1_1", "b1_1", "x", "b1_2", "w1_2"],
        ["z1_1", None, "z1_2"],
        ["w2_1", "a1_1", "b2_1", "a1_2", "w2_2"],
        ["z2_1"],
        ["yhat"],
        ["L"],
    ],
    xs=(34, 215, 355, 590, 675, 768),
    middle=325,
    row=141,
    size=(800, 650),
    labels=_CODE
    | {"x": "x", "y": "y", "yhat": r"\hat{y}", "L": "L", "z2_1": "z_1^{[2]}"}
    | {f"{s}1_{k}": f"{s}_{k}^{{[1]}}" for s in "za" for k in (1, 2)},
    parameters=tuple(_CODE),
    apart={"y": (660, 466)},
    ranges={"y": (0.0, 1.0)},
    formulas={f"z1_{k}": f"w1_{k} * x + b1_{k}" for k in (1, 2)}
    | {f"a1_{k}": f"sigmoid(z1_{k})" for k in (1, 2)}
    | {"z2_1": "w2_1 * a1_1 + w2_2 * a1_2 + b2_1", "yhat": "sigmoid(z2_1)", "L": _LOG_LOSS},
    exercise=one_two_one_network.all_seven,
)

_W1 = [[0.1, 0.3, 0.8, -0.4], [-0.3, -0.2, 0.5, 0.5], [-0.3, 0.0, 0.5, 0.4], [0.2, 0.5, -0.9, 0.7]]
_W2 = [[0.5, 0.8, 0.2, 0.4], [0.5, 0.2, 0.3, -0.5]]
_FOUR_FOUR_TWO = (
    dict(zip(("x1", "x2", "x3", "x4"), (2.0, 5.0, 3.0, 3.0)))
    | {f"w1_{k}{j}": _W1[k - 1][j - 1] for k in range(1, 5) for j in range(1, 5)}
    | {f"w2_{i}{k}": _W2[i - 1][k - 1] for i in (1, 2) for k in range(1, 5)}
    | {"y1": 1.0, "y2": 0.0}
)

FOUR_FOUR_TWO = Network(
    title="The 4-4-2 softmax network",
    forward=_four_four_two,
    inputs=_FOUR_FOUR_TWO,
    columns=[[f"x{j}" for j in range(1, 5)], [f"a{k}" for k in range(1, 5)], ["z1", "z2"], ["yhat1", "yhat2"], ["L"]],
    xs=(50, 260, 455, 625, 750),
    middle=215,
    row=112,
    size=(800, 440),
    labels={f"x{j}": f"x_{j}" for j in range(1, 5)}
    | {f"a{k}": f"a_{k}^{{[1]}}" for k in range(1, 5)}
    | {f"z{i}": f"z_{i}^{{[2]}}" for i in (1, 2)}
    | {f"yhat{i}": rf"\hat{{y}}_{i}" for i in (1, 2)}
    | {f"y{i}": f"y_{i}" for i in (1, 2)}
    | {f"w1_{k}{j}": rf"w_{{{j}\to {k}}}^{{[1]}}" for k in range(1, 5) for j in range(1, 5)}
    | {f"w2_{i}{k}": rf"w_{{{k}\to {i}}}^{{[2]}}" for i in (1, 2) for k in range(1, 5)}
    | {"L": "L"},
    parameters=tuple(name for name in _FOUR_FOUR_TWO if name[0] == "w"),
    on_edges={f"w1_{k}{j}": (f"x{j}", f"a{k}") for k in range(1, 5) for j in range(1, 5)}
    | {f"w2_{i}{k}": (f"a{k}", f"z{i}") for i in (1, 2) for k in range(1, 5)},
    apart={"y1": (750, 60), "y2": (750, 370)},
    ranges={"y1": (0.0, 1.0), "y2": (0.0, 1.0)},
    formulas={f"a{k}": "sigmoid(" + " + ".join(f"w1_{k}{j} * x{j}" for j in range(1, 5)) + ")" for k in range(1, 5)}
    | {f"z{i}": " + ".join(f"w2_{i}{k} * a{k}" for k in range(1, 5)) for i in (1, 2)}
    | {f"yhat{i}": f"exp(z{i}) / (exp(z1) + exp(z2))" for i in (1, 2)}
    | {"L": "(yhat1 - y1)**2 + (yhat2 - y2)**2"},
)

_DEEP = {"x1": 1.5, "x2": -0.8, "w11": 0.9, "w12": -0.6, "w21": 0.4, "w22": 1.1}
_DEEP |= {"u1": 1.2, "u2": -0.9, "u3": 1.6, "t1": 0.5, "t2": 0.7, "t3": -0.4, "v1": 1.5, "v2": 1.1, "v3": -0.8, "y": 1.0}

DEEP = Network(
    title="A deep network with three paths from one weight",
    forward=_deep,
    inputs=_DEEP,
    columns=[["x1", "x2"], ["h1", "h2"], ["k1", "k2", "k3"], ["yhat"], ["L"]],
    xs=(40, 235, 455, 660, 765),
    middle=200,
    row=140,
    size=(800, 400),
    labels={f"x{k}": f"x_{k}" for k in (1, 2)}
    | {f"h{k}": f"a_{k}^{{[1]}}" for k in (1, 2)}
    | {f"k{k}": f"a_{k}^{{[2]}}" for k in (1, 2, 3)}
    | {f"w{j}{k}": rf"w_{{{j}\to {k}}}^{{[1]}}" for j in (1, 2) for k in (1, 2)}
    | {f"{s}{k}": rf"w_{{{j}\to {k}}}^{{[2]}}" for j, s in ((1, "u"), (2, "t")) for k in (1, 2, 3)}
    | {f"v{k}": rf"w_{{{k}\to 1}}^{{[3]}}" for k in (1, 2, 3)}
    | {"yhat": r"\hat{y}", "y": "y", "L": "L"},
    parameters=tuple(name for name in _DEEP if name[0] in "wutv"),
    on_edges={f"w{j}{k}": (f"x{j}", f"h{k}") for j in (1, 2) for k in (1, 2)}
    | {f"u{k}": ("h1", f"k{k}") for k in (1, 2, 3)}
    | {f"t{k}": ("h2", f"k{k}") for k in (1, 2, 3)}
    | {f"v{k}": (f"k{k}", "yhat") for k in (1, 2, 3)},
    apart={"y": (765, 340)},
    ranges={"y": (0.0, 1.0)},
    formulas={f"h{k}": f"sigmoid(w1{k} * x1 + w2{k} * x2)" for k in (1, 2)}
    | {f"k{k}": f"sigmoid(u{k} * h1 + t{k} * h2)" for k in (1, 2, 3)}
    | {"yhat": "sigmoid(v1 * k1 + v2 * k2 + v3 * k3)", "L": "(yhat - y)**2"},
)

NETWORKS = {
    "one_two_one": ONE_TWO_ONE,
    "logistic": LOGISTIC,
    "relu": RELU,
    "deep": DEEP,
    "four_four_two": FOUR_FOUR_TWO,
}
