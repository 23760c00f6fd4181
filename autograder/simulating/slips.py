"""Slips in code: the same function with one place changed, as a person gets it wrong."""

import ast
from collections.abc import Iterator

OTHER_SIGN: dict[type[ast.operator], type[ast.operator]] = {ast.Add: ast.Sub, ast.Sub: ast.Add}


def with_slips(source: str, name: str) -> Iterator[str]:
    """The code with one mistake in the function `name`,
    for each possible one; none that might never end.

    A factor, a term, a sign, a power or a transpose is lost; a sign is reversed; another variable
    is used; two results are exchanged; another axis is summed over.
    """
    function = _function(ast.parse(source), name)
    if function is None or any(isinstance(node, ast.While) for node in ast.walk(function)):
        return
    for position, place in enumerate(_places(function)):
        for change in range(len(_changes(place, function))):
            tree = ast.parse(source)
            changed = _function(tree, name)
            assert changed is not None
            yield ast.unparse(ast.fix_missing_locations(_Replace(_places(changed)[position], change, changed).visit(tree)))


def _function(tree: ast.AST, name: str) -> ast.FunctionDef | None:
    return next((node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name == name), None)


def _places(function: ast.FunctionDef) -> list[ast.AST]:
    """The nodes of the body, in an order that is the same in every copy."""
    return [node for statement in function.body for node in ast.walk(statement)]


class _Replace(ast.NodeTransformer):
    """Puts one change in the place of one node."""

    def __init__(self, place: ast.AST, change: int, function: ast.FunctionDef) -> None:
        self.place, self.change, self.function = place, change, function

    def visit(self, node: ast.AST) -> ast.AST:
        """The node, or what takes its place."""
        if node is self.place:
            return _changes(node, self.function)[self.change]
        visited: ast.AST = self.generic_visit(node)
        return visited


def _changes(node: ast.AST, function: ast.FunctionDef) -> list[ast.AST]:
    """What may be written in place of a node by mistake."""
    match node:
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub() as sign, right=right):
            return [ast.BinOp(left, OTHER_SIGN[type(sign)](), right), left, right]
        case ast.BinOp(left=left, op=ast.Mult() | ast.Div() as operator, right=right):
            turned = ast.Div() if isinstance(operator, ast.Mult) else ast.Mult()
            return [left, right, ast.BinOp(left, turned, right)]
        case ast.BinOp(left=left, op=ast.MatMult(), right=right):
            return [ast.BinOp(right, ast.MatMult(), left)]
        case ast.BinOp(left=left, op=ast.Pow(), right=ast.Constant(value=int(power))):
            return [left, ast.BinOp(left, ast.Pow(), ast.Constant(power + 1))]
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return [operand]
        case ast.Attribute(value=value, attr="T"):
            return [value]
        case ast.keyword(arg="axis", value=ast.Constant(value=0 | 1 as axis)):
            return [ast.keyword("axis", ast.Constant(1 - axis))]
        case ast.Return(value=ast.Tuple(elts=entries)):
            return [ast.Return(ast.Tuple(_exchanged(entries, place), ast.Load())) for place in range(len(entries) - 1)]
        case ast.Name(id=name, ctx=ast.Load()) if name in (known := _variables(function, node.lineno)):
            return [ast.Name(other, ast.Load()) for other in known if other != name]
    return []


def _exchanged(entries: list[ast.expr], place: int) -> list[ast.expr]:
    return [*entries[:place], entries[place + 1], entries[place], *entries[place + 2 :]]


def _variables(function: ast.FunctionDef, line: int) -> list[str]:
    """Arguments, and names that the function assigns to above a line."""
    names = [node for node in ast.walk(function) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)]
    assigned = [node.id for node in sorted(names, key=lambda node: (node.lineno, node.col_offset)) if node.lineno < line]
    return list(dict.fromkeys([*(argument.arg for argument in function.args.args), *assigned]))
