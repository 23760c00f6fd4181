"""Elements of several figures: labels on arrows, nodes
in their places, a graph with values and gradients.
"""

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes

from ..drawing.palette import PLAIN
from ..drawing.shapes import BACKWARD, FORWARD, MATHS, Node, Point, Shaft, computed, given, loss, parameter, readings, there_and_back, write
from .networks import Network

FORWARD_AND_BACKWARD = [(FORWARD, "forward: values, above"), (BACKWARD, "backward: gradients, below")]


def labelled(axes: Axes, shaft: Shaft, words: str, offset: Point, colour: str = PLAIN, t: float = 0.5, size: float = MATHS) -> None:
    """A label beside an arrow."""
    x, y = shaft.at(t)
    write(axes, x + offset[0], y + offset[1], words, size, colour)


def along(start: Node, end: Node, t: float) -> Point:
    """The point a fraction `t` of the way from one node to another."""
    return start.x + t * (end.x - start.x), start.y + t * (end.y - start.y)


def shape_of(axes: Axes, network: Network, name: str) -> Node:
    """A network's node in its place, in the shape of what it is."""
    shape = parameter if name in network.parameters else given if name in network.inputs else loss if name == "L" else computed
    place = network.places[name]
    return shape(axes, (place.x, place.y), f"${network.labels[name]}$")


def graph(
    axes: Axes, nodes: Mapping[str, Node], edges: Sequence[str], values: Mapping[str, float], gradients: Mapping[str, float]
) -> dict[str, Shaft]:
    """Draw arrows in both directions along every edge,
    a value above and a gradient below every node.

    Returns the forward arrows by edge.
    """
    arrows = {}
    for edge in edges:
        start, end = edge.split()
        arrows[edge], _ = there_and_back(axes, nodes[start], nodes[end])
    for name, node in nodes.items():
        readings(axes, node, values[name], gradients[name])
    return arrows
