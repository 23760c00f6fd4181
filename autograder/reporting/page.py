"""The report as one HTML file that loads nothing from anywhere."""

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files

from autograder.pages.page import course_inline, number, style

from . import page_of_mistakes, page_of_students
from .drawing import PATTERNS, Dot, Part, bar, columns, scatter, swatch
from .lesson import LessonOutline
from .parts import code_name, of_students, table
from .persisting import Persisting
from .summary import FEWEST, AssignmentSummary, ItemSummary

KINDS = {"right": "right", "partly": "partly right", "wrong": "not right yet", "untouched": "not started"}
HARD, EASY = 0.3, 0.9  # of the difficulty index p
WELL, LITTLE = 0.3, 0.2  # of the point-biserial correlation


@dataclass(frozen=True)
class ClassReport:
    """The report of a course."""

    course: str
    made: str  # UTC, ISO 8601
    names: bool
    assignments: list[AssignmentSummary]
    persisting: list[Persisting]


def page(report: ClassReport, lessons: Mapping[str, LessonOutline]) -> str:
    """The page. `lessons` are the course's own assignments, by name, for the figures."""
    title = f"What did they not understand? {report.course}"
    several = len(report.assignments) > 1
    body = [
        f"<header><h1>What did they not understand?</h1><p class='soft'>Course {html.escape(report.course)}, as of "
        f"{html.escape(report.made.replace('T', ' ').replace('+00:00', ''))} UTC. {_about_names(report.names)}</p></header>",
        _contents(report) if several else "",
        *(_assignment(one, lessons[one.assignment]) for one in report.assignments),
        page_of_mistakes.over_assignments(report.persisting, report.assignments) if several else "",
    ]
    css = style() + files(__package__).joinpath("report.css").read_text(encoding="utf-8")
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{html.escape(title)}</title>\n<style>\n{css}</style>\n</head>\n<body>\n{PATTERNS}\n"
        f'<main class="page">\n{"".join(body)}\n</main>\n</body>\n</html>\n'
    )


def _about_names(names: bool) -> str:
    return (
        "This page names students: keep it to yourself."
        if names
        else "Students are not named; lines of code are without comments and texts."
    )


def _contents(report: ClassReport) -> str:
    links = [f'<li><a href="#{html.escape(one.assignment)}">{html.escape(one.title)}</a></li>' for one in report.assignments]
    return f'<nav aria-label="Assignments"><ul>{"".join(links)}<li><a href="#persisting">Over the course</a></li></ul></nav>'


def _assignment(one: AssignmentSummary, lesson: LessonOutline) -> str:
    parts = [
        page_of_mistakes.topics(one, lesson),
        _exercises(one),
        _points(one),
        page_of_mistakes.links(one),
        page_of_mistakes.misconceptions(one),
        page_of_mistakes.without_name(one),
        page_of_students.needs(one),
        _statistics(one),
    ]
    return (
        f'<section aria-labelledby="{html.escape(one.assignment)}"><h2 id="{html.escape(one.assignment)}">{course_inline(one.title)}</h2>'
        f"{_lead(one)}{''.join(parts) if one.students else ''}</section>"
    )


def _lead(one: AssignmentSummary) -> str:
    sentences = [f"{of_students(one.students)} were graded."] if one.students != 1 else ["One student was graded."]
    if one.median is not None and one.mean is not None:
        sentences.append(f"The median is {number(one.median)} of {number(one.most)} points, the mean {number(one.mean)}.")
    if one.not_started:
        sentences.append(f"{of_students(one.not_started)} handed in a notebook without any answer.")
    if one.unreadable:
        sentences.append(f"{of_students(one.unreadable)} handed in nothing that could be marked, and are not counted here.")
    if one.by_hand:
        names = " and ".join(map(code_name, one.by_hand))
        sentences.append(f"{names} {'is' if len(one.by_hand) == 1 else 'are'} marked by hand, and not counted here.")
        if one.waiting is None:
            sentences.append("The gradebook does not say how many wait for these marks.")
    if one.waiting:
        sentences.append(f"Waiting for marks by hand: {of_students(one.waiting)}.")
    return f"<p>{' '.join(sentences)}</p>"


# --- exercises


def _exercises(one: AssignmentSummary) -> str:
    key = "".join(f"<li>{swatch(kind)} <span>{words}</span></li>" for kind, words in KINDS.items())
    rows = []
    for item in one.items:
        parts = [Part(kind, getattr(item, kind)) for kind in KINDS]
        rows.append([f"{code_name(item.name)}{bar(parts, sum(part.number for part in parts))}", *(str(part.number) for part in parts)])
    hidden = [f"{code_name(item.name)} ({item.hidden})" for item in one.items if item.hidden]
    note = (
        f"<p>Right on the inputs in the notebook, but not on the grader's other inputs (students): {', '.join(hidden)}.</p>"
        if hidden
        else ""
    )
    heads = ["exercise", *KINDS.values()]
    return f'<h3>How far each exercise is</h3><ul class="key">{key}</ul>{table("Students by exercise", heads, rows)}{note}'


# --- points


def _points(one: AssignmentSummary) -> str:
    bins = len(one.histogram)
    limits = [number(one.most * place / bins) for place in range(bins + 1)]
    ranges = [f"{low} to {'' if place == bins - 1 else 'below '}{high}" for place, (low, high) in enumerate(zip(limits, limits[1:]))]
    description = "; ".join(f"{words} points: {count}" for words, count in zip(ranges, one.histogram) if count)
    drawing = columns(one.histogram, limits, "How many students have how many points", description, f"points of {number(one.most)}")
    rows = [[words, str(count)] for words, count in zip(ranges, one.histogram)]
    return (
        "<h3>Distribution of points</h3><p class='soft'>The points that the checks gave, before late penalties and changes by hand.</p>"
        f"{drawing}<details><summary>The numbers</summary>{table('Students by points', ['points', 'students'], rows)}</details>"
    )


# --- item statistics


def _statistics(one: AssignmentSummary) -> str:
    rows = [
        [f"{place}. {code_name(item.name)}", _decimal(item.difficulty), _decimal(item.discrimination), _judged(item)]
        for place, item in enumerate(one.items, start=1)
    ]
    dots = [
        Dot(str(place), item.difficulty, item.discrimination)
        for place, item in enumerate(one.items, start=1)
        if item.difficulty is not None and item.discrimination is not None
    ]
    drawing = ""
    if dots:
        description = "; ".join(f"{item.name}: p {_decimal(item.difficulty)}, r {_decimal(item.discrimination)}" for item in one.items)
        drawing = scatter(dots, "Difficulty and discrimination of each exercise", description, "difficulty index p", "discrimination r")
    few = f" With fewer than {FEWEST} students r says nothing and is left out." if one.students < FEWEST else ""
    return (
        "<h3>Item statistics</h3><p>The <b>difficulty index</b> p is the mean share of an exercise's points: near 1 it is easy, "
        "near 0 hard. The <b>discrimination</b> r is the point-biserial correlation of having the exercise right with the points "
        "of the other exercises: near 0 or negative, the exercise does not tell strong students "
        f"from weak ones.{few}</p>{table('Item statistics', ['exercise', 'p', 'r', 'remark'], rows, words=(3,))}{drawing}"
    )


def _decimal(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}".replace("-", "−")


def _judged(item: ItemSummary) -> str:
    remarks: Sequence[str] = []
    p, r = item.difficulty, item.discrimination
    if p is not None:
        remarks = ["hard"] if p < HARD else ["easy"] if p > EASY else []
    if r is not None:
        remarks = [*remarks, "negative: look at the exercise" if r < 0 else "discriminates well" if r >= WELL else ""]
        remarks = [*remarks, "discriminates little"] if 0 <= r < LITTLE else remarks
    return ", ".join(filter(None, remarks))
