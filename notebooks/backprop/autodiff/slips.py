"""Every slip that can be made on the way back through one recorded forward pass: a wrong rule at a place.

A place is one edge, all edges of a kind, or those of one layer. The same slip is found again in the recording of another
sample by its key, as long as both forward passes have the same operations.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from itertools import combinations
from typing import Any

from .lazy import torch
from .recording import Change, Operation, Recording, Replacement
from .tape import Array, parts_of
from .wrong_rules import ACTIVATIONS, CALLED, UNARY, WrongRule, rules_for, slope_at, value, vjp

PREDICTIONS = ("yhat", "Yhat", "P", "p", "green", "a")  # what lessons call what is compared with the target
Changes = Sequence[Change | Replacement]
Derivative = tuple[str, str]  # of the first node with respect to the second


@dataclass(frozen=True, eq=False)
class Slip:
    """A wrong rule at a place.

    key      the same for the same slip in another recording
    id       the misunderstanding
    words    what the learner is told: the misunderstanding and the place, never the answer
    nodes    the names of the nodes whose gradient is the first that comes out wrong, where they have names
    changes  what it does to the backward pass
    in_combining  whether it is made where links are combined: then derivatives of an inner node are right
    """

    key: Hashable
    id: str
    words: str
    nodes: tuple[str, ...]
    changes: Changes
    in_combining: bool = False


class Slips:
    """The slips of one recording, found again by key."""

    def __init__(self, recording: Recording) -> None:
        self.recording = recording
        self.made_by = {id(op.output): op for op in recording.operations}
        self.levels = _levels(recording, self.made_by)
        self._reached: dict[Any, frozenset[Any]] = {}
        self._upstreams: dict[str, list[Any]] = {}
        self._responses: dict[tuple[int, int, str], tuple[Array, Array]] = {}

    def concerning(self, wrong: Derivative, right: Collection[Derivative] = ()) -> Iterator[Slip]:
        """The slips that can change the derivative `wrong` and do not change those in `right`; (top, bottom) each."""
        for slip in self.all.values():
            kept = [pair for pair in right if not slip.in_combining or pair[0] == self.recording.output]
            changes_it = any(self._changes(change, wrong) for change in slip.changes)
            if changes_it and not any(self._changes(change, pair) for change in slip.changes for pair in kept):
                yield slip

    @cached_property
    def all(self) -> dict[Hashable, Slip]:
        """All slips by their key."""
        slips: dict[Hashable, Slip] = {}
        for slip in (*self._at_edges(), *self._over_paths(), *self._at_the_loss(), *self._at_nodes()):
            slips.setdefault(slip.key, slip)
        return slips

    def predicted(self, slip: Slip, ask: str) -> Array | None:
        """The derivative `ask` of someone who makes `slip` and nothing else; None where the slip cannot be made."""
        change = slip.changes[0]
        top, _ = parts_of(ask, self.recording.nodes)
        of_one_number = isinstance(change, Change) and change.operation.operands[change.operand].numel() == 1
        if not isinstance(change, Change) or not of_one_number or len(slip.changes) > 1 or self.recording.nodes[top].ndim:
            answer = predicted(self.recording, slip, [ask])
            return None if answer is None else answer[ask]
        upstream = self._upstream(top)[change.operation.number]
        if upstream is None:
            return None
        try:
            wrong = change.rule(upstream).item()
        except Inapplicable:
            return None
        without, with_one = self._response(change.operation.number, change.operand, ask)
        return without + (with_one - without) * wrong

    def _upstream(self, top: str) -> list[Any]:
        """The gradient of a node at the output of every operation, in their order; None where it does not depend on it."""
        if top not in self._upstreams:
            outputs = [op.output for op in self.recording.operations]
            found = torch.autograd.grad(self.recording.nodes[top], outputs, retain_graph=True, allow_unused=True)
            self._upstreams[top] = [None if gradient is None else gradient.detach() for gradient in found]
        return self._upstreams[top]

    def _response(self, number: int, operand: int, ask: str) -> tuple[Array, Array]:
        """`ask` where the contribution along an edge to a single number is 0, and where it is 1: it is linear in between."""
        key = (number, operand, ask)
        if key not in self._responses:
            op = self.recording.operations[number]
            like = value(op.operands[operand])
            without, with_one = (
                self.recording.gradients([ask], [Change(op, operand, _constant(torch.full_like(like, one)))])[ask] for one in (0.0, 1.0)
            )
            self._responses[key] = without, with_one
        return self._responses[key]

    # --- wrong rules at edges ----------------------------------------------------------------------------------------

    def _at_edges(self) -> Iterator[Slip]:
        by_kind: dict[str, list[Operation]] = defaultdict(list)
        for op in self.recording.operations:
            by_kind[op.kind].append(op)
        for kind, operations in by_kind.items():
            rules = [*enumerate(rules_for(kind)), *self._own_rules(kind)]
            for number, rule in rules:
                yield from self._rule_at_places(kind, number, rule, operations)
        for op in self.recording.operations:
            if op.kind in ("mul", "matmul"):
                yield from self._other_quantities(op)

    def _rule_at_places(self, kind: str, number: Hashable, rule: WrongRule, operations: list[Operation]) -> Iterator[Slip]:
        """The rule at each operand by itself, at those of one level, and at all."""
        single: dict[tuple[int, int], Change] = {}
        for place, op in enumerate(operations):
            for i, edge in enumerate(op.edges):
                if edge is not None and not (kind in UNARY and i):
                    single[place, i] = Change(op, i, _bound(rule, op, i))
        for (place, i), change in single.items():
            yield self._slip(("edge", kind, number, place, i), rule, [change])
        for i in range(2):
            levels: dict[int, list[Change]] = defaultdict(list)
            for (place, j), change in single.items():
                if j == i:
                    levels[self.levels[id(operations[place].output)]].append(change)
            together = [changes for changes in levels.values() if len(changes) > 1]
            for level, changes in levels.items():
                if len(changes) > 1:
                    yield self._slip(("level", kind, number, level, i), rule, changes)
            if levels and (len(levels) > 1 or not together):
                yield self._slip(("all", kind, number, i), rule, [c for changes in levels.values() for c in changes])
        for place in range(len(operations)):
            both = [change for (at, _), change in single.items() if at == place]
            if len(both) > 1:
                yield self._slip(("both", kind, number, place), rule, both)
        if len({i for _, i in single}) > 1:
            yield self._slip(("all", kind, number), rule, [*single.values()])

    def _own_rules(self, kind: str) -> Iterator[tuple[Hashable, WrongRule]]:
        """Rules that need to know where an operand comes from."""
        if kind in (*UNARY, "pow"):
            yield (
                "inner-argument",
                WrongRule(
                    "inner-argument",
                    "The slope of {place} is taken at all that goes into it. Yours is taken one step too early.",
                    (kind,),
                    self._inner_argument,
                ),
            )
            yield (
                "outer-at-inner-slope",
                WrongRule(
                    "outer-at-inner-slope",
                    "The slope of {place} is taken at the VALUE of what is inside. Yours is taken at its slope.",
                    (kind,),
                    self._at_inner_slope,
                ),
            )
        if kind == "add":
            yield (
                "weight-like-bias",
                WrongRule(
                    "bias-like-weight",
                    "{Operand} is only added: it meets no input. Yours is multiplied by one.",
                    ("add",),
                    self._like_a_weight,
                ),
            )
        if kind == "relu":
            for k in range(2):
                yield (
                    f"gate-on-operand-{k}",
                    WrongRule(
                        "gate-on-wrong-sign-carrier",
                        "A ReLU opens and shuts with the sign of what goes into it. Yours looks at the sign of another number.",
                        ("relu",),
                        partial(self._gate_on_operand, k),
                    ),
                )

    def _inner(self, op: Operation) -> Operation | None:
        inner = self.made_by.get(id(op.operands[0]))
        if inner is None or value(inner.operands[0]) is None or not hasattr(inner.operands[0], "shape"):
            return None
        return inner if inner.operands[0].shape == op.operands[0].shape else None

    def _inner_argument(self, g: Any, op: Operation, i: int) -> Any:
        inner = self._inner(op)
        return None if i or inner is None else g * slope_at(op, value(inner.operands[0]))

    def _at_inner_slope(self, g: Any, op: Operation, i: int) -> Any:
        inner = self._inner(op)
        if i or inner is None:
            return None
        return g * slope_at(op, vjp(inner, 0, torch.ones_like(value(inner.output))))

    def _like_a_weight(self, g: Any, op: Operation, i: int) -> Any:
        """What a weight that meets the sum's other operand would get: the gradient times the input of that product."""
        product = self.made_by.get(id(op.operands[1 - i])) if len(op.operands) == 2 else None
        while product is not None and product.kind == "add":
            product = self.made_by.get(id(product.operands[1]))
        if product is None or product.kind != "mul" or len(product.operands) != 2:
            return None
        weights = [k for k in (0, 1) if self.recording.name(product.operands[k])[:1].lower() in ("w", "v", "u")]
        data = value(product.operands[1 - weights[0]]) if weights else value(product.operands[1])
        return vjp(op, i, g * data)

    def _gate_on_operand(self, k: int, g: Any, op: Operation, _: int) -> Any:
        product = self.made_by.get(id(op.operands[0]))
        while product is not None and product.kind == "add":
            product = self.made_by.get(id(product.operands[0]))
        if product is None or product.kind != "mul" or not hasattr(product.operands[k], "shape"):
            return None
        carrier = value(product.operands[k])
        return g * (carrier > 0) if carrier.shape == g.shape else None

    def _other_quantities(self, op: Operation) -> Iterator[Slip]:
        """Another quantity in the place of the factor that a product hands back."""
        if len(op.operands) != 2 or op.kind != "mul" or any(self.said(operand).startswith("dL_d") for operand in op.operands):
            return  # a gradient that is given stands for all that comes after, and is not a factor that one mistakes
        for i, edge in enumerate(op.edges):
            factor = op.operands[1 - i]
            if edge is None or not hasattr(factor, "shape"):
                continue
            for name, node in self.recording.nodes.items():
                if node is factor or node is op.operands[i] or node is op.output or node.shape != factor.shape:
                    continue
                if name == self.recording.output:
                    continue
                identity, words = self._relation(name, node, factor)
                change = Change(op, i, _times(value(node), op.operands[i].shape))
                yield self._named(("factor", op.number, i, name), identity, words, [change])

    def _relation(self, name: str, node: Any, factor: Any) -> tuple[str, str]:
        """How the quantity that was taken is related to the one that is needed, as an id and words about `{operand}`."""
        gives = self.made_by.get(id(factor))
        if gives is not None and gives.kind in ACTIVATIONS and gives.operands[0] is node:
            return (
                "pre-activation-for-activation",
                "{Operand} met what a unit puts out, after its activation function. Yours takes the pre-activation.",
            )
        taken = self.made_by.get(id(node))
        if taken is not None and taken.kind in ACTIVATIONS and taken.operands[0] is factor:
            return "activation-for-pre-activation", "{Operand} did not meet " + name + ", which is worked out later."
        if _stem(name) == _stem(self.recording.name(factor)):
            return "other-unit", "{Operand} never met " + name + ": that belongs to another unit or layer."
        if name in self.recording.inputs and name[:1].lower() == "x":
            return "input-for-activation", "{Operand} never met the input " + name + ". What was it multiplied with?"
        return "other-quantity", "{Operand} never met " + name + ". What was it multiplied with?"

    # --- several paths ------------------------------------------------------------------------------------------------

    def _over_paths(self) -> Iterator[Slip]:
        """Where one quantity is used several times: paths left out, averaged, with the wrong sign."""
        uses: dict[int, list[tuple[Operation, int]]] = defaultdict(list)
        for op in self.recording.operations:
            for i, operand in enumerate(op.operands):
                if op.edges[i] is not None:
                    uses[id(operand)].append((op, i))
        for tensor, edges in uses.items():
            if 2 <= len(edges) <= 6:
                name = self.recording.names.get(tensor, "")
                yield from self._paths_from(name or "the quantity", edges)

    def _paths_from(self, name: str, edges: list[tuple[Operation, int]]) -> Iterator[Slip]:
        numbers = tuple((op.number, i) for op, i in edges)
        said = f"Several paths lead on from {name}, and what comes back along them adds up. "
        for kept in range(len(edges)):
            for out in ([k for k in range(len(edges)) if k != kept], [kept]):
                if out == [kept] and len(edges) == 2:
                    continue
                changes = [Change(*edges[k], _scaled(*edges[k], 0.0)) for k in out]
                words = said + ("Yours has one of them." if len(out) > 1 or len(edges) == 2 else "One of them is missing.")
                yield self._combining(("paths", numbers, "without", tuple(out)), "one-path", words, changes)
        share = [Change(op, i, _scaled(op, i, 1 / len(edges))) for op, i in edges]
        yield self._combining(("paths", numbers, "averaged"), "paths-averaged", said + "Yours are averaged.", share)
        size = [Change(op, i, _absolute(op, i)) for op, i in edges]
        yield self._combining(("paths", numbers, "absolute"), "absolute-paths", said + "They add with their signs.", size)
        for k in range(len(edges)):
            turned = [Change(*edges[k], _scaled(*edges[k], -1.0))]
            yield self._combining(("paths", numbers, "turned", k), "paths-subtracted", said + "In yours one has the other sign.", turned)

    # --- the gradient of another loss ---------------------------------------------------------------------------------

    def _at_the_loss(self) -> Iterator[Slip]:
        """The gradient of another loss, or a short form at a place where it does not belong."""
        nodes, top = self.recording.nodes, self.recording.output
        is_log_loss = any(op.kind in ("log", "log_softmax", "softplus") for op in self.recording.operations[-8:])
        target = next((nodes[name] for name in ("y", "Y") if name in nodes), None)
        for name, node in nodes.items():
            if target is None or name not in PREDICTIONS or node.shape != target.shape or not node.requires_grad:
                continue
            p, y = value(node), value(target)
            before = self.made_by.get(id(node))
            at = {name: node}
            if before is not None and before.kind in ("sigmoid", "softmax") and self.recording.name(before.operands[0]):
                at[self.recording.name(before.operands[0])] = before.operands[0]
            for key, identity, words, gradient in _loss_gradients(p, y, is_log_loss):
                for where, tensor in at.items():
                    said = words.format(link=f"d{top}_d{where}")
                    yield Slip(("loss", key, where), identity, said, (where,), [Replacement(tensor, _constant(gradient))])

    # --- gradients in the middle --------------------------------------------------------------------------------------

    def _at_nodes(self) -> Iterator[Slip]:
        """A whole gradient that is copied from another unit, or added up over the units."""
        recording = self.recording
        inner = [name for name, node in recording.nodes.items() if node.requires_grad and name != recording.output]
        if recording.nodes[recording.output].ndim or not recording.nodes[recording.output].requires_grad:
            return
        top = recording.output
        gradients = recording.gradients([f"d{top}_d{name}" for name in inner])
        truth = {name: torch.as_tensor(gradients[f"d{top}_d{name}"]) for name in inner}
        for names in self._siblings(inner):
            total = sum(truth[name] for name in names)
            at = [Replacement(recording.nodes[name], _constant(total)) for name in names]
            words = f"Each of {_listed(names)} has a gradient of its own. Yours hands the sum of them to each."
            yield Slip(("siblings", *names), "every-unit-gets-the-sum", words, tuple(names), at)
            for one, other in combinations(names, 2):
                swapped = [Replacement(recording.nodes[a], _constant(truth[b])) for a, b in ((one, other), (other, one))]
                words = f"The gradients of {one} and {other} have changed places."
                yield Slip(("swapped", one, other), "units-swapped", words, (one, other), swapped)
                for a, b in ((one, other), (other, one)):
                    copy = [Replacement(recording.nodes[a], _constant(truth[b]))]
                    words = f"The gradient of {a} is that of {b}. Each unit's gradient goes back through its own quantities."
                    yield Slip(("copied", a, b), "other-unit", words, (a,), copy)

    def _siblings(self, names: Sequence[str]) -> list[list[str]]:
        """Groups of nodes that the same kind of operation makes in the same layer: the units of a layer."""
        groups: dict[Hashable, list[str]] = defaultdict(list)
        for name in names:
            node = self.recording.nodes[name]
            made = self.made_by.get(id(node))
            if made is not None:
                groups[made.kind, self.levels[id(node)], tuple(node.shape)].append(name)
        return [group for group in groups.values() if 2 <= len(group) <= 6]

    # --- words and places ---------------------------------------------------------------------------------------------

    def _slip(self, key: Hashable, rule: WrongRule, changes: list[Change]) -> Slip:
        return self._named(key, self._role(rule.id, changes[0]), rule.words, changes)

    def _role(self, identity: str, change: Change) -> str:
        """The usual name of a slip, which depends on what the operand is."""
        name = self.recording.name(change.operation.operands[change.operand])
        is_input = name in self.recording.inputs
        factors = [operand for operand in change.operation.operands if isinstance(operand, torch.Tensor)]
        if identity == "lost-factor" and len(factors) == 2:
            return "bias-equals-weight" if is_input and name[:1].lower() in "wv" else "no-outgoing-weight"
        return identity

    def _combining(self, key: Hashable, identity: str, words: str, changes: list[Change]) -> Slip:
        return replace(self._named(key, identity, words, changes), in_combining=True)

    def _named(self, key: Hashable, identity: str, words: str, changes: list[Change]) -> Slip:
        places = list(dict.fromkeys(self._place(change.operation) for change in changes))
        operands = list(dict.fromkeys(self._operand(change) for change in changes))
        called = CALLED[changes[0].operation.kind]
        said = {
            "place": places[0] if len(places) == 1 else f"each {called}",
            "operand": operands[0] if len(operands) == 1 else f"each of {_listed(operands)}",
        }
        filled = words.format(**said, **{name.capitalize(): _capitalised(text) for name, text in said.items()})
        names = (self.recording.name(change.operation.operands[change.operand]) for change in changes)
        return Slip(key, identity, filled, tuple(filter(None, names)), changes)

    def _place(self, op: Operation) -> str:
        output = self.recording.name(op.output)
        if output and op.kind in (*UNARY, "softmax", "log_softmax", "pow"):
            return f"the {CALLED[op.kind]} that gives {output}"
        operands = [self.said(operand) for operand in op.operands]
        if all(operands) and op.kind == "pow":
            return f"{operands[0]} to the power {operands[-1]}" if len(operands) == 2 else f"the square of {operands[0]}"
        if operands and all(operands):
            return f"the {CALLED[op.kind]} of {_listed(operands)}"
        return f"the {CALLED[op.kind]} that gives {output}" if output else f"one {CALLED[op.kind]}"

    def said(self, operand: Any) -> str:
        """The name of an operand, or the number that it is; empty for a tensor without a name."""
        return (
            self.recording.name(operand)
            if isinstance(operand, torch.Tensor)
            else f"{operand:g}"
            if isinstance(operand, (int, float))
            else ""
        )

    def _operand(self, change: Change) -> str:
        operand = change.operation.operands[change.operand]
        name = self.recording.name(operand)
        inner = self.made_by.get(id(operand))
        return name or (self._place(inner) if inner is not None else "its operand")

    def _changes(self, change: Change | Replacement, derivative: Derivative) -> bool:
        """Whether a change lies on a path from the top of a derivative to its bottom."""
        top, bottom = (self.recording.nodes[name].grad_fn for name in derivative)
        if isinstance(change, Replacement):
            start = end = change.tensor.grad_fn
        else:
            start, end = change.operation.output.grad_fn, change.operation.operands[change.operand].grad_fn
        return (start is top or start in self._before(top)) and (bottom is end or bottom in self._before(end))

    def _before(self, node: Any) -> frozenset[Any]:
        """All nodes of PyTorch's graph that a gradient at `node` goes on to."""
        if node is None:
            return frozenset()
        if node not in self._reached:
            following = [after for after, _ in node.next_functions if after is not None]
            self._reached[node] = frozenset(following).union(*(self._before(after) for after in following))
        return self._reached[node]


def predicted(recording: Recording, slip: Slip, asks: Sequence[str]) -> dict[str, Array] | None:
    """What someone who makes `slip` and nothing else answers; None where the slip cannot be made."""
    inner = [
        ask for ask in asks if slip.in_combining and ask not in recording.nodes and parts_of(ask, recording.nodes)[0] != recording.output
    ]
    try:
        changed = recording.gradients([ask for ask in asks if ask not in inner], slip.changes)
    except Inapplicable:
        return None
    return changed | (recording.gradients(inner) if inner else {})


def _loss_gradients(p: Any, y: Any, is_log_loss: bool) -> Iterator[tuple[str, str, str, Any]]:
    """Gradients that are taken for the loss's, at a prediction p with target y: a key, an id, words about `{link}`, the gradient."""
    turned = "In {link} the difference is the wrong way round: where the prediction is too high, raising it makes the loss grow."
    twice = "The slope of the activation is in your {link} once too often."
    yield "slope twice", "slope-twice", twice, (p - y) * p * (1 - p) * (1 if is_log_loss else 2)
    if is_log_loss:
        short = "{link} has the short form, prediction minus target. That belongs one node further back, before the sigmoid or the softmax."
        yield "short", "cross-entropy-shortcut", short, p - y
        yield "turned", "reversed-residual", turned, y - p
        yield "squared", "wrong-loss", "{link} looks like the gradient of a squared error. This loss is a log loss.", 2 * (p - y)
        yield "first term", "dropped-negative-class", "A log loss has two terms. Your {link} has the first only.", -y / p
        two = "The two terms of a log loss pull in opposite directions. In your {link} they do not."
        yield "plus", "log-loss-sign", two, -y / p - (1 - y) / (1 - p)
        yield "log turned", "loss-sign", "Your {link} has the other sign: a log loss has a minus in front.", (y - p) / (p * (1 - p))
        return
    other = "{link} looks like the gradient of a log loss or cross-entropy. This loss is a squared error."
    yield "short", "cross-entropy-shortcut", "{link} has the short form of cross-entropy. This loss is a squared error.", p - y
    yield "log", "wrong-loss", other, (p - y) / (p * (1 - p))
    yield "cross-entropy", "wrong-loss", other, -y / p
    yield "turned", "reversed-residual", turned, 2 * (y - p)
    kept = "The derivative of a square is not a square: look at {link}."
    yield "squared kept", "squared-residual-kept", kept, 2 * (p - y) ** 2
    yield "squared kept with minus", "squared-residual-kept", kept, -2 * (p - y) ** 2
    yield "loss", "loss-for-gradient", "Your {link} is the loss itself, not its derivative.", (p - y) ** 2


class Inapplicable(Exception):
    """The rule does not apply at this operation."""


def _bound(rule: WrongRule, op: Operation, i: int) -> Callable[[Any], Any]:
    def contribution(g: Any) -> Any:
        found = rule.rule(g.detach(), op, i)
        if found is None or found.shape != op.operands[i].shape:
            raise Inapplicable
        return found

    return contribution


def _times(quantity: Any, shape: tuple[int, ...]) -> Callable[[Any], Any]:
    return lambda g: (g * quantity).sum_to_size(shape)


def _scaled(op: Operation, i: int, factor: float) -> Callable[[Any], Any]:
    return lambda g: vjp(op, i, g) * factor


def _absolute(op: Operation, i: int) -> Callable[[Any], Any]:
    return lambda g: vjp(op, i, g).abs()


def _constant(gradient: Any) -> Callable[[Any], Any]:
    return lambda g: gradient.clone()


def _levels(recording: Recording, made_by: dict[int, Operation]) -> dict[int, int]:
    """How many operations that are not sums or products lie before each tensor: the layer that it belongs to."""
    levels: dict[int, int] = {}
    for op in recording.operations:
        before = max((levels.get(id(operand), 0) for operand in op.operands), default=0)
        levels[id(op.output)] = before + (op.kind in (*UNARY, "pow", "softmax"))
    return levels


def _capitalised(text: str) -> str:
    """`text` at the beginning of a sentence; the name of a variable stays as it is."""
    return text[:1].upper() + text[1:] if text.startswith(("the ", "each ", "one ", "its ")) else text


def same_stem(one: str, other: str) -> bool:
    """Whether two names differ in their indices only, as w1_2 and w2_1 do."""
    return bool(one) and bool(other) and _stem(one) == _stem(other)


def _stem(name: str) -> str:
    """A name without its indices: w1_2 and w2_1 are both w."""
    return re.sub(r"[\d_]+", "", name)


def _listed(names: Sequence[str]) -> str:
    """Names as they are said: a, b and c."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
