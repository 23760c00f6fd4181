"""`autograder collect`: each platform's exact forms, and what is out of the ordinary."""

import json
import shutil

import nbformat
import pytest
from typer.testing import CliRunner

from autograder.cli import app
from autograder.collecting.collect import collect
from autograder.collecting.notes import Kind
from autograder.collecting.platforms import PLATFORMS
from autograder.collecting.record import CollectionRecord
from autograder.collecting.roster import RosterProblem, read_roster
from tests.collecting.made_up import BLANK, FULL, GIVEN, HALF, ROSTER, WEEK, write_zip, zipped

ZONE = "c.Grading.timezone = 'America/New_York'\n"


def submitted(course, student):
    """The files of a submission."""
    folder = course / "submitted" / student / WEEK
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def students(course):
    return sorted(path.name for path in (course / "submitted").iterdir())


def with_roster(course, text=ROSTER):
    (course / "roster.csv").write_text(text, encoding="utf-8")
    return course


def kinds(summary):
    return {note.kind for note in summary.notes}


def take(course, tmp_path, files, **options):
    return collect(course, WEEK, [write_zip(tmp_path / "given.zip", files)], **options)


@pytest.mark.parametrize("key", GIVEN)
def test_each_platform_is_recognised_and_everybody_gets_their_own_work(course, tmp_path, key):
    (course / "nbgrader_config.py").write_text((course / "nbgrader_config.py").read_text() + ZONE)
    summary = take(with_roster(course), tmp_path, GIVEN[key])
    assert list(summary.platforms.values()) == [next(platform.title for platform in PLATFORMS if platform.key == key)]
    assert sorted(summary.collected) == ["ada", "bo", "zoe"]
    assert submitted(course, "ada")[f"{WEEK}.ipynb"] == FULL
    assert submitted(course, "zoe")[f"{WEEK}.ipynb"] == (FULL if key == "gradescope" else HALF)  # there they worked together
    assert submitted(course, "bo")[f"{WEEK}.ipynb"] == BLANK
    assert [note.who for note in summary.of(Kind.MISSING)] == ["cy"]
    assert kinds(summary) == {Kind.MISSING} | ({Kind.LATE} if key == "canvas" else set())
    assert not summary.needs_a_person


@pytest.mark.parametrize(
    ("key", "stamp"),
    [
        ("blackboard", b"2026-11-20 22:00:10.000000 UTC\n"),
        ("brightspace", b"2026-11-20 22:30:00.000000 UTC\n"),
        ("ilias", b"2026-11-20 22:00:10.000000 UTC\n"),
        ("gradescope", b"2026-11-21 01:00:10.123456 UTC\n"),
        ("canvas", None),
    ],
)
def test_times_are_kept_as_written_and_as_read(course, tmp_path, key, stamp):
    (course / "nbgrader_config.py").write_text((course / "nbgrader_config.py").read_text() + ZONE)
    take(with_roster(course), tmp_path, GIVEN[key])
    assert submitted(course, "ada").get("timestamp.txt") == stamp
    entry = CollectionRecord.read(course, WEEK).students["ada"]
    assert bool(entry.time_written) == bool(entry.time_read) == (stamp is not None)


def test_without_a_zone_a_time_is_asked_about_and_not_guessed(course, tmp_path):
    summary = take(with_roster(course), tmp_path, GIVEN["brightspace"])
    assert len(summary.of(Kind.TIME)) == 3
    assert "c.Grading.timezone" in summary.of(Kind.TIME)[0].words
    assert "timestamp.txt" not in submitted(course, "ada")
    blackboard = take(course, tmp_path, GIVEN["blackboard"])  # its text says EST
    assert not blackboard.of(Kind.TIME)


@pytest.mark.parametrize(
    ("key", "names"),
    [
        ("canvas", ["libo-1003", "lovelaceada-1001", "müllerzoë-1002"]),
        ("moodle", ["ada-lovelace", "bo-li", "zoë-müller"]),
        ("blackboard", ["ada_l", "bo", "zoe"]),
        ("google-classroom", ["ada-lovelace", "bo-li", "zoë-müller"]),
        ("gradescope", ["ada", "bo", "zoe"]),
    ],
)
def test_without_a_list_of_participants_students_are_called_as_the_platform_calls_them(course, tmp_path, key, names):
    take(course, tmp_path, GIVEN[key])
    assert students(course) == names


@pytest.mark.parametrize(
    "name",
    ["01_week-Copy1.ipynb", "01_week (1).ipynb", "Copy of 01_week.ipynb", "my work/01_week.IPYNB", "01_week.ipynb.json", "x.ipynb.txt"],
)
def test_the_notebook_is_known_by_its_cells_whatever_its_name(course, tmp_path, name):
    summary = take(course, tmp_path, {f"Ada Lovelace_1_assignsubmission_file_/{name}": HALF})
    assert submitted(course, "ada-lovelace") == {f"{WEEK}.ipynb": HALF}
    assert not summary.needs_a_person


def test_without_its_metadata_the_notebook_is_known_by_its_texts(course, tmp_path):
    made = nbformat.reads(HALF.decode(), as_version=4)
    for number, cell in enumerate(made.cells):
        cell.metadata, cell.id = {}, f"c{number}"
    bare = nbformat.writes(made).encode()
    take(course, tmp_path, {"Ada Lovelace - Kopie.ipynb": bare})
    assert submitted(course, "ada-lovelace") == {f"{WEEK}.ipynb": bare}


def test_of_an_untouched_and_a_worked_copy_the_worked_one_counts_and_a_person_is_told(course, tmp_path):
    files = {"01_week.ipynb": BLANK, "01_week-Copy1.ipynb": HALF, "data.csv": b"1,2", "other.ipynb": b'{"cells": [], "nbformat": 4}'}
    summary = take(course, tmp_path, {f"Ada Lovelace_1_assignsubmission_file_/{name}": content for name, content in files.items()})
    kept = submitted(course, "ada-lovelace")
    assert kept[f"{WEEK}.ipynb"] == HALF
    assert kept["data.csv"] == b"1,2"
    assert set(kept) == {f"{WEEK}.ipynb", "data.csv", "also_handed_in/01_week.ipynb", "also_handed_in/other.ipynb"}
    assert "01_week-Copy1.ipynb counts, with 2 answers" in summary.of(Kind.SEVERAL)[0].words
    assert kinds(summary) == {Kind.SEVERAL, Kind.STRANGE}
    assert summary.needs_a_person


def test_a_students_own_zip_is_opened_and_files_stay_beside_the_notebook(course, tmp_path):
    inner = zipped(
        {"work/01_week.ipynb": HALF, "work/helper.py": b"x = 1", "work/__MACOSX/._x": b"", "../evil.py": b"", "timestamp.txt": b"x"}
    )
    summary = take(course, tmp_path, {"lovelaceada_1_2_work.zip": inner, "libo_3_4_01_week.ipynb": BLANK})
    assert submitted(course, "lovelaceada-1") == {
        f"{WEEK}.ipynb": HALF,
        "helper.py": b"x = 1",
        "work/timestamp.txt": b"x",
    }
    assert "leads out of its folder" in summary.of(Kind.REFUSED)[0].words


def test_what_is_no_notebook_is_said_and_kept(course, tmp_path):
    files = {"libo_3_4_week.html": b"<html>", "lovelaceada_1_text.html": b"Done", "müllerzoë_5_6_01_week.ipynb": b"{torn"}
    summary = take(course, tmp_path, files)
    assert [note.who for note in summary.of(Kind.NO_NOTEBOOK)] == ["libo-3", "lovelaceada-1"]
    assert "week.html" in summary.of(Kind.NO_NOTEBOOK)[0].words
    assert submitted(course, "libo-3") == {"week.html": b"<html>"}
    assert submitted(course, "müllerzoë-5") == {f"{WEEK}.ipynb": b"{torn"}
    assert "not valid JSON" in summary.of(Kind.UNREADABLE)[0].words


def test_the_last_of_several_attempts_counts_and_an_older_zip_changes_nothing(course, tmp_path):
    (course / "nbgrader_config.py").write_text((course / "nbgrader_config.py").read_text() + ZONE)
    first = {"7-678 - Ada Lovelace - Nov 20, 2026 530 PM/01_week.ipynb": HALF}
    second = {"7-678 - Ada Lovelace - Nov 21, 2026 900 AM/01_week.ipynb": FULL}
    summary = take(course, tmp_path, first | second)
    assert submitted(course, "ada-lovelace-7")[f"{WEEK}.ipynb"] == FULL
    assert "2 times; the last one counts, of 2026-11-21 14:00 UTC" in summary.of(Kind.TWICE)[0].words
    assert take(course, tmp_path, second).unchanged == ["ada-lovelace-7"]
    assert kinds(take(course, tmp_path, first)) == {Kind.KEPT}
    assert submitted(course, "ada-lovelace-7")[f"{WEEK}.ipynb"] == FULL
    third = take(course, tmp_path, {"7-678 - Ada Lovelace - Nov 22, 2026 900 AM/01_week.ipynb": HALF})
    assert kinds(third) == {Kind.REPLACED}
    (before,) = (course / "submitted" / "ada-lovelace-7").glob(".01_week.before")
    assert (before / "01_week.ipynb").read_bytes() == FULL


def test_a_later_hand_in_without_a_notebook_does_not_take_the_earlier_ones_place(course, tmp_path):
    (course / "nbgrader_config.py").write_text((course / "nbgrader_config.py").read_text() + ZONE)
    files = {
        "7-678 - Ada Lovelace - Nov 20, 2026 530 PM/01_week.ipynb": HALF,
        "7-678 - Ada Lovelace - Nov 21, 2026 900 AM/photo.jpg": b"x",
    }
    summary = take(course, tmp_path, files)
    assert submitted(course, "ada-lovelace-7")[f"{WEEK}.ipynb"] == HALF
    assert "for a later one holds no notebook" in summary.of(Kind.TWICE)[0].words


def test_people_who_cannot_be_told_apart_are_not_mixed_up(course, tmp_path):
    files = {"Ada Lovelace_1_assignsubmission_file_/a.ipynb": FULL, "Ada Lovelace_2_assignsubmission_file_/a.ipynb": HALF}
    summary = take(course, tmp_path, files)
    assert kinds(summary) == {Kind.AMBIGUOUS}
    assert not (course / "submitted").exists()
    worksheet = (
        "Identifier,Full name,Email address\nParticipant 1,Ada Lovelace,ada@example.org\nParticipant 2,Ada Lovelace,al@example.org\n"
    )
    take(with_roster(course, worksheet), tmp_path, files)
    assert students(course) == ["ada", "al"]
    assert submitted(course, "al")[f"{WEEK}.ipynb"] == HALF


def test_one_name_for_two_participants_is_asked_about(course, tmp_path):
    roster = "student_id,Full name\nada1,Ada Lovelace\nada2,Ada Lovelace\n"
    summary = take(with_roster(course, roster), tmp_path, {"Ada Lovelace - 01_week.ipynb": FULL})
    assert "ada1, ada2" in summary.of(Kind.AMBIGUOUS)[0].words
    assert not (course / "submitted").exists()


def test_who_is_not_in_the_list_is_collected_and_listed(course, tmp_path):
    summary = take(with_roster(course), tmp_path, GIVEN["moodle"] | {"Eve Other_9_assignsubmission_file_/01_week.ipynb": HALF})
    assert [note.who for note in summary.of(Kind.UNKNOWN)] == ["eve-other"]
    assert summary.needs_a_person
    assert submitted(course, "eve-other")


def test_a_group_that_hands_in_under_its_name_counts_for_all_of_it(course, tmp_path):
    roster = "student_id,Full name,Group\nada,Ada Lovelace,Red Team\nbo,Bo Li,Red Team\ncy,Cy Twombly,Blue\n"
    summary = take(with_roster(course, roster), tmp_path, {"redteam_1_2_01_week.ipynb": FULL, "Blue - x.txt": b""}, platform="canvas")
    assert students(course) == ["ada", "bo"]
    assert summary.of(Kind.NOT_NAMED)[0].who == "Blue - x.txt"


@pytest.mark.parametrize(
    ("text", "encoding", "ids"),
    [
        ('Student,ID,SIS User ID,SIS Login ID,Section\n"    Points Possible",,,,\n"Müller, Zoë",12,S1,zoe,A\n', "utf-8-sig", ["zoe"]),
        ('"Last Name"\t"First Name"\t"Username"\t"Student ID"\nMüller\tZoë\tzmueller\t77\n', "utf-16", ["zmueller"]),
        ("OrgDefinedId,Username,Last Name,First Name,Email,End-of-Line Indicator\n#77,#zoe.m,Müller,Zoë,,#\n", "utf-8", ["zoe.m"]),
        ("Vorname;Nachname;E-Mail-Adresse\nZoë;Müller;zm@example.org\n", "cp1252", ["zm"]),
        ("First Name,Last Name,SID,Email,Sections\nZoë,Müller,77,zm@example.org,\n", "utf-8", ["zm"]),
        ("First name,Last name,Email address\nA,B,x@one.org\nC,D,x@two.org\n", "utf-8", ["x@one.org", "x@two.org"]),
    ],
)
def test_the_platforms_own_lists_of_participants_are_read(tmp_path, text, encoding, ids):
    path = tmp_path / "roster.csv"
    path.write_bytes(text.encode(encoding))
    people = read_roster(path)
    assert [one.student_id for one in people] == ids
    assert len(people) > 1 or people[0].person.name == "Zoë Müller"


@pytest.mark.parametrize("content", [b"PK\x03\x04", b"a,b\n1,2\n", b"", b"name\nAda\nAda\n"])
def test_a_list_that_says_of_nobody_who_they_are_is_refused(tmp_path, content):
    path = tmp_path / "roster.csv"
    path.write_bytes(content)
    with pytest.raises(RosterProblem):
        read_roster(path)


def test_moodles_list_says_when_each_handed_in(course, tmp_path):
    head, when = "Identifier,Full name,Email address,Last modified (submission)", "Friday, 20 November 2026, 5:00 PM"
    roster = f'{head}\nParticipant 7,Ada Lovelace,ada@x.org,"{when}"\n'
    (course / "nbgrader_config.py").write_text((course / "nbgrader_config.py").read_text() + ZONE)
    take(with_roster(course, roster), tmp_path, {"Ada Lovelace_7_assignsubmission_file_01_week.ipynb": FULL})
    assert submitted(course, "ada") == {f"{WEEK}.ipynb": FULL, "timestamp.txt": b"2026-11-20 22:00:00.000000 UTC\n"}


def test_several_sources_a_zip_of_zips_and_a_folder_will_do(course, tmp_path):
    halves = list(GIVEN["moodle"].items())
    outer = write_zip(tmp_path / "outer.zip", {"one.zip": zipped(dict(halves[:1]))})
    folder = tmp_path / "unpacked"
    for name, content in halves[1:]:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    summary = collect(course, WEEK, [outer, folder])
    assert sorted(summary.collected) == ["ada-lovelace", "bo-li", "zoë-müller"]


def test_the_command_says_what_it_recognised_and_ends_with_the_right_status(course, tmp_path):
    def run(*words):
        return CliRunner().invoke(app, ["collect", str(course), WEEK, *map(str, words)])

    given = write_zip(tmp_path / "submissions.zip", GIVEN["canvas"])
    well = run(given)
    assert well.exit_code == 0
    assert "submissions.zip: recognised as Canvas." in well.output
    assert "müllerzoë-1002" in well.output  # late
    shutil.rmtree(course / "submitted")
    strange = run(write_zip(tmp_path / "strange.zip", {"report.pdf": b"x"}))
    assert strange.exit_code == 2
    assert "Moodle: Ada Lovelace_1234567_assignsubmission_file_/" in strange.stderr
    assert run(given, "--from", "sakai").exit_code == 2
    assert "--from is auto or one of moodle" in run(given, "--from", "sakai").stderr
    person = run(write_zip(tmp_path / "person.zip", {"libo_3_4_week.pdf": b"%PDF", "libo_3_5_01_week.pages": b"x"}))
    assert person.exit_code == 1
    assert "No notebook of this assignment:" in person.output
    (course / "nbgrader_config.py").write_text((course / "nbgrader_config.py").read_text() + "c.Grading.timezone = 'Berlin'\n")
    assert "c.Grading.timezone is 'Berlin', which is no time zone" in run(given).stderr


def test_the_record_says_where_each_submission_came_from(course, tmp_path):
    take(course, tmp_path, GIVEN["canvas"])
    entry = json.loads((course / ".autograder" / f"{WEEK}.collected.json").read_text(encoding="utf-8"))["müllerzoë-1002"]
    assert entry["place"] == "müllerzoë_LATE_1002_5002_"
    assert entry["files"] == {"01_week-2.ipynb": "müllerzoë_LATE_1002_5002_01_week-2.ipynb"}
    assert entry["late"] is True
