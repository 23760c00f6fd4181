"""The paths from one input of a network to its loss,
in words: factors, contributions, and their sum.
"""

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from ...autodiff.trace import Path, Trace
from ...drawing.shapes import PATHS
from ...figures.networks import Network
from ...translation import N_, _, ngettext
from ..stage.notation import partial, spoken
from ..stage.sheet import amount

EMPTY = 1e-10  # of the largest share: a sum below that is what rounding leaves of 0


@dataclass(frozen=True)
class Story:
    """One input of a network, its paths to the loss, and the
    highlighted one: the one pointed at, else the chosen one.
    """

    network: Network
    now: Trace
    weight: str
    pointed: int | None = None
    chosen: int | None = None

    @cached_property
    def paths(self) -> list[Path]:
        """Every path from the input to the loss."""
        return self.now.paths(self.weight)

    @property
    def lit(self) -> int | None:
        """The place of the path that is lit."""
        places = [place for place in (self.pointed, self.chosen) if place is not None and place < len(self.paths)]
        return places[0] if places else None

    @property
    def gradient(self) -> float:
        """PyTorch's, by `.backward()`."""
        return self.now.gradients[self.weight]

    def written(self, value: float) -> str:
        """A sum of shares; what rounding leaves of 0 is written as 0."""
        largest = max(abs(path.product) for path in self.paths)
        return amount(0.0 if abs(value) <= EMPTY * largest else value, 6, sign="+" if abs(value) > EMPTY * largest else "-")

    def route(self, path: Path) -> list[str]:
        """The nodes that tell this path from others: all but its ends."""
        return list(path.nodes[1:-1])

    def caption(self) -> str:
        """The factors of the paths, their products, and what these add up to, in HTML."""
        shown = [self.lit] if len(self.paths) > len(PATHS) else range(len(self.paths))
        rows = "".join(self._row(place) for place in shown if place is not None)
        how = _("Point at a path or at a bar: its factors appear here.")
        table = f"<div style='overflow-x:auto'><table>{rows}</table></div>"
        return (table if rows else f"<p>{how}</p>") + f"<p>{self._sum()}</p>"

    def _row(self, place: int) -> str:
        """One path: its product first, which is then visible on
        a narrow page, and its factors, from the loss backwards.
        """
        path, labels = self.paths[place], self.network.labels
        links = list(zip(pairwise(path.nodes), path.slopes))[::-1]
        cells = "".join(
            f"<td>{partial(labels[end], labels[start])}<br>{amount(slope)}{' ·' if start != path.nodes[0] else ''}</td>"
            for (start, end), slope in links
        )
        name, share = _("path {number}", number=place + 1), amount(path.product, 6, sign="+")
        if place == self.lit:
            name, share = f"▸ {name}", f"<b>{share}</b>"
        style = "style='white-space:nowrap;vertical-align:bottom'"
        return f"<tr {style}><th scope='row'>{name}</th><td>{share}</td><td>=</td>{cells}</tr>"

    def _sum(self) -> str:
        gradient = partial(self.network.labels[self.network.output], self.network.labels[self.weight])
        gradient = f"<span style='white-space:nowrap'>{gradient}</span>"
        up, down = self._sides()
        total = self.written(sum(up) + sum(down))
        same = _("the same") if self.agrees() else _("not the same")
        words = [
            ngettext("The one path: <b>{total}</b>.", "All {count} together: <b>{total}</b>.", len(self.paths), total=total),
        ]
        if up and down:
            words = [
                ngettext("{count} share above zero: {sum}.", "{count} shares above zero: {sum}.", len(up), sum=amount(sum(up), 6, "+")),
                ngettext("{count} share below: {sum}.", "{count} shares below: {sum}.", len(down), sum=amount(sum(down), 6)),
                _("Together: <b>{total}</b>.", total=total),
            ]
        if self.cancels():
            words.append(_("They cancel: the paths are there, and the gradient is 0."))
        equation = f"{gradient} = {self.written(self.gradient)}"
        words.append(_("PyTorch’s <code>.backward()</code> says {equation}, {same}.", equation=equation, same=same))
        return " ".join(words)

    def agrees(self) -> bool:
        """Whether the shares add up to PyTorch's gradient, but for rounding."""
        largest = max(abs(path.product) for path in self.paths)
        return bool(np.isclose(sum(path.product for path in self.paths), self.gradient, rtol=EMPTY, atol=EMPTY * largest))

    def cancels(self) -> bool:
        """Whether shares that are not 0 add up to 0."""
        up, down = self._sides()
        return bool(up and down) and abs(sum(up) + sum(down)) <= EMPTY * max(up)

    def _sides(self) -> tuple[list[float], list[float]]:
        """The shares above zero, and those below."""
        shares = [path.product for path in self.paths]
        return [share for share in shares if share > 0], [share for share in shares if share < 0]

    def summary(self) -> str:
        """How things stand, for a screen reader."""
        weight, out = spoken(self.network.labels[self.weight]), spoken(self.network.labels[self.network.output])
        number = len(self.paths)
        words = [
            ngettext(
                "{count} path from {weight} to {output}.", "{count} paths from {weight} to {output}.", number, weight=weight, output=out
            )
        ]
        if number <= len(PATHS):
            words.append(_("Shares: {shares}.", shares=", ".join(amount(path.product, 6, "+") for path in self.paths)))
        total, gradient = self.written(sum(path.product for path in self.paths)), self.written(self.gradient)
        words.append(_("Together {total}; PyTorch's gradient {gradient}.", total=total, gradient=gradient))
        words += [_("The shares cancel.")] if self.cancels() else []
        words += [_("Lit: {path}.", path=self.about(self.lit))] if self.lit is not None else []
        return " ".join(words)

    def about(self, place: int) -> str:
        """One path in words."""
        path = self.paths[place]
        through = ", ".join(spoken(self.network.labels[name]) for name in self.route(path))
        factors = _(" times ").join(amount(slope) for slope in path.slopes[::-1])
        message = N_("path {number} through {nodes}: {factors} is {share}") if through else N_("path {number}: {factors} is {share}")
        return _(message, number=place + 1, nodes=through, factors=factors, share=amount(path.product, 6, "+"))
