"""Declares a figure: a function that draws it, and a description in words for screen readers."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import ModuleType

from matplotlib.figure import Figure

from ..drawing.shapes import style, svg


@dataclass(frozen=True)
class Drawing:
    """A figure of the course: call it to draw it in the course's style."""

    draw: Callable[[], Figure]
    alt: str

    def __call__(self) -> Figure:
        """Draw the figure."""
        with style():
            return self.draw()

    @property
    def name(self) -> str:
        """The name of the figure's file, without its ending."""
        return self.draw.__name__

    @property
    def title(self) -> str:
        """The first sentence of the docstring of the function that draws it, on one line."""
        return " ".join(inspect.cleandoc(self.draw.__doc__ or "").split("\n\n")[0].split())

    def as_svg(self) -> bytes:
        """The figure as an SVG file that holds its title and its alt text."""
        return svg(self(), self.title, self.alt)


def described(alt: str) -> Callable[[Callable[[], Figure]], Drawing]:
    """Declare the decorated function to be a figure with this alt text."""
    return lambda draw: Drawing(draw, alt)


def figures_of(module: ModuleType) -> Mapping[str, Drawing]:
    """The figures that `module` declares, by name, in the order of their declaration."""
    return {drawing.name: drawing for drawing in vars(module).values() if isinstance(drawing, Drawing)}
