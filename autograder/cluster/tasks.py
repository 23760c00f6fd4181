"""Calls of functions on workers, and their results as they come in."""

import queue
from collections.abc import Callable, Collection
from typing import Any
from uuid import uuid4

from dask.typing import Key
from distributed import Client, Future

from autograder.grading.engine import EngineLost

TICK = 1.0  # seconds to wait for a result before something else is looked at


class Tasks:
    """What is under way on a cluster; each task has a tag of the caller's."""

    def __init__(self, client: Client, where: str) -> None:
        self.client, self._where = client, where
        self._under_way: dict[str, tuple[Future[Any], Any]] = {}
        self._finished: queue.SimpleQueue[str] = queue.SimpleQueue()

    def send(self, tag: Any, function: Callable[..., bytes], *arguments: Any, workers: Collection[str], elsewhere: bool = True) -> None:
        """Have one of these workers call a function.

        elsewhere   let any other worker call it if all of these are lost
        """
        key = f"autograder-{function.__name__}-{uuid4().hex}"
        future = self.client.submit(function, *arguments, key=key, pure=False, workers=list(workers), allow_other_workers=elsewhere)
        self._under_way[key] = future, tag
        future.add_done_callback(lambda done: self._finished.put(done.key))

    def forget(self, tag: Any) -> None:
        """Do not wait for the tasks with this tag any more."""
        for key in [key for key, (_, other) in self._under_way.items() if other == tag]:
            self._under_way.pop(key)[0].cancel()

    def finished(self) -> list[tuple[Any, object]]:
        """The tasks that have finished: each tag, with the result or the exception in its place.

        It waits for a second at most, so there may be none. EngineLost if the scheduler is lost.
        """
        done = [self._under_way.pop(key) for key in self._keys() if key in self._under_way]
        if any(future.cancelled() for future, _ in done) or self.client.status != "running":
            raise self.lost()
        good = [future for future, _ in done if future.status == "finished"]
        results = self._results(good)
        return [(tag, results[future.key] if future.key in results else future.exception()) for future, tag in done]

    def wake(self) -> None:
        """End the wait for a result: there is something else to do."""
        self._finished.put("")

    def lost(self) -> EngineLost:
        """What to raise when the scheduler does not answer any more."""
        return EngineLost(
            f"The scheduler {self._where} is lost. What was graded is kept; the same command goes on with the rest, "
            "with --dask when a scheduler is there again, or without."
        )

    def _results(self, futures: list[Future[Any]]) -> dict[Key, object]:
        """What came back, by key; the error in place of a result that was refused."""
        try:
            return dict(zip((future.key for future in futures), self.client.gather(futures)))
        except (TypeError, ValueError) as error:  # one of them, and nothing of the others has come
            if len(futures) == 1:
                return {futures[0].key: error}
            return {key: result for future in futures for key, result in self._results([future]).items()}

    def _keys(self) -> list[str]:
        keys: list[str] = []
        try:
            keys.append(self._finished.get(timeout=TICK))
            while True:
                keys.append(self._finished.get_nowait())
        except queue.Empty:
            return keys
