"""The grader's lines to the forkservers, and to the processes that they fork."""

import json
import os
import signal
import socket
import threading
from contextlib import suppress
from typing import Any

from .loader import START, ExecutorProblem, Loader

MESSAGE = 65536


class Child:
    """A forked process, as the executor knows it."""

    def __init__(self, forkserver: "Forkserver", number: int) -> None:
        self.forkserver, self.number = forkserver, number
        self.status: int | None = None
        self.ended = threading.Event()

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
            return f"was ended by {signal.Signals(number).name}" + WHY.get(number, "")
        return f"left with exit status {os.waitstatus_to_exitcode(self.status)}"


WHY: dict[int, str] = {
    signal.SIGSEGV: " (it used memory that was not its own)",
    signal.SIGKILL: " (it was stopped, perhaps for using too much memory or processor time)",
    signal.SIGXCPU: " (its processor time was used up)",
    signal.SIGABRT: " (it gave up)",
    signal.SIGXFSZ: " (it wrote too large a file)",
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

    def fork(self, request: dict[str, Any], theirs: socket.socket) -> Child:
        """A new child with one end of a line."""
        with self.lock:
            self.counter += 1
            child = self.children[self.counter] = Child(self, self.counter)
            data = json.dumps(request | {"id": self.counter}).encode()
            try:
                socket.send_fds(self.control, [data], [theirs.fileno()])
            except OSError:
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
