"""The notebook to run, from the course's cells and the
student's: the course's stay, and the student's are kept.
"""

import copy
import dataclasses
import json

import nbformat
import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from nbformat.notebooknode import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.converters import Autograde, GenerateAssignment
from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import compute_checksum, determine_grade
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

from autograder.building import lesson_paths
from autograder.course import init_course
from autograder.grading.assemble import assemble
from autograder.grading.assignment import canonical
from autograder.grading.course_notebook import SourceCellInfo, UnusableSource, course_notebook_from, recorded_cells
from autograder.grading.notebook_repair import read_notebook
from tests.examples import examples
from tests.grading import course as made_up
from tests.nbgrader.submissions import solved

STUB = "raise NotImplementedError()"
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}


def marked(kind, name, source, cell_type="code", **flags):
    nbgrader = {"schema_version": 3, "grade": False, "solution": False, "locked": False, "task": False, "grade_id": name} | flags
    make = {"code": nbformat.v4.new_code_cell, "markdown": nbformat.v4.new_markdown_cell}[cell_type]
    return make(source, id=kind + name, metadata={"nbgrader": nbgrader, "tags": ["course"]} if kind == "set-" else {"nbgrader": nbgrader})


def answer(name, lines="    ### BEGIN SOLUTION\n    return 1\n    ### END SOLUTION"):
    return marked("a-", f"{name}-answer", f'def {name}(x):\n    """What {name} is."""\n{lines}', solution=True)


def check(name):
    hidden = f"### BEGIN HIDDEN TESTS\nassert {name}(7) == 1\n### END HIDDEN TESTS"
    return marked("t-", name, f"assert {name}(1) == 1\n{hidden}", grade=True, locked=True, points=3)


def source_notebook():
    cells = [
        nbformat.v4.new_markdown_cell("# Title", id="title"),
        nbformat.v4.new_code_cell("import math", id="imports"),
        marked("set-", "setup", "data = [1, 2]", locked=True),
        nbformat.v4.new_markdown_cell("Now you.", id="now"),
        answer("one"),
        check("one"),
        nbformat.v4.new_markdown_cell("And why?", id="why"),
        marked("e-", "essay", "Because.", "markdown", grade=True, solution=True, points=2),
        marked("k-", "draw", "Draw it.", "markdown", task=True, locked=True, points=1),
        answer("two"),
        nbformat.v4.new_code_cell("one(3)", id="try"),
        check("two"),
    ]
    return nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": KERNEL})


CONFIG = Config({"ClearSolutions": {"code_stub": {"python": STUB}}})


@pytest.fixture(scope="session")
def source(tmp_path_factory):
    path = tmp_path_factory.mktemp("source") / "lesson.ipynb"
    nbformat.write(source_notebook(), path)
    return path


@pytest.fixture(scope="session")
def course(source):
    return course_notebook_from(source, None, config=CONFIG)


def release(course):
    """What students get."""
    cells = []
    for cell in course.cells:
        make = nbformat.v4.new_code_cell if cell.cell_type == "code" else nbformat.v4.new_markdown_cell
        cells.append(make(cell.released, id=cell.cell_id, metadata=copy.deepcopy(cell.metadata)))
    return nbformat.v4.new_notebook(cells=cells)


def names(assembled):
    """The cells in order: the course's by id, others by their text."""
    return [cell.metadata.get("nbgrader", {}).get("grade_id") or cell.source for cell in assembled.notebook.cells]


def at(notebook, identity):
    return next(cell for cell in notebook.cells if cell.id == identity)


def words(assembled, suspicious):
    return [remark.words for remark in assembled.remarks if remark.suspicious == suspicious]


ORDER = ["# Title", "import math", "setup", "Now you.", "one-answer", "one", "And why?", "essay", "draw", "two-answer", "one(3)", "two"]


# --- the course's side


def test_the_course_notebook_has_every_cell_with_its_role_and_both_texts(course):
    assert [cell.role for cell in course.cells] == [
        *("free", "free", "locked", "free", "answer", "locked", "free", "answer", "locked", "answer", "free", "locked")
    ]
    one, test = course.cells[4:6]
    assert one.source == one.released == f'def one(x):\n    """What one is."""\n    {STUB}'
    assert "one(7)" in test.source
    assert "one(7)" not in test.released
    assert (test.metadata["deletable"], test.metadata["editable"]) == (False, False)
    assert course.kernelspec == KERNEL
    assert course.remarks == ()


RECORDS = {
    "setup": SourceCellInfo("code", True, "data = [1]", "s" * 32),
    "one-answer": SourceCellInfo("code", False, "def one(y):\n    pass", "a" * 32, solution=True),
    "one": SourceCellInfo("code", True, "check(one)\n### BEGIN HIDDEN TESTS\nmore\n### END HIDDEN TESTS", "t" * 32, grade=True, points=5.0),
}


def test_the_gradebook_decides_and_what_differs_is_said(source):
    course = course_notebook_from(source, RECORDS, config=CONFIG, kernelspec={"name": "r", "display_name": "R"})
    cells = {cell.grade_id: cell for cell in course.cells if cell.grade_id}
    assert list(cells) == ["setup", "one-answer", "one"]
    assert (cells["one"].source, cells["one"].released) == (RECORDS["one"].source, "check(one)")
    assert (cells["one"].metadata["nbgrader"]["points"], cells["one"].metadata["nbgrader"]["checksum"]) == (5.0, "t" * 32)
    assert cells["setup"].metadata["tags"] == ["course"]
    assert [cell.cell_id for cell in course.cells if cell.role == "free"] == ["title", "imports", "now", "why", "try"]
    assert course.kernelspec["name"] == "r"
    assert "cells that were not released (essay, draw, two-answer, two)" in course.remarks[0]


def test_a_cell_that_the_source_lost_comes_from_the_gradebook(source, tmp_path):
    notebook = source_notebook()
    notebook.cells = [cell for cell in notebook.cells if cell.id in ("title", "set-setup", "t-one")]
    nbformat.write(notebook, tmp_path / "lesson.ipynb")
    course = course_notebook_from(tmp_path / "lesson.ipynb", RECORDS, config=CONFIG)
    assert [cell.grade_id for cell in course.cells] == [None, "setup", "one-answer", "one"]
    lost, changed = course.remarks
    assert lost == "The source notebook no longer has the cell one-answer, which was released; the gradebook's copy was used."
    assert changed.startswith("The test one is another one in the source notebook than in the release, which was used.")


@pytest.mark.parametrize("text", [None, "{", '{"cells": [], "nbformat": 4}'], ids=["missing", "not JSON", "no notebook"])
def test_without_a_source_notebook_the_gradebook_is_used_alone(tmp_path, text):
    path = tmp_path / "lesson.ipynb"
    if text is not None:
        path.write_text(text)
    course = course_notebook_from(path, RECORDS, config=CONFIG, kernelspec=KERNEL)
    assert {cell.grade_id: cell.source for cell in course.cells} == {name: info.source for name, info in RECORDS.items()}
    assert course.cells[2].released == "check(one)"
    assert "the gradebook's record of its cells was used alone" in course.remarks[0]
    with pytest.raises(UnusableSource, match="the gradebook has no record of its cells"):
        course_notebook_from(path, None)


def test_a_source_without_cell_ids_gets_the_same_ones_each_time(tmp_path):
    notebook = source_notebook()
    notebook.nbformat_minor = 4
    for cell in notebook.cells:
        del cell["id"]
    nbformat.write(notebook, tmp_path / "lesson.ipynb")
    seen = [[cell.cell_id for cell in course_notebook_from(tmp_path / "lesson.ipynb", None, config=CONFIG).cells] for _ in range(2)]
    assert seen[0] == seen[1]
    assert seen[0][:5] == ["cell-000", "cell-001", "setup", "cell-003", "one-answer"]


def test_the_courses_own_preprocessors_are_followed(source):
    config = copy.deepcopy(CONFIG)
    config.GenerateAssignment.preprocessors = ["nbgrader.preprocessors.ClearSolutions", "nbgrader.preprocessors.ComputeChecksums"]
    course = course_notebook_from(source, None, config=config)
    assert "one(7)" in course.cells[5].released
    assert "deletable" not in course.cells[5].metadata


# --- one thing changed at a time


def test_an_untouched_submission_stays_as_it_is(course):
    found = assemble(course, release(course))
    assert names(found) == ORDER
    assert found.owners == ["course" if cell.role == "locked" else "student" for cell in course.cells]
    assert [(cell.id, cell.source) for cell in found.notebook.cells] == [(cell.cell_id, cell.source) for cell in course.cells]
    assert found.notebook.metadata.kernelspec == KERNEL
    assert found.remarks == []


def test_answers_and_extra_cells_are_the_students(course):
    notebook = release(course)
    at(notebook, "a-one-answer").source = "def one(x):\n    return 1"
    notebook.cells.insert(5, nbformat.v4.new_code_cell("print(one(2))", id="mine", metadata={"tags": ["raises-exception"]}))
    notebook.metadata = {"widgets": {"state": 1}, "kernelspec": {"name": "evil"}}
    found = assemble(course, notebook)
    assert names(found) == [*ORDER[:5], "print(one(2))", *ORDER[5:]]
    assert at(found.notebook, "a-one-answer").source == "def one(x):\n    return 1"
    assert at(found.notebook, "mine").metadata == {"tags": ["raises-exception"]}
    assert set(found.notebook.metadata) == {"kernelspec", "language_info"}
    assert found.remarks == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda cell: cell.update(source="pass"), "the text of the test one had been changed and was put back"),
        (lambda cell: cell.update(cell_type="markdown"), "the test one had been made a markdown cell and is a code cell again"),
        (lambda cell: cell.metadata.nbgrader.update(points=100), None),  # the course may have changed them since
        (lambda cell: cell.metadata.nbgrader.update(grade=False), "the kind of the test one had been changed"),
        (lambda cell: cell.metadata.update(tags=["skip-execution"]), "the tags of the test one had been changed ('skip-execution')"),
        (lambda cell: cell.metadata.pop("nbgrader"), "the test one had lost its nbgrader metadata and was recognised"),
        (lambda cell: cell.metadata.nbgrader.pop("solution"), None),
        (lambda cell: cell.update(source=cell.source + " \n\n"), None),
        (lambda cell: cell.metadata.update(collapsed=True), None),
    ],
)
def test_a_locked_cell_is_the_courses_whatever_was_done_to_it(course, change, said):
    notebook = release(course)
    change(at(notebook, "t-one"))
    found = assemble(course, notebook)
    assert found.notebook.cells == assemble(course, release(course)).notebook.cells
    assert len(words(found, suspicious=True)) == (said is not None)
    assert said is None or words(found, suspicious=True)[0].startswith(said)


def test_a_harmless_tag_is_no_suspicion(course):
    notebook = release(course)
    at(notebook, "t-one").metadata["tags"] = ["hide-input"]
    assert words(assemble(course, notebook), suspicious=False) == [
        "the tags of the test one had been changed ('hide-input') and were put back"
    ]


def test_deleted_cells_are_put_back_at_their_place_and_free_ones_are_not(course):
    everything = {"set-setup": "read-only cell setup", "t-one": "test one", "k-draw": "task draw", "t-two": "test two"}
    for identity, name in everything.items():
        notebook = release(course)
        notebook.cells.remove(at(notebook, identity))
        found = assemble(course, notebook)
        assert names(found) == ORDER
        assert words(found, suspicious=False) == [f"the {name} had been deleted and was put back"]
    found = assemble(course, nbformat.v4.new_notebook())
    assert names(found) == [name for name in ORDER if name not in ("# Title", "import math", "Now you.", "And why?", "one(3)")]


def test_a_deleted_answer_is_no_response(course):
    notebook = release(course)
    notebook.cells.remove(at(notebook, "e-essay"))
    found = assemble(course, notebook)
    assert names(found) == ORDER
    assert determine_grade(at(found.notebook, "e-essay")) == (0, 2)
    assert words(found, suspicious=False) == ["the answer cell essay had been deleted and was put back as released: no response"]
    at(notebook, "why").source = "Mine."
    at(found.notebook, "e-essay").source = "Mine."
    assert determine_grade(at(assemble(course, found.notebook).notebook, "e-essay")) == (None, 2)


def test_an_answer_written_elsewhere_is_not_undone_by_the_one_put_back(course):
    notebook = release(course)
    notebook.cells = [cell for cell in notebook.cells if cell.id not in ("a-one-answer", "a-two-answer")]
    notebook.cells.insert(0, nbformat.v4.new_code_cell("def one(x):\n    return 1\n\ndef two(x):\n    return 1"))
    found = names(assemble(course, notebook))
    everything = next(index for index, name in enumerate(found) if name.startswith("def one"))
    assert max(found.index("one-answer"), found.index("two-answer")) < everything < found.index("one")


def test_a_second_version_of_a_function_is_put_back_behind_the_first(course):
    again = dataclasses.replace(course.cells[9], source=course.cells[4].source, released=course.cells[4].released)
    course = dataclasses.replace(course, cells=(*course.cells[:9], again, *course.cells[10:]))
    notebook = release(course)
    at(notebook, "a-one-answer").source = "def one(x):\n    return 1"
    notebook.cells.remove(at(notebook, "a-two-answer"))
    assert names(assemble(course, notebook)) == ORDER


def test_the_last_copy_of_an_answer_counts_and_the_others_still_run(course):
    notebook = release(course)
    first, last = at(notebook, "a-one-answer"), copy.deepcopy(at(notebook, "a-one-answer"))
    first.source, last.source = "helper = 1", "def one(x):\n    return helper"
    notebook.cells.insert(7, last)
    found = assemble(course, notebook)
    assert names(found) == [*ORDER[:4], "helper = 1", "And why?", "one-answer", "one", *ORDER[7:]]
    assert at(found.notebook, "a-one-answer").source == last.source
    assert len({cell.id for cell in found.notebook.cells}) == len(ORDER) + 1
    assert words(found, suspicious=True) == ["the answer cell one-answer was there 2 times, and they differ; the last one counts"]


def test_a_copy_of_a_test_goes_unless_it_has_become_something_else(course):
    notebook = release(course)
    notebook.cells.insert(5, copy.deepcopy(at(notebook, "t-one")))
    assert names(assemble(course, notebook)) == ORDER
    notebook.cells[5].source = "mine = 1"
    assert names(assemble(course, notebook)) == [*ORDER[:5], "mine = 1", *ORDER[5:]]


def test_a_test_before_its_answer_goes_behind_it_and_a_later_one_stays(course):
    notebook = release(course)
    notebook.cells.insert(0, notebook.cells.pop(5))
    found = assemble(course, notebook)
    assert names(found) == ORDER
    assert words(found, suspicious=False) == ["the test one stood before cells that it comes after, and was moved behind them"]
    notebook.cells.insert(9, notebook.cells.pop(0))  # behind the second answer, before its test
    found = names(assemble(course, notebook))
    assert found.index("two-answer") < found.index("one(3)") < found.index("two")
    assert found.index("essay") < found.index("one") < found.index("draw")


def test_a_test_waits_for_an_answer_that_was_moved(course):
    notebook = release(course)
    notebook.cells.append(notebook.cells.pop(4))
    assert names(assemble(course, notebook))[-5:] == ["one(3)", "one-answer", "one", "draw", "two"]


def test_unknown_and_forged_grade_ids_are_ordinary_cells(course):
    notebook = release(course)
    forged = {"grade_id": "bonus", "grade": True, "points": 100, "locked": True, "solution": False, "schema_version": 3}
    notebook.cells.append(nbformat.v4.new_code_cell("100", id="t-two2", metadata={"nbgrader": forged}))
    found = assemble(course, notebook)
    assert names(found) == [*ORDER, "100"]
    assert (found.notebook.cells[-1].metadata, found.owners[-1]) == ({}, "student")
    assert words(found, suspicious=True) == ["a cell says that it is 'bonus', which the course does not have; it is an ordinary cell"]


# --- metadata that got lost

WRITTEN = {
    "a-one-answer": 'def one(x):\n    """What one is."""\n    y = 1\n    return y',
    "e-essay": "Since the chain rule says so.",
    "a-two-answer": "def two(z):\n    # without the words\n    w = 2\n    return w - 1",
}


def stripped(course, ids=True):
    notebook = release(course)
    for cell in notebook.cells:
        cell.source = WRITTEN.get(cell.id, cell.source)
        cell.metadata = {}
        if not ids:
            cell.id = f"new-{notebook.cells.index(cell)}"
    return notebook


@pytest.mark.parametrize("ids", [True, False], ids=["by id", "by what is there"])
def test_answers_without_metadata_are_recognised(course, ids):
    found = assemble(course, stripped(course, ids))
    assert names(found) == ORDER
    assert {identity: at(found.notebook, identity).source for identity in WRITTEN} == WRITTEN
    assert len(words(found, suspicious=True)) == 7
    assert words(found, suspicious=False) == []


def test_what_is_nothing_like_an_answer_is_not_taken_for_one(course):
    notebook = stripped(course, ids=False)
    notebook.cells[4].source = "scratch = 1"
    notebook.cells.insert(4, nbformat.v4.new_code_cell("more = 2"))
    found = assemble(course, notebook)
    assert at(found.notebook, "a-one-answer").source == course.cells[4].released
    assert {"scratch = 1", "more = 2"} < set(names(found))


def test_one_line_in_common_is_no_likeness(course):
    text = 'def one(x):\n    """What one is."""\n    start = 0\n    k = 3\n    ' + STUB
    course = dataclasses.replace(
        course, cells=(*course.cells[:4], dataclasses.replace(course.cells[4], source=text, released=text), *course.cells[5:])
    )
    notebook = stripped(course, ids=False)
    notebook.cells[4].source = "k = 3"
    notebook.cells.insert(4, nbformat.v4.new_code_cell("more = 2"))
    assert at(assemble(course, notebook).notebook, "a-one-answer").source == text
    notebook.cells[5].source = "start = 0\nk = 3"
    assert at(assemble(course, notebook).notebook, "a-one-answer").source == "start = 0\nk = 3"


def test_a_students_cell_with_the_id_of_a_test_is_kept(course):
    notebook = release(course)
    at(notebook, "t-one").update(source="mine = 1", metadata={})
    found = assemble(course, notebook)
    assert "mine = 1" in names(found)
    assert names(found).count("one") == 1


# --- anything at all

ODD = st.sampled_from([None, 5, [], ["x"], {}, {"a": 1}, "text", "one", True, float("nan"), "\ud800"])


@st.composite
def submissions(draw, course):
    """The release after a student, an accident or an attack has been at it."""
    cells = [cell if draw(st.integers(0, 3)) else mangled(draw, cell) for cell in release(course).cells]
    for _ in range(draw(st.integers(0, 4))):
        cells.insert(draw(st.integers(0, len(cells))), copy.deepcopy(draw(st.sampled_from(cells))))
    cells = [cell for cell in cells if draw(st.integers(0, 6))]
    for _ in range(draw(st.integers(0, 4))):
        if cells:
            cells.insert(draw(st.integers(0, len(cells))), cells.pop(draw(st.integers(0, len(cells) - 1))))
    extra = draw(st.lists(st.sampled_from(["x = 1", "def one(x): return 1", "And why?"]), max_size=3))
    return NotebookNode(cells=[*cells, *({"cell_type": "code", "source": text} for text in extra)])


def mangled(draw, cell):
    cell = copy.deepcopy(cell)
    match draw(st.integers(0, 6)):
        case 0:
            cell.source = draw(st.sampled_from(["", "y = 2", "def two(x): return 1", cell.source + "\n# note"]))
        case 1:
            cell["cell_type"] = draw(st.sampled_from(["code", "markdown", "raw"]))
        case 2:
            cell["metadata"] = {}
        case 3:
            cell["metadata"] = {}
            cell["id"] = draw(ODD)
        case 4:
            cell["metadata"] = {"tags": draw(st.sampled_from([["skip-execution"], ["a", "a"], 3])), "nbgrader": draw(ODD)}
        case 5:
            other = draw(st.sampled_from(["one", "one-answer", "two", "essay", "none", 3, {"a": 1}]))
            cell["metadata"] = {"nbgrader": {"grade_id": other, "grade": draw(st.booleans()), "points": draw(ODD)}}
        case _:
            cell[draw(st.sampled_from(["cell_type", "source", "metadata", "id", "outputs", "attachments"]))] = draw(ODD)
    return cell


@examples(150, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_the_rules_hold_whatever_was_handed_in(course, data):
    submitted = data.draw(submissions(course))
    before = copy.deepcopy(submitted)
    found = assemble(course, submitted)
    assert repr(submitted) == repr(before)
    nbformat.validate(found.notebook)
    cells = found.notebook.cells
    assert len(found.owners) == len(cells) == len({cell.id for cell in cells})
    graded = [cell for cell in course.cells if cell.role != "free"]
    where = {cell.grade_id: [index for index, other in enumerate(cells) if other.id == cell.cell_id] for cell in graded}
    assert all(len(places) == 1 for places in where.values())
    needed = -1
    for cell in graded:
        place = where[cell.grade_id][0]
        assert cells[place].cell_type == cell.cell_type
        assert cells[place].metadata == cell.metadata
        if cell.role == "locked":
            assert cells[place].source == cell.source
            assert place > needed
        assert found.owners[place] == ("course" if cell.role == "locked" else "student")
        needed = max(needed, place)
    others = [cell for cell in cells if cell.id not in {cell.cell_id for cell in graded}]
    assert found.owners.count("course") == sum(cell.role == "locked" for cell in graded)
    assert all("nbgrader" not in cell.metadata for cell in others)
    assert all(not cell.outputs and cell.execution_count is None for cell in cells if cell.cell_type == "code")
    again = assemble(course, found.notebook)
    assert (again.notebook, again.owners, again.remarks) == (found.notebook, found.owners, [])


@examples(100, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_no_text_of_the_students_is_lost_and_its_order_stays(course, data):
    """Every cell that is neither locked nor put back
    has the student's text, in the student's order.
    """
    notebook = release(course)
    for number, cell in enumerate(notebook.cells):
        if course.cells[number].role != "locked":
            cell.source = f"{cell.source}\n# {number}"
    notebook.cells = data.draw(st.permutations(notebook.cells))
    found = assemble(course, notebook)
    locked = {cell.cell_id for cell in course.cells if cell.role == "locked"}
    assert [cell.source for cell in found.notebook.cells if cell.id not in locked] == [
        cell.source for cell in notebook.cells if cell.id not in locked
    ]


@given(ODD | st.lists(ODD | st.dictionaries(st.sampled_from(["cell_type", "source", "metadata", "id"]), ODD), max_size=4))
def test_what_is_no_notebook_is_as_if_nothing_had_been_handed_in_or_valid(course, cells):
    for submitted in (cells, {"cells": cells}, NotebookNode(cells=cells)):
        nbformat.validate(assemble(course, submitted).notebook)


# --- as nbgrader has it


def real_course(folder):
    """A course as instructors make it, with its gradebook
    after generate_assignment, for the first lesson.
    """
    lesson = lesson_paths()[0]
    init_course(folder / "course")
    config = PyFileConfigLoader("nbgrader_config.py", path=str(folder / "course")).load_config()
    config.CourseDirectory.root = str(folder / "course")
    config.CourseDirectory.assignment_id = lesson.stem
    GenerateAssignment(coursedir=CourseDirectory(config=config), config=config).start()
    return folder / "course", lesson, config


def sanitized(notebook, course, lesson, config):
    """What `nbgrader autograde` makes of a submission before it runs it."""
    resources = {"nbgrader": {"notebook": lesson.stem, "assignment": lesson.stem, "db_url": f"sqlite:///{course / 'gradebook.db'}"}}
    notebook = copy.deepcopy(notebook)
    for preprocessor in Autograde.class_traits()["sanitize_preprocessors"].default():
        notebook, resources = preprocessor(config=config)(notebook, resources)
    return notebook


@pytest.mark.xdist_group("01_chain_rule")
def test_honest_submissions_come_out_as_nbgrader_has_them(tmp_path):
    course, lesson, config = real_course(tmp_path)
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        records, kernelspec = recorded_cells(gradebook, lesson.stem, lesson.stem)
    path = course / "source" / lesson.stem / f"{lesson.stem}.ipynb"
    ours = course_notebook_from(path, records, config=config, kernelspec=kernelspec)
    assert ours.remarks == ()
    assert ours == course_notebook_from(path, None, config=config)
    alone = course_notebook_from(path.with_name("none.ipynb"), records, config=config, kernelspec=kernelspec)
    assert alone.cells == tuple(cell for cell in ours.cells if cell.grade_id)

    released = (course / "release" / lesson.stem / f"{lesson.stem}.ipynb").read_bytes()
    extra = solved(lesson)
    extra.cells.insert(9, nbformat.v4.new_code_cell("1 + 1", id="mine"))
    edited = copy.deepcopy(extra)
    at(edited, "one_path").source = "pass"
    at(edited, "one_path").metadata.nbgrader.points = 100
    for data, remarks in [(released, 0), (nbformat.writes(extra).encode(), 0), (nbformat.writes(edited).encode(), 2)]:
        submitted = read_notebook(data)
        found, theirs = assemble(ours, submitted), sanitized(submitted, course, lesson, config)
        assert len(found.remarks) == remarks
        assert found.notebook.cells == theirs.cells
        assert found.notebook.metadata.kernelspec == theirs.metadata.kernelspec
    blank = assemble(ours, read_notebook(released)).notebook
    for cell in blank.cells:  # an answer as released is no response
        if "nbgrader" in cell.metadata:
            assert compute_checksum(cell) == cell.metadata.nbgrader.checksum


def test_the_version_of_an_assignment_does_not_depend_on_the_order_of_sets(tmp_path):
    body = "    ### BEGIN SOLUTION\n    a.append(1); b[0] = 2; c.sort(); open('x'); eval('1'); a.backward()\n    ### END SOLUTION"
    made = made_up.notebook(made_up.answer("f-answer", f"def f(a, b, c):\n{body}"), made_up.check("f", "f([], [1], [])"))
    (exercise,) = made_up.side_of(tmp_path, made).notebooks.values()
    described = json.loads(canonical(exercise))
    assert described["shortcuts"] == {"f-answer": sorted(exercise.shortcuts["f-answer"])}
    assert len(exercise.shortcuts["f-answer"]) > 1
