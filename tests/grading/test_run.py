"""A run over a class: what it grades and skips, what it says, and what is left when it is stopped or killed."""

import csv
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook
from typer.testing import CliRunner

from autograder.cli import app
from autograder.grading.run import NothingToGrade, grade
from tests.commands import run_nbgrader
from tests.grading.course import PLAIN, REFERENCE, filled, make_course, released, scores, submit

pytestmark = [pytest.mark.xdist_group("grading-run"), pytest.mark.usefixtures("lent_executors")]
FULL = {"square": 2, "slope": 3, "sums": 3}
WRONG = REFERENCE | {"square-answer": "def square(x):\n    return x + x"}


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """The plain course, released, and nothing handed in."""
    return make_course(tmp_path_factory.mktemp("plain") / "course", {"plain": {"plain": PLAIN}})


@pytest.fixture
def course(plain, tmp_path):
    return Path(shutil.copytree(plain, tmp_path / "course"))


def hand_in(course, **answers):
    for student, given in answers.items():
        submit(course, student, "plain", filled(released(course, "plain"), given))


def all_scores(course):
    return {path.parent.name: scores(course, "plain", path.parent.name) for path in sorted(course.glob("submitted/*/plain"))}


def test_only_what_is_new_is_graded(course):
    hand_in(course, ada=REFERENCE, bob=WRONG)
    first = grade(course, "plain")
    assert sorted(first.graded) == ["ada", "bob"]
    assert scores(course, "plain", "ada") == FULL
    assert scores(course, "plain", "bob") == FULL | {"square": 0}
    assert first.median == 7
    assert not first.needs_a_person

    hand_in(course, bob=REFERENCE, cy={})
    second = grade(course, "plain")
    assert sorted(second.graded) == ["bob", "cy"]
    assert second.skipped == ["ada"]
    assert scores(course, "plain", "bob") == FULL
    assert scores(course, "plain", "cy") == dict.fromkeys(FULL, 0)

    assert grade(course, "plain", students=["ada"], regrade=True).graded == ["ada"]
    assert grade(course, "plain").graded == []


def test_flags_are_in_the_summary_the_file_and_the_gradebook_and_marks_stay(course):
    hand_in(course, ada=REFERENCE, eve=REFERENCE | {"slope-answer": AUTOGRAD})
    summary = grade(course, "plain")
    assert list(summary.flagged) == ["eve"]
    assert any("autograd" in words for words in summary.flagged["eve"])
    assert scores(course, "plain", "eve") == FULL
    with summary.flags_file.open(encoding="utf-8") as file:
        assert {row["student"] for row in csv.DictReader(file)} == {"eve"}
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        comments = {name: gradebook.find_submission("plain", name).notebooks[0].comments for name in ("ada", "eve")}
        shown = [comment for comment in comments["eve"] if comment.auto_comment and "autograd" in comment.auto_comment]
        assert len(shown) == 1
        assert not shown[0].comment, "the student would see it"
        assert not any(comment.auto_comment for comment in comments["ada"])


AUTOGRAD = """\
def slope(w, x):
    w = torch.tensor(w, dtype=torch.float64, requires_grad=True)
    torch.sigmoid(w * x).backward()
    return w.grad.item()
"""


def test_what_cannot_be_read_costs_its_own_submission_and_is_said(course):
    hand_in(course, ada=REFERENCE, torn=REFERENCE, empty=REFERENCE, none=REFERENCE)
    (course / "submitted" / "torn" / "plain" / "plain.ipynb").write_text('{"cells": [', encoding="utf-8")
    (course / "submitted" / "empty" / "plain" / "plain.ipynb").write_text("", encoding="utf-8")
    (course / "submitted" / "none" / "plain" / "plain.ipynb").unlink()
    summary = grade(course, "plain")
    assert sorted(summary.failed) == ["empty", "torn"]
    assert set(summary.flagged) == {"torn", "empty", "none"}
    assert scores(course, "plain", "ada") == FULL
    for student in ("torn", "empty", "none"):
        assert scores(course, "plain", student) == dict.fromkeys(FULL, 0)
    page = nbformat.read(course / "autograded" / "torn" / "plain" / "plain.ipynb", as_version=4)
    assert "could not be read" in page.cells[0].source
    run_nbgrader(course, "generate_feedback", "plain", "--student=torn")
    assert "could not be read" in (course / "feedback" / "torn" / "plain" / "plain.html").read_text(encoding="utf-8")


def test_the_command_says_how_it_went_and_whether_a_person_is_needed(course):
    command = CliRunner()
    nobody = command.invoke(app, ["grade", str(course), "plain"])
    assert nobody.exit_code == 2
    hand_in(course, ada=REFERENCE, bob=WRONG)
    well = command.invoke(app, ["grade", str(course), "plain", "--workers", "2"])
    assert well.exit_code == 0, well.output
    assert "Sandbox: " in well.output
    assert "7 of 8" in well.output
    hand_in(course, eve=REFERENCE | {"slope-answer": AUTOGRAD})
    flagged = command.invoke(app, ["grade", str(course), "plain"])
    assert flagged.exit_code == 1
    assert "eve" in flagged.output
    assert command.invoke(app, ["grade", str(course), "unknown"]).exit_code == 2
    assert command.invoke(app, ["grade", str(course.parent), "plain"]).exit_code == 2
    assert command.invoke(app, ["grade", str(course), "plain", "--sandbox", "perhaps"]).exit_code == 2


def test_somebody_who_handed_nothing_in_is_named(course):
    hand_in(course, ada=REFERENCE)
    with pytest.raises(NothingToGrade, match="zoe"):
        grade(course, "plain", students=["zoe"])


SLOW = "import time\ntime.sleep(0.3)\n"


def start(course):
    """A run in a process of its own."""
    code = f"from pathlib import Path; from autograder.grading.run import grade; grade(Path({str(course)!r}), 'plain', workers=2)"
    return subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def wait_for(condition, seconds=90):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.05)


def folders(course):
    return len(list(course.glob("autograded/*/plain")))


def noted(course):
    """How much the journal holds; it comes after the folders of its batch."""
    return sum(path.stat().st_size for path in course.rglob("plain.journal"))


def test_a_killed_run_is_taken_up_where_it_was_and_ends_with_the_same_marks(course, tmp_path):
    students = {f"s{number:02d}": (REFERENCE if number % 3 else WRONG) | {} for number in range(40)}
    for given in students.values():
        given["sums-answer"] = SLOW + given["sums-answer"]
    hand_in(course, **students)
    whole = Path(shutil.copytree(course, tmp_path / "whole"))
    for done in (folders, noted):  # killed while a batch is being written, and after one is
        before = done(course)
        run = start(course)
        wait_for(lambda done=done, before=before, run=run: done(course) > before or run.poll() is not None)
        run.kill()
        run.wait()
    last = grade(course, "plain")
    assert last.skipped, "the runs were killed before anything was done"
    assert sorted(last.graded + last.skipped) == sorted(students)
    grade(whole, "plain")
    assert all_scores(course) == all_scores(whole)
    assert not [path for path in course.glob("autograded/**/.*")]
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        assert len(gradebook.assignment_submissions("plain")) == len(students)


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="needs /proc to see what is still running")
def test_nothing_goes_on_after_a_run_was_killed(course):
    hand_in(course, loop={"square-answer": "while True:\n    pass"})
    run = start(course)
    wait_for(lambda: children(run.pid) and any(children(child) for child in children(run.pid)))
    everyone = [child for child in children(run.pid)]
    everyone += [grandchild for child in everyone for grandchild in children(child)]
    run.send_signal(signal.SIGKILL)
    run.wait()
    wait_for(lambda: not any(alive(pid) for pid in everyone), seconds=20)


def test_ctrl_c_keeps_what_is_done(course):
    hand_in(course, **{f"s{number:02d}": REFERENCE | {"sums-answer": SLOW + REFERENCE["sums-answer"]} for number in range(40)})
    run = start(course)
    wait_for(lambda: list(course.glob("autograded/*/plain")))
    run.send_signal(signal.SIGINT)
    assert run.wait(30) is not None
    rest = grade(course, "plain")
    assert rest.skipped
    assert all(marks == FULL for marks in all_scores(course).values())


def children(pid):
    """The processes that a process has started."""
    path = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in path.read_text().split()] if path.exists() else []


def alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
