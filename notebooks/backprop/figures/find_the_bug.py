"""The figure of lesson 07: what it means to be the first wrong line."""

from matplotlib.figure import Figure

from ..drawing.palette import BLUE, GREEN, INK, QUIET, VERMILLION
from ..drawing.shapes import MATHS, SMALL, TEXT, Node, arrow, canvas, number, outline, write
from .networks import LOGISTIC
from .numbers import logistic_numbers
from .registry import described

LABELS = {
    "z": "$z$",
    "yhat": r"$\hat{y}$",
    "dL_dyhat": r"$\partial L/\partial\hat{y}$",
    "dL_dz": r"$\partial L/\partial z$",
    "dL_dw2": r"$\partial L/\partial w_2$",
}


def flawed_and_true() -> tuple[dict[str, float], dict[str, float]]:
    """Logistic regression by a program whose slope of the sigmoid is made of z, and by PyTorch."""
    values, gradients = logistic_numbers()
    true = values | {f"dL_d{name}": gradient for name, gradient in gradients.items()}
    flawed = {name: true[name] for name in LABELS}
    flawed["dL_dz"] = flawed["dL_dyhat"] * flawed["z"] * (1 - flawed["z"])
    flawed["dL_dw2"] = flawed["dL_dz"] * LOGISTIC.inputs["x2"]
    return flawed, {name: true[name] for name in LABELS}


@described(
    "Five lines of a program in a row, each handed on to the next: z, y-hat, then the gradients of L at y-hat, at z and at w2. "
    "Above each stands the program's number, below it PyTorch's. z: 0.5 and 0.5, right. y-hat: 0.6225 and 0.6225, right. "
    "At y-hat: -1.6065 and -1.6065, right. At z: -0.4016 and -0.3775, the first wrong line. "
    "At w2: -1.0041 and -0.9439, wrong, but only because it was handed a wrong number."
)
def first_wrong_line() -> Figure:
    """The first wrong line: everything before it is
    right, and later lines only pass the wrong number on.
    """
    figure, axes = canvas(800, 230)
    flawed, true = flawed_and_true()
    verdicts = ["right", "right", "right", "first wrong line", "passes it on"]
    nodes = [Node(170 + 138 * place, 100, 96, 44) for place in range(len(LABELS))]
    for node, (name, label), verdict in zip(nodes, LABELS.items(), verdicts):
        colour = GREEN if verdict == "right" else VERMILLION
        outline(axes, node, colour=colour, width=2.6 if verdict == "first wrong line" else 1.4)
        write(axes, node.x, node.y, label, MATHS, INK)
        write(axes, node.x, 52, f"${number(flawed[name])}$", TEXT)
        write(axes, node.x, 148, f"${number(true[name])}$", TEXT, BLUE)
        mark = {"right": "✓", "first wrong line": "✗", "passes it on": "↳"}[verdict]
        write(axes, node.x, 192, f"{mark} {verdict}", SMALL, colour, fontweight="bold" if verdict == "first wrong line" else "normal")
    for start, end in zip(nodes, nodes[1:]):
        arrow(axes, start, end)
    for height, words in ((52, "the program"), (148, "PyTorch")):
        write(axes, 20, height, words, SMALL, QUIET, ha="left")
    return figure
