"""The tests. Tensors are tiny here and tests run in parallel: one thread a process."""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before NumPy is imported
