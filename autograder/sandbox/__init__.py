"""Isolation around student code; SANDBOX.md, one folder up, says what they promise."""

from .isolation import Isolation, SandboxProblem, bubblewrap_command, enter, find_isolation, readable_paths, starter_paths, try_isolation

__all__ = [
    "Isolation",
    "SandboxProblem",
    "bubblewrap_command",
    "enter",
    "find_isolation",
    "readable_paths",
    "starter_paths",
    "try_isolation",
]
