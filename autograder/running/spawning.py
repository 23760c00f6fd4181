"""Starts processes where none can be forked, as on Windows. There is no isolation.

Each is a new Python that loads all that it needs: see `spawned`. Lines between processes are
connections on this machine, with a key for each.
"""

import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Connection
from pathlib import Path
from typing import Any

from .loader import START, ExecutorProblem, environment

# Without these, programs on Windows do not start, or find no place for what they keep.
KEPT = ("HOME", "USERPROFILE", "APPDATA", "LOCALAPPDATA", "TEMP", "TMP", "COMSPEC", "PATHEXT", "SYSTEMDRIVE", "WINDIR")


class Spawner:
    """Starts processes of both roles.

    `modules` names what each role loads before its first cell.
    """

    def __init__(self, modules: Mapping[str, Sequence[str]]) -> None:
        self._modules = modules
        self._running: set[Spawned] = set()
        self._lock = threading.Lock()
        self._stopped = False

    def start(self, request: dict[str, Any]) -> "Spawned":
        """Start a process that does what is asked for."""
        with self._lock:
            if self._stopped:
                raise ExecutorProblem("The process that runs notebooks has ended.")
            process = Spawned(request | {"modules": list(self._modules[request["role"]])})
            self._running = {one for one in self._running if one.is_running} | {process}
        return process

    def stop(self) -> None:
        """End every process, and start none any more."""
        with self._lock:
            self._stopped = True
            for process in self._running:
                process.kill()


class Spawned:
    """A process, as the executor knows it. A student's has a workspace, which goes with it."""

    def __init__(self, request: dict[str, Any]) -> None:
        self._workspace = _new_workspace(request) if request["role"] == "student" else None
        self._key = secrets.token_bytes()
        self._log = tempfile.TemporaryFile()  # noqa: SIM115  (closed in `kill`)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "autograder.running.spawned"],
            cwd="/",
            env=environment() | {name: os.environ[name] for name in KEPT if name in os.environ},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),  # Ctrl-C is the executor's to answer
        )
        assert self._process.stdin is not None  # a pipe, as asked for
        with suppress(OSError):  # if it has ended, that is noticed when it is listened to
            workspace = {"workspace": str(self._workspace)} if self._workspace else {}
            self._process.stdin.write(json.dumps(request | workspace | {"key": self._key.hex()}).encode() + b"\n")
            self._process.stdin.flush()

    @property
    def is_running(self) -> bool:
        """Whether it has not ended yet."""
        return self._process.poll() is None

    def connect(self) -> Connection:
        """The line to it, from now on for the caller to close."""
        try:
            return Client(self._address(), authkey=self._key)
        except (EOFError, OSError, AuthenticationError) as problem:
            raise ExecutorProblem(f"A process that runs notebooks could not be reached: {problem}") from None

    def hand_over(self, trusted: Connection) -> None:
        """Tell the trusted process where this one is, which waits for it there."""
        trusted.send_bytes(json.dumps([*self._address(), self._key.hex()]).encode())

    def _address(self) -> tuple[str, int]:
        """Where it listens. It says so once, when everything is loaded."""
        assert self._process.stdout is not None  # a pipe, as asked for
        patience = threading.Timer(START, self._process.kill)
        patience.start()
        said, words = b"", ""
        with suppress(ValueError):  # its files are closed: the run was stopped meanwhile
            said = self._process.stdout.readline()
            self._log.seek(0)
            words = self._log.read().decode(errors="replace")[-2000:].strip()
        patience.cancel()
        if not said:
            raise ExecutorProblem(f"A process that runs notebooks could not be started:\n{words}")
        return "127.0.0.1", int(said)

    def ending(self) -> str:
        """How it ended, in words."""
        try:
            return f"left with exit status {self._process.wait(2.0)}"
        except subprocess.TimeoutExpired:
            return "closed the line"

    def kill(self) -> None:
        """End it, whatever it is doing."""
        self._process.kill()
        self._process.wait()
        for file in (self._process.stdin, self._process.stdout, self._log):
            with suppress(OSError):
                file and file.close()
        if self._workspace:
            shutil.rmtree(self._workspace, ignore_errors=True)


def receive_line(grader: Connection) -> Connection:
    """In the trusted process: a line to the student's process that the grader names."""
    host, port, key = json.loads(grader.recv_bytes())
    return Client((host, port), authkey=bytes.fromhex(key))


def _new_workspace(request: dict[str, Any]) -> Path:
    """A private folder for home, temporary files and a copy of the submission's."""
    place = Path(tempfile.mkdtemp(prefix="workspace-", dir=request["scratch"]))
    for name in ("home", "tmp"):
        (place / name).mkdir()
    if request["folder"]:
        shutil.copytree(request["folder"], place / "home" / "work")
    else:
        (place / "home" / "work").mkdir()
    return place
