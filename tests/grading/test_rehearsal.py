"""The samples that the lessons' tests ask for are drawn once for a class, before any fork."""

import ast

import pytest
from backprop.questions.question import draw_samples

from autograder.building import lesson_paths, source_notebook
from autograder.grading.rehearsal import rehearsal
from autograder.running.names import Needs
from tests.grading.course import side_of

LESSONS = {path.stem: path for path in lesson_paths()}


def checks_in(source):
    """The calls of `check` in a test cell, by what they check and its keywords."""
    nodes = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)]
    return {(ast.unparse(node.func.value), *map(ast.unparse, node.keywords)) for node in nodes if node.func.attr == "check"}


@pytest.mark.parametrize("lesson", LESSONS)
def test_every_check_in_a_lessons_tests_is_rehearsed(tmp_path, lesson):
    assignment = side_of(tmp_path, source_notebook(LESSONS[lesson]))
    notebook = assignment.notebooks["exercise"]
    wanted = set().union(*(checks_in(cell.source) for cell in notebook.tests()))
    statements = assignment.rehearsal()
    assert sum(".draw(" in statement for statement in statements) == len(wanted) > 0
    assert any("backprop.exercises" in statement for statement in statements)


def test_what_is_rehearsed_is_what_the_checks_then_find(tmp_path):
    assignment = side_of(tmp_path, source_notebook(LESSONS["01_chain_rule"]))
    draw_samples.cache_clear()
    space = {}
    for statement in assignment.rehearsal():
        exec(statement, space)
    drawn = draw_samples.cache_info().currsize
    assert drawn == sum(".draw(" in statement for statement in assignment.rehearsal())
    space["ex"].one_path.check(None)
    assert draw_samples.cache_info().currsize == drawn


def test_other_peoples_tests_are_not_rehearsed():
    needs = Needs(prelude=[(0, "import numpy as np")], student=["f"], own=[])
    assert rehearsal([("spelling.check(f)", needs)]) == []
