"""Hints: a ladder of three, opened one at a time, by `.hint()` or in the page itself."""

from ..questions.question import Question
from ..translation import N_, _
from .interactive import in_notebook, show

RUNGS = (N_("a question"), N_("an equation"), N_("almost code"))
taken: dict[Question, int] = {}


def show_hint(exercise: Question, number: int | None = None) -> None:
    """Show hint `number`, or the next one. ValueError for a number that is not 1, 2 or 3."""
    if number is None:
        number = min(taken.get(exercise, 0) + 1, len(RUNGS))
    if number not in range(1, len(RUNGS) + 1):
        raise ValueError(_("{name} has hints 1, 2 and 3; there is no hint {number}.", name=exercise.name, number=number))
    if not in_notebook():
        print(_take(exercise, number))
        return
    from IPython.display import Markdown

    show(Markdown(_take(exercise, number)))
    if number < len(RUNGS):
        _offer_next(exercise)


def hint_ladder(exercise: Question) -> str:
    """The three hints as Markdown, each folded inside
    the one before, for JupyterLab, nbconvert and GitHub.

    They are part of a lesson's text, and not translated here.
    """
    ladder = ""
    for number in range(len(RUNGS), 0, -1):
        inner = f"\n{ladder}\n" if ladder else ""
        ladder = f"<details>\n<summary>Hint {number}: {RUNGS[number - 1]}</summary>\n\n{exercise.hints[number - 1]}\n{inner}\n</details>"
    return ladder


def _take(exercise: Question, number: int) -> str:
    """The text of hint `number`, noted as taken."""
    taken[exercise] = number
    title = _("Hint {number} of {count}, {kind}.", number=number, count=len(RUNGS), kind=_(RUNGS[number - 1]))
    return f"**{title}** {_(exercise.hints[number - 1])}"


def _offer_next(exercise: Question) -> None:
    """A button under the hint that opens the next one."""
    import ipywidgets
    from IPython.display import Markdown

    opened, button = ipywidgets.Output(), ipywidgets.Button(description=_("Next hint"))

    def press(pressed: ipywidgets.Button) -> None:
        number = min(taken[exercise] + 1, len(RUNGS))
        opened.append_display_data(Markdown(_take(exercise, number)))
        if number == len(RUNGS):
            button.layout.display = "none"

    button.on_click(press)
    show(opened)
    show(button)
