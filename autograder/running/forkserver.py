"""A process that has everything loaded and forks a
copy of itself for each submission, in milliseconds.

python -m autograder.running.forkserver SOCKET PRELOAD...      started by the executor, never by
                                                               hand
"""

import gc
import importlib
import json
import os
import select
import signal
import socket
import sys
import threading
from collections.abc import Callable
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

from .shell import Shell, make_shell
from .student import Student
from .trusted import Trusted

MESSAGE = 65536
REHEARSAL = 2**20
READY = b"ready"


def load(modules: list[str]) -> None:
    """Import what most notebooks import, so that no submission waits for it.

    Missing packages are left out.
    """
    for module in modules:
        with suppress(ImportError):
            importlib.import_module(module)
    torch = sys.modules.get("torch")
    if torch is not None:  # its first use imports more; one thread, since threads do not outlive a fork
        torch.set_num_threads(1)
        weight = torch.tensor([0.5], dtype=torch.float64, requires_grad=True)
        torch.sigmoid(weight * 2).sum().backward()
        torch.testing.assert_close(weight.detach(), weight.detach())
        torch.optim.SGD([weight], lr=0.1).step()  # the first step of any optimizer imports a compiler
    if "matplotlib.pyplot" in sys.modules:
        _draw_once(sys.modules["matplotlib.pyplot"])
    if "backprop.pictures" in sys.modules:
        sys.modules["backprop.pictures"].warm()
    if "matplotlib.pyplot" in sys.modules:
        _close_fonts()


def _draw_once(pyplot: Any) -> None:
    """Fonts and renderers are found at the first drawing."""
    import io

    figure, axes = pyplot.subplots()
    axes.plot([0, 1])
    axes.set_title(r"$x^2$")
    figure.savefig(io.BytesIO(), format="png", bbox_inches="tight")
    pyplot.close(figure)


def _close_fonts() -> None:
    """Close the files of fonts.

    Children start without open files: a font freed there would close another file.
    """
    from matplotlib import font_manager, mathtext

    parser: Any = mathtext.MathTextParser
    fonts: Any = font_manager
    parser._parse_cached.cache_clear()  # what it has set in type holds fonts
    fonts._get_font.cache_clear()


def warm(shell: Shell) -> None:
    """Run what the first cell and the first error of a notebook would have to load."""
    for source in ("1", "1/0", "print('x')", "import matplotlib.pyplot", "await __import__('asyncio').sleep(0)"):
        shell.run(source, 10_000)
    shell.reset(new_session=True)


def rehearse(statements: list[str]) -> None:
    """Run statements whose results stay in memory for all children.

    A child does itself what failed here.
    """
    space: dict[str, Any] = {}
    for statement in statements:
        with suppress(Exception):
            exec(statement, space)


def serve(control: socket.socket, shell: Shell) -> None:
    """Fork a child for each request; report each child's end."""
    children: dict[int, int] = {}
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
                    os.kill(pid, signal.SIGKILL)
                continue
            parent = os.getpid()
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


def _report_ends(control: socket.socket, children: dict[int, int]) -> None:
    for pid in list(children):
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
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
        import traceback

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
        sandbox.enter(isolation, folder, limits, [Path(path) for path in request["readable"]], [descriptor])
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
    Trusted(Connection(descriptor), shell).run()


def _limit_memory(limits: Limits) -> None:
    """Limit this process's memory: a small answer can
    make a test ask for more than the machine has.

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
    """Load, say so, and serve until the executor hangs up."""
    control = socket.socket(fileno=int(arguments[0]))
    to_rehearse = json.loads(control.recv(REHEARSAL))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the executor's to answer
    os.environ["MPLBACKEND"] = "module://matplotlib_inline.backend_inline"  # figures are outputs, as in a notebook's kernel
    shell = make_shell()
    load(arguments[1:])
    warm(shell)
    rehearse(to_rehearse)
    if threading.active_count() > 1:
        raise SystemExit("something that was loaded started a thread; a process with threads cannot be forked safely")
    gc.collect()
    gc.freeze()  # so that collecting garbage in a child does not copy the parent's memory
    control.send(json.dumps({"ready": os.getpid()}).encode())
    serve(control, shell)


if __name__ == "__main__":
    main(sys.argv[1:])
