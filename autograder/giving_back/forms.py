"""The gradebook files of platforms: which column
takes the mark, the most points, and the decimal sign.
"""

import csv
import io
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from backprop.files import write_whole

from autograder.collecting.roster import Roster, Table, columns_of, person_in, plain
from autograder.spreadsheets import cell

from .marks import Mark, Marks

POINTS_POSSIBLE = "points possible"


class FormProblem(Exception):
    """The platform's form cannot be filled in; the message says why and what to do."""


@dataclass(frozen=True)
class Form:
    """A platform's gradebook as it exports and imports it.

    column   the heads of columns that take marks; group `title` is the assignment's name there,
             `most` its points
    export   where an instructor gets the form
    upload   where it goes back
    beside   the head of the column that has each row's most points, if there is one; {} stands for
             the title
    """

    key: str
    title: str
    column: re.Pattern[str]
    export: str
    upload: str
    beside: str = ""


PERSONAL = r"(?!(?:First Name|Last Name|SID|Email|Sections|Total Lateness|section_name)\b)"
FORMS = {
    form.key: form
    for form in [
        Form(
            "canvas",
            "Canvas",
            re.compile(r"(?P<title>.+) \(\d+\)"),
            "Grades > Export > Export Entire Gradebook",
            "Grades > Import",
        ),
        Form(
            "moodle",
            "Moodle",
            re.compile(r"(?P<title>Grade|Bewertung)"),
            "the assignment > Submissions > Actions > Download grading worksheet (switch on Offline grading worksheet in its settings)",
            "the assignment > Submissions > Actions > Upload grading worksheet",
            beside="Maximum Grade",
        ),
        Form(
            "blackboard",
            "Blackboard",
            re.compile(r"(?P<title>.+?) \[Total Pts: (?:up to )?(?P<most>[\d.,]+)[^\]]*\] \|\d+"),
            "Grade Center > Work Offline > Download, tab-delimited",
            "Grade Center > Work Offline > Upload",
        ),
        Form(
            "brightspace",
            "Brightspace",
            re.compile(r"(?P<title>.+?) Points Grade(?: <[^>]*?MaxPoints:(?P<most>[\d.,]+)[^>]*>)?"),
            "Grades > Enter Grades > Export, both key fields, points grade, CSV",
            "Grades > Enter Grades > Import",
        ),
        Form(
            "gradescope",
            "Gradescope",
            re.compile(rf"{PERSONAL}(?P<title>.+?)(?<! - Max Points)(?<! - Submission Time)(?<! - Lateness \(H:M:S\))"),
            "the course > Assignments > Download Grades, CSV",
            "your own use: Gradescope imports no marks, so this is for whatever reads its exports",
            beside="{} - Max Points",
        ),
    ]
}


@dataclass
class Filled:
    """A form with the marks in it."""

    text: str
    encoding: str
    column: str
    filled: list[str]
    without_row: list[str]  # students who have a mark and are not in the form
    several: list[str]  # rows that could be several students
    waiting: list[str]  # whose mark is not final


def fill(form: Form, table: Table, marks: Marks, *, column: str = "", scale: bool = False, decimal: str = "") -> Filled:
    """Fill the assignment's column and leave the rest as the platform wrote it.

    FormProblem if that is impossible.
    """
    head, *rows = table.rows
    place = _place(form, head, marks.assignment, column)
    most = _most(form, head, rows, place)
    if most is not None and abs(most - marks.most) > 1e-9 and not scale:
        raise FormProblem(
            f"{head[place]!r} is out of {most:g} in {form.title}, and {marks.assignment} is out of {marks.most:g}. "
            f"Change the points there to {marks.most:g} and export the form again, or add --scale to convert the marks."
        )
    factor = most / marks.most if most and scale else 1.0
    sign = decimal or _decimal(table, place)
    people, columns = Roster(marks.participants()), columns_of(head)
    result = Filled("", table.encoding, head[place], [], [], [], [])
    filled_rows = []
    for row in rows:
        row = row + [""] * (len(head) - len(row))
        found = [] if _is_nobody(row) else people.find(person_in(row, columns))
        if len(found) > 1:
            result.several.append(f"{person_in(row, columns)}: {', '.join(one.student_id for one in found)}")
        elif found:
            mark = marks.students[found[0].student_id]
            if mark.waits:
                result.waiting.append(mark.student)
            else:
                row[place] = number(mark.score * factor, sign)
                result.filled.append(mark.student)
        filled_rows.append(row)
    twice = {student for student in result.filled if result.filled.count(student) > 1}
    if twice:
        raise FormProblem(f"Several rows of the form are the same student: {', '.join(sorted(twice))}. Nothing was written.")
    result.without_row = sorted(set(marks.students) - set(result.filled) - set(result.waiting))
    result.text = written([head, *filled_rows], table.delimiter, quote_all=table.quoted, end=table.end)
    return result


def own_table(marks: Marks, decimal: str = ".") -> str:
    """A CSV of our own: a row a student and a column an exercise."""
    head = ["student_id", "name", "email", "score", "max_score", "late_penalty", "complete", *marks.exercises]
    rows = [
        [cell(mark.student), cell(mark.person.name), cell(mark.person.email), *_numbers(mark, marks, decimal)]
        for mark in marks.students.values()
    ]
    return written([head, *rows], ";" if decimal == "," else ",")


def _numbers(mark: Mark, marks: Marks, decimal: str) -> list[str]:
    points = [number(value, decimal) if value is not None else "" for value in mark.exercises.values()]
    return [*(number(value, decimal) for value in (mark.score, marks.most, mark.late_penalty)), "no" if mark.waits else "yes", *points]


def number(value: float, decimal: str = ".") -> str:
    """A mark with up to two decimals, without trailing zeros."""
    return f"{round(value + 0.0, 2):.2f}".rstrip("0").rstrip(".").replace(".", decimal)


def written(rows: Sequence[Sequence[str]], delimiter: str, *, quote_all: bool = False, end: str = "\r\n") -> str:
    """Rows as the text of a CSV file."""
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL if quote_all else csv.QUOTE_MINIMAL)
    writer.writerows(rows)
    return file.getvalue()


def write(path: Path, text: str, encoding: str = "utf-8-sig") -> None:
    """Put a table in place whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, text.encode(encoding), mode=None, durable=False)


# --- which column


def _place(form: Form, head: Sequence[str], assignment: str, column: str) -> int:
    """The column of the assignment."""
    found = {place: match for place, name in enumerate(head) if (match := form.column.fullmatch(name.strip()))}
    if not found:
        raise FormProblem(
            f"The form has no column that takes marks as {form.title} writes it; it has {', '.join(map(repr, head[:12]))}. "
            f"Export it again: {form.export}."
        )
    wanted = _same(lambda place: column in (head[place], found[place]["title"]), found) if column else []
    if column and not wanted:
        raise FormProblem(f"The form has no column {column!r}. It has {', '.join(repr(head[place]) for place in found)}.")
    places = (
        wanted
        or _same(lambda place: _letters(found[place]["title"]) == _letters(assignment), found)
        or _same(lambda place: _letters(re.sub(r"^\d+_", "", assignment)) in _letters(found[place]["title"]), found)
        or list(found)
    )
    if len(places) > 1:
        shown = ", ".join(repr(head[place]) for place in places[:20])
        raise FormProblem(f"Several columns may be that of {assignment}: {shown}. Say which with --column.")
    return places[0]


def _same(fits: Callable[[int], bool], found: dict[int, re.Match[str]]) -> list[int]:
    return [place for place in found if fits(place)]


def _letters(text: str) -> str:
    return "".join(sign for sign in plain(text) if sign.isalnum())


# --- how many points, and which decimal sign


def _most(form: Form, head: Sequence[str], rows: Sequence[Sequence[str]], place: int) -> float | None:
    """The most points that the platform has for the column; None if the form does not say."""
    match = form.column.fullmatch(head[place].strip())
    said = [match.groupdict().get("most")] if match else []
    beside = form.beside.format(match["title"] if match else "")
    if beside in head:
        said += [row[head.index(beside)] for row in rows if len(row) > head.index(beside)]
    said += [row[place] for row in rows if len(row) > place and _is_nobody(row) and POINTS_POSSIBLE in row[0].lower()]
    return next((value for text in said if text and (value := _value(text)) is not None), None)


def _is_nobody(row: Sequence[str]) -> bool:
    """Whether a row stands for no student: Canvas has a row of most points and a test student."""
    return row[0].strip().lower() in (POINTS_POSSIBLE, "student, test", "test student") or not "".join(row[:4]).strip()


def _value(text: str) -> float | None:
    try:
        return float(text.strip().replace(",", "."))
    except ValueError:
        return None


def _decimal(table: Table, place: int) -> str:
    """The decimal sign that the form's own numbers have."""
    cells = [text.strip() for row in table.rows[1:] for text in row]
    comma = sum(re.fullmatch(r"\d+,\d+", text) is not None for text in cells)
    point = sum(re.fullmatch(r"\d+\.\d+", text) is not None for text in cells)
    return "," if comma > point or (comma == point and table.delimiter == ";") else "."
