"""A network's graph on a sheet: arrows, nodes, and numbers
above and below them, as far as a picture wants them.
"""

import math
from collections.abc import Collection

from ...autodiff.trace import Edge
from ...drawing.shapes import BACKWARD, BYSTANDER, FORWARD, Node, Shaft, between
from ...figures.networks import Network
from ..stage.sheet import Sheet, amount

SHORT = 50.0  # pixels: an arrow with no room for a number on it has it above
AWAY = 13.0  # from a node's outline to the middle of its number


class GraphBoard:
    """The graph of a network, on paper that may be longer than the graph."""

    def __init__(self, network: Network, edges: Collection[Edge], more: float = 0.0) -> None:
        self.network = network
        width, height = network.size
        self.sheet = Sheet(width, height + more)
        self.edges = [edge for edge in edges if edge[0] in network.places and edge[1] in network.places]
        self.carried = {edge: name for name, edge in network.on_edges.items()}

    def place(self, name: str) -> Node:
        """The outline of a node; of a parameter that is on an edge, a box in the middle of it."""
        if name in self.network.places:
            return self.network.places[name]
        x, y = between(*(self.network.places[end] for end in self.network.on_edges[name])).at(0.5)
        return Node(x, y, 62, 34, box=True)

    def arrows(self, quiet: bool = False, forward: Collection[Edge] = (), backward: Collection[Edge] = ()) -> None:
        """Draw all edges: those in `forward` and `backward`
        as arrows of that pass, the others faint if `quiet`.
        """
        nodes = self.network.places
        for edge in self.edges:
            start, end = (nodes[name] for name in edge)
            lit = edge in forward or edge in backward
            self.sheet.arrow(
                start, end, FORWARD if edge in forward or not (quiet or lit) else BYSTANDER, shift=-4 if edge in backward else 0
            )
            if edge in backward:
                self.sheet.arrow(end, start, BACKWARD, shift=-4)

    def node(self, name: str, width: float = 1.4, ink: str = "ink", ring: str = "") -> None:
        """Draw a node's outline and its name; `ring` is
        the colour of a second outline around the first.
        """
        node = self.place(name)
        if ring:
            self.sheet.outline(node.grown(6), "paper", ring, 3.0)
        self.shape(name, node, width, ink)

    def shape(self, name: str, node: Node, width: float, ink: str) -> None:
        """The outline of what a node is, with its name, wherever it is to stand."""
        network = self.network
        self.sheet.outline(node, "parameter" if name in network.parameters else "paper", ink, width)
        if name == network.output:
            self.sheet.outline(node.grown(-4), width=1.0)
        self.sheet.maths(node.x, node.y, network.labels[name], ink)

    def beside(self, name: str, below: bool, away: float = AWAY) -> tuple[float, float]:
        """Where the value (above) or the gradient (below) of a node goes."""
        node = self.place(name)
        return node.x, node.y + (1 if below else -1) * (node.height / 2 + away)

    def number(self, name: str, value: float, below: bool, lit: bool = False, away: float = AWAY) -> None:
        """A node's value or gradient; one that is lit is bold and in a frame."""
        self.words(*self.beside(name, below, away), amount(value), "vermillion" if below else "blue", lit)

    def slope(self, edge: Edge, value: float) -> None:
        """The local derivative on an edge, bold and in a frame."""
        self.words(*between(*(self.network.places[name] for name in edge)).at(0.5), amount(value), "ink", True)

    def slope_on(self, shaft: Shaft, value: float, ink: str = "ink", bold: bool = False, along: float | None = None) -> None:
        """Write a local derivative on an arrow, nearer to
        its tail than to its head, or above a short one.
        """
        x, y = shaft.at(along or (0.36 if abs(shaft.direction[1]) > 0.3 else 0.45))
        short = math.dist(shaft.tail, shaft.tip) < SHORT
        self.sheet.write(x, y - 15 if short else y, amount(value, 3), ink, bold=bold)

    def words(self, x: float, y: float, words: str, ink: str, framed: bool = False) -> None:
        """A number, or what stands for one; a frame stays on the paper."""
        if framed:
            wide = 8.6 * len(words) + 12
            x = min(max(x, wide / 2 + 1), self.sheet.width - wide / 2 - 1)
            self.sheet.outline(Node(x, y, wide, 20, box=True), "paper", ink, 1.4)
        self.sheet.write(x, y, words, ink, 14, bold=framed)
