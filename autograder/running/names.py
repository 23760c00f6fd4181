"""Decides whose a name is, from the course's own notebook and never from the submission.

A test uses names. What the course imports, defines or sets outside its answer cells is the
course's: the trusted process makes it itself, from the course's text. What an answer cell defines
or changes is the student's: the trusted process gets a proxy, or plain data.
"""

import ast
import builtins
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from .reads import IMPORTED, parse, reads

MUTATORS = frozenset(
    [
        *("append", "extend", "insert", "add", "update", "pop", "popitem", "clear", "remove", "discard", "setdefault"),
        *("sort", "reverse", "fill", "put", "resize", "copy_", "zero_"),
    ]
)
LOOKUPS = frozenset(["globals", "locals", "vars", "eval", "exec"])  # a test with these may look up any name
SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


@dataclass(frozen=True)
class CourseCodeCell:
    """A code cell of the course's notebook: its text, and whether students answer there."""

    key: str  # the grade_id of a graded cell; anything else otherwise
    source: str  # an answer cell's with the reference's lines, so that it shows which names it makes
    answer: bool
    graded: bool


@dataclass
class Needs:
    """What the trusted process needs before it runs a graded cell.

    These are course statements, by number and text, and names of the student's.
    """

    prelude: list[tuple[int, str]] = field(default_factory=list)
    student: list[str] = field(default_factory=list)
    own: list[str] = field(default_factory=list)  # names that the test itself binds: nothing of the student's reaches them
    of_tests: list[str] = field(default_factory=list)  # the earlier tests that make names which this one reads


@dataclass(frozen=True)
class _Statement:
    number: int
    source: str
    binds: frozenset[str]
    touches: frozenset[str]
    uses: frozenset[str]
    star: bool = False
    imports: bool = False  # what it binds are modules, or comes from them
    sets: bool = False  # a bare call or an assignment: np.random.seed(0), plt.rcParams["x"] = 1


@dataclass(frozen=True)
class _Cell:
    course: CourseCodeCell
    statements: tuple[_Statement, ...]
    changes: frozenset[str]  # names of the notebook that the cell binds, or changes in place, also from inside functions


def needs(cells: Sequence[CourseCodeCell]) -> dict[str, Needs]:
    """For each graded cell of the course, what it needs; by its key."""
    counter = iter(range(10**9))
    read = [_read(cell, counter) for cell in cells]
    return {cell.course.key: _needs(read, position) for position, cell in enumerate(read) if cell.course.graded and not cell.course.answer}


def modules(cells: Iterable[CourseCodeCell]) -> list[str]:
    """The names under which the course imports modules."""
    found = (node for cell in cells for node in ast.walk(parse(cell.source)) if isinstance(node, ast.Import))
    return sorted({alias.asname or alias.name.split(".")[0] for node in found for alias in node.names})


def _needs(cells: Sequence[_Cell], position: int) -> Needs:
    """Walk back from a graded cell and collect the course's statements that its names come from."""
    before = cells[:position]
    wanted = _names_in_test(cells[position])
    own_names = _bound_by_anyone(cells[position]) | _globals(cells[position])
    if any(isinstance(node, ast.Name) and node.id in LOOKUPS for node in ast.walk(parse(cells[position].course.source))):
        wanted |= {name for cell in before if cell.course.answer for statement in cell.statements for name in statement.binds} - own_names
    bound = set().union(*(statement.binds for cell in before for statement in cell.statements)) if before else set()
    result, seen = Needs(), set(wanted)
    stars = bool(wanted - bound - set(dir(builtins)))
    modules = set().union(*(statement.binds for cell in before for statement in cell.statements if statement.imports)) if before else set()
    pending = [name for name in wanted if _is_students(name, before)]
    for index in range(position - 1, -1, -1):
        cell = before[index]
        if cell.course.graded:
            continue  # the trusted process ran it itself
        for statement in reversed(cell.statements):
            own = {name for name in wanted if not _is_students(name, before)}
            if not (statement.binds & own or _changes(statement, own, modules, before) or (stars and statement.star)):
                continue
            result.prelude.append((statement.number, statement.source))
            wanted |= statement.uses
            pending += [name for name in statement.uses - seen if _is_students(name, before)]
            seen |= statement.uses
    result.prelude.reverse()
    result.own = sorted(own_names)
    result.student = sorted(set(pending))
    result.of_tests = [cell.course.key for cell in before if cell.course.graded and _bound_by_anyone(cell) & seen - set(pending)]
    return result


def _globals(cell: _Cell) -> set[str]:
    """The names that functions of the cell set in the notebook."""
    return {name for node in ast.walk(parse(cell.course.source)) if isinstance(node, ast.Global) for name in node.names}


def _changes(statement: _Statement, own: set[str], modules: set[str], before: Sequence[_Cell]) -> bool:
    """Whether a statement may change one of these objects.

    A module is changed only by a statement that sets something and reads no name of the student's.
    """
    touched = statement.touches & own
    if touched - modules:
        return True
    return bool(touched) and statement.sets and not any(_is_students(name, before) for name in statement.uses)


def _names_in_test(cell: _Cell) -> set[str]:
    """Every name that the test may look up before it binds
    it, also in strings: `'x' in globals()`, eval('f(3)').
    """
    tree = parse(cell.course.source)
    in_text: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value) < 2000:
            in_text |= _names_in_text(node.value)
    names = {name for name in reads(tree.body) if not name.startswith(IMPORTED)} | (in_text - _bound_by_anyone(cell))
    return names - (set(dir(builtins)) - _bound_by_anyone(cell))


def _names_in_text(text: str) -> set[str]:
    try:
        return {node.id for node in ast.walk(ast.parse(text.strip(), mode="eval")) if isinstance(node, ast.Name)}
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return set()


def _bound_by_anyone(cell: _Cell) -> set[str]:
    return set().union(*(statement.binds for statement in cell.statements)) if cell.statements else set()


def _is_students(name: str, before: Sequence[_Cell]) -> bool:
    """Whether what `name` means is the student's to say, at the end of these cells."""
    if name in dir(builtins) and not any(name in statement.binds for cell in before for statement in cell.statements):
        return False
    for cell in reversed(before):
        bound = any(name in statement.binds for statement in cell.statements)
        if cell.course.answer:
            if any(name in s.binds and s.source.lstrip().startswith(("import ", "from ")) for s in cell.statements):
                return False  # a module is the course's, wherever it is imported
            if bound or name in cell.changes:
                return True
        elif bound:
            return False
    return True  # nobody in the course makes it


# --- reading statements ---------------------------------------------------------------------------


def _read(course: CourseCodeCell, counter: Iterator[int]) -> _Cell:
    tree = parse(course.source)
    statements = []
    for node in tree.body:
        imported = isinstance(node, (ast.Import, ast.ImportFrom))
        number = next(counter)
        if course.answer and not imported:
            statements.append(_Statement(number, "", frozenset(_binds(node)), frozenset(), frozenset()))
            continue
        statements.append(
            _Statement(
                number,
                ast.unparse(node),
                frozenset(_binds(node)),
                frozenset(_touches(node)),
                frozenset(_uses(node)),
                star=isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names),
                imports=any(isinstance(part, (ast.Import, ast.ImportFrom)) for part in _here(node)),
                sets=isinstance(node, (ast.Expr, ast.Assign, ast.AugAssign)),
            )
        )
    changes = set().union(*(statement.binds for statement in statements)) if statements else set()
    for part in ast.walk(tree):
        if isinstance(part, ast.Global):
            changes |= set(part.names)
    return _Cell(course, tuple(statements), frozenset(changes | _mutated(tree)))


def _here(node: ast.AST) -> Iterator[ast.AST]:
    """The node and what is below it, without the insides of functions and classes."""
    yield node
    for child in ast.iter_child_nodes(node):
        if isinstance(child, SCOPES):
            yield child
            yield from (part for part in getattr(child, "decorator_list", []) for part in _here(part))
        else:
            yield from _here(child)


def _binds(statement: ast.stmt) -> Iterator[str]:
    """The names that a statement makes in the notebook."""
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        yield statement.name
        return
    for node in _here(statement):
        if isinstance(node, ast.Name) and isinstance(node.ctx, (ast.Store, ast.Del)):
            yield node.id
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield node.name
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            yield from (alias.asname or alias.name.split(".")[0] for alias in node.names if alias.name != "*")
        elif isinstance(node, ast.ExceptHandler) and node.name:
            yield node.name


def _touches(statement: ast.stmt) -> Iterator[str]:
    """The names whose objects a statement may change: x[0] = 1, x.a = 1, x.seed(0)."""
    for node in _here(statement):
        if isinstance(node, (ast.Subscript, ast.Attribute)) and isinstance(node.ctx, (ast.Store, ast.Del)):
            yield from _root(node)
        elif isinstance(statement, ast.Expr) and isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            yield from _root(node.func)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name):
            yield node.func.value.id  # rng.normal(): the next draw depends on this one


def _uses(statement: ast.stmt) -> Iterator[str]:
    return (node.id for node in ast.walk(statement) if isinstance(node, ast.Name))


def _mutated(tree: ast.AST) -> set[str]:
    """The names whose objects the code changes in place, anywhere in it."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, (ast.Subscript, ast.Attribute)) and isinstance(node.ctx, (ast.Store, ast.Del)):
            found |= set(_root(node))
        elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            found.add(node.target.id)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in MUTATORS:
            found |= set(_root(node.func))
    return found


def _root(node: ast.AST) -> Iterator[str]:
    while isinstance(node, (ast.Subscript, ast.Attribute)):
        node = node.value
    if isinstance(node, ast.Name):
        yield node.id
