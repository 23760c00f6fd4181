"""Zips as platforms give them, with made-up people and the platforms' exact forms of names."""

import io
import zipfile

import nbformat

from tests.grading.course import PLAIN, REFERENCE, filled, release_of

WEEK = "01_week"


def notebook(*answers, **changed):
    """The assignment's notebook with some of the reference's answers, as the bytes of a file."""
    given = {name: REFERENCE[name] for name in answers} | {name.replace("_", "-"): text for name, text in changed.items()}
    return nbformat.writes(filled(release_of(PLAIN), given)).encode()


BLANK, HALF, FULL = notebook(), notebook("square-answer", "slope-answer"), notebook(*REFERENCE)


def zipped(files):
    """A zip of these files, as bytes."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return file.getvalue()


def write_zip(path, files):
    path.write_bytes(zipped(files))
    return path


def zipped_with_raw_names(files):
    """A zip whose names are these bytes and not marked as UTF-8, as older programs write them."""
    marks = {name: f"name{number:04d}".ljust(len(name), "x")[: len(name)] for number, name in enumerate(files)}
    data = zipped({marks[name]: content for name, content in files.items()})
    for name, mark in marks.items():
        assert len(mark) == len(name)
        data = data.replace(mark.encode(), name)
    return data


ABOUT = """\
Name: {name} ({login})
Assignment: Week one
Date Submitted: Friday, November 20, 2026 5:00:10 PM EST
Current Grade: Needs Grading

Submission Field:
There is no student submission text data for this assignment.

Files:
\tOriginal filename: 01_week.ipynb
"""
METADATA = """\
---
submission_101:
  :submitters:
  - :name: Ada Lovelace
    :sid: '1815'
    :email: ada@example.org
  - :name: Zoë Müller
    :sid: '1816'
    :email: zoe@example.org
  :created_at: 2026-11-20 17:00:10.123456000 -08:00
  :score: 0.0
  :status: processed
submission_102:
  :submitters:
  - !ruby/hash:ActiveSupport::HashWithIndifferentAccess
    :name: Bo Li
    :sid:
    :email: bo@example.org
  :created_at: !ruby/object:ActiveSupport::TimeWithZone
    utc: 2026-11-20 17:00:10.000000000 Z
  :score:
"""

# The files of each platform for Ada (full marks), Zoë (two of three, a day earlier) and Bo (nothing
# done).
GIVEN = {
    "canvas": {
        "lovelaceada_1001_5001_01_week.ipynb": FULL,
        "müllerzoë_LATE_1002_5002_01_week-2.ipynb": HALF,
        "libo_1003_5003_01_week-1.ipynb": BLANK,
    },
    "moodle": {
        "Ada Lovelace_7001_assignsubmission_file_/01_week.ipynb": FULL,
        "Zoë Müller_7002_assignsubmission_file_/01_week.ipynb": HALF,
        "Zoë Müller_7002_assignsubmission_onlinetext_/onlinetext.html": b"<p>Done.</p>",
        "Bo Li_7003_assignsubmission_file_/01_week.ipynb": BLANK,
    },
    "blackboard": {
        "Week_one_ada_l_attempt_2026-11-20-17-00-10_01_week.ipynb": FULL,
        "Week_one_ada_l_attempt_2026-11-20-17-00-10.txt": ABOUT.format(name="Ada Lovelace", login="ada_l").encode(),
        "Week_one_zoe_attempt_2026-11-19-17-00-10_01_week.ipynb": HALF,
        "Week_one_zoe_attempt_2026-11-19-17-00-10.txt": ABOUT.format(name="Zoë Müller", login="zoe").replace("20,", "19,").encode(),
        "Week_one_bo_attempt_2026-11-20-17-00-10_01_week.ipynb": BLANK,
        "Week_one_bo_attempt_2026-11-20-17-00-10.txt": ABOUT.format(name="Bo Li", login="bo").encode(),
    },
    "brightspace": {
        "index.html": b"<html>Downloads</html>",
        "2001-678 - Ada Lovelace - Nov 20, 2026 530 PM/01_week.ipynb": FULL,
        "2002-678 - Zoë Müller - Nov 19, 2026 110 PM/01_week.ipynb": HALF,
        "2003-678 - Bo Li - Nov 20, 2026 1059 AM/01_week.ipynb": BLANK,
    },
    "ilias": {
        "Week one/Submissions/Lovelace_Ada_ada_3001/20261120170010_01_week.ipynb": FULL,
        "Week one/Submissions/Müller_Zoë_zoe_3002/20261119170010_01_week.ipynb": HALF,
        "Week one/Submissions/Li_Bo_bo_3003/20261120170010_01_week.ipynb": BLANK,
    },
    "google-classroom": {
        "Week one/Ada Lovelace - 01_week.ipynb": FULL,
        "Week one/Zoë Müller - Copy of 01_week.ipynb": HALF,
        "Week one/Bo Li - 01_week.ipynb": BLANK,
    },
    "gradescope": {
        "assignment_9_export/submission_metadata.yml": METADATA.encode(),
        "assignment_9_export/submission_101/01_week.ipynb": FULL,
        "assignment_9_export/submission_102/01_week.ipynb": BLANK,
    },
}
ROSTER = """\
student_id,First name,Last name,Email address,Username,Student ID
ada,Ada,Lovelace,ada@example.org,ada_l,1815
zoe,Zoë,Müller,zoe@example.org,zoe,1816
bo,Bo,Li,bo@example.org,bo,1817
cy,Cy,Twombly,cy@example.org,cy,1818
"""
