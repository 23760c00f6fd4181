"""A submission may hold anything: readable parts are read,
problems are described, and nothing else is affected.
"""

import json
import os
import socket
from datetime import datetime
from zoneinfo import ZoneInfo

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbgrader.utils import parse_utc

from autograder.grading import opening
from autograder.grading.notebook_repair import UnreadableNotebook, read_notebook, sane_cell
from autograder.grading.submission import read_submission, read_timestamp
from tests.examples import examples

NOW = datetime(2026, 3, 1, 12, 0)
ROOM = {"largest_file": 1000, "largest_total": 2000}


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "submitted" / "ada" / "lesson"
    folder.mkdir(parents=True)
    (folder / "lesson.ipynb").write_bytes(b"a notebook")
    return folder


@pytest.fixture(params=["below a descriptor", "by path"])
def each_way(request, monkeypatch):
    """As the system allows, and as where it opens nothing below a descriptor."""
    monkeypatch.setattr(opening, "BELOW", request.param == "below a descriptor")


def taken(folder, **room):
    return read_submission(folder, ["lesson"], **{**ROOM, **room})


# --- folders


@pytest.mark.usefixtures("each_way")
def test_a_plain_submission_is_read_as_it_is(folder):
    (folder / "data").mkdir()
    (folder / "data" / "x.csv").write_bytes(b"1,2")
    (folder / "timestamp.txt").write_text("2026-03-01 10:00:00 UTC\n")
    (folder / ".ipynb_checkpoints").mkdir()
    (folder / ".ipynb_checkpoints" / "lesson-checkpoint.ipynb").write_bytes(b"old")
    found = taken(folder)
    assert found.notebooks == {"lesson": b"a notebook"}
    assert found.files == {"data/x.csv": b"1,2", "timestamp.txt": b"2026-03-01 10:00:00 UTC\n"}
    assert found.timestamp == datetime(2026, 3, 1, 10)
    assert found.remarks == []


@pytest.mark.usefixtures("each_way")
def test_links_are_left_out_wherever_they_point(folder, tmp_path):
    secret = tmp_path / "gradebook.db"
    secret.write_bytes(b"marks")
    (folder / "file").symlink_to(secret)
    (folder / "folder").symlink_to(tmp_path)
    (folder / "nowhere").symlink_to(tmp_path / "nowhere")
    (folder / "lesson.ipynb").unlink()
    (folder / "lesson.ipynb").symlink_to(secret)
    found = taken(folder)
    assert (found.notebooks, found.files) == ({}, {})
    assert "lesson.ipynb was not handed in" not in found.remarks, "it was, in a way that does not count"
    assert {f"{name} is a link and was left out" for name in ("file", "folder", "nowhere", "lesson.ipynb")} <= set(found.remarks)


@pytest.mark.usefixtures("each_way")
@pytest.mark.parametrize("which", ["assignment", "student"])
def test_a_link_in_place_of_the_folder_itself_is_refused(folder, tmp_path, which):
    linked = folder if which == "assignment" else folder.parent
    linked.rename(tmp_path / "elsewhere")
    linked.symlink_to(tmp_path / "elsewhere")
    found = taken(folder)
    assert (found.notebooks, found.files) == ({}, {})
    assert "ada/lesson is a link and was left out" in found.remarks


@pytest.mark.usefixtures("each_way")
def test_no_folder_and_a_file_in_its_place_are_said(folder, tmp_path):
    assert "ada/none could not be read (No such file or directory) and was left out" in taken(folder.parent / "none").remarks
    (folder.parent / "file").write_bytes(b"")
    assert "ada/file could not be read (Not a directory) and was left out" in taken(folder.parent / "file").remarks


@pytest.mark.usefixtures("each_way")
def test_pipes_and_sockets_do_not_hold_the_reader_up(folder, monkeypatch):
    os.mkfifo(folder / "pipe")
    monkeypatch.chdir(folder)  # the path of a socket must be short
    listener = socket.socket(socket.AF_UNIX)
    listener.bind("ear")
    found = taken(folder)
    listener.close()
    assert found.files == {}
    assert {"pipe is a pipe and was left out", "ear is a socket and was left out"} == set(found.remarks)


def test_a_file_that_becomes_a_pipe_while_it_is_read_does_not_hold_the_reader_up(folder, monkeypatch):
    """The kind is asked of what was opened, not only of the name."""
    os.mkfifo(folder / "pipe")
    plain = os.stat(folder / "lesson.ipynb")
    monkeypatch.setattr("autograder.grading.submission.os.stat", lambda *_, **__: plain)
    assert taken(folder).remarks == ["pipe is a pipe and was left out"]


def test_sizes_are_limited_and_the_notebook_comes_first(folder):
    (folder / "a.bin").write_bytes(bytes(900))
    (folder / "b.bin").write_bytes(bytes(1001))
    (folder / "c.bin").write_bytes(bytes(1000))
    (folder / "d.bin").write_bytes(bytes(1000))
    (folder / "lesson.ipynb").write_bytes(bytes(100))
    found = taken(folder)
    assert list(found.files) == ["a.bin", "c.bin"]
    assert len(found.notebooks["lesson"]) == 100
    assert "b.bin is larger than 1000 bytes and was left out" in found.remarks
    assert "d.bin makes the files together larger than 2000 bytes and was left out" in found.remarks
    assert taken(folder, largest_file=99).notebooks == {}


def test_a_huge_file_of_nothing_is_not_read(folder):
    with (folder / "holes.bin").open("wb") as file:
        file.truncate(2**40)
    assert "holes.bin is larger than 64 MB and was left out" in taken(folder, largest_file=2**26, largest_total=2**28).remarks


def test_a_file_that_grows_while_it_is_read_is_not_read_on(folder, monkeypatch):
    (folder / "log").write_bytes(bytes(500))
    small = os.stat(folder / "log")
    (folder / "log").write_bytes(bytes(5000))
    monkeypatch.setattr("autograder.grading.submission.os.fstat", lambda _: small)
    assert "log is larger than 1000 bytes and was left out" in taken(folder).remarks


@pytest.mark.usefixtures("each_way")
def test_the_number_of_files_and_the_depth_of_folders_are_limited(folder):
    for number in range(30):
        (folder / f"{number:02d}").write_bytes(b"")
    found = taken(folder, most_files=10)
    assert list(found.files) == [f"{number:02d}" for number in range(9)]
    assert "09 is beyond the first 10 files and was left out" in found.remarks
    assert "16 more were left out for the same reason" in found.remarks
    deep = folder / "/".join("d" * 25)
    deep.mkdir(parents=True)
    (deep / "x").write_bytes(b"")
    assert any("is a folder within too many others" in words for words in taken(folder).remarks)


@pytest.mark.usefixtures("each_way")
def test_odd_names_are_shown_readably_or_left_out(folder):
    (folder / "two\nlines.bin").write_bytes(bytes(1001))
    with open(os.fsencode(folder) + b"/\xff.txt", "wb"):
        pass
    found = taken(folder)
    assert found.files == {}
    assert "two lines.bin has a name that is no text and was left out" in found.remarks
    assert "\ufffd.txt has a name that is no text and was left out" in found.remarks


def test_folders_too_deep_to_be_copied_are_left_out_and_said(folder):
    (folder / "notes.txt").write_bytes(b"kept")
    inner = os.open(folder, os.O_RDONLY)
    for _ in range(18):
        os.mkdir("d" * 250, dir_fd=inner)
        outer, inner = inner, os.open("d" * 250, os.O_RDONLY, dir_fd=inner)
        os.close(outer)
    with open(os.open("deep.txt", os.O_CREAT | os.O_WRONLY, dir_fd=inner), "w") as file:
        file.write("x")
    os.close(inner)
    found = taken(folder)
    assert found.notebooks == {"lesson": b"a notebook"}
    assert list(found.files) == ["notes.txt"]
    assert any("lies so deep" in words and len(words) < 200 for words in found.remarks)


def test_what_a_notebook_shows_does_not_count_whatever_its_size(folder):
    shown = {"output_type": "display_data", "metadata": {}, "data": {"image/png": "A" * 5000, "text/plain": ['"[\\"', "]]"]}}
    source = "s = '\"outputs\": ['\nx = [[1], [2]]"
    cells = [{**CODE, "source": source, "outputs": [shown, shown]}, {**CODE, "source": "y", "outputs": []}]
    (folder / "lesson.ipynb").write_bytes(notebook(*cells))
    found = taken(folder)
    assert found.remarks == []
    assert [cell.source for cell in read_notebook(found.notebooks["lesson"]).cells] == [source, "y"]
    (folder / "lesson.ipynb").write_bytes(notebook({**CODE, "source": "z" * 1001, "outputs": [shown]}))
    assert taken(folder).remarks == ["lesson.ipynb is larger than 1000 bytes and was left out"]


@pytest.mark.parametrize(
    "noise", [b'"outputs":[' + b"[" * 9000, b'"' * 9001, b'"' + b'\\"' * 9000, b'"outputs"' * 2000, bytes(9000)], ids=range(5)
)
def test_noise_in_place_of_a_large_notebook_is_left_out_at_once(folder, noise):
    (folder / "lesson.ipynb").write_bytes(noise)
    assert taken(folder).remarks == ["lesson.ipynb is larger than 1000 bytes and was left out"]


def test_a_notebook_of_another_name_is_kept_and_said(folder):
    (folder / "lesson.ipynb").rename(folder / "lesson (1).ipynb")
    found = taken(folder)
    assert list(found.files) == ["lesson (1).ipynb"]
    assert found.remarks == ["lesson.ipynb was not handed in", "lesson (1).ipynb is no notebook of this assignment and was not graded"]


def test_the_fingerprint_changes_with_what_was_handed_in_and_with_nothing_else(folder):
    seen = [taken(folder).fingerprint]
    os.utime(folder / "lesson.ipynb", (0, 0))
    (folder / "empty").mkdir()
    assert taken(folder).fingerprint == seen[0]

    def differs():
        seen.append(taken(folder).fingerprint)
        return len(set(seen)) == len(seen)

    (folder / "ab").write_bytes(b"c")
    assert differs()
    (folder / "ab").rename(folder / "a")
    assert differs()
    (folder / "a").write_bytes(b"bc")
    assert differs()
    (folder / "timestamp.txt").write_text("2026-03-01 10:00:00 UTC")
    assert differs()
    (folder / "link").symlink_to("a")
    assert differs()
    (folder / "lesson.ipynb").write_bytes(bytes(3000))
    assert differs()
    (folder / "lesson.ipynb").write_bytes(bytes(3001))
    assert differs()


# --- the timestamp


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-01 10:00:00.123456 UTC",
        "2026-03-01 10:00:00 Europe/Berlin",
        "2026-03-01 10:00:00",
        "2026-03-01T10:00:00+02:00",
        "2026-03-01 10:00:00 CET",
    ],
)
def test_times_are_read_as_nbgrader_reads_them(text):
    assert read_timestamp(text.encode(), now=NOW) == (parse_utc(text), [])


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2026-02-01 10:00:00 +0200", datetime(2026, 2, 1, 8)),
        ("02/20/2026 5:00 PM UTC", datetime(2026, 2, 20, 17)),
        ("2026-02-01 10:00:00 PST", datetime(2026, 2, 1, 18)),
    ],
)
def test_times_that_nbgrader_reads_wrongly_are_read_rightly(text, time):
    assert read_timestamp(text.encode(), now=NOW) == (time, [])


def test_a_time_that_could_be_several_is_said_until_the_course_names_its_zone():
    time, remarks = read_timestamp(b"02/20/2026 5:00 PM", now=NOW)
    assert time is None
    assert "does not say in which time zone it is; set c.Grading.timezone" in remarks[0]
    assert read_timestamp(b"02/20/2026 5:00 PM", now=NOW, zone=ZoneInfo("America/New_York")) == (datetime(2026, 2, 20, 22), [])


@pytest.mark.parametrize(
    "text", ["yesterday", "2026-13-01", "2026-03-01 10:00 ../../etc/localtime", "9" * 5000, "1 1 " + "9" * 30, "\x00", "1e999"]
)
def test_what_is_no_time_is_said(text):
    time, remarks = read_timestamp(text.encode(), now=NOW)
    assert time is None
    assert remarks == [f"timestamp.txt says {text.strip()[:60]!r}, which is no time"]


@pytest.mark.parametrize("zone", ["/etc/localtime", "../x", "a//b"])
def test_a_zone_that_is_a_path_is_never_opened(monkeypatch, zone):
    asked = []
    monkeypatch.setattr("autograder.times.ZoneInfo", asked.append)
    assert read_timestamp(f"2026-03-01 10:00 {zone}".encode(), now=NOW)[0] is None
    assert asked == []


def test_an_empty_a_missing_and_a_future_time():
    assert read_timestamp(b" \n") == (None, ["timestamp.txt is empty"])
    assert read_timestamp(None) == (None, [])
    time, remarks = read_timestamp(b"2026-03-02 12:00:00 UTC", now=NOW)
    assert time == datetime(2026, 3, 2, 12)
    assert remarks == ["timestamp.txt is in the future: '2026-03-02 12:00:00 UTC'"]
    assert read_timestamp(b"2026-03-01 12:05:00 UTC", now=NOW)[1] == []  # clocks differ


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01", "1970-01-01", "2200-01-01"])
def test_a_time_that_breaks_calendars_is_said_and_not_taken(day):
    time, remarks = read_timestamp(f"{day} 23:59:59 UTC".encode(), now=NOW)
    assert time is None
    assert "was not taken" in remarks[0]


# --- notebooks


def notebook(*cells, **top):
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells, **top}).encode()


CODE = {"cell_type": "code", "id": "a", "metadata": {}, "source": "x = 1", "outputs": [], "execution_count": None}


def test_a_sound_notebook_stays_as_it_is():
    written = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_markdown_cell("*Text*", attachments={"a.png": {"image/png": "iVBO"}}),
            nbformat.v4.new_code_cell("x = 1\n", metadata={"tags": ["a"], "nbgrader": {"grade_id": "x"}, "collapsed": True}),
            nbformat.v4.new_raw_cell("raw"),
        ]
    )
    assert read_notebook(nbformat.writes(written).encode()) == written


@pytest.mark.parametrize(
    "change",
    [
        {"id": None},
        {"id": "not valid!"},
        {"outputs": None},
        {"outputs": [{"output_type": "nonsense"}], "execution_count": "x"},
        {"metadata": None},
        {"metadata": {"tags": 5, "collapsed": "no", "name": "", "jupyter": 1, "trusted": True}},
        {"metadata": {"x": float("nan"), "y": "\ud800", "z": "z" * 200_000}},
        {"metadata": {"x": json.loads("[" * 200 + "]" * 200)}},
        {"source": ["x ", "= 1"]},
        {"attachments": 3},
    ],
    ids=lambda change: str(change)[:30],
)
def test_what_can_be_mended_is_mended(change):
    mended = read_notebook(notebook({**CODE, **change}))
    nbformat.validate(mended)
    assert mended.cells[0].source == "x = 1"
    assert mended.cells[0].outputs == []
    assert mended.cells[0].metadata in ({}, {"tags": []})


def test_doubled_and_missing_ids_are_replaced_and_the_first_one_stays():
    ids = [cell.id for cell in read_notebook(notebook(CODE, CODE, {**CODE, "id": 3}, {**CODE, "id": "handed-in-2"})).cells]
    assert ids == ["a", "handed-in-2-2", "handed-in-3", "handed-in-2"]


def test_half_characters_huge_numbers_and_byte_order_marks_cost_nothing():
    assert read_notebook(notebook({**CODE, "source": "x\ud800"})).cells[0].source == "x\ufffd"
    number = notebook(CODE).replace(b"null", b"1" * 10_000)
    assert read_notebook(number).cells[0].source == "x = 1"
    for encoding in ("utf-8-sig", "utf-16"):
        assert read_notebook(notebook(CODE).decode().encode(encoding)).cells[0].source == "x = 1"


def test_other_keys_missing_minor_and_later_minor_are_no_matter():
    assert read_notebook(json.dumps({"cells": [CODE]}).encode()).cells[0].source == "x = 1"
    later = read_notebook(notebook({**CODE, "new": 1}, nbformat_minor=99, metadata=[]))
    nbformat.validate(later)
    assert later.nbformat_minor == 5


@pytest.mark.parametrize("version", [2, 3])
def test_old_formats_are_upgraded(version):
    old = {
        "nbformat": version,
        "nbformat_minor": 0,
        "metadata": {"name": ""},
        "worksheets": [
            {"cells": [{"cell_type": "code", "input": ["x = 1\n", "y = 2"], "outputs": [{"output_type": "odd"}], "prompt_number": 3}]},
            {"cells": [{"cell_type": "markdown", "source": "text"}, {"cell_type": "html", "source": "<b>"}]},
        ],
    }
    if version == 3:
        old["worksheets"][1]["cells"].append({"cell_type": "heading", "level": 2, "source": "Part"})
    new = read_notebook(json.dumps(old).encode())
    nbformat.validate(new)
    assert [cell.cell_type for cell in new.cells[:3]] == ["code", "markdown", "markdown"]
    assert [cell.source for cell in new.cells] == ["x = 1\ny = 2", "text", "<b>"] + ["## Part"] * (version == 3)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b" \n", "an empty file"),
        (b"PK\x03\x04\xff", "not a text file"),
        (b"{\n oops", r"not valid JSON \(line 2, column 2"),
        (b"[]", "no notebook: it has no cells"),
        (b'{"cells": 3}', "no list of cells"),
        (b'{"worksheets": [3]}', "no list of cells"),
        (notebook(nbformat=5), "its format is 5, which is newer"),
        (notebook(nbformat="four"), "its format is four, which is none"),
        (notebook(CODE, 3), "Cell 2 of the notebook is damaged: it is no cell at all"),
        (notebook({**CODE, "cell_type": "song"}), "Cell 1 .* its type is 'song'"),
        (notebook({**CODE, "cell_type": []}), "Cell 1 .* its type is"),
        (notebook({**CODE, "source": 3}), "Cell 1 .* its contents are no text"),
        (notebook({**CODE, "source": [3]}), "Cell 1 .* its contents are no text"),
        (b"[" * 1_000_000, "nested too deeply"),
        (notebook(*[CODE] * 5001), "5001 cells, and no more than 5000"),
    ],
    ids=lambda value: str(value[:20]),
)
def test_what_cannot_be_read_is_said(data, words):
    with pytest.raises(UnreadableNotebook, match=words):
        read_notebook(data)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
KEYS = ["cell_type", "source", "input", "metadata", "id", "outputs", "attachments", "level", "language"]
KNOWN = st.sampled_from(["code", "markdown", "raw", "heading", "a", ["x"], {"tags": ["a", "a"]}, {"nbgrader": {"grade_id": "x"}}])
cells = st.dictionaries(st.sampled_from(KEYS), KNOWN | json_values, max_size=6) | json_values
tops = st.fixed_dictionaries(
    {},
    optional={
        "nbformat": st.sampled_from([2, 3, 4, 5, 4.0, True, "4", None]),
        "nbformat_minor": json_values,
        "metadata": json_values,
        "cells": st.lists(cells, max_size=4) | json_values,
        "worksheets": st.lists(st.fixed_dictionaries({"cells": st.lists(cells, max_size=4)}), max_size=2) | json_values,
    },
)


def read_or_refused(data):
    refusal = None
    try:
        found = read_notebook(data)
    except UnreadableNotebook as error:
        refusal = str(error)
    if refusal is not None:
        assert refusal.startswith(("The ", "Cell "))
        return
    nbformat.validate(found)
    assert read_notebook(nbformat.writes(found).encode()) == found


@examples(150)
@given(tops)
def test_anything_like_a_notebook_is_read_or_refused_in_words(data):
    read_or_refused(json.dumps(data).encode())


@examples(100)
@given(st.binary(max_size=60), st.integers(0, 400), st.integers(0, 60))
def test_bytes_are_read_or_refused_in_words(noise, at, cut):
    sound = notebook(CODE, {**CODE, "id": "b"})
    read_or_refused(noise)
    read_or_refused(sound[:at] + noise + sound[at + cut :])


@examples(100)
@given(cells)
def test_a_sane_cell_is_valid_and_stays_as_it_is(raw):
    cell = sane_cell(raw)
    assert sane_cell(cell) == cell
    nbformat.validate(nbformat.v4.new_notebook(cells=[{"id": "a", **cell}]))
