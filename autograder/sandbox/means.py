"""The means of isolation in force, in words, and the modes that ask for them: for every system."""

from dataclasses import asdict, dataclass, fields
from typing import Any, Self

MODES = ("require", "auto", "off")


class SandboxProblem(Exception):
    """The isolation is not available, or cannot be set up.

    The message says which, and what to do.
    """


@dataclass(frozen=True)
class Isolation:
    """The means of isolation in force.

    Limits on time, memory, processes and files always are, unless `only_time`.
    """

    confined: bool = False  # the process that forks is itself in namespaces, as a user without rights
    bubblewrap: bool = False  # the same, made by bubblewrap where the kernel lets only that
    namespaces: bool = False  # no network, no foreign processes, no foreign files
    landlock: int = 0  # its version; 0: none
    seccomp: bool = False
    other_user: bool = False  # started by root, and student code is a user without a name and without files
    as_root: bool = False  # started by root, and other users cannot read the installed Python: student code is root without its rights
    only_time: bool = False  # outside Unix: nothing but time and output is limited

    @property
    def words(self) -> str:
        """What is in force, for a report."""
        names = {
            "confined forkserver": self.confined,
            "bubblewrap": self.bubblewrap,
            "namespaces (user, pid, net, ipc, uts, mount)": self.namespaces,
            "Landlock": self.landlock,
            "seccomp": self.seccomp,
            "a user of its own": self.other_user,
        }
        limits = "limits on time and output" if self.only_time else "limits"
        words = ", ".join([*(name for name, stands in names.items() if stands), limits])
        if self.as_root:
            words += " (but not on processes: other users cannot read the installed Python, so that this is root without its rights)"
        if self.namespaces:
            return words
        if not self.landlock:
            return f"{words} only: student code can read files of this machine and see its processes{self._network}"
        return f"{words}; no namespaces: student code can see other processes{self._network}"

    @property
    def _network(self) -> str:
        return "" if self.seccomp else ", and use the network"

    def as_dict(self) -> dict[str, Any]:
        """As plain data, to be sent to another process."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """The isolation that `as_dict` was made from."""
        return cls(**{field.name: data[field.name] for field in fields(cls)})


def check_mode(mode: str) -> None:
    """ValueError if there is no such mode."""
    if mode not in MODES:
        raise ValueError(f"The sandbox mode is one of {', '.join(MODES)}, and not {mode!r}.")


def require(mode: str, isolation: Isolation, reason: str) -> None:
    """Raise SandboxProblem if the mode is `require` and isolation is not complete.

    `reason` says what failed.
    """
    if mode == "require" and not isolation.namespaces:
        raise SandboxProblem(
            f"Student code cannot be shut off on this machine. {reason} Allow user namespaces (as root: "
            "sysctl user.max_user_namespaces=10000; on Ubuntu also kernel.apparmor_restrict_unprivileged_userns=0; in a container: "
            "--security-opt seccomp=unconfined), or grade in a virtual machine, or set the sandbox to auto and accept weaker isolation."
        )
