"""The stepper: the forward and the backward pass, a
node at each step, with its formula and its numbers.
"""

import html
from typing import Any

from ...figures.networks import NETWORKS, Network
from ...translation import N_, _
from ..stage.formulas import in_pieces
from ..stage.notation import as_html, partial
from ..stage.sheet import amount
from ..stage.stage import Control, Frame, Picture, button, entry, gap, note, play, read_number, tick
from .board import GraphBoard
from .judging import COARSE, RIGHT, WRONG, Judge, typed
from .steps import Step, ask_of, in_words, left_side, lines_of, name_of, number_of, rule_of, symbols_of, used_by

ROOM = 122.0  # under the graph, for the formula


class Stepper(Picture):
    """A network, computed node by node: values from
    left to right, then gradients from right to left.

    network  its name in `networks.NETWORKS`
    values   inputs to start from, in place of the network's own
    """

    def __init__(self, network: str, **values: float) -> None:
        super().__init__()
        self.network = network_named(network)
        inputs = dict(self.network.inputs) | {
            name: read_number(value, name, *self.network.range(name)) for name, value in values.items() if known(self.network, name)
        }
        self.judge = Judge(self.network, inputs)
        self.now = self.judge.now
        self.steps = list(self.judge.steps.values())
        self.done = 0  # so many steps have been taken
        self.predicting = False
        self.guess = self.state = self.said = ""
        self.slot = 0
        self.title = _("Stepper: {title}", title=_(self.network.title))
        self.redraw()

    # --- what the reader does ---------------------------------------------------------------------

    def moved(self, key: str, value: Any) -> None:
        """Buttons go to a step; the tick box asks for predictions, and the entry takes them."""
        if key == "guess":
            self._guessed(value)
        elif key == "predict":
            self.predicting = bool(value)
            self._go(self.done)
        else:
            goals = {"first": 0, "previous": self.done - 1, "last": len(self.steps)}
            if key in goals:
                self._go(goals[key])
            elif key == "next":
                self._go(self.done + int(value))

    def _go(self, place: int) -> None:
        self.done = min(max(place, 0), len(self.steps))
        self.guess = self.state = self.said = ""
        self.slot += 1

    def _guessed(self, value: Any) -> None:
        slot, text = value
        if slot != self.slot or not self.predicting or self.done == len(self.steps):
            return  # typed for a step that has been left since
        self.guess, self.state, self.said = str(text), "", ""
        if not self.guess.strip():
            return
        answer, step = typed(self.guess), self.steps[self.done]
        ask, name = ask_of(self.network, step), symbol(self.network, step)
        kind = self.judge.states({ask: answer})[ask]
        if kind == RIGHT:
            self._go(self.done + 1)
            words = _("{name}: right.", name=name)
            self.said = f"<p class='bp-right'>✓ {words}</p>"
        elif kind == COARSE:
            words = _("{name}: right as far as it goes. One more digit, please.", name=name)
            self.said = f"<p class='bp-given'>≈ {words}</p>"
        else:
            self.state = WRONG
            known = [ask_of(self.network, taken) for taken in self.steps[: self.done]]
            reason = html.escape(self.judge.reason(ask, {ask: answer}, known))
            words = _("{name}: not yet. {reason} Try again, or press “Show it”.", name=name, reason=reason)
            self.said = f"<p class='bp-wrong'>✗ {words}</p>"

    # --- what is shown ----------------------------------------------------------------------------

    def draw(self) -> Frame:
        """The graph as far as it has been worked out, and the formula of the last step."""
        board = self._graph()
        width, height = self.network.size
        for line, place in zip(self._formula(), (0.30, 0.74)):
            board.sheet.maths_row(width / 2, height + place * ROOM, in_pieces(line), size=18)
        words = self._in_words()
        return Frame(board.sheet.finished(self.title, words), words, self._caption(), self._controls())

    @property
    def _step(self) -> Step | None:
        """The step that was taken last."""
        return self.steps[self.done - 1] if self.done else None

    @property
    def _next(self) -> Step | None:
        """The step that is asked for, where predictions are."""
        return self.steps[self.done] if self.predicting and self.done < len(self.steps) else None

    def _graph(self) -> GraphBoard:
        network, now, step = self.network, self.now, self._step
        used = used_by(network, now, step) if step else []
        board = GraphBoard(network, now.slopes, ROOM)
        back = [(step.node, stop) for stop in used] if step and step.back else []
        through = [network.on_edges[step.node]] if step and step.back and step.node in network.on_edges else []
        forward = [(start, step.node) for start in used] if step and not step.back else []
        board.arrows(quiet=True, forward=forward, backward=[*back, *through])
        ring = "" if step is None else "vermillion" if step.back else "blue"
        for name in network.places:
            board.node(name, ring=ring if step and name == step.node else "")
        if step and step.node not in network.places:
            board.node(step.node, ring=ring)
        for edge in back:
            if edge[0] in network.places:
                board.slope(edge, now.slopes[edge])
        self._numbers(board, used)
        return board

    def _numbers(self, board: GraphBoard, used: list[str]) -> None:
        """The numbers computed so far; the last step's, and those that it uses, are highlighted."""
        network, step = self.network, self._step
        shown = [(Step(name, False), self.now.values[name]) for name in network.inputs if name in network.places]
        shown += [(taken, number_of(self.now, taken)) for taken in self.steps[: self.done]]
        for one, value in shown:
            here = step is not None and one.node == step.node
            if one.node in network.places or one == step:
                lit = one == step or (step is not None and one.back == step.back and one.node in used)
                with board.sheet.named(_("{name} is {value}", name=name_of(network, one), value=amount(value))):
                    board.number(one.node, value, one.back, lit, away=19 if here else 13)
        if self._next and self._next.node in network.places:
            board.words(*board.beside(self._next.node, self._next.back), "?", "purple", True)

    def _formula(self) -> list[str]:
        if self.state == WRONG and self._next:
            symbols = symbols_of(self.network, self.now, self._next)
            return [f"{left_side(self.network, self._next)} = {symbols + ' = ' if symbols else ''}?"]
        return lines_of(self.network, self.now, self._step) if self._step else []

    def _caption(self) -> str:
        step, count = self._step, len(self.steps)
        if step is None:
            words = _("Only the inputs are known. {count} steps lead to every value and every gradient.", count=count)
        else:
            message = N_("Step {done} of {count}, backward. {rule}") if step.back else N_("Step {done} of {count}, forward. {rule}")
            words = _(message, done=self.done, count=count, rule=rule_of(self.network, self.now, step))
        if self.done == count:
            words += " " + _("Every gradient is there, each worked out once.")
        if self._next is None:
            return f"<p>{words}</p>"
        question = _("Which number is {symbol}?", symbol=symbol(self.network, self._next))
        return f"<p>{words}</p><p>{question}</p>"

    def _in_words(self) -> str:
        step = self._step
        here = _("Only the inputs are known.")
        if step:
            told = in_words(self.network, self.now, step)
            here = _("Step {done} of {count}. {step}", done=self.done, count=len(self.steps), step=told)
        asked = _("Asked next: {name}.", name=name_of(self.network, self._next)) if self._next else ""
        heard = {WRONG: _("Not yet."), RIGHT: _("Right.")}.get(self.state or (RIGHT if "bp-right" in self.said else ""), "")
        return " ".join(filter(None, [heard, here, asked]))

    def _controls(self) -> list[Control]:
        start, end = self.done == 0, self.done == len(self.steps)
        shown: list[Control] = [
            button("first", _("|◀ First"), _("first step"), start),
            button("previous", _("◀ Previous"), _("previous step"), start),
            button("next", _("Show it ▶") if self._next else _("Next ▶"), _("show it") if self._next else _("next step"), end),
            button("last", _("Last ▶|"), _("last step"), end),
            play("play", _("▶ Play"), "next", 1500, end or self.predicting),
            tick("predict", _("I predict each number"), self.predicting),
        ]
        if self._next:
            shown += [gap("row"), entry("guess", f"{symbol(self.network, self._next)} =", self.guess, self.state, self.slot)]
        return [*shown, note("state", self.said)] if self.said else shown


def network_named(name: str) -> Network:
    """The network of this name. ValueError in words if there is none."""
    if name not in NETWORKS:
        raise ValueError(_("There is no network {name!r}; choose one of {names}.", name=name, names=", ".join(NETWORKS)))
    return NETWORKS[name]


def known(network: Network, name: str) -> bool:
    """True. ValueError in words if the network has no such input."""
    if name not in network.inputs:
        raise ValueError(_("This network has no input {name!r}; its inputs are {names}.", name=name, names=", ".join(network.inputs)))
    return True


def symbol(network: Network, step: Step) -> str:
    """What the step works out, in HTML."""
    label = network.labels[step.node]
    return partial(network.labels[network.output], label) if step.back else as_html(label)


def step_through(network: str = "logistic", **values: float) -> Stepper:
    """A forward and a backward pass to step through:
    step_through("logistic"), with your own inputs if you give some.
    """
    return Stepper(network, **values)
