"""The formulas of a network's nodes: written as mathematics with symbols or numbers, and computed.

A formula is a Python expression in the names of nodes, with + - * / ** and log, exp, sigmoid, relu.
"""

import ast
import math
from collections.abc import Callable, Mapping
from functools import lru_cache

import numpy as np

from .notation import from_superscript
from .sheet import amount

Tree = ast.expr


@lru_cache(maxsize=512)
def parsed(formula: str) -> Tree:
    """The expression as a tree, to be read and not changed."""
    return ast.parse(formula, mode="eval").body


def with_symbols(formula: str, labels: Mapping[str, str]) -> str:
    """The formula as mathematics, each node by its label."""
    return _Writer(lambda name: labels[name], "")(parsed(formula))[0]


def with_numbers(formula: str, values: Mapping[str, float]) -> str:
    """The formula as mathematics, each node by its value."""
    return _Writer(lambda name: as_maths(values[name]), r" \cdot ")(parsed(formula))[0]


def as_maths(value: float, digits: int = 4) -> str:
    """A number as mathematics."""
    text = amount(value, digits).replace("−", "-")
    if not np.isfinite(value):
        return r"\mathrm{" + text.replace(" ", r"\ ") + "}"
    mantissa, power, raised = text.partition("·10")
    return mantissa if not power else rf"{mantissa} \cdot 10^{{{from_superscript(raised)}}}"


# What needs no brackets in which place. A text is a sum, negative (it begins with a minus), a
# product or an atom.
_TERM, _FIRST_FACTOR, _FACTOR = {"product", "atom"}, {"negative", "product", "atom"}, {"atom"}


def _within(written: tuple[str, str], allowed: set[str]) -> str:
    text, kind = written
    return text if kind in allowed else f"({text})"


class _Writer:
    """Writes an expression; `leaf` gives the text for a name, `dot` the sign between factors."""

    def __init__(self, leaf: Callable[[str], str], dot: str) -> None:
        self.leaf, self.dot = leaf, dot

    def __call__(self, tree: Tree) -> tuple[str, str]:
        return getattr(self, type(tree).__name__)(tree)

    def Name(self, tree: ast.Name) -> tuple[str, str]:
        text = self.leaf(tree.id)
        return text, "negative" if text.startswith("-") else "atom"

    def Constant(self, tree: ast.Constant) -> tuple[str, str]:
        return str(tree.value), "atom"

    def UnaryOp(self, tree: ast.UnaryOp) -> tuple[str, str]:
        return f"-{_within(self(tree.operand), _TERM)}", "negative"

    def Call(self, tree: ast.Call) -> tuple[str, str]:
        name, inner = function_name(tree), self(tree.args[0])
        text, kind = inner
        if name == "log" and kind == "atom" and isinstance(tree.args[0], ast.Name):
            return rf"\log {text}", "atom"
        return {"log": rf"\log({text})", "exp": f"e^{{{text}}}", "sigmoid": rf"\sigma({text})", "relu": rf"\max(0,\,{text})"}[name], "atom"

    def BinOp(self, tree: ast.BinOp) -> tuple[str, str]:
        return getattr(self, type(tree.op).__name__)(self(tree.left), self(tree.right), tree)

    def Add(self, left: tuple[str, str], right: tuple[str, str], _: Tree) -> tuple[str, str]:
        return f"{left[0]} + {_within(right, _TERM)}", "sum"

    def Sub(self, left: tuple[str, str], right: tuple[str, str], _: Tree) -> tuple[str, str]:
        return f"{left[0]} - {_within(right, _TERM)}", "sum"

    def Mult(self, left: tuple[str, str], right: tuple[str, str], tree: ast.BinOp) -> tuple[str, str]:
        names = isinstance(tree.left, ast.Name) and isinstance(tree.right, ast.Name)
        dot = self.dot or ("" if names else r"\,")
        return f"{_within(left, _FIRST_FACTOR)}{dot}{_within(right, _FACTOR)}", "negative" if left[1] == "negative" else "product"

    def Div(self, left: tuple[str, str], right: tuple[str, str], _: Tree) -> tuple[str, str]:
        return rf"\dfrac{{{left[0]}}}{{{right[0]}}}", "atom"

    def Pow(self, left: tuple[str, str], right: tuple[str, str], _: Tree) -> tuple[str, str]:
        return f"{_within(left, _FACTOR)}^{{{right[0]}}}", "atom"


# --- in pieces ------------------------------------------------------------------------------------

Piece = tuple[str, float, float | None]
_ADVANCE = dict.fromkeys("0123456789", 0.5) | {".": 0.278, "(": 0.389, ")": 0.389, "-": 0.778}
_SPACE = {"=": 0.3, "+": 0.25, "-": 0.25, r"\cdot": 0.28}


def in_pieces(formula: str) -> list[Piece]:
    """A formula in pieces for `Sheet.maths_row`: cut at its signs, its numbers into digits.

    Pieces are drawn only once, so new numbers need no new drawing.
    """
    pieces: list[Piece] = []
    space = 0.0
    for word in _words(formula):
        if word in _SPACE:
            pieces.append((word, _SPACE[word], None))
            space = _SPACE[word]
        elif set(word) <= set(_ADVANCE):
            pieces += [(sign, space if k == 0 else 0.0, _ADVANCE[sign]) for k, sign in enumerate(word)]
            space = 0.0
        else:
            brackets = len(word) - len(word.lstrip("-("))
            pieces += [(sign, space if k == 0 else 0.0, _ADVANCE[sign]) for k, sign in enumerate(word[:brackets])]
            pieces.append((word[brackets:], 0.05 if brackets else space, None))
            space = 0.05
    return pieces


def _words(formula: str) -> list[str]:
    """The formula cut at spaces that are in no braces; "\\log 2" stays whole."""
    words, depth = [""], 0
    for sign in formula:
        depth += {"{": 1, "}": -1}.get(sign, 0)
        if sign == " " and depth == 0 and not words[-1].endswith(r"\log"):
            words.append("")
        else:
            words[-1] += sign
    return [word for word in words if word]


# --- working out ----------------------------------------------------------------------------------

_FUNCTIONS: dict[str, Callable[[np.float64], np.float64]] = {
    "log": np.log,
    "log10": np.log10,
    "exp": np.exp,
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "relu": lambda z: np.maximum(0.0, z),
}
_OPERATIONS: dict[type, Callable[[np.float64, np.float64], np.float64]] = {
    ast.Add: np.add,
    ast.Sub: np.subtract,
    ast.Mult: np.multiply,
    ast.Div: np.divide,
    ast.Pow: np.power,
}


def worked_out(tree: Tree, values: Mapping[str, float]) -> float:
    """The number that the expression stands for; nan or infinity where there is none."""
    with np.errstate(all="ignore"):
        return float(_number(tree, values))


def function_name(call: ast.Call) -> str:
    """The name of the function that a formula calls."""
    if not isinstance(call.func, ast.Name):
        raise ValueError("not arithmetic")
    return call.func.id


def _number(tree: Tree, values: Mapping[str, float]) -> np.float64:
    if isinstance(tree, ast.Name):
        return np.float64(values[tree.id])
    if isinstance(tree, ast.Constant) and isinstance(tree.value, (int, float)) and not isinstance(tree.value, bool):
        return np.float64(tree.value)
    if isinstance(tree, ast.UnaryOp) and isinstance(tree.op, (ast.USub, ast.UAdd)):
        inner = _number(tree.operand, values)
        return -inner if isinstance(tree.op, ast.USub) else inner
    if isinstance(tree, ast.Call):
        return _FUNCTIONS[function_name(tree)](_number(tree.args[0], values))
    if isinstance(tree, ast.BinOp) and type(tree.op) in _OPERATIONS:
        return _OPERATIONS[type(tree.op)](_number(tree.left, values), _number(tree.right, values))
    raise ValueError("not arithmetic")


# --- typed by the reader --------------------------------------------------------------------------

_PLAIN = set("0123456789+-*/().e ")
LONGEST = 80


def typed_number(text: str) -> float | None:
    """The number that was typed: 0.5, 1,5, 1/4, -6+7.5.

    None if it is none; nothing but arithmetic is evaluated.
    """
    plain = text.strip().lower().translate(_SIGNS)
    if not plain or len(plain) > LONGEST or not set(plain) <= _PLAIN or "**" in plain or "//" in plain:
        return None
    try:
        found = float(plain)
    except ValueError:
        try:
            found = worked_out(parsed(plain), {})
        except (SyntaxError, ValueError, KeyError, AttributeError, OverflowError, RecursionError, MemoryError):
            return None
    return found if math.isfinite(found) else None


_SIGNS = str.maketrans({"−": "-", "–": "-", ",": ".", "·": "*", "×": "*", ":": "/"})
