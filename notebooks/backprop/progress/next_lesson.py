"""Chooses the notebook to open: page 00 until its
exercise is right, then the first unfinished lesson.

python -m backprop.progress.next_lesson notebooks      prints 01_chain_rule.ipynb
"""

import sys
from pathlib import Path

from .records import Records
from .standing import first_unfinished


def next_notebook(folder: Path) -> str:
    """The file name of the notebook to open, by the progress that is recorded in `folder`."""
    records = Records(folder)
    records.sync()
    return f"{first_unfinished(records.all()).stem}.ipynb"


if __name__ == "__main__":
    print(next_notebook(Path(sys.argv[1])))
