"""What a run has finished is known to the next one, whenever
it was killed; no assignment is graded twice at once.
"""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from autograder.grading.folders import clear_leftovers, replace_folder, set_permissions, staging
from autograder.grading.journal import Entry, Journal, JournalProblem

ROOT = Path(__file__).resolve().parents[2]


def entry(student, **changes):
    values = {"handed_in": "a1", "course": "c1", "when": "2026-03-01T12:00:00+00:00", "sandbox": "bubblewrap", "flags": (), "score": 1.5}
    return Entry(student, **{**values, **changes})


def python(code, *arguments):
    """A process that may use the journal, to be killed or talked to."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    imports = "from autograder.grading.folders import *\nfrom autograder.grading.journal import *\n"
    text = f"{imports}import os, sys, time\nfrom pathlib import Path\n{code}"
    words = [sys.executable, "-c", text, *map(str, arguments)]
    return subprocess.Popen(words, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def test_what_is_appended_is_there_for_the_next_run(tmp_path):
    ada = entry("ada", flags=("stopped after 30 s", "é"), score=None)
    with Journal(tmp_path, "week") as journal:
        assert journal.done("ada") is None
        journal.append([ada, entry("bea")])
        journal.append([])
        journal.append([entry("bea", handed_in="b2")])
        assert journal.done("bea").handed_in == "b2"
    again = Journal(tmp_path, "week")
    assert again.done("ada") == ada
    assert again.done("bea") == entry("bea", handed_in="b2")
    assert again.done("zoe") is None
    assert [each.student for each in again.entries()] == ["ada", "bea"]
    assert Journal(tmp_path, "other").entries() == []
    lines = (tmp_path / ".autograder" / "week.journal").read_text().splitlines()
    assert [json.loads(line)["student"] for line in lines] == ["ada", "bea", "bea"]


def test_a_name_that_is_no_text_survives(tmp_path):
    student = os.fsdecode(b"m\xfcller\n")
    with Journal(tmp_path, "week") as journal:
        journal.append([entry(student)])
    assert Journal(tmp_path, "week").done(student) == entry(student)


@pytest.mark.parametrize(
    "tail", [b'{"student": "bea", "handed', b"\0\0\0\0", b"\xff\xfe", b"{}", b"[1]", b"null", b'{"student": "bea", "flags": 3}'], ids=repr
)
def test_a_torn_line_is_ignored_and_ended(tmp_path, tail):
    with Journal(tmp_path, "week") as journal:
        journal.append([entry("ada")])
    with journal.path.open("ab") as file:
        file.write(tail)
    with Journal(tmp_path, "week") as journal:
        assert [each.student for each in journal.entries()] == ["ada"]
        journal.append([entry("bea"), entry("cy")])
    assert [each.student for each in Journal(tmp_path, "week").entries()] == ["ada", "bea", "cy"]
    assert journal.path.read_bytes().endswith(tail + b"\n" + entry("bea").line() + entry("cy").line())


def test_it_is_rewritten_when_most_of_it_is_old(tmp_path):
    with Journal(tmp_path, "week") as journal:
        journal.append(entry(student) for student in ("ada", "bea"))
        for number in range(20):
            journal.append([entry("ada", score=number)])
            assert len(journal.path.read_bytes().splitlines()) <= 6
    again = Journal(tmp_path, "week")
    assert (again.done("ada").score, again.done("bea").score) == (19, 1.5)
    assert sorted(path.name for path in journal.path.parent.iterdir()) == ["week.journal", "week.lock"]


def test_a_rewriting_that_was_killed_is_forgotten(tmp_path):
    with Journal(tmp_path, "week") as journal:
        journal.append([entry("ada")])
    left = journal.path.with_name(".week.journal.ab12.new")
    left.write_text("half a")
    with Journal(tmp_path, "week") as journal:
        assert not left.exists()
        assert journal.done("ada")


def test_it_is_written_only_when_open(tmp_path):
    journal = Journal(tmp_path, "week")
    with pytest.raises(JournalProblem, match="Open the journal with `with`"):
        journal.append([entry("ada")])
    assert not journal.path.exists()
    with journal:
        journal.append([entry("ada")])
    with pytest.raises(JournalProblem, match="Open the journal with `with`"):
        journal.append([entry("ada")])


def test_a_second_run_waits_for_the_first_and_says_for_whom(tmp_path):
    hold = "with Journal(Path(sys.argv[1]), 'week'):\n    print('open', flush=True)\n    input()"
    with python(hold, tmp_path) as other:
        assert other.stdout.readline() == "open\n"
        told = []

        def waiting(holder):
            told.append(holder)
            other.kill()

        with Journal(tmp_path, "another"):
            pass
        assert Journal(tmp_path, "week").entries() == []  # reading is free
        with Journal(tmp_path, "week", waiting=waiting) as journal:
            journal.append([entry("ada")])
    assert len(told) == 1
    assert told[0].startswith(f"{other.pid} on ")
    with Journal(tmp_path, "week", waiting=waiting):
        assert len(told) == 1


def test_a_regrade_that_was_stopped_is_gone_on_with_and_a_finished_one_is_not(tmp_path):
    with Journal(tmp_path, "week") as journal:
        everybody, some = journal.begin_regrade([]), journal.begin_regrade(["bea", "ada"])
    with Journal(tmp_path, "week") as journal:
        assert (journal.begin_regrade([]), journal.begin_regrade(["ada", "bea"])) == (everybody, some)
        journal.end_regrade([])
        assert journal.begin_regrade([]) != everybody
        assert journal.begin_regrade(["ada", "bea"]) == some
        journal.end_regrade([])
        journal.end_regrade(["ada", "bea"])
    assert sorted(path.name for path in journal.path.parent.iterdir()) == ["week.lock"]


def test_a_child_that_lives_on_does_not_keep_the_lock(tmp_path):
    with Journal(tmp_path, "week"):
        child = os.fork()
        if not child:
            time.sleep(60)
            os._exit(0)
    try:
        with Journal(tmp_path, "week"):
            pass
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


APPEND = """
with Journal(Path(sys.argv[1]), "week") as journal:
    for number in range(10**6):
        batch = [Entry(f"s{(number + k) % 40}", "x" * 3000, "c", "w", "s", ("f",), float(number)) for k in range(5)]
        journal.append(batch)
        print(number, flush=True)
"""


def test_a_run_killed_in_the_middle_of_appending_loses_nothing_that_it_had_finished(tmp_path):
    for patience in (0.05, 0.1, 0.15):
        with python(APPEND, tmp_path) as run:
            first = run.stdout.readline()
            time.sleep(patience)
            run.kill()
            said = [int(word) for word in (first + run.stdout.read()).splitlines()]
        last = said[-1]
        with Journal(tmp_path, "week") as journal:
            for k in range(5):
                assert journal.done(f"s{(last + k) % 40}").score >= last
            journal.append([entry("next")])
        assert Journal(tmp_path, "week").done("next") == entry("next")
    assert len(said) > 1


def test_files_are_private_or_the_groups(tmp_path):
    before = os.umask(0o077)
    try:
        for shared, file_mode, folder_mode in ((False, 0o600, 0o700), (True, 0o660, 0o2770)):
            course = tmp_path / str(shared)
            with Journal(course, "week", groupshared=shared) as journal:
                for _ in range(5):
                    journal.append([entry("ada")])
            assert {path.stat().st_mode & 0o7777 for path in journal.path.parent.iterdir()} == {file_mode}
            assert journal.path.parent.stat().st_mode & 0o7777 == folder_mode
    finally:
        os.umask(before)


def make(folder, text):
    (folder / "img").mkdir(parents=True, exist_ok=True)
    (folder / "week.ipynb").write_text(text)
    (folder / "img" / "a.svg").write_text(text)
    return folder


def content(folder):
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def graded(tmp_path):
    return tmp_path / "autograded" / "ada" / "week"


def test_a_folder_is_replaced_whole(graded):
    replace_folder(make(staging(graded), "one"), graded)
    replace_folder(make(staging(graded), "two"), graded)
    new = staging(graded)
    (new / "only.txt").write_text("three")
    replace_folder(new, graded)
    assert content(graded) == {"only.txt": "three"}
    assert list(graded.parent.iterdir()) == [graded]


def test_staging_is_empty_and_hidden_from_nbgrader(graded):
    make(staging(graded), "left by a killed run")
    assert list(staging(graded).iterdir()) == []
    assert list(graded.parents[1].glob("*/week")) == []


def test_a_replacement_that_fails_keeps_the_old_one(graded, tmp_path):
    replace_folder(make(staging(graded), "old"), graded)
    with pytest.raises(FileNotFoundError):
        replace_folder(tmp_path / "not there", graded)
    assert content(graded)["week.ipynb"] == "old"
    assert list(graded.parent.iterdir()) == [graded]


def test_what_killed_runs_left_is_put_right(graded):
    make(graded, "new")
    make(graded.with_name(".week.replaced"), "old")  # killed after the second rename
    bea = graded.parents[1] / "bea" / "week"
    make(bea.with_name(".week.replaced"), "old")  # killed between the two
    make(staging(bea), "new")
    zoe = graded.parents[1] / "zoe" / "week"
    make(staging(zoe), "half")  # killed while it was being made
    make(zoe.with_name(".other.new"), "another assignment's")
    bea.with_name(".week.replaced").joinpath("img").chmod(0o555)
    assert clear_leftovers(graded.parents[1], "week") == [bea]
    assert content(graded)["week.ipynb"] == "new"
    assert content(bea)["week.ipynb"] == "old"
    assert [path.name for path in zoe.parent.iterdir()] == [".other.new"]
    assert {path.name for path in graded.parents[1].glob("*/.week*")} == set()
    assert clear_leftovers(graded.parents[1], "week") == []


SWAP = """
folder = Path(sys.argv[1])
for number in range(10**6):
    new = staging(folder)
    for name in "abcdef":
        (new / name).write_text(str(number))
    replace_folder(new, folder)
    print(number, flush=True)
"""


def test_a_run_killed_while_replacing_leaves_one_whole_folder(graded):
    for patience in (0.03, 0.06, 0.09):
        with python(SWAP, graded) as run:
            run.stdout.readline()
            time.sleep(patience)
            run.kill()
        clear_leftovers(graded.parents[1], "week")
        found = content(graded)
        assert set(found) == set("abcdef")
        assert len(set(found.values())) == 1
        assert list(graded.parent.iterdir()) == [graded]


@pytest.mark.parametrize(
    ("options", "files", "folders"),
    [({}, 0o444, 0o755), ({"groupshared": True}, 0o664, 0o2775), ({"permissions": "640"}, 0o640, 0o755)],
    ids=["alone", "groupshared", "as configured"],
)
def test_permissions_are_those_of_nbgrader(graded, options, files, folders):
    before = os.umask(0o022)
    try:
        replace_folder(make(staging(graded), "x"), graded, **options)
    finally:
        os.umask(before)
    for path in [graded, *graded.rglob("*")]:
        assert path.stat().st_mode & 0o7777 == (folders if path.is_dir() else files)
    assert [path.stat().st_mode & 0o7777 for path in (graded.parents[0], graded.parents[1])] == [folders, folders]


def test_what_a_link_leads_to_is_left_alone(graded, tmp_path):
    outside = tmp_path / "gradebook.db"
    outside.write_text("marks")
    outside.chmod(0o600)
    new = make(staging(graded), "x")
    (new / "link").symlink_to(outside)
    (new / "folder").symlink_to(tmp_path)
    set_permissions(new)
    replace_folder(new, graded)
    replace_folder(make(staging(graded), "y"), graded)
    assert outside.read_text() == "marks"
    assert outside.stat().st_mode & 0o7777 == 0o600
