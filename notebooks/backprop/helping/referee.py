"""The referee's code for a check: the forward pass
in PyTorch and its `.backward()`, ready to run.
"""

import ast
import inspect
import textwrap
from collections.abc import Callable
from typing import Any

import numpy as np

from ..autodiff.tape import Tape
from ..questions.question import Inputs, Question
from ..translation import _

DECLARATIONS = __name__.partition(".")[0] + ".exercises."  # where the forward passes and their helpers stand


def referee_code(exercise: Question, inputs: Inputs) -> str:
    """A program that computes with PyTorch what `exercise` asks at `inputs`, and prints it.

    All of it but the imports is inside one function, so that it changes no variable of the
    notebook.
    """
    tape = Tape(exercise.forward, inputs)
    intermediates = [name for name in tape.nodes if name not in inputs and name != tape.output]
    prelude, body = _forward_lines(exercise)
    lines = [f"{parameter} = {_literal(value)}" for parameter, value in zip(_parameters(exercise), inputs.values(), strict=True)]
    lines += [f"{parameter.name} = {parameter.default!r}" for parameter in _signature(exercise) if parameter.default is not parameter.empty]
    lines += ["", *([prelude, ""] if prelude else []), body, ""]
    asked = [ask for ask in exercise.asks if ask not in tape.nodes]
    bottoms = [tape.parts(ask)[1] for ask in asked if _by_backward(ask, tape)]
    why = _("PyTorch keeps the gradient of a node in the middle only if asked")
    lines += [f"{name}.retain_grad()  # {why}" for name in intermediates if name in bottoms]
    lines += [f"{tape.output}.backward(retain_graph=True)"] if bottoms else []
    lines += [f"print({ask!r}, {_expression(ask, tape)})" for ask in exercise.asks]
    return "\n".join(["import numpy as np", "import torch", "", "", *as_function(exercise, lines)])


def as_function(exercise: Question, lines: list[str]) -> list[str]:
    """The lines inside a function that has the exercise's name, and a call of it."""
    name = f"pytorch_on_{exercise.name}"
    return [f"def {name}():", textwrap.indent("\n".join(lines), "    "), "", "", f"{name}()"]


def _signature(exercise: Question) -> list[inspect.Parameter]:
    return list(inspect.signature(exercise.forward).parameters.values())[1:]


def _parameters(exercise: Question) -> list[str]:
    return [parameter.name for parameter in _signature(exercise) if parameter.default is parameter.empty]


def _expression(ask: str, tape: Tape) -> str:
    """The PyTorch expression that answers one link."""
    if ask in tape.nodes:
        return f"[part.detach().numpy() for part in {ask}]" if tape.shapes(ask) else f"{ask}.detach().numpy()"
    top, bottom = tape.parts(ask)
    if tape.shapes(ask):
        return f"[part.grad.numpy() for part in {bottom}]"
    if _by_backward(ask, tape):
        return f"{bottom}.grad.numpy()"
    if tape.nodes[top].ndim == 0:
        return f"torch.autograd.grad({top}, {bottom}, retain_graph=True)[0].numpy()"
    return f"np.stack([torch.autograd.grad(entry, {bottom}, retain_graph=True)[0] for entry in {top}])"


def _by_backward(ask: str, tape: Tape) -> bool:
    """Whether one `.backward()` from the output answers
    `ask`, which needs an output of a single number.
    """
    return tape.parts(ask)[0] == tape.output and tape.nodes[tape.output].ndim == 0


def _literal(value: object) -> str:
    if isinstance(value, float) or (isinstance(value, np.ndarray) and value.dtype.kind == "f"):
        return f"torch.tensor({np.asarray(value).tolist()}, dtype=torch.float64, requires_grad=True)"
    if isinstance(value, (list, tuple)) and any(isinstance(item, (list, tuple, np.ndarray)) for item in value):
        return f"[{', '.join(_literal(item) for item in value)}]"
    if isinstance(value, np.ndarray):
        return f"np.array({value.tolist()})"
    return repr(value)


def _forward_lines(exercise: Question) -> tuple[str, str]:
    """The forward pass as plain lines, with `name = value`
    for `name = node("name", value)`, after its helpers.
    """
    function = ast.parse(textwrap.dedent(inspect.getsource(exercise.forward))).body[0]
    assert isinstance(function, ast.FunctionDef)
    plain = _WithoutNodes().visit(function)
    helpers = [ast.unparse(_WithoutNodes().visit(ast.parse(inspect.getsource(helper)))) for helper in _helpers(exercise.forward)]
    statements = [line for line in plain.body if not (isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant))]
    return "\n\n".join(helpers), "\n".join(ast.unparse(line) for line in statements)


def _helpers(function: Callable[..., Any]) -> list[Callable[..., Any]]:
    """The functions of the course that `function` calls,
    directly or not, each after those that it needs.
    """
    found: list[Callable[..., Any]] = []
    for value in inspect.getclosurevars(function).globals.values():
        if inspect.isfunction(value) and value.__module__.startswith(DECLARATIONS):
            reached: list[Callable[..., Any]] = [*_helpers(value), value]
            found += [helper for helper in reached if helper not in found]
    return found


class _WithoutNodes(ast.NodeTransformer):
    """node("z", value) becomes value; a bare node("L",
    value) becomes an assignment; annotations are removed.
    """

    def visit_arg(self, argument: ast.arg) -> ast.arg:
        return ast.arg(argument.arg)  # without its annotation

    def visit_FunctionDef(self, function: ast.FunctionDef) -> ast.FunctionDef:
        self.generic_visit(function)
        function.returns = None
        return function

    def visit_Call(self, call: ast.Call) -> ast.expr:
        self.generic_visit(call)
        return call.args[1] if isinstance(call.func, ast.Name) and call.func.id == "node" else call

    def visit_Expr(self, statement: ast.Expr) -> ast.AST:
        call = statement.value
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "node":
            name = ast.literal_eval(call.args[0])
            return ast.copy_location(ast.Assign([ast.Name(name, ast.Store())], self.visit(call), lineno=0), statement)
        return self.generic_visit(statement)
