"""One thread a process: the tests run in parallel, and the tensors are tiny."""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
