"""What cells have left behind: an older function, a class without its methods, `ex` overwritten."""

import subprocess
import sys
from types import SimpleNamespace

from backprop.helping.cells import Cells


class Notebook:
    """Cells that are run one by one, as IPython tells of them."""

    def __init__(self):
        self.cells, self.space = Cells(), {}

    def run(self, cell, source):
        error = None
        try:
            exec(compile(source, "<cell>", "exec"), self.space)
        except Exception as raised:
            error = raised
        before = error if isinstance(error, SyntaxError) else None
        info = SimpleNamespace(cell_id=cell, raw_cell=source)
        self.cells.note(SimpleNamespace(info=info, error_before_exec=before, error_in_exec=None if before else error), self.space)

    def about(self, name):
        return self.cells.about(self.space[name], self.space)


def test_a_cell_that_stopped_or_defines_something_else_leaves_the_old_function_behind():
    notebook = Notebook()
    notebook.run("a", "def one_path(x):\n    return 1")
    assert notebook.about("one_path") == []
    notebook.run("a", "def one_path(x):\n    return (2")
    assert notebook.about("one_path") == [
        "The cell of one_path was run again and stopped with SyntaxError. This check tried the one_path of before."
    ]
    notebook.run("a", "def one_pth(x):\n    return 2")
    assert notebook.about("one_path") == [
        "The cell that defined one_path was changed and now defines one_pth. This check tried the one_path of before."
    ]
    notebook.run("a", "def one_path(x):\n    return 2")
    assert notebook.about("one_path") == []


def test_a_cell_that_stops_after_the_definition_has_defined_it():
    notebook = Notebook()
    notebook.run("a", "def f(x):\n    return 1")
    notebook.run("a", "def f(x):\n    return 2\nf(1) / 0")
    assert notebook.about("f") == []
    notebook.run("b", "def f(x):\n    return 3")  # another cell has defined it since
    notebook.run("a", "def g(x):\n    return 2")
    assert notebook.about("f") == []
    assert notebook.cells.about(lambda x: 1, notebook.space) == []


def test_a_class_that_is_defined_anew_has_lost_its_methods():
    notebook = Notebook()
    notebook.run("class", "class Value:\n    pass")
    notebook.run("add", "def add(self, other):\n    return 1\n\n\nValue.__add__ = add\nValue.backward = add")
    assert notebook.about("add") == []
    notebook.run("class", "class Value:\n    pass")
    words = ["Value was defined anew and has lost __add__, backward. Run the cells below it again."]
    assert notebook.about("add") == words
    assert notebook.about("Value") == words
    notebook.run("add", "def add(self, other):\n    return 1\n\n\nValue.__add__ = add\nValue.backward = add")
    assert notebook.about("add") == []


PROGRAM = """
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance(colors="nocolor")
def run(cell, source):
    shell.run_cell(source, cell_id=cell)
run("one", "import numpy as np\\nfrom backprop.exercises import chain_rule as ex\\nfrom backprop.helping import cells")
run("two", "def gears():\\n    return 1")
run("two", "def gears(:\\n    return 42")
run("three", "print(cells.about(gears))")
run("four", "ex = np.exp(1.0)\\nex.gears.check(gears)")
run("five", "np.no_such_name")
"""


def test_ipython_tells_of_its_cells_and_says_that_ex_is_no_longer_the_exercises():
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=120)
    assert "The cell of gears was run again and stopped with SyntaxError" in done.stdout
    assert "ex is now a number, and no longer the lesson's exercises. Run the lesson's first code cell" in done.stdout
    assert "has no attribute 'no_such_name'" in done.stdout
