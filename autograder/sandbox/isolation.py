"""Isolates student code: which means are available, what can be seen inside, and how to enter.

A process that has numpy and torch loaded forks a child for each submission. The child calls `enter`
and then runs the student's code. Inside there is no network, no files but the installed Python and
a copy of the submission, no processes but its own, and there are limits on what it may use. Where
bubblewrap is installed, the forking process is itself started inside it, as one more layer.
"""

import importlib.util
import json
import os
import resource
import shutil
import site
import socket
import stat
import subprocess
import sys
import tempfile
from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from . import kernel, landlock, seccomp, supervisor, workspace
from .limits import Limits
from .means import Isolation, SandboxProblem, check_mode, require

__all__ = [
    "bubblewrap_command",
    "confine",
    "enter",
    "find_isolation",
    "readable_paths",
    "starter_paths",
]

SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/sys/devices/system/cpu")
ETC = ("ld.so.cache", "ld.so.conf", "ld.so.conf.d", "localtime", "timezone", "fonts", "alternatives")
KERNEL_FACTS = ("/proc/self", "/proc/cpuinfo", "/proc/meminfo", "/proc/stat")
KEPT_VARIABLES = ("MPLBACKEND", "PYTHONHASHSEED")
PATH = "/usr/local/bin:/usr/bin:/bin"
NOBODY = 65534
OWN_USERS = 1_900_000_000  # + process id: user ids of nobody, above those that people, services and containers get
RESERVE = 2**30  # address space that is only reserved: threads' heaps, the code of libraries
PROBE_SECONDS = 60
SMALL_DISK = 2**24  # for what the process that forks writes, which is nothing

# Run by a fresh Python inside bubblewrap: closes open files, becomes an ordinary user if started as
# root, and starts the command.
STARTER = """
import os, sys
keep = sorted({2, *map(int, sys.argv[1].split())})
for low, high in zip(keep, [*keep[1:], os.sysconf("SC_OPEN_MAX")]):
    os.closerange(low + 1, high)
user = int(sys.argv[2])
if user:
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)
os.execvp(sys.argv[3], sys.argv[3:])
"""
PROBE = """
import json, sys
sys.path[:] = json.loads(sys.argv[1])
from autograder import sandbox
print(json.dumps(sandbox.try_isolation()))
"""


def find_isolation(mode: str = "auto") -> Isolation:
    """The means of isolation that work on this machine, tried in processes of their own.

    auto: the best available. off: only limits. require: SandboxProblem unless network, processes
    and files are all isolated.
    """
    check_mode(mode)
    if mode == "off":
        return Isolation()
    isolation, reason = ask_means([])
    if shutil.which("bwrap") and sys.platform == "linux":
        wrapped, _ = ask_means(bubblewrap_command(starter_paths()))
        if wrapped.namespaces or (wrapped.bubblewrap and not isolation.namespaces):
            isolation = wrapped
    require(mode, isolation, reason)
    return isolation


def readable_paths() -> list[Path]:
    """What student code must be able to read: programs, libraries, Python, the `backprop` package.

    Of a checkout, only notebooks/backprop and the virtual environment in it; of /etc only what
    libraries read. Where the lessons' sources are inside the installed package, everything beside
    them.
    """
    paths = [Path(path) for path in (*SYSTEM, *(f"/etc/{name}" for name in ETC))]
    prefixes = {sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix}
    prefixes.add(str(Path(sys.executable).resolve().parent.parent))
    if site.ENABLE_USER_SITE and site.getusersitepackages() in sys.path:
        prefixes.add(site.getusersitepackages())
    paths += [Path(path) for prefix in sorted(prefixes) for path in dict.fromkeys([prefix, os.path.realpath(prefix)]) if _narrow(path)]
    paths += _package_folder("backprop")
    shown = [Path(path) for path in workspace.outermost([str(path) for path in paths if os.path.exists(path)])]
    for sources in (package / "course" for package in _package_folder("backprop")):
        if sources.is_dir():
            shown = [part for path in shown for part in workspace.all_beside(path, sources.resolve())]
    return shown


def starter_paths() -> list[Path]:
    """What the forking process must be able to read: the same, and the `autograder` package."""
    return [Path(path) for path in workspace.outermost([str(path) for path in [*readable_paths(), *_package_folder("autograder")]])]


def bubblewrap_command(readable: Sequence[Path], keep_fds: Collection[int] = ()) -> list[str]:
    """The words to put before a command to run it in bubblewrap: no network, `readable` only.

    Open descriptors in `keep_fds` (and 0, 1, 2) stay open; give them to subprocess as pass_fds too.
    Started by root, the command runs as an ordinary user without a name, so what it reads has to be
    readable for all. The environment is a small new one.
    """
    root = os.geteuid() == 0
    words = [shutil.which("bwrap") or "bwrap", "--die-with-parent", "--new-session", "--clearenv"]
    words += ["--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try", "--hostname", workspace.NAME]
    words += ["--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"] if root else ["--unshare-user"]
    for name, value in _environment("/tmp", "/tmp").items():
        words += ["--setenv", name, value]
    words += ["--perms", "1777", "--tmpfs", "/tmp"]  # first, so that what is shown inside it stays visible
    for folder in sorted({str(folder) for path in readable for folder in path.parents} - {"/"}):
        words += ["--perms", "0755", "--dir", folder]  # or other users than root could not pass through
    for path in readable:
        words += ["--ro-bind-try", os.path.realpath(path), str(path)]
    words += ["--proc", "/proc", "--dev", "/dev", "--remount-ro", "/", "--chdir", "/", "--"]
    user = OWN_USERS if root else 0
    return [*words, sys.executable, "-I", "-S", "-c", STARTER, " ".join(map(str, keep_fds)), str(user)]


def confine(readable: Sequence[Path], keep_fds: Collection[int]) -> None:
    """Return in a new process in namespaces of its own, which sees `readable` only and no network.

    For the process that forks. Called once, in a freshly forked process with one thread; that one
    stays outside, waits, and ends as the new one does. The new one is the first of its process
    namespace and a user without rights; processes that it forks can still go into namespaces of
    their own. Only `keep_fds` stay open. SandboxProblem, with these still open, if the kernel
    refuses any of it.
    """
    with kernel.step("confining the process that forks"):
        _close_all_but(keep_fds, first_to_go=False)
        os.umask(0o022)
        root = os.geteuid() == 0
        user = _nobodys(OWN_USERS) if root else (os.geteuid(), os.getegid())
        with kernel.step("making a process namespace"):
            if root:
                kernel.unshare(kernel.NEW_PID)
            else:
                supervisor.new_user_namespace(os.getpid(), user, lambda: kernel.unshare(kernel.NEW_USER | kernel.NEW_PID))
        link = supervisor.fork(user, None, None)
        with kernel.step("making mount, network, ipc and host-name namespaces"):
            kernel.unshare_places()
            socket.sethostname(workspace.NAME)
        workspace.build(readable, None, user if root else (workspace.UID, workspace.UID), SMALL_DISK, forks=True)
        os.chdir("/")
        if root:
            _become(user, None)
        kernel.drop_capabilities()
        kernel.prctl(kernel.SET_DUMPABLE, 1)  # a change of user hides a process from itself
        link.hold()


def enter(
    isolation: Isolation,
    folder: Path | None,
    limits: Limits,
    readable: Sequence[Path],
    keep_fds: Collection[int],
    scratch: Path | None = None,
) -> None:
    """Return in a new process inside the sandbox.

    It works in a private copy of `folder` (None: in an empty one). Without namespaces the copy is
    made in `scratch` (None: in the system's folder for temporary files).

    Call it once, in a freshly forked process with one thread. That process stays outside, closes
    all its files, waits, and ends as the one inside does. SIGINT to it is passed on; SIGTERM and
    SIGKILL end both. Inside only `keep_fds` are open (0, 1, 2: /dev/null, unless kept). If a means
    of isolation cannot be set up, SandboxProblem is raised with `keep_fds` still open: report it,
    end, and run no student code.
    """
    with kernel.step("going inside"):
        _enter(isolation, folder, limits, readable, keep_fds, scratch)


def try_isolation() -> dict[str, Any]:
    """Try which means of isolation work here, the strongest first. Runs in a process of its own.

    Returns {"isolation": ..., "reason": why no stronger one works}
    """
    if sys.platform != "linux":
        return {"isolation": Isolation().as_dict(), "reason": "Only Linux has the means."}
    root = os.geteuid() == 0
    full = Isolation(landlock=landlock.version(), seccomp=seccomp.supported())
    users = [{"other_user": True}, {"as_root": True}] if root else [{}]
    reason = ""
    for isolation in [replace(full, namespaces=namespaces, **user) for namespaces in (True, False) for user in users]:
        problem = problem_with(isolation)
        if not problem:
            return {"isolation": isolation.as_dict(), "reason": reason}
        reason = reason or problem
    return {"isolation": Isolation().as_dict(), "reason": reason}


def _enter(
    isolation: Isolation,
    folder: Path | None,
    limits: Limits,
    readable: Sequence[Path],
    keep_fds: Collection[int],
    scratch: Path | None,
) -> None:
    _close_all_but(keep_fds)
    os.umask(0o022)
    user = _new_user(isolation)
    with kernel.step("opening the submission's folder"):
        source = None if folder is None else os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    added = _sizes(limits, isolation)
    place = None if isolation.namespaces else tempfile.mkdtemp(prefix="workspace-", dir=scratch)
    with kernel.step("making a process namespace"):
        if isolation.namespaces and isolation.other_user:
            kernel.unshare(kernel.NEW_PID)  # as root: what is made now belongs to the machine, and the user namespace comes last
        elif isolation.namespaces:
            supervisor.new_user_namespace(os.getpid(), user, lambda: kernel.unshare(kernel.NEW_USER | kernel.NEW_PID))
    link = supervisor.fork(user, place, source)  # the old process never returns from here
    if place is None:
        with kernel.step("making mount, network, ipc and host-name namespaces"):
            kernel.unshare_places()
            socket.sethostname(workspace.NAME)
        owner = user if isolation.other_user else (workspace.UID, workspace.UID)
        workspace.build(readable, source, owner, limits.disk_bytes)
        home, temporary, work = workspace.HOME, "/tmp", workspace.WORK
    else:
        home, temporary, work = _plain_workspace(place, source, user)
    if source is not None:
        os.close(source)
    os.chdir(work)
    if isolation.other_user:
        _become(user, link if isolation.namespaces else None)
    _limit(added)
    if isolation != Isolation():
        kernel.drop_capabilities()
    with kernel.step("tying the process to its parent"):
        kernel.prctl(kernel.SET_DUMPABLE, 1)  # a change of user hides a process from itself
        link.hold()
    _last_isolation(isolation, readable, place)
    os.umask(0o077)
    os.environ.clear()
    os.environ.update(_environment(home, temporary))
    tempfile.tempdir = None  # what was found outside, perhaps before the fork; TMPDIR counts now


def problem_with(isolation: Isolation) -> str:
    """The problem with this isolation, found by entering it in a child; an empty text if none."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            enter(isolation, None, Limits(), readable_paths(), [write])
            for path in (sys.executable, os.__file__, json.__file__, *files_of("_ctypes"), *files_of("backprop")):
                Path(path).read_bytes()
            os.write(write, b"stands")
        except BaseException as problem:
            os.write(write, str(problem).encode()[:4000])
        finally:
            os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as file:
        said = file.read().decode()
    os.waitpid(child, 0)
    return "" if said == "stands" else said or "The process inside the sandbox died."


def ask_means(prefix: list[str]) -> tuple[Isolation, str]:
    """Have a fresh Python, itself behind `prefix`, say which means of isolation work."""
    command = [*prefix, sys.executable, "-c", PROBE, json.dumps([str(Path(__file__).parents[2]), *filter(None, sys.path)])]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=PROBE_SECONDS, check=True, stdin=subprocess.DEVNULL)
        answer = json.loads(done.stdout)
    except (OSError, subprocess.SubprocessError, ValueError) as problem:
        return Isolation(), f"Trying it failed: {getattr(problem, 'stderr', None) or problem}"
    return replace(Isolation.from_dict(answer["isolation"]), bubblewrap=bool(prefix)), answer["reason"]


def _narrow(prefix: str) -> bool:
    """Whether a Python prefix is a folder of its own, and no root or home directory or the like."""
    forbidden = {"/", "/home", "/root", "/work", "/tmp", "/run", "/var", "/etc", "/opt", "/srv", "/mnt", os.path.expanduser("~")}
    return os.path.normpath(prefix) not in forbidden


def _package_folder(name: str) -> list[Path]:
    return [Path(file).parent for file in files_of(name)]


def files_of(name: str) -> list[str]:
    spec = importlib.util.find_spec(name)
    return [spec.origin] if spec and spec.origin and os.path.isabs(spec.origin) else []


def _environment(home: str, temporary: str) -> dict[str, str]:
    kept = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
    python = f"{Path(sys.executable).parent}:{PATH}"
    known = {"PATH": python, "HOME": home, "TMPDIR": temporary, "USER": workspace.NAME, "LANG": "C.UTF-8", "OMP_NUM_THREADS": "1"}
    return {"MPLBACKEND": "Agg", **known, **kept}


def _close_all_but(keep_fds: Collection[int], *, first_to_go: bool = True) -> None:
    """Leave the session, write no core dumps, close all other files.

    `first_to_go`: be the first to be killed when memory is short.
    """
    for file in keep_fds:
        if stat.S_ISDIR(os.fstat(file).st_mode):
            raise SandboxProblem(
                f"Descriptor {file} is an open folder: through it student code could reach files outside. Keep only pipes."
            )
    keep = [2, *sorted(file for file in set(keep_fds) if file > 2)]
    for low, high in zip(keep, [*keep[1:], os.sysconf("SC_OPEN_MAX")]):
        os.closerange(low + 1, high)
    null = os.open(os.devnull, os.O_RDWR)
    for file in (0, 1, 2):
        if file not in keep_fds and file != null:
            os.dup2(null, file)
    if null > 2:
        os.close(null)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    supervisor.alone(first_to_go=first_to_go)


def _new_user(isolation: Isolation) -> tuple[int, int]:
    """Who the student's code will be outside: (user id, group id)."""
    if not isolation.other_user:
        return os.geteuid(), os.getegid()
    return _nobodys(OWN_USERS + os.getpid())


def _nobodys(user: int) -> tuple[int, int]:
    """(user id, group id) of a user of this number; nobody's, in a container with few user ids."""
    for line in Path("/proc/self/uid_map").read_text().splitlines():
        first, _, count = map(int, line.split())
        if first <= user < first + count:
            return user, user
    return NOBODY, NOBODY


def _sizes(limits: Limits, isolation: Isolation) -> dict[int, tuple[int, int]]:
    """The limits for setrlimit, as (soft, hard). Memory is counted from what is loaded now."""
    size, *_, data, _ = (int(pages) * resource.getpagesize() for pages in Path("/proc/self/statm").read_text().split())
    counted_apart = isolation.namespaces or isolation.other_user
    processes = limits.processes + 1 + (0 if counted_apart else supervisor.tasks_of(os.geteuid()))
    hard = {
        resource.RLIMIT_DATA: data + limits.memory_bytes,
        resource.RLIMIT_AS: size + limits.memory_bytes + RESERVE,
        resource.RLIMIT_NPROC: processes,
        resource.RLIMIT_FSIZE: limits.file_bytes,
        resource.RLIMIT_NOFILE: limits.open_files,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_MEMLOCK: 0,
        resource.RLIMIT_MSGQUEUE: 0,
        resource.RLIMIT_CPU: limits.cpu_seconds,
    }
    return {kind: (value, value) for kind, value in hard.items()}


def _limit(sizes: dict[int, tuple[int, int]]) -> None:
    """Set the limits. A stricter one that an ordinary user cannot raise is kept."""
    for kind, (_, wanted) in sizes.items():
        there = resource.getrlimit(kind)[1]
        value = wanted if there == resource.RLIM_INFINITY else min(there, wanted)
        resource.setrlimit(kind, (value, value))


def _plain_workspace(place: str, source: int | None, user: tuple[int, int]) -> tuple[str, str, str]:
    """The workspace without namespaces: a private folder for home, temporary files and the copy."""
    os.chown(place, *user)
    with kernel.step("copying the submission's files"):
        for name in ("home", "tmp"):
            os.mkdir(f"{place}/{name}", 0o700)
            os.chown(f"{place}/{name}", *user)
        workspace.copy_tree(source, f"{place}/home/work", user)
    return f"{place}/home", f"{place}/tmp", f"{place}/home/work"


def _become(user: tuple[int, int], link: supervisor.SupervisorLink | None) -> None:
    """Change from root to a user without rights; in a user namespace, to its only user."""
    with kernel.step("becoming an ordinary user"):
        os.setgroups([])
        inside = user
        if link is not None and link.new_user_namespace():
            inside = (workspace.UID, workspace.UID)
        os.setresgid(inside[1], inside[1], inside[1])
        os.setresuid(inside[0], inside[0], inside[0])


def _last_isolation(isolation: Isolation, readable: Sequence[Path], place: str | None) -> None:
    """Landlock and seccomp: the last steps, because they would forbid the others."""
    writable = [*(f"/dev/{name}" for name in workspace.DEVICES), *(workspace.WRITABLE if place is None else [place])]
    facts = ["/proc", "/etc"] if place is None else KERNEL_FACTS
    with kernel.step("setting up Landlock"):
        if isolation.landlock:
            landlock.restrict(isolation.landlock, [*map(str, readable), *facts], writable, ["/"] if place is None else [])
    with kernel.step("setting up seccomp"):
        if isolation.seccomp:
            seccomp.install()
