"""The figures of lesson 01: the training loop, a chain of links, two paths."""

from collections.abc import Mapping

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..drawing.palette import BLUE, GREEN, INK, QUIET, VERMILLION
from ..drawing.shapes import (
    BACKWARD,
    FORWARD,
    LARGE,
    MATHS,
    PATHS,
    SMALL,
    UPDATE,
    Node,
    Point,
    Stroke,
    arrow,
    canvas,
    computed,
    given,
    key,
    layered,
    outline,
    there_and_back,
    write,
)
from .elements import labelled
from .registry import described


@described(
    "The training loop as four boxes in a ring, clockwise. 1 Forward: the input x and the parameters theta give the prediction y-hat. "
    "2 Loss: y-hat and the target y give one number L. 3 Backward: the chain rule gives the gradients of L with respect to theta, "
    "and changes nothing. 4 Update: theta becomes theta minus alpha times those gradients; nothing is differentiated here. "
    "Solid arrows carry values from 1 to 2, dashed arrows carry gradients from 2 through 3 to 4, "
    "and a dash-dotted arrow carries the new theta from 4 back to 1."
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
    labelled(axes, arrow(axes, boxes["forward"], boxes["loss"]), r"$\hat{y}$", (0, -16), BLUE)
    labelled(axes, arrow(axes, boxes["loss"], boxes["backward"], BACKWARD), r"$\partial L/\partial\hat{y}$", (38, 0), VERMILLION)
    labelled(axes, arrow(axes, boxes["backward"], boxes["update"], BACKWARD), r"$\partial L/\partial\theta$", (0, -18), VERMILLION)
    labelled(axes, arrow(axes, boxes["update"], boxes["forward"], UPDATE), r"new $\theta$", (-40, 0), GREEN)
    arrow(axes, given(axes, (32, 95), "$x$", 36), boxes["forward"])
    arrow(axes, given(axes, (768, 95), "$y$", 36), boxes["loss"])
    key(axes, 318, 174, [(FORWARD, "values"), (BACKWARD, "gradients"), (UPDATE, "new parameters")])
    return figure


@described(
    "A chain of four nodes, x, u = x squared, v = e to the u, y = e to the v. "
    "Forward arrows lead from each to the next; backward arrows carry the local derivatives du/dx, dv/du and dy/dv. "
    "Beneath: dy/dx is the product of the three."
)
def chain_links() -> Figure:
    """A long chain, link by link: a local derivative for every arrow, and their product."""
    figure, axes = canvas(800, 250)
    at = layered([["x"], ["u"], ["v"], ["y"]], (70, 290, 510, 730), middle=70, row=0)
    nodes = {"x": given(axes, at["x"], "$x$")} | {name: computed(axes, at[name], f"${name}$") for name in ("u", "v", "y")}
    for start, end, rule in (("x", "u", "u = x^2"), ("u", "v", "v = e^u"), ("v", "y", "y = e^v")):
        there, back = there_and_back(axes, nodes[start], nodes[end])
        labelled(axes, there, f"${rule}$", (0, -20), BLUE)
        labelled(axes, back, rf"$\dfrac{{d{end}}}{{d{start}}}$", (0, 34), VERMILLION)
    product = r"\dfrac{dy}{dv} \cdot \dfrac{dv}{du} \cdot \dfrac{du}{dx}"
    write(axes, 300, 203, rf"$\dfrac{{dy}}{{dx}} \;=\; {product}$", LARGE)
    key(axes, 560, 190, [(FORWARD, "forward: values"), (BACKWARD, "backward: derivatives")])
    return figure


@described(
    "x forks into g(x) and h(x), which join again in y = f(g, h). "
    "The upper path, solid, through g, is worth (partial y / partial g) times dg/dx; the lower path, dashed, through h, "
    "is worth (partial y / partial h) times dh/dx. dy/dx is the sum of the two products: multiply along a path, add over paths."
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
        labelled(axes, arrow(axes, start, middle, stroke), f"${first}$", (-18, side * 26))
        labelled(axes, arrow(axes, middle, end, stroke), f"${second}$", (18, side * 26))
        products[name] = (rf"${second}\cdot{first}$", stroke)
    _sum_of_two(axes, r"$\dfrac{dy}{dx}\;=$", products)
    return figure


def _step(axes: Axes, at: Point, name: str, equation: str, words: str) -> Node:
    """A step of the training loop: its name, its equation, and what it does in words."""
    node = Node(*at, 272, 112, box=True)
    outline(axes, node)
    write(axes, node.x, node.y - 34, name, MATHS, INK, fontweight="bold")
    write(axes, node.x, node.y, equation, 18, INK)
    write(axes, node.x, node.y + 34, words, SMALL, QUIET)
    return node


def _sum_of_two(axes: Axes, total: str, products: Mapping[str, tuple[str, Stroke]]) -> None:
    """The sum of the products, under each the look of its path."""
    write(axes, 245, 310, total, LARGE)
    write(axes, 415, 310, "$+$", LARGE)
    for x, (name, (product, stroke)) in zip((330, 500), products.items()):
        write(axes, x, 310, product, LARGE)
        arrow(axes, Node(x - 45, 353, 0, 0), Node(x + 45, 353, 0, 0), stroke)
        write(axes, x, 374, f"the path through ${name}$", SMALL, QUIET)
