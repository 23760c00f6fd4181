"""Generated files come from their sources, are the same
each time, and hold nothing that learners should not see.
"""

import json
import re
import sys
from types import ModuleType

import nbformat
import pytest
from backprop.questions.question import PYTORCH
from nbgrader.preprocessors import CheckCellMetadata

from autograder.building import (
    NOTEBOOKS,
    build,
    declared_in,
    exercises_of,
    lesson_paths,
    notebook_text,
    page_paths,
    release_notebook,
    source_notebook,
)

LESSONS = lesson_paths()
by_lesson = pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem)


def cells(notebook, kind):
    return [cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get(kind)]


@by_lesson
def test_the_committed_notebook_is_what_its_source_builds(lesson):
    committed = (NOTEBOOKS / f"{lesson.stem}.ipynb").read_text(encoding="utf-8")
    assert committed == notebook_text(release_notebook(source_notebook(lesson))), "stale: run `make notebooks`"


def test_there_is_a_notebook_for_each_lesson_and_page_and_no_other():
    assert {path.stem for path in NOTEBOOKS.glob("*.ipynb")} == {source.stem for source in [*page_paths(), *LESSONS]}


def test_building_twice_gives_the_same_bytes(tmp_path):
    folders = [tmp_path / "one", tmp_path / "two"]
    for folder in folders:
        folder.mkdir()
        build(folder)
    assert [path.read_bytes() for path in sorted(folders[0].iterdir())] == [path.read_bytes() for path in sorted(folders[1].iterdir())]


@by_lesson
def test_the_release_holds_no_solution_no_hidden_test_and_no_output(lesson):
    source, release = source_notebook(lesson), release_notebook(source_notebook(lesson))
    text = json.dumps(release)
    assert not re.search(r"(BEGIN|END) (SOLUTION|HIDDEN TESTS|MARK SCHEME)|\.check\([^)]*seed=\d", text)
    for before in cells(source, "solution"):
        after = next(cell for cell in release.cells if cell.id == before.id)
        inside = re.search(r"### BEGIN SOLUTION\n(.*?)\s*### END SOLUTION", before.source, re.DOTALL)[1]
        assert inside not in after.source
        assert ("raise NotImplementedError()" if before.cell_type == "code" else "YOUR ANSWER HERE") in after.source
    assert all(not cell.outputs and cell.execution_count is None for cell in release.cells if cell.cell_type == "code")


@by_lesson
def test_every_exercise_is_answered_checked_and_worth_its_points(lesson):
    notebook, exercises = source_notebook(lesson), exercises_of(lesson)
    CheckCellMetadata().preprocess(notebook, {})
    tests = {cell.metadata.nbgrader.grade_id: cell for cell in cells(notebook, "grade") if cell.cell_type == "code"}
    assert list(tests) == [name for name in tests if name in exercises]
    assert set(tests) == set(exercises)
    answers = {cell.metadata.nbgrader.grade_id for cell in cells(notebook, "solution") if cell.cell_type == "code"}
    assert answers == {f"{name}-answer" for name in declared_in(lesson)}
    for name, cell in tests.items():
        assert cell.metadata.nbgrader.points == exercises[name].points
        subject = exercises[name].subject or name
        visible, hidden = re.fullmatch(
            rf"(ex\.{name}\.check\({subject}\))\n### BEGIN HIDDEN TESTS\n(.*)\n### END HIDDEN TESTS", cell.source
        ).groups()
        fresh = re.fullmatch(rf"ex\.{name}\.check\({subject}, seed=\d+, samples=25\)", hidden) or (
            exercises[name].compared_with != PYTORCH and re.fullmatch(rf"ex\.{name}\.check\({subject}, seed=\d+\)", hidden)
        )
        assert hidden == visible if exercises[name].on_fixed_numbers else fresh


def test_the_course_has_enough_exercises_of_every_kind():
    every = [exercises_of(lesson) for lesson in LESSONS]
    assert sum(map(len, every)) >= 24
    for exercises in every:
        assert len(exercises) >= 5
        assert any(exercise.on_fixed_numbers for exercise in exercises.values())
        assert any(len(exercise.asks) >= 3 for exercise in exercises.values())
    for lesson in LESSONS:
        text = "\n".join(cell.source for cell in source_notebook(lesson).cells if cell.cell_type == "markdown")
        assert re.search(r"### Exercise \d+: open", text)


@by_lesson
def test_each_exercise_has_its_hints_and_each_figure_its_words(lesson):
    notebook = source_notebook(lesson)
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    assert text.count("<summary>Hint 1") == len(declared_in(lesson))
    assert "<!-- hints" not in text
    figures = re.findall(r"!\[(.*?)\]\(\.\./img/(\w+)\.svg\)", text, re.DOTALL)
    assert figures
    assert all(len(words) > 60 and (NOTEBOOKS.parent / "img" / f"{name}.svg").exists() for words, name in figures)


@by_lesson
def test_the_first_cell_says_what_to_run_where_the_package_is_missing(lesson):
    first = next(cell for cell in source_notebook(lesson).cells if cell.cell_type == "code").source
    attempt = f"{first.partition('from None')[0]}from None".replace("backprop.exercises", "no_such_package.exercises")
    with pytest.raises(SystemExit, match=r"No module named 'no_such_package'\. Run `make lab` in the course folder"):
        exec(compile(attempt, "first cell", "exec"), {})


@by_lesson
def test_in_colab_the_first_cell_installs_the_package(lesson, monkeypatch):
    asked = []
    monkeypatch.setitem(sys.modules, "google.colab", ModuleType("google.colab"))
    monkeypatch.setattr("subprocess.run", lambda words, check: asked.append(" ".join(words[1:])))
    first = next(cell for cell in source_notebook(lesson).cells if cell.cell_type == "code").source
    exec(compile(first.partition("\ntry:")[0], "first cell", "exec"), {})
    assert asked == ["-m pip install --quiet --no-deps backprop-by-hand anywidget psygnal"]


@by_lesson
def test_cell_ids_are_unique_and_valid(lesson):
    notebook = release_notebook(source_notebook(lesson))
    nbformat.validate(notebook)
    assert len({cell.id for cell in notebook.cells}) == len(notebook.cells)


def test_a_slip_in_a_source_is_named(tmp_path):
    lesson = tmp_path / "01_chain_rule.py"
    lesson.write_text("# %% [markdown]\n# <!-- hints: no_such_exercise -->\n")
    with pytest.raises(ValueError, match="asks for the hints of no_such_exercise, and its exercises are basic_slopes"):
        source_notebook(lesson)
    lesson.write_text("# %% [markdown]\n# ![](../img/no_such_figure.svg)\n")
    with pytest.raises(ValueError, match="shows the figure no_such_figure"):
        source_notebook(lesson)
    with pytest.raises(FileNotFoundError, match="There are no lessons in"):
        lesson_paths(tmp_path / "elsewhere")


def test_no_exercise_is_asked_twice():
    names = [name for lesson in lesson_paths() for name in exercises_of(lesson)]
    assert len(names) == len(set(names))
