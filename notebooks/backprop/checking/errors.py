"""What a learner is told of an error in their own code: what happened, and on which line."""

import ast
import linecache
import re
import site
import sysconfig
from collections.abc import Callable, Iterator
from difflib import get_close_matches
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np

from ..translation import N_, _

PACKAGE = str(Path(__file__).parents[1])  # where lines are ours and not the learner's
LIBRARIES = tuple({*site.getsitepackages(), site.getusersitepackages(), sysconfig.get_paths()["stdlib"], sysconfig.get_paths()["purelib"]})
LONGEST_LINE = 90


def stopped(name: str, error: BaseException) -> str:
    """That the function called `name` stopped with `error`, where, and what that means."""
    frame, number = learners_frame(error)
    line = _line(frame, number)
    try:
        meaning = in_words(error, frame, line)
    except Exception:  # a learner's own objects may raise anything when they are looked at
        meaning = ""
    said = meaning if meaning and len(brief(error)) > LONGEST_LINE else brief(error)
    message = N_("{name} stopped with {type}: {said}.")
    if line:
        message = N_("{name} stopped with {type}: {said} (line {number} of its cell: `{line}`).")
    elif frame is not None:
        message = N_("{name} stopped with {type}: {said} (line {number} of its cell).")
    words = _(message, name=name, type=type_name(error), said=said.rstrip("."), number=number, line=line)
    return words if said == meaning or not meaning else f"{words} {meaning}"


def in_words(error: BaseException, frame: FrameType | None, line: str) -> str:
    """What an error means, where it is one that learners meet; empty otherwise."""
    local = dict(frame.f_locals) if frame is not None else {}
    for explain in EXPLANATIONS:
        if words := explain(error, str(error), local, line):
            return words
    return ""


# --- explanations ---------------------------------------------------------------------------------


def _not_a_power(error: BaseException, text: str, local: dict[str, Any], line: str) -> str:
    if isinstance(error, TypeError) and ("for ^" in text or "bitwise_xor" in text):
        found = re.search(r"([\w.\])]+)\s*\^\s*([\w.(]+)", line)
        base, power = found.groups() if found else ("a", "2")
        return _("In Python {base}^{power} is not a power: write {base}**{power}.", base=base, power=power)
    return ""


def _inner_sizes(error: BaseException, text: str, local: dict[str, Any], line: str) -> str:
    """Of a matrix product: the two shapes, and that their inner sizes differ."""
    found = (
        re.search(r"matmul: Input operand 1 has a mismatch.*\(size (?P<b>\d+) is different from (?P<a>\d+)\)", text)
        or re.search(r"shapes (?P<one>\([\d, ]*\)) and (?P<other>\([\d, ]*\)) not aligned", text)
        or re.search(r"mat1 and mat2 shapes cannot be multiplied \((?P<one>\d+x\d+) and (?P<other>\d+x\d+)\)", text)
    )
    if found is None:
        return ""
    sizes = found.groupdict()
    shapes = (sizes["one"], sizes["other"]) if "one" in sizes else _mismatched(line, local)
    if shapes is None:
        return _(
            "The inner sizes of a matrix product must match. Here they are {a} and {b}.",
            a=sizes["a"],
            b=sizes["b"],
        )
    words = _("{one} @ {other}: the inner sizes differ.", one=shapes[0], other=shapes[1])
    one, other = (tuple(map(int, re.findall(r"\d+", shape))) for shape in shapes)
    if len(one) == 2 and one[0] == other[0]:
        return words + " " + _("With the left one transposed they are equal. Is a transpose missing, or one too many?")
    if len(other) == 2 and one[-1] == other[1]:
        return words + " " + _("With the right one transposed they are equal. Is a transpose missing, or one too many?")
    return words


def _mismatched(line: str, local: dict[str, Any]) -> tuple[str, str] | None:
    """The shapes of the two sides of the product in `line` that does not fit."""
    for one, other in _products(line):
        a, b = (_looked_up(side, local) for side in (one, other))
        if isinstance(a, np.ndarray) and isinstance(b, np.ndarray) and a.ndim and b.ndim:
            inner = b.shape[0] if b.ndim == 1 else b.shape[-2]
            if a.shape[-1] != inner:
                return str(a.shape), str(b.shape)
    return None


def _products(line: str) -> Iterator[tuple[ast.expr, ast.expr]]:
    try:
        tree = ast.parse(line.rstrip(":"))
    except SyntaxError:  # the line is part of a longer statement
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):
            yield node.left, node.right


def _looked_up(node: ast.expr, local: dict[str, Any]) -> Any:
    """The value of a name, its transpose or an entry; None for all else, and nothing is called."""
    if isinstance(node, ast.Name):
        return local.get(node.id)
    if isinstance(node, ast.Attribute) and node.attr == "T":
        whole = _looked_up(node.value, local)
        return whole.T if type(whole) is np.ndarray else None
    if isinstance(node, ast.Subscript):
        whole, index = _looked_up(node.value, local), _index(node.slice, local)
        if type(whole) in (list, tuple, np.ndarray) and index is not None and -len(whole) <= index < len(whole):
            return whole[index]
    return None


def _index(node: ast.expr, local: dict[str, Any]) -> int | None:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and isinstance(node.operand, ast.Constant):
        return -node.operand.value if type(node.operand.value) is int else None
    found = node.value if isinstance(node, ast.Constant) else local.get(node.id) if isinstance(node, ast.Name) else None
    return found if type(found) is int else None


def _entry_by_entry(error: BaseException, text: str, local: dict[str, Any], line: str) -> str:
    found = re.search(r"operands could not be broadcast together with shapes (\([\d, ]*\)) (\([\d, ]*\))", text)
    if found is None:
        return ""
    one, other = (shape.replace(",", ", ").replace(", )", ",)") for shape in found.groups())
    return _(
        "{one} and {other} do not fit entry by entry: counted from the right, their sizes must be equal, or one of them 1.",
        one=one,
        other=other,
    )


def _uneven_rows(error: BaseException, text: str, local: dict[str, Any], line: str) -> str:
    if isinstance(error, ValueError) and "inhomogeneous shape" in text:
        return _("the rows of an array all have the same length, and these have not")
    return ""


def _forgotten_self(error: BaseException, text: str, local: dict[str, Any], line: str) -> str:
    name = getattr(error, "name", None)
    if isinstance(error, NameError) and name and "self" in local:
        owner = local["self"]
        if name in getattr(owner, "__dict__", ()) or hasattr(type(owner), name):
            return _("Inside a method an object's own values are reached through self: self.{name}.", name=name)
    # It may be meant as a variable, such as `gradient`, unless it is called.
    if isinstance(error, NameError) and name and callable(getattr(np, name, None)) and re.search(rf"(?<![.\w]){re.escape(name)}\(", line):
        return _("NumPy has it: np.{name}.", name=name)
    return ""


def _attribute(error: BaseException, text: str, local: dict[str, Any], line: str) -> str:
    name, owner = getattr(error, "name", None), getattr(error, "obj", None)
    if not isinstance(error, AttributeError) or not name or owner is None:
        return ""
    if isinstance(owner, (int, float)) and name in ("data", "grad"):
        return _(
            "{owner!r} is a plain number and has no .{name}. Operations take numbers too: make a node of it first.", owner=owner, name=name
        )
    if isinstance(owner, np.ndarray) and name == "append":
        return _("An array keeps its size. Collect in a list, and make an array of it at the end.")
    stored = [one for one in getattr(owner, "__dict__", {}) if isinstance(one, str)]
    if type(owner).__module__ == "builtins" or not isinstance(getattr(owner, "__dict__", None), dict):
        return ""
    near = get_close_matches(name, stored, n=1)
    if near:
        return _("It has .{near}. Is .{name} a slip of the pen?", near=near[0], name=name)
    return _("A {type} has .{name} only where __init__ stores it, as self.{name} = ...", type=type_name(owner), name=name)


def _function_of_a_node(error: BaseException, text: str, local: dict[str, Any], line: str) -> str:
    found = re.search(r"loop of ufunc does not support argument \d of type (\w+) which has no callable (\w+) method", text)
    if found is None:
        return ""
    return _(
        "np.{function} takes numbers, and a {type} is none. Its number is in .data, as in np.{function}(self.data).",
        type=found[1],
        function=found[2],
    )


def _one_truth(error: BaseException, text: str, local: dict[str, Any], line: str) -> str:
    if "truth value of an array" in text or "Boolean value of Tensor with more than one value" in text:
        return _("`if` decides about one number, and this is an array: each entry needs a decision of its own.")
    return ""


def _nothing_returned(error: BaseException, text: str, local: dict[str, Any], line: str) -> str:
    if (
        isinstance(error, TypeError)
        and "NoneType" in text
        and ("iterable" in text or "subscriptable" in text or "unsupported operand" in text)
    ):
        return _("There is None where a value is needed. Does a function that is called here lack its `return`?")
    if isinstance(error, TypeError) and "'function'" in text and "operand" in text:
        return _("One side is a function and not its value: call it, as in f(x).")
    return ""


EXPLANATIONS: tuple[Callable[[BaseException, str, dict[str, Any], str], str], ...] = (
    _not_a_power,
    _inner_sizes,
    _entry_by_entry,
    _uneven_rows,
    _forgotten_self,
    _attribute,
    _function_of_a_node,
    _one_truth,
    _nothing_returned,
)

# --- where ----------------------------------------------------------------------------------------


def learners_frame(error: BaseException) -> tuple[FrameType | None, int]:
    """The innermost frame of the learner's own code in which `error` arose, and the line there."""
    trace, frame, number = error.__traceback__, None, 0
    while trace is not None:
        if not trace.tb_frame.f_code.co_filename.startswith((PACKAGE, *LIBRARIES)):
            frame, number = trace.tb_frame, trace.tb_lineno
        trace = trace.tb_next
    return frame, number


def _line(frame: FrameType | None, number: int) -> str:
    """The learner's own line; empty where it cannot be seen, or is long."""
    line = "" if frame is None else linecache.getline(frame.f_code.co_filename, number, frame.f_globals).strip()
    return line if len(line) <= LONGEST_LINE and "`" not in line else ""


# --- words ----------------------------------------------------------------------------------------


def type_name(value: Any) -> str:
    """The name of a value's type."""
    try:
        return str(type(value).__name__)
    except Exception:  # a metaclass may refuse
        return "object"


def brief(text: Any, limit: int = 160) -> str:
    """`text` in one line that is not too long."""
    try:
        line = " ".join(str(text).split())
    except Exception:  # an error whose own text cannot be made
        line = _("(no readable text)")
    return line if len(line) <= limit else line[: limit - 1] + "…"
