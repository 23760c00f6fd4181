"""The forward and the backward pass of a network as
a list of steps, one for each node, and their words.
"""

import ast
from dataclasses import dataclass

from ...autodiff.trace import Trace
from ...figures.networks import Network
from ...translation import N_, _
from ..stage.formulas import as_maths, parsed, with_numbers, with_symbols
from ..stage.notation import spoken
from ..stage.sheet import amount


@dataclass(frozen=True)
class Step:
    """A node that gets its value, or, in the backward pass, its gradient."""

    node: str
    back: bool


def steps_of(network: Network) -> list[Step]:
    """All values from left to right, then all gradients
    from right to left, except those of targets.
    """
    now = network.trace({})
    computed = [name for name in now.values if name not in network.inputs]
    far: dict[str, int] = {}
    for name in reversed([*network.inputs, *computed]):  # how many arrows away from the output, by the longest way
        far[name] = max((far[stop] + 1 for start, stop in now.slopes if start == name), default=0)
    order = [*computed, *network.inputs]
    wanted = [name for name in order if name in computed or not name.startswith("y")]
    return [Step(name, False) for name in computed] + [Step(name, True) for name in sorted(wanted, key=lambda name: far[name])]


def ask_of(network: Network, step: Step) -> str:
    """The step's number by the name it has in exercises: z, or dL_dz."""
    return f"d{network.output}_d{step.node}" if step.back else step.node


def number_of(now: Trace, step: Step) -> float:
    """What the step works out, by PyTorch."""
    return now.gradients[step.node] if step.back else now.values[step.node]


def used_by(network: Network, now: Trace, step: Step) -> list[str]:
    """The nodes whose numbers the step uses: the
    parents' values, or the gradients of the next nodes.
    """
    if step.back:
        return [stop for start, stop in now.slopes if start == step.node]
    return [start for start, stop in now.slopes if stop == step.node]


# --- as mathematics -------------------------------------------------------------------------------


def left_side(network: Network, step: Step) -> str:
    """The symbol of what the step works out."""
    label = network.labels[step.node]
    return _partial(network.labels[network.output], label) if step.back else label


def symbols_of(network: Network, now: Trace, step: Step) -> str:
    """The right side of the step's formula in symbols;
    empty if it would only repeat the left side.
    """
    if step.back:
        out, label = network.labels[network.output], network.labels[step.node]
        ends = [network.labels[stop] for stop in used_by(network, now, step)]
        return " + ".join(rf"{_partial(out, end)} \cdot {_partial(end, label)}" for end in ends)
    text = with_symbols(network.formulas[step.node], network.labels)
    return "" if _bare(text) == _bare(network.labels[step.node]) else text


def numbers_of(network: Network, now: Trace, step: Step) -> str:
    """The same with the numbers put in; empty at the output, where the backward pass begins."""
    if not step.back:
        return with_numbers(network.formulas[step.node], now.values)
    pairs = [(now.gradients[stop], now.slopes[step.node, stop]) for stop in used_by(network, now, step)]
    terms = [rf"{_factor(upstream, first=k == 0)} \cdot {_factor(slope)}" for k, (upstream, slope) in enumerate(pairs)]
    return " + ".join(terms)


def lines_of(network: Network, now: Trace, step: Step) -> list[str]:
    """The whole formula on one line or two: in symbols, then with the numbers and the result."""
    left, symbols, numbers = left_side(network, step), symbols_of(network, now, step), numbers_of(network, now, step)
    result = as_maths(number_of(now, step))
    first = f"{left} = {symbols}" if symbols else left
    rest = f"= {numbers} = {result}" if numbers and numbers != result else f"= {result}"
    return [first, rest] if symbols else [f"{first} {rest}"]


def _factor(value: float, first: bool = False) -> str:
    text = as_maths(value)
    return f"({text})" if text.startswith("-") and not first else text


def _partial(top: str, bottom: str) -> str:
    return rf"\dfrac{{\partial {top}}}{{\partial {bottom}}}"


def _bare(formula: str) -> str:
    return "".join(sign for sign in formula if sign not in "{} ")


# --- in words -------------------------------------------------------------------------------------


def name_of(network: Network, step: Step) -> str:
    """What the step works out, in words."""
    label = spoken(network.labels[step.node])
    return _("the gradient at {label}", label=label) if step.back else _("the value of {label}", label=label)


def in_words(network: Network, now: Trace, step: Step) -> str:
    """The step in a sentence, with the numbers it uses."""
    parts = []
    for other in used_by(network, now, step):
        label = spoken(network.labels[other])
        if step.back:
            gradient, slope = amount(now.gradients[other]), amount(now.slopes[step.node, other])
            parts.append(_("{gradient} at {name} times the local derivative {slope}", gradient=gradient, name=label, slope=slope))
        else:
            parts.append(f"{label} {amount(now.values[other])}")
    name = name_of(network, step)
    joined = (_(" plus ") if step.back else ", ").join(parts)
    message = N_("{name} is {value}, from {parts}.") if parts else N_("{name} is {value}.")
    return _(message, name=name[0].upper() + name[1:], value=amount(number_of(now, step)), parts=joined)


def rule_of(network: Network, now: Trace, step: Step) -> str:
    """What kind of node the gradient comes through."""
    if not step.back:
        return ""
    ends = used_by(network, now, step)
    if not ends:
        return _("The backward pass begins here: the derivative of the output with respect to itself is 1.")
    if len(ends) > 1:
        return _("{count} nodes use it. Their contributions add.", count=len(ends))
    return _(_RULES[kind_of(parsed(network.formulas[ends[0]]), step.node)])


_RULES = {
    "add": N_("An add node passes on its gradient."),
    "multiply": N_("A multiply node hands each input the value of the other one."),
    "function": N_("A function multiplies the gradient by its derivative."),
    "other": N_("The local derivative of the next node is a factor."),
}


def kind_of(tree: ast.expr, name: str) -> str:
    """How `name` enters a formula: a term of a sum ("add"), a factor
    ("multiply"), the argument of a function ("function"), or "other".
    """
    if isinstance(tree, ast.Name):
        return "add"
    if isinstance(tree, ast.BinOp) and isinstance(tree.op, ast.Add):
        return kind_of(tree.left if mentions(tree.left, name) else tree.right, name)
    if (
        isinstance(tree, ast.BinOp)
        and isinstance(tree.op, ast.Mult)
        and isinstance(tree.left, ast.Name)
        and isinstance(tree.right, ast.Name)
    ):
        return "multiply"
    return "function" if isinstance(tree, ast.Call) and isinstance(tree.args[0], ast.Name) else "other"


def mentions(tree: ast.expr, name: str) -> bool:
    """Whether `name` occurs in the formula."""
    return any(isinstance(part, ast.Name) and part.id == name for part in ast.walk(tree))
