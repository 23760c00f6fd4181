"""Pieces that all sections of the report are made of."""

import html
from collections.abc import Collection, Sequence

MOST_EXERCISES = 4  # that are named in a list


def table(caption: str, heads: Sequence[str], rows: Sequence[Sequence[str]], *, words: Collection[int] = ()) -> str:
    """A table of HTML cells with headers.

    Columns in `words` hold text; the others, but for the first, hold numbers.
    """

    def kind(place: int) -> str:
        return ' class="text"' if place in words else ""

    head = "".join(f'<th scope="col"{kind(place)}>{html.escape(name)}</th>' for place, name in enumerate(heads))
    body = "".join(
        f'<tr><th scope="row">{row[0]}</th>{"".join(f"<td{kind(place)}>{cell}</td>" for place, cell in enumerate(row[1:], start=1))}</tr>'
        for row in rows
    )
    return (
        f'<table class="numbers"><caption class="visually-hidden">{html.escape(caption)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    )


def code_name(name: str) -> str:
    """A name of the course's code."""
    return f"<code>{html.escape(name)}</code>"


def of_students(count: int) -> str:
    """So many students."""
    return f"{count} student{'s' * (count != 1)}"


def out_of(count: int, students: int) -> str:
    """So many of all students, with their share."""
    return f"{count} of {of_students(students)} ({count / students:.0%})"


def in_exercises(exercises: dict[str, int]) -> str:
    """Exercises, each with how many students; of many, those with most."""
    shown = [f"{code_name(name)} ({count})" for name, count in exercises.items()]
    more = len(shown) - MOST_EXERCISES
    return ", ".join(shown[:MOST_EXERCISES]) + (f" and {more} more exercise{'s' * (more != 1)}" if more > 0 else "")
