"""The record of progress: attempts add up in any order, two
writers lose nothing, no file is lost, whatever is in it.
"""

import errno
import json
import multiprocessing
import os
import time
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace

import pytest
from backprop import files
from backprop.progress import records as module
from backprop.progress.records import FILE, LOCK, Record, Records
from hypothesis import given
from hypothesis import strategies as st

MOMENTS = st.sampled_from(["", "2026-01-01T10:00:00+00:00", "2026-01-02T10:00:00+00:00", "2026-03-01T00:00:00+00:00"])
ENTRIES = st.builds(Record, st.sampled_from([0.0, 0.5, 1.0, 3.0]), MOMENTS, st.integers(0, 50))


def written(folder):
    return json.loads((folder / FILE).read_text(encoding="utf-8"))


def note(folder, *attempts):
    """Another session that remembers these attempts and ends."""
    session = Records(folder)
    for attempt in attempts:
        session.note(*attempt)
    session.sync()
    return session


# --- what is remembered ---------------------------------------------------------------------------


def test_the_best_points_the_first_time_it_was_right_and_the_number_of_attempts(tmp_path):
    session = note(tmp_path, ("one_path", 1.0, False), ("one_path", 3.0, True), ("gears", 0.0, False))
    first = session.all()["one_path"].right
    assert first
    time.sleep(1.1)
    again = note(tmp_path, ("one_path", 2.0, False), ("one_path", 3.0, True))
    assert again.all() == {"one_path": Record(3.0, first, 4), "gears": Record(0.0, "", 1)}
    assert Records(tmp_path).all() == {}
    assert note(tmp_path).all() == again.all()


def test_the_file_holds_nothing_else(tmp_path):
    note(tmp_path, ("one_path", 3.0, True))
    document = written(tmp_path)
    assert set(document) == {"about", "format", "exercises"}
    assert {name: set(entry) for name, entry in document["exercises"].items()} == {"one_path": {"points", "right", "attempts"}}
    assert {path.name for path in tmp_path.iterdir()} == {FILE, LOCK}


@given(ENTRIES, ENTRIES, ENTRIES)
def test_records_add_up_whatever_the_order(a, b, c):
    assert a.plus(b) == b.plus(a)
    assert a.plus(b).plus(c) == a.plus(b.plus(c))
    assert a.plus(Record()) == a


@given(ENTRIES)
def test_what_is_written_is_what_is_read(record):
    assert Record.read(json.loads(json.dumps(record.entry()))) == record


def test_what_another_version_of_the_course_wrote_stays(tmp_path):
    note(tmp_path, ("an_exercise_of_next_year", 2.0, False))
    document = written(tmp_path)
    (tmp_path / FILE).write_text(json.dumps(document | {"more": [1, 2]}), encoding="utf-8")
    note(tmp_path, ("gears", 1.0, True))
    assert written(tmp_path)["more"] == [1, 2]
    assert set(written(tmp_path)["exercises"]) == {"an_exercise_of_next_year", "gears"}


def test_deleting_the_file_begins_anew(tmp_path):
    session = note(tmp_path, ("one_path", 3.0, True))
    (tmp_path / FILE).unlink()
    session.sync()
    assert session.all() == {}
    assert not session.remark


# --- several at once ------------------------------------------------------------------------------


def attempts(folder, name, many):
    session = Records(folder)
    for number in range(many):
        session.note(name, number / 100, False)
        session.note("shared", 0.0, number == many - 1)
        session.sync()
    while session.unsaved:
        session.sync()


def test_processes_that_write_at_once_lose_nothing(tmp_path):
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=attempts, args=(tmp_path, f"exercise_{number}", 50)) for number in range(3)]
    for writer in writers:
        writer.start()
    while any(writer.is_alive() for writer in writers):  # a reader in between sees a whole file, always
        assert not (tmp_path / FILE).exists() or written(tmp_path)["format"] == 1
    for writer in writers:
        writer.join()
        assert writer.exitcode == 0
    found = note(tmp_path).all()
    assert {name: record.attempts for name, record in found.items()} == {f"exercise_{n}": 50 for n in range(3)} | {"shared": 150}
    assert found["exercise_1"].points == 0.49
    assert {path.name for path in tmp_path.iterdir()} == {FILE, LOCK}


def hold(path, holds, release):
    with module.locked(path, 0):
        holds.set()
        release.wait(30)


@contextmanager
def held(path):
    """The lock, held by another process."""
    context = multiprocessing.get_context("spawn")
    holds, release = context.Event(), context.Event()
    process = context.Process(target=hold, args=(path, holds, release))
    process.start()
    assert holds.wait(30)
    yield
    release.set()
    process.join()


def test_whoever_holds_the_lock_for_long_does_not_hold_anybody_up_and_nothing_is_lost(tmp_path):
    session = Records(tmp_path)
    session.note("gears", 1.0, True)
    with held(tmp_path / LOCK):
        start = time.perf_counter()
        session.sync(0.02)
        assert time.perf_counter() - start < 2
        assert not (tmp_path / FILE).exists()
        assert session.all()["gears"].attempts == 1
        session.sync()
        assert "will be kept" in session.remark
    session.sync()
    assert not session.remark
    assert written(tmp_path)["exercises"]["gears"]["attempts"] == 1


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.ENOSYS])
def test_a_file_system_without_locks_is_written_all_the_same(tmp_path, monkeypatch, number):
    def refuse(*_):
        raise OSError(number, os.strerror(number))

    fcntl = pytest.importorskip("fcntl")
    monkeypatch.setattr(fcntl, "flock", refuse)
    session = note(tmp_path, ("gears", 1.0, True))
    assert not session.remark
    assert written(tmp_path)["exercises"]["gears"]["attempts"] == 1


# --- files that are not as they should be ---------------------------------------------------------

DAMAGED = {
    "cut off": b'{"format": 1, "exercises": {"gears": {"poin',
    "empty": b"",
    "binary": bytes(range(256)),
    "a list": b"[1, 2]",
    "somebody else's": b'{"exercises": {"gears": 3}}',
    "another format": b'{"format": 2, "exercises": {}}',
    "deep": b"[" * 100_000,
    "a number too long": b'{"format": 1, "exercises": ' + b"9" * 5000 + b"}",
}


@pytest.mark.parametrize("content", DAMAGED.values(), ids=DAMAGED)
def test_a_damaged_file_is_kept_aside_and_said_so_in_one_line(tmp_path, content):
    (tmp_path / FILE).write_bytes(content)
    session = note(tmp_path, ("gears", 1.0, True))
    assert (tmp_path / ".backprop-progress-damaged-1.json").read_bytes() == content
    assert session.remark == (
        "The record of your progress could not be read in full. It is kept as .backprop-progress-damaged-1.json, and a new one has begun."
    )
    assert set(written(tmp_path)["exercises"]) == {"gears"}
    (tmp_path / FILE).write_bytes(content)
    note(tmp_path)
    assert (tmp_path / ".backprop-progress-damaged-2.json").read_bytes() == content


WRONG = [{"points": "1"}, {"points": -1}, {"points": float("nan")}, {"attempts": 1.5}, {"attempts": -1}, {"right": "yes"}, {"right": 5}]
BAD = [None, 3, "right", [], {}, {"points": 1}] + [{"points": 1, "right": None, "attempts": 1} | wrong for wrong in WRONG]


@pytest.mark.parametrize("entry", BAD, ids=str)
def test_one_damaged_entry_costs_only_itself(tmp_path, entry):
    note(tmp_path, ("one_path", 3.0, True))
    whole = written(tmp_path)["exercises"]["one_path"]
    content = json.dumps({"format": 1, "exercises": {"one_path": whole, "gears": entry}})
    (tmp_path / FILE).write_text(content, encoding="utf-8")
    session = note(tmp_path)
    assert written(tmp_path)["exercises"] == {"one_path": whole}
    assert (tmp_path / ".backprop-progress-damaged-1.json").read_text(encoding="utf-8") == content
    assert "could not be read in full" in session.remark


def test_a_folder_in_the_files_place(tmp_path):
    (tmp_path / FILE).mkdir()
    session = note(tmp_path, ("gears", 1.0, True))
    assert session.remark.startswith("Progress is not kept: ")
    assert session.all()["gears"].attempts == 1


@contextmanager
def as_nobody(folder, mode):
    """A folder with these rights, used by someone who is not root and does not own it."""
    if not hasattr(os, "geteuid"):
        pytest.skip("rights are otherwise on Windows")
    folder.chmod(mode)
    root = os.geteuid() == 0
    try:
        if root:
            os.seteuid(65534)
        yield
    finally:
        if root:
            os.seteuid(0)
        folder.chmod(0o755)


@pytest.fixture
def open_folder():
    """A folder that everybody can reach, as pytest's own are not."""
    with TemporaryDirectory(dir="/tmp") as name:
        yield Path(name)


def test_a_read_only_folder(open_folder):
    with as_nobody(open_folder, 0o555):
        session = note(open_folder, ("gears", 1.0, True))
        assert session.remark == f"Progress is not kept: {FILE} cannot be written here (Permission denied)."
        assert session.all()["gears"].attempts == 1
    assert not list(open_folder.iterdir())
    session.sync()  # it can be written again, and nothing was forgotten
    assert not session.remark
    assert written(open_folder)["exercises"]["gears"]["attempts"] == 1


def test_a_read_only_folder_with_records_in_it(open_folder):
    note(open_folder, ("one_path", 3.0, True))
    for path in open_folder.iterdir():
        path.chmod(0o444)
    before = (open_folder / FILE).read_bytes()
    with as_nobody(open_folder, 0o555):
        session = note(open_folder, ("gears", 1.0, True))
        assert set(session.all()) == {"one_path", "gears"}
        assert session.remark.startswith("Progress is not kept: ")
    assert (open_folder / FILE).read_bytes() == before


def test_a_write_protected_file_stays_as_it_is(open_folder):
    note(open_folder, ("one_path", 3.0, True))
    (open_folder / FILE).chmod(0o444)
    (open_folder / LOCK).chmod(0o666)
    before = (open_folder / FILE).read_bytes()
    with as_nobody(open_folder, 0o777):
        session = note(open_folder, ("gears", 1.0, True))
        assert session.remark == f"Progress is not kept: {FILE} cannot be written here (Permission denied)."
        assert set(session.all()) == {"one_path", "gears"}
    assert (open_folder / FILE).read_bytes() == before
    assert {path.name for path in open_folder.iterdir()} == {FILE, LOCK}


def test_a_full_disk_leaves_the_old_file(tmp_path, monkeypatch):
    note(tmp_path, ("one_path", 3.0, True))
    before = (tmp_path / FILE).read_bytes()

    @contextmanager
    def full(descriptor, mode):
        os.close(descriptor)
        yield SimpleNamespace(write=fail)

    def fail(content):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(files.os, "fdopen", full)
    session = note(tmp_path, ("gears", 1.0, True))
    assert "No space left on device" in session.remark
    assert (tmp_path / FILE).read_bytes() == before
    assert {path.name for path in tmp_path.iterdir()} == {FILE, LOCK}


def test_with_no_folder_the_session_alone_remembers():
    session = note(None, ("gears", 1.0, True))
    assert session.all()["gears"].attempts == 1
    assert "this session only" in session.remark
