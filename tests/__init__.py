"""The tests and benchmarks. Tensors are tiny here and tests run in parallel: one thread a process.

The environment's commands are first on the PATH: nbgrader starts alembic by its name.
"""

import os
import sys
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before NumPy is imported
os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
