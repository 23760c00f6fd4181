"""Isolation around student code; SANDBOX.md, one folder up, says what they promise."""

from .isolation import (
    Isolation,
    SandboxProblem,
    bubblewrap_command,
    check_mode,
    confine,
    enter,
    find_isolation,
    readable_paths,
    require,
    starter_paths,
    try_isolation,
)

__all__ = [
    "Isolation",
    "SandboxProblem",
    "bubblewrap_command",
    "check_mode",
    "confine",
    "enter",
    "find_isolation",
    "readable_paths",
    "require",
    "starter_paths",
    "try_isolation",
]
