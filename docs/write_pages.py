"""The site's pages as Sphinx reads them, from the README, the notebooks,
the exercises and the docstrings.

python docs/write_pages.py build/site-pages      then sphinx-build build/site-pages build/site does
the rest
"""

import re
import shutil
import sys
from pathlib import Path

from lesson_pages import write_lessons
from mistake_pages import write_mistakes
from reference_pages import command_page, reference_page

from autograder.building import IMAGES, ROOT
from autograder.repository import repository

TASK = re.compile(r"^\*\*(.+?)\*\*\s", re.MULTILINE)
# Where a file of the repository is on the site. What is not on it is named without a link.
PLACES = {
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "autograder/CLUSTER.md": "cluster.md",
    "autograder/SANDBOX.md": "sandbox.md",
    "autograder/SERVICES.md": "services.md",
    "docs/releasing.md": "releasing.md",
}
LINK = re.compile(r"(?<!!)\[([^\]]+)\]\((?!https?:|#)([^)#]+)(#[^)]*)?\)")


def write_pages(folder: Path) -> None:
    """Write every page, and the files that pages show, into the new folder `folder`."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(IMAGES, folder / "img")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    introduction, learners, instructors, authors = re.split(r"^## For (?:learners|instructors|authors)\n", readme, flags=re.MULTILINE)
    lessons = write_lessons(folder, repository())
    mistakes = write_mistakes(folder)
    pages = {
        "learners": f"# For learners\n{learners}",
        "instructors": f"# For instructors\n{TASK.sub(_heading, instructors)}",
        "authors": f"# For authors\n{authors}",
        "commands": command_page(),
        "reference": reference_page(),
    }
    pages |= {
        page.removesuffix(".md"): (ROOT / name).read_text(encoding="utf-8") for name, page in PLACES.items() if (ROOT / name).exists()
    }
    for name, text in pages.items():
        (folder / f"{name}.md").write_text(with_links(text), encoding="utf-8")
    more = [name for name in ("sandbox", "cluster", "services") if name in pages]
    parts = {
        "Learn": ["learners", *lessons],
        "Mistakes": mistakes,
        "Teach": ["instructors", *more, "commands"],
        "Contribute": ["authors", "contributing", "releasing", "reference", "changelog"],
    }
    (folder / "index.md").write_text(with_links(introduction) + "".join(contents(*part) for part in parts.items()), encoding="utf-8")


def with_links(text: str) -> str:
    """The text with links to where files are on the site."""

    def linked(found: re.Match[str]) -> str:
        words, target, anchor = found[1], found[2], found[3] or ""
        if f"autograder/{target}" in PLACES:  # from one page of that folder to another
            target = f"autograder/{target}"
        if target.startswith("notebooks/"):
            return f"[{words}](lessons/{target.removeprefix('notebooks/')}{anchor})"
        return f"[{words}]({PLACES[target]}{anchor})" if target in PLACES and (ROOT / target).exists() else words

    return LINK.sub(linked, text)


def contents(title: str, pages: list[str]) -> str:
    """A part of the navigation."""
    return f"\n:::{{toctree}}\n:hidden:\n:caption: {title}\n\n" + "\n".join(pages) + "\n:::\n"


def _heading(found: re.Match[str]) -> str:
    """A task at the beginning of a paragraph, as a heading."""
    return f"## {found[1].rstrip('.')}\n\n"


if __name__ == "__main__":
    write_pages(Path(sys.argv[1]))
