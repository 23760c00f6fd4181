"""Text of a submission comes out as one printable line that no spreadsheet computes."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.plain_text import is_name, one_line
from autograder.spreadsheets import cell

HOSTILE = [
    "\x1b[31mred",
    "a\r\nb",
    "\ud800",
    "\u202eevil",
    "\u2066x",
    "\x00",
    "\x85",
    "\u2028",
    "tab\there",
    "\x07",
    "x" * 5000,
    "\ufeff",
    "\u200b",
]
ANYTHING = st.text(st.characters(exclude_categories=()))


@given(ANYTHING | st.sampled_from(HOSTILE))
def test_any_text_becomes_a_line_that_can_be_written(text):
    line = one_line(text, 80)
    assert line.isprintable()
    assert len(line) <= 80
    line.encode()
    assert one_line(line, 80) == line


@pytest.mark.parametrize("text", ["Müller", "Łódź 東京 🎓", "a b", "'quoted' <b>", "%\\$"])
def test_honest_text_stays_as_it_is(text):
    assert one_line(text) == text
    assert is_name(text)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(1)", " =1", "\t=1", "\uff1d1", "|cmd", "%0A"])
def test_formulas_are_quoted(text):
    file = io.StringIO()
    csv.writer(file).writerow([cell(one_line(text))])
    assert next(csv.reader([file.getvalue()]))[0].startswith("'")


@pytest.mark.parametrize("text", [*HOSTILE[:3], "\x00", "\x85", "a\u2028b", "", " ", "\t", "Jos\udce9"], ids=ascii)
def test_what_is_no_name(text):
    assert not is_name(text)
