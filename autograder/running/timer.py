"""The time limit on what the main thread does: CellTimeoutError is raised there when it is over.

The system's timer sends a signal. Where there is none (Windows), a thread raises one that ends a
sleep there as well. Compiled code can block both; whoever waits for this process has a limit too.
"""

import signal
import threading
import time

from .shell import CellTimeoutError

if hasattr(signal, "setitimer"):
    SIGNAL = signal.SIGALRM

    def start(seconds: float) -> None:
        """Set the limit, counted from now, in place of the one before."""
        signal.setitimer(signal.ITIMER_REAL, seconds)

    def stop() -> float:
        """Lift the limit; returns the seconds that were left."""
        return signal.setitimer(signal.ITIMER_REAL, 0)[0]

    def _is_over() -> bool:
        return True

else:
    SIGNAL = signal.SIGINT
    _end: float | None = None
    _stopped = threading.Event()

    def start(seconds: float) -> None:
        """Set the limit, counted from now, in place of the one before."""
        global _end, _stopped
        stop()
        _end, _stopped = time.monotonic() + seconds, threading.Event()
        threading.Thread(target=_raise_at, args=[_end, _stopped], daemon=True).start()

    def stop() -> float:
        """Lift the limit; returns the seconds that were left."""
        global _end
        left = max(0.0, _end - time.monotonic()) if _end is not None else 0.0
        _end = None
        _stopped.set()
        return left

    def _raise_at(end: float, stopped: threading.Event) -> None:
        while (left := end - time.monotonic()) > 0:
            if stopped.wait(left):
                return
        signal.raise_signal(SIGNAL)

    def _is_over() -> bool:
        """Whether the limit in force is over: a signal may be about one that has been lifted."""
        return _end is not None and time.monotonic() >= _end


def prepare() -> None:
    """Make this process ready for limits."""
    signal.signal(SIGNAL, _time_is_up)


def _time_is_up(number: int, frame: object) -> None:
    if _is_over():
        raise CellTimeoutError("this took longer than a cell may take")
