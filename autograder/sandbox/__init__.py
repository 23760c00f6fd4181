"""Walls around student code; SANDBOX.md, one folder up, says what they promise."""

from .isolation import SandboxProblem, Walls, bubblewrap_command, enter, find_walls, readable_paths, starter_paths, try_walls

__all__ = ["SandboxProblem", "Walls", "bubblewrap_command", "enter", "find_walls", "readable_paths", "starter_paths", "try_walls"]
