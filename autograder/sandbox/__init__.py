"""Isolation around student code; SANDBOX.md, one folder up, says what they promise."""

import os

from .means import Isolation, SandboxProblem, check_mode, require

if hasattr(os, "fork"):  # on Windows there is nothing that the rest could use
    from .isolation import bubblewrap_command, confine, enter, find_isolation, readable_paths, starter_paths, try_isolation

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
