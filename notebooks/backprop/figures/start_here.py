"""The figure of lesson 00 and of the README: the report of a check that failed."""

import textwrap

import numpy as np
from matplotlib.figure import Figure

from ..checking.examining import examine
from ..checking.report import MARKS, Report
from ..drawing.palette import QUIET
from ..drawing.shapes import MATHS, SMALL, canvas, write
from ..exercise import PUBLIC_SAMPLES, PUBLIC_SEED
from ..exercises import computation_graph
from .registry import described


def failing_report() -> Report:
    """What the check of the logistic graph says to someone who multiplies by the wrong operand."""
    exercise = computation_graph.logistic_graph
    mistake = next(mistake for mistake in exercise.mistakes if mistake.id == "own-operand")

    def answer(*inputs: float) -> dict[str, np.ndarray]:
        return exercise.mistaken(mistake, exercise.measure(dict(zip(exercise.inputs(), inputs))))

    return examine(exercise, answer, seed=PUBLIC_SEED, samples=PUBLIC_SAMPLES, rtol=exercise.rtol)


@described(
    "The report of a real check that failed. Under the headline, logistic_graph: 3 of 5 right, tried on 6 inputs, "
    "a table has a row for each gradient, with the learner's value, PyTorch's value and the verdict: the gradients at y-hat, "
    "z and b are right, the one of w1 is the first wrong link, the one of w2 is wrong. "
    "Under the table it says: A multiply node hands each input the OTHER input's value. Yours look multiplied by the weight itself. "
    "Then come the inputs with which this was seen."
)
def failing_check() -> Figure:
    """The report of a check that failed, as a learner reads it."""
    report = failing_report()
    lines = [line for words in report.advice for line in textwrap.wrap(words, 92)]
    figure, axes = canvas(800, 110 + 30 * len(report.rows) + 26 * len(lines))
    write(axes, 40, 34, f"✗ {report.headline}", MATHS, ha="left", fontweight="bold")
    y = 72.0
    for x, head in ((40, "link"), (230, "yours"), (390, "PyTorch"), (440, "verdict")):
        write(axes, x, y, head, SMALL, QUIET, ha="left" if x in (40, 440) else "right")
    for row in report.rows:
        y += 30
        mark, colour = MARKS[row.kind]
        write(axes, 40, y, row.link, family="monospace", ha="left")
        write(axes, 230, y, row.yours, family="monospace", ha="right")
        write(axes, 390, y, row.truth, family="monospace", ha="right")
        write(axes, 440, y, mark, MATHS, colour)
        write(axes, 458, y, row.verdict, ha="left")
    y += 12
    for line in lines:
        y += 26
        write(axes, 40, y, line, ha="left")
    return figure
