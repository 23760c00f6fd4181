"""The system calls that student code is refused, and the filter program that refuses them.

Threads, fork, exec, files, pipes and local sockets go on working. The refused calls reach deep into
the kernel or around the other isolation, and have no place in an assignment. A refused call returns
an error number and does not kill the process, so a program that only probes goes on.
"""

import ctypes
import errno
import platform
import struct

from . import kernel

# Name -> number on x86_64, number on aarch64 (None: not there). Above 423 both are the same.
REFUSED = {
    "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41), "chroot": (161, 51), "open_tree": (428, 428),
    "move_mount": (429, 429), "fsopen": (430, 430),
    "fsconfig": (431, 431), "fsmount": (432, 432), "fspick": (433, 433), "mount_setattr": (442, 442),
    "open_tree_attr": (467, 467), "unshare": (272, 97), "setns": (308, 268), "ptrace": (101, 117), "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271), "kcmp": (312, 272), "pidfd_getfd": (438, 438), "bpf": (321, 280), "perf_event_open": (298, 241),
    "userfaultfd": (323, 282), "io_uring_setup": (425, 425), "io_uring_enter": (426, 426), "io_uring_register": (427, 427),
    "add_key": (248, 217), "request_key": (249, 218), "keyctl": (250, 219), "kexec_load": (246, 104), "kexec_file_load": (320, 294),
    "init_module": (175, 105), "finit_module": (313, 273), "delete_module": (176, 106), "reboot": (169, 142), "swapon": (167, 224),
    "swapoff": (168, 225), "sethostname": (170, 161), "setdomainname": (171, 162), "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265), "acct": (163, 89), "quotactl": (179, 60), "quotactl_fd": (443, 443), "fanotify_init": (300, 262),
    "syslog": (103, 116), "settimeofday": (164, 170), "clock_settime": (227, 112), "clock_adjtime": (305, 266), "adjtimex": (159, 171),
    "vhangup": (153, 58), "move_pages": (279, 239), "migrate_pages": (256, 238), "lookup_dcookie": (212, 18), "iopl": (172, None),
    "ioperm": (173, None), "modify_ldt": (154, None), "uselib": (134, None),
    # Memory that no limit counts: not in a file, not in the size of a process.
    "memfd_create": (319, 279), "memfd_secret": (447, 447), "shmget": (29, 194),
}  # fmt: skip
CLONE3, CLONE, SOCKET, SOCKETPAIR, IOCTL, SECCOMP = (435, 435), (56, 220), (41, 198), (53, 199), (16, 29), (317, 277)
ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}

NAMESPACES = (
    kernel.NEW_NS | kernel.NEW_CGROUP | kernel.NEW_UTS | kernel.NEW_IPC | kernel.NEW_USER | kernel.NEW_PID | kernel.NEW_NET
)  # not of time: its bit is part of the signal number in clone
UNIX_SOCKET, PUSH_INPUT = 1, 0x5412  # AF_UNIX; TIOCSTI, which types into somebody's terminal
LOAD, EQUAL, AT_LEAST, ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
NUMBER, ARCHITECTURE, FIRST, SECOND = 0, 4, 16, 24  # offsets in struct seccomp_data; low halves of the arguments
ALLOW, KILL, ERROR = 0x7FFF0000, 0x80000000, 0x00050000
SET_MODE_FILTER, GET_ACTION_AVAILABLE, FAST = 1, 2, 4  # FAST: SPEC_ALLOW, no slow-down of the whole process

Instruction = tuple[int, int, int, int]


def supported() -> bool:
    """Whether this machine is known here and its kernel has seccomp filters."""
    machine = _machine()
    if machine is None:
        return False
    action = ctypes.c_uint32(ERROR)
    try:
        kernel.syscall(SECCOMP[machine], GET_ACTION_AVAILABLE, 0, ctypes.addressof(action))
    except OSError:
        return False
    return True


def program(machine: int) -> list[Instruction]:
    """The filter for x86_64 (0) or aarch64 (1): code, jump if true, jump if false, constant."""
    lines = [(LOAD, 0, 0, ARCHITECTURE), (EQUAL, 1, 0, list(ARCHITECTURES.values())[machine]), (RETURN, 0, 0, KILL), (LOAD, 0, 0, NUMBER)]
    if machine == 0:  # the x32 numbers are a second way to the same calls
        lines += [(AT_LEAST, 0, 1, 0x40000000), _error(errno.ENOSYS)]
    for numbers in REFUSED.values():
        number = numbers[machine]
        if number is not None:
            lines += [(EQUAL, 0, 1, number), _error(errno.EPERM)]
    # Its flags are in memory, where a filter cannot look; libc then takes clone.
    lines += [(EQUAL, 0, 1, CLONE3[machine]), _error(errno.ENOSYS)]
    lines += _unless(CLONE[machine], FIRST, (ANY_BIT, 0, 1, NAMESPACES), errno.EPERM)
    for family in (SOCKET, SOCKETPAIR):
        lines += _unless(family[machine], FIRST, (EQUAL, 1, 0, UNIX_SOCKET), errno.EAFNOSUPPORT)
    lines += _unless(IOCTL[machine], SECOND, (EQUAL, 0, 1, PUSH_INPUT), errno.EPERM)
    return [*lines, (RETURN, 0, 0, ALLOW)]


def install() -> None:
    """Filter the calls of this process and all that it starts.

    It must have no_new_privs already.
    """
    machine = _machine()
    assert machine is not None
    lines = program(machine)
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *line) for line in lines))
    header = ctypes.create_string_buffer(struct.pack("HP", len(lines), ctypes.addressof(code)))
    kernel.syscall(SECCOMP[machine], SET_MODE_FILTER, FAST, ctypes.addressof(header))


def _machine() -> int | None:
    known = list(ARCHITECTURES)
    return known.index(platform.machine()) if platform.machine() in known else None


def _error(number: int) -> Instruction:
    return (RETURN, 0, 0, ERROR | number)


def _unless(call: int, argument: int, test: Instruction, number: int) -> list[Instruction]:
    """Refuse this call if `test`, on one of its arguments, goes to the next line; else allow it."""
    return [(EQUAL, 0, 4, call), (LOAD, 0, 0, argument), test, _error(number), (RETURN, 0, 0, ALLOW)]
