"""Finds shortcuts past a derivation by hand in the text of answers, for a person to look at.

Marks do not change.
"""

import ast
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from autograder.running.observed import LIBRARIES, OF_CHECKS, Shortcut

CALLED = {
    **dict.fromkeys(("backward", "grad", "jacobian", "hessian", "jacrev", "vjp", "hvp", "vhp"), Shortcut.AUTOGRAD),
    **dict.fromkeys(("run_backward", "_engine_run_backward"), Shortcut.AUTOGRAD),
    **dict.fromkeys(("jvp", "jacfwd", "make_dual", "unpack_dual", "linearize"), Shortcut.FORWARD_MODE),
    **dict.fromkeys(("central_difference", "approx_fprime", "approx_derivative"), Shortcut.DIFFERENCES),
    **dict.fromkeys(("fork", "forkpty", "Popen", "Process", "ProcessPoolExecutor", "check_output"), Shortcut.PROCESS),
    **dict.fromkeys(OF_CHECKS, Shortcut.CHECK),
}
BARE = {  # calls of a name that may mean anything else as a method
    **dict.fromkeys(("open", "loadtxt"), Shortcut.FILE),
    **dict.fromkeys(("exec", "eval", "__import__"), Shortcut.CODE_IN_TEXT),
}
MODULES = LIBRARIES | {
    "pickle": Shortcut.FILE,
    "loadtxt": Shortcut.FILE,
    "subprocess": Shortcut.PROCESS,
    "multiprocessing": Shortcut.PROCESS,
    "forward_ad": Shortcut.FORWARD_MODE,
    "differentiate": Shortcut.DIFFERENCES,
    "central_difference": Shortcut.DIFFERENCES,
    "jvp": Shortcut.FORWARD_MODE,
    "jacfwd": Shortcut.FORWARD_MODE,
    "vjp": Shortcut.AUTOGRAD,
    "jacrev": Shortcut.AUTOGRAD,
}
NOT_BARE = frozenset(["backward", "draw", "measure", "Process", "linearize", "experiment", "referee", "central_difference", "hessian"])
LONGEST = 100_000  # characters of a student's cell that are looked through


@dataclass(frozen=True, order=True)
class Use:
    """A shortcut and the name by which it is taken."""

    shortcut: Shortcut
    by: str = ""

    @property
    def words(self) -> str:
        """As a flag says it."""
        return f"{self.shortcut} ({self.by})" if self.by else str(self.shortcut)


@dataclass(frozen=True)
class _Statement:
    """A statement at the top level of a cell: the
    names that it binds and reads, and its shortcuts.
    """

    binds: frozenset[str]
    reads: frozenset[str]
    uses: frozenset[Use]
    defines: bool  # a function, a class or an import, in contrast to a value


def taken(source: str) -> frozenset[Use]:
    """The shortcuts that a cell's text takes."""
    return frozenset(use for statement in _statements(source) for use in statement.uses)


def taken_by_answers(cells: Sequence[str], answers: Mapping[int, str], own: Collection[int] = ()) -> dict[str, frozenset[Use]]:
    """The shortcuts of each answer, by name: in its own
    text, and in definitions elsewhere that it uses.

    cells    the texts of a notebook's code cells, tests left out
    answers  by the position of a cell, the name of the answer in it
    own      positions of the student's other cells, whose values count too; of the course's other
             cells only definitions count
    """
    makers: dict[str, list[_Statement]] = defaultdict(list)
    for position, source in enumerate(cells):
        for statement in _statements(source):
            for name in statement.binds if statement.defines or position in answers or position in own else ():
                makers[name].append(statement)
    return {name: frozenset(_reached(_statements(cells[position]), makers)) for position, name in answers.items()}


def defined_names(source: str) -> frozenset[str]:
    """The names that a cell binds at its top level."""
    return frozenset(name for statement in _statements(source) for name in statement.binds)


def _reached(statements: Iterable[_Statement], makers: Mapping[str, list[_Statement]]) -> Iterator[Use]:
    waiting = list(statements)
    seen: set[str] = set()
    while waiting:
        statement = waiting.pop()
        yield from statement.uses
        for name in statement.reads - seen:
            seen.add(name)
            waiting += makers.get(name, [])


@lru_cache(maxsize=4096)
def _statements(source: str) -> tuple[_Statement, ...]:
    if len(source) > LONGEST:
        return (_Statement(frozenset(), frozenset(), frozenset([Use(Shortcut.TOO_LONG)]), defines=False),)
    return tuple(_read(node) for node in _parsed(source).body)


def _parsed(source: str) -> ast.Module:
    """The syntax tree of a student's cell, without IPython's
    transformations, which can be made to take very long.
    """
    for text in (source, "\n".join("" if line.lstrip().startswith(("%", "!")) else line for line in source.split("\n"))):
        try:
            return ast.parse(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
    return ast.Module(body=[], type_ignores=[])


def _read(statement: ast.stmt) -> _Statement:
    stored: set[str] = set()
    loaded: set[str] = set()
    changed: set[str] = set()
    uses: set[Use] = set()
    for node in ast.walk(statement):
        if isinstance(node, ast.Name):
            (loaded if isinstance(node.ctx, ast.Load) else stored).add(node.id)
        elif isinstance(node, ast.arg):
            stored.add(node.arg)
        elif isinstance(node, ast.alias):
            stored.add(node.asname or node.name.split(".")[0])
        elif isinstance(node, (ast.Subscript, ast.Attribute)) and isinstance(node.ctx, ast.Store):
            changed |= {part.id for part in ast.walk(node.value) if isinstance(part, ast.Name)}
        uses.update(_uses(node))
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return _Statement(frozenset([statement.name]), frozenset(loaded - stored), frozenset(uses), defines=True)
    defines = isinstance(statement, (ast.Import, ast.ImportFrom))
    return _Statement(frozenset(stored | changed), frozenset(loaded), frozenset(uses), defines)


def _uses(node: ast.AST) -> Iterator[Use]:
    if isinstance(node, ast.Call):
        yield from _call(node)
    elif isinstance(node, (ast.Import, ast.ImportFrom)):
        module = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        for name in [*module, *(alias.name for alias in node.names)]:
            yield from _module(name)
    elif isinstance(node, ast.Attribute) and node.attr in ("_execution_engine", "_engine_run_backward", "forward_ad"):
        yield Use(Shortcut.FORWARD_MODE if node.attr == "forward_ad" else Shortcut.AUTOGRAD, node.attr)
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
        yield from _quotient(node)


def _module(name: str) -> Iterator[Use]:
    for part in (name.split(".")[0], name.split(".")[-1]):
        if part in MODULES:
            yield Use(MODULES[part], part)


def _call(node: ast.Call) -> Iterator[Use]:
    if isinstance(node.func, ast.Attribute):
        name = node.func.attr
        if name in CALLED:
            yield Use(CALLED[name], f".{name}()")
        if name == "import_module":
            yield from _by_text(node)
    elif isinstance(node.func, ast.Name):
        name = node.func.id
        if name in CALLED and name not in NOT_BARE:
            yield Use(CALLED[name], name)
        if name in BARE:
            yield Use(BARE[name], name)
        if name in ("import_module", "__import__"):
            yield from _by_text(node)


def _by_text(node: ast.Call) -> Iterator[Use]:
    """The module that a call imports by name. A name that is computed counts as code in a text."""
    first = node.args[0] if node.args else None
    if isinstance(first, ast.Constant) and isinstance(first.value, str):
        yield from _module(first.value)
    else:
        yield Use(Shortcut.CODE_IN_TEXT, "import_module")


def _quotient(node: ast.BinOp) -> Iterator[Use]:
    """(f(x + h) - f(x - h)) / ..., and f(...).imag / h."""
    above = node.left
    if isinstance(above, ast.Attribute) and above.attr == "imag":
        yield Use(Shortcut.COMPLEX_STEP, ".imag / step")
    elif isinstance(above, ast.Call) and getattr(above.func, "attr", getattr(above.func, "id", "")) == "imag":
        yield Use(Shortcut.COMPLEX_STEP, "imag / step")
    elif isinstance(above, ast.BinOp) and isinstance(above.op, ast.Sub):
        left, right = above.left, above.right
        if isinstance(left, ast.Call) and isinstance(right, ast.Call) and ast.dump(left.func) == ast.dump(right.func):
            yield Use(Shortcut.DIFFERENCES, "a quotient of differences")
