"""Which workers of a cluster grade for a run: each is asked once, those that join later too."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum, auto

from autograder.grading.engine import EngineLost, EngineProblem
from autograder.plain_text import one_line

from . import worker
from .tasks import Tasks
from .versions import PACKAGE, versions
from .wire import BadReply, Reply, ReplyKind, decode_reply

UNDER_WAY = 2  # bundles for each thread of a worker: one that runs, and one that waits for it
STRAGGLERS = 30.0  # seconds that a run waits for the other workers when the first one is there
LOOK = 2.0  # seconds between two looks at who is there
PATIENCE = 120.0  # seconds without a worker that grades or gets ready to, after which a run ends


class Stage(Enum):
    """How far a worker is."""

    ASKED = auto()
    LOADED = auto()
    BRIEFED = auto()  # it has been told what was done once for the class
    READY = auto()
    REFUSED = auto()


ON_THE_WAY = (Stage.ASKED, Stage.BRIEFED)


@dataclass
class Member:
    """A worker; `words` say why it has refused."""

    threads: int
    stage: Stage = Stage.ASKED
    answer: Reply | None = None
    words: str = ""


@dataclass(frozen=True)
class Asking:
    """The tag of what a worker is asked."""

    address: str


@dataclass
class Workforce:
    """The workers. `say` is told of those that do not take part, and of those that are lost."""

    tasks: Tasks
    name: str
    package: bytes
    say: Callable[[str], None]
    members: dict[str, Member] = field(default_factory=dict)
    prepared: bytes = b""
    _looked: float = 0.0
    _answered: float = math.inf  # when the first worker had loaded everything
    _served: float = field(default_factory=time.monotonic)  # when there was a worker that grades or gets ready to

    def __post_init__(self) -> None:
        self.identity = worker.fingerprint(self.package)  # of what the workers hold

    def addresses(self, stage: Stage) -> list[str]:
        """The workers that are as far as this."""
        return [address for address, member in self.members.items() if member.stage is stage]

    def answers(self) -> list[Reply]:
        """What those said that have an executor."""
        return [member.answer for member in self.members.values() if member.answer and member.stage is not Stage.REFUSED]

    def look(self, *, now: bool = False) -> None:
        """Ask new workers, and drop those that are gone.

        EngineLost if the scheduler is gone, or if there has been no worker for a long time.
        """
        if not now and time.monotonic() < self._looked + LOOK:
            return
        threads = self.drop_lost()
        self._looked = time.monotonic()
        for address in threads.keys() - self.members.keys():
            self.members[address] = Member(threads[address])
            asked = self.name, versions(), self.package
            self.tasks.send(Asking(address), worker.enlist, *asked, workers=[address], elsewhere=False)
        if self.answers() or any(member.stage in ON_THE_WAY for member in self.members.values()):
            self._served = self._looked
        elif self._looked > self._served + PATIENCE:
            raise EngineLost(f"There was no worker that grades for {PATIENCE:g} s; start some with `dask worker`.{self._reasons()}")

    def drop_lost(self) -> dict[str, int]:
        """Drop the workers that are gone; the threads of those that there are, by address.

        EngineLost if the scheduler is gone.
        """
        try:
            threads: dict[str, int] = dict(self.tasks.client.nthreads())
        except (OSError, TimeoutError):
            raise self.tasks.lost() from None
        for address in self.members.keys() - threads.keys():
            self._drop(address)
        return threads

    def settled(self) -> bool:
        """Whether one worker can grade and all have answered, or have had their time.

        EngineProblem if all have refused.
        """
        late = time.monotonic() > self._answered + STRAGGLERS
        if any(member.stage in ON_THE_WAY for member in self.members.values()) and not late:
            return False
        if self.members and not self.answers():
            raise EngineProblem(f"No worker grades for this run:{self._reasons()}")
        return bool(self.members)

    def brief(self, prepared: bytes) -> None:
        """Send what was done once for the class to every worker that has, or gets, an executor."""
        self.prepared = prepared
        for address in self.addresses(Stage.LOADED):
            self._brief(address)

    def hear(self, address: str, result: object) -> None:
        """A worker's answer to what it was asked."""
        member = self.members.get(address)
        if member is None:
            return
        reply = _answer(result)
        if reply.kind is ReplyKind.READY:
            member.stage = Stage.READY
        elif reply.kind is ReplyKind.LOADED:
            member.stage, member.answer = Stage.LOADED, reply
            self._answered = min(self._answered, time.monotonic())
            if self.prepared:
                self._brief(address)
        else:
            self.dismiss(address, reply.words)

    def dismiss(self, address: str, words: str) -> None:
        """Send nothing more to a worker, and say why."""
        member = self.members.get(address)
        if member is not None and member.stage is not Stage.REFUSED:
            member.stage, member.words = Stage.REFUSED, one_line(words)
            self.say(f"The worker {address} does not grade for this run: {member.words}")

    def room(self) -> int:
        """How many bundles may be under way."""
        return UNDER_WAY * sum(member.threads for member in list(self.members.values()) if member.stage is Stage.READY)

    def _brief(self, address: str) -> None:
        self.members[address].stage = Stage.BRIEFED
        self.tasks.send(Asking(address), worker.brief, self.name, self.identity, self.prepared, workers=[address], elsewhere=False)

    def _drop(self, address: str) -> None:
        member = self.members.pop(address)
        if member.stage in ON_THE_WAY:
            self.tasks.forget(Asking(address))
        if member.stage is not Stage.REFUSED:
            self.say(f"The worker {address} is gone; what it had is run elsewhere.")

    def _reasons(self) -> str:
        return "".join(f"\n  {address}: {member.words}" for address, member in self.members.items() if member.words)


def _answer(result: object) -> Reply:
    if isinstance(result, BaseException):
        return Reply(ReplyKind.REFUSED, f"it could not load {PACKAGE} ({type(result).__name__}: {result}); install it there")
    try:
        return decode_reply(result)
    except BadReply as problem:
        return Reply(ReplyKind.REFUSED, f"its answer was not taken: {problem}")
