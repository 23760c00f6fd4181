"""The map of the course shows the records, follows every
check in a real kernel, and does not affect grading.
"""

import json
import re
import shutil
import statistics
import subprocess
import sys
import time
from html.parser import HTMLParser

import nbformat
import pytest
from backprop import course_map
from backprop.checking.report import Report
from backprop.exercises import chain_rule, start_here
from backprop.progress import contents, map_drawing
from backprop.progress.contents import course, lesson_of
from backprop.progress.map_drawing import as_html, as_text
from backprop.progress.records import FILE, LOCK, Record, Records
from backprop.progress.standing import LessonStanding, after
from nbclient import NotebookClient

from autograder.building import NOTEBOOKS, ROOT, contents_text, exercises_of, lesson_paths, page_paths
from tests.course import check

DAY = "2026-01-01T10:00:00+00:00"
FIRST = course()[1]
EXERCISES, POINTS = sum(len(lesson.tasks) for lesson in course()), sum(lesson.points for lesson in course())


def kept(**records):
    """Records of this session: one_path=(2.0, False) is two points at the first attempt."""
    found = Records(None)
    found.saved = {name: Record(points, DAY if right else "", 1) for name, (points, right) in records.items()}
    return found


def all_right(lesson):
    return {task.name: (float(task.points), True) for task in lesson.tasks}


# --- what there is --------------------------------------------------------------------------------


def test_the_table_of_contents_is_what_the_lessons_hold():
    assert contents.FILE.read_text(encoding="utf-8") == contents_text(), "stale: run `make notebooks`"


def test_every_lesson_with_every_exercise_as_its_headings_count_them():
    sources = [*page_paths(), *lesson_paths()]
    assert [lesson.stem for lesson in course()] == [source.stem for source in sources]
    for lesson, source in zip(course(), sources):
        declared = exercises_of(source)
        assert {task.name: task.points for task in lesson.tasks} == {name: exercise.points for name, exercise in declared.items()}
        if lesson.points:
            assert all(task.heading.startswith(f"Exercise {task.number}: ") for task in lesson.tasks)
    assert lesson_of("softmax_jacobian").number == "04"
    assert lesson_of("no_such_exercise") is None


# --- where one stands -----------------------------------------------------------------------------


def test_next_is_the_first_in_order_that_is_not_right():
    known = kept(basic_slopes=(2.0, True), one_path=(3.0, True), gears=(0.0, False)).all()
    standing = LessonStanding(FIRST, known)
    assert standing.next.name == "gears"
    assert standing.sentence == f"2 of {len(FIRST.tasks)} right in this lesson. Next: 2 gears."
    assert standing.points == 5
    assert [standing.state(task) for task in FIRST.tasks[:4]] == ["right", "tried", "right", "open"]


def test_part_of_the_points_is_half_a_mark_and_never_more_than_the_exercise_is_worth():
    standing = LessonStanding(FIRST, kept(two_paths=(2.5, False), one_path=(99.0, False)).all())
    assert [standing.state(task) for task in FIRST.tasks if task.name in ("two_paths", "one_path")] == ["partly right"] * 2
    assert standing.points == 2.5 + 3


def test_a_page_without_points_counts_its_exercises():
    page = course()[0]
    assert LessonStanding(page, {}).share == 0
    done = LessonStanding(page, kept(first_slope=(0.0, True)).all())
    assert done.share == 1
    assert done.sentence == "The exercise of this page is right. Next: 01 The chain rule."


def test_after_a_lesson_comes_the_next_that_is_not_done_and_after_all_of_them_nothing():
    known = kept(**all_right(course()[1]), **all_right(course()[2])).all()
    assert after(FIRST, known).lesson.number == "03"
    assert LessonStanding(FIRST, known).sentence == f"All {len(FIRST.tasks)} of this lesson are right. Next: 03 Computation graphs."
    whole = {}
    for lesson in course()[1:]:
        whole |= all_right(lesson)
    assert after(course()[7], kept(**whole).all()).lesson.number == "00"
    whole |= all_right(course()[0])
    assert after(FIRST, kept(**whole).all()) is None
    assert LessonStanding(FIRST, kept(**whole).all()).sentence.endswith("So is the whole course.")
    assert "The whole course is right." in as_text(kept(**whole), FIRST)


def test_what_make_lab_opens(tmp_path):
    def after(*lessons):
        records = Records(tmp_path)
        for lesson in lessons:
            for task in lesson.tasks:
                records.note(task.name, float(task.points), True)
        records.sync()
        command = [sys.executable, "-m", "backprop.progress.next_lesson", str(tmp_path)]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    start, first, second, *others = course()
    assert after() == "00_start_here.ipynb\n"
    assert after(first) == "00_start_here.ipynb\n"
    assert after(start) == "02_one_two_one_network.ipynb\n"
    assert after(second, *others) == "00_start_here.ipynb\n"


# --- how it looks ---------------------------------------------------------------------------------


class Page(HTMLParser):
    """The links and the words of a page; unbalanced tags fail."""

    def __init__(self, text):
        super().__init__()
        self.links, self.words, self.open, self.labels = {}, [], [], []
        self.feed(text)
        assert not self.open

    def handle_starttag(self, tag, attributes):
        if tag != "br":
            self.open.append((tag, dict(attributes)))
        self.labels += [value for name, value in attributes if name == "aria-label"]

    def handle_endtag(self, tag):
        assert self.open.pop()[0] == tag

    def handle_data(self, data):
        self.words.append(data)
        for tag, attributes in self.open:
            if tag == "a":
                self.links[attributes["href"]] = self.links.get(attributes["href"], "") + data


@pytest.fixture
def at(monkeypatch):
    """at(folder): the kernel runs there."""

    def at(folder, session=""):
        monkeypatch.chdir(folder)
        monkeypatch.setenv("JPY_SESSION_NAME", str(session))
        map_drawing.working_folder.cache_clear()
        map_drawing.address_of.cache_clear()

    yield at
    map_drawing.working_folder.cache_clear()
    map_drawing.address_of.cache_clear()


def test_the_page_has_a_link_to_every_lesson_and_exercise_that_is_there(at):
    at(NOTEBOOKS)
    page = Page(as_html(kept(basic_slopes=(2.0, True)), FIRST))
    lessons = {address for address in page.links if "#" not in address}
    assert lessons == {f"{lesson.stem}.ipynb" for lesson in course()} - {f"{FIRST.stem}.ipynb"}
    assert {address.partition("#")[0] for address in page.links if "#" in address} == {f"{FIRST.stem}.ipynb"}
    assert page.links["01_chain_rule.ipynb#Exercise-5:-a-chain-with-three-links"] == "5 long_chain"
    assert page.links["01_chain_rule.ipynb#Exercise-2:-a-prediction"] == "2 gears2 gears"  # in the list, and as what is next


def test_every_exercise_says_in_words_how_it_stands(at):
    at(NOTEBOOKS)
    found = kept(basic_slopes=(2.0, True), one_path=(1.0, False), gears=(0.0, False))
    labels = Page(as_html(found, FIRST)).labels
    text = as_text(found, FIRST)
    for words in (
        "1 basic_slopes: right, 2 of 2 points, 1 attempt",
        "2 gears: tried, 0 of 1 point, 1 attempt",
        "3 one_path: partly right, 1 of 3 points, 1 attempt",
        "5 long_chain: open, 0 of 4 points",
    ):
        assert words in labels
        assert words in text
    assert f"Course map: 1 of {EXERCISES} exercises right, 3 of {POINTS} points." in text


def test_no_link_leads_nowhere(at, tmp_path):
    at(tmp_path)
    assert Page(as_html(kept(), FIRST)).links == {}
    shutil.copy(NOTEBOOKS / "02_one_two_one_network.ipynb", tmp_path)
    at(tmp_path)
    assert set(Page(as_html(kept(), FIRST)).links) == {"02_one_two_one_network.ipynb"}


def test_lessons_in_a_folder_each_as_nbgrader_hands_them_out(at, tmp_path):
    for lesson in course()[:3]:
        (tmp_path / lesson.stem).mkdir()
        (tmp_path / lesson.stem / f"{lesson.stem}.ipynb").touch()
    at(tmp_path / FIRST.stem)
    assert course_map.folder() == tmp_path  # not in the folder that is handed in
    lessons = {address for address in Page(as_html(kept(), FIRST)).links if "#" not in address}
    assert lessons == {"../00_start_here/00_start_here.ipynb", "../02_one_two_one_network/02_one_two_one_network.ipynb"}


def test_in_a_copy_of_a_lesson_its_exercises_are_in_the_copy(at, tmp_path):
    for name in ("01_chain_rule.ipynb", "01_chain_rule-Copy1.ipynb"):
        (tmp_path / name).touch()
    at(tmp_path, tmp_path / "01_chain_rule-Copy1.ipynb")
    assert "01_chain_rule-Copy1.ipynb#Exercise-2:-a-prediction" in Page(as_html(kept(), FIRST)).links


def test_a_remark_stands_in_place_of_where_it_is_kept(at):
    at(NOTEBOOKS)
    assert "this session only" in "".join(Page(as_html(kept(), FIRST)).words)
    assert "this session only" in as_text(kept(), FIRST)


def test_records_are_kept_beside_the_lessons_and_nowhere_else(at, tmp_path):
    at(NOTEBOOKS)
    assert course_map.folder() == NOTEBOOKS
    at(tmp_path)
    assert course_map.folder() is None


def test_git_does_not_see_what_is_kept():
    names = [FILE, LOCK, ".backprop-progress-damaged-1.json"]
    ignored = subprocess.run(["git", "check-ignore", *(f"notebooks/{name}" for name in names)], cwd=ROOT, capture_output=True, text=True)
    if ignored.returncode == 128:
        pytest.skip("this is no git checkout")
    assert len(ignored.stdout.split()) == len(names)


# --- following the checks -------------------------------------------------------------------------


@pytest.fixture
def in_a_session(monkeypatch):
    """As in a notebook's kernel, without one."""
    found = Records(None)
    monkeypatch.setattr(course_map, "records", lambda: found)
    monkeypatch.setattr(course_map, "follow_after_the_cell", lambda: None)
    for name in course_map.GRADING:
        monkeypatch.delenv(name, raising=False)
    return found


def one_path(x):
    import numpy as np

    g = np.exp(x) + x**2
    return 3 * g**2, np.exp(x) + 2 * x, 3 * g**2 * (np.exp(x) + 2 * x)


def test_a_report_ends_with_where_the_lesson_stands(in_a_session):
    report = course_map.noted(check(chain_rule.one_path, one_path))
    assert str(report).endswith(f"\n1 of {len(FIRST.tasks)} right in this lesson. Next: 1 basic_slopes.")
    assert f"1 of {len(FIRST.tasks)} right in this lesson. Next: 1 basic_slopes.</p></div>" in report._repr_html_()
    assert in_a_session.all()["one_path"].attempts == 1
    assert in_a_session.all()["one_path"].points == 3


@pytest.mark.parametrize("variable", course_map.GRADING)
def test_nothing_is_noted_or_shown_while_grading(in_a_session, monkeypatch, capsys, variable):
    monkeypatch.setenv(variable, "autograde")
    report = check(chain_rule.one_path, one_path)
    assert course_map.noted(report) is report
    course_map.course_map(chain_rule)
    assert capsys.readouterr().out == ""
    assert in_a_session.all() == {}


def test_what_is_not_started_or_was_stopped_is_no_attempt(in_a_session):
    for report in (
        Report(chain_rule.gears, problem="Not started yet.", started=False),
        Report(chain_rule.gears, interrupted=KeyboardInterrupt()),
    ):
        assert course_map.noted(report) is report
    assert in_a_session.all() == {}
    course_map.noted(Report(chain_rule.gears, problem="It raised an error."))
    assert in_a_session.all()["gears"] == Record(0.0, "", 1)


def test_a_failing_map_never_costs_a_check(in_a_session, monkeypatch):
    def fail(*_):
        raise RuntimeError("out of order")

    monkeypatch.setattr(Records, "note", fail)
    report = check(chain_rule.one_path, one_path)
    assert course_map.noted(report) is report


def test_a_check_takes_no_longer_for_it(in_a_session):
    report = check(chain_rule.one_path, one_path)
    times = []
    for _ in range(101):
        start = time.perf_counter()
        course_map.noted(report)
        times.append(time.perf_counter() - start)
    assert statistics.median(times) < 0.005


def test_outside_a_notebook_a_check_notes_nothing_and_the_map_is_text(in_a_session, capsys):
    start_here.first_slope.check(lambda x: 2 * x)
    assert in_a_session.all() == {}
    capsys.readouterr()
    course_map.course_map(start_here)
    assert capsys.readouterr().out.startswith(f"Course map: 0 of {EXERCISES} exercises right")


@pytest.mark.parametrize("number", ["05", "5", 5, "05_layers_and_batches"])
def test_a_lesson_is_opened_by_its_number_too(in_a_session, capsys, number):
    course_map.course_map(number)
    assert "dense_backward" in capsys.readouterr().out


def test_a_number_that_no_lesson_has_is_answered_with_those_that_there_are(in_a_session):
    with pytest.raises(ValueError, match=r"There is no lesson '55' on the map\. .* There are 00, 01, 02"):
        course_map.course_map("55")


# --- in a real kernel -----------------------------------------------------------------------------

SHOW = "from backprop.course_map import course_map\nfrom backprop.exercises import chain_rule as ex\ncourse_map(ex)"
WRONG = "def one_path(x):\n    return 1.0, 2.0, 3.0"
RIGHT = (
    "import numpy as np\ndef one_path(x):\n    g = np.exp(x) + x**2\n    return 3 * g**2, np.exp(x) + 2 * x, 3 * g**2 * (np.exp(x) + 2 * x)"
)
CHECK = "ex.one_path.check(one_path)"
GIVEN = "def one_path(x):\n    raise NotImplementedError()  # replace this line by yours"


def run(folder, *cells):
    """The outputs of each cell, as they are when all have run."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    NotebookClient(notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(folder)}}).execute()
    assert not [
        output for cell in notebook.cells for output in cell.outputs if output.output_type == "error" or output.get("name") == "stderr"
    ]
    return [cell.outputs for cell in notebook.cells]


@pytest.fixture
def lessons(tmp_path):
    shutil.copy(NOTEBOOKS / "01_chain_rule.ipynb", tmp_path)
    return tmp_path


def test_the_map_on_the_page_follows_and_the_next_notebook_knows(lessons):
    first, *_, wrong, _, right, another_seed, no_tolerance, _, not_started = run(
        lessons,
        SHOW,
        WRONG,
        CHECK,
        RIGHT,
        CHECK,
        "ex.one_path.check(one_path, seed=5)",
        "ex.one_path.check(one_path, rtol=1e9)",
        GIVEN,
        CHECK,
    )
    assert len(first) == 1
    assert "3 one_path: right, 3 of 3 points, 2 attempts" in first[0].data["text/plain"]
    assert "3 one_path: right, 3 of 3 points, 2 attempts" in first[0].data["text/html"]
    assert f"0 of {len(FIRST.tasks)} right in this lesson. Next: 1 basic_slopes." in str(wrong)
    assert f"1 of {len(FIRST.tasks)} right in this lesson. Next: 1 basic_slopes." in str(right)
    assert "in this lesson" not in str([another_seed, no_tolerance, not_started])
    entry = json.loads((lessons / FILE).read_text(encoding="utf-8"))["exercises"]["one_path"]
    assert (entry["points"], entry["attempts"]) == (3.0, 2)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", entry["right"])
    ((again,), *_) = run(lessons, SHOW)
    assert f"1 of {EXERCISES} exercises right, 3 of {POINTS} points" in again.data["text/plain"]


def test_when_nbgrader_runs_the_notebook_no_file_and_no_map_appears(lessons, monkeypatch):
    monkeypatch.setenv("NBGRADER_EXECUTION", "validate")
    shown, _, checked = run(lessons, SHOW, RIGHT, CHECK)
    assert shown == []
    assert "right on 6 different inputs" in str(checked)
    assert "in this lesson" not in str(checked)
    assert [path.name for path in lessons.iterdir()] == ["01_chain_rule.ipynb"]


def test_outside_the_course_the_map_moves_and_no_file_appears(tmp_path):
    shown, *_ = run(tmp_path, SHOW, RIGHT, CHECK)
    assert "3 one_path: right" in shown[0].data["text/plain"]
    assert "this session only" in shown[0].data["text/plain"]
    assert not list(tmp_path.iterdir())


def test_a_wrong_answer_after_a_right_one_is_not_told_that_all_is_right(in_a_session):
    course_map.noted(check(chain_rule.one_path, one_path))
    report = course_map.noted(check(chain_rule.one_path, lambda x: (1.0, 1.0, 1.0)))
    assert report.standing == "An earlier answer to this exercise was right, and the map keeps it as right."
    assert in_a_session.all()["one_path"].right
