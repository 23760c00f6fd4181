"""What an assignment imports, so that this is loaded before any fork, and nothing else is.

It is read from the text of the cells by code that imports next to nothing: the process that loads
begins before the grader has read the course.
"""

import json
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from .loader import FORKS, PRELOAD, Loader

# import a.b as c, d    and    from a.b import c, d
IMPORTS = re.compile(r"^[ \t]*(?:from[ \t]+([\w.]+)[ \t]+import[ \t]+\(?([\w, \t]+)|import[ \t]+([\w., \t]+))", re.MULTILINE)
# Modules that are loaded at a first use, by what such a use looks like.
USES = {
    "numpy.testing": re.compile(r"\b(?:np|numpy)\.testing\b"),
    "torch.testing": re.compile(r"\btesting\.assert_close\b|\bassert_close\b"),
    "torch.optim": re.compile(r"\boptim\."),
    "torch.autograd.gradcheck": re.compile(r"\bgradcheck\b"),
}
BROUGHT = {
    "backprop": ["torch", "filelock"],
    "backprop.pictures": ["ipywidgets", "matplotlib.pyplot"],
    "backprop.exercises": ["matplotlib.pyplot"],
}
# A student may draw where the course does not, and the first figure needs what loading sets up.
ALWAYS = ("numpy", "matplotlib.pyplot")
# For students' cells alone, where no test uses them.
SHOWN = ("ipywidgets.", "backprop.pictures.", "torch.autograd.gradcheck.")
ROOTS = frozenset(name.partition(".")[0] for name in PRELOAD)  # of what is loaded so: other modules may start threads, or take long


@dataclass(frozen=True)
class Imports:
    """Modules to load: for all processes, and beside them for tests, and for students' cells."""

    everywhere: list[str]
    tests: list[str]
    students: list[str]


def imports_of(cells: Iterable[tuple[str, bool]]) -> Imports:
    """The modules that cells import and that are known to be safe to load early.

    A cell is given as its text, and whether it is a test.
    """
    everywhere: list[str] = []
    tests: list[str] = []
    for source, is_test in cells:
        (tests if is_test else everywhere).append(source)
    found = [*dict.fromkeys([*ALWAYS, *_known(everywhere)])]
    shown = [module for module in found if f"{module}.".startswith(SHOWN)]
    shared = [module for module in found if module not in shown]
    return Imports(shared, [module for module in _known(tests) if module not in found], shown)


def imports_in_course(course: Path, assignment: str) -> Imports:
    """The same, read from the notebooks where a course usually has them; none if it has none."""
    cells: list[tuple[str, bool]] = []
    for path in sorted((course / "source" / assignment).glob("*.ipynb")):
        try:
            for cell in json.loads(path.read_bytes())["cells"]:
                marks = cell["metadata"].get("nbgrader", {})
                if cell["cell_type"] == "code":
                    cells.append(("".join(cell["source"]), bool(marks.get("grade")) and not marks.get("solution")))
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            continue
    return imports_of(cells)


@contextmanager
def begun(course: Path, assignment: str) -> Iterator[Loader | None]:
    """A process that loads what the assignment imports while the grader itself is imported.

    None where no process can be forked from it.
    """
    if not FORKS:
        yield None
        return
    loader = Loader(imports_in_course(course, assignment).everywhere)
    try:
        yield loader
    finally:
        loader.close()


def _known(sources: Iterable[str]) -> list[str]:
    found: dict[str, None] = {}
    for source in sources:
        for module in [*_imported(source), *(module for module, use in USES.items() if use.search(source))]:
            if module.partition(".")[0] in ROOTS:
                needed = (more for outer, more in BROUGHT.items() if f"{module}.".startswith(f"{outer}."))
                found |= dict.fromkeys([*(part for more in needed for part in more), module])
    return list(found)


def _imported(source: str) -> Iterator[str]:
    for match in IMPORTS.finditer(source):
        package, names, modules = match.groups()
        if package:
            yield package
            yield from (f"{package}.{name.split()[0]}" for name in names.split(",") if name.strip())
        else:
            yield from (module.split()[0] for module in modules.split(",") if module.strip())
