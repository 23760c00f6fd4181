"""`autograder init`: a whole nbgrader course in a new folder, and never over an old one."""

import re

import nbformat
import pytest
from typer.testing import CliRunner

from autograder.building import lesson_paths, page_paths
from autograder.cli import app
from autograder.course import CourseProblem, init_course
from autograder.feedback import EmbedFigures

run = CliRunner()


def test_it_says_what_it_wrote_and_what_to_type_next(tmp_path):
    course = tmp_path / "new" / "course"
    result = run.invoke(app, ["init", str(course)])
    assert result.exit_code == 0
    for path in re.findall(r"^wrote (.*)$", result.output, re.MULTILINE):
        assert (tmp_path / path).exists()
    assert f"cd {course}" in result.output
    assert "nbgrader generate_assignment 01_chain_rule" in result.output


def test_each_lesson_is_an_assignment_with_its_figures_and_nothing_else(tmp_path):
    init_course(tmp_path / "course")
    for lesson in lesson_paths():
        folder = tmp_path / "course" / "source" / lesson.stem
        text = (folder / f"{lesson.stem}.ipynb").read_text(encoding="utf-8")
        shown = set(re.findall(r"\(img/([\w.]+)\)", text))
        assert shown
        assert {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()} == {
            f"{lesson.stem}.ipynb",
            *(f"img/{name}" for name in shown),
        }
        assert "../img" not in text
        for link in re.findall(r"\((\.\./[^)]*\.ipynb)\)", text):
            assert (folder / link).exists()
        assert "BEGIN SOLUTION" in text
        nbformat.validate(nbformat.read(folder / f"{lesson.stem}.ipynb", as_version=4))


def test_it_refuses_to_overwrite(tmp_path):
    (tmp_path / "marks.txt").write_text("precious")
    result = run.invoke(app, ["init", str(tmp_path)])
    assert result.exit_code == 1
    assert "exists and is not empty, and nothing in it was touched" in result.output
    assert [path.name for path in tmp_path.iterdir()] == ["marks.txt"]
    file = tmp_path / "marks.txt"
    with pytest.raises(CourseProblem, match="exists and is not empty"):
        init_course(file)


def test_an_empty_folder_will_do(tmp_path):
    assert init_course(tmp_path)


def test_a_folder_that_cannot_be_written_is_said(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(CourseProblem, match=r"could not be written: Not a directory\. Choose a folder"):
        init_course(tmp_path / "file" / "course")


def test_feedback_carries_its_figures_and_leaves_alone_what_is_not_there(tmp_path):
    (tmp_path / "img").mkdir()
    (tmp_path / "img" / "a.svg").write_text("<svg/>")
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_markdown_cell("![A.](img/a.svg) ![A.](../img/a.svg) ![B.](img/b.svg) ![C.](img/../../a.svg)")]
    )
    changed, _ = EmbedFigures().preprocess(notebook, {"metadata": {"path": str(tmp_path)}})
    data = "data:image/svg+xml;base64,PHN2Zy8+"
    assert changed.cells[0].source == f"![A.]({data}) ![A.]({data}) ![B.](img/b.svg) ![C.](img/../../a.svg)"
    assert EmbedFigures().enabled


def test_the_page_without_points_is_handed_out_too(tmp_path):
    init_course(tmp_path / "course")
    for page in page_paths():
        text = (tmp_path / "course" / "source" / page.stem / f"{page.stem}.ipynb").read_text(encoding="utf-8")
        assert "(img/failing_check.svg)" in text
        assert "(../01_chain_rule/01_chain_rule.ipynb)" in text
    said = run.invoke(app, ["init", str(tmp_path / "other")]).output
    assert "To hand out, without points: 00_start_here" in said


def test_a_course_of_some_lessons_has_no_link_to_the_others(tmp_path):
    said = run.invoke(app, ["init", str(tmp_path / "course"), "--lessons", "01,03_computation_graph", "--lessons", "2"])
    assert said.exit_code == 1
    assert "There is no lesson 2. The lessons are 00_start_here, 01_chain_rule" in said.output
    said = run.invoke(app, ["init", str(tmp_path / "course"), "--lessons", "01", "03_computation_graph"])
    assert said.exit_code == 0, said.output
    assert "2 assignments: 01_chain_rule, 03_computation_graph" in said.output
    assert "To hand out" not in said.output
    assert sorted(path.name for path in (tmp_path / "course" / "source").iterdir()) == ["01_chain_rule", "03_computation_graph"]
    for path in (tmp_path / "course").rglob("*.ipynb"):
        text = path.read_text(encoding="utf-8")
        assert re.findall(r"\]\((?:\.\./)?\d\d_\w+", text) == [] or all(
            (path.parent / link).exists() for link in re.findall(r"\]\((\.\./\d\d_[^)]*)\)", text)
        )


def test_an_exercise_that_is_taken_out_is_solved_and_ungraded(tmp_path):
    init_course(tmp_path / "course", lessons=["01"], without=["gears", "two_paths"])
    notebook = nbformat.read(tmp_path / "course" / "source" / "01_chain_rule" / "01_chain_rule.ipynb", as_version=4)
    cells = {cell.id: cell for cell in notebook.cells}
    assert "nbgrader" not in cells["gears-answer"].metadata
    assert "nbgrader" not in cells["gears"].metadata
    assert "SOLUTION" not in cells["two_paths-answer"].source
    assert "def two_paths(" in cells["two_paths-answer"].source
    assert cells["two_paths"].source == "ex.two_paths.check(two_paths)"
    assert sum("is solved here, and earns no points" in cell.source for cell in notebook.cells) == 2
    assert cells["one_path"].metadata.nbgrader.grade
    with pytest.raises(
        CourseProblem, match=r"no graded exercise recall_02, spam in these lessons\. The exercises are 01_chain_rule: basic"
    ):
        init_course(tmp_path / "other", lessons=["01"], without=["spam", "recall_02"])
    assert not (tmp_path / "other").exists()


def test_a_folder_that_was_forgotten_or_named_twice_is_said(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    forgotten = run.invoke(app, ["init", "--lessons", "01", "03", "--without", "two_paths"])
    assert (forgotten.exit_code, "03 is a lesson's name and not a folder's. Name the folder first" in forgotten.output) == (1, True)
    unknown = run.invoke(app, ["init", "one", "--lessons", "01", "3", "--without", "two_paths", "gears"])
    assert (unknown.exit_code, "There is no graded exercise 3 in these lessons." in unknown.output) == (1, True)
    twice = run.invoke(app, ["init", "one", "two"])
    assert (twice.exit_code, "two: there is one folder to make, one." in twice.output) == (1, True)
    assert list(tmp_path.iterdir()) == []
