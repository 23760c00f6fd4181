"""The three lines of CLUSTER.md, typed as they stand there."""

import os
import re
import shlex
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cluster.light import RIGHT, WRONG, hand_in, light_course
from tests.grading.course import scores

pytestmark = [
    pytest.mark.xdist_group("cluster"),
    pytest.mark.skipif(sys.platform != "linux", reason="the isolation is for Linux"),
]
MANUAL = Path(__file__).resolve().parents[2] / "autograder" / "CLUSTER.md"


def lines_of(section):
    """The commands in the first block of a section."""
    text = MANUAL.read_text(encoding="utf-8").partition(f"\n## {section}\n")[2]
    block = re.search(r"```\n(.*?)```", text, re.DOTALL)
    return [shlex.split(line) for line in block[1].splitlines()]


def test_the_three_lines_grade_a_class(tmp_path):
    scheduler, workers, grade = lines_of("A scheduler and two workers on one laptop")
    assignment = grade[3]
    course = light_course(tmp_path / grade[2], assignment)
    hand_in(course, {"ada": RIGHT, "bob": WRONG, "cy": {}}, assignment)
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    started = []
    try:
        for line, ready in ((scheduler, "Scheduler at"), (workers, "Registered to")):
            log = tmp_path / f"{line[1]}.log"
            with log.open("wb") as file:
                started.append(subprocess.Popen(line, cwd=tmp_path, env=environment, stdout=file, stderr=file))
            end = time.monotonic() + 300
            while ready not in log.read_text(encoding="utf-8"):
                assert time.monotonic() < end, log.read_text(encoding="utf-8")
                time.sleep(0.1)
        done = subprocess.run(grade, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    finally:
        for process in reversed(started):
            process.terminate()
            process.wait()
    assert done.returncode == 0, done.stdout + done.stderr
    assert "graded                  │ 3" in done.stdout
    assert [sum(scores(course, assignment, student).values()) for student in ("ada", "bob", "cy")] == [4, 1, 0]
