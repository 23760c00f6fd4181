"""Writes notebooks as nbformat does, sooner where many of them share most of their cells."""

import json
from functools import lru_cache

import nbformat
from nbformat.notebooknode import NotebookNode

SHARED = 2**16  # characters of a cell whose text is kept, as other notebooks may have the same
NO_CELLS = '"cells": []'
BEFORE_A_CELL = '{\n "cells": [\n'
AFTER_A_CELL = '\n ],\n "metadata"'


def notebook_text(notebook: NotebookNode) -> str:
    """What `nbformat.v4.writes` gives for a notebook of version 4, character for character.

    nbformat indents every cell anew, in Python. The cells that a class has in common are indented
    once here.
    """
    frame: str = nbformat.v4.writes(NotebookNode(notebook | {"cells": []}))
    cells = ",\n".join(_cell_text(cell) for cell in notebook.cells)
    return frame.replace(NO_CELLS, f'"cells": [\n{cells}\n ]', 1) if cells else frame


def _cell_text(cell: NotebookNode) -> str:
    text = json.dumps(cell)
    return _kept(text) if len(text) <= SHARED else _indented(text)


def _indented(cell: str) -> str:
    alone = nbformat.v4.new_notebook(cells=[nbformat.from_dict(json.loads(cell))])
    text: str = nbformat.v4.writes(alone)
    return text.removeprefix(BEFORE_A_CELL).partition(AFTER_A_CELL)[0]


_kept = lru_cache(maxsize=512)(_indented)
