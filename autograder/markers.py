"""nbgrader's markers in a source notebook: around solutions, hidden tests and mark schemes."""

import re

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
OF_A_SOLUTION = re.compile(rf"^ *(?:{BEGIN}|{END}) *$\n?", re.MULTILINE)
MARK_SCHEME = re.compile(r"^.*BEGIN MARK SCHEME.*?^.*END MARK SCHEME.*$\n?", re.DOTALL | re.MULTILINE)
HIDDEN_TESTS = re.compile(r"^ *### BEGIN HIDDEN TESTS.*?^ *### END HIDDEN TESTS *$\n?", re.DOTALL | re.MULTILINE)


def solved(source: str) -> str:
    """An answer with its solution, and without the markers around it."""
    return OF_A_SOLUTION.sub("", source)


def without_hidden_tests(source: str) -> str:
    """A test as students see it."""
    return HIDDEN_TESTS.sub("", source)


def without_mark_scheme(source: str) -> str:
    """A task as students see it."""
    return MARK_SCHEME.sub("", source)


def stubbed(source: str, stub: str) -> str:
    """An answer with `stub` in the place of its solution, and the markers around that.

    All of it is replaced where there are no markers, as nbgrader does.
    """
    lines, inside = [], False
    for line in source.splitlines():
        if line.strip() == BEGIN:
            lines += [line, line[: len(line) - len(line.lstrip())] + stub]
            inside = True
        elif line.strip() == END:
            inside = False
        if not inside:
            lines.append(line)
    return "\n".join(lines) if any(line.strip() == BEGIN for line in lines) else stub
