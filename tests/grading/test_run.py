"""A run over a class: what it grades and skips, what it
prints, and what remains when it is stopped or killed.
"""

import csv
import errno
import functools
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook
from typer.testing import CliRunner

from autograder.cli import app
from autograder.grading import marker, run
from autograder.grading.gradebook import GradebookWriter
from autograder.grading.gradebook_plan import GradebookProblem
from autograder.grading.options import CourseNotFound
from autograder.grading.run import NothingToGrade, grade
from autograder.plain_text import one_line
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


STRANGE = {
    "half-a-character": {"nbformat": "\ud800", "cells": []},
    "script": {"nbformat": 4, "cells": [{"cell_type": "<img src=x onerror=alert(1)>", "source": ""}]},
    "colours": {"nbformat": "\x1b[31mADA IS RIGHT\x1b[0m\r\n", "cells": []},
    "right-to-left": {"nbformat": "\u202e\u2066evil", "cells": []},
    "number": {"nbformat": 10**400, "cells": []},
    "@SUM(1)": {"nbformat": [], "cells": []},
    "=HYPERLINK(1)": {"nbformat": {}, "cells": []},
    "+1": {"nbformat": 4, "cells": {}},
}
NAMES = (b"Jos\xe9", b"two\nlines", b"esc\x1b[31m", b"two\xc2\x85lines", b"\xed\xa0\x80")


def test_strange_names_and_texts_cost_themselves_and_reach_nobody_raw(course, monkeypatch):
    hand_in(course, ada=REFERENCE, early=REFERENCE, late=REFERENCE)
    for student, content in STRANGE.items():
        folder = course / "submitted" / student / "plain"
        folder.mkdir(parents=True)
        (folder / "plain.ipynb").write_text(json.dumps(content), encoding="utf-8")
    for name in NAMES:
        shutil.copytree(course / "submitted" / "ada", Path(os.fsdecode(os.fsencode(course / "submitted") + b"/" + name)))
    for student, day in {"early": "0001-01-01 00:00:00 UTC", "late": "9999-12-31 23:59:59 UTC"}.items():
        (course / "submitted" / student / "plain" / "timestamp.txt").write_text(day)
    outcome = CliRunner().invoke(app, ["grade", str(course), "plain", "--workers", "2"])
    assert outcome.exit_code == 1, outcome.output
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066\ud800-\udfff]", outcome.output)
    for student in ("ada", "early", "late"):
        assert scores(course, "plain", student) == FULL
    for student in STRANGE:
        assert scores(course, "plain", student) == dict.fromkeys(FULL, 0)
    with (course / ".autograder" / "plain.flags.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len({row["student"] for row in rows}) == len(STRANGE) + len(set(map(one_line, map(os.fsdecode, NAMES)))) + 2
    assert all(cell.isprintable() and not cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row.values())
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        assert {student.id for student in gradebook.students} == {"ada", "early", "late", *STRANGE}
        assert all(submission.timestamp is None for submission in gradebook.assignment_submissions("plain"))
    page = nbformat.read(course / "autograded" / "script" / "plain" / "plain.ipynb", as_version=4).cells[0].source
    assert "could not be read" in page
    assert "<img" not in page
    run_nbgrader(course, "generate_feedback", "plain")
    assert (course / "feedback" / "ada" / "plain" / "plain.html").is_file()


def test_whatever_the_writing_of_one_submission_raises_the_others_are_written(course, monkeypatch):
    hand_in(course, ada=REFERENCE, bob=REFERENCE, cy=REFERENCE, dot=REFERENCE)
    put, fill, marked = run.put_folder, GradebookWriter.fill, marker.mark_submission

    def failing_put(group, outcome):
        if outcome.student == "bob":
            raise RuntimeError("\ud800 a folder \x1b[31m")
        put(group, outcome)

    def failing_fill(self, entry, *rest):
        if entry.student == "cy":
            raise UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates not allowed")
        return fill(self, entry, *rest)

    def failing_mark(executor, side, student, *rest):
        if student == "dot":
            raise ZeroDivisionError("in the grader")
        return marked(executor, side, student, *rest)

    with monkeypatch.context() as failing:
        failing.setattr(run, "put_folder", failing_put)
        failing.setattr(GradebookWriter, "fill", failing_fill)
        failing.setattr(marker, "mark_submission", failing_mark)
        summary = grade(course, "plain")
    assert summary.graded == ["ada"]
    assert sorted(summary.failed) == ["bob", "cy", "dot"]
    assert list(summary.faults) == ["dot"]
    assert scores(course, "plain", "ada") == FULL
    assert {row["student"] for row in csv.DictReader(summary.flags_file.open(encoding="utf-8"))} == {"bob", "cy", "dot"}
    again = grade(course, "plain")
    assert sorted(again.graded) == ["bob", "cy", "dot"]
    assert again.skipped == ["ada"]
    assert not again.flagged
    assert all(marks == FULL for marks in all_scores(course).values())


def test_what_the_gradebook_or_autograded_does_not_have_is_graded_again(course):
    hand_in(course, ada=REFERENCE, bob=REFERENCE, cy=REFERENCE)
    grade(course, "plain")
    assert grade(course, "plain").skipped == ["ada", "bob", "cy"]
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        gradebook.remove_student("ada")
    shutil.rmtree(course / "autograded" / "bob")
    second = grade(course, "plain")
    assert (sorted(second.graded), second.skipped) == (["ada", "bob"], ["cy"])
    (course / "gradebook.db").rename(course / "old.db")
    with pytest.raises(GradebookProblem, match="generate_assignment"):
        grade(course, "plain")
    (course / "nbgrader_config.py").write_text(
        f"c = get_config()\nc.CourseDirectory.db_url = 'sqlite:///{course}/moved.db'\n", encoding="utf-8"
    )
    run_nbgrader(course, "generate_assignment", "plain", "--force")
    assert sorted(grade(course, "plain").graded) == ["ada", "bob", "cy"]
    with Gradebook(f"sqlite:///{course / 'moved.db'}") as gradebook:
        assert [submission.score for submission in gradebook.assignment_submissions("plain")] == [8, 8, 8]


def test_points_follow_the_source_and_what_does_not_is_said(course):
    hand_in(course, ada=REFERENCE, bob=WRONG)
    grade(course, "plain")
    path = course / "source" / "plain" / "plain.ipynb"
    source = nbformat.read(path, as_version=4)
    by_name = {cell.metadata.nbgrader.grade_id: cell for cell in source.cells if "nbgrader" in cell.metadata}
    by_name["square"].metadata.nbgrader.points = 10
    nbformat.write(source, path)
    summary = grade(course, "plain")
    assert sorted(summary.graded) == ["ada", "bob"]
    assert summary.followed == ["plain: square is worth 10 points in the source, and was worth 2."]
    assert scores(course, "plain", "ada") == FULL | {"square": 10}
    assert scores(course, "plain", "bob") == FULL | {"square": 0}
    assert {score.max_score for score in summary.scores.values()} == {16}
    run_nbgrader(course, "autograde", "plain", "--student=ada", "--force")  # and stock has no quarrel with it
    assert scores(course, "plain", "ada") == FULL | {"square": 10}
    assert not grade(course, "plain").needs_a_person
    by_name["slope"].source += "\nassert slope(0.0, 0.0) == 0"
    nbformat.write(source, path)
    changed = CliRunner().invoke(app, ["grade", str(course), "plain"])
    assert changed.exit_code == 1
    assert "slope" in changed.output
    assert "generate_assignment" in changed.output
    run_nbgrader(course, "generate_assignment", "plain", "--force")
    older = CliRunner().invoke(app, ["grade", str(course), "plain"])
    assert older.exit_code == 1
    assert "--regrade" in older.output
    again = grade(course, "plain", regrade=True)
    assert (again.outdated, again.about_course, again.failed) == (0, [], {})


def test_penalties_follow_a_due_date_that_moves(course):
    with (course / "nbgrader_config.py").open("a", encoding="utf-8") as file:
        file.write("c.LateSubmissionPlugin.penalty_method = 'zero'\n")
    hand_in(course, ada=REFERENCE, bob=REFERENCE)
    for student, when in {"ada": "2026-03-01 12:00:00", "bob": "2026-03-08 12:00:00"}.items():
        (course / "submitted" / student / "plain" / "timestamp.txt").write_text(f"{when} UTC")

    def due(when):
        with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
            gradebook.update_or_create_assignment("plain", duedate=when)

    due("2026-03-09 00:00 UTC")
    assert grade(course, "plain").followed == []
    due("2026-03-02 00:00 UTC")
    moved = grade(course, "plain")
    assert (moved.graded, sorted(moved.skipped)) == ([], ["ada", "bob"])
    assert moved.followed == ["bob: the due date or an extension has changed. 8 points are taken off for being late, and not 0."]
    assert {student: score.score for student, score in moved.scores.items()} == {"ada": 8, "bob": 0}
    assert grade(course, "plain").followed == []
    due("2026-03-20 00:00 UTC")
    assert {student: score.score for student, score in grade(course, "plain").scores.items()} == {"ada": 8, "bob": 8}


def test_a_regrade_that_was_stopped_goes_on(course, monkeypatch):
    students = [f"s{number}" for number in range(5)]
    hand_in(course, **dict.fromkeys(students, REFERENCE))
    grade(course, "plain")
    put = run.put_folder

    def stopped(group, outcome):
        if outcome.student == "s3":
            raise KeyboardInterrupt
        put(group, outcome)

    with monkeypatch.context() as once:
        once.setattr(run, "BATCH", 1)
        once.setattr(run, "put_folder", stopped)
        first = grade(course, "plain", regrade=True, workers=1)
    assert first.interrupted
    second = grade(course, "plain", regrade=True)
    assert sorted(first.graded + second.graded) == students
    assert second.skipped == first.graded
    assert sorted(grade(course, "plain", regrade=True).graded) == students


def test_faults_of_the_machine_and_of_the_grader_end_with_3(course, monkeypatch):
    command = CliRunner()
    hand_in(course, ada=REFERENCE)

    def full(*anything):
        raise OSError(errno.ENOSPC, "No space left on device", "a file")

    for module, name in ((run, "put_folder"), (marker, "mark_submission")):
        with monkeypatch.context() as broken:
            broken.setattr(module, name, full)
            outcome = command.invoke(app, ["grade", str(course), "plain"])
        assert outcome.exit_code == 3
        assert "No space left on device" in outcome.output
        assert "Traceback" not in outcome.output
    with monkeypatch.context() as broken:
        broken.setattr(run, "grade_students", lambda *anything: {}["x"])
        assert command.invoke(app, ["grade", str(course), "plain"]).exit_code == 3
    with sqlite3.connect(course / "gradebook.db") as held:
        held.execute("begin exclusive")
        monkeypatch.setattr(sqlite3, "connect", functools.partial(sqlite3.connect, timeout=0.1))
        locked = command.invoke(app, ["grade", str(course), "plain"])
        held.rollback()
    assert locked.exit_code == 3, locked.output
    assert "database is locked" in " ".join(locked.output.split())
    assert command.invoke(app, ["grade", str(course), "plain"]).exit_code == 0


def test_two_runs_on_different_students_are_both_done(course):
    hand_in(course, ada=REFERENCE, bob=REFERENCE)
    told = []
    with ThreadPoolExecutor(2) as pool:
        runs = list(pool.map(lambda name: grade(course, "plain", students=[name], waiting=told.append), ["ada", "bob"]))
    assert sorted(name for summary in runs for name in summary.graded) == ["ada", "bob"]
    assert len(told) <= 1
    assert all(marks == FULL for marks in all_scores(course).values())


def test_the_configuration_is_found_where_nbgrader_finds_it(course, tmp_path, monkeypatch):
    hand_in(course, ada=REFERENCE)
    (course / "nbgrader_config.py").unlink()
    assert grade(course, "plain").graded == ["ada"], "stock nbgrader takes a folder with source/ for a course"
    settings = tmp_path / "settings"
    settings.mkdir()
    (settings / "nbgrader_config.py").write_text(f"c = get_config()\nc.CourseDirectory.root = {str(course)!r}\n", encoding="utf-8")
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(settings))
    assert grade(tmp_path, "plain", regrade=True).graded == ["ada"]
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path))
    with pytest.raises(CourseNotFound, match="no course directory"):
        grade(tmp_path, "plain")


def test_somebody_who_handed_nothing_in_is_named(course):
    hand_in(course, ada=REFERENCE)
    with pytest.raises(NothingToGrade, match="zoe"):
        grade(course, "plain", students=["zoe"])


SLOW = "import time\ntime.sleep(0.3)\n"


def start(course):
    """A run in a process of its own, which writes after every four submissions."""
    code = (
        f"from pathlib import Path; from autograder.grading import run; run.BATCH = 4; run.grade(Path({str(course)!r}), 'plain', workers=2)"
    )
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
    students = {f"s{number:02d}": (REFERENCE if number % 3 else WRONG) | {} for number in range(12)}
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
    hand_in(course, **{f"s{number:02d}": REFERENCE | {"sums-answer": SLOW + REFERENCE["sums-answer"]} for number in range(12)})
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
