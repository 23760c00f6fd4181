"""The figures of lesson 08: the whole model, LayerNorm as a
graph, attention forward and backward, one kernel at every place.
"""

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..drawing.palette import QUIET, VERMILLION
from ..drawing.shapes import (
    BACKWARD,
    FORWARD,
    MATHS,
    PATHS,
    SMALL,
    TEXT,
    Node,
    Point,
    arrow,
    canvas,
    computed,
    given,
    key,
    loss,
    outline,
    parameter,
    there_and_back,
    write,
)
from .elements import labelled
from .registry import described


@described(
    "The model as a graph. In the upper row, from left to right: the ids, X_0, X_1, X_2, the logits Z, and the loss L. "
    "The table E and the table P of positions are parameters of the step from the ids to X_0. "
    "Below the arrow from X_0 to X_1 is a branch: X_0 goes through LayerNorm, with gamma_1 and beta_1, and an attention head, with W_q, "
    "W_k and W_v, and is added to X_0 itself. Below the arrow from X_1 to X_2 is another branch: LayerNorm, with gamma_2 and beta_2, "
    "and an MLP, with W_1, b_1, W_2 and b_2. U and c are the parameters of the step from X_2 to Z. "
    "Dashed arrows lead back along every arrow. At X_0 and at X_1 two of them arrive, and they add."
)
def transformer_block() -> Figure:
    """A character model with one block: two residual
    connections, around an attention head and around an MLP.
    """
    figure, axes = canvas(860, 360)
    xs = {"ids": 45, "X_0": 170, "X_1": 430, "X_2": 690, "Z": 760, "L": 825}
    nodes = {name: computed(axes, (x, 110), f"${name}$") for name, x in xs.items() if name.startswith("X")}
    nodes["ids"] = given(axes, (xs["ids"], 110), "ids", 46)
    nodes["Z"] = computed(axes, (xs["Z"], 110), "$Z$")
    nodes["L"] = loss(axes, (xs["L"], 110))
    layers = {
        "norm 1": _layer(axes, (250, 215), "LayerNorm", 92),
        "head": _layer(axes, (355, 215), "head", 60),
        "norm 2": _layer(axes, (510, 215), "LayerNorm", 92),
        "MLP": _layer(axes, (615, 215), "MLP", 60),
    }
    for start, end in (("ids", "X_0"), ("X_0", "X_1"), ("X_1", "X_2"), ("X_2", "Z"), ("Z", "L")):
        there_and_back(axes, nodes[start], nodes[end])
    for start, norm, layer, end in (("X_0", "norm 1", "head", "X_1"), ("X_1", "norm 2", "MLP", "X_2")):
        there_and_back(axes, nodes[start], layers[norm])
        there_and_back(axes, layers[norm], layers[layer])
        there_and_back(axes, layers[layer], nodes[end])
        write(axes, nodes[end].x, 72, "$+$", MATHS, QUIET)
        write(axes, (nodes[start].x + nodes[end].x) / 2, 88, "residual", SMALL, QUIET)
    boxes = (
        ((107, 36), "$E, P$", 62),
        ((725, 36), "$U, c$", 62),
        ((250, 285), r"$\gamma_1, \beta_1$", 72),
        ((355, 285), "$W_q, W_k, W_v$", 116),
        ((510, 285), r"$\gamma_2, \beta_2$", 72),
        ((615, 285), "$W_1, b_1, W_2, b_2$", 128),
    )
    for at, label, width in boxes:
        parameter(axes, at, label, width)
    key(axes, 150, 334, [(FORWARD, "forward: values")])
    key(axes, 350, 334, [(BACKWARD, "backward: gradients")])
    write(axes, 590, 334, "grey: parameters", SMALL, QUIET, ha="left")
    return figure


@described(
    "LayerNorm of one row as a graph. x goes to c directly, with the local derivative 1, and through the mean m: 1/D from x to m, "
    "minus 1 from m to c. c goes to xhat directly, with the local derivative s, and through the variance v and through s: "
    "2c/D from c to v, minus one half s cubed from v to s, and c from s to xhat. From xhat to y the local derivative is gamma. "
    "Dashed arrows lead back along every arrow. At c and at x two of them arrive, and they add."
)
def layer_norm_graph() -> Figure:
    """LayerNorm: the mean and the variance are nodes, and every entry passes through both."""
    figure, axes = canvas(860, 300)
    places = {"x": (50, 90), "m": (170, 210), "c": (290, 90), "v": (410, 210), "s": (540, 210), "xhat": (660, 90), "y": (800, 90)}
    labels = {name: f"${name}$" for name in places} | {"xhat": r"$\hat{x}$"}
    nodes = {name: (given if name == "x" else computed)(axes, at, labels[name]) for name, at in places.items()}
    edges = (
        ("x", "c", "$1$", (0, -20)),
        ("x", "m", "$1/D$", (38, -14)),
        ("m", "c", "$-1$", (32, 14)),
        ("c", "xhat", "$s$", (0, -20)),
        ("c", "v", "$2c/D$", (42, -14)),
        ("v", "s", r"$-s^3/\,2$", (0, -22)),
        ("s", "xhat", "$c$", (24, 14)),
        ("xhat", "y", r"$\gamma$", (0, -22)),
    )
    for start, end, slope, offset in edges:
        labelled(axes, there_and_back(axes, nodes[start], nodes[end])[0], slope, offset)
    for name, words in (("m", "mean"), ("v", "variance")):
        write(axes, nodes[name].x, nodes[name].y + 36, words, SMALL, QUIET)
    key(axes, 60, 278, [(FORWARD, "forward: values, with local derivatives")])
    key(axes, 420, 278, [(BACKWARD, "backward: gradients; at c and at x two add")])
    return figure


@described(
    "Attention as a graph. Q and K lead to the scores S, with the causal mask; a softmax, row by row, leads to the weights A; "
    "A and V lead to the output O. Dashed arrows lead back, with delta for a gradient: from O to V, A transposed times delta O; "
    "from O to A, delta O times V transposed; from A to S, the softmax of lesson 05, row by row; from S to Q, delta S times K, "
    "divided by the root of d; from S to K, delta S transposed times Q, divided by the root of d."
)
def attention_back() -> Figure:
    """Attention there and back: two matrix products with a softmax between them."""
    figure, axes = canvas(860, 330)
    places = {"Q": (60, 70), "K": (60, 230), "S": (300, 150), "A": (510, 150), "V": (510, 265), "O": (760, 150)}
    nodes = {name: computed(axes, at, f"${name}$") for name, at in places.items()}
    edges = (
        ("Q", "S", r"$\delta_S\,K / \sqrt{d}$", (40, -28)),
        ("K", "S", r"$\delta_S^{\mathsf{T}}\,Q / \sqrt{d}$", (60, 26)),
        ("S", "A", r"$A\odot(\delta_A - r)$", (0, 28)),
        ("A", "O", r"$\delta_O\,V^{\mathsf{T}}$", (-40, 24)),
        ("V", "O", r"$A^{\mathsf{T}}\delta_O$", (30, 28)),
    )
    for start, end, words, offset in edges:
        labelled(axes, there_and_back(axes, nodes[start], nodes[end])[0], words, offset, VERMILLION)
    write(axes, 405, 122, "mask, softmax", SMALL, QUIET)
    write(axes, 635, 122, "weighted mean", SMALL, QUIET)
    write(axes, 318, 112, "scores", SMALL, QUIET)
    write(axes, 560, 44, r"$\delta_O = \partial L/\partial O$ and so on; $\;r_i = \sum_k A_{ik}\,(\delta_A)_{ik}$", MATHS)
    key(axes, 150, 290, [(FORWARD, "forward: values"), (BACKWARD, "backward: gradients")], gap=22)
    return figure


@described(
    "Five inputs, x_0 to x_4, above three outputs, z_0 to z_2. A kernel of three weights leads from the inputs to the outputs: "
    "the weight w_0, drawn solid, from x_0 to z_0, from x_1 to z_1 and from x_2 to z_2; w_1, with long dashes, from x_1, x_2, x_3; w_2, "
    "with dashes and dots, from x_2, x_3, x_4. Each weight is used at three places, so its gradient is a sum of three terms, for w_0: "
    "delta_0 x_0 plus delta_1 x_1 plus delta_2 x_2, where delta_t is the gradient at z_t. "
    "The input x_2 lies in all three windows, under another weight in each: "
    "its gradient is w_2 delta_0 plus w_1 delta_1 plus w_0 delta_2. The input x_0 lies in one window only."
)
def weight_at_every_place() -> Figure:
    """A convolution: one kernel, used at every place."""
    figure, axes = canvas(860, 300)
    inputs = [given(axes, (60 + 110 * i, 60), f"$x_{i}$") for i in range(5)]
    outputs = [computed(axes, (170 + 110 * t, 220), f"$z_{t}$") for t in range(3)]
    for t, output in enumerate(outputs):
        for j in range(3):
            arrow(axes, inputs[t + j], output, PATHS[j])
    for j in range(3):
        y = 50 + 34 * j
        arrow(axes, Node(590, y, 0, 0), Node(650, y, 0, 0), PATHS[j])
        write(axes, 664, y, f"$w_{j}$", MATHS, ha="left")
    sums = (
        r"$\partial L/\partial w_0 = \delta_0 x_0 + \delta_1 x_1 + \delta_2 x_2$",
        r"$\partial L/\partial x_2 = w_2\delta_0 + w_1\delta_1 + w_0\delta_2$",
        r"$\delta_t = \partial L/\partial z_t$",
    )
    for place, words in enumerate(sums):
        write(axes, 590, 180 + 38 * place, words, MATHS, VERMILLION if place < 2 else QUIET, ha="left")
    return figure


def _layer(axes: Axes, at: Point, words: str, width: float) -> Node:
    """A box with the name of a layer."""
    node = Node(*at, width, 38, box=True)
    outline(axes, node)
    write(axes, *at, words, TEXT)
    return node
