"""A feedback page: a summary first, each finding once,
the student's code; no network, and no student code runs.
"""

import re
from pathlib import Path

import nbformat
import pytest
from backprop.checking.report import DATA

from autograder.pages.exercises import Grade, MarkedStanding, exercises_of, untouched_answers
from autograder.pages.mathematics import formula, with_formulas
from autograder.pages.page import Facts, page
from tests.grading.course import answer, check, code, notebook, task, text


def report(name, kinds, *, hidden=False, started=True, advice=("A multiply node hands each input the OTHER input's value.",)):
    """A report of the course's own checks, as data: its links by their kind."""
    rows = [
        {"link": link, "yours": "+1.0", "truth": "+2.0", "kind": kind, "verdict": "first wrong link" if kind == "wrong" else "right"}
        for link, kind in kinds.items()
    ]
    passed = bool(rows) and all(kind == "right" for kind in kinds.values())
    facts = {"exercise": name, "headline": f"{name}: said", "passed": passed, "started": started, "hidden": hidden, "reveals": True}
    facts |= {"rows": rows, "mistake": None, "advice": list(advice) if not passed else []}
    return nbformat.v4.new_output("display_data", {DATA: facts, "text/html": "<b>the report</b>", "text/plain": "the report"})


def graded(*cells, students=(), outputs=None):
    """A notebook after grading: course cells, except
    for those named, and tests with these outputs.
    """
    made = notebook(*cells)
    for cell in made.cells:
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        theirs = grade_id.endswith("-answer") or cell.source in students
        cell.metadata["autograder"] = {"owner": "student" if theirs else "course"}
        if cell.cell_type == "code":
            cell.outputs = (outputs or {}).get(grade_id, [])
    return nbformat.reads(nbformat.writes(made), as_version=4)


LESSON = [
    text("# 01 The chain rule\n\nWith $\\frac{1}{2}$ of it."),
    code("course_map(ex)"),
    text("## 2. Two paths: $x$ twice"),
    answer("paths-answer", "def paths(x):\n    return x"),
    check("paths", "ex.paths.check(paths)\n### BEGIN HIDDEN TESTS\nex.paths.check(paths, seed=31172)\n### END HIDDEN TESTS", 3),
    text("## 3. One path"),
    answer("one-answer", "def one(x):\n    return 2 * x"),
    check("one", "ex.one.check(one)", 2),
]
REPORTS = {
    "paths": [
        report("paths", {"dL_dz": "right", "dL_dw1": "wrong"}),
        report("paths", {"dL_dz": "right", "dL_dw1": "wrong"}, hidden=True, advice=["hidden words"]),
    ],
    "one": [report("one", {"dy_dx": "right"})],
}
FACTS = Facts(
    "ada",
    {"paths": Grade(1.5, 3, False), "one": Grade(2, 2, False)},
    {"paths-answer": "**Nearly!** $x^2$\n<script>hacked = 1</script>"},
    0.5,
)


def shown(made, facts=FACTS, **more):
    return page(made, "week", facts, Path(), **more)


def words(made):
    """The page's text."""
    return re.sub(r"\s+", " ", re.sub(r"<(style|script)>.*?</\1>|<[^>]+>", " ", made, flags=re.DOTALL))


def test_the_summary_says_points_what_is_right_and_where_to_start():
    made = shown(graded(*LESSON, outputs=REPORTS))
    said = words(made)
    assert "01 The chain rule Feedback for ada 3 of 5 points" in said
    assert "0.5 points were taken off because it came late." in said
    assert "1 of 2 exercises are right. Start with paths : its first wrong link is dL_dw1 ." in said
    assert "◐ partly right 1.5 of 3" in said
    assert "✓ right 2 of 2" in said


def test_what_the_check_found_is_said_once_with_the_answer_and_where_to_read_again():
    made = shown(graded(*LESSON, outputs=REPORTS))
    assert made.count("A multiply node hands each input the OTHER input&#x27;s value.") == 1
    assert "hidden words" not in made
    assert "the report" not in made
    assert "Right: dL_dz . First wrong link: dL_dw1" in words(made)
    (anchor,) = re.findall(r'Read again:</b> <a href="#(cell-\d+)">', made)
    assert f'id="{anchor}"' in made
    assert "<strong>Nearly!</strong>" in made
    assert "<msup>" in made
    assert "HIDDEN" not in made.split("What you wrote")[0]


def test_a_hidden_check_is_shown_where_only_it_found_something_and_labelled():
    reports = [report("paths", {"dL_dw1": "right"}), report("paths", {"dL_dw1": "wrong"}, hidden=True, advice=["hidden words"])]
    said = words(shown(graded(*LESSON, outputs=REPORTS | {"paths": reports})))
    assert "hidden words" in said
    assert "these are inputs that only the grader tries" in said


def test_other_courses_tests_show_their_message_and_not_the_hidden_test():
    failed = nbformat.v4.new_output("error", ename="AssertionError", evalue="square of 3", traceback=["secret == square(7)"])
    made = shown(graded(*LESSON, outputs=REPORTS | {"paths": [failed]}))
    assert "AssertionError: square of 3" in made
    assert "secret" not in made


def test_the_map_of_the_learners_progress_is_left_out():
    made = graded(*LESSON, outputs=REPORTS)
    made.cells[1].outputs = [nbformat.v4.new_output("stream", text="Course map: 0 of 84 exercises right")]
    assert "0 of 84" not in shown(made)


@pytest.mark.parametrize(
    ("grade", "untouched", "standing"),
    [
        (Grade(3, 3, False), False, MarkedStanding.RIGHT),
        (Grade(1, 3, False), False, MarkedStanding.PARTLY),
        (Grade(0, 3, False), False, MarkedStanding.WRONG),
        (Grade(0, 3, False), True, MarkedStanding.UNTOUCHED),
        (Grade(None, 3, False), False, MarkedStanding.WAITING),
        (Grade(0, 3, True), False, MarkedStanding.WAITING),
        (Grade(2, 3, True), False, MarkedStanding.MARKED_BEFORE),
    ],
)
def test_how_far_an_exercise_is(grade, untouched, standing):
    made = graded(*LESSON)
    (exercise, _) = exercises_of(made, {"paths": grade, "one": grade}, {}, {"paths-answer"} if untouched else set())
    assert exercise.standing is standing
    assert standing.value in words(shown(made, Facts("ada", {"paths": grade, "one": Grade(2, 2, False)}))) or untouched


def test_an_answer_as_it_was_released_is_not_shown_as_written():
    made = graded(*LESSON)
    answer_cell = next(cell for cell in made.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == "paths-answer")
    from nbgrader.utils import compute_checksum

    answer_cell.metadata.nbgrader["checksum"] = compute_checksum(answer_cell)
    assert untouched_answers(made) == {"paths-answer"}
    said = words(shown(made, Facts("ada", {"paths": Grade(0, 3, False), "one": Grade(0, 2, False)})))
    assert "The answer is as it was handed out." in said
    assert said.count("What you wrote") == 1  # of the other


def test_a_line_marks_what_the_student_wrote_and_not_what_was_handed_out():
    mine = text("My **notes** on $x^2$")
    made = graded(LESSON[0], mine, *LESSON[3:5], students=[mine.source, LESSON[0].source])
    page_of_it = shown(made, handed_out=frozenset({LESSON[0].source}))
    assert page_of_it.count('class="cell students"') == 2  # the notes and the answer
    assert "<strong>notes</strong>" in page_of_it
    assert page_of_it.count("<msup>") == 2  # in the notes and in the comment


def test_a_title_that_a_student_has_changed_is_a_title():
    changed = text(LESSON[0].source + " Mine.")
    assert "<h1>01 The chain rule</h1>" in shown(graded(changed, *LESSON[1:], students=[changed.source]))


def test_what_was_written_to_a_task_is_the_cells_below_it_with_their_outputs():
    run, said, given = code("print(seeds)"), text("It **fell**."), text("## Last words")
    wanted = task("experiment", "### An experiment\n\nTry it.")
    made = graded(wanted, run, said, given, text("Elsewhere."), students=[run.source, said.source, given.source, "Elsewhere."])
    made.cells[1].outputs = [nbformat.v4.new_output("stream", text="three seeds")]
    facts = Facts("ada", {"experiment": Grade(2, 3, False)}, {"experiment": "Why?"})
    article = re.search(r"<article.*</article>", shown(made, facts, handed_out=frozenset({given.source})), re.DOTALL)[0]
    said_there = words(article)
    assert "Comment: Why?" in said_there
    assert re.search(r"What you wrote print ?\( ?seeds ?\) three seeds It fell \. $", said_there)


def test_a_hand_in_that_could_not_be_read_has_its_words_on_top():
    made = graded(*LESSON)
    cell = nbformat.v4.new_markdown_cell(
        "This notebook could not be read.", id="could-not-be-read", metadata={"autograder": {"owner": "course"}}
    )
    made.cells.insert(0, cell)
    said = words(shown(made, Facts("ada", {"paths": Grade(0, 3, False), "one": Grade(0, 2, False)})))
    assert "0 of 5 points This notebook could not be read." in said
    assert "What to look at" not in said


def test_the_page_loads_nothing_and_nothing_of_the_students_acts():
    evil = [
        text("<script>hacked = 1</script><img src=x onerror=hacked=1> $\\href{javascript:hacked=1}{x}$ [l](javascript:hacked=1)"),
        text("![p](https://evil.invalid/p.png)"),
        code("'</pre><script>hacked = 1</script>'"),
    ]
    evil[2].outputs = [
        nbformat.v4.new_output("display_data", {"text/html": "<iframe src='https://evil.invalid'></iframe><b onclick=x>ok</b>"})
    ]
    made = shown(graded(*LESSON, *evil, students=[cell.source for cell in evil]))
    own = made.index("<script>\naddEventListener")
    assert made.count("<script") == 1
    assert not re.search(r"onerror=|onclick|<iframe|href=.javascript", made[:own])
    assert not re.search(r"(?:src|href)=.?(?:https?:)?//", re.sub(r'<a href="https://evil\.invalid/p\.png"[^>]*>', "", made))


@pytest.mark.parametrize(
    ("tex", "part"),
    [
        ("\\frac{1}{2}", "<mfrac>"),
        ("x_1 < y", "&lt;"),
        ("\\begin{pmatrix}a & b\\\\c & d\\end{pmatrix}", "<mtable"),
        ("\\nonsense{", "nonsense"),
    ],
)
def test_mathematics_is_mathml_or_else_its_tex(tex, part):
    assert part in formula(tex)


def test_mathematics_cannot_carry_links_and_money_is_no_mathematics():
    assert "javascript" not in re.sub(r"<(mtext|annotation|code)[^>]*>.*?</\1>", "", formula("\\href{javascript:x}{y}"))
    assert "href" not in re.sub(r">[^<]*<", "><", formula("\\href{javascript:x}{y}"))
    assert with_formulas("<p>5$ and 6$</p><code>$x$</code>") == "<p>5$ and 6$</p><code>$x$</code>"
    assert "<mi>x</mi>" in with_formulas("<p>where $x$ is</p>")
