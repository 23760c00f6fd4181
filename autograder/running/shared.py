"""Cells that are the same for all: run once for a class, and
used for every submission in which they would do the same.

`record` runs such a cell of the course, in a process like a student's, and keeps its outputs and
the plain data that it binds. `replay` uses these in place of a run, in a student's process, if
everything that the cell reads there is unchanged (`state.Reading`). In doubt the cell runs.
"""

import ast
import os
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from . import codec
from .codec import NotEncodable
from .reads import IMPORTED, Code, parse, reads, reads_later, surely_bound
from .shell import Output, Shell
from .state import SAME_TEXT, StateReader, Unclear, random_states

Given = list[tuple[list[str], Any]]  # values, each with all its names
LARGEST = 2**24  # bytes of one cell's outputs and values
# Text by which code may come by any name, or by what is behind it.
LOOKS = re.compile(
    r"\b(globals|locals|vars|dir|eval|exec|get_ipython|user_ns|__main__|__globals__|gc|inspect)\b|^\s*[%!?]|^\s*[\w.]+\?+\s*$", re.MULTILINE
)
OF_THE_SHELL = re.compile(r"_i{1,3}|_i\d+")  # the texts of the last cells
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT
NO_MATTER = frozenset(["os.listdir", "os.scandir", "os.walk"])  # the import of a module does these
TOUCHES = ("os.", "shutil.", "socket.", "subprocess.", "sqlite3.", "tempfile.", "glob.", "pathlib.", "_thread.")


@dataclass(frozen=True)
class Around:
    """The rest of the notebook: the cells that run
    before and after, and the names that tests need.
    """

    before: Sequence[str]
    after: Sequence[str]
    wanted: frozenset[str]


# --- once for a class -----------------------------------------------------------------------------


def record(shell: Shell, source: str, limit: int) -> tuple[list[Output], bytes, str]:
    """Run a cell of the course: its outputs, and the data
    for `replay`, or the reason why it cannot be shared.
    """
    before = dict(shell.user_ns)
    try:
        names, words = _depends(source)
        digest = StateReader(before).digest(names, words)
    except Exception as reason:
        return shell.run(source, limit), b"", str(reason)
    with _watched() as touched:
        outputs = shell.run(source, limit)
    after = dict(shell.user_ns)
    try:
        if touched:
            raise Unclear(f"it reaches outside the notebook: {touched[0]}")
        return outputs, _tried(shell, source, _Record(names, words, digest, before, after, outputs, shell.value)), ""
    except Exception as reason:
        return outputs, b"", str(reason)
    finally:
        _put(shell, after)


@dataclass(frozen=True)
class _Record:
    """A cell's run, and what it depends on."""

    names: list[str]
    words: list[str]
    digest: bytes
    before: dict[str, Any]
    after: dict[str, Any]
    outputs: list[Output]
    value: Any

    def new(self) -> list[str]:
        """The names that the cell has bound."""
        names = [name for name, value in self.after.items() if name not in self.before or self.before[name] is not value]
        return sorted(name for name in names if not OF_THE_SHELL.fullmatch(name))


def _tried(shell: Shell, source: str, run: _Record) -> bytes:
    """What `replay` needs, once a replay here has come to the same. Unclear if it has not."""
    if any(output["output_type"] == "error" or output.get("name") == "stderr" for output in run.outputs) or run.value is not None:
        raise Unclear("it fails, warns, or ends with a value")
    if run.before.keys() - run.after.keys() or StateReader(run.before).digest(run.names, run.words) != run.digest:
        raise Unclear("it changes what it did not make, or settings")
    refused: Exception = Unclear("what it makes cannot be handed over")
    for hands_over in (True, False):  # what shares memory cannot be handed over, but may not be missed either
        try:
            return _handed_over(shell, source, run, *_sorted_out(source, run, hands_over=hands_over))
        except Exception as reason:
            refused = reason
    raise refused


def _handed_over(shell: Shell, source: str, run: _Record, given: Given, made: list[str], withheld: list[str]) -> bytes:
    """What `replay` needs, if it comes to the same here. Unclear if it does not."""
    kept = codec.encode([run.names, run.words, run.digest, run.outputs, given, withheld])
    if len(kept) > LARGEST:
        raise Unclear("its result is too large")
    names = [*run.names, *(name for group, _ in given for name in group), *made]
    result = StateReader(run.after).digest(names)
    _put(shell, run.before)
    if replay(shell, source, kept, None) is None or StateReader(shell.user_ns).digest(names) != result:
        raise Unclear("what it makes cannot be handed over")
    return kept


def _sorted_out(source: str, run: _Record, *, hands_over: bool) -> tuple[Given, list[str], list[str]]:
    """What the cell has bound: plain data, each with all its
    names; names made by its definitions; all other names.

    hands_over  whether arrays, lists and the like are among the first, and not among the last
    """
    defined = {name for statement in parse(source).body if _defines(statement) for name in surely_bound(statement)}
    given: dict[int, tuple[list[str], Any]] = {}
    made: list[str] = []
    withheld: list[str] = []
    for name in run.new():
        try:
            if not hands_over and type(run.after[name]) not in SAME_TEXT:
                raise Unclear("it may share memory")
            StateReader(run.after).digest([name])
            codec.encode(run.after[name])
            given.setdefault(id(run.after[name]), ([], run.after[name]))[0].append(name)
        except (Unclear, NotEncodable):
            (made if name in defined else withheld).append(name)
    return list(given.values()), made, withheld


def _defines(statement: ast.stmt) -> bool:
    """Whether a statement only defines: it is quick, and what it makes is no plain data."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Import, ast.ImportFrom)
    return isinstance(statement, kinds) and not getattr(statement, "decorator_list", None)


def _depends(source: str) -> tuple[list[str], list[str]]:
    """The names that a cell reads, and the attributes. Unclear if there is no Python in it."""
    tree = parse(source)
    if not tree.body:
        raise Unclear("there is nothing in it")
    code = Code.of(compile(tree, "<cell>", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT))
    return sorted(reads(tree.body) | {name for name in code.loads if name.startswith(IMPORTED)}), sorted(code.words)


def _put(shell: Shell, space: Mapping[str, Any]) -> None:
    shell.user_ns.clear()
    shell.user_ns.update(space)


@contextmanager
def _watched() -> Iterator[list[str]]:
    """Actions inside that reach outside the notebook: files, other programs, the network, threads.

    Files of the installed Python do not count.
    """
    touched: list[str] = []
    _watch()
    states, files = random_states(), _files()
    _watching.append(touched)
    try:
        yield touched
    finally:
        _watching.clear()
        touched += ["the random numbers that all share"] if random_states() != states else []
        touched += ["a file"] if _files() != files else []


_watching: list[list[str]] = []


@lru_cache(maxsize=1)
def _watch() -> None:
    """Once in a process: Python takes no such hook back."""
    sys.addaudithook(lambda event, args: _notice(event, args) if _watching else None)


def _notice(event: str, args: tuple[Any, ...]) -> None:
    if what := _outside(event, args):
        _watching[0].append(what)


def _outside(event: str, args: tuple[Any, ...]) -> str:
    if event == "open":
        path, _, flags = args
        return "" if isinstance(path, str) and not (flags or 0) & WRITES and _installed(path) else f"the file {path}"
    return f"{event}" if event.startswith(TOUCHES) and event not in NO_MATTER else ""


def _installed(path: str) -> bool:
    here, places = os.getcwd(), {sys.prefix, sys.base_prefix, *sys.path}
    return any(os.path.isabs(place) and place != here and path.startswith(place.rstrip("/") + "/") for place in places)


def _files() -> list[tuple[str, int, int]]:
    """The files beside the notebook, as they are."""
    found = (os.path.join(folder, name) for folder, _, names in os.walk(".") for name in names)
    return sorted((path, os.lstat(path).st_size, os.lstat(path).st_mtime_ns) for path in found)


# --- for every submission -------------------------------------------------------------------------


def replay(shell: Shell, source: str, kept: bytes, around: Around | None) -> list[Output] | None:
    """The outputs of a cell that need not run, after
    binding its names in the notebook; None if it must run.
    """
    names, words, digest, outputs, given, withheld = codec.decode(kept)
    try:
        if (around and _is_missed(frozenset(withheld), around)) or StateReader(shell.user_ns).digest(names, words) != digest:
            return None
    except Exception:  # Unclear, or whatever a student's object does when it is looked at
        return None
    values = {name: value for group, value in given for name in group}
    definitions = _OnlyDefinitions()
    shell.user_ns.update(values)  # which defaults of arguments may be
    shell.ast_transformers.append(definitions)
    try:
        shell.run(source, 0)  # so that the shell counts and remembers the cell, and what it defines is defined
    finally:
        shell.ast_transformers.remove(definitions)
    for name in withheld:
        shell.user_ns.pop(name, None)
    shell.user_ns.update(values)
    return outputs


class _OnlyDefinitions(ast.NodeTransformer):
    """Takes all other statements out of a cell."""

    def visit_Module(self, node: ast.Module) -> ast.Module:
        return ast.Module([part for part in node.body if _defines(part)], node.type_ignores)


def _is_missed(withheld: frozenset[str], around: Around) -> bool:
    """Whether anything in the notebook may need a value
    that was not kept, such as a figure or an object.
    """
    if not withheld:
        return False
    if withheld & around.wanted or any(map(_looks, (*around.before, *around.after))):
        return True
    word = re.compile(rf"\b({'|'.join(map(re.escape, sorted(withheld)))})\b")
    before, after = ([text for text in part if word.search(text)] for part in (around.before, around.after))
    return any(withheld & _read_later(text) for text in before) or any(withheld & _read(text) for text in after)


@lru_cache(maxsize=1024)
def _looks(text: str) -> bool:
    return LOOKS.search(text) is not None


@lru_cache(maxsize=1024)
def _read(text: str) -> set[str]:
    return reads(parse(text).body)


@lru_cache(maxsize=1024)
def _read_later(text: str) -> set[str]:
    return reads_later(parse(text).body)
