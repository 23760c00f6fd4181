"""An environment that cannot run the course is told in one sentence what to do."""

import os
import subprocess
import sys

import backprop
import pytest


def test_an_old_python():
    with pytest.raises(backprop.SetupProblem, match=r"This is Python 3\.9 and the course needs 3\.11 or newer: run `make lab`") as problem:
        backprop.require_environment(version=(3, 9, 1))
    assert problem.value._render_traceback_() == [str(problem.value)]


def test_a_missing_package():
    with pytest.raises(backprop.SetupProblem, match="This Python has no torch, so the course's environment is not active: run `make lab`"):
        backprop.require_environment(find=lambda name: None if name == "torch" else object())


def test_this_environment_is_whole():
    backprop.require_environment()


@pytest.mark.parametrize("module", [backprop, backprop.translation])
def test_any_python_3_can_read_the_files_that_say_so(module):
    import ast
    from pathlib import Path

    ast.parse(Path(module.__file__).read_text(encoding="utf-8"), feature_version=(3, 4))


THREADS = "import os; {before}import backprop, torch; print(torch.get_num_threads(), os.environ['OMP_NUM_THREADS'])"


@pytest.mark.parametrize(
    ("setting", "before", "threads"),
    [
        ({}, "", "1 1"),
        ({"OMP_NUM_THREADS": "2"}, "", f"{min(2, os.cpu_count())} 2"),
        ({}, "import torch; torch.set_num_threads(2); ", "2 1"),
    ],
    ids=["by default", "set in the environment", "set before"],
)
def test_pytorch_works_in_one_thread_unless_the_learner_has_said_otherwise(setting, before, threads):
    environment = {name: value for name, value in os.environ.items() if name != "OMP_NUM_THREADS"} | setting
    code = THREADS.format(before=before)
    ran = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == threads
