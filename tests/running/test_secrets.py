"""Student code finds nothing in its own process of tests, course, neighbours or grading person."""

import json
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.running.executor import Executor
from autograder.running.job import Cell, Job
from autograder.running.names import Needs
from autograder.sandbox import Isolation, landlock, seccomp
from autograder.sandbox.isolation import find_isolation

pytestmark = [
    pytest.mark.end_to_end,
    pytest.mark.xdist_group("secrets"),
    pytest.mark.skipif(sys.platform != "linux", reason="the isolation is for Linux"),
]
# The pattern does not match itself. The searcher's own words are found: the search works.
SEARCH = r"""
import json, os, re  # secret_of_the_searcher
pattern, found = re.compile(rb"secret_of_th[e]_([a-z]+)"), set()
places = [line.split()[:2] for line in open("/proc/self/maps")]
with open("/proc/self/mem", "rb", buffering=0) as memory:
    for span, rights in places:
        low, high = (int(end, 16) for end in span.split("-"))
        try:
            memory.seek(low)
            found |= set(pattern.findall(memory.read(high - low) if "r" in rights else b""))
        except (OSError, OverflowError):  # special pages of the kernel, and what has been freed
            pass
for name in ("environ", "cmdline", "auxv"):
    found |= set(pattern.findall(open(f"/proc/self/{name}", "rb").read()))
open_files = []
for number in os.listdir("/proc/self/fd"):
    try:
        open_files.append(os.readlink(f"/proc/self/fd/{number}").partition(":")[0])
    except OSError:  # of the list itself
        pass
print(json.dumps([sorted(map(bytes.decode, found)), sorted(open_files)]))
"""
ONLY_ITS_OWN = [["searcher"], ["/dev/null", "/dev/null", "/dev/null", "socket"]]
NEEDS = {"secret_of_the_key": Needs(prelude=[(0, "offset = 1  # secret_of_the_prelude")], student=["f"], own=[])}
TEST = Cell("assert f(1) == 1 + offset  # secret_of_the_test", trusted=True, key="secret_of_the_key", points=1.0)


class InBubblewrap(Executor):
    """As where the kernel allows namespaces to bubblewrap alone."""

    def _settle_isolation(self):
        self._forkservers["student"].about["isolation"] = Isolation().as_dict()
        super()._settle_isolation()


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Of the course: files of tests, and variables of the person who grades."""
    monkeypatch.setenv("TOKEN", "secret_of_the_environment")
    folder = tmp_path / "course"
    folder.mkdir()
    (folder / "expected.txt").write_text("secret_of_the_files")
    return folder


def started(kind, mode):
    rehearsal = ["answers = 'secret_of_the_rehearsal' * 2"]
    return kind(mode=mode, preload=["numpy"], for_tests=["secret_of_the_module"], rehearsal=rehearsal)


def found_by_the_third(executor, folder):
    """What the third submission of a class finds, after the reference and a neighbour."""
    for words in ("reference", "neighbour", "searcher"):
        cells = [Cell(f"def f(x):\n    return x + 1  # secret_of_the_{words}"), TEST, Cell(SEARCH if words == "searcher" else "")]
        ran = executor.run(Job(cells, NEEDS, course_files=folder))
        assert not [output for cell in ran.cells for output in cell.outputs if output["output_type"] == "error"], ran
    return json.loads(ran.cells[2].outputs[0]["text"])


def test_confined(folder):
    with started(Executor, "auto") as executor:
        if not executor.isolation.confined:
            pytest.skip("this machine refuses namespaces")
        assert found_by_the_third(executor, folder) == ONLY_ITS_OWN


def test_in_bubblewrap(folder):
    if not find_isolation().bubblewrap:
        pytest.skip("bubblewrap is not installed, or is refused")
    with started(InBubblewrap, "auto") as executor:
        assert executor.isolation.words.startswith("bubblewrap, namespaces")
        executor.isolation = replace(executor.isolation, namespaces=False)  # else there may be no /proc to search through
        assert found_by_the_third(executor, folder) == ONLY_ITS_OWN


def test_without_namespaces_and_without_any_isolation(folder):
    """There, no workspace stays after its submission, or after the run."""
    with started(Executor, "off") as executor:
        assert found_by_the_third(executor, folder) == ONLY_ITS_OWN
        executor.isolation = replace(executor.isolation, landlock=landlock.version(), seccomp=seccomp.supported())
        assert found_by_the_third(executor, folder) == ONLY_ITS_OWN
        temporary = executor.run(Job([Cell("import tempfile\nwith tempfile.NamedTemporaryFile() as file: print(file.name)")]))
        where = Path(temporary.cells[0].outputs[0]["text"]).parent
        assert (where.name, where.parents[1]) == ("tmp", executor.scratch)
        assert _soon_empty(executor.scratch)
    assert not executor.scratch.exists()


def _soon_empty(scratch):
    """Whether the workspaces go by themselves."""
    end = time.monotonic() + 5
    while (left := list(scratch.glob("workspace-*"))) and time.monotonic() < end:
        time.sleep(0.02)
    return not left


def test_students_and_tests_draw_different_numbers():
    """Both have NumPy's shared generator from the process that loaded it."""
    needs = {"draws": Needs(prelude=[(0, "import numpy as np")], student=["drawn"], own=[])}
    cells = [Cell("import numpy as np\ndrawn = np.random.rand()"), Cell("assert np.random.rand() != drawn", trusted=True, key="draws")]
    with Executor(mode="off", preload=["numpy"]) as executor:
        ran = executor.run(Job(cells, needs))
    assert [cell.outputs for cell in ran.cells] == [[], []]
