"""Lesson 06's answers with mistakes: for each mistake of
an exercise that checks a class, a change of the reference.
"""

from functools import cache
from pathlib import Path

from autograder.building import lesson_paths, source_notebook
from autograder.markers import solved

PRODUCT = "return Value(self.data * other.data, (self, other), (other.data, self.data))"
SUM = "return Value(self.data + other.data, (self, other), (1.0, 1.0))"
POWER = "(n * self.data ** (n - 1),)"
EXP = "return Value(value, (self,), (value,))"
RELU = "return Value(is_open * self.data, (self,), (is_open,))"
SIGMOID, TANH = "(value * (1 - value),)", "(1 - value**2,)"
EACH_EDGE = "for parent, slope in zip(self.parents, self.slopes):"
SHARE = "parent.grad += slope * self.grad"
VISIT = "    visit(self)\n    return nodes"
DIVIDE = "return self * as_node(other) ** -1.0"
BACK = "    for node in reversed(nodes):\n        node.pass_back()"
ALL_OPERANDS = "zip(node.parents, node.contributions())"
DOT = "self.dot * other.data + self.data * other.dot"


def quotient(to_self: str, to_other: str) -> tuple[str, str]:
    """A quotient with its own slopes, in place of one that is put together."""
    value = "return Value(self.data / other.data, (self, other), ({}, {}))"
    return DIVIDE, "other = as_node(other)\n    " + value.format(to_self, to_other)


def walk(listing: str) -> tuple[str, str]:
    """A way back that visits the nodes in another order:
    `listing` is code that makes `nodes`, from the output on.
    """
    return BACK, f"{listing}\n    for node in nodes:\n        node.pass_back()"


PREORDER = """    nodes = []

    def visit(node):
        if node not in nodes:
            nodes.append(node)
            for parent in node.parents:
                visit(parent)

    visit(self)"""
BREADTH_FIRST = """    nodes = [self]
    for node in nodes:
        nodes += [parent for parent in dict.fromkeys(node.parents) if parent not in nodes]"""
AGAIN = """    def visit(node):
        return [entry for parent in node.parents for entry in visit(parent)] + [node]

    nodes = visit(self)[::-1]"""

CHANGES = [
    ("node", "grad-starts-at-one", ("self.grad = 0.0", "self.grad = 1.0")),
    ("node", "grad-starts-at-data", ("self.grad = 0.0", "self.grad = data")),
    ("node", "edges-forgotten", ("self.parents = parents", "self.parents = ()"), ("self.slopes = slopes", "self.slopes = ()")),
    ("node", "slopes-all-one", ("self.slopes = slopes", "self.slopes = tuple(1.0 for _ in parents)")),
    ("node", "slopes-exchanged", ("self.slopes = slopes", "self.slopes = slopes[::-1]")),
    ("node", "data-lost", ("self.data = data", "self.data = 0.0")),
    ("sums_and_products", "own-operand", ("(other.data, self.data))", "(self.data, other.data))")),
    ("sums_and_products", "second-summand-left-out", (SUM, "return Value(self.data + other.data, (self,), (1.0,))")),
    ("sums_and_products", "second-factor-left-out", (PRODUCT, "return Value(self.data * other.data, (self,), (other.data,))")),
    ("sums_and_products", "product-slopes-of-a-sum", ("(other.data, self.data))", "(1.0, 1.0))")),
    ("sums_and_products", "value-for-slope", ("(other.data, self.data))", "(self.data * other.data,) * 2)")),
    ("sums_and_products", "operands-for-slopes", ("(1.0, 1.0))", "(self.data, other.data))")),
    ("sums_and_products", "split-at-add", ("(1.0, 1.0))", "(0.5, 0.5))")),
    ("sums_and_products", "parents-forgotten", (SUM, "return Value(self.data + other.data)")),
    ("sums_and_products", "product-parents-forgotten", (PRODUCT, "return Value(self.data * other.data)")),
    (
        *("sums_and_products", "same-node-once"),
        (PRODUCT, f"if self is other:\n        return Value(self.data**2, (self,), (self.data,))\n    {PRODUCT}"),
    ),
    ("sums_and_products", "multiply-for-add", ("Value(self.data + other.data", "Value(self.data * other.data")),
    ("sums_and_products", "add-for-multiply", ("Value(self.data * other.data", "Value(self.data + other.data")),
    ("bends", "exponent-not-lowered", (POWER, "(n * self.data**n,)")),
    ("bends", "exponent-factor-lost", (POWER, "(self.data ** (n - 1),)")),
    ("bends", "power-is-exponent-times", ("Value(self.data**n,", "Value(self.data * n,")),
    ("bends", "exp-like-a-power", (EXP, "return Value(value, (self,), (self.data * np.exp(self.data - 1),))")),
    ("bends", "exp-slope-one", (EXP, "return Value(value, (self,), (1.0,))")),
    ("bends", "log-slope-of-value", ("(1 / self.data,)", "(1 / np.log(self.data),)")),
    ("bends", "log-slope-upside-down", ("(1 / self.data,)", "(self.data,)")),
    ("bends", "log-to-base-ten", ("np.log(self.data)", "np.log10(self.data)")),
    ("bends", "no-gate", (RELU, RELU.replace("(is_open,)", "(1.0,)"))),
    ("bends", "gate-turned", (RELU, RELU.replace("(is_open,)", "(1.0 - is_open,)"))),
    ("bends", "relu-value-for-slope", (RELU, RELU.replace("(is_open,)", "(is_open * self.data,)"))),
    ("bends", "slope-of-z", (SIGMOID, "(self.data * (1 - self.data),)")),
    ("bends", "sigmoid-value-for-slope", (SIGMOID, "(value,)")),
    ("bends", "tanh-slope-of-z", (TANH, "(1 - self.data**2,)")),
    ("bends", "sigmoid-slope-for-tanh", (TANH, "(value * (1 - value),)")),
    ("pass_back", "overwrite", ("+=", "=")),
    ("pass_back", "cleared-first", (EACH_EDGE, f"for parent in self.parents:\n        parent.grad = 0.0\n    {EACH_EDGE}")),
    ("pass_back", "own-operand", (SHARE, "parent.grad += parent.data * self.grad")),
    ("pass_back", "factors-added", (SHARE, "parent.grad += slope + self.grad")),
    ("pass_back", "slopes-in-another-order", ("zip(self.parents, self.slopes)", "zip(self.parents, self.slopes[::-1])")),
    ("pass_back", "first-slope-for-all", (SHARE, "parent.grad += self.slopes[0] * self.grad")),
    ("pass_back", "first-edge-only", ("zip(self.parents, self.slopes)", "dict(reversed([*zip(self.parents, self.slopes)])).items()")),
    ("pass_back", "slope-left-out", (SHARE, "parent.grad += self.grad")),
    ("pass_back", "lost-upstream", (SHARE, "parent.grad += slope")),
    ("pass_back", "data-for-grad", (SHARE, "parent.grad += slope * self.data")),
    ("pass_back", "shared-out", (SHARE, f"{SHARE} / len(self.parents)")),
    ("pass_back", "multiplied", ("+=", "*=")),
    ("pass_back", "same-node-once", ("zip(self.parents, self.slopes)", "dict(zip(self.parents, self.slopes)).items()")),
    ("pass_back", "first-parent-only", ("zip(self.parents, self.slopes)", "zip(self.parents[:1], self.slopes)")),
    ("pass_back", "nothing-arrives", ("parent.grad +=", "arriving =")),
    ("pass_back", "calls-the-parents", (SHARE, f"{SHARE}\n        parent.pass_back()")),
    ("pass_back", "sign-turned", ("+=", "-=")),
    (
        *("order", "node-before-parents"),
        ("            nodes.append(node)\n", ""),
        ("visited.add(node)\n", "visited.add(node)\n            nodes.append(node)\n"),
    ),
    ("order", "visited-again", ("visited.add(node)", "pass")),
    ("order", "by-distance", (VISIT, f"{BREADTH_FIRST}\n    return nodes[::-1]")),
    ("order", "first-parents-only", ("in node.parents", "in node.parents[:1]")),
    ("order", "equal-numbers-once", ("node not in visited", "node.data not in visited"), ("visited.add(node)", "visited.add(node.data)")),
    ("order", "output-missing", ("return nodes", "return nodes[:-1]")),
    ("order", "leaves-missing", ("return nodes", "return [node for node in nodes if node.parents]")),
    ("order", "one-generation", ("return nodes", "return [*dict.fromkeys(self.parents), self]")),
    ("order", "output-first", ("return nodes", "return nodes[::-1]")),
    ("backward", "all-still-zero", ("    self.grad = 1.0\n", "")),
    ("backward", "nothing-passed-back", ("node.pass_back()", "node.pass_back")),
    ("backward", "cleared-afterwards", ("node.pass_back()", "node.pass_back()\n        node.grad = 0.0 if node.parents else node.grad")),
    ("backward", "begins-with-its-value", ("self.grad = 1.0", "self.grad = self.data")),
    ("backward", "only-from-the-output", ("reversed(nodes)", "nodes")),
    ("backward", "too-early", walk(PREORDER)),
    ("backward", "by-distance", walk(BREADTH_FIRST)),
    ("backward", "visited-again", walk(AGAIN)),
    (
        *("backward", "overwrite"),
        ("node.pass_back()", "for parent, slope in zip(node.parents, node.slopes):\n            parent.grad = slope * node.grad"),
    ),
    ("backward", "not-cleared", ("node.grad = 0.0", "pass")),
    ("backward", "only-leaves-cleared", ("node.grad = 0.0", "node.grad = node.grad if node.parents else 0.0")),
    ("backward", "leaves-not-cleared", ("node.grad = 0.0", "node.grad = 0.0 if node.parents else node.grad")),
    ("arithmetic", "reversed-difference", ("as_node(other) - self", "self - as_node(other)")),
    ("arithmetic", "reversed-quotient", ("as_node(other) / self", "self / as_node(other)")),
    (
        *("arithmetic", "minus-passes-on"),
        (
            "return self + as_node(other) * -1.0",
            "other = as_node(other)\n    return Value(self.data - other.data, (self, other), (1.0, 1.0))",
        ),
    ),
    ("arithmetic", "negative-passes-on", ("return self * -1.0", "return Value(-self.data, (self,), (1.0,))")),
    ("arithmetic", "denominator-forgotten", (DIVIDE, "return self * (1 / as_node(other).data)")),
    ("arithmetic", "reciprocal-sign", quotient("1 / other.data", "self.data / other.data**2")),
    ("arithmetic", "reciprocal-not-squared", quotient("1 / other.data", "-self.data / other.data")),
    ("arithmetic", "slopes-of-a-product", quotient("other.data", "self.data")),
    ("arithmetic", "numerator-lost", quotient("1 / other.data", "-1 / other.data**2")),
    ("arithmetic", "quotient-is-product", (DIVIDE, "return self * as_node(other)")),
    ("dual", "dots-multiplied", (DOT, "self.dot * other.dot")),
    ("dual", "own-operand", (DOT, "self.dot * self.data + other.dot * other.data")),
    ("dual", "first-factor-only", (DOT, "self.dot * other.data")),
    ("dual", "second-factor-only", (DOT, "self.data * other.dot")),
    ("dual", "product-of-a-sum", (DOT, "self.dot + other.dot")),
    ("dual", "first-summand-only", ("self.dot + other.dot", "self.dot")),
    ("dual", "second-summand-only", ("self.dot + other.dot", "other.dot")),
    ("dual", "sum-subtracted", ("self.dot + other.dot", "self.dot - other.dot")),
    ("dual", "terms-subtracted", (DOT, "self.dot * other.data - self.data * other.dot")),
    ("dual", "sum-of-slopes", ("self.dot + other.dot", "2.0")),
    ("dual", "speeds-forgotten", ("self.dot + other.dot", "0.0")),
    ("dual", "slope-without-speed", ("(1 - value**2) * self.dot", "1 - value**2")),
    ("dual", "speed-without-slope", ("(1 - value**2) * self.dot", "self.dot")),
    ("dual", "slope-of-z", ("(1 - value**2) * self.dot", "(1 - self.data**2) * self.dot")),
    ("dual", "tanh-of-speed", ("(1 - value**2) * self.dot", "np.tanh(self.dot)")),
    ("array_engine", "all-still-zero", ("self.grad = np.ones_like(self.data)", "pass")),
    ("array_engine", "overwrite", ("parent.grad + contribution", "contribution")),
    ("array_engine", "first-operand-only", (ALL_OPERANDS, "zip(node.parents[:1], node.contributions())")),
    ("array_engine", "last-operand-only", (ALL_OPERANDS, f"list({ALL_OPERANDS})[-1:]")),
    ("array_engine", "shared-out", ("+ contribution", "+ contribution / len(node.parents)")),
    ("array_engine", "not-cleared", ("node.grad = np.zeros_like(node.data)", "pass")),
    ("array_engine", "only-leaves-cleared", ("np.zeros_like(node.data)", "node.grad if node.parents else np.zeros_like(node.data)")),
    ("array_engine", "leaves-not-cleared", ("np.zeros_like(node.data)", "np.zeros_like(node.data) if node.parents else node.grad")),
]


@cache
def cells(lesson: Path | None = None) -> dict[str, str]:
    """The reference's code that defines things, by the cell's
    name, in order: answers, and what the lesson gives.
    """
    path = lesson or next(path for path in lesson_paths() if path.stem == "06_autodiff_engine")
    code = [cell for cell in source_notebook(path).cells if cell.cell_type == "code" and ".check(" not in cell.source]
    return {cell.id: solved(cell.source) for cell in code if "def " in cell.source}


def flawed(exercise: str, mistake: str) -> str:
    """The answer cell of someone who makes that mistake."""
    text = cells()[f"{exercise}-answer"]
    (changes,) = [rest for name, id, *rest in CHANGES if (name, id) == (exercise, mistake)]
    for before, after in changes:
        if text.count(before) != 1:
            raise ValueError(f"{exercise}, {mistake}: {before!r} is there {text.count(before)} times")
        text = text.replace(before, after)
    return text
