"""Asks which line of a program is the first wrong one, and why; the answer is found by experiment.

A flawed program is an ordinary function whose numbered lines (`... # 3`) each compute one quantity
that PyTorch knows too. It is run line by line beside PyTorch, on generic inputs. The first line
whose result differs, on any of them, is the first wrong line. The reason is the known mistake that
reproduces all that the program returns, on all of them. So no answer is written down anywhere.
"""

import ast
import copy
import inspect
import re
import textwrap
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import CodeType
from typing import Any

import numpy as np

from ...autodiff.lazy import torch
from ...autodiff.settings import ours
from ...autodiff.tape import Array, Tape
from ...exercise import Exercise, Inputs, Mistake, Prediction
from ...helping.referee import as_function
from ...translation import N_, _

Program = Callable[..., Any]
SEED, SAMPLES, RTOL = 41, 6, 1e-7
NUMBERED = re.compile(r"#\s*(\d+)\s*$")


@dataclass(frozen=True)
class ProgramLine:
    """A numbered line of a program, and the name of what it works out."""

    number: int
    name: str
    wrong: bool  # its result differs from PyTorch's
    wrong_by_itself: bool  # also where all that it uses is right


@dataclass(frozen=True)
class Investigation:
    """What the experiment says about a flawed program."""

    line: int
    why: int
    lines: tuple[ProgramLine, ...]
    instead: tuple[str, ...]  # for each reason that is not the right one, what it would have led to


@dataclass(frozen=True, eq=False)
class Verdict(Prediction):
    """The question which line of `program` is the first
    wrong one, and which of the `options` explains it.

    The options are mistakes of `repair`, by id.
    """

    program: Program = lambda: None
    repair: Exercise | None = None
    options: tuple[str, ...] = ()

    @property
    def reasons(self) -> tuple[str, ...]:
        """The reasons to choose from, in words."""
        assert self.repair is not None
        return tuple(_mistake(self.repair, option).words for option in self.options)

    def experiment(self) -> Investigation:
        """Run the program beside PyTorch."""
        assert self.repair is not None
        return investigate(self.program, self.repair, self.options)

    def referee_code(self, inputs: Inputs) -> str:
        """The program that settles the question: the flawed program line by line beside PyTorch."""
        lesson = (self.repair or self).forward.__module__.rpartition(".")[2]
        lines = [
            f"found = ex.{self.name}.experiment()  # the program, line by line, beside PyTorch",
            *(f"print({ask!r}, found.{ask})" for ask in self.asks),
        ]
        return "\n".join([f"from backprop.exercises import {lesson} as ex", "", "", *as_function(self, lines)])


def verdict(program: Program, repair: Exercise, options: tuple[str, ...], hints: tuple[str, str, str]) -> Verdict:
    """The question about `program`, whose repaired version `repair` asks for."""

    def forward(node: Any) -> None:
        found = investigate(program, repair, options)
        node("line", torch.tensor(found.line))
        node("why", torch.tensor(found.why))

    return Verdict(
        name=f"{repair.name}_verdict",
        asks=("line", "why"),
        forward=forward,
        sample=lambda rng: {},
        points=2,
        hints=hints,
        mistakes=_WrongChoices(program, repair, options),
        program=program,
        repair=repair,
        options=options,
    )


@lru_cache(maxsize=64)
def investigate(program: Program, repair: Exercise, options: tuple[str, ...]) -> Investigation:
    """The first wrong line of `program`, the reason for it, and what each other choice would mean.

    ValueError unless line and reason are unique.
    """
    with ours():
        drawn = repair.draw(SEED, SAMPLES)
        runs = [_beside_pytorch(program, repair, sample.inputs) for sample in drawn]
        lines = tuple(
            ProgramLine(number, name, any(run[number][1] for run in runs), any(run[number][2] for run in runs))
            for number, name, _ in numbered_statements(program)
            if number
        )
        given = [{name: run[number][0] for number, name, _ in numbered_statements(program) if number} for run in runs]
        instead = [
            _difference([(repair.mistaken(_mistake(repair, option), sample), own) for sample, own in zip(drawn, given)], repair.asks)
            for option in options
        ]
    wrong = [line.number for line in lines if line.wrong]
    fitting = [place for place, words in enumerate(instead, 1) if not words]
    if not wrong or len(fitting) != 1:
        raise ValueError(f"{program.__name__}: wrong lines {wrong}, reasons that fit {fitting}; one reason has to fit.")
    return Investigation(wrong[0], fitting[0], lines, tuple(instead))


def _always(number: int) -> Callable[[Any], int]:
    return lambda _: number


class _WrongChoices(Sequence[Mistake]):
    """Every line and every reason but the right ones, each with words; computed when first used."""

    def __init__(self, program: Program, repair: Exercise, options: tuple[str, ...]) -> None:
        self._question = (program, repair, options)
        self._mistakes: tuple[Mistake, ...] | None = None

    def _all(self) -> tuple[Mistake, ...]:
        if self._mistakes is None:
            found = investigate(*self._question)
            lines = [line for line in found.lines if line.number != found.line]
            whys = [(place, words) for place, words in enumerate(found.instead, 1) if place != found.why]
            self._mistakes = (
                *(Mistake(f"line-{line.number}", _about(line), line=_always(line.number)) for line in lines),
                *(Mistake(f"why-{place}", words, why=_always(place)) for place, words in whys),
            )
        return self._mistakes

    def __len__(self) -> int:
        return len(self._all())

    def __getitem__(self, place: Any) -> Any:
        return self._all()[place]

    def __iter__(self) -> Iterator[Mistake]:
        return iter(self._all())


def _about(line: ProgramLine) -> str:
    """What is said to someone who takes `line` for the first wrong one."""
    if not line.wrong:
        message = N_("Line {number} gives PyTorch's {name} on every input tried. The mistake is in another line.")
    elif not line.wrong_by_itself:
        message = N_(
            "Line {number} does give a wrong {name}. But with right inputs its result is right. "
            "It only uses a wrong result of an earlier line."
        )
    else:
        message = N_("Line {number} does give a wrong {name}, but it is not the first line that gives a wrong number.")
    return _(message, number=line.number, name=line.name)


def _mistake(repair: Exercise, option: str) -> Mistake:
    return next(mistake for mistake in repair.mistakes if mistake.id == option)


Statements = tuple[tuple[int, str, CodeType], ...]


@lru_cache(maxsize=64)
def numbered_statements(program: Program) -> Statements:
    """The program's statements as (number, name, code); number 0 for a line without one.

    Docstring and `return` are left out.
    """
    source = textwrap.dedent(inspect.getsource(program))
    function = ast.parse(source).body[0]
    assert isinstance(function, ast.FunctionDef)
    found = []
    for statement in function.body:
        is_docstring = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
        if is_docstring or isinstance(statement, ast.Return):
            continue
        number = NUMBERED.search(source.splitlines()[(statement.end_lineno or 1) - 1])
        target = statement.targets[0] if isinstance(statement, ast.Assign) else None
        name = target.id if isinstance(target, ast.Name) else ""
        found.append((int(number[1]) if number else 0, name, compile(ast.unparse(statement), program.__name__, "exec")))
    return tuple(found)


def _beside_pytorch(program: Program, repair: Exercise, inputs: Inputs) -> dict[int, tuple[Array, bool, bool]]:
    """For each numbered line: its result, whether that
    is wrong, and whether it is wrong given right inputs.
    """
    tape = Tape(repair.forward, inputs)
    statements = numbered_statements(program)
    truth = {name: tape.answer(name) for number, name, _ in statements if number}
    own, given = _results(program, statements, inputs, {}), _results(program, statements, inputs, truth)
    return {
        number: (own[name], not _same(own[name], truth[name]), not _same(given[name], truth[name]))
        for number, name, _ in statements
        if number
    }


def _results(program: Program, statements: Statements, inputs: Inputs, handed_on: dict[str, Array]) -> dict[str, Array]:
    """The result of each numbered line, if later
    lines get the values `handed_on` in place of it.
    """
    namespace = dict(program.__globals__) | copy.deepcopy(dict(inputs))
    results = {}
    for number, name, code in statements:
        exec(code, namespace)
        if number:
            results[name] = np.array(namespace[name], dtype=np.float64)
            if name in handed_on:
                namespace[name] = handed_on[name][()]
    return results


def _same(one: Array, other: Array) -> bool:
    return one.shape == other.shape and bool(np.allclose(one, other, rtol=RTOL, atol=1e-12))


def _difference(pairs: list[tuple[dict[str, Array], dict[str, Array]]], asks: Sequence[str]) -> str:
    """How the results of a mistake differ from the
    program's, in words; empty if they agree everywhere.

    `pairs` holds (results of the mistake, results of the program).
    """
    for slip, own in pairs:
        for ask in asks:
            expected, got = np.asarray(slip[ask], dtype=np.float64), own[ask]
            if expected.shape != got.shape:
                return _(
                    "That mistake would give {ask} the shape {shape}. This program gives it the shape {own}.",
                    ask=ask,
                    shape=expected.shape,
                    own=got.shape,
                )
            if not _same(expected, got):
                apart = np.nan_to_num(np.abs(expected - got), nan=np.inf)
                where = tuple(int(k) for k in np.unravel_index(np.argmax(apart), apart.shape))
                entry = f"{ask}{list(where) if where else ''}"
                return _(
                    "On one of the check's inputs, that mistake alone would lead to {expected:.6g} for {entry}. "
                    "This program gives {own:.6g}.",
                    expected=expected[where] + 0.0,
                    entry=entry,
                    own=got[where] + 0.0,
                )
    return ""
