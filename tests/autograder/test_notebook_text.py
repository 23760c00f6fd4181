"""A notebook's text is nbformat's, whoever wrote a cell like it before."""

import copy

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.building import lesson_paths, release_notebook, source_notebook
from autograder.notebook_text import SHARED, notebook_text

TEXTS = st.text() | st.sampled_from(["\u2028", "a\r\nb\x0cc\x85d\n", '\n ],\n "metadata"', '"cells": []', "é", "\x00"])
PLAIN = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS
JSON = st.recursive(PLAIN, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3), max_leaves=5)
DATA = st.dictionaries(st.sampled_from(["text/plain", "text/html", "image/svg+xml", "image/png"]), TEXTS) | st.fixed_dictionaries(
    {"application/vnd.a+json": JSON}
)
METADATA = st.dictionaries(TEXTS, JSON, max_size=2).map(lambda about: about | {"trusted": True})
OUTPUTS = st.lists(
    st.builds(lambda text: nbformat.v4.new_output("stream", text=text), TEXTS)
    | st.builds(lambda data, metadata: nbformat.v4.new_output("display_data", data, metadata=metadata), DATA, METADATA)
    | st.builds(lambda data: nbformat.v4.new_output("execute_result", data, execution_count=1), DATA)
    | st.builds(lambda words: nbformat.v4.new_output("error", ename="E", evalue=words, traceback=[words]), TEXTS),
    max_size=3,
)
CELLS = (
    st.builds(lambda source, made, about: nbformat.v4.new_code_cell(source, outputs=made, metadata=about), TEXTS, OUTPUTS, METADATA)
    | st.builds(lambda source, file: nbformat.v4.new_markdown_cell(source, attachments={"a.png": file}), TEXTS, DATA)
    | st.builds(lambda source, metadata: nbformat.v4.new_raw_cell(source, metadata=metadata), TEXTS, METADATA)
)
NOTEBOOKS = st.builds(lambda cells, about: nbformat.v4.new_notebook(cells=cells, metadata=about), st.lists(CELLS, max_size=4), METADATA)


@given(NOTEBOOKS)
def test_it_is_nbformats(notebook):
    before = copy.deepcopy(notebook)
    text = nbformat.v4.writes(notebook)
    assert notebook_text(notebook) == text
    assert notebook_text(notebook) == text
    assert repr(notebook) == repr(before)


@pytest.mark.parametrize("lesson", lesson_paths(), ids=lambda path: path.stem)
def test_of_every_lesson_it_is_nbformats(lesson):
    source = source_notebook(lesson)
    for notebook in (source, release_notebook(source)):
        assert notebook_text(notebook) == nbformat.writes(notebook, version=4)


def test_a_cell_too_long_to_keep_is_written_too():
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("a\n" * SHARED)])
    assert notebook_text(notebook) == nbformat.writes(notebook, version=4)
