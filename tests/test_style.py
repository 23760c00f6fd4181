"""How the code is written: strings that span several lines are broken between phrases."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("autograder", "notebooks/backprop", "tests")
LEARNERS = re.compile(r"tests/corpus/lesson_\d\d\.py")  # programs as learners write them

# Words that begin a phrase: a string may be broken before them, or after a punctuation mark.
STARTS = """
    about after along also and are as at because before between but by can could did do does for from had has have how if in instead
    into is it like may must nor not of on only or over per should since so than that the then they though through to under unless until
    was we were what when where whether which while who whose why will with without would you
"""
BROKEN = re.compile(r"""\w (["'])\n\s*(?:[rf]|rf|fr)?\1(\w+)""")


def broken_strings(text):
    """The line number of each break in the middle of a phrase, and the word after it."""
    starts = set(STARTS.split())
    for match in BROKEN.finditer(text):
        if match[2].lower() not in starts:
            yield text.count("\n", 0, match.start()) + 1, match[2]


@pytest.mark.parametrize("folder", FOLDERS)
def test_no_string_is_broken_in_the_middle_of_a_phrase(folder):
    found = []
    for path in sorted((ROOT / folder).rglob("*.py")):
        name = path.relative_to(ROOT).as_posix()
        if not LEARNERS.fullmatch(name):
            found += [f"{name}:{line} before {word!r}" for line, word in broken_strings(path.read_text(encoding="utf-8"))]
    assert not found


def test_a_string_broken_in_the_middle_of_a_phrase_is_found():
    assert list(broken_strings('words = (\n    "the first "\n    "layer"\n)\n')) == [(2, "layer")]
    assert not list(broken_strings('words = (\n    "the layer, "\n    "first "\n    "of all"\n)\n'))


def test_comments_in_other_files_are_at_most_100_columns_wide():
    """Ruff's W505 looks at Python only."""
    paths = [ROOT / "Makefile", ROOT / "pyproject.toml", *(ROOT / "notebooks" / "backprop").rglob("*.css")]
    paths += [*(ROOT / "autograder").rglob("*.css"), *(ROOT / "notebooks" / "backprop").rglob("*.js")]
    comment = re.compile(r"\s*(?:#|//|/\*) ")
    wide = [
        f"{path.relative_to(ROOT).as_posix()}:{number}"
        for path in paths
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if comment.match(line) and len(line) > 100
    ]
    assert not wide


def private_names(source):
    """The private names of the packages that a test uses, with their line numbers."""
    tree, modules = ast.parse(source), {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            ours = (node.module or "").split(".")[0] in ("autograder", "backprop")
            modules |= {alias.asname or alias.name: ours for alias in node.names}
            yield from ((node.lineno, alias.name) for alias in node.names if ours and re.match(r"_[^_]", alias.name))
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and modules.get(node.value.id)
            and re.match(r"_[^_]", node.attr)
        ):
            yield node.lineno, node.attr


def test_no_test_uses_a_private_name_of_the_packages():
    paths = [path for path in sorted((ROOT / "tests").rglob("*.py")) if not LEARNERS.fullmatch(path.relative_to(ROOT).as_posix())]
    assert not [
        f"{path.relative_to(ROOT).as_posix()}:{line} {name}"
        for path in paths
        for line, name in private_names(path.read_text(encoding="utf-8"))
    ]


def test_a_private_name_is_found():
    source = "from autograder.grading import run\nfrom backprop.race import _drawn\nrun._write\nself._write\n"
    assert list(private_names(source)) == [(2, "_drawn"), (3, "_write")]
