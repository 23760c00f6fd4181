"""One process of one submission, where none can be forked: it loads all that it needs first.

python -m autograder.running.spawned      started by `Spawner`, never by hand

It reads its request from standard input, says on standard output at which port of this machine it
waits for the other side, and ends when standard input does, and so with the grader.
"""

import json
import os
import signal
import sys
import tempfile
import threading
import traceback
from contextlib import suppress
from multiprocessing import AuthenticationError
from multiprocessing.connection import Connection, Listener
from pathlib import Path
from typing import IO, Any

from autograder.sandbox.limits import Limits

from . import loading
from .shell import Shell, make_shell
from .spawning import receive_line
from .student import Student
from .trusted import Trusted

# What stays of the environment for the student's cells: nothing of the person's who grades.
KEPT = ("PATH", "LANG", "MPLBACKEND", "OMP_NUM_THREADS", "PYTHONHASHSEED", "SYSTEMROOT", "COMSPEC", "PATHEXT", "SYSTEMDRIVE", "WINDIR")


def main() -> None:
    """The process's whole life."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the executor's to answer
    orders, answers = _taken(0, "rb"), _taken(1, "wb")
    request = json.loads(orders.readline())
    threading.Thread(target=_end_with, args=[orders], daemon=True).start()
    loading.prepare()
    shell = make_shell()
    loading.load(request["modules"])
    loading.warm(shell)
    with Listener(("127.0.0.1", 0), authkey=bytes.fromhex(request["key"])) as listener, answers:
        answers.write(b"%d\n" % listener.address[1])
        answers.flush()
        line = _accepted(listener)
    {"student": _student, "trusted": _trusted}[request["role"]](request, line, shell)


def _student(request: dict[str, Any], line: Connection, shell: Shell) -> None:
    place = Path(request["workspace"])
    home, temporary = str(place / "home"), str(place / "tmp")
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    os.environ.clear()
    os.environ.update(
        kept | {"HOME": home, "USERPROFILE": home, "TMPDIR": temporary, "TEMP": temporary, "TMP": temporary, "USER": "student"}
    )
    tempfile.tempdir = None  # what was found while modules were loaded
    _taken(2, "wb").close()
    _work_in(place / "home" / "work")
    Student(line, shell, Limits.from_dict(request["limits"])).serve()


def _trusted(request: dict[str, Any], line: Connection, shell: Shell) -> None:
    _work_in(Path(request["folder"]))
    Trusted(line, shell, receive_line).run()


def _work_in(folder: Path) -> None:
    os.chdir(folder)
    sys.path.insert(0, "")  # as in a notebook: modules beside it


def _accepted(listener: Listener) -> Connection:
    """The line to the other side. Whoever does not have the key is sent away."""
    while True:
        with suppress(AuthenticationError, EOFError, ConnectionError):
            return listener.accept()


def _taken(descriptor: int, mode: str) -> IO[bytes]:
    """A standard stream for the caller alone: what notebooks do with it comes to nothing."""
    taken = os.fdopen(os.dup(descriptor), mode)
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, descriptor)
    os.close(nothing)
    return taken


def _end_with(grader: IO[bytes]) -> None:
    grader.read()
    os._exit(1)


if __name__ == "__main__":
    status = 70
    try:
        main()
        status = 0
    except (EOFError, ConnectionError):
        status = 0  # the other side hung up
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(status)
