"""Which grader this is, so that every machine of a cluster marks in the same way."""

import hashlib
import platform
from collections.abc import Mapping
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path

import backprop

import autograder

PACKAGE = "backprop-by-hand"
OTHERS = ("numpy", "torch", "nbgrader", "ipython")  # another version of these can change a mark or an output
SOURCES = "sources"


@lru_cache(maxsize=1)
def versions() -> dict[str, str]:
    """What marks depend on: versions of Python and of packages, and this package's source files."""
    found = {"Python": ".".join(platform.python_version_tuple()[:2])}
    found |= {name: version(name).partition("+")[0] for name in (PACKAGE, *OTHERS)}
    return found | {SOURCES: _sources()}


def difference(asked: Mapping[str, str], found: Mapping[str, str]) -> str:
    """The first difference between what a run asks for and what a worker has, in words.

    Empty if there is none.
    """
    for name, wanted in asked.items():
        has = found.get(name, "none")
        if has == wanted:
            continue
        if name == SOURCES:
            return f"its source files of {PACKAGE} {found[PACKAGE]} are not those of this run; install the same revision there"
        return f"it has {name} {has}, and this run needs {wanted}; install that version there"
    return ""


def _sources() -> str:
    digest = hashlib.sha256()
    for package in (autograder, backprop):
        folder = Path(str(package.__file__)).parent
        for path in sorted(folder.rglob("*.py")):
            digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes().replace(b"\r\n", b"\n") + b"\0")
    return digest.hexdigest()
