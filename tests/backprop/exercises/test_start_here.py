"""Page 00: an environment told in words, and a first exercise without points."""

from importlib.metadata import PackageNotFoundError, version

import backprop
import pytest
from backprop.environment import NEEDED, USEFUL, environment_report, made_with
from backprop.exercises import start_here as ex

from autograder.building import lesson_paths, page_paths, release_notebook, source_notebook
from tests.course import check, check_values


def without(*names):
    def installed(name):
        if name in names:
            raise PackageNotFoundError(name)
        return version(name)

    return installed


def line(report, name):
    return next(line for line in report.splitlines() if line.startswith(name))


def test_this_environment_is_whole_and_every_package_is_named():
    report = backprop.environment_report()
    assert report.startswith("All is there. You can begin.\n")
    assert all(line(report, name).endswith("✓") for name in ("Python", *NEEDED, *USEFUL))


@pytest.mark.parametrize("name", NEEDED)
def test_a_missing_package_is_named_with_its_use_and_the_cure(name):
    report = environment_report(installed=without(name))
    assert report.startswith(f"Not ready yet: look at {name} below. Run `make setup` in the course folder")
    assert line(report, name).split()[1:3] == ["missing", "✗"]
    assert line(report, name).endswith(NEEDED[name])


@pytest.mark.parametrize("name", USEFUL)
def test_a_package_that_learners_can_do_without_is_said_to_be_that(name):
    report = environment_report(installed=without(name))
    assert report.startswith("All is there.")
    assert line(report, name).split()[1:3] == ["missing", "○"]


def test_several_missing_packages_are_all_named():
    assert "look at torch, matplotlib below" in environment_report(installed=without("torch", "matplotlib", "nbgrader"))


def test_an_old_python():
    report = environment_report(python=(3, 9, 2))
    assert report.startswith("Not ready yet: look at Python below.")
    assert "3.9.2      ✗ too old: the course needs 3.11 or newer" in report


def test_a_package_that_cannot_be_loaded():
    def load(name):
        if name == "torch":
            raise OSError("libgomp is not there")

    report = environment_report(load=load)
    assert "look at torch below" in report
    assert "it is installed and cannot be loaded (OSError: libgomp is not there)" in line(report, "torch")


def test_another_version_is_mentioned_and_harmless():
    report = environment_report(wanted={"numpy": "2.9.9", "torch": version("torch").partition("+")[0]})
    assert report.startswith("All is there.")
    assert line(report, "numpy").endswith("✓ the course was made with 2.9.9; a printed digit may differ")
    assert line(report, "torch").endswith("✓")


def test_the_packages_are_those_that_the_project_requires():
    assert set(NEEDED) | set(USEFUL) <= set(made_with())


# --- the page -------------------------------------------------------------------------------------


def test_the_page_is_no_lesson_and_has_no_points():
    (page,) = page_paths()
    assert page not in lesson_paths()
    notebook = source_notebook(page)
    assert not [cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade")]
    assert notebook.cells[0].source.startswith("# 00 Start here")
    text = str(release_notebook(notebook))
    assert "BEGIN SOLUTION" not in text
    assert "Hint 3" in text


def test_its_exercise_reports_and_gives_no_score(capsys):
    assert ex.first_slope.check(lambda x: 2 * x) is None
    assert capsys.readouterr().out.startswith("first_slope: right on 6 different inputs.")
    assert ex.first_slope.check(lambda x: x) is None
    assert "That is half of the derivative." in capsys.readouterr().out


@pytest.mark.parametrize("mistake", ex.first_slope.mistakes, ids=lambda mistake: mistake.id)
def test_its_mistakes_have_names(mistake):
    report = check_values(ex.first_slope, lambda sample: ex.first_slope.mistaken(mistake, sample), seed=3)
    assert report.mistake is mistake


def test_a_slip_of_ones_own_has_none():
    assert check(ex.first_slope, lambda x: 3 * x).mistake is None
