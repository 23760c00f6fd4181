"""Global settings of NumPy and PyTorch: ours while a check works, the learner's own before and after their function runs."""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from .lazy import torch


@contextmanager
def ours() -> Iterator[None]:
    """Gradients on, on the CPU, in one thread, without floating-point errors: whatever the notebook has set."""
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
    """NumPy's usual warnings while a learner's function runs; afterwards, put back what it changed for everybody."""
    errors, grad, dtype, device = np.geterr(), torch.is_grad_enabled(), torch.get_default_dtype(), torch.get_default_device()
    try:
        np.seterr(all="warn", under="ignore")
        yield
    finally:
        np.seterr(**errors)
        torch.set_grad_enabled(grad)
        torch.set_default_dtype(dtype)
        _set_device(device)


def _set_device(device: object) -> None:
    if torch.get_default_device() != device:  # setting it costs time at every later operation
        torch.set_default_device(None if str(device) == "cpu" else device)
