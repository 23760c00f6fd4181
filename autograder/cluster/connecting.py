"""The connection to a scheduler, by its address or its file, and what to do if there is none."""

import logging
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dask
from distributed import Client

from autograder.grading.engine import EngineProblem

CONNECT = 30.0  # seconds
CLOSE = 5.0
RESULTS = ["msgpack"]  # Dask's other kinds of message, also its own kind `dask`, unpickle a part of themselves
SETTINGS = {"distributed.admin.large-graph-warning-threshold": "1GiB"}  # a submission may be large


@contextmanager
def connected(where: str) -> Iterator[Client]:
    """A client of the scheduler; EngineProblem if there is none to be reached.

    Results are taken as plain msgpack: one that would have to be unpickled is refused. What Dask
    says of itself, errors of tasks included, it unpickles.
    """
    named = {"address": where} if "://" in where else {"scheduler_file": _scheduler_file(where)}
    with dask.config.set(SETTINGS), _quiet():
        try:
            client = Client(**named, timeout=CONNECT, set_as_default=False, deserializers=RESULTS)
        except (TypeError, ssl.SSLError) as error:
            raise EngineProblem(
                f"The scheduler {where} cannot be spoken to by TLS: {error}. Dask's configuration has to name the certificates "
                "(distributed.comm.tls); CLUSTER.md shows how."
            ) from None
        except (OSError, ValueError, TimeoutError) as error:
            raise EngineProblem(f"No scheduler could be reached at {where}: {error}. Is `dask scheduler` running there?") from None
        try:
            yield client
        finally:
            try:
                client.close(timeout=CLOSE)
            except Exception:  # a client that has lost its scheduler may raise anything
                client.status = "closed"  # else it would try again, and wait, when Python ends


def _scheduler_file(where: str) -> str:
    """The same; EngineProblem if it is no file, for which Dask would wait for ever."""
    if not Path(where).is_file():
        raise EngineProblem(
            "--dask takes the address of a scheduler, such as tcp://127.0.0.1:8786, or the file that "
            f"`dask scheduler --scheduler-file` writes; {where!r} is neither."
        )
    return where


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep Dask's own log from the terminal.

    It shows a lost connection as a traceback; this package says what matters.
    """
    logger = logging.getLogger("distributed")
    before = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        logger.setLevel(before)
