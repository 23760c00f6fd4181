"""A class graded by workers of a real scheduler gets the rows of one machine."""

import re
import shutil
import sys
from pathlib import Path

import dask
import pytest
from typer.testing import CliRunner

from autograder.cli import app
from autograder.cluster import connecting, on_cluster
from autograder.grading import run
from autograder.grading.engine import EngineLost
from autograder.grading.journal import Journal
from autograder.grading.run import grade
from tests.cluster.light import NAME, RIGHT, hand_in, hand_in_forty, light_course
from tests.cluster.processes import TLS, Processes, certificate
from tests.grading.course import scores

pytestmark = [
    pytest.mark.xdist_group("cluster"),
    pytest.mark.skipif(sys.platform != "linux", reason="the isolation is for Linux"),
    pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl for a certificate"),
]
OTHER_VERSION = """\
from autograder.cluster import versions
versions.versions.cache_clear()
versions.version = lambda name: "0.0.9"
"""


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """A scheduler with TLS and two workers of this version, named by its file."""
    folder = tmp_path_factory.mktemp("cluster")
    settings = certificate(folder)
    names = {"CA_FILE": "ca-file", "CLIENT__CERT": "client.cert", "CLIENT__KEY": "client.key"}
    tls = {f"distributed.comm.tls.{ours}": settings[f"{TLS}{name}"] for name, ours in names.items()}
    with Processes(folder, settings) as processes, dask.config.set(tls):
        processes.worker("one")
        processes.worker("two")
        processes.wait_until_joined("one", "two")
        yield processes


@pytest.fixture(scope="module")
def empty(tmp_path_factory):
    return light_course(tmp_path_factory.mktemp("light") / "course")


@pytest.fixture
def course(empty, tmp_path):
    return Path(shutil.copytree(empty, tmp_path / "course"))


def on(cluster, told):
    return on_cluster(str(cluster.file), told.append)


def rows(course):
    """Marks, flags and everything in autograded/, by student.

    The addresses of objects are different each time and are left out.
    """
    flags = {entry.student: (entry.flags, entry.sandbox, entry.handed_in) for entry in Journal(course, NAME).entries()}
    found = {}
    for path in sorted(course.glob(f"submitted/*/{NAME}")):
        student = path.parent.name
        graded = course / "autograded" / student / NAME
        files = {file.name: re.sub(rb"0x[0-9a-f]{6,}", b"0x", file.read_bytes()) for file in sorted(graded.iterdir())}
        found[student] = (scores(course, NAME, student), flags[student], files)
    return found


def test_forty_submissions_get_the_rows_of_one_machine_although_a_worker_is_killed(cluster, course, tmp_path, monkeypatch):
    hand_in_forty(course)
    alone = Path(shutil.copytree(course, tmp_path / "alone"))
    (cluster.folder / "other_version.py").write_text(OTHER_VERSION, encoding="utf-8")
    cluster.worker("other", "--preload", "other_version.py")
    cluster.wait_until_joined("other")
    monkeypatch.setattr(run, "BATCH", 4)
    told = []

    def kill_one(progress):
        if progress.done == 12:
            cluster.kill("one")

    shared = grade(course, NAME, tell=kill_one, engine=on(cluster, told))
    single = grade(alone, NAME)
    assert sorted(shared.graded) == sorted(single.graded)
    assert len(shared.graded) == 40
    assert rows(course) == rows(alone)
    assert shared.flagged == single.flagged
    assert shared.failed == single.failed
    assert not shared.faults
    assert len([words for words in told if "is gone" in words]) == 1
    (refusal,) = [words for words in told if "does not grade" in words]
    assert "backprop-by-hand 0.0.9" in refusal
    assert "autograder-" not in cluster.said("other"), "it holds an executor"
    assert not list(Path("/tmp").glob("evil"))


def test_ctrl_c_ends_what_workers_run_and_a_lost_scheduler_ends_the_run_in_words(cluster, course, monkeypatch):
    hand_in(course, {f"s{number:02d}": RIGHT for number in range(24)})
    monkeypatch.setattr(run, "BATCH", 1)

    def interrupt(progress):
        if progress.done == 3:
            raise KeyboardInterrupt

    first = grade(course, NAME, tell=interrupt, engine=on(cluster, []))
    assert first.interrupted
    assert first.graded
    assert cluster.said("two").count("Removing Worker plugin autograder-") == cluster.said("two").count(
        "Starting Worker plugin autograder-"
    )

    def kill(progress):
        if progress.done == 3:
            cluster.kill("scheduler")

    with pytest.raises(EngineLost, match="goes on with the rest"):
        grade(course, NAME, tell=kill, engine=on(cluster, []))
    last = grade(course, NAME)
    assert set(first.graded) < set(last.skipped)
    assert sorted(last.graded + last.skipped) == [f"s{number:02d}" for number in range(24)]
    assert all(scores(course, NAME, f"s{number:02d}") == {"square": 2, "sums": 2} for number in range(24))
    monkeypatch.setattr(connecting, "CONNECT", 2.0)
    again = CliRunner().invoke(app, ["grade", str(course), NAME, "--regrade", "--dask", str(cluster.file)])
    assert again.exit_code == 2
    assert "No scheduler could be reached" in " ".join(again.output.split())
