"""Wrong numbers that learners are known to find at a node,
and words for the mistake, which never give the answer.
"""

import ast
import copy
from collections.abc import Collection, Iterator
from contextlib import suppress
from types import SimpleNamespace

import numpy as np

from ...autodiff.tape import Tape
from ...autodiff.trace import Trace
from ...figures.networks import Network
from ..stage.formulas import function_name, parsed, worked_out
from .steps import Step, ask_of, kind_of, used_by

Slip = tuple[float, str]  # the number it leads to, and what is said


def slips_at(network: Network, now: Trace, own: Trace, step: Step, known: Collection[str] = ()) -> Iterator[Iterator[Slip]]:
    """All mistakes known at a step: the exercise's own here,
    those of any graph, and the exercise's earlier ones.

    now    what PyTorch says
    own    the same, with the reader's own numbers in place of PyTorch's
    known  what has been written down already: a mistake there would be visible there
    """
    yield _made_here(network, own, step)
    yield _of_gradient(network, own, step) if step.back else _of_value(network, own, step)
    yield _carried_on(network, now, step, known)


# --- the exercise's -------------------------------------------------------------------------------


def _made_here(network: Network, own: Trace, step: Step) -> Iterator[Slip]:
    here, ask = _everything(network, own), ask_of(network, step)
    for mistake in network.exercise.mistakes if network.exercise else ():
        if ask in mistake.formulas:
            with suppress(AttributeError, KeyError, ArithmeticError), np.errstate(all="ignore"):
                yield float(mistake.formulas[ask](here)), mistake.words


def _carried_on(network: Network, now: Trace, step: Step, known: Collection[str]) -> Iterator[Slip]:
    """Mistakes at other steps, each made once and nothing else: what comes of them here."""
    if network.exercise is None:
        return
    ask, sample = ask_of(network, step), network.exercise.measure({name: now.values[name] for name in network.inputs})
    for mistake in network.exercise.mistakes:
        if ask not in mistake.formulas and not (mistake.formulas and set(mistake.formulas) <= set(known)):
            with suppress(AttributeError, KeyError, ArithmeticError), np.errstate(all="ignore"):
                wrong = {link: formula(sample.everything) for link, formula in mistake.formulas.items()}
                yield float(Tape(mistake.program or network.forward, sample.inputs, replaced=wrong).answer(ask)), mistake.words


def _everything(network: Network, now: Trace) -> SimpleNamespace:
    gradients = {f"d{network.output}_d{name}": np.float64(value) for name, value in now.gradients.items()}
    return SimpleNamespace(**{name: np.float64(value) for name, value in now.values.items()} | gradients)


# --- those of any graph ---------------------------------------------------------------------------


def _of_gradient(network: Network, own: Trace, step: Step) -> Iterator[Slip]:
    ends = used_by(network, own, step)
    shares = [own.gradients[end] * own.slopes[step.node, end] for end in ends]
    if len(ends) == 1:
        upstream, slope = own.gradients[ends[0]], own.slopes[step.node, ends[0]]
        yield slope, "That is the local derivative alone. The upstream gradient is a factor too."
        yield upstream, "That is the upstream gradient, unchanged. Only an add node passes it on unchanged."
        if kind_of(parsed(network.formulas[ends[0]]), step.node) == "multiply":
            yield upstream * own.values[step.node], "A multiply node hands each input the OTHER input's value. Yours gets its own."
        else:
            yield upstream * own.values[step.node], "Multiply by the slope of the next node, not by the value of this one."
    elif len(ends) > 1:
        for share in shares:
            yield share, "That is the contribution of one path. Every node that uses it contributes."
        yield sum(shares) / len(shares), "Contributions from several nodes add up. They are not averaged."
    else:
        yield own.values[step.node], "That is the value. How far does the output move if it moves itself?"
        yield 0.0, "How far does the output move if it moves itself?"
    if shares:
        yield -sum(shares), "The sign is wrong."
    yield own.values[step.node], "That is the value of the node. Its gradient is asked for here."


def _of_value(network: Network, own: Trace, step: Step) -> Iterator[Slip]:
    tree = parsed(network.formulas[step.node])
    for other, words in _variants(tree):
        yield worked_out(other, own.values), words
    yield -worked_out(tree, own.values), "The sign is wrong."


def _variants(tree: ast.expr) -> Iterator[tuple[ast.expr, str]]:
    """The formula with one slip in it."""
    for place, part in enumerate(ast.walk(tree)):
        if isinstance(part, ast.BinOp) and isinstance(part.op, ast.Add):
            for side in (part.left, part.right):
                yield _with(tree, place, side), "A part of the sum is missing."
            yield _with(tree, place, ast.BinOp(part.left, ast.Mult(), part.right)), "Something was multiplied that should be added."
            yield _with(tree, place, ast.BinOp(part.left, ast.Sub(), part.right)), "Something was taken away that should be added."
        elif isinstance(part, ast.BinOp) and isinstance(part.op, ast.Mult):
            yield _with(tree, place, ast.BinOp(part.left, ast.Add(), part.right)), "Something was added that should be multiplied."
        elif isinstance(part, ast.Call):
            yield from _other_functions(tree, place, part)
    if isinstance(tree, ast.UnaryOp) and isinstance(tree.operand, ast.BinOp):
        first = ast.BinOp(ast.UnaryOp(ast.USub(), tree.operand.left), tree.operand.op, tree.operand.right)
        yield first, "The minus stands in front of the whole. Yours reaches only the first part."


def _other_functions(tree: ast.expr, place: int, part: ast.Call) -> Iterator[tuple[ast.expr, str]]:
    inner, name = part.args[0], function_name(part)
    yield _with(tree, place, inner), "The number still has to pass through the function."
    if name == "log":
        yield (
            _with(tree, place, ast.Call(ast.Name("log10"), [inner], [])),
            "That is the logarithm to base 10. In these lessons log is the natural one.",
        )
    if name == "sigmoid":
        turned = ast.Call(ast.Name("sigmoid"), [ast.UnaryOp(ast.USub(), inner)], [])
        yield _with(tree, place, turned), "The sigmoid is 1 / (1 + exp(−z)). The minus in its exponent is lost."


def _with(tree: ast.expr, place: int, instead: ast.expr) -> ast.expr:
    """The formula with another part at `place`, counted as ast.walk goes."""
    if place == 0:
        return instead
    whole = copy.deepcopy(tree)
    target = list(ast.walk(whole))[place]
    for part in ast.walk(whole):
        for field, value in ast.iter_fields(part):
            if value is target:
                setattr(part, field, instead)
                return whole
            if isinstance(value, list) and any(item is target for item in value):
                setattr(part, field, [instead if item is target else item for item in value])
                return whole
    raise ValueError(f"nothing at place {place}")
