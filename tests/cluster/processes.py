"""A real scheduler and real workers on this machine, each a process of its own."""

import os
import subprocess
import sys
import time
from pathlib import Path

DASK = str(Path(sys.executable).with_name("dask"))
TLS = "DASK_DISTRIBUTED__COMM__TLS__"


def certificate(folder: Path) -> dict[str, str]:
    """Dask's settings for a scheduler, workers and a client with one self-signed certificate."""
    key, made = str(folder / "key.pem"), str(folder / "certificate.pem")
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    subprocess.run([*command, "-subj", "/CN=autograder", "-keyout", key, "-out", made], check=True, capture_output=True)
    settings = {f"{TLS}CA_FILE": made, "DASK_DISTRIBUTED__COMM__REQUIRE_ENCRYPTION": "True"}
    for part in ("SCHEDULER", "WORKER", "CLIENT"):
        settings |= {f"{TLS}{part}__CERT": made, f"{TLS}{part}__KEY": key}
    return settings


class Processes:
    """Those of one cluster; all end with the `with` block."""

    def __init__(self, folder: Path, settings: dict[str, str] | None = None) -> None:
        self.folder, self.settings = folder, settings or {}
        self.file = folder / "scheduler.json"
        self.started: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self):
        protocol = "tls" if self.settings else "tcp"
        self.start("scheduler", "scheduler", "--host", "127.0.0.1", "--port", "0", "--protocol", protocol, "--no-dashboard")
        return self

    def __exit__(self, *raised):
        for process in self.started.values():
            process.kill()
            process.wait()

    def worker(self, name: str, *words: str) -> None:
        """A worker with one thread, and nobody who starts it again."""
        self.start(name, "worker", "--nthreads", "1", "--no-nanny", "--no-dashboard", "--name", name, *words)

    def start(self, name: str, *words: str) -> None:
        """A process of Dask's command line; what it says goes into a file."""
        environment = os.environ | self.settings | {"OMP_NUM_THREADS": "1"}
        with (self.folder / f"{name}.log").open("wb") as log:
            command = [DASK, *words, "--scheduler-file", str(self.file)]
            self.started[name] = subprocess.Popen(command, cwd=self.folder, env=environment, stdout=log, stderr=log)

    def said(self, name: str) -> str:
        """What a process has written."""
        return (self.folder / f"{name}.log").read_text(encoding="utf-8", errors="replace")

    def wait_until_joined(self, *names: str) -> None:
        """Wait until these workers are known to the scheduler."""
        end = time.monotonic() + 300
        while not all("Registered to" in self.said(name) for name in names):
            assert time.monotonic() < end, "\n".join(map(self.said, names))
            time.sleep(0.1)

    def kill(self, name: str) -> None:
        """End a process as `kill -9` does."""
        self.started[name].kill()
        self.started[name].wait()
