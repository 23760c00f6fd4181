"""Reads notebooks that may hold anything, and repairs them as far as possible.

A notebook of format 2, 3 or 4 becomes a valid one of format 4.5 without outputs.
"""

import json
import re
from collections.abc import Collection
from typing import Any

import nbformat
from nbformat.notebooknode import NotebookNode

CELL_TYPES = ("code", "markdown", "raw")
CELL_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")
SURROGATES = re.compile("[\ud800-\udfff]")  # half a character, which no file can hold
# The parts of a JSON text: the start of a list of outputs, a whole string, a bracket.
JSON_PART = re.compile(rb'"outputs"\s*:\s*\[|"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[\[\]]', re.DOTALL)
MOST_PARTS = 3_000_000  # texts and brackets of such a notebook: some seconds of reading
MOST_CELLS = 5000
MOST_METADATA = 100  # entries a cell
DEEPEST_METADATA = 20
LONGEST_METADATA = 100_000


class UnreadableNotebook(Exception):
    """The notebook cannot be read; the message says why, in words for a person."""


def read_notebook(data: bytes) -> NotebookNode:
    """The notebook in format 4.5, valid, without outputs.

    UnreadableNotebook if that is impossible; no other exception.

    Missing or repeated cell ids, missing outputs and metadata, text as a list of lines, and formats
    2 and 3 are repaired.
    """
    try:
        cells = _cells_of(_parsed(data))
        return _notebook([_checked(cell, number) for number, cell in enumerate(cells, start=1)])
    except UnreadableNotebook:
        raise
    except (RecursionError, MemoryError):
        raise UnreadableNotebook("The notebook cannot be read: its contents are nested too deeply, or too large.") from None
    except Exception as error:  # whatever else, this submission is unreadable and the others are not
        raise UnreadableNotebook(f"The notebook cannot be read: {type(error).__name__}.") from None


def sane_cell(raw: object) -> NotebookNode:
    """A valid cell of format 4.5, without outputs, from any value.

    Entries of the wrong type are dropped; the id may be missing.
    """
    cell = raw if isinstance(raw, dict) else {}
    kind = cell.get("cell_type")
    kind = kind if isinstance(kind, str) and kind in CELL_TYPES else "raw"
    sane: dict[str, Any] = {"cell_type": kind, "metadata": _metadata(cell.get("metadata")), "source": _text(cell.get("source")) or ""}
    if is_cell_id(cell.get("id")):
        sane["id"] = cell["id"]
    if kind == "code":
        sane |= {"outputs": [], "execution_count": None}
    elif attachments := _attachments(cell.get("attachments")):
        sane["attachments"] = attachments
    return nbformat.from_dict(sane)


def is_cell_id(value: object) -> bool:
    """Whether this may be the id of a cell."""
    return isinstance(value, str) and CELL_ID.fullmatch(value) is not None


def without_outputs(data: bytes) -> bytes:
    """A notebook's JSON text with every list of outputs empty.

    A text that is not JSON, or that would take too long, is returned unchanged.
    """
    kept, start, depth = [], 0, 0
    for number, part in enumerate(JSON_PART.finditer(data)):
        if number == MOST_PARTS:
            return data
        sign = data[part.end() - 1 : part.end()]
        if depth:
            depth += (sign == b"[") - (sign == b"]")
            if not depth:
                start = part.start()
        elif part.end() - part.start() > 1 and sign == b"[":
            kept.append(data[start : part.end()])
            start, depth = len(data), 1
    return data if depth else b"".join([*kept, data[start:]])


def _parsed(data: bytes) -> dict[str, Any]:
    """The notebook as JSON has it."""
    if not data.strip():
        raise UnreadableNotebook("The notebook is an empty file.")
    try:
        text = data.decode(json.detect_encoding(data), "surrogatepass")  # with or without a byte order mark
    except UnicodeDecodeError:
        raise UnreadableNotebook("The notebook is not a text file, so it is no notebook. Save it as .ipynb from Jupyter.") from None
    try:
        try:
            found = json.loads(text)
        except json.JSONDecodeError:
            raise
        except ValueError:  # an integer of thousands of digits, which Python does not read
            found = json.loads(text, parse_int=float)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}: {error.msg}"
        raise UnreadableNotebook(f"The notebook is damaged: it is not valid JSON ({where}). Save it again from Jupyter.") from None
    if not isinstance(found, dict) or not ("cells" in found or "worksheets" in found):
        raise UnreadableNotebook("The file is JSON and no notebook: it has no cells. Save the notebook as .ipynb from Jupyter.")
    return found


def _cells_of(found: dict[str, Any]) -> list[Any]:
    """The cells as format 4 has them; each may still be anything."""
    version = found.get("nbformat", 4 if "cells" in found else 3)
    if version not in (2, 3, 4):
        known = isinstance(version, (int, float)) and version > 4
        reason = "newer than the formats 2 to 4 that can be read" if known else "none of the formats 2 to 4 that can be read"
        raise UnreadableNotebook(f"The notebook says that its format is {str(version)[:20]}, which is {reason}.")
    cells = found.get("cells") if version == 4 else _cells_of_worksheets(found.get("worksheets"))
    if not isinstance(cells, list):
        raise UnreadableNotebook("The notebook has no list of cells.")
    if len(cells) > MOST_CELLS:
        raise UnreadableNotebook(f"The notebook has {len(cells)} cells, and no more than {MOST_CELLS} are graded.")
    return cells if version == 4 else _upgraded(cells, int(version))


def _cells_of_worksheets(worksheets: object) -> list[Any] | None:
    if not isinstance(worksheets, list) or not all(isinstance(sheet, dict) for sheet in worksheets):
        return None
    lists = [sheet.get("cells", []) for sheet in worksheets]
    return [cell for cells in lists for cell in cells] if all(isinstance(cells, list) for cells in lists) else None


def _upgraded(cells: list[Any], version: int) -> list[Any]:
    """Cells of format 2 or 3 converted to format 4 by
    nbformat, after outputs and unused parts are dropped.
    """
    useful = []
    for number, cell in enumerate(cells, start=1):
        text = "input" if isinstance(cell, dict) and cell.get("cell_type") == "code" else "source"
        checked = _checked(cell, number, text=text, types=("code", "markdown", "raw", "html", "heading"))
        light = {"cell_type": cell["cell_type"], text: checked.source, "metadata": checked.metadata}
        if text == "input":
            light |= {"outputs": [], "language": "python", "collapsed": False}
        if cell["cell_type"] == "heading":
            level = cell.get("level")
            light["level"] = level if isinstance(level, int) and 1 <= level <= 6 else 1
        useful.append(light)
    old = {"nbformat": version, "nbformat_minor": 0, "metadata": {"name": ""}, "worksheets": [{"cells": useful, "metadata": {}}]}
    notebook = nbformat.convert(nbformat.versions[version].to_notebook_json(old, minor=0), 4)
    return [{key: value for key, value in cell.items() if key != "id"} for cell in notebook.cells]


def _checked(cell: object, number: int, *, text: str = "source", types: tuple[str, ...] = CELL_TYPES) -> NotebookNode:
    """The cell made sane; UnreadableNotebook if it is past mending."""
    if not isinstance(cell, dict):
        raise UnreadableNotebook(f"Cell {number} of the notebook is damaged: it is no cell at all.")
    if cell.get("cell_type") not in types:
        raise UnreadableNotebook(f"Cell {number} of the notebook is damaged: its type is {str(cell.get('cell_type'))[:40]!r}.")
    if _text(cell.get(text)) is None:
        raise UnreadableNotebook(f"Cell {number} of the notebook is damaged: its contents are no text.")
    return sane_cell({**cell, "source": cell.get(text)})


def _notebook(cells: list[NotebookNode]) -> NotebookNode:
    """The cells as a notebook; those without an id of their own get one that no course uses."""
    taken: set[str] = set()
    for cell in cells:
        if cell.get("id") in taken:
            del cell["id"]
        taken.add(cell.get("id", ""))
    for number, cell in enumerate(cells, start=1):
        if "id" not in cell:
            cell.id = free_id(f"handed-in-{number}", taken)
            taken.add(cell.id)
    return NotebookNode(cells=cells, metadata=NotebookNode(), nbformat=4, nbformat_minor=5)


def free_id(wish: str, taken: Collection[str]) -> str:
    """This cell id, or with a number behind it if it is taken."""
    identity, count = wish, 2
    while identity in taken:
        identity, count = f"{wish}-{count}", count + 1
    return identity


def _text(value: object) -> str | None:
    """The text of a cell; None if it is no text."""
    if value is None:
        return ""
    if isinstance(value, list) and all(isinstance(line, str) for line in value):
        value = "".join(value)
    return SURROGATES.sub("\ufffd", value) if isinstance(value, str) else None


def _metadata(value: object) -> dict[str, Any]:
    """The entries that are plain data, not too large,
    and of the types that the notebook format asks for.
    """
    if not isinstance(value, dict):
        return {}
    entries = [(key, entry) for key, entry in list(value.items())[:MOST_METADATA] if key not in ("tags", "trusted")]
    sane = {key: entry for key, entry in entries if _fits(key, entry) and _is_plain(key, entry)}
    tags = value.get("tags")
    if isinstance(tags, list):
        good = [tag for tag in tags[:100] if isinstance(tag, str) and re.fullmatch(r"[^,\n]{1,100}", tag) and _is_plain(tag)]
        sane["tags"] = list(dict.fromkeys(good))
    return sane


def _fits(key: str, entry: object) -> bool:
    """Whether an entry of the metadata has the type that the notebook format asks for, if any."""
    match key:
        case "name" | "format":
            return isinstance(entry, str) and re.fullmatch(".+", entry) is not None
        case "collapsed":
            return isinstance(entry, bool)
        case "scrolled":
            return isinstance(entry, bool) or entry == "auto"
        case "jupyter" | "nbgrader":
            return isinstance(entry, dict)
        case "execution":
            return isinstance(entry, dict) and all(isinstance(time, str) for time in entry.values())
    return True


def _is_plain(*values: object) -> bool:
    """Whether these can be written to a file and copied without trouble."""
    if not all(_is_shallow(value, DEEPEST_METADATA) for value in values):
        return False
    try:
        return len(json.dumps(values, ensure_ascii=False, allow_nan=False).encode()) <= LONGEST_METADATA
    except (ValueError, TypeError):  # not a number, half a character, or no plain data
        return False


def _is_shallow(value: object, levels: int) -> bool:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return levels > 0 and all(_is_shallow(entry, levels - 1) for entry in inner)


def _attachments(value: object) -> dict[str, dict[str, str]]:
    """The images attached to a text cell, as far as the notebook format allows them."""
    sane: dict[str, dict[str, str]] = {}
    for name, bundle in value.items() if isinstance(value, dict) else ():
        read = {kind: _text(data) for kind, data in bundle.items() if isinstance(data, (str, list))} if isinstance(bundle, dict) else {}
        good = {kind: text for kind, text in read.items() if text is not None}
        if good and len(good) == len(read) and not SURROGATES.search(name + "".join(good)):
            sane[name] = good
    return sane
