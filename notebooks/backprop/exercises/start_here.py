"""Page 00: one exercise that everybody can solve, to see how a check answers.

It earns no points.
"""

from typing import Any

from ..exercise import Exercise, Mistake
from ..questions.sampling import signed
from . import lesson


def _square(node: Any, x: Any) -> None:
    node("y", x * x)


first_slope = Exercise(
    name="first_slope",
    asks=("dy_dx",),
    forward=_square,
    sample=lambda rng: {"x": signed(rng, 1.2, 4.0)},
    points=0,
    hints=(
        "How fast does the area of a square grow when its side grows? It has two sides that move.",
        r"$\dfrac{dy}{dx} = 2x$ for $y = x^2$.",
        "The last line of your function is `return 2 * x`.",
    ),
    mistakes=(
        Mistake("lost-factor-two", "That is half of the derivative.", dy_dx=lambda v: v.x),
        Mistake("value-for-slope", "That is y itself. How fast does it grow?", dy_dx=lambda v: v.y),
        Mistake("constant", "The derivative is not the same everywhere: the curve gets steeper.", dy_dx=lambda v: 2.0),
        Mistake(
            "sign", "For a positive x the curve rises, so the derivative is positive there. Yours is negative.", dy_dx=lambda v: -2 * v.x
        ),
    ),
)

EXERCISES, __getattr__ = lesson(globals())
