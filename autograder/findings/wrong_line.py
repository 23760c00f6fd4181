"""Finds the line of an answer behind a wrong link,
without comments and texts, which may name somebody.
"""

import ast
from collections.abc import Sequence

from autograder.plain_text import one_line
from autograder.running.reads import parse

LONGEST_SOURCE = 50_000  # characters of an answer that are read
LONGEST = 100  # characters that are kept
Assignment = ast.Assign | ast.AnnAssign | ast.AugAssign


def wrong_line(sources: Sequence[str], link: str, order: Sequence[str]) -> str:
    """The line that assigns the name `link`, else the one that returns it. Empty if there is none.

    order: the links in the order in which they are asked for, and so returned
    """
    for source in reversed(sources):
        tree = parse(source) if len(source) <= LONGEST_SOURCE else ast.Module([], [])
        try:
            if (found := _line(tree, link, order)) is not None:
                return one_line(ast.unparse(_WithoutTexts().visit(found)), LONGEST)
        except (RecursionError, ValueError):  # an expression nested too deeply, or a number too long to be written
            continue
    return ""


def _line(tree: ast.Module, link: str, order: Sequence[str]) -> ast.AST | None:
    assignments = [node for node in ast.walk(tree) if isinstance(node, Assignment)]
    returns = [node for node in ast.walk(tree) if isinstance(node, ast.Return) and node.value is not None]
    last = returns[-1] if returns else None
    returned = _returned(last.value, link, order) if last is not None and last.value is not None else None
    wanted = {link} | ({returned.id} if isinstance(returned, ast.Name) else set())
    assigned = [node for node in assignments if wanted & _targets(node)]
    if assigned:
        return max(assigned, key=lambda node: node.lineno)
    return ast.Return(returned) if returned is not None else last


def _returned(value: ast.expr, link: str, order: Sequence[str]) -> ast.expr | None:
    """What is returned for a link."""
    if isinstance(value, ast.Dict):
        return next((item for key, item in zip(value.keys, value.values) if isinstance(key, ast.Constant) and key.value == link), None)
    if isinstance(value, ast.Tuple | ast.List):
        return value.elts[order.index(link)] if link in order and len(value.elts) == len(order) else None
    return value if len(order) == 1 else None


def _targets(assignment: Assignment) -> set[str]:
    """The names that an assignment binds, and the keys of a dictionary that it fills."""
    targets = assignment.targets if isinstance(assignment, ast.Assign) else [assignment.target]
    inside = [node for target in targets for node in ast.walk(target)]
    names = {node.id for node in inside if isinstance(node, ast.Name)}
    return names | {node.value for node in inside if isinstance(node, ast.Constant) and isinstance(node.value, str)}


class _WithoutTexts(ast.NodeTransformer):
    """Texts become "…"."""

    def visit_Constant(self, node: ast.Constant) -> ast.Constant:
        return ast.Constant("…") if isinstance(node.value, str | bytes) else node

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.Constant:
        return ast.Constant("…")
