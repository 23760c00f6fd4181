"""The page's side of the stage, where node is there to run it."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from backprop.pictures.stage import stage

NODE = shutil.which("node")
STAGE = Path(stage.__file__).with_name("stage.js")

pytestmark = pytest.mark.skipif(NODE is None, reason="needs node to run JavaScript")


def test_it_is_a_module_that_parses(tmp_path):
    """`node --check` takes a file for a module by its ending."""
    module = Path(shutil.copy(STAGE, tmp_path / "stage.mjs"))
    checked = subprocess.run([NODE, "--check", module], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr


def test_its_parts_do_what_they_say():
    tests = Path(__file__).with_name("stage.test.mjs")
    run = subprocess.run([NODE, "--test", tests], env=os.environ | {"STAGE_JS": str(STAGE)}, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
