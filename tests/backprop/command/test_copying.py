"""`backprop lab`: what it puts into a folder, and what it leaves as it is."""

import json

import pytest
from backprop.command import copying
from backprop.command.console import app
from backprop.command.copying import RECORD, LessonsProblem, Outcome, put_lessons
from typer.testing import CliRunner

LESSON, FIGURE = "notebooks/01_chain_rule.ipynb", "img/several_paths.svg"


@pytest.fixture
def course(tmp_path, monkeypatch):
    """A course of one lesson and one figure, in place of the real one."""
    for name, text in ((LESSON, "lesson, first edition"), (FIGURE, "<svg/>")):
        path = tmp_path / "course" / name
        path.parent.mkdir(parents=True)
        path.write_text(text, encoding="utf-8")
    monkeypatch.setattr(copying, "course_folder", lambda name: tmp_path / "course" / name)
    return tmp_path / "course"


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "learner"


def outcomes(folder, version="0.2.0"):
    return {file.name: (file.outcome, file.began_with) for file in put_lessons(folder, version)}


def test_what_is_missing_is_copied_once(course, folder):
    assert outcomes(folder) == {LESSON: (Outcome.COPIED, "0.2.0"), FIGURE: (Outcome.COPIED, "0.2.0")}
    assert (folder / LESSON).read_bytes() == (course / LESSON).read_bytes()
    assert outcomes(folder) == {LESSON: (Outcome.KEPT, "0.2.0"), FIGURE: (Outcome.KEPT, "0.2.0")}
    assert {path.name for path in folder.rglob("*") if path.is_file()} == {"01_chain_rule.ipynb", "several_paths.svg", RECORD}


def test_a_changed_lesson_is_kept_and_the_newer_one_is_named(course, folder):
    outcomes(folder)
    (folder / LESSON).write_text("my work", encoding="utf-8")
    assert outcomes(folder)[LESSON] == (Outcome.KEPT, "0.2.0"), "it began with this version"
    (course / LESSON).write_text("lesson, second edition", encoding="utf-8")
    for _ in range(2):
        assert outcomes(folder, "0.3.0")[LESSON] == (Outcome.OUTDATED, "0.2.0")
        assert (folder / LESSON).read_text(encoding="utf-8") == "my work"
    (folder / LESSON).rename(folder / "notebooks" / "mine.ipynb")
    assert outcomes(folder, "0.3.0")[LESSON] == (Outcome.COPIED, "0.3.0")
    assert (folder / "notebooks" / "mine.ipynb").read_text(encoding="utf-8") == "my work"


def test_an_unchanged_lesson_is_replaced_by_a_newer_one(course, folder):
    outcomes(folder)
    (course / LESSON).write_text("lesson, second edition", encoding="utf-8")
    assert outcomes(folder, "0.3.0")[LESSON] == (Outcome.UPDATED, "0.3.0")
    assert (folder / LESSON).read_text(encoding="utf-8") == "lesson, second edition"


@pytest.mark.parametrize("damage", ["", "[]", '{"files": 3}', '{"files": {"' + LESSON + '": 1}}', "[" * 100_000])
def test_without_a_record_every_lesson_counts_as_changed(course, folder, damage):
    outcomes(folder)
    (folder / RECORD).write_text(damage, encoding="utf-8")
    (course / LESSON).write_text("lesson, second edition", encoding="utf-8")
    assert outcomes(folder, "0.3.0")[LESSON] == (Outcome.OUTDATED, "")
    assert (folder / LESSON).read_text(encoding="utf-8") == "lesson, first edition"
    assert json.loads((folder / RECORD).read_text(encoding="utf-8"))["files"].keys() == {FIGURE}


def test_nothing_is_done_in_the_clone_itself(course):
    before = sorted(course.rglob("*"))
    assert put_lessons(course, "0.2.0") == []
    assert sorted(course.rglob("*")) == before


def test_a_folder_that_cannot_be_written_is_named(course, tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(LessonsProblem, match=r"file.*Name a folder that you may write to"):
        put_lessons(tmp_path / "file", "0.2.0")


def test_the_command_says_what_it_did(course, folder):
    def lab(*words):
        result = CliRunner().invoke(app, ["lab", *words])
        return result.exit_code, result.output

    assert lab(str(folder), "--copy-only") == (0, f"2 files copied to {folder}\n")
    (folder / LESSON).write_text("my work", encoding="utf-8")
    (course / LESSON).write_text("lesson, second edition", encoding="utf-8")
    status, said = lab(str(folder), "--copy-only")
    assert status == 0
    assert f"  {LESSON} (from version " in said
    assert "copied" not in said
    status, said = lab(str(folder / LESSON), "--copy-only")
    assert status == 2
    assert "Name a folder" in said
    status, said = lab("--", "--port")
    assert status == 2
    assert "Name the folder first" in " ".join(said.replace("│", " ").split())
