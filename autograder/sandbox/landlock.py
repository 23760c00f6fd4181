"""Landlock: the kernel's list of what a process may open.

A process can shorten it, never extend it.
"""

import ctypes
import os
import stat
import struct
from collections.abc import Sequence

from . import kernel

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR, TRUNCATE, IOCTL_DEVICE = 1 << 0, 1 << 1, 1 << 2, 1 << 3, 1 << 14, 1 << 15
READ = EXECUTE | READ_FILE | READ_DIR
FOR_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEVICE
TCP = 0b11  # bind, connect
SCOPES = 0b11  # abstract unix sockets, signals: only within the same sandbox


def version() -> int:
    """Which version of Landlock the kernel has; 0 for none."""
    try:
        return kernel.syscall(CREATE_RULESET, 0, 0, 1)
    except OSError:
        return 0


def all_rights(abi: int) -> int:
    """Every right over files that this version knows: what is not granted is refused."""
    return (1 << (13 + (abi >= 2) + (abi >= 3) + (abi >= 5))) - 1


def restrict(abi: int, readable: Sequence[str], writable: Sequence[str], listable: Sequence[str] = ()) -> None:
    """Let this process, and all that it starts, open only these paths.

    It must have no_new_privs already.

    `listable` folders, and those inside, show their names. Missing paths are left out.
    TCP is refused from version 4 on, and signals to other processes from version 6 on.
    """
    rights = all_rights(abi)
    attributes = struct.pack("QQQ", rights, TCP if abi >= 4 else 0, SCOPES if abi >= 6 else 0)
    size = 24 if abi >= 6 else 16 if abi >= 4 else 8
    buffer = ctypes.create_string_buffer(attributes)
    rules = kernel.syscall(CREATE_RULESET, ctypes.addressof(buffer), size, 0)
    try:
        for path in readable:
            _allow(rules, path, rights & READ)
        for path in listable:
            _allow(rules, path, READ_DIR)
        for path in writable:
            _allow(rules, path, rights & ~IOCTL_DEVICE)
        kernel.syscall(RESTRICT_SELF, rules, 0)
    finally:
        os.close(rules)


def _allow(rules: int, path: str, rights: int) -> None:
    try:
        file = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not stat.S_ISDIR(os.fstat(file).st_mode):
            rights &= FOR_FILES
        rule = ctypes.create_string_buffer(struct.pack("=Qi", rights, file))
        kernel.syscall(ADD_RULE, rules, 1, ctypes.addressof(rule), 0)
    finally:
        os.close(file)
