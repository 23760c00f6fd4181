"""What stock nbgrader gave is used again for the same notebooks and the same version only."""

import json

import nbgrader
import pytest

from tests.recorded import recorded


@pytest.fixture
def runs():
    return []


@pytest.fixture
def use(runs, tmp_path):
    """use(source, gives): the record of a run that gives this, and runs at all only if it must."""

    def use(source, gives, anew=False):
        return recorded("made-up", source, lambda: runs.append(source) or gives, folder=tmp_path, anew=anew)

    return use


def test_a_record_is_written_in_the_long_run_and_used_every_day(use, runs):
    assert use(["x = 1"], {"ada": 2.0}, anew=True).problem == ""
    again = use(["x = 1"], {"ada": 0.0})
    assert (again.value, again.problem, runs) == ({"ada": 2.0}, "", [["x = 1"]])


@pytest.mark.parametrize("change", ["source", "version", "nothing kept"])
def test_where_no_record_fits_stock_nbgrader_runs_and_the_problem_says_what_to_do(use, runs, tmp_path, monkeypatch, change):
    path = tmp_path / "made-up.json"
    use(["x = 1"], {"ada": 2.0}, anew=True)
    before = path.read_text(encoding="utf-8")
    if change == "version":
        monkeypatch.setattr(nbgrader, "__version__", "0.9.7")
    if change == "nothing kept":
        path.unlink()
    found = use(["x = 2" if change == "source" else "x = 1"], {"ada": 1.0})
    assert (found.value, len(runs)) == ({"ada": 1.0}, 2)
    assert "make test-long" in found.problem
    assert change == "nothing kept" or path.read_text(encoding="utf-8") == before


def test_another_result_for_the_same_notebooks_is_told_and_written(use, tmp_path):
    use(["x = 1"], {"ada": 2.0}, anew=True)
    assert "made-up.json" in use(["x = 1"], {"ada": 1.0}, anew=True).problem
    assert json.loads((tmp_path / "made-up.json").read_text(encoding="utf-8"))["value"] == {"ada": 1.0}
