"""Takes from the course's packages what Python has on Unix only.

With this folder on PYTHONPATH this is so in every process. Libraries keep what they find here: on
Windows they have other means of their own.
"""

import builtins
import os
import select
import signal
import socket
import types

MODULES = {"fcntl", "grp", "pty", "pwd", "resource", "termios"}
NAMES = {
    os: """
        chown chroot fchmod fchown fork forkpty fstatvfs getegid geteuid getgid getgroups getloadavg getpgid getpgrp
        getpriority getresuid getsid getuid initgroups killpg lchown lockf mkfifo mknod nice openpty pipe2
        posix_spawn pread register_at_fork sched_getaffinity sched_setaffinity sendfile setegid seteuid setgid
        setgroups setpgid setresgid setresuid setsid setuid statvfs sync sysconf ttyname uname wait wait3 wait4
        waitid O_CLOEXEC O_DIRECTORY O_NOFOLLOW O_NONBLOCK O_SYNC SEEK_DATA WCOREDUMP WIFEXITED WIFSIGNALED WNOHANG
        WTERMSIG
    """,
    select: "epoll poll POLLIN",
    signal: """
        alarm getitimer setitimer pause pthread_kill pthread_sigmask siginterrupt sigpending sigwait ITIMER_REAL
        ITIMER_PROF ITIMER_VIRTUAL SIGALRM SIGCHLD SIGCONT SIGHUP SIGKILL SIGPIPE SIGQUIT SIGSTOP SIGTSTP SIGUSR1
        SIGUSR2 SIGXCPU SIGXFSZ SIG_BLOCK SIG_SETMASK SIG_UNBLOCK
    """,
    socket: "AF_UNIX CMSG_LEN CMSG_SPACE SCM_RIGHTS SOCK_SEQPACKET recv_fds send_fds sethostname socketpair",
}


def _open(path, flags, mode=0o777, *, dir_fd=None):
    if dir_fd is not None:
        raise NotImplementedError("dir_fd unavailable on this platform")
    if os.path.isdir(path):
        raise PermissionError(13, "Permission denied", path)
    return os.open(path, flags, mode)


def _without(module):
    less = types.ModuleType(module.__name__)
    less.__dict__.update(vars(module))
    for name in NAMES[module].split():
        vars(less).pop(name, None)
    return less


REDUCED = {module.__name__: _without(module) for module in NAMES}
vars(REDUCED["os"]).update(name="nt", open=_open, supports_dir_fd=set(), supports_fd=set())
_import = builtins.__import__


def _import_what_there_is(name, globals=None, locals=None, fromlist=(), level=0):
    if ((globals or {}).get("__package__") or "").partition(".")[0] in ("autograder", "backprop"):
        if name in MODULES:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        if name in REDUCED:
            return REDUCED[name]
    return _import(name, globals, locals, fromlist, level)


builtins.__import__ = _import_what_there_is
