"""The project's own promises: one set of requirements,
all of them used, and a README that is true.
"""

import importlib.metadata
import os
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import typer
import yaml
from packaging.specifiers import SpecifierSet

from autograder.cli import app

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
CONDA_NAMES = {"pytorch-cpu": "torch", "matplotlib-base": "matplotlib", "msgpack-python": "msgpack"}
IMPORTED_AS = {"pyyaml": "yaml"}
USED_THROUGH = {"jupyterlab": "jupyter lab"}


def pins(requirements):
    return {re.split(r"[=<>~ ]", line)[0]: line.replace(" ", "") for line in requirements}


def test_conda_asks_for_what_pip_asks_for():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    packages = [line for line in environment["dependencies"] if isinstance(line, str) and line not in ("pip",)]
    python, *rest = packages
    assert python.replace(" ", "") == f"python{PROJECT['requires-python']}"
    conda = {CONDA_NAMES.get(name, name): line.replace(name, CONDA_NAMES.get(name, name), 1) for name, line in pins(rest).items()}
    assert conda == pins(PROJECT["dependencies"])
    assert environment["channels"][0] == "conda-forge"
    assert environment["dependencies"][-1] == {"pip": ["--editable ."]}


def test_every_pin_is_exact_and_the_constraints_agree():
    constraints = pins((ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines())
    extras = PROJECT["optional-dependencies"].values()
    for name, line in pins([*PROJECT["dependencies"], *(one for extra in extras for one in extra)]).items():
        assert re.fullmatch(r"[\w-]+==[\w.]+", line)
        installed = {"pyyaml": "PyYAML", "sphinx": "Sphinx"}.get(name, name)
        assert constraints[installed] == line.replace(name, installed, 1)


def test_every_pinned_version_can_be_installed_on_the_oldest_python():
    oldest = f"{PROJECT['requires-python'].removeprefix('>=')}.0"
    constraints = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    for installed in importlib.metadata.distributions():
        if f"{installed.name}=={installed.version.partition('+')[0]}" in constraints and "Requires-Python" in installed.metadata:
            assert SpecifierSet(installed.metadata["Requires-Python"]).contains(oldest), installed.name


def test_what_extras_ask_for_is_tested():
    extras = PROJECT["optional-dependencies"]
    assert all(set(requirements) <= set(extras["test"]) for requirements in extras.values())


def test_every_direct_dependency_is_used():
    files = [
        *ROOT.glob("notebooks/backprop/**/*.py"),
        *ROOT.glob("autograder/**/*.py"),
        *ROOT.glob("tests/**/*.py"),
        *ROOT.glob("solutions/*.py"),
    ]
    text = "\n".join(path.read_text(encoding="utf-8") for path in [*files, ROOT / "Makefile"])
    for name in PROJECT["dependencies"]:
        module = pins([name]).popitem()[0]
        module = IMPORTED_AS.get(module, module)
        assert re.search(rf"^\s*(import|from) {module}\b", text, re.MULTILINE) or USED_THROUGH.get(module, "\0") in text, module


def test_the_readme_links_to_files_that_are_there():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for link in re.findall(r"\]\((?!http)([^)#]+)\)", readme):
        assert (ROOT / link).exists(), link
    targets = set(re.findall(r"`make (\w+)", readme))
    assert {"lab", "test"} <= targets
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert all(re.search(rf"^{target}:", makefile, re.MULTILINE) for target in targets)


def test_every_autograder_command_in_the_readme_can_be_typed():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    lines = re.findall(r"`autograder ([^`]+)`", readme) + re.findall(r"^(?:\.venv/bin/)?autograder ([^#\n]+)", readme, re.MULTILINE)
    known = typer.main.get_command(app).commands
    for line in lines:
        name, *words = shlex.split(line)
        assert name in known
        if words:  # not only the command's name
            known[name].make_context(name, words)
    assert {line.split()[0] for line in lines} >= {"init", "collect", "grade", "feedback", "marks", "report", "simulate", "options"}


def test_pre_commit_and_ci_use_the_versions_that_the_project_asks_for():
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"][0]["hooks"]
    asked = [pin for hook in hooks for pin in hook.get("additional_dependencies", [])]
    assert asked
    assert set(asked) <= set(PROJECT["optional-dependencies"]["test"])
    jobs = yaml.safe_load((ROOT / ".github" / "workflows" / "tests.yml").read_text(encoding="utf-8"))["jobs"]
    for job in jobs.values():
        assert f">={job['strategy']['matrix']['python'][0]}" == PROJECT["requires-python"]
    commands = [step["run"] for job in jobs.values() for step in job["steps"] if "run" in step]
    assert {".ci/run", "make check PYTHON=python"} <= set(commands)


def test_the_changelog_begins_with_the_version_to_come_or_this_one():
    (first, *others) = re.findall(r"^## (\d+\.\d+\.\d+)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert PROJECT["version"] in (first, others[0])


def test_nothing_of_the_project_names_a_machine():
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, listed.split("\0")):
        text = (ROOT / name).read_text(encoding="utf-8", errors="ignore")
        assert not re.search(r"(?<![\w}])/(home|root|Users)/(?!student\b)\w", text), name  # /home/student is what the sandbox shows


def test_the_package_that_learners_import_does_not_know_the_instructors():
    code = "import sys, backprop, backprop.checking.comparing, backprop.figures.catalogue; print('autograder' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "False"


@pytest.mark.xdist_group("together")
@pytest.mark.skipif("PYTEST_XDIST_WORKER" not in os.environ, reason="only where several processes share the tests")
def test_the_tests_of_a_group_go_to_one_worker(request):
    """pytest-xdist 3.8 silently ignores groups under pytest
    9.2; each worker would then repeat the group's set-up.
    """
    assert request.node.nodeid.endswith("@together")


def test_notebooks_are_read_without_building_parsers():
    """From version 4.25 on, jsonschema builds 40 parsers on
    import, which takes more than a second in each process.
    """
    code = "import sys, nbformat; print('lark' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "False"
