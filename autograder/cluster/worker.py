"""The worker's side: a plugin that holds one executor for one assignment, and the tasks.

Every task returns an encoded reply. It raises nothing: the reply says what went wrong.
"""

import asyncio
import hashlib
import pickle
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from distributed import Worker, WorkerPlugin, get_worker
from distributed.utils import sync
from traitlets.config import Config

from autograder.grading import reference
from autograder.grading.assignment import Assignment
from autograder.grading.findings import Findings
from autograder.grading.marker import mark_bytes
from autograder.grading.options import Grading
from autograder.grading.prepared import Prepared, prepare
from autograder.grading.run import OF_THE_MACHINE
from autograder.running import codec
from autograder.running.executor import Executor
from autograder.running.loader import ExecutorProblem
from autograder.sandbox import SandboxProblem

from .versions import difference, versions
from .wire import LARGEST_REPLY, Reply, ReplyKind, encode_replies, encode_reply

A_TASK = 0.4  # seconds after which a task begins no further submission
ENLISTING = threading.Lock()  # two tasks of one worker must not both start an executor


@dataclass(frozen=True)
class Package:
    """What a worker needs once for an assignment.

    It comes from the instructor, and no student made anything in it.
    """

    assignment: Assignment  # its files' paths mean nothing on another machine
    files: dict[str, bytes]  # their contents
    config: Config  # of the course: limits, and what is loaded
    sandbox: str

    def encoded(self) -> bytes:
        """As bytes, which a worker reads after it has compared versions."""
        return pickle.dumps(self)


def fingerprint(package: bytes) -> str:
    """Another one for another package."""
    return hashlib.sha256(package).hexdigest()


class HoldsExecutor(WorkerPlugin):
    """An executor, and the assignment that it runs; both go when the worker does."""

    def __init__(self, package: Package, identity: str) -> None:
        self.identity = identity
        self.prepared: Prepared | None = None
        self._stack = ExitStack()
        try:
            self.executor = self._stack.enter_context(_executor(package))
            self.assignment = self._with_files(package)
        except BaseException:
            self._stack.close()
            raise

    def _with_files(self, package: Package) -> Assignment:
        """The assignment with its files on this machine."""
        folder = Path(tempfile.mkdtemp(prefix="files-", dir=self.executor.scratch))
        self._stack.callback(shutil.rmtree, folder, ignore_errors=True)
        paths = {}
        for number, (name, content) in enumerate(package.files.items()):
            paths[name] = folder / str(number)
            paths[name].write_bytes(content)
        return replace(package.assignment, files=paths)

    async def teardown(self, worker: Worker) -> None:
        """End what is running, and all processes."""
        await asyncio.to_thread(self._stack.close)


def _executor(package: Package) -> Executor:
    options = Grading(config=package.config)
    for path in options.readable:
        if not Path(path).is_dir():
            raise ExecutorProblem(f"the folder {path}, which c.Grading.readable names, is not there")
    assignment = package.assignment
    return options.executor(package.sandbox, imports=assignment.imports(), rehearsal=assignment.rehearsal())


def enlist(name: str, asked: Mapping[str, str], package: bytes) -> bytes:
    """Take up an assignment under a name, in place of the one that had this name.

    The reply is LOADED, or REFUSED with the reason.
    """
    if words := difference(asked, versions()):
        return encode_reply(Reply(ReplyKind.REFUSED, words))
    worker, identity = get_worker(), fingerprint(package)
    try:
        with ENLISTING:
            plugin = worker.plugins.get(name)
            if not isinstance(plugin, HoldsExecutor) or plugin.identity != identity:
                plugin = HoldsExecutor(pickle.loads(package), identity)
                sync(worker.loop, worker.plugin_add, plugin, name=name)
    except (SandboxProblem, ExecutorProblem, OSError) as problem:
        return encode_reply(Reply(ReplyKind.REFUSED, str(problem)))
    key = reference.key_of(plugin.executor, plugin.assignment)
    return encode_reply(Reply(ReplyKind.LOADED, sandbox=plugin.executor.isolation.words, key=key))


def prepare_class(name: str, identity: str, findings: bytes, whole_class: bool) -> bytes:
    """Do what is done once for a class; the reply is PREPARED.

    `findings` are an earlier run's, in place of a trial of the reference; they may be empty.
    """

    def prepared(plugin: HoldsExecutor) -> Reply:
        if findings:
            reference.use(plugin.executor, plugin.assignment, Findings.from_dict(codec.decode(findings)))
        made = prepare(plugin.executor, plugin.assignment, whole_class=whole_class)
        return Reply(ReplyKind.PREPARED, data=codec.encode(made.as_dict()))

    return _with_plugin(name, identity, prepared)


def brief(name: str, identity: str, prepared: bytes) -> bytes:
    """Take what was done once for the class: READY."""

    def ready(plugin: HoldsExecutor) -> Reply:
        plugin.prepared = Prepared.from_dict(codec.decode(prepared))
        return Reply(ReplyKind.READY)

    return _with_plugin(name, identity, ready)


def mark(name: str, identity: str, handed_in: list[bytes]) -> bytes:
    """Run submissions one after the other, for some time: a reply for each that was run.

    There is one at least. The rest is for another task: it would wait here for no reason.
    """
    replies, size, end = list[bytes](), 0, time.monotonic() + A_TASK
    for one in handed_in:
        replies.append(_mark_one(name, identity, one))
        size += len(replies[-1])
        if size > LARGEST_REPLY or time.monotonic() > end:
            break
    return encode_replies(replies)


def _mark_one(name: str, identity: str, handed_in: bytes) -> bytes:
    """Run one submission: MARKED."""

    def marked(plugin: HoldsExecutor) -> Reply:
        if plugin.prepared is None:
            return Reply(ReplyKind.ABSENT)
        return Reply(ReplyKind.MARKED, data=mark_bytes(plugin.executor, plugin.assignment, plugin.prepared, handed_in))

    return _with_plugin(name, identity, marked)


def _with_plugin(name: str, identity: str, work: Callable[[HoldsExecutor], Reply]) -> bytes:
    """Do work that needs the plugin, and encode its reply.

    The reply is ABSENT without the plugin, UNFIT if the machine or its executor has failed, and
    FAULT if the grader has.
    """
    worker = get_worker()
    plugin = worker.plugins.get(name)
    if not isinstance(plugin, HoldsExecutor) or plugin.identity != identity:
        return encode_reply(Reply(ReplyKind.ABSENT))
    try:
        return encode_reply(work(plugin))
    except Exception as error:
        machine = isinstance(error, ExecutorProblem) or (isinstance(error, OSError) and error.errno in OF_THE_MACHINE)
        return encode_reply(
            Reply(ReplyKind.UNFIT if machine else ReplyKind.FAULT, f"{type(error).__name__}: {error}", worker=worker.address)
        )


async def dismiss(name: str, dask_worker: Worker) -> None:
    """Give up an assignment: nothing of it goes on running on this worker."""
    if name in dask_worker.plugins:
        await dask_worker.plugin_remove(name)
