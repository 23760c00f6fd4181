"""Done once for a class, in the trusted forkserver: the
samples of all checks are drawn, with PyTorch's answers.
"""

import ast
import re
from collections.abc import Iterable

from autograder.running.names import Needs
from autograder.running.reads import parse

PACKAGE = "backprop.exercises"
PUBLIC = "backprop.exercise"


def rehearsal(tests: Iterable[tuple[str, Needs]]) -> list[str]:
    """Statements that draw the samples of `ex.name.check(...)`
    in test cells, for our own lessons only.

    Each test comes with what it needs. A drawn sample is kept by the exercise, so every process
    forked afterwards finds it.
    """
    statements: dict[str, None] = {}
    for source, need in tests:
        imports = [statement for _, statement in need.prelude if _imports(statement)]
        draws = [draw for draw in map(_draw, ast.walk(parse(source))) if draw]
        if imports and draws:
            statements |= dict.fromkeys([*imports, *draws])
    return list(statements)


def _imports(statement: str) -> bool:
    """Whether a statement imports the exercises: a line, or a block that has one in it."""
    return re.search(rf"^\s*(from {PACKAGE} import|import {PACKAGE})\b", statement, re.MULTILINE) is not None


def _draw(node: ast.AST) -> str:
    """The statement that draws what a call of `check` will use; nothing for other calls."""
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "check"):
        return ""
    chosen = {keyword.arg: ast.unparse(keyword.value) for keyword in node.keywords if isinstance(keyword.value, ast.Constant)}
    seed, samples = (chosen.get(name, f"__import__({PUBLIC!r}, fromlist=['x']).PUBLIC_{name.upper()}") for name in ("seed", "samples"))
    return f"{ast.unparse(node.func.value)}.draw({seed}, {samples})"
