"""How a cell's error is shown: as in a notebook, without a look at every module."""

import inspect
import sys
from types import ModuleType

import pytest
from IPython.core.interactiveshell import InteractiveShell

from tests.running.shells import shell_here

FAILING = {
    "an assertion": "assert 1 == 2, 'no'",
    "in a function of the cell": "def f(x):\n    return 1 / x\n\nf(0)",
    "in a library": "import json\njson.loads('{')",
    "a name": "undefined",
    "a syntax error": "def f(:\n    pass",
    "an error that has another as its cause": "try:\n    1 / 0\nexcept ZeroDivisionError as error:\n    raise ValueError('so') from error",
}


@pytest.fixture
def shell():
    with shell_here() as shell:
        yield shell


class Watched(ModuleType):
    """A module that counts who asks for its file."""

    asked = 0

    @property
    def __file__(self):
        Watched.asked += 1
        return None


@pytest.mark.parametrize("source", FAILING.values(), ids=FAILING)
def test_the_error_is_that_of_a_notebook(shell, source, monkeypatch):
    ours = [output["traceback"] for output in shell.run(source, 10**6)]
    monkeypatch.setattr(type(shell), "showtraceback", InteractiveShell.showtraceback)
    theirs = [output["traceback"] for output in shell.run(source, 10**6)]
    assert [numbered(lines, "N") for lines in ours] == [numbered(lines, "N") for lines in theirs]


def numbered(lines, number):
    """The lines of a traceback with another number of the cell."""
    return [line.replace(f"[{shown}]", f"[{number}]") for line in lines for shown in [line.partition("[")[2].partition("]")[0]]]


def test_no_module_is_looked_at_for_a_line_of_a_cell(shell, monkeypatch):
    monkeypatch.setitem(sys.modules, "watched", Watched("watched"))
    Watched.asked = 0
    assert shell.run("assert 0", 10**6)[0]["ename"] == "AssertionError"
    assert Watched.asked == 0
    inspect.getmodule(inspect.currentframe())
    monkeypatch.setattr(type(shell), "showtraceback", InteractiveShell.showtraceback)
    shell.run("assert 0", 10**6)
    assert Watched.asked


def test_the_student_finds_inspect_as_it_was(shell):
    before = inspect.getmodule
    shell.run(
        "class Odd(Exception):\n    def __str__(self):\n        import inspect\n        return str(inspect.getmodule(Odd))\n\nraise Odd",
        10**6,
    )
    assert inspect.getmodule is before
