"""The lessons as pages: as learners get them, with still pictures, links,
and a box that says how to run them.
"""

import ast
import html
import shutil
import zipfile
from pathlib import Path
from typing import Any

import nbformat
from backprop import pictures
from nbformat.notebooknode import NotebookNode

from autograder.building import IMAGES, NOTEBOOKS, lesson_paths, page_paths
from autograder.repository import start_links

SHOWN = (
    "descend_by_hand",
    "explore",
    "explore_attention",
    "explore_convolution",
    "explore_depth",
    "explore_pixels",
    "fill_in",
    "follow_chain",
    "follow_paths",
    "grow_deep",
    "step_through",
)
BOX = """\
:::{{admonition}} Run it yourself
:class: tip
This page shows the lesson as it is handed out, with still pictures. To answer and to check: `pip install backprop-by-hand`,
then `backprop lab`. Or take {{download}}`this notebook <../downloads/{stem}.ipynb>`, or
{{download}}`all lessons with their figures <../downloads/lessons.zip>`.{services}
:::"""


def write_lessons(folder: Path, place: str) -> list[str]:
    """Write a page for each lesson into folder/lessons, and the files to download;
    return the pages' names.
    """
    (folder / "lessons").mkdir(parents=True)
    (folder / "downloads").mkdir()
    stems = [path.stem for path in [*page_paths(), *lesson_paths()]]
    for stem in stems:
        shutil.copyfile(NOTEBOOKS / f"{stem}.ipynb", folder / "downloads" / f"{stem}.ipynb")
        nbformat.write(
            lesson_page(nbformat.read(NOTEBOOKS / f"{stem}.ipynb", as_version=4), stem, place), folder / "lessons" / f"{stem}.ipynb"
        )
    _pack([*NOTEBOOKS.glob("*.ipynb"), *IMAGES.glob("*.svg")], folder / "downloads" / "lessons.zip")
    return [f"lessons/{stem}" for stem in stems]


def lesson_page(notebook: NotebookNode, stem: str, place: str) -> NotebookNode:
    """The released notebook with the box below its title,
    and the still picture below each cell that shows one.
    """
    links = ", ".join(f"[{name}]({address})" for name, address in start_links(place, stem).items())
    services = f" In a browser: {links}." if links else ""
    title, _, rest = notebook.cells[0].source.partition("\n")
    notebook.cells[0].source = f"{title}\n\n{BOX.format(stem=stem, services=services)}\n{rest}"
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = [_still(picture) for picture in _pictures(cell.source)]
    return notebook


def _pictures(source: str) -> list[Any]:
    """What a cell shows where no answer of the learner's is needed.

    An answer among the arguments is left out.
    """
    try:
        statements = ast.parse(source).body
    except SyntaxError:
        return []
    calls = [statement.value for statement in statements if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call)]
    return [_picture(call) for call in calls if isinstance(call.func, ast.Name) and call.func.id in SHOWN]


def _picture(call: ast.Call) -> Any:
    assert isinstance(call.func, ast.Name)
    fixed = [ast.literal_eval(argument) for argument in call.args if isinstance(argument, ast.Constant)]
    named = {keyword.arg: ast.literal_eval(keyword.value) for keyword in call.keywords if isinstance(keyword.value, ast.Constant)}
    return getattr(pictures, call.func.id)(*fixed, **named)


def _still(picture: Any) -> NotebookNode:
    """The picture as it first appears, with its words for who cannot see it."""
    words = html.escape(f"{picture.title}. {picture.summary}")
    drawn = f'<div class="bp-still" role="img" aria-label="{words}">{picture.frame}</div><p>In the notebook this picture is live.</p>'
    return nbformat.v4.new_output("display_data", {"text/html": drawn, "text/plain": f"{picture.title}. {picture.summary}"})


def _pack(paths: list[Path], target: Path) -> None:
    """A zip of these files, each in its own folder, the same to the byte each time."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(paths):
            archive.writestr(zipfile.ZipInfo(f"backprop-by-hand/{path.parent.name}/{path.name}"), path.read_bytes(), zipfile.ZIP_DEFLATED)
