"""Gradient descent on lesson 02's three points, with
gradients of PyTorch, of a learner, or of a known mistake.
"""

import contextlib
import inspect
import io
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from types import SimpleNamespace
from typing import Any

import numpy as np

from ...autodiff.lazy import torch
from ...autodiff.settings import kept, ours
from ...checking.answers import Interrupted, Unreadable, name_of, read_answer
from ...exercise import Exercise, Mistake
from ...exercises import one_two_one_network as lesson
from ...translation import N_, _
from ..stage.sheet import amount

Array = np.ndarray
Look = Callable[[Array], tuple[float, Array]]
Part = slice | list[int]

NAMES = ("w1", "w2", "w3", "w4", "b1", "b2", "b3")
X, Y = np.array([0.1, 0.53, 0.82]), np.array([1.2, 3.2, 1.1])
EXPLODED = 1e12  # a loss beyond this one is not followed any further
PATIENCE = 1.0  # seconds that one move may take, however slow the learner's function is
BINS = 120  # of the history, over the steps on their logarithmic scale

ALL_SEVEN = Exercise(
    name="gradient",
    asks=tuple(f"dSSR_d{name}" for name in NAMES),
    forward=lesson.regression_hidden.forward,
    sample=lesson.regression_hidden.sample,
    points=0,
    hints=("", "", ""),
)
OF_THETA = replace(ALL_SEVEN, arguments=lambda v: {"theta": np.array([getattr(v, name) for name in NAMES])})


def random_start(seed: int) -> Array:
    """Weights as the lesson draws them, and biases of 0."""
    return np.append(np.random.RandomState(seed).randn(4), [0.0, 0.0, 0.0])


class Stopped(Exception):
    """No step can be taken from here; the message says why."""


# --- gradients ------------------------------------------------------------------------------------


def look(theta: Array) -> tuple[float, Array]:
    """The loss at theta, and its seven gradients by PyTorch."""
    leaves = _leaves(theta, True)
    loss = _loss(*leaves)
    return loss.item(), np.concatenate([gradient.numpy().ravel() for gradient in torch.autograd.grad(loss, leaves)])


def loss_at(theta: Array) -> float:
    """The loss alone."""
    return _loss(*_leaves(theta, False)).item()


def _leaves(theta: Array, wanted: bool) -> list[Any]:
    """The incoming weights and biases as columns,
    the outgoing weights as a row, and the last bias.
    """
    parts = (theta[:2].reshape(2, 1), theta[2:4].reshape(1, 2), theta[4:6].reshape(2, 1), theta[6:].reshape(1, 1))
    return [torch.from_numpy(part).requires_grad_(wanted) for part in parts]


def _loss(w: Any, v: Any, b: Any, c: Any) -> Any:
    """The forward pass of the lesson in a few large
    operations, so that a hundred steps are quick.
    """
    hidden = torch.nn.functional.softplus(torch.addcmul(b, w, _x()))
    return torch.nn.functional.mse_loss(torch.addmm(c, v, hidden), _y(), reduction="sum")


@lru_cache(maxsize=1)
def _x() -> Any:
    return torch.tensor(X).reshape(1, -1)


@lru_cache(maxsize=1)
def _y() -> Any:
    return torch.tensor(Y).reshape(1, -1)


def look_mistaken(theta: Array, mistake: Mistake) -> tuple[float, Array]:
    """The same with the gradients of someone who makes `mistake`.

    These are the numbers of `Exercise.mistaken`, in one backward pass and without its bookkeeping.
    """
    leaves = [torch.tensor(value, dtype=torch.float64, requires_grad=True) for value in theta.tolist()]
    wrong = _Wrong(mistake.formulas, theta)
    (mistake.program or ALL_SEVEN.forward)(wrong.node, _x()[0], _y()[0], *leaves)
    gradients = torch.autograd.grad(wrong.last, leaves)
    return wrong.last.item(), wrong.parameters(np.array([gradient.item() for gradient in gradients]))


def curve(theta: Array, x: Array) -> Array:
    """The green curve at the points x."""
    nodes: dict[str, Any] = {}

    def node(name: str, value: Any) -> Any:
        return nodes.setdefault(name, value)

    with ours(), torch.no_grad():
        ALL_SEVEN.forward(node, torch.from_numpy(x), torch.zeros(len(x), dtype=torch.float64), *torch.from_numpy(theta))
        return nodes["green"].numpy()


class _Wrong:
    """The `node` of a forward pass in which a mistake's
    formulas replace some gradients of the backward pass.
    """

    def __init__(self, formulas: Mapping[str, Callable[[SimpleNamespace], Any]], theta: Array) -> None:
        self.formulas = formulas
        self.last: Any = None
        self.seen = SimpleNamespace(x=X, y=Y, **dict(zip(NAMES, theta.tolist())))

    def node(self, name: str, value: Any) -> Any:
        if self.formulas and value.ndim:
            setattr(self.seen, name, value.detach().numpy())
            value.register_hook(lambda gradient: self._arrives(f"dSSR_d{name}", gradient))
        self.last = value
        return value

    def _arrives(self, link: str, gradient: Any) -> Any:
        setattr(self.seen, link, gradient.numpy())
        return torch.as_tensor(self.formulas[link](self.seen)) if link in self.formulas else None

    def parameters(self, gradients: Array) -> Array:
        """The gradients of the parameters, some of which are themselves replaced by the mistake."""
        if self.formulas:
            self.seen.__dict__.update(zip(ALL_SEVEN.asks, gradients.tolist()))
            for place, ask in enumerate(ALL_SEVEN.asks):
                if ask in self.formulas:
                    gradients[place] = self.formulas[ask](self.seen)
        return gradients


class Own:
    """A learner's gradients, from one function that
    returns all seven, or from one for each layer.
    """

    def __init__(self, functions: Sequence[Callable[..., Any]]) -> None:
        whole = OF_THETA if len(functions) == 1 and _takes_one(functions[0]) else ALL_SEVEN
        exercises = (lesson.regression_output, lesson.regression_hidden) if len(functions) == 2 else (whole,)
        self.parts = list(zip(exercises, functions))

    def look(self, theta: Array) -> tuple[float, Array]:
        """The true loss, and the learner's gradients.

        Stopped if they are not seven finite numbers.
        """
        loss = loss_at(theta)
        found = self._quickly(theta) or self._carefully(theta)
        return loss, np.array([found[ask] for ask in ALL_SEVEN.asks])

    def _quickly(self, theta: Array) -> dict[str, float]:
        """The seven numbers where all is well, nothing where it is not."""
        found: dict[str, float] = {}
        try:
            with _quiet():
                for exercise, function in self.parts:
                    arguments = (theta.copy(),) if exercise is OF_THETA else (X.copy(), Y.copy(), *theta)
                    found |= _numbers(function(*arguments), exercise.asks)
        except KeyboardInterrupt:
            words = _("Stopped by hand while your function was running. If that took long, look for a loop that never ends.")
            raise Stopped(words) from None
        except BaseException:  # whatever else a function may do: it is called again, and then told
            return {}
        return found if all(ask in found and np.isfinite(found[ask]) for ask in ALL_SEVEN.asks) else {}

    def _carefully(self, theta: Array) -> dict[str, Any]:
        """The same as the check reads it, which has words for everything that can be wrong."""
        found: dict[str, Any] = {}
        for exercise, function in self.parts:
            try:
                reading = read_answer(exercise, function, exercise.measure(_inputs(theta)))
            except (Unreadable, Interrupted) as problem:
                raise Stopped(str(problem)) from None
            found |= reading.values
            for ask in exercise.asks:
                if ask in ALL_SEVEN.asks and ask in reading.complaints:
                    raise Stopped(f"{name_of(function)}, {ask}: {reading.complaints[ask]}.")
        return found


def _inputs(theta: Array) -> dict[str, Any]:
    return {"x": X, "y": Y} | dict(zip(NAMES, theta.tolist()))


def _takes_one(function: Callable[..., Any]) -> bool:
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return False
    return len(parameters) == 1 and all(one.kind is not one.VAR_POSITIONAL for one in parameters)


def _numbers(raw: Any, asks: Sequence[str]) -> dict[str, float]:
    """The parameters' gradients in what a function returned.

    Any exception if it is not what was asked for.
    """
    raw = raw._asdict() if hasattr(raw, "_fields") else raw
    named = raw if isinstance(raw, Mapping) else dict(zip(asks, raw, strict=True))
    wanted = [ask for ask in asks if ask in ALL_SEVEN.asks]
    if any(np.ndim(named[ask]) for ask in wanted):
        raise ValueError
    return {ask: float(named[ask]) for ask in wanted}


@contextlib.contextmanager
def _quiet() -> Any:
    with kept(), warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        warnings.simplefilter("ignore")
        yield


# --- ways to descend ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Way:
    """A rule for the steps.

    name      in a few words
    look      look(theta) -> the loss and the seven gradients
    words     what is wrong with it, if anything
    parts     which parameters are updated together; the gradients are computed again for each part
              but the first
    against   1 for steps against the gradient, -1 for steps along it
    carries   whether the gradients of earlier steps are added to each
    """

    name: str
    look: Look
    mistake: Mistake | None = None
    parts: tuple[Part, ...] = (slice(7),)
    against: float = 1.0
    carries: bool = False

    @property
    def title(self) -> str:
        """The name, as it is shown."""
        return _(self.name)

    @property
    def words(self) -> str:
        """What is said of the mistake; empty if there is none."""
        return self.mistake.words if self.mistake else ""


PYTORCH = Way(N_("PyTorch's gradients"), look)


def _mistake(exercise: Exercise, id: str) -> Mistake:
    return next(mistake for mistake in exercise.mistakes if mistake.id == id)


def _with_gradient(exercise: Exercise, id: str, name: str) -> Way:
    mistake = _mistake(exercise, id)
    return Way(name, lambda theta: look_mistaken(theta, mistake), mistake)


_LAST, _HIDDEN, _STEPS = lesson.regression_output, lesson.regression_hidden, lesson.descend
MISTAKES = {
    "half": _with_gradient(_LAST, "lost-factor-two", N_("half the gradient")),
    "mean": _with_gradient(_LAST, "mean-for-sum", N_("the mean in place of the sum")),
    "squared": _with_gradient(_LAST, "squared-residual-kept", N_("the squared residual kept")),
    "first_point": _with_gradient(_LAST, "one-sample", N_("the last layer sees the first point only")),
    "too_early": _with_gradient(_LAST, "summed-too-early", N_("added up too early")),
    "counted": _with_gradient(_LAST, "bias-counts-points", N_("b3 counts the points")),
    "no_weight": _with_gradient(_HIDDEN, "no-outgoing-weight", N_("blue's gradient without w3")),
    "confused": _with_gradient(_HIDDEN, "units-confused", N_("orange's gradient through w3")),
    "no_slope": _with_gradient(_HIDDEN, "no-hidden-slope", N_("the derivative of softplus left out")),
    "own_slope": _with_gradient(_HIDDEN, "softplus-slope-is-softplus", N_("softplus taken for its derivative")),
    "bias": _with_gradient(_HIDDEN, "bias-equals-weight", N_("w1 and w2 get their biases' gradients")),
    "uphill": Way(N_("the step with the wrong sign"), look, _mistake(_STEPS, "uphill"), against=-1.0),
    "stale": Way(N_("the last layer moves first"), look, _mistake(_STEPS, "stale-hidden-layer"), parts=([2, 3, 6], [0, 1, 4, 5])),
    "carried": Way(N_("gradients not cleared"), look, _mistake(_STEPS, "not-cleared"), carries=True),
}


# --- a descent ------------------------------------------------------------------------------------


class History:
    """The losses by step, thinned out: of each interval
    of steps the lowest and the highest remain.
    """

    def __init__(self) -> None:
        self.points: list[tuple[int, float]] = []

    def add(self, step: int, loss: float) -> None:
        """Note the loss after `step`."""
        self.points.append((step, loss))
        if len(self.points) > 6 * BINS:
            self._thin()

    def _thin(self) -> None:
        first, *between, last = self.points
        width = np.log1p(last[0]) / BINS
        stretches: dict[int, list[tuple[int, float]]] = {}
        for point in between:
            stretches.setdefault(int(np.log1p(point[0]) / width), []).append(point)
        extremes = [{min(some, key=lambda p: p[1]), max(some, key=lambda p: p[1])} for some in stretches.values()]
        self.points = [first, *sorted(set().union(*extremes)), last]


class Descent:
    """One way down: where it stands, and the losses so far.

    `stopped` says why no step leads on, if none does; all steps made until then stay.
    """

    def __init__(self, way: Way, start: Array) -> None:
        self.way = way
        self.theta = np.array(start, dtype=np.float64)
        self.carried = np.zeros(7)
        with ours():
            self.loss, self.gradient, self.stopped = self._look(self.theta)
        self.steps, self.history = 0, History()
        self.history.add(0, self.loss)

    @property
    def first_loss(self) -> float:
        """The loss before the first step."""
        return self.history.points[0][1]

    def advance(self, steps: int, rate: float) -> int:
        """Make up to that many steps and return how many were made.

        They end early where no further step is possible, or when they take too long.
        """
        end, before = time.monotonic() + PATIENCE, self.steps
        with ours():
            while self.steps < before + steps and not self.stopped and time.monotonic() < end:
                self._step(rate)
        return self.steps - before

    def _step(self, rate: float) -> None:
        theta, gradient = self.theta.copy(), self.gradient
        if self.way.carries:
            gradient = self.carried = self.carried + gradient
        try:
            for turn, part in enumerate(self.way.parts):
                gradient = self.way.look(theta)[1] if turn else gradient
                theta[part] -= self.way.against * rate * gradient[part]
        except Stopped as problem:
            self.stopped = str(problem)
            return
        self._arrive(theta)

    def _arrive(self, theta: Array) -> None:
        """Go on to theta, if there is a loss there."""
        loss, gradient, problem = self._look(theta)
        if not np.isfinite(loss):
            self.stopped = _("Step {number} was not made: the loss would be {loss}.", number=self.steps + 1, loss=amount(loss))
            return
        self.theta, self.loss, self.gradient, self.steps = theta, loss, gradient, self.steps + 1
        self.history.add(self.steps, loss)
        self.stopped = problem
        if loss > EXPLODED:
            self.stopped = _("The loss has exploded: it is {loss} after step {number}.", loss=amount(loss), number=self.steps)

    def _look(self, theta: Array) -> tuple[float, Array, str]:
        """The loss and the gradients at theta, and the reason if no step can be made with them."""
        try:
            loss, gradient = self.way.look(theta)
        except Stopped as problem:
            return loss_at(theta), np.full(7, np.nan), str(problem)
        return loss, gradient, "" if np.isfinite(gradient).all() else _("No step can be made from here: a gradient is not finite.")
