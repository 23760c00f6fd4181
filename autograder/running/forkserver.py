"""Two processes that have everything loaded and fork a copy of themselves for each submission.

python -m autograder.running.forkserver SOCKET MODULE...      started by `Loader`, never by hand

It loads the modules, forks the students' forkserver and becomes the tests' own. What comes from the
tests is received after that fork, so that no student's process has it in its memory.
"""

import gc
import json
import os
import select
import signal
import socket
import sys
import threading
import traceback
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NoReturn

if sys.platform == "linux":
    import resource

from IPython.core import async_helpers

from autograder import sandbox
from autograder.sandbox import kernel
from autograder.sandbox.limits import Limits

from . import loading
from .lines import READY, receive_line
from .shell import Shell, make_shell
from .student import Student
from .trusted import Trusted

MESSAGE = 65536
MANY = 4  # forks, at which it pays to spend up to a second on making each of them shorter
LARGEST_SETUP = 2**20


def serve(control: socket.socket, shell: Shell, stop: Sequence[signal.Signals], loaded: Collection[str]) -> None:
    """Fork a child for each request; report each child's end.

    stop    the signals that end a child
    loaded  the modules that children were asked to have
    """
    children: dict[int, int] = {}
    forks = 0
    wake, woken = socket.socketpair()
    woken.setblocking(False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(woken.fileno())
    while True:
        ready, _, _ = select.select([control, wake], [], [])
        if wake in ready:
            wake.recv(MESSAGE)
            _report_ends(control, children)
        if control in ready:
            data, descriptors, _, _ = socket.recv_fds(control, MESSAGE, 4)
            if not data:
                return  # the executor is gone
            request = json.loads(data)
            if "kill" in request:
                for pid in [pid for pid, number in children.items() if number == request["kill"]]:
                    for number in stop:
                        os.kill(pid, number)
                continue
            parent = os.getpid()
            forks += 1
            if forks == MANY:
                _shorten_forks(shell, loaded)
            try:
                pid = os.fork()
            except OSError:  # the machine is full just now; that costs this submission, and no other
                control.send(json.dumps({"ended": request["id"], "status": 70 << 8}).encode())
                for descriptor in descriptors:
                    os.close(descriptor)
                continue
            if pid == 0:
                signal.set_wakeup_fd(-1)
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                for end in (control, wake, woken):
                    end.close()
                _live(request, descriptors[0], shell, parent)
            children[pid] = request["id"]
            for descriptor in descriptors:
                os.close(descriptor)


def _shorten_forks(shell: Shell, loaded: Collection[str]) -> None:
    """Do once what every later child would do itself."""
    loading.warm_failures(shell, loaded)
    gc.freeze()
    if sys.platform == "linux":
        kernel.collapse_pages()


def _report_ends(control: socket.socket, children: dict[int, int]) -> None:
    with suppress(ChildProcessError):
        while (ended := os.waitpid(-1, os.WNOHANG))[0]:
            pid, status = ended
            if pid in children:  # others are what a child has left behind
                with suppress(OSError):
                    control.send(json.dumps({"ended": children.pop(pid), "status": status}).encode())


def _live(request: dict[str, Any], descriptor: int, shell: Shell, parent: int) -> NoReturn:
    """The child's whole life. It never returns into the forkserver's loop."""
    status = 70
    async_helpers._asyncio_event_loop = None  # the forkserver's; its files are not open here
    try:
        roles: dict[str, Callable[[], None]] = {
            "student": lambda: _student(request, descriptor, shell),
            "trusted": lambda: _trusted(request, descriptor, shell, parent),
        }
        roles[request["role"]]()
        status = 0
    except (EOFError, ConnectionError):
        status = 0  # the other side hung up
    except BaseException:
        traceback.print_exc()
    finally:
        with suppress(BaseException):
            sys.stderr.flush()
        os._exit(status)


def _student(request: dict[str, Any], descriptor: int, shell: Shell) -> None:
    limits = Limits.from_dict(request["limits"])
    isolation = sandbox.Isolation.from_dict(request["isolation"])
    folder = Path(request["folder"]) if request["folder"] else None
    line = Connection(descriptor)
    try:
        scratch = Path(request["scratch"]) if request["scratch"] else None
        sandbox.enter(isolation, folder, limits, [Path(path) for path in request["readable"]], [descriptor], scratch)
    except Exception as problem:  # no student code runs outside the sandbox
        line.send_bytes(f"{type(problem).__name__}: {problem}".encode())
        return
    line.send_bytes(READY)
    sys.path.insert(0, "")  # as in a notebook: modules beside it
    Student(line, shell, limits).serve()


def _trusted(request: dict[str, Any], descriptor: int, shell: Shell, parent: int) -> None:
    _die_with(parent)
    _limit_memory(Limits.from_dict(request["limits"]))
    if request["folder"]:
        os.chdir(request["folder"])
        sys.path.insert(0, "")
    Trusted(Connection(descriptor), shell, receive_line).run()


def _limit_memory(limits: Limits) -> None:
    """Limit this process's memory: a small answer can make a test ask for more than there is.

    For example, (1000000, 1) compared with (1000000,) makes an array of 10^12 numbers.
    """
    if sys.platform == "linux":
        *_, data, _ = (int(pages) * resource.getpagesize() for pages in Path("/proc/self/statm").read_text().split())
        most = data + 2 * limits.memory_bytes + 4 * limits.answer_bytes
        resource.setrlimit(resource.RLIMIT_DATA, (most, most))


def _die_with(parent: int) -> None:
    """Nothing of a run goes on when the run was killed."""
    if sys.platform == "linux":
        kernel.prctl(kernel.SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)


def main(arguments: list[str]) -> None:
    """Load, fork the students' forkserver when told to, and serve as the tests' own.

    It ends when the executor hangs up.
    """
    gc.disable()  # nothing is thrown away yet
    control = socket.socket(fileno=int(arguments[0]))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the executor's to answer
    loading.prepare()
    shell = make_shell()
    loading.load(arguments[1:])
    data, (line, *_), _, _ = socket.recv_fds(control, LARGEST_SETUP, 1)
    setup = json.loads(data)
    loading.load(module for module in setup["modules"] if module not in arguments[1:])
    gc.freeze()  # so that collecting garbage, here and in children, leaves alone what has been loaded
    loading.warm(shell)
    if threading.active_count() > 1:
        raise SystemExit("something that was loaded started a thread; a process with threads cannot be forked safely")
    with socket.socket(fileno=line) as students:
        keeper = _fork_students(setup, students, control, shell)
    of_tests = json.loads(control.recv(LARGEST_SETUP))  # not before the students' forkserver has left
    loading.load(of_tests["modules"])
    loading.reseed()
    loading.rehearse(of_tests["rehearsal"])
    gc.freeze()
    gc.enable()
    control.send(json.dumps({"ready": os.getpid()}).encode())
    serve(control, shell, [signal.SIGKILL], [*setup["modules"], *of_tests["modules"]])
    with suppress(OSError):
        os.waitpid(keeper, 0)


def _fork_students(setup: dict[str, Any], students: socket.socket, control: socket.socket, shell: Shell) -> int:
    """Fork the students' forkserver into namespaces of its own; returns its process id.

    Where the kernel allows no namespaces, it does without.
    """
    for confined in [True, False] if setup["mode"] in ("auto", "require") else [False]:
        told, tell = os.pipe()
        process = os.fork()
        if process == 0:
            os.close(told)
            control.close()
            _be_students(setup, students, tell, shell, confined=confined)
        os.close(tell)
        with os.fdopen(told, "rb") as file:
            if file.read():
                return process
        os.waitpid(process, 0)
    raise SystemExit("the process from which students' processes are forked ended at once")


def _be_students(setup: dict[str, Any], students: socket.socket, tell: int, shell: Shell, *, confined: bool) -> NoReturn:
    """The whole life of the students' forkserver.

    It writes to `tell` that it stays, or ends if it could not be confined as asked.
    """
    status = 1
    try:
        if confined:
            sandbox.confine([Path(path) for path in setup["seen"]], [2, students.fileno(), tell])
        off = setup["mode"] == "off"
        nothing: dict[str, Any] = {"isolation": sandbox.Isolation().as_dict(), "reason": ""}
        found = nothing if off else sandbox.try_isolation()
        if not confined or found["isolation"]["namespaces"]:
            found["isolation"]["confined"] = confined
            os.write(tell, b"ready")
            os.close(tell)
            loading.load(setup["for_students"])
            students.send(json.dumps({"ready": os.getpid(), **found}).encode())
            gc.freeze()
            gc.enable()
            # Without namespaces the supervisor first ends what is left, and removes the workspace.
            serve(students, shell, [signal.SIGTERM, signal.SIGCONT], [*setup["modules"], *setup["for_students"]])
        status = 0
    except sandbox.SandboxProblem:
        pass  # without these namespaces, then
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(status)


if __name__ == "__main__":
    main(sys.argv[1:])
    os._exit(0)  # with no time spent on taking apart what was loaded
