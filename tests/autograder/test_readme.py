"""The generated parts of README.md are those that its sources give now."""

import re

import pytest

from autograder.building import lesson_paths
from autograder.readme import FILE, lesson_table, tree, with_generated_parts


def test_the_committed_file_is_what_the_sources_give():
    readme = FILE.read_text(encoding="utf-8")
    assert with_generated_parts(readme) == readme, "run `make notebooks` and commit README.md"


def test_every_lesson_has_a_row():
    rows = lesson_table().splitlines()[2:]
    assert [re.search(r"notebooks/(\w+)\.ipynb", row)[1] for row in rows] == [path.stem for path in lesson_paths()]
    assert all(re.fullmatch(r"\| \[.+\]\(.+\) \| .+ \| \d+ \| [\w ]+ \|", row) for row in rows)


def test_every_package_is_in_the_tree_with_words():
    for line in tree().splitlines():
        assert re.fullmatch(r" *[\w.]+/?  +\S.*", line), line
    assert "    checking/" in tree()
    assert "  sandbox/" in tree()


def test_a_part_that_is_out_of_date_is_made_anew_and_the_rest_stays():
    readme = FILE.read_text(encoding="utf-8")
    row = lesson_table().splitlines()[2]
    assert with_generated_parts(readme.replace(row, "| old |")) == readme


def test_a_missing_mark_is_said():
    with pytest.raises(ValueError, match="<!-- generated: badges -->"):
        with_generated_parts("# No marks\n")
