"""The file from which translations begin: complete, and in step with the code."""

import ast
import re
import string
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from autograder.messages import FILE, KEYWORDS, PACKAGE, template

NO_MESSAGES = ("autodiff/wrong_rules/", "exercises/", "figures/", "helping/referee.py")  # data that is collected, lessons, programs
BUGS = ("AttributeError", "KeyError")  # which learners do not see
SENTENCE = re.compile(r"[A-Za-z]{2,} [a-z]{2,}")
TAG = re.compile(r"<[^>]*>?")


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
    assert FILE.read_bytes() == template(), "stale: run `make messages`"


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


def f_strings(name: str, tree: ast.AST) -> list[ast.JoinedStr]:
    """Those in a module that a learner may read: in data and programs, only those of refusals."""
    raised = [node.exc for node in ast.walk(tree) if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call)]
    if name.startswith(NO_MESSAGES):
        looked_at = {part for call in raised if ast.unparse(call.func) == "Unreadable" for part in ast.walk(call)}
    else:
        looked_at = {*ast.walk(tree)} - {part for call in raised if ast.unparse(call.func) in BUGS for part in ast.walk(call)}
    return [part for part in looked_at if isinstance(part, ast.JoinedStr)]


def test_no_sentence_for_learners_is_an_f_string(modules):
    """It could not be translated."""
    for path, tree in modules.items():
        for found in f_strings(path.relative_to(PACKAGE).as_posix(), tree):
            text = "".join(piece.value for piece in found.values if isinstance(piece, ast.Constant))
            assert not SENTENCE.search(TAG.sub("", text)), f"{path}:{found.lineno}: {text}"


def test_no_message_is_marked_inside_an_f_string(modules):
    """Babel does not look there before Python 3.12."""
    for path, tree in modules.items():
        strings = [node for node in ast.walk(tree) if isinstance(node, ast.JoinedStr)]
        assert not [call.lineno for node in strings for call in calls(node) if literals(call)], path
