"""The generated parts of README.md: links that start the course, the table of lessons,
and the tree for authors.

python -m autograder.readme      writes them between their marks
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from backprop.progress.contents import Lesson, course

from .building import ROOT, SOLUTIONS
from .repository import repository, start_links

FILE = ROOT / "README.md"
TIME = re.compile(r"\*\*Time\*\* about ([\w ]+)")
TOP = {
    "README.md": "this page; the table of lessons and this tree are generated",
    "CONTRIBUTING.md": "how to add an exercise, a mistake, a lesson, a picture; CHANGELOG.md beside it",
    "docs": "how to release a version, and what makes the site",
    "environment.yml": "the conda and Binder environment: the requirements of pyproject.toml",
    "constraints.txt": "the version of every package that the tests have run with",
    "notebooks": "what learners open; generated, do not edit",
    "notebooks/backprop": "",
    "solutions": "the source of every lesson: text, code, reference answers, hidden tests (jupytext, py:percent)",
    "autograder": "",
    "img": "the figures; generated, do not edit",
    "tests": "mirrors the packages; and notebooks run headlessly, nbgrader end to end, JupyterLab in Chromium",
}


def with_generated_parts(readme: str) -> str:
    """The README with its generated parts made anew. ValueError if a marker is missing."""
    parts = {"badges": badges(repository()), "lessons": lesson_table(), "tree": f"```\n{tree()}\n```"}
    for name, content in parts.items():
        begin, end = f"<!-- generated: {name} -->\n", f"\n<!-- end: {name} -->"
        if begin not in readme or end not in readme:
            raise ValueError(f"README.md has no part between {begin.strip()} and {end.strip()}.")
        before, rest = readme.split(begin)
        readme = before + begin + content + end + rest.split(end)[1]
    return readme


def badges(place: str) -> str:
    """A badge for each service that starts the course, of the repository `place`; one sentence,
    without a link, if it is empty.
    """
    if not place:
        return "When `repository` under `[tool.course]` in pyproject.toml is set, links that start the course in a browser appear here."
    images = {
        "GitHub Codespaces": "https://github.com/codespaces/badge.svg",
        "Binder": "https://mybinder.org/badge_logo.svg",
        "Google Colab": "https://colab.research.google.com/assets/colab-badge.svg",
    }
    links = start_links(place, "00_start_here")
    return "\n".join(f"[![Open in {name}]({image})]({links[name]})" for name, image in images.items())


def lesson_table() -> str:
    """The table of lessons: notebook, subject (from its
    module's docstring), number of exercises, duration.
    """
    rows = ["| lesson | what it is about | exercises | time |", "|---|---|---|---|"]
    for lesson in course():
        if lesson.number != "00":
            link = f"[{lesson.number} {lesson.title}](notebooks/{lesson.stem}.ipynb)"
            rows.append(f"| {link} | {_about(lesson)} | {len(lesson.tasks)} | {_time(lesson)} |")
    return "\n".join(rows)


def tree() -> str:
    """The tree of files that an author meets; of a
    package, with the first line of its docstring.
    """
    rows = list(_rows())
    width = max(len(name) for name, _ in rows) + 2
    return "\n".join(f"{name:{width}}{about}" for name, about in rows)


def _rows() -> Iterator[tuple[str, str]]:
    for name, about in TOP.items():
        path = ROOT / name
        indent = "  " * name.count("/")
        yield f"{indent}{path.name}{'/' if path.is_dir() else ''}", about or _docstring(path / "__init__.py")
        for package in sorted(path.glob("*/__init__.py")) if not about else []:
            yield f"{indent}  {package.parent.name}/", _docstring(package)


def _docstring(module: Path) -> str:
    """The first paragraph of a module's docstring, on one line."""
    text = ast.get_docstring(ast.parse(module.read_text(encoding="utf-8"))) or ""
    return " ".join(text.split("\n\n")[0].split())


def _about(lesson: Lesson) -> str:
    """The subject in the docstring `Lesson 01, The chain rule:
    ...` of the lesson's exercises, without the full stop.
    """
    line = _docstring(ROOT / "notebooks" / "backprop" / "exercises" / f"{lesson.stem[3:]}.py")
    beginning = f"Lesson {lesson.number}, {lesson.title}: "
    if not line.startswith(beginning):
        raise ValueError(f"The docstring of backprop.exercises.{lesson.stem[3:]} should begin with {beginning!r}; it begins {line[:60]!r}.")
    return line.removeprefix(beginning).rstrip(".")


def _time(lesson: Lesson) -> str:
    """How long the lesson takes, as it says itself."""
    found = TIME.search((SOLUTIONS / f"{lesson.stem}.py").read_text(encoding="utf-8"))
    if not found:
        raise ValueError(f"{lesson.stem}.py does not say **Time** about so many minutes.")
    return found[1]


if __name__ == "__main__":
    FILE.write_text(with_generated_parts(FILE.read_text(encoding="utf-8")), encoding="utf-8")
