"""The temporary folder of a run is its own while it
lives; if it was killed, the next run removes it.
"""

import os
import subprocess
import sys

import pytest

from autograder.running import scratch
from autograder.running.scratch import clear_abandoned, new_scratch

DIES = """
import os, signal
from autograder.running.scratch import new_scratch
print(new_scratch()[0], flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(scratch.tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_a_living_run_keeps_its_folder_and_a_killed_one_does_not(folder):
    mine, lock = new_scratch()
    (mine / "work").write_text("x")
    died = subprocess.run(
        [sys.executable, "-c", DIES], capture_output=True, text=True, env=os.environ | {"TMPDIR": str(folder)}, check=False
    )
    left = died.stdout.strip()
    assert os.path.isdir(left), died.stderr
    assert [str(path) for path in clear_abandoned()] == [left]
    assert sorted(folder.iterdir()) == [mine]
    lock.release()
    assert clear_abandoned() == [mine]


def test_what_is_nobodys_or_somebody_elses_stays(folder):
    (folder / "autograder-notes").mkdir()
    (folder / "autograder-link").symlink_to(folder / "autograder-notes")
    (folder / "autograder-file").write_text("x")
    (folder / "autograder-notes" / "keep.txt").write_text("x")
    assert clear_abandoned() == []
    assert (folder / "autograder-notes" / "keep.txt").exists()
