"""Where the course is published, as [tool.course] in pyproject.toml says,
and the links that start it there.
"""

import re
import tomllib
from pathlib import Path

from .building import ROOT

SERVICES = {
    "GitHub Codespaces": "https://codespaces.new/{place}",
    "Binder": "https://mybinder.org/v2/gh/{place}/HEAD?urlpath=lab/tree/notebooks/{lesson}.ipynb",
    "Google Colab": "https://colab.research.google.com/github/{place}/blob/HEAD/notebooks/{lesson}.ipynb",
}


def repository(project: Path = ROOT / "pyproject.toml") -> str:
    """`owner/name` of the repository on GitHub; empty if none is set.

    ValueError if it is anything else.
    """
    place = tomllib.loads(project.read_text(encoding="utf-8"))["tool"]["course"]["repository"]
    if place and not re.fullmatch(r"[\w.-]+/[\w.-]+", place):
        raise ValueError(f'{project}: repository = "{place}". Write it as "owner/name", or leave it empty.')
    return place


def start_links(place: str, lesson: str) -> dict[str, str]:
    """The address that opens a lesson, by the name of the service;
    none where no repository is set.
    """
    return {name: address.format(place=place, lesson=lesson) for name, address in SERVICES.items()} if place else {}
