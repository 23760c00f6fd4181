"""Findings as lines of a file, and the line of code that is shown for a wrong link."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.findings.data import ExerciseFinding, Standing, SubmissionFindings, read_lines
from autograder.findings.wrong_line import LONGEST, wrong_line

TEXT = st.text(st.characters(codec="utf-8"), max_size=5)
EXERCISE = st.builds(
    ExerciseFinding,
    TEXT,
    st.sampled_from(Standing),
    st.floats(0, 10),
    st.floats(0, 10),
    st.dictionaries(TEXT, TEXT, max_size=2),
    TEXT,
    TEXT,
    TEXT,
    st.tuples(TEXT),
    st.booleans(),
    TEXT,
)
ORDER = ("dL_dz", "dL_dw", "dL_db")


@given(st.builds(SubmissionFindings, TEXT, TEXT, st.tuples(EXERCISE), st.booleans()))
def test_a_line_holds_the_findings(findings):
    line = findings.line()
    assert line.count(b"\n") == 1
    assert SubmissionFindings.from_line(line) == findings


def test_the_last_line_of_a_student_counts_and_damaged_ones_are_returned():
    first, last = SubmissionFindings("ada", "1"), SubmissionFindings("ada", "2")
    torn = first.line()[:20]
    other_version = json.dumps({**json.loads(first.line()), "version": 0}).encode()
    found, damaged = read_lines([first.line(), torn, last.line(), b"", b"[]", other_version])
    assert found == {"ada": last}
    assert damaged == [torn, b"[]", other_version]


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("def f(w):\n    dL_dw = 1\n    dL_dw = 2 * w  # by Ada\n    return 0, dL_dw, 0", "dL_dw = 2 * w"),
        ("def f(w):\n    back = 2 * w\n    return 0, back, 0", "back = 2 * w"),
        ("def f(w):\n    return 1, w + 1, 2", "return w + 1"),
        ("def f(w):\n    return {'dL_dz': 1, 'dL_dw': w + 1}", "return w + 1"),
        ("def f(w):\n    out = {}\n    out['dL_dw'] = w\n    return out", "out['…'] = w"),
        ("def f(w):\n    dL_dz, dL_dw = g(w, 'Ada', f'{w} of Ada')\n    return dL_dz, dL_dw, 0", "dL_dz, dL_dw = g(w, '…', '…')"),
        ("def f(w):\n    return everything(w)", "return everything(w)"),
        ("def f(w:\n    no Python", ""),
        ("x = 1", ""),
        ("", ""),
    ],
)
def test_the_line_of_a_link(source, line):
    assert wrong_line([source], "dL_dw", ORDER) == line


def test_long_lines_are_cut_and_deep_ones_left_out():
    assert len(wrong_line([f"dL_dw = sum([{', '.join(['x'] * 500)}])"], "dL_dw", ORDER)) == LONGEST
    assert wrong_line([f"dL_dw = {'-' * 3000}x"], "dL_dw", ORDER) == ""
    assert wrong_line(["dL_dw = 1\n" + "# " * 50_000], "dL_dw", ORDER) == ""
