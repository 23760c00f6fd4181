"""The learner's side without what only Unix has: no fork, no fcntl, no resource, as on Windows."""

import subprocess
import sys

PROGRAM = """\
import importlib.abc, os, sys

HIDDEN = {"fcntl", "grp", "pwd", "resource", "termios"}

class Hide(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name in HIDDEN:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Hide())
for name in HIDDEN:
    sys.modules.pop(name, None)
for name in ("fork", "forkpty", "geteuid", "getuid"):
    delattr(os, name)

from pathlib import Path
from backprop.command.copying import put_lessons
from backprop.course_map import course_map
from backprop.exercises import start_here as ex
from backprop.pictures import explore
from backprop.progress.records import Records

folder = Path(sys.argv[1])
print(len(put_lessons(folder, "1.0")) > 20, "lessons and figures")
print(ex.first_slope.check(lambda x: x))
course_map(ex)
print(explore("logistic").summary)
records = Records(folder / "notebooks")
records.note("first_slope", 0.0, True)
records.sync()
print("remark:", records.remark, sorted(records.saved))
print(sorted(HIDDEN & set(sys.modules)))
"""


def test_a_check_a_picture_and_the_map_work_without_what_only_unix_has(tmp_path):
    ran = subprocess.run([sys.executable, "-c", PROGRAM, str(tmp_path)], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    for words in ("True lessons and figures", "first_slope: not right yet", "Course map: ", "remark:  ['first_slope']", "[]"):
        assert words in ran.stdout, ran.stdout
