"""The grader's lines to the forkservers, and to the processes that they fork."""

import json
import os
import signal
import socket
import threading
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Any

from .loader import START, ExecutorProblem, Loader

MESSAGE = 65536
READY = b"ready"  # the first word of a student's process: it is inside the sandbox


class Child:
    """A forked process, as the executor knows it, and the line to it."""

    def __init__(self, forkserver: "Forkserver", number: int, line: socket.socket) -> None:
        self.forkserver, self.number, self.line = forkserver, number, line
        self.status: int | None = None
        self.ended = threading.Event()

    def connect(self) -> Connection:
        """The line to it, from now on for the caller to close."""
        return Connection(self.line.detach())

    def hand_over(self, trusted: Connection) -> None:
        """Give the line, once there is somebody at its end, to the trusted process.

        ExecutorProblem if the student's process could not enter the sandbox.
        """
        with self.line, socket.socket(fileno=os.dup(trusted.fileno())) as there:
            _wait_until_inside(self.line)
            socket.send_fds(there, [b"s"], [self.line.fileno()])

    def kill(self) -> None:
        """End it, whatever it is doing."""
        if not self.ended.is_set():
            self.forkserver.send({"kill": self.number})

    def ending(self) -> str:
        """How it ended, in words."""
        if not self.ended.wait(2.0) or self.status is None:
            return "closed the line"
        if os.WIFSIGNALED(self.status):
            number = os.WTERMSIG(self.status)
            name = signal.Signals(number).name
            return f"was ended by {name}{WHY.get(name, '')}"
        return f"left with exit status {os.waitstatus_to_exitcode(self.status)}"


WHY = {
    "SIGSEGV": " (it used memory that was not its own)",
    "SIGKILL": " (it was stopped, perhaps for using too much memory or processor time)",
    "SIGXCPU": " (its processor time was used up)",
    "SIGABRT": " (it gave up)",
    "SIGXFSZ": " (it wrote too large a file)",
}


class Forkserver:
    """The line to one forkserver: what was forked from `loader`, or what that has become."""

    def __init__(self, loader: Loader, control: socket.socket) -> None:
        self.loader, self.control = loader, control
        self.about: dict[str, Any] = {}  # what it said when it was ready
        self.children: dict[int, Child] = {}
        self.lock = threading.Lock()
        self.ready = threading.Event()
        self.counter = 0
        self.listener = threading.Thread(target=self._listen, daemon=True)
        self.listener.start()

    def wait_until_ready(self) -> None:
        """ExecutorProblem if the forkserver does not get ready."""
        if not self.ready.wait(START) or not self.about:
            raise ExecutorProblem(f"The process that runs notebooks could not be started:\n{self.loader.said()}")

    def start(self, request: dict[str, Any]) -> Child:
        """Fork a child that does what is asked for."""
        ours, theirs = socket.socketpair()
        with theirs, self.lock:
            self.counter += 1
            child = self.children[self.counter] = Child(self, self.counter, ours)
            data = json.dumps(request | {"id": self.counter}).encode()
            try:
                socket.send_fds(self.control, [data], [theirs.fileno()])
            except OSError:
                ours.close()
                raise self.loader.ended() from None
        return child

    def send(self, message: dict[str, Any]) -> None:
        """A request without a line."""
        with self.lock, suppress(OSError):
            self.control.send(json.dumps(message).encode())

    def hang_up(self) -> None:
        """It ends when it notices, and its children with it."""
        with suppress(OSError):
            self.control.shutdown(socket.SHUT_RDWR)
        self.listener.join(2.0)
        self.control.close()

    def _listen(self) -> None:
        with suppress(OSError):
            while data := self.control.recv(MESSAGE):
                message = json.loads(data)
                if "ready" in message:
                    self.about = message
                    self.ready.set()
                elif child := self.children.pop(message.get("ended"), None):
                    child.status = message["status"]
                    child.ended.set()
        self.ready.set()
        for child in list(self.children.values()):
            child.ended.set()


def _wait_until_inside(line: socket.socket) -> None:
    """ExecutorProblem if the student's process could not enter the sandbox."""
    connection = Connection(os.dup(line.fileno()))
    try:
        said = connection.recv_bytes(100_000) if connection.poll(START) else b"it did not start"
    except (EOFError, OSError):
        said = b"it ended at once"
    finally:
        connection.close()
    if said != READY:
        raise ExecutorProblem(f"A student's process could not be set up: {said.decode(errors='replace')}")


def receive_line(grader: Connection) -> Connection:
    """In the trusted process: the line to a student's process that the grader hands over."""
    with socket.socket(fileno=os.dup(grader.fileno())) as line:
        _, (descriptor, *_), _, _ = socket.recv_fds(line, 1, 1)
    return Connection(descriptor)
