"""The figures of lesson 02: the 1-2-1 network, and
its graph with a local derivative on every edge.
"""

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..drawing.palette import QUIET
from ..drawing.shapes import MATHS, SMALL, Columns, Point, Shaft, arrow, canvas, given, layered, loss, parameter, unit, write, write_over
from .elements import shape_of
from .networks import ONE_TWO_ONE
from .registry import described


@described(
    "The 1-2-1 network. The input x feeds two hidden units, through the weights w_1^[1] and w_2^[1]; "
    "each hidden unit k adds its bias b_k^[1] to make the pre-activation z_k^[1] and turns that into the activation a_k^[1]. "
    "Both activations feed the output unit, through the weights w_1^[2] and w_2^[2]; "
    "it adds the bias b_1^[2] to make z_1^[2] and turns that into the prediction y-hat. Prediction and target y give the loss L. "
    "The seven parameters are the grey boxes."
)
def one_two_one() -> Figure:
    """The 1-2-1 network with its seven parameters."""
    figure, axes = canvas(800, 440)
    columns: Columns = [["x"], ["b1", "unit 1", "unit 2", "b2"], ["b", "output", None], [None, "L", "y"]]
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
    nodes = {label: shape_of(axes, ONE_TWO_ONE, name) for name, label in ONE_TWO_ONE.labels.items() if name != "y"}
    for start, end, slope, t, offset in _one_two_one_slopes():
        shaft = arrow(axes, nodes[start], nodes[end])
        words = rf"$\dfrac{{\partial {end}}}{{\partial {start}}} = {slope}$"
        x, y = shaft.at(t)
        write_over(axes, x + offset[0], y + offset[1], words, MATHS)
    return figure


def _weight(axes: Axes, shaft: Shaft, words: str, t: float) -> None:
    """A weight's grey box on the arrow that it weighs."""
    parameter(axes, shaft.at(t), words)


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
