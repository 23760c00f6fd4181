"""The chains of lesson 01: functions inside
functions, link by link, with the axes of their plots.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from ...autodiff.lazy import torch
from ...autodiff.settings import ours
from ...autodiff.trace import Trace, trace
from ...translation import N_, _
from ..stage.notation import spoken

Array = np.ndarray
Span = tuple[float, float]
Step = tuple[str, str]
WHOLE = "whole"  # the key of the whole's own curve, beside those of the links


@dataclass(frozen=True)
class ChainLink:
    """One function of a chain.

    name      of its output, in the trace
    label     the same as mathematics
    formula   what it does, as mathematics, and `says` for screen readers, where {weight} and
              {before} stand for what goes in
    function  function(before) in torch; function(before, weight) where `weight` names one
    span      between which two numbers its output lies
    """

    name: str
    label: str
    formula: str
    says: str
    function: Callable[..., Any]
    span: Span
    weight: str = ""
    before: str = "x"

    @property
    def words(self) -> str:
        """What it does, in words."""
        return _(self.says, before=spoken(self.before), weight=spoken(_indexed(self.weight)))

    def of(self, before: Any, weights: Mapping[str, Any]) -> Any:
        """What comes out when `before` goes in."""
        return self.function(before, weights[self.weight]) if self.weight else self.function(before)


@dataclass(frozen=True, eq=False)
class Chain:
    """A composition of functions: x goes into the first
    link, and the output of each link into the next.

    title    its name in the list
    formula  the whole, as mathematics
    span     how far x may be moved, `x` where it starts
    weights  the weights in the links, and how far each may be moved
    """

    title: str
    formula: str
    links: Sequence[ChainLink]
    span: Span
    x: float
    weights: Mapping[str, float] = field(default_factory=dict)
    weight_span: Span = (-5.0, 5.0)

    @property
    def start(self) -> dict[str, float]:
        """Every number that can be moved, where it starts."""
        return {"x": self.x, **self.weights}

    @cached_property
    def spans(self) -> dict[str, Span]:
        """The axis of every intermediate number, the same
        in the plot of its link and in that of the next one.
        """
        return {"x": self.span} | {link.name: link.span for link in self.links}

    @cached_property
    def labels(self) -> dict[str, str]:
        """The names as mathematics."""
        return {name: _indexed(name) for name in self.start} | {link.name: link.label for link in self.links}

    @property
    def output(self) -> str:
        """The name of what comes out at the end."""
        return self.links[-1].name

    @cached_property
    def steps(self) -> list[Step]:
        """What goes into each link, and what comes out."""
        names = list(self.spans)
        return list(zip(names, names[1:]))

    def range(self, name: str) -> Span:
        """The smallest and the largest number that x or a weight may be."""
        return self.span if name == "x" else self.weight_span

    def forward(self, node: Callable[[str, Any], Any], x: Any, *weights: Any) -> Any:
        """The forward pass, link by link."""
        given = dict(zip(self.weights, weights))
        for link in self.links:
            x = node(link.name, link.of(x, given))
        return x

    def trace(self, values: Mapping[str, float]) -> Trace:
        """Every value, slope and gradient, by PyTorch."""
        return trace(self.forward, {name: values[name] for name in self.start})

    def curves(self, values: Mapping[str, float], points: int = 121) -> dict[str, tuple[Array, Array]]:
        """Each link's output over its input, by the link's name, and the whole function over x."""
        found = {}
        with ours():
            given = {name: torch.tensor(values[name], dtype=torch.float64) for name in self.weights}
            for link, (before, name) in zip(self.links, self.steps):
                axis = torch.linspace(*self.spans[before], points, dtype=torch.float64)
                found[name] = axis.numpy(), link.of(axis, given).numpy()
            axis = torch.linspace(*self.span, points, dtype=torch.float64)
            found[WHOLE] = axis.numpy(), self.forward(lambda _, value: value, axis, *given.values()).numpy()
        return found


def _indexed(name: str) -> str:
    return f"{name[0]}_{name[1:]}" if name[1:] else name


def _square(name: str, before: str, span: Span) -> ChainLink:
    return ChainLink(name, name, f"{before}^2", N_("{before} squared"), lambda value: value**2, span, before=before)


def _power_of_e(name: str, before: str, span: Span) -> ChainLink:
    return ChainLink(name, name, f"e^{before}", N_("e to the {before}"), lambda value: torch.exp(value), span, before=before)


def _sigmoid(name: str, label: str, before: str, number: int) -> ChainLink:
    formula = rf"\sigma(w_{number} {before})"
    words = N_("the sigmoid of {weight} times {before}")
    return ChainLink(name, label, formula, words, lambda value, weight: torch.sigmoid(weight * value), (0.0, 1.0), f"w{number}", before)


CHAINS = {
    "exp_square": Chain(
        title="y = e^(x²)",
        formula="y = e^{x^2}",
        links=[_square("u", "x", (0.0, 2.5)), _power_of_e("y", "u", (0.0, 10.0))],
        span=(-1.5, 1.5),
        x=0.8,
    ),
    "long_chain": Chain(
        title="y = e^(e^(x²))",
        formula="y = e^{e^{x^2}}",
        links=[_square("u", "x", (0.0, 1.0)), _power_of_e("v", "u", (0.0, 3.0)), _power_of_e("y", "v", (0.0, 16.0))],
        span=(-1.0, 1.0),
        x=0.7,
    ),
    "reciprocal_chain": Chain(
        title="y = 1 / e^(x²)",
        formula="y = 1/e^{x^2}",
        links=[
            _square("u", "x", (0.0, 2.5)),
            _power_of_e("v", "u", (0.0, 10.0)),
            ChainLink("y", "y", "1/v", N_("one over v"), lambda value: 1 / value, (0.0, 1.0)),
        ],
        span=(-1.5, 1.5),
        x=0.7,
    ),
    "square_of_sum": Chain(
        title="y = (e^x + x)²",
        formula="y = (e^x + x)^2",
        links=[
            ChainLink("g", "g", "e^x + x", N_("e to the x, plus x"), lambda value: torch.exp(value) + value, (-2.0, 4.0)),
            _square("y", "g", (0.0, 15.0)),
        ],
        span=(-2.0, 1.0),
        x=0.7,
    ),
    "three_sigmoids": Chain(
        title=N_("three sigmoids with weights"),
        formula=r"\sigma(w_3\sigma(w_2\sigma(w_1x)))",
        links=[_sigmoid("a1", "a_1", "x", 1), _sigmoid("a2", "a_2", "a_1", 2), _sigmoid("yhat", r"\hat{y}", "a_2", 3)],
        span=(-6.0, 6.0),
        x=0.5,
        weights={"w1": 1.0, "w2": 1.0, "w3": 1.0},
    ),
}
