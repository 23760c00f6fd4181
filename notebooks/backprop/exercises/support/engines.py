"""Uses a learner's engine: builds graphs with their class, and reads numbers from the results.

When a course is graded, the learner's objects are in another process. So only operations that work
there are used: construction, calls, arithmetic, attributes, indexing, iteration over lists and
tuples, and whether two of them are the same object.
"""

import numbers
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NoReturn

import numpy as np

from ...checking.answers import Unreadable
from ...translation import _, ngettext

Edges = list[list[tuple[int, float]]]  # of each node that is not a leaf: the places of its parents, each with the slope on that edge

MANY_STEPS = 2_000  # on paths through the graph of a single operation, which has a dozen at most


def build(Value: Any, leaves: Sequence[float] | np.ndarray, edges: Edges) -> list[Any]:
    """The nodes of a graph, made with the class `Value`: the leaves,
    then one for each entry of `edges`; the last is the output.

    Every node but the leaves is a weighted sum of its parents, so the local derivative on an edge
    is the parent's weight.
    """
    data = [float(leaf) for leaf in leaves]
    nodes = [Value(leaf) for leaf in data]
    for made_from in edges:
        data.append(sum(slope * data[parent] for parent, slope in made_from))
        nodes.append(Value(data[-1], tuple(nodes[parent] for parent, _ in made_from), tuple(slope for _, slope in made_from)))
    return nodes


def refuse(message: str, **values: Any) -> NoReturn:
    """Raise Unreadable with a message that is marked by N_, translated."""
    raise Unreadable(_(message, **values))


def made(result: Any, words: str) -> Any:
    """The node that an operation gave. Unreadable, in words, if it gave none."""
    if result is None:
        raise Unreadable(_("{words} gives None. Is there a `return` with a new node?", words=_(words)))
    if isinstance(result, (numbers.Number, np.ndarray, str, list, tuple, dict)) or result is NotImplemented:
        kind = type(result).__name__
        raise Unreadable(
            _("{words} gives a plain {type}. It should give a new node, which remembers what it was made from.", words=_(words), type=kind)
        )
    return result


def number(thing: Any, attribute: str, of: str) -> float:
    """The number that `thing` holds in `attribute`. Unreadable, in words, if it is none."""
    return as_number(getattr(thing, attribute), _("The .{attribute} of {owner}", attribute=attribute, owner=_(of)))


def as_number(value: Any, what: str) -> float:
    """`value` as a float. Unreadable, in words, if it is not a single number."""
    if type(value).__module__ == "torch":
        value = value.detach().numpy()
    if isinstance(value, np.ndarray) and value.ndim == 0:
        value = value[()]
    if isinstance(value, numbers.Real):
        return float(value)
    if value is None:
        raise Unreadable(_("{what} is None, and a number should be there.", what=what))
    if isinstance(value, np.ndarray):
        raise Unreadable(_("{what} is an array of shape {shape}, and a single number should be there.", what=what, shape=value.shape))
    raise Unreadable(_("{what} is not a number but of type {type}.", what=what, type=type(value).__name__))


def edges_of(node: Any) -> list[tuple[Any, float]]:
    """The node's parents, each with the slope that the learner's engine has put on that edge."""
    parents, slopes = list(node.parents), list(node.slopes)
    if len(parents) != len(slopes):
        raise Unreadable(
            _(
                "A node has {parents} and {slopes}. Each parent needs one slope, in the same order.",
                parents=ngettext("{count} parent", "{count} parents", len(parents)),
                slopes=ngettext("{count} slope", "{count} slopes", len(slopes)),
            )
        )
    return [(parent, as_number(slope, _("A slope"))) for parent, slope in zip(parents, slopes)]


def slope_along_paths(top: Any, bottom: Any) -> float:
    """d top / d bottom from the learner's graph: the product of
    the local derivatives on each path, summed over all paths.

    So an operation may be one node, or be composed of others.
    """
    total, steps = 0.0, 0
    waiting = [(top, 1.0)]
    while waiting:
        node, product = waiting.pop()
        steps += 1
        if steps > MANY_STEPS:
            raise Unreadable(_("The parents of a node lead round in a circle. A node is made from nodes that were there before it."))
        if node is bottom:
            total += product
        else:
            waiting += [(parent, product * slope) for parent, slope in edges_of(node)]
    return total


def each_in_turn(*questions: Callable[[], Any]) -> tuple[Any, ...]:
    """The answer to each question, or None if a method that it needs is still a placeholder.

    NotImplementedError if all are.
    """
    found, blank = [], None
    for question in questions:
        try:
            found.append(question())
        except NotImplementedError as placeholder:
            found.append(None)
            blank = blank or placeholder
    if blank is not None and all(value is None for value in found):
        raise blank
    return tuple(found)


@contextmanager
def once_built(what: str = "") -> Iterator[None]:
    """For code that needs what the learner has yet to write:
    a placeholder gives one sentence and no traceback.
    """
    try:
        yield
    except NotImplementedError:
        print(_("This cell needs {what}. Come back when the exercises above are done.", what=what or _("your engine")))
