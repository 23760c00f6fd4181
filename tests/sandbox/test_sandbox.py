"""The sandbox, from inside: what student code cannot
reach, what it can, and what remains when it ends.
"""

import ctypes
import errno
import json
import os
import pickle
import platform
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.sandbox import Isolation, SandboxProblem, kernel, landlock, seccomp, workspace
from autograder.sandbox import isolation as sandbox
from autograder.sandbox.limits import MEBI, Limits

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the isolation is for Linux")

CHECKOUT = Path(__file__).resolve().parents[2]
NOBODY = 65534
READABLE = sandbox.readable_paths()
LIMITS = Limits(cpu_seconds=20, memory_bytes=64 * MEBI, processes=12, file_bytes=2 * MEBI, disk_bytes=4 * MEBI, open_files=64)


@pytest.fixture(scope="module")
def best():
    """The isolation of this machine, and a skip where it has no namespaces."""
    found = sandbox.try_isolation()
    isolation = Isolation.from_dict(found["isolation"])
    if not isolation.namespaces:
        plain = ["unshare", "--user", "--map-root-user", "--mount", "--net", "--pid", "--fork", "mount", "-t", "tmpfs", "none", "/tmp"]
        if subprocess.run(plain, capture_output=True, check=False).returncode == 0:
            raise AssertionError(f"namespaces work here, and the isolation does not: {found['reason']}")
        pytest.skip("this machine refuses namespaces")
    return isolation


@pytest.fixture(params=["as started", "ordinary user"])
def confined(request, best):
    """The full isolation: for this process's user, and for an ordinary one.

    Arguments of `start` and `inside`.
    """
    if request.param == "as started":
        return {"isolation": best}
    if os.geteuid() != 0:
        pytest.skip("is what 'as started' tests already")
    return {"isolation": replace(best, other_user=False), "user": NOBODY}


@pytest.fixture
def landlocked(best):
    """The isolation of a machine without namespaces, and without the help of seccomp."""
    if best.landlock < 6:
        pytest.skip("this kernel's Landlock is missing or too old")
    for other in (best.other_user, False):  # another user may not be able to reach the installed Python
        isolation = replace(best, namespaces=False, seccomp=False, other_user=other)
        if not sandbox.problem_with(isolation):
            return isolation
    raise AssertionError("Landlock alone does not stand here")


@pytest.fixture
def open_folder():
    """A folder that every user can reach, which pytest's own is not."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def start(work, isolation, *, folder=None, limits=LIMITS, user=None, keep=(), readable=None, before=None):
    """Fork, go inside, run `work` there and send back what it returns; (process id, pipe)."""
    read, write = os.pipe()
    process = os.fork()
    if process == 0:
        try:
            if before is not None:
                before()
            if user is not None:
                os.setgroups([])
                os.setresgid(user, user, user)
                os.setresuid(user, user, user)
            sandbox.enter(isolation, folder, limits, READABLE if readable is None else readable, [write, *keep])
            answer = ("value", work())
        except BaseException as error:
            answer = ("error", f"{type(error).__name__}: {error}")
        try:
            os.write(write, pickle.dumps(answer))
        finally:
            os._exit(0)
    os.close(write)
    return process, read


def finish(process, read):
    """What it sent, if anything, and its exit status (as
    in subprocess), once nobody holds the pipe any more.
    """
    with os.fdopen(read, "rb") as file:
        sent = file.read()
    ended = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
    return (pickle.loads(sent) if sent else None), ended


def inside(work, isolation, **more):
    sent, ended = finish(*start(work, isolation, **more))
    assert sent is not None, f"it ended with {ended} and said nothing"
    assert sent[0] == "value", sent[1]
    return sent[1]


def refused(*attempts):
    """The names of the errors that these attempts meet; None for one that succeeds."""
    names = []
    for attempt in attempts:
        try:
            attempt()
        except OSError as error:
            names.append(errno.errorcode.get(error.errno, "?"))
        else:
            names.append(None)
    return names


def readable(path):
    return lambda: Path(path).read_bytes() if not os.path.isdir(path) else os.listdir(path)


def writable(path):
    return lambda: Path(path).write_text("x")


@pytest.mark.parametrize("lack", [{}, {"seccomp": False, "landlock": 0}], ids=["full isolation", "namespaces alone"])
def test_no_network_and_no_sockets_of_the_machine(best, open_folder, lack):
    address = str(open_folder / "socket")
    with socket.create_server(("127.0.0.1", 0)) as tcp, socket.socket(socket.AF_UNIX) as local, socket.socket(socket.AF_UNIX) as abstract:
        local.bind(address)
        abstract.bind(f"\0a-secret-door-{os.getpid()}")
        local.listen()
        abstract.listen()

        def connect(family, to):
            with socket.socket(family) as client:
                client.connect(to)

        attempts = [(socket.AF_INET, tcp.getsockname()), (socket.AF_UNIX, address), (socket.AF_UNIX, f"\0a-secret-door-{os.getpid()}")]

        def work():
            return refused(*(lambda a=a: connect(*a) for a in attempts))

        assert work() == [None, None, None]
        assert None not in inside(work, replace(best, **lack))


@pytest.mark.parametrize("lack", [{}, {"seccomp": False, "landlock": 0}], ids=["full isolation", "namespaces alone"])
def test_files_of_the_machine_are_not_there(best, tmp_path, lack):
    secret = tmp_path / "secret.txt"
    secret.write_text("marks")
    hidden = [
        secret,
        tmp_path,
        CHECKOUT / "solutions",
        CHECKOUT / "tests",
        CHECKOUT / "autograder",
        CHECKOUT / ".git",
        "/root/.ssh",
        "/etc/shadow",
    ]
    hidden += ["/var", "/run", "/mnt", "/.outside", os.path.expanduser("~/.bashrc"), f"/proc/{os.getpid()}", "/sys/kernel", "/dev/vda"]
    seen = inside(lambda: (refused(*map(readable, hidden)), os.listdir("/"), os.listdir("/home")), replace(best, **lack))
    assert set(seen[0]) <= {"ENOENT", "EACCES"}
    allowed = {str(path).split("/")[1] for path in sandbox.readable_paths()} | {"dev", "etc", "home", "proc", "tmp"}
    assert set(seen[1]) == allowed
    assert "student" in seen[2]


def test_a_folder_with_more_mounted_below_is_read_only_all_the_way(best, open_folder):
    if os.geteuid() != 0:
        pytest.skip("only root can mount")
    (open_folder / "below").mkdir()

    def mount_below():
        kernel.unshare(kernel.NEW_NS)
        kernel.mount(None, "/", None, kernel.RECURSIVE | kernel.PRIVATE)
        kernel.mount("tmpfs", str(open_folder / "below"), "tmpfs", 0, "mode=0777")
        writable(open_folder / "below" / "there")()

    def work():
        return refused(
            readable(open_folder / "below" / "there"), *map(writable, (open_folder / "below" / "x", open_folder / "below" / "there"))
        )

    shown = [*READABLE, open_folder]
    seen = inside(work, replace(best, landlock=0), readable=shown, before=mount_below)
    assert seen[0] is None
    assert set(seen[1:]) == {"EROFS"}


@pytest.mark.parametrize("lack", [{}, {"seccomp": False, "landlock": 0}], ids=["full isolation", "namespaces alone"])
def test_nothing_installed_can_be_changed(confined, lack):
    packages = Path(os.__file__).parent
    places = ["/x", "/usr/x", "/usr/bin/python3", "/etc/x", "/etc/passwd", "/srv/x", "/dev/x", packages / "x.py", Path(sys.prefix) / "x"]
    places += [CHECKOUT / "notebooks" / "backprop" / "x.py", CHECKOUT / "x"]
    errors = inside(lambda: refused(*map(writable, places)), **{**confined, "isolation": replace(confined["isolation"], **lack)})
    written = [Path(place) for place, error in zip(places, errors, strict=True) if error is None]
    assert all(place.is_relative_to("/tmp") for place in written), written  # a checkout may lie there, and inside, /tmp is another one
    assert not any(place.exists() for place in written)


def test_only_its_own_processes(confined):
    parent = os.getpid()

    def work():
        numbers = [name for name in os.listdir("/proc") if name.isdigit()] if os.path.exists("/proc/self") else ["1"]
        return os.getpid(), os.getppid(), numbers, refused(lambda: os.kill(parent, 0), lambda: os.kill(-1, signal.SIGKILL))

    assert inside(work, **confined) == (1, 0, ["1"], ["ESRCH", "ESRCH"])


def test_a_daemon_does_not_outlive_it(best):
    def work():
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                time.sleep(20)  # holds the pipe open
            os._exit(0)
        os.wait()

    began = time.monotonic()
    inside(work, best)
    assert time.monotonic() - began < 10


def test_no_rights_whatsoever(confined):
    def work():
        status = dict(line.split(":\t", 1) for line in Path("/proc/self/status").read_text().splitlines())
        switch = subprocess.run(["/usr/bin/chsh", "-s", "/bin/bash", "nobody"], capture_output=True, check=False).returncode
        mounts = Path("/proc/mounts").read_text().splitlines()
        return (
            {int(status[f"Cap{kind}"], 16) for kind in ("Inh", "Prm", "Eff", "Amb")},
            status["NoNewPrivs"].strip(),
            refused(lambda: os.setuid(0), lambda: os.setgid(0), lambda: os.chroot("/tmp")),
            switch != 0,
            [line for line in mounts if "nosuid" not in line and " /dev/" not in line],
            (os.getuid(), os.geteuid(), os.getgid()),
        )

    caps, new, errors, denied, loose, ids = inside(work, **confined)
    assert caps == {0}
    assert new == "1"
    assert errors == ["EPERM"] * 3 or errors == ["EINVAL", "EINVAL", "EPERM"]  # EINVAL: there is no such user
    assert denied
    assert loose == []
    assert ids == (1000, 1000, 1000)


def test_as_root_its_files_and_processes_outside_are_nobodys(best):
    if not best.other_user:
        pytest.skip("not root, or the installed Python is not readable for others")
    here, ready = os.pipe()
    process, read = start(lambda: (os.write(ready, b"!"), time.sleep(30)), best, keep=[ready])
    try:
        os.close(ready)
        assert os.read(here, 1) == b"!"
        child = wait_for_child(process)
        assert os.stat(f"/proc/{child}").st_uid > 1_000_000_000
        assert Path(f"/proc/{child}/oom_score_adj").read_text().strip() == "1000"
    finally:
        os.close(here)
        os.kill(process, signal.SIGKILL)
        finish(process, read)


@pytest.mark.skipif(platform.machine() not in seccomp.ARCHITECTURES, reason="no list of system calls for this machine")
def test_calls_into_the_depths_of_the_kernel_are_refused(confined):
    machine = list(seccomp.ARCHITECTURES).index(platform.machine())

    def work():
        calls = {
            name: refused(lambda n=numbers[machine]: kernel.syscall(n)) for name, numbers in seccomp.REFUSED.items() if numbers[machine]
        }

        def clone(flags):
            return lambda: kernel.syscall(seccomp.CLONE[machine], flags | signal.SIGCHLD)

        special = refused(
            clone(kernel.NEW_USER),
            clone(kernel.NEW_NS),
            lambda: kernel.syscall(435),
            lambda: socket.socket(socket.AF_INET),
            lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW),
            lambda: socket.socket(40, socket.SOCK_STREAM),  # to the host of a virtual machine: no namespace shuts that off
        )
        return calls, special

    calls, special = inside(work, **confined)
    assert {name for name, error in calls.items() if error != ["EPERM"]} == set()
    assert special == ["EPERM", "EPERM", "ENOSYS", "EAFNOSUPPORT", "EAFNOSUPPORT", "EAFNOSUPPORT"]


def test_files_that_were_open_are_closed(best, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("marks")
    with secret.open() as file, (tmp_path / "kept").open("w+") as kept:
        os.set_inheritable(file.fileno(), True)

        def work():
            os.write(kept.fileno(), b"hello")
            known = sorted(int(name) for name in os.listdir("/proc/self/fd"))
            return refused(lambda: os.read(file.fileno(), 10)), [os.readlink(f"/proc/self/fd/{n}") for n in (0, 1, 2)], len(known)

        assert inside(work, best, keep=[kept.fileno()]) == (["EBADF"], ["/dev/null"] * 3, 6)  # 0-2, two kept, and the list itself
    assert (tmp_path / "kept").read_text() == "hello"


def test_an_open_folder_is_not_kept(best, tmp_path):
    folder = os.open(tmp_path, os.O_RDONLY)
    with pytest.raises(AssertionError, match=f"SandboxProblem: Descriptor {folder} is an open folder"):
        inside(lambda: None, best, keep=[folder])
    os.close(folder)


def test_processes_are_limited(confined):
    def work():
        count = 0
        try:
            while count < 200:
                if os.fork() == 0:
                    time.sleep(30)
                    os._exit(0)
                count += 1
        except BlockingIOError:
            pass
        return count

    assert 1 <= inside(work, **confined) <= LIMITS.processes


def test_memory_is_limited(confined):
    def grab():
        try:
            return len(bytearray(8 * LIMITS.memory_bytes))  # this process may have memory of its own that is free
        except MemoryError:
            return "MemoryError"

    assert inside(grab, **confined) == "MemoryError"
    assert inside(lambda: len(bytearray(LIMITS.memory_bytes // 2)), **confined) == LIMITS.memory_bytes // 2


def test_files_and_disk_are_limited(confined):
    def work():
        errors = refused(lambda: Path("big").write_bytes(bytes(LIMITS.file_bytes + 1)))
        os.remove("big")
        written = 0
        try:
            for number in range(100):
                place = ("/tmp", "/dev/shm", ".")[number % 3]
                written += Path(f"{place}/part-{number}").write_bytes(bytes(MEBI // 2))
        except OSError as error:
            errors.append(errno.errorcode[error.errno])
        return errors, written

    errors, written = inside(work, **confined)
    assert errors == ["EFBIG", "ENOSPC"]
    assert LIMITS.disk_bytes // 2 <= written <= LIMITS.disk_bytes


def test_processor_time_is_limited(best):
    def work():
        while True:
            pass

    assert finish(*start(work, best, limits=replace(LIMITS, cpu_seconds=1))) == (None, -signal.SIGKILL)


def test_it_works_in_a_copy_of_the_folder_and_only_there(confined, open_folder):
    (open_folder / "sub").mkdir()
    (open_folder / "data.txt").write_text("1 2 3")
    (open_folder / "sub" / "more.txt").write_text("4")
    (open_folder / "link").symlink_to("/etc/shadow")
    (open_folder / "way-out").symlink_to("/")
    os.mkfifo(open_folder / "fifo")
    for path in open_folder.rglob("*.txt"):
        path.chmod(0o644)

    def work():
        read = Path("data.txt").read_text(), Path("sub/more.txt").read_text()
        Path("data.txt").write_text("changed")
        Path("sub/new.txt").write_text("new")
        os.rename("sub/new.txt", "moved.txt")
        shutil.rmtree("sub")
        return read, os.getcwd(), sorted(os.listdir()), dict(os.environ), os.stat("moved.txt").st_mode & 0o777

    read, folder, names, environment, mode = inside(work, **confined, folder=open_folder)
    assert read == ("1 2 3", "4")
    assert folder == "/home/student/work"
    assert names == ["data.txt", "moved.txt"]
    assert mode == 0o600
    assert (environment["HOME"], environment["TMPDIR"], environment["OMP_NUM_THREADS"]) == ("/home/student", "/tmp", "1")
    assert set(environment) <= {"PATH", "HOME", "TMPDIR", "USER", "LANG", "OMP_NUM_THREADS", "MPLBACKEND", "PYTHONHASHSEED"}
    assert (open_folder / "data.txt").read_text() == "1 2 3"
    assert sorted(os.listdir(open_folder / "sub")) == ["more.txt"]


def test_threads_processes_programs_and_local_sockets_work(confined):
    def work():
        said = []
        thread = threading.Thread(target=lambda: said.append("thread"))
        thread.start()
        thread.join()
        said.append(subprocess.run(["/bin/sh", "-c", "echo program"], capture_output=True, text=True, check=True).stdout.strip())
        one, two = socket.socketpair()
        one.send(b"socket")
        said.append(two.recv(10).decode())
        with tempfile.TemporaryFile() as file:
            file.write(os.urandom(10))
        Path("/dev/null").write_text("x")
        return said, os.path.expanduser("~"), os.uname().nodename

    assert inside(work, **confined) == (["thread", "program", "socket"], "/home/student", "student")


# numpy and torch are loaded before, as in the process that forks. The rest is read from the files
# inside.
WITH_TORCH = """
import os, sys
import matplotlib.font_manager, numpy, torch
torch.ones(2, 2) @ torch.ones(2, 2)
from autograder import sandbox
from autograder.sandbox.limits import Limits
isolation = sandbox.Isolation.from_dict(sandbox.try_isolation()["isolation"])
keep = os.dup(1)
sandbox.enter(isolation, None, Limits(), sandbox.readable_paths(), [2, keep])
x = torch.randn(200, 200, dtype=torch.float64, requires_grad=True)
(x @ x).sum().backward()
assert x.grad.isfinite().all() and numpy.linalg.inv(numpy.eye(50)).trace() == 50
late = ["sqlite3", "json.tool", "matplotlib.pyplot", "backprop.exercises.chain_rule"]
assert not set(late) & set(sys.modules)
for name in [*late, "torch.optim", "torch.utils.data"]:
    __import__(name)
sys.modules["matplotlib.pyplot"].subplots()[0].savefig("figure.png")
assert os.path.getsize("figure.png") > 1000
os.write(keep, b"all is well")
os._exit(5)
"""


def test_torch_computes_and_later_imports_work():
    done = subprocess.run([sys.executable, "-c", WITH_TORCH], capture_output=True, text=True, check=False, cwd=CHECKOUT, timeout=120)
    assert (done.stdout, done.returncode) == ("all is well", 5), done.stderr


def test_its_end_is_passed_on(confined):
    def crash():
        ctypes.string_at(0)

    assert finish(*start(lambda: os._exit(7), **confined)) == (None, 7)
    assert finish(*start(crash, **confined)) == (None, -signal.SIGSEGV)


def wait_for_child(process, seconds=10):
    """The process inside, once it is there."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
        if children:
            return int(children[0])
        time.sleep(0.005)
    raise AssertionError("nobody went inside")


@pytest.mark.parametrize("ends", [signal.SIGKILL, signal.SIGTERM])
def test_killing_the_process_outside_ends_all(best, ends):
    process, read = start(lambda: (os.fork(), time.sleep(20)), best)
    wait_for_child(process)
    time.sleep(0.1)
    os.kill(process, ends)
    assert finish(process, read) == (None, -ends)  # reads to the end of the pipe: nobody holds it any more


def test_the_end_of_the_process_that_forked_ends_all(best):
    read, write = os.pipe()
    middle = os.fork()
    if middle == 0:
        process, _ = start(lambda: time.sleep(20), best, keep=[write])
        wait_for_child(process)
        time.sleep(0.5)  # until it has settled down inside
        os._exit(0)
    os.close(write)
    began = time.monotonic()
    os.waitpid(middle, 0)
    with os.fdopen(read, "rb") as file:
        assert file.read() == b""
    assert time.monotonic() - began < 10


def test_an_interrupt_is_passed_on(best):
    read, write = os.pipe()

    def work():
        try:
            signal.signal(signal.SIGINT, signal.default_int_handler)
            os.write(write, b"ready")
            time.sleep(30)
        except KeyboardInterrupt:
            return "interrupted"

    process, answer = start(work, best, keep=[write])
    assert os.read(read, 5) == b"ready"
    os.kill(process, signal.SIGINT)
    assert finish(process, answer) == (("value", "interrupted"), 0)
    os.close(read)
    os.close(write)


def test_what_cannot_be_built_is_said_and_nothing_runs(best, tmp_path):
    with pytest.raises(AssertionError, match=r"SandboxProblem: .*opening the submission's folder failed \(No such file"):
        inside(lambda: "ran", best, folder=tmp_path / "missing")
    (tmp_path / "big").write_bytes(bytes(2 * LIMITS.disk_bytes))
    with pytest.raises(AssertionError, match=r"SandboxProblem: .*copying the submission's files failed \(No space left"):
        inside(lambda: "ran", best, folder=tmp_path)


def test_landlock_alone_hides_files_and_tcp_and_leaves_nothing_behind(landlocked, tmp_path):
    secret, folder = tmp_path / "secret.txt", tmp_path / "folder"
    folder.mkdir()
    (folder / "data.txt").write_text("1")
    secret.write_text("marks")
    secret.chmod(0o666)
    tmp_path.chmod(0o777)
    hidden = [secret, CHECKOUT / "solutions", CHECKOUT / "autograder" / "cli.py", "/etc/passwd", "/var/log", folder / "data.txt"]
    places = [secret, tmp_path / "new", "/tmp/new-from-student", "/var/tmp/new", "/dev/shm/new", CHECKOUT / "new", Path(sys.prefix) / "new"]
    parent = os.getpid()
    with socket.create_server(("127.0.0.1", 0)) as tcp:
        address = tcp.getsockname()

        def work():
            if os.fork() == 0:
                os.setsid()
                time.sleep(20)  # holds the pipe open
            connects = refused(lambda: socket.create_connection(address))
            Path("data.txt").write_text("2")
            kill = refused(lambda: os.kill(parent, 0))
            return refused(*map(readable, hidden)), refused(*map(writable, places)), connects, kill, os.getcwd(), Path("/usr/bin").is_dir()

        began = time.monotonic()
        reads, writes, connects, kill, cwd, system = inside(work, landlocked, folder=folder)
    assert set(reads) == set(writes) == {"EACCES"} or set(reads) | set(writes) <= {"EACCES", "EROFS"}
    assert connects == ["EACCES"]
    assert kill == ["EPERM"]
    assert system
    assert not Path(cwd).parent.parent.exists()
    assert (folder / "data.txt").read_text() == "1"
    assert time.monotonic() - began < 10


def test_without_namespaces_an_ordinary_user_may_start_as_many_processes_as_said(landlocked):
    if os.geteuid() != 0:
        pytest.skip("only root can become another user here")

    def work():
        count = 0
        try:
            while count < 200:
                if os.fork() == 0:
                    time.sleep(30)
                    os._exit(0)
                count += 1
        except BlockingIOError:
            pass
        return count

    assert 1 <= inside(work, replace(landlocked, other_user=False), user=NOBODY) <= LIMITS.processes + 4


def test_off_means_limits_and_a_copy_only(tmp_path):
    (tmp_path / "secret").write_text("marks")
    text, cwd, files = inside(lambda: ((tmp_path / "secret").read_text(), os.getcwd(), os.sysconf("SC_OPEN_MAX")), Isolation())
    assert text == "marks"
    assert files == LIMITS.open_files
    assert not Path(cwd).exists()


def test_bubblewrap_around_all_and_the_room_inside_it(best, tmp_path, open_folder):
    if not shutil.which("bwrap"):
        pytest.skip("bubblewrap is not installed")
    isolation = sandbox.find_isolation("require")
    assert isolation.bubblewrap
    assert isolation.words.startswith("bubblewrap, namespaces (user, pid, net, ipc, uts, mount)")
    (open_folder / "data.txt").write_text("4")
    (open_folder / "data.txt").chmod(0o644)
    (tmp_path / "secret").write_text("marks")
    code = f"""
import json, os, sys
from pathlib import Path
sys.path.insert(0, {str(CHECKOUT)!r})
from autograder import sandbox
from autograder.sandbox.limits import Limits
hidden = {[str(tmp_path / "secret"), str(CHECKOUT / "solutions"), str(CHECKOUT / "tests"), "/etc/shadow"]!r}
outer = [os.path.exists(path) for path in hidden], os.listdir({str(open_folder)!r}), os.geteuid()
keep = os.dup(1)
isolation = sandbox.Isolation.from_dict(json.loads(sys.argv[1]))
sandbox.enter(isolation, Path({str(open_folder)!r}), Limits(processes=12), sandbox.readable_paths(), [keep])
import sqlite3
count = 0
try:
    while count < 100:
        if os.fork() == 0:
            import time
            time.sleep(30)
        count += 1
except BlockingIOError:
    pass
inner = [os.path.exists(path) for path in hidden + [{str(open_folder)!r}, {str(CHECKOUT / "autograder")!r}]]
os.write(keep, json.dumps([outer, inner, os.getpid(), os.getcwd(), os.listdir(), count]).encode())
os._exit(3)
"""
    prefix = sandbox.bubblewrap_command([*sandbox.starter_paths(), open_folder])
    command = [*prefix, sys.executable, "-c", code, json.dumps(isolation.as_dict())]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, env={**os.environ, "SECRET": "x"})
    assert done.returncode == 3, done.stderr
    outer, inner, process, cwd, names, count = json.loads(done.stdout)
    assert outer[0] == [False] * 4
    assert outer[1] == ["data.txt"]
    assert outer[2] != 0
    assert inner == [False] * 6
    assert (process, cwd, names) == (1, "/home/student/work", ["data.txt"])
    assert 1 <= count <= 12


@pytest.mark.parametrize("user", [None, NOBODY], ids=["as started", "ordinary user"])
def test_the_process_that_forks_is_confined_and_its_children_further(best, tmp_path, open_folder, user):
    """Students' processes go into namespaces from a forkserver that is in namespaces itself."""
    if user is not None and os.geteuid() != 0:
        pytest.skip("is what 'as started' tests already")
    (open_folder / "data.txt").write_text("4")
    (open_folder / "data.txt").chmod(0o644)
    (tmp_path / "secret").write_text("marks")
    hidden = [tmp_path / "secret", CHECKOUT / "solutions", CHECKOUT / "tests", Path("/etc/shadow"), Path(f"/proc/{os.getpid()}/root")]
    "x".encode("idna")  # loads what names of hosts are written in: an ordinary user may not be able to read it here
    read, write = os.pipe()
    process = os.fork()
    if process == 0:
        try:
            if user is not None:
                os.setgroups([])
                os.setresgid(user, user, user)
                os.setresuid(user, user, user)
            sandbox.confine([*sandbox.starter_paths(), open_folder], [write])
            status = dict(line.split(":\t", 1) for line in Path("/proc/self/status").read_text().splitlines())
            outer = {
                "hidden": [path.exists() for path in hidden],
                "seen": os.listdir(open_folder),
                "user": os.geteuid(),
                "first": os.getpid(),
                "rights": int(status["CapEff"], 16),
                "processes": sum(name.isdigit() for name in os.listdir("/proc")),
                "network": refused(lambda: socket.create_connection(("192.0.2.1", 80), 0.5)),
                "writes": refused(*map(writable, (open_folder / "x", "/x", Path(sys.prefix) / "x"))),
            }
            found = sandbox.try_isolation()["isolation"] if os.path.exists(sys.executable) else best.as_dict() | {"other_user": False}
            inner = inside(
                lambda: ([path.exists() for path in [*hidden, open_folder]], os.getpid(), os.listdir()),
                Isolation.from_dict(found),
                folder=open_folder,
            )
            answer = outer, found["namespaces"], inner
        except BaseException as error:
            answer = f"{type(error).__name__}: {error}"
        os.write(write, pickle.dumps(answer))
        os._exit(0)
    os.close(write)
    answer, ended = finish(process, read)
    assert ended == 0
    assert not isinstance(answer, str), answer
    outer, namespaces, inner = answer
    assert outer["hidden"] == [False] * 5
    assert outer["seen"] == ["data.txt"]
    assert outer["user"] != 0
    assert (outer["first"], outer["processes"], outer["rights"]) == (1, 1, 0)
    assert outer["network"] == ["ENETUNREACH"]
    assert None not in outer["writes"]
    assert namespaces
    assert inner == ([False] * 6, 1, ["data.txt"])


def test_bubblewrap_passes_on_only_the_descriptors_asked_for(tmp_path):
    if not shutil.which("bwrap"):
        pytest.skip("bubblewrap is not installed")
    with (tmp_path / "a").open("w") as kept, (tmp_path / "b").open("w") as other:
        files = (kept.fileno(), other.fileno())
        prefix = sandbox.bubblewrap_command(sandbox.readable_paths(), [files[0]])
        done = subprocess.run([*prefix, "/bin/ls", "/proc/self/fd"], pass_fds=files, capture_output=True, text=True, check=True)
    shown = set(map(int, done.stdout.split()))
    assert files[0] in shown
    assert files[1] not in shown


def test_what_student_code_may_read_is_no_more_than_the_installed_python():
    paths = sandbox.readable_paths()
    assert CHECKOUT / "notebooks" / "backprop" in paths
    for path in paths:
        for private in (
            Path.home(),
            CHECKOUT,
            CHECKOUT / "solutions",
            CHECKOUT / "tests",
            Path("/tmp"),
            Path("/var"),
            Path("/run"),
            Path("/etc"),
        ):
            assert path != private
            assert path not in private.parents
        assert path.exists()
    assert any(Path(os.__file__).is_relative_to(path) for path in paths)


def test_required_walls_that_are_missing_are_a_problem(monkeypatch):
    monkeypatch.setattr(sandbox, "ask_means", lambda prefix: (Isolation(landlock=5), "The kernel said no."))
    with pytest.raises(SandboxProblem, match=r"cannot be shut off on this machine\. The kernel said no\. Allow user namespaces"):
        sandbox.find_isolation("require")
    assert sandbox.find_isolation("auto") == Isolation(landlock=5)
    assert sandbox.find_isolation("off") == Isolation()
    with pytest.raises(ValueError, match="one of require, auto, off, and not 'maybe'"):
        sandbox.find_isolation("maybe")


def test_the_next_best_walls_are_taken_and_the_reason_kept(monkeypatch):
    tried = []

    def refuse_namespaces(isolation):
        tried.append(isolation)
        return "no namespaces today" if isolation.namespaces else ""

    monkeypatch.setattr(sandbox, "problem_with", refuse_namespaces)
    found = sandbox.try_isolation()
    assert found["reason"] == "no namespaces today"
    assert not found["isolation"]["namespaces"]
    assert found["isolation"]["landlock"] == landlock.version()
    assert all(isolation.namespaces for isolation in tried[:-1])


def test_a_python_that_others_cannot_read_is_noticed(best, monkeypatch, open_folder):
    if not best.other_user:
        pytest.skip("only root becomes another user")
    closed = open_folder / "closed.py"
    closed.write_text("")
    closed.chmod(0o600)
    monkeypatch.setattr(sandbox, "files_of", lambda name: [str(closed)])
    monkeypatch.setattr(sandbox, "readable_paths", lambda: [closed, *READABLE])
    found = Isolation.from_dict(sandbox.try_isolation()["isolation"])
    assert found == replace(best, other_user=False, as_root=True)
    assert "root without its rights" in found.words


def test_the_words_say_what_is_missing():
    assert (
        Isolation(namespaces=True, landlock=7, seccomp=True).words
        == "namespaces (user, pid, net, ipc, uts, mount), Landlock, seccomp, limits"
    )
    assert Isolation().words.startswith("limits only: student code can read files of this machine")
    assert "use the network" in Isolation(landlock=3).words
    assert "use the network" not in Isolation(landlock=3, seccomp=True).words
    isolation = Isolation(bubblewrap=True, namespaces=True, landlock=7, seccomp=True, other_user=True)
    assert Isolation.from_dict(json.loads(json.dumps(isolation.as_dict()))) == isolation


def run_filter(machine, number, first=0, second=0, architecture=None):
    """What the kernel would make of the filter: run it on one call."""
    data = {0: number, 4: architecture or list(seccomp.ARCHITECTURES.values())[machine], 16: first, 24: second}
    at, value = 0, 0
    program = seccomp.program(machine)
    while True:
        code, yes, no, constant = program[at]
        at += 1
        if code == seccomp.RETURN:
            return constant
        if code == seccomp.LOAD:
            value = data[constant]
        else:
            holds = {seccomp.EQUAL: value == constant, seccomp.AT_LEAST: value >= constant}.get(code, bool(value & constant))
            at += yes if holds else no


@pytest.mark.parametrize("machine", [0, 1], ids=seccomp.ARCHITECTURES)
def test_the_filter_refuses_its_list_on_both_machines_and_nothing_else(machine):
    def error(number):
        return seccomp.ERROR | number

    refused_here = {numbers[machine] for numbers in seccomp.REFUSED.values()} - {None}
    special = {numbers[machine] for numbers in (seccomp.CLONE3, seccomp.SOCKET, seccomp.SOCKETPAIR)}
    for number in range(500):
        if number not in special:
            assert run_filter(machine, number) == (error(errno.EPERM) if number in refused_here else seccomp.ALLOW)
    assert run_filter(machine, seccomp.CLONE3[machine]) == error(errno.ENOSYS)
    clone, call = seccomp.CLONE[machine], seccomp.SOCKET[machine]
    assert run_filter(machine, clone, 0x3D0F00) == seccomp.ALLOW  # a thread
    assert run_filter(machine, clone, 0x1200011) == seccomp.ALLOW  # fork
    assert run_filter(machine, clone, kernel.NEW_USER | 17) == error(errno.EPERM)
    assert run_filter(machine, call, 1) == seccomp.ALLOW
    assert run_filter(machine, call, 2) == error(errno.EAFNOSUPPORT)
    assert run_filter(machine, seccomp.IOCTL[machine], 0, 0x5412) == error(errno.EPERM)
    assert run_filter(machine, 0, architecture=0x40000003) == seccomp.KILL
    if machine == 0:
        assert run_filter(machine, 0x40000000 + 41, 2) == error(errno.ENOSYS)


def test_only_the_outermost_of_nested_paths_are_shown():
    assert workspace.outermost(["/usr/lib", "/usr", "/usr2", "/a/b/../c"]) == ["/a/c", "/usr", "/usr2"]
