"""Executors that many tests share: their start loads PyTorch, twice."""

import contextlib
from collections.abc import Callable, Iterator

import pytest

from autograder.grading import options
from autograder.running.executor import PRELOAD, Executor
from autograder.sandbox.limits import Limits


class Lent:
    """An executor that goes on after whoever asked for one is done with it."""

    def __init__(self, executor):
        self._executor = executor

    def __getattr__(self, name):
        return getattr(self._executor, name)

    def __enter__(self):
        return self

    def __exit__(self, *raised):
        pass

    def stop(self):
        pass


@contextlib.contextmanager
def lending() -> Iterator[Callable[..., Lent]]:
    """Lend executors: one for each set of limits and options, started when it is first asked for.

    What is yielded is called as the class Executor is. `rehearsal` is ignored: it only saves time.
    """
    with contextlib.ExitStack() as stack:
        started = {}

        def lend(limits=None, mode="auto", *, preload=PRELOAD, readable=(), rehearsal=()):
            key = repr((limits or Limits(), mode, tuple(preload), list(readable)))
            if key not in started:
                started[key] = stack.enter_context(Executor(limits, mode, preload=preload, readable=readable))
            return Lent(started[key])

        yield lend


@contextlib.contextmanager
def lent_to_grade(lend: Callable[..., Lent]) -> Iterator[None]:
    """Lend executors to `grade` in this process. Runs in other processes start their own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(options, "Executor", lend)
        yield
