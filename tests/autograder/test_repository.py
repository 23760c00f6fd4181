"""One variable says where the course is published; without it, no link is broken."""

import json
import re

import pytest

from autograder.building import ROOT
from autograder.readme import FILE, badges
from autograder.repository import repository, start_links


def test_links_name_the_repository_and_the_lesson():
    links = start_links("ada/lessons", "03_computation_graph")
    assert all("ada/lessons" in link for link in links.values())
    assert links["Binder"].endswith("urlpath=lab/tree/notebooks/03_computation_graph.ipynb")
    assert badges("ada/lessons").count("](https://") == 2 * len(links)


def test_without_a_repository_there_is_no_link():
    assert start_links("", "00_start_here") == {}
    assert "](" not in badges("")


@pytest.mark.parametrize("place", ["https://github.com/ada/lessons", "lessons", "OWNER/REPO/x"])
def test_anything_else_is_refused(place, tmp_path):
    project = tmp_path / "pyproject.toml"
    project.write_text(f'[tool.course]\nrepository = "{place}"\n', encoding="utf-8")
    with pytest.raises(ValueError, match=r'Write it as "owner/name"'):
        repository(project)


def test_no_other_file_names_a_repository():
    place = repository()
    workflows = "".join(path.read_text(encoding="utf-8") for path in ROOT.glob(".github/workflows/*.yml"))
    assert "OWNER" not in FILE.read_text(encoding="utf-8") + workflows
    assert not place or place not in workflows


def test_the_codespace_runs_targets_that_there_are():
    text = (ROOT / ".devcontainer" / "devcontainer.json").read_text(encoding="utf-8")
    settings = json.loads(re.sub(r"^\s*//.*$", "", text, flags=re.MULTILINE))
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for key in ("postCreateCommand", "postAttachCommand"):
        target = re.match(r"make (\w+) TORCH=cpu", settings[key])[1]
        assert re.search(rf"^{target}:", makefile, re.MULTILINE)
