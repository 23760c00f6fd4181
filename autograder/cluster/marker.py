"""Submissions on their way through a cluster.

A few are under way for each worker. Those of a worker that is lost run elsewhere, and one that
causes the loss of workers is given up.
"""

import math
import threading
from collections import deque
from collections.abc import Collection
from concurrent.futures import Future
from dataclasses import dataclass, field, replace

from distributed import KilledWorker

from autograder.grading.engine import EngineLost, NotMarked
from autograder.grading.marker import submission_bytes
from autograder.grading.marking import Outcome
from autograder.grading.submission import Submission

from . import worker
from .tasks import Tasks
from .wire import BadReply, Reply, ReplyKind, decode_replies, decode_reply, outcome_in
from .workforce import Asking, Stage, Workforce

END = 10.0  # seconds for a call to the scheduler to end when a run is stopped
TOGETHER = 8  # submissions in a bundle, at most
LARGE = 2**22  # bytes of several submissions in a bundle
LOSSES = 3  # workers that may be lost while they have a submission, before it is run alone


@dataclass(eq=False)
class Sent:
    """A submission on its way; `losses` counts the workers that were lost while they had it."""

    student: str
    submission: Submission
    outcome: Future[Outcome] = field(default_factory=Future)
    losses: int = 0
    single: bool = False  # it goes in a bundle of its own
    alone: bool = False  # and nothing else runs beside it

    @property
    def size(self) -> int:
        """Bytes of what was handed in."""
        return sum(map(len, (*self.submission.notebooks.values(), *self.submission.files.values())))


@dataclass(eq=False)
class Bundle:
    """Submissions that go to a worker together, for what Dask does for each task takes time."""

    sent: list[Sent]

    @property
    def alone(self) -> bool:
        """Whether it is one that nothing else runs beside."""
        return any(sent.alone for sent in self.sent)


class ClusterMarker:
    """Marks on workers. A thread of its own sends submissions and takes results.

    How many go together follows from how many of a bundle a worker has run in its time.
    """

    def __init__(self, tasks: Tasks, workforce: Workforce, notebooks: Collection[str]) -> None:
        self._tasks, self._workforce, self._notebooks = tasks, workforce, notebooks
        self._left: deque[Sent] = deque()
        self._suspects: deque[Sent] = deque()  # run one at a time, when nothing else is left
        self._under_way: list[Bundle] = []
        self._size = 1  # of the next bundle
        self._stopping = threading.Event()
        self._lost: EngineLost | None = None
        self._lock = threading.Lock()  # of what `submit` and the thread both change
        self._thread = threading.Thread(target=self._conduct, daemon=True)
        self._thread.start()

    @property
    def at_once(self) -> int:
        """How many submissions to hand over before the first outcome is awaited."""
        return max(1, self._workforce.room() * self._size)

    def submit(self, student: str, submission: Submission) -> Future[Outcome]:
        """Have a submission marked. EngineLost, now or in the future, if the cluster is gone."""
        with self._lock:
            if self._lost is not None:
                raise self._lost
            sent = Sent(student, submission)
            self._left.append(sent)
        self._tasks.wake()
        return sent.outcome

    def stop(self) -> None:
        """Send nothing more, and do not wait for what is under way."""
        self._stopping.set()
        self._tasks.wake()
        self._thread.join(END)

    def _conduct(self) -> None:
        try:
            while not self._stopping.is_set():
                self._send()
                for tag, result in self._tasks.finished():
                    if isinstance(tag, Asking):
                        self._workforce.hear(tag.address, result)
                    else:
                        self._conclude(tag, result)
                        self._under_way.remove(tag)
                self._workforce.look()
        except EngineLost as lost:
            self._end(lost)
        except Exception as error:  # a line that broke in the middle of a call, or a fault of the grader's own
            gone = self._tasks.client.status != "running"
            self._end(self._tasks.lost() if gone else EngineLost(f"The cluster cannot be used: {type(error).__name__}: {error}"))

    def _end(self, lost: EngineLost) -> None:
        with self._lock:
            self._lost = lost
            under_way = (sent for bundle in self._under_way for sent in bundle.sent)
            for sent in dict.fromkeys((*under_way, *self._left, *self._suspects)):
                if not sent.outcome.done():
                    sent.outcome.set_exception(lost)

    def _send(self) -> None:
        """Send out what there is room for."""
        while (room := self._workforce.room() - len(self._under_way)) > 0 and (bundle := self._next(room)) is not None:
            self._under_way.append(bundle)
            handed_in = [submission_bytes("", sent.submission) for sent in bundle.sent]  # whose it is matters here alone
            ready = self._workforce.addresses(Stage.READY)
            self._tasks.send(bundle, worker.mark, self._workforce.name, self._workforce.identity, handed_in, workers=ready)

    def _next(self, room: int) -> Bundle | None:
        """What to send next, where there is room for so many bundles."""
        if any(bundle.alone for bundle in self._under_way):
            return None
        with self._lock:
            if self._left:
                share = min(self._size, math.ceil(len(self._left) / room))
                chosen = [self._left.popleft()]
                while self._left and len(chosen) < share and not (chosen[0].single or self._left[0].single):
                    if sum(sent.size for sent in (*chosen, self._left[0])) > LARGE:
                        break
                    chosen.append(self._left.popleft())
                return Bundle(chosen)
        if self._suspects and not self._under_way:
            sent = self._suspects.popleft()
            sent.alone = True
            return Bundle([sent])
        return None

    def _conclude(self, bundle: Bundle, result: object) -> None:
        """Hand outcomes over, and send again what was not run, or was lost with its worker."""
        try:
            replies = [*map(_reply, decode_replies(result, len(bundle.sent)))]
        except BadReply as problem:
            if len(bundle.sent) > 1:  # whose fault it is, is seen when each goes by itself
                self._again(bundle.sent, single=True)
                return
            replies = [_failure(result) or Reply(ReplyKind.FAULT, f"a worker's reply was not taken: {problem}")]
        if len(replies) < len(bundle.sent):
            self._size = len(replies)
            self._again(bundle.sent[len(replies) :])
        elif len(bundle.sent) == self._size and all(reply.kind is ReplyKind.MARKED for reply in replies):
            self._size = min(self._size + 1, TOGETHER)
        for sent, reply in zip(bundle.sent, replies):
            if reply.kind in (ReplyKind.MARKED, ReplyKind.FAULT):
                self._hand_over(sent, reply)
            else:
                self._lose(sent, reply, isinstance(result, KilledWorker))
        if any(reply.kind not in (ReplyKind.MARKED, ReplyKind.FAULT) for reply in replies):
            self._workforce.look(now=True)

    def _again(self, several: list[Sent], *, single: bool = False) -> None:
        """Put submissions back in front of those that are left."""
        for sent in several:
            sent.single = sent.single or single
        with self._lock:
            self._left.extendleft(reversed(several))

    def _hand_over(self, sent: Sent, reply: Reply) -> None:
        try:
            if reply.kind is ReplyKind.FAULT:
                raise NotMarked(f"The grader itself failed: {reply.words}")
            outcome = outcome_in(reply, sent.submission, self._notebooks)
            sent.outcome.set_result(replace(outcome, student=sent.student))
        except BadReply as problem:
            sent.outcome.set_exception(NotMarked(f"A worker's reply was not taken: {problem}."))
        except NotMarked as problem:
            sent.outcome.set_exception(problem)

    def _lose(self, sent: Sent, reply: Reply, killed: bool) -> None:
        """Have a submission run elsewhere whose worker is lost, or give it up."""
        if reply.kind is ReplyKind.UNFIT:
            self._workforce.dismiss(reply.worker, reply.words)
        sent.losses += 1
        if sent.alone:
            words = "It was not graded: {} workers were lost while they ran it, the last one while it ran alone. Does it use up all memory?"
            sent.outcome.set_exception(NotMarked(words.format(sent.losses)))
        elif killed or sent.losses > LOSSES:
            self._suspects.append(sent)
        else:
            self._again([sent], single=True)


def _failure(result: object) -> Reply | None:
    """What an exception in place of replies says; None if it is none."""
    if isinstance(result, KilledWorker):
        return Reply(ReplyKind.ABSENT)
    if isinstance(result, BaseException):
        return Reply(ReplyKind.FAULT, f"{type(result).__name__}: {result}")
    return None


def _reply(data: object) -> Reply:
    try:
        return decode_reply(data)
    except BadReply as problem:
        return Reply(ReplyKind.FAULT, f"a worker's reply was not taken: {problem}")
