"""Front ends that are not JupyterLab: what the course asks of them,
and what it does where they do not answer.
"""

import sys
from types import ModuleType, SimpleNamespace

import pytest
from backprop.exercises import chain_rule as ex
from backprop.front_end import FrontEnd, front_end
from backprop.helping import interactive
from backprop.progress.contents import course
from backprop.progress.map_drawing import as_html
from backprop.progress.records import Records

from autograder.building import NOTEBOOKS


@pytest.fixture
def colab(monkeypatch):
    """Google Colab, as far as a kernel sees it; what it was asked."""
    asked = []
    module = ModuleType("google.colab")
    module.output = SimpleNamespace(enable_custom_widget_manager=lambda: asked.append("widgets"))
    monkeypatch.setitem(sys.modules, "google", ModuleType("google"))
    monkeypatch.setitem(sys.modules, "google.colab", module)
    return asked


@pytest.fixture
def vs_code(monkeypatch):
    """A kernel of VS Code, whose front end takes no request to write a cell."""
    shell = SimpleNamespace(user_ns={"__vsc_ipynb_file__": "01_chain_rule.ipynb"}, set_next_input=lambda code: None)
    monkeypatch.setattr("IPython.get_ipython", lambda: shell)


def test_google_colab_is_asked_to_show_widgets(colab):
    interactive.allow_widgets()
    assert front_end() is FrontEnd.COLAB
    assert colab == ["widgets"]


def test_jupyterlab_is_asked_for_nothing():
    assert front_end() is FrontEnd.JUPYTER
    interactive.allow_widgets()


@pytest.mark.parametrize("program", ["vs_code", "colab"])
def test_the_map_says_in_words_what_a_link_would_lead_to(request, program, monkeypatch):
    monkeypatch.setattr("backprop.progress.map_drawing.working_folder", lambda: NOTEBOOKS)
    lesson = course()[1]
    assert "href='" in (linked := as_html(Records(None), lesson).replace('"', "'"))
    assert ".ipynb</code>" not in linked
    request.getfixturevalue(program)
    shown = as_html(Records(None), lesson)
    assert "<a" not in shown
    assert f"in <code>{lesson.stem}.ipynb</code> under “{lesson.tasks[0].heading}”" in shown


def test_where_no_cell_is_written_the_program_can_be_copied_from_the_output(vs_code, capsys):
    ex.one_path.referee()
    program = capsys.readouterr().out
    exec(compile(program, "copied", "exec"), {})
    assert "dy_dx" in capsys.readouterr().out
