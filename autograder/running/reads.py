"""Which names of a notebook a piece of code reads, in the order in which it runs."""

import ast
import dis
import types
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from IPython.core.inputtransformer2 import TransformerManager

IMPORTED = "import "  # before the name of a module that a cell imports
CODE = (
    *("co_code", "co_names", "co_varnames", "co_freevars", "co_cellvars", "co_flags"),
    *("co_argcount", "co_posonlyargcount", "co_kwonlyargcount", "co_exceptiontable"),
)
CELL_MAGICS = frozenset(["%%time", "%%timeit", "%%capture", "%%prun"])  # what is below them is Python


def parse(source: str) -> ast.Module:
    """The cell's syntax tree, magics turned into calls; an empty one if it is no Python."""
    first, _, rest = source.lstrip().partition("\n")
    if first.split(" ")[0].rstrip() in CELL_MAGICS:
        source = rest
    try:
        return ast.parse(TransformerManager().transform_cell(source))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ast.Module(body=[], type_ignores=[])


def reads(statements: Iterable[ast.stmt], bound: frozenset[str] = frozenset()) -> set[str]:
    """The notebook's names that these statements may read before they bind them."""
    found: set[str] = set()
    for statement in statements:
        found |= _reads_first(statement, bound)
        bound |= surely_bound(statement)
    return found


def _reads_first(statement: ast.stmt, bound: frozenset[str]) -> set[str]:
    """The names that one statement reads and that are not in `bound`, block by block in order."""
    if isinstance(statement, (ast.For, ast.AsyncFor)):
        inside = bound | _stored(statement.target)
        return set(_loaded(_evaluated(statement.iter)) - bound) | reads(statement.body, inside) | reads(statement.orelse, bound)
    if isinstance(statement, (ast.If, ast.While)):
        return set(_loaded(_evaluated(statement.test)) - bound) | reads(statement.body, bound) | reads(statement.orelse, bound)
    if isinstance(statement, (ast.With, ast.AsyncWith)):
        given = set().union(*(_loaded(_evaluated(item.context_expr)) - bound for item in statement.items))
        return given | reads(statement.body, bound | _entered(statement))
    if isinstance(statement, ast.Try):
        found = reads([*statement.body, *statement.orelse], bound) | reads(statement.finalbody, bound)
        for handler in statement.handlers:
            found |= _loaded(_evaluated(handler.type)) - bound if handler.type else set()
            found |= reads(handler.body, bound | ({handler.name} if handler.name else set()))
        return found
    return set(_loaded(statement) - bound)


def _entered(statement: ast.With | ast.AsyncWith) -> frozenset[str]:
    return frozenset().union(*(_stored(item.optional_vars) for item in statement.items if item.optional_vars))


def reads_later(statements: Iterable[ast.stmt]) -> set[str]:
    """The notebook's names that functions in these statements read whenever they are called."""
    inside = (part for statement in statements for part in _compiled(statement).co_consts if isinstance(part, types.CodeType))
    return {name for part in inside for name in Code.of(part).loads}


def surely_bound(statement: ast.stmt) -> frozenset[str]:
    """The names that a statement binds whenever it comes to its end."""
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return frozenset([statement.name])
    if isinstance(statement, (ast.Import, ast.ImportFrom)):
        return frozenset((alias.asname or alias.name).split(".")[0] for alias in statement.names)
    if isinstance(statement, (ast.With, ast.AsyncWith)):
        return _entered(statement)  # what its body binds may be cut short by an error that it catches
    if isinstance(statement, ast.If):
        branches = (frozenset().union(*map(surely_bound, part)) for part in (statement.body, statement.orelse))
        return frozenset.intersection(*branches)
    if isinstance(statement, ast.AnnAssign) and statement.value:
        return _stored(statement.target)
    targets = statement.targets if isinstance(statement, ast.Assign) else []
    return frozenset().union(*map(_stored, targets))


def _stored(target: ast.expr) -> frozenset[str]:
    return frozenset(node.id for node in ast.walk(target) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store))


def _loaded(statement: ast.stmt) -> frozenset[str]:
    return Code.of(_compiled(statement)).loads


def _compiled(statement: ast.stmt) -> types.CodeType:
    forever = ast.copy_location(ast.Constant(True), statement)
    loop = ast.copy_location(ast.While(forever, [statement], []), statement)  # it may be a `break`
    return compile(ast.Module([loop], []), "<cell>", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)


def _evaluated(expression: ast.expr) -> ast.Expr:
    """The statement that only evaluates an expression."""
    return ast.copy_location(ast.Expr(expression), expression)


@dataclass(frozen=True)
class Code:
    """What is to be known of compiled code, functions inside it included."""

    loads: frozenset[str]  # the global names that it reads or deletes; a module that it imports as `import name`
    words: frozenset[str]  # all names in it, of attributes too
    sets: bool  # whether it is a function that sets names of the notebook
    text: tuple[Any, ...]  # equal, if it does the same

    @classmethod
    @lru_cache(maxsize=1024)
    def of(cls, code: types.CodeType) -> "Code":
        """Read it."""
        inside = [cls.of(part) for part in code.co_consts if isinstance(part, types.CodeType)]
        loads, sets = set().union(*(part.loads for part in inside)), any(part.sets for part in inside)
        for step in dis.get_instructions(code):
            name = step.opname
            if name == "IMPORT_NAME":
                loads.add(f"{IMPORTED}{step.argval}")
            elif step.opcode in dis.hasname and not name.startswith(("STORE", "IMPORT")) and not name.endswith(("ATTR", "METHOD")):
                loads.add(step.argval)
            sets = sets or name in ("STORE_GLOBAL", "DELETE_GLOBAL")
        constants = tuple((type(part).__name__, repr(part)) for part in code.co_consts if not isinstance(part, types.CodeType))
        text = *(repr(getattr(code, part)) for part in CODE), constants, *(part.text for part in inside)
        return cls(frozenset(loads), frozenset(code.co_names).union(*(part.words for part in inside)), sets, text)
