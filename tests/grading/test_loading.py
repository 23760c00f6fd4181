"""What an assignment does not import is not loaded early, and works in students' code anyway."""

import linecache
import sys

import numpy.testing
import pytest

from autograder.running import loading
from autograder.running.executor import Executor
from autograder.running.imports import imports_of
from autograder.running.job import Cell, Job
from tests.running.shells import shell_here

DRAWS = "import matplotlib.pyplot as plt\nfigure, axes = plt.subplots()\naxes.plot([0, 1])\nplt.show()"


@pytest.fixture
def shell():
    with shell_here() as shell:
        yield shell


@pytest.mark.end_to_end
def test_a_student_can_draw_and_derive_where_the_course_imports_nothing():
    imports = imports_of([("def square(x):\n    return x * x", False)])
    with Executor(preload=imports.everywhere, for_tests=imports.tests, for_students=imports.students) as executor:
        ran = executor.run(Job([Cell(DRAWS), Cell("import torch\nprint(torch.get_num_threads())")])).cells
    assert [output["output_type"] for output in ran[0].outputs] == ["display_data"]
    assert "image/png" in ran[0].outputs[0]["data"]
    assert [output.get("text") for output in ran[1].outputs] == ["1\n"]


def test_after_some_forks_the_sources_that_a_failing_assertion_shows_are_read_and_no_name_is_left(shell):
    shown = sys.modules[numpy.testing.assert_allclose.__module__].__file__
    linecache.cache.pop(shown, None)
    loading.warm_failures(shell, [])
    assert shown not in linecache.cache
    loading.warm_failures(shell, ["numpy.testing"])
    assert shown in linecache.cache
    assert "numpy" not in shell.user_ns


def test_an_error_is_formatted_once(shell, monkeypatch):
    formatted = []
    monkeypatch.setattr(shell.InteractiveTB, "structured_traceback", lambda *error, **more: formatted.append(error) or ["ValueError"])
    (output,) = shell.run("raise ValueError('no')", 1000)
    assert (output["output_type"], output["evalue"], len(formatted)) == ("error", "no", 1)
