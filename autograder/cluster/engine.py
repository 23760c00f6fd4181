"""Grading on a cluster: workers mark, and the grading process alone writes the marks down."""

import hashlib
import socket
import threading
from collections.abc import Callable
from contextlib import ExitStack, suppress
from typing import Self

from autograder.grading import reference
from autograder.grading.engine import EngineLost, EngineProblem, Work
from autograder.grading.marker import Marker
from autograder.grading.prepared import Prepared
from autograder.running import codec

from . import worker
from .connecting import connected
from .marker import LOSSES, ClusterMarker
from .tasks import Tasks
from .wire import BadReply, ReplyKind, decode_reply, prepared_in
from .workforce import Asking, Stage, Workforce

DISMISSAL = 10.0  # seconds for workers to end what they run, when a run has ended


class ClusterEngine:
    """The workers of one scheduler, for one run."""

    def __init__(self, work: Work, where: str, say: Callable[[str], None]) -> None:
        self._work, self._where, self._say = work, where, say
        self._stack = ExitStack()
        run = f"{socket.gethostname()} {work.kept_at}"  # the same after a run was killed: what it left on workers is replaced
        self._name = "autograder-" + hashlib.sha256(run.encode()).hexdigest()[:16]

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            client = stack.enter_context(connected(self._where))
            self._tasks = Tasks(client, self._where)
            self._workforce = Workforce(self._tasks, self._name, _package(self._work).encoded(), self._say)
            stack.callback(self._dismiss_all)
            self._say(f"Waiting for the workers of {self._where} to load what they need.")
            self._settle()
            self._stack = stack.pop_all()
        return self

    def __exit__(self, error: type[BaseException] | None, *raised: object) -> None:
        if error is None:
            with suppress(EngineLost):
                self._workforce.drop_lost()  # also one that was lost a moment before the end is told of
        self._stack.close()

    @property
    def sandbox(self) -> str:
        """The isolation around student code on the workers, in words."""
        return "; ".join(sorted({answer.sandbox for answer in self._workforce.answers()}))

    def prepare(self) -> Prepared:
        """What is done once, before anybody is marked: by one worker, for all of them."""
        self._settle()
        key = self._workforce.answers()[0].key
        kept = reference.kept(self._work.kept_at, key)
        prepared = self._prepared(codec.encode(kept.as_dict()) if kept else b"")
        if kept is None:
            reference.keep(self._work.kept_at, key, prepared.findings)
        return prepared

    def marker(self, prepared: Prepared) -> Marker:
        """What marks submissions."""
        self._workforce.brief(codec.encode(prepared.as_dict()))
        self._settle()
        ready = [self._workforce.members[address].threads for address in self._workforce.addresses(Stage.READY)]
        self._say(f"Workers: {len(ready)}, with {sum(ready)} threads.")
        return ClusterMarker(self._tasks, self._workforce, self._work.assignment.notebooks)

    def _prepared(self, findings: bytes) -> Prepared:
        words = "its workers were lost"
        for _ in range(LOSSES):
            asked = self._name, self._workforce.identity, findings, self._work.whole_class
            self._tasks.send(self, worker.prepare_class, *asked, workers=self._workforce.addresses(Stage.LOADED))
            result = self._await_own()
            with suppress(BadReply):
                reply = decode_reply(result)
                if reply.kind is ReplyKind.PREPARED:
                    return prepared_in(reply)
                words = reply.words or words
            self._settle()
        raise EngineProblem(f"The course's own solution could not be run on {self._where}: {words}.")

    def _await_own(self) -> object:
        while True:
            for tag, result in self._hear():
                if tag is self:
                    return result

    def _settle(self) -> None:
        """Wait until all workers have answered."""
        self._workforce.look(now=True)
        while not self._workforce.settled():
            self._hear()

    def _hear(self) -> list[tuple[object, object]]:
        heard = self._tasks.finished()
        for tag, result in heard:
            if isinstance(tag, Asking):
                self._workforce.hear(tag.address, result)
        self._workforce.look()
        return heard

    def _dismiss_all(self) -> None:
        """Have the workers end what they run for this run.

        It does not wait for long: they may be gone.
        """

        holding = [address for address, member in self._workforce.members.items() if member.answer]

        def dismiss() -> None:
            with suppress(Exception):
                self._tasks.client.run(worker.dismiss, self._name, workers=holding, on_error="ignore")

        if holding and self._tasks.client.status == "running":
            ending = threading.Thread(target=dismiss, daemon=True)
            ending.start()
            ending.join(DISMISSAL)


def _package(work: Work) -> worker.Package:
    files = {name: path.read_bytes() for name, path in work.assignment.files.items()}
    return worker.Package(work.assignment, files, work.options.config, work.sandbox)
