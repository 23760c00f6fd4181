"""The worked examples of CONTRIBUTING.md do what the text says."""

import re
import sys
from types import ModuleType

import nbformat
import pytest

from autograder.building import release_notebook, source_notebook
from tests.test_project import ROOT

BLOCKS = re.findall(r"^```python\n(.*?)^```", (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def block(beginning):
    (found,) = [text for text in BLOCKS if text.startswith(beginning)]
    return found


@pytest.fixture
def waves(monkeypatch):
    """The example's module of exercises, to be imported as if it lay among the others."""
    import backprop.exercises

    module = ModuleType("backprop.exercises.waves")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr(backprop.exercises, "waves", module, raising=False)
    exec(block("# notebooks/backprop/exercises/waves.py"), vars(module))
    return module


@pytest.fixture
def lesson(waves, tmp_path):
    path = tmp_path / "10_waves.py"
    path.write_text(block("# solutions/10_waves.py"), encoding="utf-8")
    return source_notebook(path)


def run(notebook):
    """The value of the check's cell, executed in this process."""
    namespace = {}
    for cell in notebook.cells:
        if cell.cell_type == "code" and cell.id != "sine":
            exec(cell.source, namespace)
    call = next(cell.source for cell in notebook.cells if cell.id == "sine").splitlines()[0]
    return eval(call, namespace)


def test_the_exercise_has_what_an_exercise_needs(waves):
    assert list(waves.EXERCISES) == ["sine"]
    for mistake in waves.sine.mistakes:
        for sample in waves.sine.draw(1, 6):
            assert waves.sine.mistaken(mistake, sample).keys() == set(waves.sine.asks)


def test_a_new_mistake_gets_its_name(waves):
    namespace = vars(waves)
    exec(block("from backprop.checking.examining import examine"), namespace)  # with an assertion before the mistake is known
    exec(block("from dataclasses import replace"), namespace)  # and one after
    assert [mistake.id for mistake in namespace["sine"].mistakes][-1] == "degrees"


def test_the_lesson_is_solved_for_full_points_and_released_for_none(lesson):
    nbformat.validate(lesson)
    release = release_notebook(lesson)
    text = nbformat.writes(release)
    assert "np.cos(z)`" in text, "the hints are there"
    assert "SOLUTION" not in text
    assert "HIDDEN" not in text
    assert float(run(lesson)) == 2
    assert float(run(release)) == 0


def test_the_picture_moves_and_refuses_what_is_no_number():
    namespace = {}
    exec(block("# notebooks/backprop/pictures/waves/tangent.py"), namespace)
    picture = namespace["Tangent"]()
    before = picture.frame
    picture.inputs = {"x": 0.0}
    assert picture.summary == "At x = 0 the sine has the slope 1."
    assert picture.frame != before
    picture.inputs = {"x": "steep"}
    assert "x has to be a number" in picture.message


def test_every_block_is_executed_by_a_test_here():
    assert len(BLOCKS) == 5


def test_the_commands_and_files_that_it_names_exist():
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"\bmake ([a-z-]+)", "".join(re.findall(r"`[^`]+`|^```\n.*?^```", text, re.MULTILINE | re.DOTALL))):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
    for path in re.findall(r"`((?:tests|notebooks|solutions)/[\w/.]+)`", text):
        assert (ROOT / path).exists() or "waves" in path, path
