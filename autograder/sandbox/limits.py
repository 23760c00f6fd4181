"""What one submission may use: time, memory, processes, files and output."""

from dataclasses import asdict, dataclass, fields
from typing import Any, Self

MEBI = 2**20


@dataclass(frozen=True)
class Limits:
    """The limits of one submission; each is an option `c.Grading.<name>` in nbgrader_config.py."""

    cell_seconds: float = 30.0  # wall time of one cell, and of one call of a student's function
    notebook_seconds: float = 300.0  # wall time of a whole notebook
    cpu_seconds: int = 300  # processor time of the student's process
    memory_bytes: int = 2048 * MEBI  # memory that the student's code may add to what is loaded already, a process
    processes: int = 64  # processes and threads at once
    file_bytes: int = 64 * MEBI  # the largest file that may be written
    disk_bytes: int = 256 * MEBI  # everything that may be written
    open_files: int = 256
    output_bytes: int = 1 * MEBI  # what one cell may print and show
    answer_bytes: int = 64 * MEBI  # the largest value that a function may return

    def as_dict(self) -> dict[str, Any]:
        """As plain data, to be sent to another process."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """The limits that `as_dict` was made from."""
        return cls(**{field.name: data[field.name] for field in fields(cls)})
