"""The report's sections on mistakes: topics for the next
lecture, links, misconceptions, and those that persist.
"""

import html
from collections.abc import Sequence

from autograder.pages.page import course_inline
from autograder.pages.rendering import code

from .drawing import Part, bar
from .lesson import LessonOutline
from .parts import code_name, in_exercises, of_students, out_of, table
from .persisting import Persisting
from .summary import AssignmentSummary, Misconception, Topic

SHOWN_LINKS = 15
SHOWN_MISCONCEPTIONS = 10


def topics(one: AssignmentSummary, lesson: LessonOutline) -> str:
    """The most shared misconceptions, each with the figure that speaks of it."""
    shown: set[str] = set()
    cards = "".join(_topic(topic, one.students, lesson, shown) for topic in one.topics)
    return f"<h3>For the next lecture</h3>{cards or '<p>No misconception has been named.</p>'}"


def _topic(topic: Topic, students: int, lesson: LessonOutline, shown: set[str]) -> str:
    where = f", section “{course_inline(topic.section)}”" if topic.section else ""
    return (
        f'<article class="topic"><h4>{html.escape(topic.words)}</h4>'
        f"<p>{out_of(topic.students, students)}; most often in {code_name(topic.exercise)}{where}.</p>"
        f"{_figure(topic, lesson, shown)}</article>"
    )


def _figure(topic: Topic, lesson: LessonOutline, shown: set[str]) -> str:
    figure = topic.figure
    if figure is None or not (link := lesson.link(figure)):
        return ""
    name = html.escape(figure.name)
    if figure.name in shown:
        return f'<p class="soft">Figure {name}, as above.</p>'
    shown.add(figure.name)
    return f'<figure><img src="{link}" alt="{html.escape(figure.alt)}"><figcaption>The lesson’s figure {name}</figcaption></figure>'


# --- links


def links(one: AssignmentSummary) -> str:
    """The links that are the first wrong one, the most frequent first."""
    found = sorted(
        ((item.name, link) for item in one.items for link in item.links if link.first_wrong),
        key=lambda pair: (-pair[1].first_wrong, pair[0], pair[1].name),
    )
    if not found:
        return ""
    rows = [
        [
            f"{code_name(link.name)} in {code_name(exercise)}{bar([Part('wrong', link.first_wrong)], one.students)}",
            str(link.first_wrong),
            str(link.wrong),
            str(link.follows),
        ]
        for exercise, link in found
    ]
    heads = ["link", "first wrong", "wrong, not first", "follows"]
    rest = rows[SHOWN_LINKS:]
    more = f"<details><summary>{len(rest)} more links</summary>{table('More links', heads, rest)}</details>" if rest else ""
    explained = (
        "“Follows” counts students whose link is right given their own earlier mistake, or is a consequence of it: "
        "only their first wrong link needs explaining."
    )
    return f"<h3>Which links fail first</h3><p>{explained}</p>{table('Links, in students', heads, rows[:SHOWN_LINKS])}{more}"


# --- misconceptions


def misconceptions(one: AssignmentSummary) -> str:
    """Every misconception that was named, in words, with lines of code."""
    if not one.misconceptions:
        return ""
    entries = [_misconception(found, one.students) for found in one.misconceptions]
    rest = entries[SHOWN_MISCONCEPTIONS:]
    more = f"<details><summary>{len(rest)} more misconceptions</summary>{''.join(rest)}</details>" if rest else ""
    return f"<h3>Misconceptions</h3>{''.join(entries[:SHOWN_MISCONCEPTIONS])}{more}"


def _misconception(found: Misconception, students: int) -> str:
    lines = "".join(
        f"<dt>{code_name(line.link)} in {code_name(line.exercise)}, {of_students(line.students)}:</dt><dd>{code(line.line)}</dd>"
        for line in found.lines
    )
    return (
        f'<article class="misconception"><h4>{html.escape(found.words) or code_name(found.id)}</h4>'
        f"<p>{code_name(found.id)}: {out_of(found.students, students)}, in {in_exercises(found.exercises)}</p>"
        f"{bar([Part('wrong', found.students)], students)}{f'<dl>{lines}</dl>' if lines else ''}</article>"
    )


def without_name(one: AssignmentSummary) -> str:
    """What is true of the wrong answers that no misconception explains."""
    if not one.facts:
        return ""
    rows = [[html.escape(fact.words), str(fact.students), in_exercises(fact.exercises)] for fact in one.facts]
    heads = ["the first wrong link is", "students", "exercises"]
    return f"<h3>Wrong answers without a name</h3>{table('Wrong answers without a name', heads, rows, words=(2,))}"


# --- over several assignments


def over_assignments(found: Sequence[Persisting], assignments: Sequence[AssignmentSummary]) -> str:
    """Which misconceptions persist."""
    if not found:
        text = "<p>No misconception was named in more than one assignment.</p>"
    else:
        names = [one.assignment for one in assignments]
        heads = ["misconception", *names, "in two or more"]
        rows = [
            [
                f"{code_name(one.id)}: {html.escape(one.words)}",
                *(str(one.assignments.get(name, 0)) for name in names),
                str(one.again),
            ]
            for one in found
        ]
        text = (
            "<p>How many students show a misconception in each assignment, and how many of them in two or more.</p>"
            f'<div class="scroll">{table("Misconceptions over the assignments, in students", heads, rows)}</div>'
        )
    return f'<section aria-labelledby="persisting"><h2 id="persisting">Over the course: which misconceptions persist</h2>{text}</section>'
