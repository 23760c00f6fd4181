"""Executors that many tests share: their start loads PyTorch."""

import contextlib
from collections.abc import Callable, Iterator

import pytest

from autograder import cli
from autograder.grading import options
from autograder.running.executor import Executor
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

    What is yielded is called as the class Executor is. What is to be loaded or done early is
    ignored: it only saves time.
    """
    with contextlib.ExitStack() as stack:
        started = {}

        def lend(limits=None, mode="auto", *, readable=(), **only_saves_time):
            key = repr((limits or Limits(), mode, list(readable)))
            if key not in started:
                started[key] = stack.enter_context(Executor(limits, mode, readable=readable))
            return Lent(started[key])

        yield lend


@contextlib.contextmanager
def lent_to_grade(lend: Callable[..., Lent]) -> Iterator[None]:
    """Lend executors to `grade` in this process. Runs in other processes start their own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(options, "Executor", lend)
        patch.setattr(cli, "begun", lambda *asked: contextlib.nullcontext())
        yield
