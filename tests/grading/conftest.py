"""Executors that many tests share: their start loads PyTorch, twice."""

import contextlib

import pytest

from autograder.grading import options
from autograder.running.executor import Executor


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


@pytest.fixture(scope="package")
def running_executors():
    """By what they were asked for."""
    with contextlib.ExitStack() as stack:
        started = {}

        def lend(*asked, **options):
            key = repr((asked, sorted(options.items())))
            if key not in started:
                started[key] = stack.enter_context(Executor(*asked, **options))
            return Lent(started[key])

        yield lend


@pytest.fixture
def lent_executors(running_executors, monkeypatch):
    """`grade` in this process is lent an executor that the tests before it may have used.

    Runs in other processes start their own.
    """
    monkeypatch.setattr(options, "Executor", running_executors)
