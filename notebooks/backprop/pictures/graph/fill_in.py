"""Fill in: a graph that shows only its inputs.

The learner types values, then gradients; each is marked at once.
"""

import html
from typing import Any

import numpy as np

from ...autodiff.settings import ours
from ...figures.networks import Network
from ...questions.sampling import between_zero_and_one, signed
from ...translation import N_, _
from ..stage.sheet import amount
from ..stage.stage import Control, Frame, Picture, blank, button
from .board import GraphBoard
from .judging import COARSE, GIVEN, RIGHT, WRONG, Judge, Typed, typed
from .stepper import network_named, symbol
from .steps import Step, name_of

AWAY = 16.0  # from a node's outline to the middle of its field
WIDTH = 62.0
SEED = 20
MARKS = {RIGHT: ("✓", "green"), GIVEN: ("→", "blue"), WRONG: ("✗", "vermillion"), COARSE: ("≈", "quiet")}
SPOKEN = {RIGHT: N_("right"), GIVEN: N_("right, given your earlier number"), WRONG: N_("wrong"), COARSE: N_("too few digits")}


class FillIn(Picture):
    """A network's graph with a field for every value and every gradient.

    network  its name in `networks.NETWORKS`; its parameters have to be nodes of the drawing, not
             labels of edges
    """

    def __init__(self, network: str) -> None:
        super().__init__()
        self.network = network_named(network)
        if self.network.on_edges:
            words = N_("The graph of {network!r} has too many numbers to fill in. Try 'logistic', 'relu' or 'one_two_one'.")
            raise ValueError(_(words, network=network))
        self.rng = np.random.default_rng(SEED)
        self.slots: dict[str, int] = {}
        self._begin(dict(self.network.inputs))
        self.title = _("Fill in: {title}", title=_(self.network.title))
        self.redraw()

    def _begin(self, inputs: dict[str, float]) -> None:
        self.judge = Judge(self.network, inputs)
        self.steps = {ask: step for ask, step in self.judge.steps.items() if not (step.back and step.node == self.network.output)}
        self._clear()

    def _clear(self) -> None:
        self.texts: dict[str, str] = {}
        self.answers: dict[str, Typed] = {}
        self.shown: set[str] = set()
        self.latest = ""
        self.slots = {ask: self.slots.get(ask, 0) + 1 for ask in self.steps}

    # --- what the reader does ---------------------------------------------------------------------

    def moved(self, key: str, value: Any) -> None:
        """Fields take numbers; the buttons show one, clear all, or draw other inputs."""
        if key in self.steps:
            slot, text = value
            if slot == self.slots[key]:  # else it was typed before the field was cleared
                self._typed(key, str(text))
        elif key == "show":
            self._show()
        elif key == "again":
            self._clear()
        elif key == "new":
            self._begin(new_numbers(self.network, self.rng))

    def _typed(self, ask: str, text: str) -> None:
        self.texts[ask], self.latest = text, ask
        self.shown.discard(ask)
        self.answers.pop(ask, None)
        if text.strip():
            self.answers[ask] = typed(text)

    def _show(self) -> None:
        """Fill in the first field that is not right yet."""
        states = self.judge.states(self.answers)
        ask = next((ask for ask in self.steps if states.get(ask) != RIGHT), None)
        if ask is not None:
            text = f"{self.judge.truth(ask):.4g}"
            self.texts[ask], self.answers[ask], self.latest = text, typed(text), ask
            self.shown.add(ask)
            self.slots[ask] += 1

    # --- what is shown ----------------------------------------------------------------------------

    def draw(self) -> Frame:
        """The graph with its fields; under it the judgement
        of the latest number, and how many are right.
        """
        states = self.judge.states(self.answers)
        board = self._graph(states)
        caption = f"<p>{self._latest(states)}</p><p>{self._count(states)}</p>"
        words = _plain(f"{self._latest(states)} {self._count(states)}")
        return Frame(board.sheet.finished(self.title, words), words, caption, self._controls(board, states))

    def _graph(self, states: dict[str, str]) -> GraphBoard:
        network, now = self.network, self.judge.now
        board = GraphBoard(network, now.slopes)
        board.arrows()
        for name in network.places:
            board.node(name)
        given = [(Step(name, False), now.values[name]) for name in network.inputs]
        given.append((Step(network.output, True), now.gradients[network.output]))
        for step, value in given:
            with board.sheet.named(_("{name} is {value}", name=name_of(network, step), value=amount(value))):
                board.number(step.node, value, below=step.back)
        for ask, kind in states.items():
            x, y = board.beside(self.steps[ask].node, self.steps[ask].back, AWAY)
            side = -1 if x + WIDTH / 2 + 18 > network.size[0] else 1
            mark, ink = MARKS[kind]
            board.sheet.write(x + side * (WIDTH / 2 + 4), y, mark, ink, 15, "end" if side < 0 else "start", bold=True)
        return board

    def _latest(self, states: dict[str, str]) -> str:
        """The judgement of the number that was typed last, in words."""
        ask = self.latest
        if not ask:
            return _(HOW)
        name = symbol(self.network, self.steps[ask])
        if ask in self.shown:
            return _("{name} = {value}, shown by PyTorch.", name=name, value=amount(self.judge.truth(ask)))
        kind = states.get(ask)
        if kind is None:
            return _("{name} is open.", name=name)
        said = {
            RIGHT: _("right."),
            GIVEN: _("right, given your earlier number. That one is not right yet; the step from it is."),
            COARSE: _("right as far as it goes. One more digit, please."),
            WRONG: _("not yet. {reason}", reason=html.escape(self.judge.reason(ask, self.answers)) if kind == WRONG else ""),
        }[kind]
        return f"<span class='bp-{'given' if kind in (GIVEN, COARSE) else kind}'>{MARKS[kind][0]} {name}: {said}</span>"

    def _count(self, states: dict[str, str]) -> str:
        right = sum(kind == RIGHT for kind in states.values()) - len(self.shown)
        given = sum(kind == GIVEN for kind in states.values())
        parts = [_("{right} of {count} right", right=right, count=len(self.steps))]
        parts += [_("{given} more right given an earlier number", given=given)] if given else []
        parts += [_("{count} shown", count=len(self.shown))] if self.shown else []
        words = f"{', '.join(parts)}."
        if right + len(self.shown) < len(self.steps):
            return words
        return " ".join([words, _("The whole graph is filled in."), _("New numbers are a button away.") if self.shown else _(DONE)])

    def _controls(self, board: GraphBoard, states: dict[str, str]) -> list[Control]:
        finished = sum(kind == RIGHT for kind in states.values()) == len(self.steps)
        buttons = [
            button("show", _("Show the next one"), disabled=finished),
            button("again", _("Start again"), disabled=not self.texts),
            button("new", _("New numbers")),
        ]
        return buttons + [self._field(board, ask, step, states.get(ask, "")) for ask, step in self.steps.items()]

    def _field(self, board: GraphBoard, ask: str, step: Step, kind: str) -> Control:
        x, y = board.beside(step.node, step.back, AWAY)
        unread = N_("no number") if self.texts.get(ask, "").strip() else ""
        said = _("shown") if ask in self.shown else _(SPOKEN.get(kind, unread))
        words = f"{name_of(self.network, step)}{': ' + said if said else ''}"
        border = "" if ask in self.shown else kind
        return blank(ask, words, x, y, WIDTH, self.texts.get(ask, ""), border, slot=self.slots[ask])


HOW = N_(
    "Type the values from left to right, above the nodes; then the gradients from right to left, below them. 1/4 and -6+7.5 are numbers."
)
DONE = N_("That is a forward and a backward pass by hand.")


def new_numbers(network: Network, rng: np.random.Generator) -> dict[str, float]:
    """Other inputs for the network: the exercise's, or
    generic ones, such that no value is too small to read.
    """
    for _attempt in range(100):
        with ours():
            if network.exercise is not None:
                inputs = {name: float(value) for name, value in network.exercise.sample(rng).items()}
            else:
                inputs = {name: between_zero_and_one(rng) if network.range(name) == (0.0, 1.0) else signed(rng) for name in network.inputs}
        now = network.trace(inputs)
        if min(map(abs, [*now.values.values(), *now.gradients.values()])) > 0.02:
            break
    return inputs


def _plain(words: str) -> str:
    """HTML without its marks."""
    import re

    return html.unescape(re.sub(r"<[^>]*>", "", words))


def fill_in(network: str = "logistic") -> FillIn:
    """A graph to fill in, values and then gradients,
    each marked as you type it: fill_in("logistic").
    """
    return FillIn(network)
