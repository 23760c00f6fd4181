"""One notebook's feedback page as one HTML file.

It loads nothing, and runs nothing of a student's.
"""

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from nbformat.notebooknode import NotebookNode
from nbgrader import utils

from autograder.clean import clean_markdown
from autograder.feedback import WORDS_ONLY, clean_courses_cell, clean_metadata, clean_students_cell, drawing_link, is_students

from .exercises import Grade, GradedExercise, MarkedStanding, exercises_of, title_of, untouched_answers
from .rendering import code, course_markdown, output, students_markdown, style_of_code

SIGNS = {
    MarkedStanding.RIGHT: "✓",
    MarkedStanding.PARTLY: "◐",
    MarkedStanding.WRONG: "✗",
    MarkedStanding.UNTOUCHED: "○",
    MarkedStanding.WAITING: "…",
    MarkedStanding.MARKED_BEFORE: "…",
    MarkedStanding.MARKED: "✎",
}
PICTURE = re.compile(r'src="((?:\.\./)?img/[\w.-]+\.svg)"')
COURSE_MAP = re.compile(r"^course_map\(", re.MULTILINE)
WIDGET = "application/vnd.jupyter.widget-view+json"
OPEN_WHAT_IS_LINKED = """\
addEventListener('hashchange', open_target); open_target();
function open_target() {
  const target = location.hash && document.getElementById(location.hash.slice(1));
  const folded = target && target.closest('details:not([open])');
  if (folded) { folded.open = true; target.scrollIntoView(); }
}"""


@dataclass(frozen=True)
class Facts:
    """What the gradebook has of one student's notebook."""

    student: str
    grades: dict[str, Grade]  # by grade_id
    comments: dict[str, str] = field(default_factory=dict)
    late_penalty: float = 0.0

    @property
    def score(self) -> float:
        """The points after the late penalty, never below 0."""
        return max(0.0, sum(grade.score or 0.0 for grade in self.grades.values()) - self.late_penalty)

    @property
    def most(self) -> float:
        """The most points."""
        return sum(grade.most for grade in self.grades.values())


def page(
    notebook: NotebookNode, name: str, facts: Facts, folder: Path, *, handed_out: frozenset[str] = frozenset(), fingerprint: str = ""
) -> str:
    """The page of a graded notebook of that name.

    folder      where the notebook and its figures are
    handed_out  the texts of the course's own cells; a cell with one of these texts is not the
                student's
    """
    untouched, title = untouched_answers(notebook), title_of(notebook, name)
    notebook = _cleaned(notebook, folder, handed_out)
    exercises = exercises_of(notebook, facts.grades, facts.comments, untouched, handed_out)
    notice = next((cell for cell in notebook.cells if cell.get("id") == WORDS_ONLY and not is_students(cell)), None)
    body = [
        _head(title, facts),
        f'<div class="notice">{course_markdown(notice.source)}</div>' if notice else _summary(exercises),
        "" if notice else _to_look_at(exercises),
        "" if notice else _right(exercises),
        _whole(notebook, folder, handed_out),
    ]
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<meta name="fingerprint" content="{fingerprint}">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{_title(title)}</title>\n<style>\n{style()}</style>\n"
        f'</head>\n<body>\n<div class="page">\n{"".join(body)}\n</div>\n<script>\n{OPEN_WHAT_IS_LINKED}\n</script>\n</body>\n</html>\n'
    )


@cache
def style() -> str:
    """The page's style sheet."""
    return files(__package__).joinpath("page.css").read_text(encoding="utf-8") + style_of_code()


def _cleaned(notebook: NotebookNode, folder: Path, handed_out: frozenset[str]) -> NotebookNode:
    """The notebook with the student's content made harmless.

    Text that equals the course's is the course's.
    """
    resources = {"metadata": {"path": str(folder)}}
    cells = []
    for place, cell in enumerate(notebook.cells):
        if cell.cell_type == "markdown" and cell.source in handed_out and not utils.is_solution(cell):
            cell.metadata = NotebookNode(autograder=NotebookNode(owner="course"), nbgrader=cell.metadata.get("nbgrader", NotebookNode()))
        cells.append(clean_students_cell(cell, place, resources) if is_students(cell) else clean_courses_cell(cell))
    return NotebookNode(cells=cells, metadata=clean_metadata(notebook.metadata), nbformat=4, nbformat_minor=5)


def _title(words: str) -> str:
    return html.escape(re.sub(r"[$`*_]", "", words))


def number(value: float) -> str:
    """Points without needless zeros."""
    return f"{round(value, 2):g}"


# --- the top of the page


def _head(title: str, facts: Facts) -> str:
    share = 100 * facts.score / facts.most if facts.most else 0
    late = f'<p class="soft">{number(facts.late_penalty)} points were taken off because it came late.</p>' if facts.late_penalty else ""
    total = (
        f'<p class="total"><strong>{number(facts.score)}</strong> of {number(facts.most)} points</p>'
        f'<div class="bar" aria-hidden="true"><span style="width:{share:.1f}%"></span></div>'
    )
    head = f'<h1>{_title(title)}</h1><p class="soft">Feedback for {html.escape(facts.student)}</p>'
    return f"<header>{head}{total if facts.most else ''}{late}</header>"


def _summary(exercises: Sequence[GradedExercise]) -> str:
    if not exercises:
        return ""
    right = sum(exercise.standing is MarkedStanding.RIGHT for exercise in exercises)
    rows = "".join(
        f'<tr><td><a href="#{_id(exercise)}"><code>{html.escape(exercise.name)}</code></a></td>'
        f'<td class="sections">{course_inline(exercise.section)}</td><td>{_standing(exercise)}</td>'
        f'<td class="points">{_points(exercise)}</td></tr>'
        for exercise in exercises
    )
    return (
        f"<section><h2>Summary</h2><p>{right} of {len(exercises)} exercises are right.{_waiting(exercises)}{_start(exercises)}</p>"
        f'<table class="summary"><thead><tr><th scope="col">exercise</th><th scope="col" class="sections">section</th>'
        f'<th scope="col">result</th><th scope="col" class="points">points</th></tr></thead><tbody>{rows}</tbody></table></section>'
    )


def _waiting(exercises: Sequence[GradedExercise]) -> str:
    """How many a person has still to mark, or to look at again."""
    standings = [exercise.standing for exercise in exercises]
    new, before = (standings.count(one) for one in (MarkedStanding.WAITING, MarkedStanding.MARKED_BEFORE))
    said = f" {new} {'is' if new == 1 else 'are'} not marked yet." if new else ""
    if before:
        said += f" {before} {'has' if before == 1 else 'have'} a mark that is to be looked at again."
    return said


def _start(exercises: Sequence[GradedExercise]) -> str:
    """Where to begin: the first exercise that was tried and is not right."""
    first = next((one for one in exercises if one.standing in (MarkedStanding.WRONG, MarkedStanding.PARTLY)), None)
    if first is None:
        return ""
    link = _first_wrong(first)
    where = f": its first wrong link is <code>{html.escape(link)}</code>" if link else ""
    return f' Start with <a href="#{_id(first)}"><code>{html.escape(first.name)}</code></a>{where}.'


def _first_wrong(exercise: GradedExercise) -> str:
    return next((row["link"] for row in exercise.rows if row["kind"] == "wrong"), "")


def _standing(exercise: GradedExercise) -> str:
    standing = exercise.standing
    return f'<span class="standing {standing.name.lower()}"><span aria-hidden="true">{SIGNS[standing]}</span> {standing.value}</span>'


def _points(exercise: GradedExercise) -> str:
    nothing_yet = exercise.standing is MarkedStanding.WAITING
    return f"{'–' if nothing_yet else number(exercise.grade.score or 0.0)} of {number(exercise.grade.most)}"


def _id(exercise: GradedExercise) -> str:
    return f"exercise-{re.sub(r'[^A-Za-z0-9_-]', '-', exercise.name)}"


def course_inline(words: str) -> str:
    """A heading's words, which may hold code and mathematics."""
    return re.sub(r"^\s*<p>|</p>\s*$", "", course_markdown(words.replace(". ", "\\. ", 1) if re.match(r"\d+\. ", words) else words))


# --- exercise by exercise


def _to_look_at(exercises: Sequence[GradedExercise]) -> str:
    chosen = [one for one in exercises if one.standing is not MarkedStanding.RIGHT or (one.by_hand and one.comments)]
    return f"<section><h2>What to look at</h2>{''.join(map(_article, chosen))}</section>" if chosen else ""


def _article(exercise: GradedExercise) -> str:
    result = f"<span>{_standing(exercise)} · {_points(exercise)} points</span>"
    parts = [
        f"<header><h3><code>{html.escape(exercise.name)}</code></h3>{result}</header>",
        _comments(exercise),
        _said(exercise),
        _read_again(exercise),
        "" if exercise.standing is MarkedStanding.UNTOUCHED else _written(exercise),
    ]
    return f'<article class="exercise is-{exercise.standing.name.lower()}" id="{_id(exercise)}">{"".join(parts)}</article>'


def _comments(exercise: GradedExercise) -> str:
    """What a person wrote, in Markdown with mathematics, as in nbgrader."""
    shown = (students_markdown(clean_markdown(text)) for text in exercise.comments)
    return "".join(f'<div class="comment"><b>Comment:</b> {text}</div>' for text in shown)


def _said(exercise: GradedExercise) -> str:
    """What the check said, once."""
    if exercise.standing is MarkedStanding.UNTOUCHED:
        return "<p>The answer is as it was handed out.</p>"
    report = exercise.report
    if report is None:
        return "".join(_failure(made) for made in exercise.outputs[:3])
    several = len(report["rows"]) > 1
    right = [f"<code>{html.escape(row['link'])}</code>" for row in report["rows"] if row["kind"] == "right"]
    lines = [f"<p><b>Right:</b> {', '.join(right)}.</p>" if right else ""]
    if several and (link := _first_wrong(exercise)):
        lines.append(f"<p><b>First wrong link:</b> <code>{html.escape(link)}</code></p>")
    lines.append(_links(report) if report["rows"] else f"<p>{html.escape(report['headline'])}</p>")
    lines += [f'<p class="{"words" if place == 0 else "soft"}">{html.escape(words)}</p>' for place, words in enumerate(report["advice"])]
    if report["hidden"] and report["rows"]:
        lines.append('<p class="soft">The check in your notebook passed; these are inputs that only the grader tries.</p>')
    return "".join(lines)


def _links(report: dict[str, Any]) -> str:
    """The links of the chain, with both values."""
    if not report["rows"]:
        return ""
    truth = report["reveals"]
    head = "".join(
        f'<th scope="col">{words}</th>'
        for words in ("link", "yours", *([html.escape(report.get("compared_with", "PyTorch"))] if truth else []), "result")
    )
    rows = "".join(
        f"<tr><td><code>{html.escape(row['link'])}</code></td><td>{html.escape(row['yours'])}</td>"
        + (f"<td>{html.escape(row['truth'])}</td>" if truth else "")
        + f'<td class="{"wrong" if row["kind"] == "wrong" else "right"}">{html.escape(row["verdict"])}</td></tr>'
        for row in report["rows"]
    )
    return f'<div class="scroll"><table class="links"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'


def _failure(made: NotebookNode) -> str:
    """A test's own words; not its traceback, which quotes the hidden test."""
    if made.output_type == "display_data":
        return output(made)
    if made.output_type == "error":
        words = f"{made.ename}: {made.evalue}" if str(made.get("evalue") or "").strip() else str(made.ename)
        return f'<pre class="output error">{html.escape(words)}</pre>'
    return f'<pre class="output">{html.escape(str(made.get("text", "")))}</pre>'


def _read_again(exercise: GradedExercise) -> str:
    if not exercise.anchor:
        return ""
    return f'<p class="no-print"><b>Read again:</b> <a href="#{exercise.anchor}">{course_inline(exercise.section)}</a></p>'


def _written(exercise: GradedExercise) -> str:
    """The answers; with their outputs where a person marks them."""
    answers = "".join(
        code(cell.source) + "".join(_shown(made) for made in cell.get("outputs", []) if exercise.by_hand)
        if cell.cell_type == "code"
        else students_markdown(cell.source)
        for cell in exercise.answers
    )
    return f"<h4>What you wrote</h4>{answers}" if answers else ""


def _right(exercises: Sequence[GradedExercise]) -> str:
    chosen = [one for one in exercises if one.standing is MarkedStanding.RIGHT]
    rows = "".join(
        f'<details id="{_id(one)}"><summary><code>{html.escape(one.name)}</code> {_standing(one)}</summary>{_written(one)}</details>'
        f"{_comments(one)}"
        for one in chosen
    )
    return f"<section><h2>What is right</h2>{rows}</section>" if chosen else ""


# --- the whole notebook


def _whole(notebook: NotebookNode, folder: Path, handed_out: frozenset[str]) -> str:
    cells = "".join(_cell(cell, place, folder, handed_out) for place, cell in enumerate(notebook.cells) if cell.get("id") != WORDS_ONLY)
    return (
        '<details class="whole" id="notebook"><summary>The whole notebook</summary>'
        f'<p class="soft">A line at the left marks what you wrote.</p>{cells}</details>'
    )


def _cell(cell: NotebookNode, place: int, folder: Path, handed_out: frozenset[str]) -> str:
    theirs = is_students(cell) and cell.source not in handed_out
    if cell.cell_type == "code":
        quiet = (utils.is_grade(cell) and not utils.is_solution(cell)) or _shows_progress(cell)  # a test's words are above
        shown = code(cell.source) + ("" if quiet else "".join(_shown(made) for made in cell.get("outputs", [])))
    elif theirs:
        shown = students_markdown(cell.source)
    else:
        shown = PICTURE.sub(lambda link: f'src="{drawing_link(folder, link[1]) or link[1]}"', course_markdown(cell.source))
    return f'<div class="cell{" students" if theirs else ""}" id="cell-{place}">{shown}</div>'


def _shows_progress(cell: NotebookNode) -> bool:
    """Whether a cell shows the course map, which knows nothing when a notebook is graded."""
    return COURSE_MAP.search(cell.source) is not None


def _shown(made: NotebookNode) -> str:
    if WIDGET in made.get("data", {}):
        return '<p class="soft">Here the notebook has an interactive picture.</p>'
    return output(made)
