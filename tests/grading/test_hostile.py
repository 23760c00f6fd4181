"""A class of attacks: nobody gains a point or reads what
is not theirs, and the honest submissions get full marks.
"""

import json
import multiprocessing
import os
import re
import socket
import sys
import threading
import time
from pathlib import Path

import nbformat
import pytest
from nbgrader.utils import determine_grade

from autograder.grading.run import grade
from autograder.running.loading import load
from autograder.running.shell import make_shell
from tests.grading.course import filled, make_course, released, scores, submit
from tests.grading.hostile import HOSTILE, MARKER, NAME, RIGHT, SMALL, WORTH

pytestmark = [
    pytest.mark.xdist_group("grading-hostile"),
    pytest.mark.skipif(sys.platform != "linux", reason="the isolation is for Linux"),
]
CHECKOUT = Path(__file__).resolve().parents[2]
CONFIG = """
c.Grading.cell_seconds = 2
c.Grading.notebook_seconds = 7
c.Grading.memory_mib = 512
c.Grading.disk_mib = 128
c.Grading.workers = 4
"""
FULL = {f"{name}-answer": text for name, text in RIGHT.items()}
HONEST = ("aa-peer", "mm-honest", "zz-honest")  # before, among and after the hostile ones
by_name = pytest.mark.parametrize("hostile", HOSTILE, ids=lambda hostile: hostile.name)


class Listeners:
    """Servers that a submission is not to reach."""

    def __init__(self, folder):
        self.heard = []
        self.places = {"@SOCKET@": str(folder / "s"), "@ABSTRACT@": f"hostile-{os.getpid()}"}
        tcp, udp = socket.create_server(("127.0.0.1", 0)), socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        udp.bind(("127.0.0.1", 0))
        self.places |= {"@PORT@": str(tcp.getsockname()[1]), "@UDP@": str(udp.getsockname()[1])}
        file, abstract = socket.socket(socket.AF_UNIX), socket.socket(socket.AF_UNIX)
        file.bind(self.places["@SOCKET@"])
        abstract.bind(f"\0{self.places['@ABSTRACT@']}")
        for server in (file, abstract):
            server.listen()
        self.servers = [tcp, file, abstract, udp]
        for server in self.servers[:3]:
            threading.Thread(target=self._accept, args=[server], daemon=True).start()
        threading.Thread(target=lambda: self.heard.append(udp.recv(100)), daemon=True).start()

    def _accept(self, server):
        while True:
            self.heard.append(server.accept())


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """The class, graded once: the course, the summary, and what came to the listening servers."""
    folder = tmp_path_factory.mktemp("hostile")
    files = {"data.csv": "1,2\n", "img/a.svg": "<svg/>"}
    course = make_course(folder / "course", {NAME: {NAME: SMALL}}, config=CONFIG, files=files)
    blank = released(course, NAME)
    listeners = Listeners(folder)
    places = listeners.places | {"@COURSE@": str(course), "@CHECKOUT@": str(CHECKOUT)}
    for student in HONEST:
        notes = submit(course, student, NAME, filled(released(course, NAME), FULL)).with_name("notes.txt")
        notes.write_text(MARKER, encoding="utf-8")
    for hostile in HOSTILE:
        hostile.hand_in(course, blank, places)
    began = time.monotonic()
    summary = grade(course, NAME)
    return course, summary, listeners.heard, time.monotonic() - began


def outputs_of(course, student):
    made = nbformat.read(course / "autograded" / student / NAME / f"{NAME}.ipynb", as_version=4)
    return [output for cell in made.cells for output in cell.get("outputs", [])]


@by_name
def test_nobody_gains_what_their_mathematics_did_not_earn(graded, hostile):
    course, summary, _, _ = graded
    got = scores(course, NAME, hostile.name)
    words = f"{hostile.tries}: {summary.flagged.get(hostile.name)} {summary.failed.get(hostile.name)}"
    if hostile.own_loss:
        assert all(got[test] <= points for test, points in hostile.earned.items()), words
    else:
        assert got == hostile.earned, words
    assert not summary.failed.get(hostile.name, "").startswith("The grader itself failed")


@by_name
def test_a_person_is_told_where_there_is_something_to_see(graded, hostile):
    course, summary, _, _ = graded
    words = "\n".join(summary.flagged.get(hostile.name, ()))
    assert re.search(hostile.flag, words), words
    assert "The tests' own process was ended by SIGSEGV" not in words, "nothing that a student sends may break the tests' own process"
    assert all(line.isprintable() for line in words.split("\n")), repr(words)
    if hostile.says:
        shown = json.dumps(outputs_of(course, hostile.name))
        assert re.search(hostile.says, shown), shown[:3000]


@by_name
def test_what_is_handed_back_holds_nothing_foreign_and_no_script(graded, hostile):
    course, _, _, _ = graded
    folder = course / "autograded" / hostile.name / NAME
    for path in folder.rglob("*"):
        assert not path.is_symlink()
        if path.suffix != ".ipynb":
            assert not path.is_file() or MARKER.encode() not in path.read_bytes()
    if not (folder / f"{NAME}.ipynb").is_file():
        return
    assert (folder / f"{NAME}.ipynb").stat().st_size < 70_000_000
    made = nbformat.read(folder / f"{NAME}.ipynb", as_version=4)
    nbformat.validate(made)
    for output in outputs_of(course, hostile.name):
        assert MARKER not in json.dumps(output)
        for mime, data in output.get("data", {}).items():
            assert "javascript" not in mime
            assert "widget" not in mime
            if mime in ("text/html", "image/svg+xml", "text/markdown", "text/latex"):
                assert not re.search(r"<script|<[^>]*\s(onerror|onload)=|<[^>]*=\W*javascript:", data), data


@pytest.mark.parametrize("student", HONEST)
def test_the_honest_ones_get_full_marks_and_no_flag(graded, student):
    course, summary, _, _ = graded
    assert scores(course, NAME, student) == WORTH
    assert student not in summary.flagged
    assert student not in summary.failed


def test_nothing_was_reached_left_behind_or_written(graded):
    course, summary, heard, seconds = graded
    assert heard == []
    assert len(summary.graded) == len(HOSTILE) + len(HONEST)
    assert seconds < 400, "the attacks held up the class"
    alive = [path for path in Path("/proc").glob("[0-9]*/comm") if "hostiledaemon" in _read(path)]
    assert alive == []
    notes = course / "submitted" / "aa-peer" / NAME / "notes.txt"
    assert notes.read_text() == MARKER


def _read(path):
    try:
        return path.read_text()
    except OSError:
        return ""


# --- the same tricks where answers and tests share a process: they do work there


def naive(cells, line):
    """Run answers and tests in one shell, as a plain notebook does, and send the points by test."""
    shell = make_shell()
    points = {}
    for cell in cells:
        outputs = shell.run(cell.source, 2**20) if cell.cell_type == "code" else []
        if cell.metadata.get("nbgrader", {}).get("grade"):
            cell.outputs = [nbformat.from_dict(output) for output in outputs]
            try:
                points[cell.id] = determine_grade(cell)[0]
            except ValueError:
                points[cell.id] = 0
    line.send(points)
    os._exit(0)


@pytest.fixture(scope="module")
def loaded():
    """What the notebooks import, once, before the forks."""
    load(["numpy.testing", "torch.testing", "backprop"])


@pytest.mark.usefixtures("loaded")
@pytest.mark.parametrize("hostile", [h for h in HOSTILE if h.gains_without_isolation], ids=lambda hostile: hostile.name)
def test_the_attack_works_where_there_is_no_separation(hostile):
    tests = {cell.id: cell for cell in SMALL.cells if cell.metadata.get("nbgrader", {}).get("grade")}
    made = hostile.notebook(nbformat.from_dict(json.loads(json.dumps(SMALL))))
    for cell in made.cells:
        if cell.id in tests:
            cell.source = tests[cell.id].source
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe()
    process = context.Process(target=naive, args=(made.cells, theirs))
    process.start()
    points = ours.recv() if ours.poll(30) else {}
    process.kill()
    process.join()
    assert sum(points.values()) > sum(hostile.earned.values()), points
