"""The drawing of the course map: HTML with links to
lessons and exercises, and the same as plain text.
"""

import html
import os
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from urllib.parse import quote

from ..front_end import front_end
from ..translation import N_, _, ngettext
from .contents import Lesson, Task
from .records import FILE, Record, Records
from .standing import LessonStanding, after, next_is, standings

DONE = N_("The whole course is right.")
MARKS = {"right": "✓", "partly right": "◐", "tried": "○", "open": "○"}
KEPT = N_(
    "Kept in {file} beside the lessons, on this computer only: points, dates and attempts, no answers. Delete the file to begin anew."
)


def as_text(records: Records, opened: Lesson | None) -> str:
    """The map as lines of text."""
    known = records.all()
    lines = [_("Course map: {so_far}.", so_far=_in_all(standings(known)))]
    for standing in standings(known):
        here = standing.lesson == opened
        lines.append(f"{'>' if here else ' '} {standing.lesson.number} {standing.lesson.title}: {_so_far(standing)}")
        lines += [f"      {MARKS[standing.state(task)]} {_spoken(standing, task)}" for task in standing.lesson.tasks if here]
    name = _next(known, opened)[0]
    return "\n".join([*lines, next_is(name) if name else _(DONE), *filter(None, [records.remark])])


def as_html(records: Records, opened: Lesson | None) -> str:
    """The map as HTML: a row of lessons, the one that is open with its exercises, what is next."""
    known = records.all()
    every = standings(known)
    present = next((standing for standing in every if standing.lesson == opened), None)
    row = "".join(_lesson(standing, standing is present) for standing in every)
    name, stem, heading = _next(known, opened)
    label, title, ahead, done = map(html.escape, (_("Map of the course"), _("Course map"), _("Next:"), _(DONE)))
    way = f"<b>{ahead}</b> {_link(stem, html.escape(name), heading)}{_where(stem, heading)}" if name else f"<b>{done}</b>"
    kept = html.escape(records.remark or _(KEPT, file=FILE))
    return (
        f"<style>{_css()}</style><nav class='bp-map' aria-label='{label}' data-lm-suppress-shortcuts='true'>"
        f"<p><b>{title}</b> <span class='bp-quiet'>{html.escape(_in_all(every))}</span></p>"
        f"<ol class='bp-lessons' role='list'>{row}</ol>"
        f"{_tasks(present) if present else ''}<p>{way}</p><p class='bp-quiet'>{kept}</p></nav>"
    )


# --- words ----------------------------------------------------------------------------------------


def _in_all(every: list[LessonStanding]) -> str:
    right, many = sum(standing.right for standing in every), sum(len(standing.lesson.tasks) for standing in every)
    points, worth = sum(standing.points for standing in every), sum(standing.lesson.points for standing in every)
    return _(
        "{right} of {count} exercises right, {points:g} of {worth} points",
        right=right,
        count=many,
        points=points,
        worth=worth,
    )


def _so_far(standing: LessonStanding) -> str:
    return ", ".join([_right(standing), *([_points(standing)] if standing.lesson.points else [])])


def _right(standing: LessonStanding) -> str:
    return _("{right} of {count} right", right=standing.right, count=len(standing.lesson.tasks))


def _points(standing: LessonStanding) -> str:
    return _("{points:g} of {worth} points", points=standing.points, worth=standing.lesson.points)


def _spoken(standing: LessonStanding, task: Task) -> str:
    """Everything about an exercise, in words."""
    said = [_("{exercise}: {state}", exercise=f"{task.number} {task.name}", state=_(standing.state(task)))]
    if task.points:
        said.append(ngettext("{earned:g} of {count} point", "{earned:g} of {count} points", task.points, earned=standing.earned(task)))
    attempts = standing.attempts(task)
    if attempts:
        said.append(ngettext("{count} attempt", "{count} attempts", attempts))
    return ", ".join(said)


def _next(known: Mapping[str, Record], opened: Lesson | None) -> tuple[str, str, str]:
    """What is next, and the lesson and heading where
    it is; nothing if the whole course is right.
    """
    every = standings(known)
    here = next((standing for standing in every if standing.lesson == opened), None)
    if here and here.next:
        return f"{here.next.number} {here.next.name}", here.lesson.stem, here.next.heading
    ahead = after(opened, known) if opened else next((standing for standing in every if standing.next), None)
    return (f"{ahead.lesson.number} {ahead.lesson.title}", ahead.lesson.stem, "") if ahead else ("", "", "")


# --- HTML -----------------------------------------------------------------------------------------


def _lesson(standing: LessonStanding, present: bool) -> str:
    """One lesson of the row, with its bar."""
    lesson = standing.lesson
    name = f"<b>{lesson.number}</b> {html.escape(lesson.title)}"
    points = html.escape(_points(standing) if lesson.points else _("no points"))
    return (
        f"<li{' class=bp-present' if present else ''}>"
        f"{f'<span aria-current=page>{name}</span>' if present else _link(lesson.stem, name)}"
        f"<div class='bp-bar' aria-hidden='true'><div style='width:{100 * standing.share:.0f}%'></div></div>"
        f"<span class='bp-quiet'>{html.escape(_right(standing))}<br>{points}</span></li>"
    )


def _tasks(standing: LessonStanding) -> str:
    """The exercises of the lesson that is open."""
    return f"<ol class='bp-tasks' role='list'>{''.join(_task(standing, task) for task in standing.lesson.tasks)}</ol>"


def _task(standing: LessonStanding, task: Task) -> str:
    state, ahead = standing.state(task), task == standing.next
    words = html.escape(_spoken(standing, task))
    points = f" <span class='bp-quiet' aria-hidden='true'>{standing.earned(task):g}/{task.points}</span>" if task.points else ""
    return (
        f"<li{' class=bp-next' if ahead else ''} title='{words}'><span class='bp-{state[:5]}' aria-hidden='true'>{MARKS[state]}</span> "
        f"{_link(standing.lesson.stem, f'{task.number} {task.name}', task.heading, words)}{points}</li>"
    )


def _where(stem: str, heading: str) -> str:
    """Where links cannot be followed, the file and the heading in words."""
    if front_end().follows_links:
        return ""
    file = f"<code>{stem}.ipynb</code>"
    place = _("in {file} under “{heading}”", file=file, heading=html.escape(heading)) if heading else _("in {file}", file=file)
    return f", {place}"


def _link(stem: str, name: str, heading: str = "", words: str = "") -> str:
    """A link to a lesson, or to a heading in it.

    Only the name where the notebook is missing, or where the front end follows no links.
    """
    address = address_of(stem, working_folder()) if front_end().follows_links else ""
    spoken = f' aria-label="{words}"' if words else ""
    if not address:
        return f"<span role='img'{spoken}>{name}</span>" if spoken else name
    place = f"#{quote(heading.replace(' ', '-'), safe=':,?')}" if heading else ""  # as JupyterLab names headings, to the letter
    kind = " class='bp-exercise'" if heading else ""
    return f'<a href="{address}{place}"{kind}{spoken}>{name}</a>'


@lru_cache(maxsize=1)
def working_folder() -> Path:
    """Where the kernel was when the map was first drawn, wherever the learner's code goes later."""
    try:
        return Path.cwd()
    except OSError:  # the folder was deleted
        return Path("/")


@lru_cache(maxsize=64)
def address_of(stem: str, here: Path) -> str:
    """Where a lesson's notebook is, seen from `here`: beside
    this one, or, where each has a folder of its own, there.

    The one that is open may be a copy, with a longer name.
    """
    running = Path(os.environ.get("JPY_SESSION_NAME", ""))
    if running.suffix == ".ipynb" and running.name.startswith(stem) and running.parent == here:
        return quote(running.name)
    near = (f"{stem}.ipynb", f"../{stem}/{stem}.ipynb")
    return next((quote(address) for address in near if (here / address).exists()), "")


@lru_cache(maxsize=1)
def _css() -> str:
    return Path(__file__).with_name("course_map.css").read_text(encoding="utf-8")
