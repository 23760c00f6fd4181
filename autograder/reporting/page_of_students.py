"""The report's section on students who need help now, and with what."""

import html
from collections import Counter

from .parts import code_name, of_students, table
from .summary import AssignmentSummary, Need, Trouble

SHOWN = 30
SHOWN_TROUBLES = 10
MOST_TROUBLES = 4  # of one student


def needs(one: AssignmentSummary) -> str:
    """Who needs help: what they have in common, then each."""
    if not one.needs:
        nobody = "Nobody: no one has less than half of the points or shows one misconception in several exercises."
        return f"<h3>Who needs help now</h3><p>{nobody}</p>"
    rest = len(one.needs) - SHOWN
    more = f"<p>{rest} more are in the JSON file beside this page.</p>" if rest > 0 else ""
    return (
        f"<h3>Who needs help now</h3><p>{of_students(len(one.needs))}: those who began and have less than half of the points, "
        f"or show one misconception in several exercises.</p>{_in_common(one)}<h4>Student by student</h4>"
        f'<div class="help">{_table(one.needs[:SHOWN])}</div>{more}'
    )


def _in_common(one: AssignmentSummary) -> str:
    counts = Counter(trouble for need in one.needs for trouble in need.troubles)
    shared = [trouble for trouble, count in counts.items() if count > 1]
    chosen = sorted(shared, key=lambda trouble: (-counts[trouble], trouble.exercise, trouble.link, trouble.mistake))[:SHOWN_TROUBLES]
    rows = [[_with_what(trouble), str(counts[trouble])] for trouble in chosen]
    return (
        f"<h4>What they have in common</h4>{table('What these students have in common', ['needs help with', 'students'], rows)}"
        if rows
        else ""
    )


def _table(chosen: list[Need]) -> str:
    rows = [[html.escape(need.student), f"{need.share:.0%}", f"{need.right} of {need.exercises}", _troubles(need)] for need in chosen]
    return table("Students who need help", ["student", "points", "right", "with what"], rows, words=(3,))


def _troubles(need: Need) -> str:
    """With what: misconceptions that repeat come first."""
    order = sorted(need.troubles, key=lambda trouble: trouble.mistake not in need.repeated)
    entries = [f"<li>{_with_what(trouble)}</li>" for trouble in order[:MOST_TROUBLES]]
    if len(order) > MOST_TROUBLES:
        entries.append(f"<li>{len(order) - MOST_TROUBLES} more</li>")
    return f"<ul>{''.join(entries)}</ul>" if entries else "the exercises that are not started"


def _with_what(trouble: Trouble) -> str:
    link = f", {code_name(trouble.link)}" if trouble.link else ""
    mistake = f": {code_name(trouble.mistake)}" if trouble.mistake else ""
    return f"{code_name(trouble.exercise)}{link}{mistake}"
