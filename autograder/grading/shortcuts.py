"""Ways past a derivation by hand: autograd, and answers worked out by somebody else. For a person to look at; marks do not change."""

import ast

from autograder.running.names import parse

CALLS = {
    "backward": "autograd (.backward())",
    "grad": "autograd (grad)",
    "jacobian": "autograd (jacobian)",
    "hessian": "autograd (hessian)",
    "jacrev": "autograd (torch.func)",
    "jacfwd": "autograd (torch.func)",
    "vjp": "autograd (torch.func)",
    "jvp": "autograd (torch.func)",
    "referee": "the check's own answers (.referee())",
    "measure": "the check's own answers (.measure())",
    "draw": "the check's own answers (.draw())",
    "follow_through": "the check's own answers (.follow_through())",
    "second_opinion": "the check's own answers (.second_opinion())",
}
MODULES = {
    "jax": "autograd (jax)",
    "autograd": "autograd (autograd)",
    "sympy": "symbolic derivatives (sympy)",
    "tensorflow": "autograd (tensorflow)",
}
LONGEST = 100_000  # characters of a student's cell that are looked through
READERS = {
    "open": "a file",
    "pickle": "a file (pickle)",
    "loadtxt": "a file (loadtxt)",
    "exec": "exec",
    "eval": "eval",
    "__import__": "__import__",
}


def taken(source: str) -> frozenset[str]:
    """The shortcuts that an answer cell's text takes, in words."""
    if len(source) > LONGEST:
        return frozenset(["more text than is looked through"])
    return frozenset(words for node in ast.walk(_parsed(source)) for words in _words(node))


def _parsed(source: str) -> ast.Module:
    """The syntax tree of a student's cell. IPython's own way with magics takes too long for a text that means to be slow."""
    for text in (source, "\n".join("" if line.lstrip().startswith(("%", "!")) else line for line in source.split("\n"))):
        try:
            return ast.parse(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
    return ast.Module(body=[], type_ignores=[])


def functions_that_derive(source: str) -> frozenset[str]:
    """The functions of a cell, at its top level, whose text uses autograd: for the course's own answers that are meant to."""
    return frozenset(
        node.name
        for node in parse(source).body
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and any(_words(part) for part in ast.walk(node))
    )


def _words(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Call):
        name = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id if isinstance(node.func, ast.Name) else ""
        if isinstance(node.func, ast.Attribute) and name in CALLS:
            return [CALLS[name]]
        if isinstance(node.func, ast.Name) and name in (*READERS, "grad", "jacobian"):
            return [READERS.get(name) or CALLS[name]]
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        names = (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or "", *(alias.name for alias in node.names)]
        )
        roots = {name.split(".")[0] for name in names}
        return [MODULES[root] for root in sorted(roots) if root in MODULES] + [READERS[root] for root in sorted(roots) if root in READERS]
    return []
