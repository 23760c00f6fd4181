"""Marks in the gradebook: row by row those of stock nbgrader,
a whole batch or nothing; people's words are never lost.
"""

import copy
import glob
import os
import shutil
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from nbgrader import api
from nbgrader.plugins import BasePlugin
from sqlalchemy import create_engine, select, text
from traitlets.config import Config

from autograder.grading import gradebook_rows
from autograder.grading.cell_marks import scored
from autograder.grading.gradebook import GradebookWriter, Marked
from autograder.grading.gradebook_plan import GradebookProblem
from autograder.grading.remarks import REMARK
from tests.commands import run_nbgrader

DUE = "2026-03-01 12:00:00 UTC"
CONFIG = """
c = get_config()
c.CourseDirectory.course_id = "made_up"
c.LateSubmissionPlugin.penalty_method = "zero"
"""
LATE_COSTS_ALL = Config({"LateSubmissionPlugin": {"penalty_method": "zero"}})
TABLES = [api.Course, api.Student, api.SubmittedAssignment, api.SubmittedNotebook, api.Grade, api.Comment]


def cell(make, name, source, **flags):
    """A cell with nbgrader's metadata; ids are fixed, so that the files are the same each time."""
    nbgrader = {"grade_id": name, "schema_version": 3, "grade": False, "solution": False, "locked": False, "task": False, **flags}
    return make(source, id=name, metadata={"nbgrader": nbgrader})


def source_notebooks():
    """Two notebooks: tests, partial credit and a task in
    the one; answers that a person marks in the other.
    """
    code = [
        new_markdown_cell("Answer.", id="intro"),
        cell(new_code_cell, "double", "def double(x):\n    ### BEGIN SOLUTION\n    return 2 * x\n    ### END SOLUTION", solution=True),
        cell(new_code_cell, "double-test", "assert double(2) == 4", grade=True, locked=True, points=3),
        cell(new_code_cell, "double-part", "1.25 if double(0) == 1 else 2.5", grade=True, locked=True, points=2.5),
        cell(new_markdown_cell, "task", "Draw it.", task=True, locked=True, points=4),
    ]
    words = [
        cell(new_code_cell, "essay-code", "### BEGIN SOLUTION\nprint('mine')\n### END SOLUTION", grade=True, solution=True, points=5),
        cell(new_markdown_cell, "essay-text", "### BEGIN SOLUTION\nwords\n### END SOLUTION", grade=True, solution=True, points=1.5),
    ]
    return {"code": new_notebook(cells=code), "words": new_notebook(cells=words)}


def answer(folder, student, answers, *, when=None, without=()):
    """Hand in the release with some cells' sources replaced."""
    target = folder / "submitted" / student / "week"
    target.mkdir(parents=True)
    for path in sorted((folder / "release" / "week").glob("*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        for each in notebook.cells:
            each.source = answers.get(each.metadata.get("nbgrader", {}).get("grade_id"), each.source)
        if path.stem not in without:
            nbformat.write(notebook, target / path.name)
    if when:
        (target / "timestamp.txt").write_text(when)


@pytest.fixture(scope="module")
def stock(tmp_path_factory):
    """A course that stock nbgrader has autograded;
    `before.db` is its gradebook before any submission.
    """
    folder = tmp_path_factory.mktemp("stock")
    (folder / "nbgrader_config.py").write_text(CONFIG)
    for name, notebook in source_notebooks().items():
        path = folder / "source" / "week" / f"{name}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        notebook.metadata.kernelspec = {"display_name": "Python 3", "language": "python", "name": "python3"}
        nbformat.write(notebook, path)
    run_nbgrader(folder, "generate_assignment", "week")
    with api.Gradebook(url(folder / "gradebook.db"), "made_up") as gradebook:
        gradebook.update_or_create_assignment("week", duedate=DUE)
    shutil.copy(folder / "gradebook.db", folder / "before.db")
    right = {"double": "def double(x):\n    return 2 * x", "essay-code": "print('hers')", "essay-text": "Her words."}
    answer(folder, "ada", right, when="2026-03-01 11:00:00 UTC")
    answer(folder, "bea", {**right, "double": "def double(x):\n    return x + 1"}, when="2026-03-01T13:30:00+02:00")
    answer(folder, "blank", {})
    answer(folder, "late", right, when="2026-03-01 12:00:01 UTC")
    answer(folder, "missing", right, without=("words",), when="2026-03-03 12:00:00 UTC")
    run_nbgrader(folder, "autograde", "week", "--create")
    return folder


def url(path):
    return f"sqlite:///{path}"


def handed_in(stock, students="*"):
    """The grader's outcomes: the notebooks that stock
    nbgrader executed, and the time of each submission.
    """
    marked = []
    for folder in sorted((stock / "autograded").glob(f"{students}/week")):
        notebooks = {name: None for name in ("code", "words")}
        notebooks |= {path.stem: nbformat.read(path, as_version=4) for path in folder.glob("*.ipynb")}
        stamp = folder / "timestamp.txt"
        time = api.utils.parse_utc(stamp.read_text()) if stamp.exists() else None
        marked.append(Marked(folder.parent.name, "week", time, notebooks))
    assert marked
    return marked


def one(stock, student, **changes):
    found = handed_in(stock, student)[0]
    values = {"timestamp": found.timestamp, "notebooks": found.notebooks, "remark": None, **changes}
    return Marked(student, "week", values["timestamp"], values["notebooks"], values["remark"])


@pytest.fixture
def fresh(stock, tmp_path):
    return shutil.copy(stock / "before.db", tmp_path / "gradebook.db")


def rows(db_url, without=()):
    """Every row of the submissions' tables, ids replaced by what they stand for."""
    engine = create_engine(db_url)
    tables = {}
    with engine.connect() as connection:
        names = {}
        for table, label in (("base_cell", "name || '/' || type"), ("notebook", "name"), ("assignment", "name")):
            names |= dict(connection.execute(text(f"SELECT id, {label} FROM {table}")).all())
        assignments = dict(connection.execute(text("SELECT id, student_id FROM submitted_assignment")).all())
        of_notebook = "SELECT s.id, s.assignment_id, s.notebook_id FROM submitted_notebook s"
        notebooks = {key: (assignments[owner], names[of]) for key, owner, of in connection.execute(text(of_notebook))}
        stands_for = {**names, **assignments, **notebooks}
        for model in TABLES:
            found = [dict(row._mapping) for row in connection.execute(select(model.__table__))]
            for row in found:
                if model not in (api.Course, api.Student):
                    del row["id"]
                for column in row:
                    row[column] = stands_for.get(row[column], row[column]) if column.endswith("_id") else row[column]
                for column in without:
                    row.pop(column, None)
            tables[model.__tablename__] = sorted(found, key=repr)
    engine.dispose()
    return tables


def write(path, *marked, config=LATE_COSTS_ALL):
    with GradebookWriter(path if "://" in str(path) else url(path), "made_up", config=config) as records:
        return records.write(marked)


def gradebook(path):
    return api.Gradebook(url(path), "made_up")


def comments(path, student):
    with gradebook(path) as book:
        submission = book.find_submission("week", student)
        return {c.name: (c.auto_comment, c.manual_comment, c.comment) for n in submission.notebooks for c in n.comments}


def flags(path, student):
    with gradebook(path) as book:
        return {n.name: bool(n.flagged) for n in book.find_submission("week", student).notebooks}


def test_the_rows_are_those_of_stock(stock, fresh):
    assert write(fresh, *handed_in(stock)) == {}
    expected = rows(url(stock / "gradebook.db"))
    got = rows(url(fresh))
    for table, found in expected.items():
        assert got[table] == found
    assert {name: len(found) for name, found in got.items()} == {
        "course": 2,  # stock's own "default_course" is made by generate_assignment
        "student": 5,
        "submitted_assignment": 5,
        "submitted_notebook": 10,
        "grade": 25,
        "comment": 20,
    }
    assert {row["late_submission_penalty"] for row in got["submitted_notebook"]} == {None, 0, 5.5}
    assert {row["auto_comment"] for row in got["comment"]} == {None, "No response."}


def test_the_comparison_would_see_a_wrong_row(stock, fresh):
    wrong = [one(stock, "ada"), *handed_in(stock, "[!a]*")]
    test = next(c for c in wrong[0].notebooks["code"].cells if c.id == "double-part")
    test.outputs[0].data["text/plain"] = "2.0"
    write(fresh, *wrong)
    assert rows(url(fresh))["grade"] != rows(url(stock / "gradebook.db"))["grade"]


def test_grading_twice_changes_nothing(stock, fresh):
    write(fresh, *handed_in(stock))
    first = rows(url(fresh))
    with gradebook(fresh) as book:
        ids = {grade.id for grade in book.db.query(api.Grade)}
    write(fresh, *handed_in(stock))
    assert rows(url(fresh)) == first
    with gradebook(fresh) as book:
        assert {grade.id for grade in book.db.query(api.Grade)} == ids


def test_a_regrade_with_a_persons_marks_is_that_of_stock(stock, tmp_path):
    """Manual scores, extra credit, comments and extensions stay;
    ours and `nbgrader autograde --force` agree on the rest.
    """
    for name in ("stock", "ours"):
        shutil.copytree(stock, tmp_path / name)
        with gradebook(tmp_path / name / "gradebook.db") as book:
            test = book.find_grade("double-test", "code", "week", "late")
            test.manual_score, test.extra_credit, test.needs_manual_grade = 1.0, 0.5, False
            essay = book.find_grade("essay-text", "words", "week", "late")
            essay.manual_score, essay.needs_manual_grade = 1.5, False
            task = book.find_grade("task", "code", "week", "late")
            task.manual_score, task.needs_manual_grade = 4.0, False
            book.find_comment("essay-text", "words", "week", "late").manual_comment = "Well said."
            book.find_submission_notebook("words", "week", "late").flagged = True
            book.grant_extension("week", "ada", days=7)
    run_nbgrader(tmp_path / "stock", "autograde", "week", "--force", "--student=late")
    ours = tmp_path / "ours" / "gradebook.db"
    write(ours, one(stock, "late"), one(stock, "ada", timestamp=datetime(2026, 3, 8, 12)))
    expected = rows(url(tmp_path / "stock" / "gradebook.db"))
    ada = next(row for row in expected["submitted_assignment"] if row["student_id"] == "ada")
    ada["timestamp"] = datetime(2026, 3, 8, 12)  # just in time, with a week's extension
    assert rows(url(ours)) == expected
    with gradebook(ours) as book:
        test = book.find_grade("double-test", "code", "week", "late")
        assert (test.auto_score, test.manual_score, test.extra_credit, test.needs_manual_grade) == (3, 1, 0.5, True)
        assert not book.find_grade("task", "code", "week", "late").needs_manual_grade
        assert book.find_submission_notebook("code", "week", "late").late_submission_penalty == 1 + 0.5 + 2.5 + 4
        assert book.find_comment("essay-text", "words", "week", "late").comment == "Well said."


def test_a_notebook_that_turns_up_later_is_marked_by_a_person_again(stock, fresh):
    whole = one(stock, "late")
    write(fresh, one(stock, "late", notebooks={"words": whole.notebooks["words"]}))
    with gradebook(fresh) as book:
        task = book.find_grade("task", "code", "week", "late")
        assert (task.auto_score, task.needs_manual_grade) == (0, False)
    write(fresh, whole)
    with gradebook(fresh) as book:
        task = book.find_grade("task", "code", "week", "late")
        assert (task.auto_score, task.needs_manual_grade) == (None, True)
        assert book.find_submission_notebook("code", "week", "late").late_submission_penalty == 5.5
    write(fresh, one(stock, "late", notebooks={}))
    with gradebook(fresh) as book:
        assert book.find_submission("week", "late").score == 0
        assert book.find_submission("week", "late").late_submission_penalty == 0


class TooMuch(BasePlugin):
    """Takes more than there is, less than nothing, or fails, by student."""

    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return {"late": 100.0, "missing": -3.0, "bea": None}[student_id]


def test_a_penalty_is_never_more_than_the_score_nor_less_than_nothing(stock, fresh):
    config = Config({"AssignLatePenalties": {"plugin_class": TooMuch}})
    write(fresh, one(stock, "bea", timestamp=datetime(2026, 4, 1)), one(stock, "late"), one(stock, "missing"), config=config)
    with gradebook(fresh) as book:
        penalties = {s: book.find_submission_notebook("code", "week", s).late_submission_penalty for s in ("late", "missing", "bea")}
        assert penalties == {"late": 5.5, "missing": 0, "bea": None}


def test_a_failing_plugin_is_named_with_the_student_and_nothing_is_written(stock, fresh):
    nobody = rows(url(fresh))
    zoe = Marked("zoe", "week", datetime(2026, 4, 1), one(stock, "ada").notebooks)
    with pytest.raises(GradebookProblem, match=r"because of zoe in week: the late-penalty plugin TooMuch failed: KeyError: 'zoe'"):
        write(fresh, *handed_in(stock), zoe, config=Config({"AssignLatePenalties": {"plugin_class": TooMuch}}))
    assert rows(url(fresh)) == nobody


def test_a_batch_that_fails_midway_leaves_nothing_and_says_who(stock, fresh):
    engine = create_engine(url(fresh))
    with engine.begin() as connection:
        connection.execute(
            text("CREATE TRIGGER no BEFORE INSERT ON student WHEN new.id = 'late' BEGIN SELECT RAISE(ABORT, 'no room for late'); END")
        )
    engine.dispose()
    nobody = rows(url(fresh))
    with GradebookWriter(url(fresh), "made_up") as records:
        with pytest.raises(
            GradebookProblem, match=r"^Nothing of this batch was written, because of late in week: the gradebook says no room"
        ):
            records.write(handed_in(stock))
        assert rows(url(fresh)) == nobody
        records.write([one(stock, "ada")])  # and the same session goes on
        assert list(records.scores("week")) == ["ada"]


def test_a_malformed_notebook_is_named_and_nothing_is_written(stock, fresh):
    nobody = rows(url(fresh))
    with pytest.raises(GradebookProblem, match="because of bea in week: AttributeError"):
        write(fresh, one(stock, "ada"), one(stock, "bea", notebooks={"code": "no notebook"}))
    assert rows(url(fresh)) == nobody


def test_a_gradebook_that_is_locked_is_said(stock, fresh):
    engine = create_engine(url(fresh))
    with engine.connect() as connection:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        with (
            GradebookWriter(url(f"{fresh}?timeout=0.1"), "made_up") as records,
            pytest.raises(GradebookProblem, match=r"locked.*Another program"),
        ):
            records.write([one(stock, "ada")])
    engine.dispose()


@pytest.mark.parametrize("value", ["99.0", "inf", "", None])
def test_a_cell_that_cannot_be_marked_costs_only_itself(stock, fresh, value):
    ada = one(stock, "ada")
    part = next(c for c in ada.notebooks["code"].cells if c.id == "double-part")
    part.outputs = [new_output("execute_result", {} if value is None else {"text/plain": value})]
    notes = write(fresh, ada, one(stock, "bea"))
    assert list(notes) == ["ada"]
    assert len(notes["ada"]) == 1
    assert notes["ada"][0].startswith("code, double-part: 0 points until a person has looked")
    with gradebook(fresh) as book:
        graded = {g.name: (g.auto_score, g.needs_manual_grade) for g in book.find_submission_notebook("code", "week", "ada").grades}
        assert graded == {"double-test": (3, False), "double-part": (0, True), "task": (None, True)}
    assert comments(fresh, "ada")["double"][0] == f"{REMARK}{notes['ada'][0]}"


def test_an_answer_with_broken_metadata_costs_only_itself(stock, fresh):
    ada = one(stock, "ada")
    essay = next(c for c in ada.notebooks["words"].cells if c.id == "essay-code")
    del essay.metadata.nbgrader["points"]
    assert [note[:18] for note in write(fresh, ada)["ada"]] == ["words, essay-code:"]
    with gradebook(fresh) as book:
        graded = {g.name: (g.auto_score, g.needs_manual_grade) for g in book.find_submission_notebook("words", "week", "ada").grades}
    assert graded == {"essay-code": (0, True), "essay-text": (None, True)}


def test_a_graded_cell_that_the_gradebook_does_not_know_is_reported(stock, fresh):
    ada = one(stock, "ada")
    ada.notebooks["words"].cells.append(cell(new_code_cell, "own-idea", "1", grade=True, locked=True, points=1000))
    assert write(fresh, ada) == {"ada": ["words, own-idea: not marked, for the gradebook has no such graded cell"]}
    with GradebookWriter(url(fresh), "made_up") as records:
        assert records.scores("week")["ada"].score == 5.5


def test_scored_agrees_with_nbgrader_and_never_raises():
    test = cell(new_code_cell, "t", "1", grade=True, locked=True, points=2)
    assert scored(test) == (2.0, None)
    test.outputs = [new_output("execute_result", {"text/plain": "1.5"})]
    assert scored(test) == (1.5, None)
    test.outputs = [new_output("error", ename="E", evalue="", traceback=[])]
    assert scored(test) == (0, None)
    del test.metadata.nbgrader["points"]
    score, note = scored(test)
    assert score == 0
    assert note.startswith("t: 0 points until a person has looked")


def test_a_remark_is_for_the_grader_and_a_regrade_replaces_it(stock, fresh):
    write(fresh, one(stock, "ada", remark="stopped after 30 s\0"))
    assert comments(fresh, "ada")["double"] == (f"{REMARK}stopped after 30 s", "", "")  # `comment` is what feedback shows
    assert flags(fresh, "ada") == {"code": True, "words": False}
    write(fresh, one(stock, "ada", remark="cells moved"))
    assert comments(fresh, "ada")["double"] == (f"{REMARK}cells moved", "", "")
    write(fresh, one(stock, "ada"))
    assert flags(fresh, "ada") == {"code": False, "words": False}
    write(fresh, *handed_in(stock, "[!a]*"))
    assert rows(url(fresh))["comment"] == rows(url(stock / "gradebook.db"))["comment"]


def test_a_remark_never_takes_a_persons_words_or_flag(stock, fresh):
    write(fresh, one(stock, "ada"))
    with gradebook(fresh) as book:
        book.find_comment("double", "code", "week", "ada").manual_comment = "Good."
        book.find_submission_notebook("words", "week", "ada").flagged = True
        book.db.commit()
    write(fresh, one(stock, "ada", remark="look here"))
    found = comments(fresh, "ada")
    assert found["double"] == (None, "Good.", "Good.")
    assert found["task"] == (f"{REMARK}look here", "", "")
    write(fresh, one(stock, "ada", remark="look here"))
    assert comments(fresh, "ada") == found
    assert flags(fresh, "ada") == {"code": True, "words": True}
    with gradebook(fresh) as book:  # a person has looked, commented and taken the flag away
        book.find_comment("task", "code", "week", "ada").manual_comment = "Seen."
        book.find_submission_notebook("code", "week", "ada").flagged = False
        book.db.commit()
    write(fresh, one(stock, "ada", remark="look here"))
    assert comments(fresh, "ada")["task"] == (f"{REMARK}look here", "Seen.", "Seen.")
    assert comments(fresh, "ada")["essay-code"] == (None, None, None)
    assert flags(fresh, "ada") == {"code": False, "words": True}
    write(fresh, one(stock, "ada", remark="something new"))  # the other notebook has the next free place, and a person's flag
    assert comments(fresh, "ada")["task"] == (None, "Seen.", "Seen.")
    assert comments(fresh, "ada")["essay-code"][0] == f"{REMARK}something new (The notebook was flagged already.)"
    write(fresh, one(stock, "ada"))
    assert comments(fresh, "ada")["essay-code"] == (None, None, None)
    assert flags(fresh, "ada") == {"code": False, "words": True}


def test_a_blank_submission_has_its_remark_in_the_first_answer(stock, fresh):
    write(fresh, one(stock, "blank", remark="r"))
    found = comments(fresh, "blank")
    assert found["task"][0] == f"{REMARK}r"  # the one comment that is not taken by "No response."
    assert found["double"] == ("No response.", None, "No response.")
    write(fresh, one(stock, "blank", notebooks={}, remark="nothing could be read"))
    assert [words[0] for words in comments(fresh, "blank").values()].count(f"{REMARK}nothing could be read") == 1


def test_formgrader_shows_the_automatic_comment_and_feedback_the_manual_one_first():
    """What the place of a remark rests on, in nbgrader's own files."""
    static = Path(api.__file__).parent / "server_extensions" / "formgrader" / "static" / "js" / "formgrade_models.js"
    assert 'attr("placeholder", this.model.get("auto_comment")' in static.read_text()


def test_feedback_does_not_show_the_remark(stock, tmp_path):
    folder = shutil.copytree(stock, tmp_path / "course")
    write(folder / "gradebook.db", one(stock, "ada", remark="a word between graders"))
    with gradebook(folder / "gradebook.db") as book:
        book.find_comment("task", "code", "week", "ada").auto_comment = "an ordinary automatic comment"
        book.db.commit()
    run_nbgrader(folder, "generate_feedback", "week", "--student=ada", "--notebook=code")
    page = (folder / "feedback" / "ada" / "week" / "code.html").read_text()
    assert "an ordinary automatic comment" in page
    assert "a word between graders" not in page


def test_the_plan_says_what_was_released(stock, fresh):
    with GradebookWriter(url(fresh), "made_up") as records:
        plan = records.assignment("week")
    assert list(plan.notebooks) == ["code", "words"]
    assert plan.duedate == datetime(2026, 3, 1, 12)
    code, words = plan.notebooks.values()
    assert {name: (g.max_score, g.cell_type) for name, g in code.graded.items()} == {
        "double-test": (3, "code"),
        "double-part": (2.5, "code"),
    }
    assert {name: (g.max_score, g.cell_type) for name, g in code.tasks.items()} == {"task": (4, "markdown")}
    assert (code.solutions, words.solutions) == (("double",), ("essay-code", "essay-text"))
    assert set(words.graded) == {"essay-code", "essay-text"}
    assert code.kernelspec["name"] == "python3"
    released = {c.id: c for c in nbformat.read(stock / "release" / "week" / "code.ipynb", as_version=4).cells}
    for name, source in code.sources.items():
        assert (source.source, source.cell_type) == (released[name].source, released[name].cell_type)
        assert source.checksum == released[name].metadata.nbgrader.checksum
    assert {name for name, source in code.sources.items() if source.locked} == {"double-test", "double-part", "task"}


def test_what_was_never_released_is_said(fresh, tmp_path):
    with GradebookWriter(url(fresh), "made_up") as records:
        for attempt in (records.assignment, records.scores):
            with pytest.raises(GradebookProblem, match=r"no assignment never\. Run `nbgrader generate_assignment never`"):
                attempt("never")
        with pytest.raises(GradebookProblem, match=r"no assignment never"):
            records.write([Marked("ada", "never", None, {})])
        with pytest.raises(GradebookProblem, match=r"no notebook third in week; it has code, words\. Run"):
            records.assignment("week").notebook("third")
    with pytest.raises(GradebookProblem, match="There is no gradebook at sqlite"):
        GradebookWriter(url(tmp_path / "none.db"), "made_up")
    assert not (tmp_path / "none.db").exists()


def test_scores_are_those_of_nbgrader(stock, fresh):
    write(fresh, *handed_in(stock))
    with GradebookWriter(url(fresh), "made_up", config=LATE_COSTS_ALL) as records, gradebook(stock / "gradebook.db") as book:
        found = records.scores("week")
        assert list(found) == ["ada", "bea", "blank", "late", "missing"]
        for student, score in found.items():
            row = book.find_submission("week", student)
            assert (score.raw_score, score.max_score, score.late_penalty) == (row.score, row.max_score, row.late_submission_penalty)
            assert score.needs_manual_grade == row.needs_manual_grade
    assert {student: score.score for student, score in found.items()} == {"ada": 5.5, "bea": 1.25, "blank": 0, "late": 0, "missing": 0}


def test_many_students_twice_and_one_of_them_twice_in_a_batch(stock, fresh, monkeypatch):
    monkeypatch.setattr(gradebook_rows, "AT_ONCE", 7)
    template = one(stock, "ada")
    many = [Marked(f"s{n:02d}", "week", None, template.notebooks) for n in range(30)]
    last = Marked("s03", "week", template.timestamp + timedelta(seconds=1), {})
    for _ in range(2):
        write(fresh, *many, last)
        with GradebookWriter(url(fresh), "made_up") as records:
            found = records.scores("week")
        assert len(found) == 30
        assert [student for student, score in found.items() if score.raw_score != 5.5] == ["s03"]


def test_times_are_kept_in_utc_and_stay_if_none_comes_later(stock, fresh):
    for time in (datetime(2026, 3, 1, 13, 30, tzinfo=timezone(timedelta(hours=2))), None):
        write(fresh, one(stock, "ada", timestamp=time))
        with gradebook(fresh) as book:
            assert book.find_submission("week", "ada").timestamp == datetime(2026, 3, 1, 11, 30)


def test_the_course_and_its_plan_are_not_touched(stock, fresh):
    marked = handed_in(stock)
    before = copy.deepcopy(marked)
    with GradebookWriter(url(fresh), "made_up") as records:
        plan = records.assignment("week")
        records.write(marked)
        assert records.assignment("week") == plan
    assert marked == before


def postgres_programs():
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb")) or ([shutil.which("initdb")] if shutil.which("initdb") else [])
    return Path(found[-1]).parent if found else None


@pytest.fixture(scope="module")
def postgres(tmp_path_factory):
    """A PostgreSQL of our own, on a socket in a folder
    of our own; the server will not run as root.
    """
    pytest.importorskip("psycopg", reason="psycopg is not installed: pip install 'psycopg[binary]'")
    programs = postgres_programs()
    if programs is None:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    folder = Path(subprocess.run(["mktemp", "-d"], capture_output=True, text=True, check=True).stdout.strip())  # short: it names a socket
    user = "nobody" if os.getuid() == 0 else None
    if user:
        shutil.chown(folder, user)

    def run(program, *words):
        done = subprocess.run([programs / program, "-D", folder / "data", *words], user=user, cwd=folder, capture_output=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr

    run("initdb", "--auth=trust", "--username=grader", "--no-sync", "--encoding=UTF8")
    run("pg_ctl", "start", "-w", "-l", folder / "log", "-o", f"-k {folder} -c listen_addresses= -c fsync=off")
    yield f"postgresql+psycopg://grader@/postgres?host={folder}"
    run("pg_ctl", "stop", "-m", "immediate")
    shutil.rmtree(folder)


def copy_released(source_url, target_url):
    """The released assignment, from one database into an empty one."""
    with api.Gradebook(source_url, "made_up") as source, api.Gradebook(target_url, "made_up") as target:
        for table in api.Base.metadata.sorted_tables:
            found = [dict(row._mapping) for row in source.db.execute(table.select())]
            there = [dict(row._mapping) for row in target.db.execute(table.select())]
            target.db.execute(table.insert(), [row for row in found if row not in there] or None) if found and found != there else None
        target.db.commit()


def test_the_rows_are_those_of_stock_in_postgresql_too(stock, postgres, monkeypatch):
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")  # nbgrader asks alembic for a version
    with pytest.raises(GradebookProblem, match="There is no gradebook at postgresql"):
        GradebookWriter(postgres, "made_up")
    copy_released(url(stock / "before.db"), postgres)
    remarked = [Marked(m.student, m.assignment, m.timestamp, m.notebooks, "a \0 remark") for m in handed_in(stock)]
    write(postgres, *remarked)
    write(postgres, *handed_in(stock))
    expected = rows(url(stock / "gradebook.db"))
    assert rows(postgres) == expected
    with GradebookWriter(postgres, "made_up") as records:
        assert records.scores("week")["ada"].score == 5.5
        with pytest.raises(GradebookProblem, match=r"because of x{200} in week: the gradebook says value too long"):
            records.write([one(stock, "ada", remark="lost"), Marked("x" * 200, "week", None, {})])
    assert rows(postgres) == expected
