"""The file from which translations begin: complete, and in step with the code."""

import ast
import string
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from autograder.messages import FILE, KEYWORDS, PACKAGE, template


def calls(tree: ast.AST):
    """The calls that mark a message."""
    found = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
    return [call for call in found if call.func.id in KEYWORDS]


def literals(call: ast.Call) -> list[str]:
    """The messages that are written out in a call: two in `ngettext`, none for a constant."""
    wanted = call.args[: 2 if call.func.id == "ngettext" else 1]
    return [one.value for one in wanted if isinstance(one, ast.Constant) and isinstance(one.value, str)]


def fields(message: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(message) if name is not None}


def test_the_file_is_in_step_with_the_code():
    """Where this fails, `python -m autograder.messages` writes the file anew."""
    assert FILE.read_bytes() == template()


def test_the_file_can_be_read_and_holds_no_date():
    with FILE.open("rb") as file:
        catalogue = read_po(file)
    assert len(catalogue) > 1000
    assert b"Date: 2" not in FILE.read_bytes()


@pytest.fixture(scope="module")
def modules() -> dict[Path, ast.Module]:
    return {path: ast.parse(path.read_text(encoding="utf-8")) for path in PACKAGE.rglob("*.py") if path.name != "translation.py"}


@pytest.fixture(scope="module")
def marked(modules) -> list[tuple[str, ast.Call]]:
    return [(f"{path}:{call.lineno}", call) for path, tree in modules.items() for call in calls(tree)]


def test_every_message_that_is_marked_is_in_the_file(marked):
    with FILE.open("rb") as file:
        catalogue = read_po(file)
    for place, call in marked:
        assert literals(call) or call.func.id == "_", place
        assert all(message in catalogue for message in literals(call)[:1]), place


def test_every_message_gets_the_values_that_it_names(marked):
    for place, call in marked:
        named = {one.arg for one in call.keywords}
        if call.func.id == "_" and named and None not in named:
            assert all(fields(message) == named for message in literals(call)), place
        elif call.func.id == "ngettext":
            assert all(fields(message) <= named | {"count"} for message in literals(call)), place


def test_no_message_is_marked_inside_an_f_string(modules):
    """Babel does not look there before Python 3.12."""
    for path, tree in modules.items():
        strings = [node for node in ast.walk(tree) if isinstance(node, ast.JoinedStr)]
        assert not [call.lineno for node in strings for call in calls(node) if literals(call)], path
