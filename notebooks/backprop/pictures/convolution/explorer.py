"""The convolution explorer: one kernel at every place, a max
over each two outputs, and what goes back to inputs and weights.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from ...translation import _
from ..stage.sheet import amount
from ..stage.stage import Control, Frame, Picture, Refused, button, choice, gap, read_number, slider
from .drawing import drawn
from .measuring import HIGHEST_INPUT, HIGHEST_WEIGHT, INPUTS, PLACES, POOL, UPSTREAM, WIDTH, Gradients, Layers, measure, numbers

INPUT_SLIDERS, WEIGHT_SLIDERS = [f"x{i}" for i in range(INPUTS)], [f"w{j}" for j in range(WIDTH)]
PARTS = {"x": INPUTS, "w": WIDTH, "b": 1, "z": PLACES, "y": len(UPSTREAM)}
KEYS = {  # of the values and, with a d, of the gradients
    f"{kind}{part}:{index}": (part, index) for kind in ("", "d") for part, count in PARTS.items() for index in range(count)
}


class ConvolutionExplorer(Picture):
    """A convolution and a max-pooling, with every value and every gradient."""

    def __init__(self) -> None:
        super().__init__()
        self.title = _("Convolution explorer: one kernel at every place, and where a maximum routes its gradient")
        self.drawn_before = 0
        self.layers = numbers(0)
        self.which = 0
        self.lit = ""
        self.redraw()

    def moved(self, key: str, value: Any) -> None:
        """Change an input or a weight, draw other random numbers, or choose a part."""
        if key == "which" and isinstance(value, str) and value in INPUT_SLIDERS:
            self.which = INPUT_SLIDERS.index(value)
        elif key in INPUT_SLIDERS:
            number = read_number(value, _("The input {key}", key=key), -HIGHEST_INPUT, HIGHEST_INPUT)
            self.layers = replace(self.layers, x=_exchanged(self.layers.x, INPUT_SLIDERS.index(key), number))
        elif key in WEIGHT_SLIDERS:
            number = read_number(value, _("The weight {key}", key=key), -HIGHEST_WEIGHT, HIGHEST_WEIGHT)
            self.layers = replace(self.layers, w=_exchanged(self.layers.w, WEIGHT_SLIDERS.index(key), number))
        elif key == "new":
            self.drawn_before += value
            self.layers = numbers(self.drawn_before)
        elif key in ("pointed", "chosen"):
            found = value or (self.inputs.get("chosen") if key == "pointed" else "")
            self.lit = found if isinstance(found, str) and found in KEYS else ""
        else:
            raise Refused(_("There is no {value} to choose here; the picture still shows what it did.", value=value))

    def draw(self) -> Frame:
        """The values with the gradients below them, and in words what they are."""
        found = measure(self.layers)
        words = _in_words(self.layers, found)
        lit = KEYS.get(self.lit)
        sheet = drawn(self.layers, found, lit, self.lit)
        return Frame(sheet.finished(self.title, words), words, _caption(self.layers, found, lit), self._controls())

    def _controls(self) -> list[Control]:
        weights = [
            slider(f"w{j}", f"<i>w</i><sub>{j}</sub>", weight, -HIGHEST_WEIGHT, HIGHEST_WEIGHT, words=_("weight w{j}", j=j), step=0.1)
            for j, weight in enumerate(self.layers.w)
        ]
        name, value = INPUT_SLIDERS[self.which], self.layers.x[self.which]
        return [
            choice("which", _("input to change"), name, dict(zip(INPUT_SLIDERS, INPUT_SLIDERS))),
            slider(name, _named("x", self.which), value, -HIGHEST_INPUT, HIGHEST_INPUT, words=_("input {name}", name=name), step=0.1),
            gap("below"),
            *weights,
            button("new", _("New numbers")),
        ]


def _exchanged(values: tuple[float, ...], index: int, value: float) -> tuple[float, ...]:
    return (*values[:index], value, *values[index + 1 :])


# --- words ----------------------------------------------------------------------------------------


def _row(values: Iterable[float]) -> str:
    return f"({', '.join(amount(float(value)) for value in values)})"


def _in_words(layers: Layers, found: Gradients) -> str:
    """The layers, and what goes forward and back."""
    routed = "; ".join(
        f"y{j} = max(z{POOL * j}, z{POOL * j + 1}) = z{route} = {amount(found.y[j])}" for j, route in enumerate(found.routes)
    )
    weights = f"∂L/∂w = {_row(found.dL_dw)}; ∂L/∂b = {amount(found.dL_db)}"
    return _(
        "A convolution with the kernel w = {w} and the bias b = {b}, and max-pooling over windows of {size}. "
        "Forward: {forward}. Back: {back}.",
        w=_row(layers.w),
        b=amount(layers.b),
        size=POOL,
        forward=f"x = {_row(layers.x)}; z = {_row(found.z)}; {routed}",
        back=f"∂L/∂y = {_row(UPSTREAM)}; ∂L/∂z = {_row(found.dL_dz)}; ∂L/∂x = {_row(found.dL_dx)}; {weights}",
    )


def _named(letter: str, index: int) -> str:
    return f"<i>{letter}</i><sub>{index}</sub>"


def _slope(letter: str, index: int) -> str:
    return f"∂<i>L</i>/∂{_named(letter, index)}"


def _in_brackets(value: float) -> str:
    return f"({amount(value)})" if value < 0 else amount(value)


def _caption(layers: Layers, found: Gradients, lit: tuple[str, int] | None) -> str:
    routed = ", ".join(f"{_named('y', j)} = {_named('z', int(route))}" for j, route in enumerate(found.routes))
    lines = [
        _(
            "The maximum of each window of {size}: {routed}. These outputs receive {gradient}, and the others exactly 0.",
            size=POOL,
            routed=routed,
            gradient=f"∂<i>L</i>/∂<i>y</i> = {_row(UPSTREAM)}",
        ),
        f"∂<i>L</i>/∂<i>w</i> = <b>{_row(found.dL_dw)}</b>, ∂<i>L</i>/∂<i>b</i> = <b>{amount(found.dL_db)}</b>.",
    ]
    if lit is None:
        told = [_("Point at an input, a weight or an output: how its value and its gradient are computed appears here.")]
    else:
        part, index = lit
        told = _ARITHMETIC[part](layers, found, index)
    return "".join(f"<p>{line}</p>" for line in lines + told)


def _of_input(layers: Layers, found: Gradients, i: int) -> list[str]:
    used = [(j, i - j) for j in range(WIDTH) if 0 <= i - j < PLACES]
    terms = " + ".join(f"{_named('w', j)} {_slope('z', t)}" for j, t in used)
    sums = " + ".join(f"{_in_brackets(layers.w[j])} · {_in_brackets(found.dL_dz[t])}" for j, t in used)
    return [
        _(
            "{equation} is used for {names}.",
            equation=f"{_named('x', i)} = {amount(layers.x[i])}",
            names=", ".join(_named("z", t) for j, t in reversed(used)),
        ),
        f"{_slope('x', i)} = {terms} = {sums} = <b>{amount(found.dL_dx[i])}</b>",
    ]


def _of_weight(layers: Layers, found: Gradients, j: int) -> list[str]:
    sums = " + ".join(f"{_in_brackets(layers.x[t + j])} · {_in_brackets(found.dL_dz[t])}" for t in range(PLACES))
    meets = "<sub><i>t</i></sub>" if j == 0 else f"<sub><i>t</i>+{j}</sub>"
    return [
        _(
            "{equation} is used at all {count} places; at place {t} it meets {x}.",
            equation=f"{_named('w', j)} = {amount(layers.w[j])}",
            count=PLACES,
            t="<i>t</i>",
            x=f"<i>x</i>{meets}",
        ),
        f"{_slope('w', j)} = Σ<i><sub>t</sub> x</i>{meets} ∂<i>L</i>/∂<i>z<sub>t</sub></i> = {sums} = <b>{amount(found.dL_dw[j])}</b>",
    ]


def _of_bias(layers: Layers, found: Gradients, index: int) -> list[str]:
    sums = " + ".join(_in_brackets(gradient) for gradient in found.dL_dz)
    return [
        _("{equation} is added at all {count} places.", equation=f"<i>b</i> = {amount(layers.b)}", count=PLACES),
        f"∂<i>L</i>/∂<i>b</i> = Σ<i><sub>t</sub></i> ∂<i>L</i>/∂<i>z<sub>t</sub></i> = {sums} = <b>{amount(found.dL_db)}</b>",
    ]


def _of_output(layers: Layers, found: Gradients, t: int) -> list[str]:
    terms = " + ".join(f"{_named('w', j)} {_named('x', t + j)}" for j in range(WIDTH))
    sums = " + ".join(f"{_in_brackets(w)} · {_in_brackets(layers.x[t + j])}" for j, w in enumerate(layers.w))
    window = t // POOL
    lines = [f"{_named('z', t)} = {terms} + <i>b</i> = {sums} + {_in_brackets(layers.b)} = {amount(found.z[t])}"]
    if t in found.routes:
        because = f"{_named('y', window)} = {_named('z', t)}"
        slopes = f"{_slope('z', t)} = {_slope('y', window)} = {amount(UPSTREAM[window])}"
        return [*lines, _("{because}, so {slopes}.", because=because, slopes=slopes)]
    names = {"maximum": _named("y", window), "output": _named("z", int(found.routes[window])), "slope": _slope("z", t)}
    return [*lines, _("{maximum} is {output}, so {slope} = 0.", **names)]


def _of_maximum(layers: Layers, found: Gradients, j: int) -> list[str]:
    first, second = POOL * j, POOL * j + 1
    one, other = found.z[first], found.z[second]
    lines = [
        f"{_named('y', j)} = max({_named('z', first)}, {_named('z', second)}) = max({amount(one)}, {amount(other)}) = {amount(found.y[j])}",
        _(
            "{equation} goes to {output} and to no other.",
            equation=f"{_slope('y', j)} = {amount(UPSTREAM[j])}",
            output=_named("z", int(found.routes[j])),
        ),
    ]
    if one == other:
        lines.append(_("The two are equal, so there is no derivative; like PyTorch's max-pooling, the picture chooses the first."))
    return lines


_ARITHMETIC = {"x": _of_input, "w": _of_weight, "b": _of_bias, "z": _of_output, "y": _of_maximum}


def explore_convolution() -> ConvolutionExplorer:
    """A convolution of eight inputs with a kernel of three weights, and
    max-pooling: every value, every gradient, and how each is computed.
    """
    return ConvolutionExplorer()
