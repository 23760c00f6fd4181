"""Global settings of NumPy and PyTorch: ours during
a check, the learner's own while their function runs.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from .lazy import torch


@contextmanager
def ours() -> Iterator[None]:
    """Settings for our own work: gradients on, CPU, one thread, no floating-point errors."""
    device, threads = torch.get_default_device(), torch.get_num_threads()
    torch.set_num_threads(1)  # the tensors are tiny, and threads wait for each other on a busy machine
    _set_device(torch.device("cpu"))
    try:
        with np.errstate(all="ignore"), torch.inference_mode(False), torch.enable_grad():
            yield
    finally:
        _set_device(device)
        torch.set_num_threads(threads)


@contextmanager
def kept() -> Iterator[None]:
    """Restore the usual warnings of NumPy while a learner's
    function runs, and undo its changes to settings.
    """
    errors, grad, dtype, device = np.geterr(), torch.is_grad_enabled(), torch.get_default_dtype(), torch.get_default_device()
    try:
        np.seterr(all="warn", under="ignore")
        yield
    finally:
        np.seterr(**errors)
        torch.set_grad_enabled(grad)
        torch.set_default_dtype(dtype)
        _set_device(device)


@contextmanager
def no_collection() -> Iterator[None]:
    """No garbage is collected meanwhile: thousands of objects that
    stay would set off several searches through all of PyTorch's.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _set_device(device: object) -> None:
    if torch.get_default_device() != device:  # setting it costs time at every later operation
        torch.set_default_device(None if str(device) == "cpu" else device)
