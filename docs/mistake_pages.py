"""The catalogue of mistakes: what the checks know by name,
with the line of code that gives it away.
"""

import ast
import builtins
import copy
import inspect
from functools import cache
from pathlib import Path
from types import CodeType
from typing import Any

from backprop.autodiff.wrong_rules import CALLED, RULES
from backprop.exercise import Exercise
from backprop.exercises.support.verdict import Verdict
from backprop.progress.contents import course
from backprop.questions.mistake import Mistake

from autograder.building import declared_in, lesson_paths

HEAD = """\
# Mistakes that the checks know

A check that finds a wrong answer looks for the mistake behind it. A mistake is named only if it reproduces the learner's numbers
on every set of inputs. This catalogue is made from the exercises' own declarations: for each mistake its name, the words that a
learner reads, and, where the mistake is in one formula, the wrong line. A derivative that is left out, and whatever else can go wrong
at one operation of any backward pass, is on the last page and not listed with each exercise. Slips that concern several operations,
such as a path that is left out or a step of a training loop, are found while a check runs, and stand on no page. Questions with one
fixed answer are left out, since their mistakes would give it away.

{summary}
"""
RULES_HEAD = """\
# Wrong rules at any operation

These mistakes belong to no exercise. The check tries each rule at every operation of the forward pass where it can be made.
In the words, *place* stands for the operation and *operand* for what the wrong contribution goes to. Where the operand is a bias or a
weight, or the operation is in a hidden layer, a check may use the usual name for that case, such as `bias-mean` for `mean-for-sum`.
"""


def write_mistakes(folder: Path) -> list[str]:
    """Write the pages into folder/mistakes and return their names."""
    (folder / "mistakes").mkdir()
    titles = {lesson.stem: f"{lesson.number} {lesson.title}" for lesson in course()}
    pages, rows = [], ["| lesson | exercises | mistakes |", "|---|---|---|"]
    for lesson in lesson_paths():
        listed = [exercise for exercise in declared_in(lesson).values() if _is_listed(exercise)]
        if listed:
            text = f"# Mistakes in {titles[lesson.stem]}\n\n" + "\n".join(map(_exercise, listed))
            (folder / "mistakes" / f"{lesson.stem}.md").write_text(text, encoding="utf-8")
            pages.append(lesson.stem)
            rows.append(f"| [{titles[lesson.stem]}]({lesson.stem}.md) | {len(listed)} | {sum(len(one.mistakes) for one in listed)} |")
    rows.append(f"| [Wrong rules at any operation](rules.md) | any | {len(RULES)} |")
    (folder / "mistakes" / "index.md").write_text(HEAD.format(summary="\n".join(rows)), encoding="utf-8")
    rules = "\n".join(f"## {rule.id}: {_kinds(rule.kinds)}\n\n> {_plain(rule.words)}\n" for rule in RULES)
    (folder / "mistakes" / "rules.md").write_text(f"{RULES_HEAD}\n{rules}", encoding="utf-8")
    return [f"mistakes/{name}" for name in ("index", *pages, "rules")]


def wrong_lines(mistake: Mistake) -> list[str]:
    """The wrong formulas as lines of code, with the names that the learner uses;
    none that needs a helper of the course's.
    """
    written = {link: _written(formula) for link, formula in mistake.formulas.items()}
    return [f"{link} = {ast.unparse(expression)}" for link, expression in written.items() if expression]


def _is_listed(exercise: Exercise) -> bool:
    return bool(exercise.mistakes) and not exercise.on_fixed_numbers and not isinstance(exercise, Verdict)


def _exercise(exercise: Exercise) -> str:
    parts = [f"## {exercise.name}\n\nAsks for `{'`, `'.join(exercise.asks)}`.\n"]
    for mistake in exercise.mistakes:
        parts.append(f"({exercise.name}--{mistake.id})=\n### {mistake.id}\n\n> {_plain(mistake.words)}\n")
        lines = wrong_lines(mistake)
        parts += ["```python\n" + "\n".join(lines) + "\n```\n"] if lines else []
    return "\n".join(parts)


def _written(formula: Any) -> ast.expr | None:
    """What a lambda of one argument computes, with the argument's attributes as plain names;
    None if it is no such lambda, or uses what a learner does not have.
    """
    if not inspect.isfunction(formula) or formula.__name__ != "<lambda>" or len(inspect.signature(formula).parameters) != 1:
        return None
    path, code = formula.__code__.co_filename, formula.__code__
    for node in _lambdas(path).get(code.co_firstlineno, []):
        compiled = compile(ast.fix_missing_locations(ast.Expression(node)), path, "eval").co_consts
        if any(isinstance(one, CodeType) and _same(one, code) for one in compiled):
            argument = node.args.args[0].arg
            return None if _foreign(node.body) - {argument} else _Names(argument).visit(copy.deepcopy(node.body))
    return None


def _foreign(expression: ast.expr) -> set[str]:
    """The names in the expression that are neither its own nor Python's nor NumPy's."""
    names = [node for node in ast.walk(expression) if isinstance(node, ast.Name)]
    own = {name.id for name in names if isinstance(name.ctx, ast.Store)}
    return {name.id for name in names} - own - {"np", *dir(builtins)}


def _same(one: CodeType, other: CodeType) -> bool:
    plain = [[constant for constant in code.co_consts if not isinstance(constant, CodeType)] for code in (one, other)]
    return (one.co_code, one.co_names, plain[0]) == (other.co_code, other.co_names, plain[1])


@cache
def _lambdas(path: str) -> dict[int, list[ast.Lambda]]:
    found: dict[int, list[ast.Lambda]] = {}
    for node in ast.walk(ast.parse(Path(path).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Lambda):
            found.setdefault(node.lineno, []).append(node)
    return found


class _Names(ast.NodeTransformer):
    """v.dL_dz becomes dL_dz."""

    def __init__(self, argument: str) -> None:
        self.argument = argument

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        """Of the argument, the attribute alone; of anything else, as it is."""
        if isinstance(node.value, ast.Name) and node.value.id == self.argument:
            return ast.copy_location(ast.Name(node.attr, node.ctx), node)
        self.generic_visit(node)
        return node


def _kinds(kinds: tuple[str, ...]) -> str:
    return ", ".join(dict.fromkeys(CALLED.get(kind, kind) for kind in kinds))


def _plain(words: str) -> str:
    """Words that Markdown shows as they are."""
    for sign in "\\*_<>[]$`{}":
        words = words.replace(sign, f"\\{sign}")
    return words.replace("\n", "\n> ")
