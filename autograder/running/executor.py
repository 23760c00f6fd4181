"""Runs notebooks, each in two processes: one for the student's cells, one for the instructor's."""

import shutil
import tempfile
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol, Self

from autograder import sandbox
from autograder.sandbox.limits import Limits

from .job import Executed, Job
from .lines import Forkserver
from .loader import FORKS, PRELOAD, Loader
from .notebook_run import NotebookRun, Process
from .scratch import clear_abandoned, new_scratch
from .spawning import Spawner


class CourseFiles(Protocol):
    """What lies beside the course's notebooks."""

    @property
    def fingerprint(self) -> str:
        """Another one for other files."""

    def copy_files(self, folder: Path) -> None:
        """Put it into a folder."""


class Executor:
    """A context manager that holds the two forkservers, or what starts processes without them.

    `run` may be called from several threads at once. Once entered, `isolation` says what is in
    force. SandboxProblem on entering if the mode is `require` and that is not enough.
    """

    def __init__(
        self,
        limits: Limits | None = None,
        mode: str = "auto",
        *,
        preload: Sequence[str] = PRELOAD,
        for_tests: Sequence[str] = (),
        for_students: Sequence[str] = (),
        readable: Sequence[Path] = (),
        rehearsal: Sequence[str] = (),
        loader: Loader | None = None,
    ) -> None:
        """Begin to load the modules of `preload`, unless `loader` already loads some.

        Those of `for_tests` and `for_students` are loaded for these processes only. `rehearsal` is
        statements of the tests, run once for all tests; students' processes never have them.
        """
        sandbox.check_mode(mode)
        self.limits = limits or Limits()
        self.mode = mode
        self.isolation = sandbox.Isolation(only_time=not FORKS)
        self.preload = tuple(preload)
        self.for_tests, self.for_students = list(for_tests), list(for_students)
        self.rehearsal = list(rehearsal)
        self.readable = [*sandbox.readable_paths(), *readable] if FORKS else []
        clear_abandoned()
        self.scratch, self._scratch_lock = new_scratch()
        self._spawner = None if FORKS else Spawner({"student": [*preload, *for_students], "trusted": [*preload, *for_tests]})
        self._loaders = [loader or Loader(self.preload)] if FORKS else []
        self._forkservers: dict[str, Forkserver] = {}
        self._lock = threading.Lock()
        self._once: dict[str, Any] = {}
        self._once_lock = threading.Lock()

    def __enter__(self) -> Self:
        try:
            if self._spawner:
                sandbox.require(self.mode, self.isolation, "Only Linux has the means.")
            else:
                self._start_forkservers()
        except BaseException:
            self.__exit__()
            raise
        return self

    def _start_forkservers(self) -> None:
        loader = self._loaders[0]
        students = loader.set_up(**self._setup(self.mode), for_tests=self.for_tests, rehearsal=self.rehearsal)
        self._forkservers = {"student": Forkserver(loader, students), "trusted": Forkserver(loader, loader.control)}
        self._forkservers["student"].wait_until_ready()
        self._settle_isolation()
        self._forkservers["trusted"].wait_until_ready()

    def _setup(self, mode: str) -> dict[str, Any]:
        seen = [*sandbox.starter_paths(), *self.readable, self.scratch]
        return {"modules": self.preload, "for_students": self.for_students, "mode": mode, "seen": [str(path) for path in seen]}

    def _settle_isolation(self) -> None:
        """Take what the students' forkserver found.

        Where the kernel refuses it namespaces, bubblewrap may be allowed to make some.
        """
        about = self._forkservers["student"].about
        self.isolation, reason = sandbox.Isolation.from_dict(about["isolation"]), about["reason"]
        if self.mode == "off" or self.isolation.namespaces:
            return
        if sandbox.find_isolation("auto").bubblewrap:
            inside = sandbox.bubblewrap_command
            loader = Loader(self.preload, lambda line: inside([*sandbox.starter_paths(), *self.readable, self.scratch], [line]))
            self._loaders.append(loader)
            self._forkservers["student"].hang_up()
            self._forkservers["student"] = Forkserver(loader, loader.set_up(**self._setup("inside")))
            self._forkservers["student"].wait_until_ready()
            found = sandbox.Isolation.from_dict(self._forkservers["student"].about["isolation"])
            self.isolation = replace(found, bubblewrap=True)
        sandbox.require(self.mode, self.isolation, reason)

    def __exit__(self, *raised: object) -> None:
        self.stop()
        self._scratch_lock.release()
        shutil.rmtree(self.scratch, ignore_errors=True)

    def course_files(self, side: CourseFiles) -> Path:
        """A folder with the course's own files, where tests run; made once an assignment."""
        folder = self.scratch / f"course-{side.fingerprint}"
        with self._lock:
            if not folder.is_dir():
                new = Path(tempfile.mkdtemp(dir=self.scratch))
                side.copy_files(new)
                new.rename(folder)
        return folder

    def once(self, key: str, make: Callable[[], Any], *, at_once: bool = False) -> Any:
        """What `make` made, which is called once for each key.

        Unless `at_once`, None the first time a key is asked for, as it may be the only time.
        """
        with self._once_lock:
            if at_once or (key in self._once and self._once[key] is None):
                self._once[key] = make()
            return self._once.setdefault(key, None)

    def made(self, key: str) -> Any:
        """What `once` has for a key; None if nothing."""
        return self._once.get(key)

    def first(self, key: str, make: Callable[[], Any]) -> Any:
        """What `make` made when it was asked for first; others wait for it."""
        with self._once_lock:
            if key not in self._once:
                self._once[key] = make()
            return self._once[key]

    def stop(self) -> None:
        """End every notebook that is running, and start none any more."""
        if self._spawner:
            self._spawner.stop()
        for forkserver in self._forkservers.values():
            forkserver.hang_up()
        for loader in self._loaders:
            loader.close()

    def run(self, job: Job) -> Executed:
        """Run one notebook from its first cell to its last."""
        run = NotebookRun(self, job)
        try:
            return run.conduct()
        finally:
            run.close()

    def start(self, role: str, folder: Path | None) -> Process:
        """Start a process for `role`."""
        request: dict[str, Any] = {"role": role, "folder": str(folder) if folder else None, "limits": self.limits.as_dict()}
        scratch = None if self.isolation.bubblewrap else str(self.scratch)  # bubblewrap shows it read-only
        request |= {"isolation": self.isolation.as_dict(), "readable": [str(path) for path in self.readable], "scratch": scratch}
        return (self._spawner or self._forkservers[role]).start(request)
