"""Lesson 03, Computation graphs: logistic regression,
a ReLU neuron, what PyTorch does, any graph at all.
"""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np

from ..autodiff.lazy import torch
from ..autodiff.misdirect import with_slope
from ..exercise import Exercise, Mistake, Prediction, SlipPlaces
from ..questions.sampling import Rng, between_zero_and_one, positive, signed
from . import lesson

OTHER_OPERAND = "A multiply node hands each input the OTHER input's value. "


# --- quick questions from lessons 01 and 02 -------------------------------------------------------


def _recall_03(node: Any, b: Any, z: Any, c: Any) -> None:
    w = torch.tensor(0.2, dtype=torch.float64)
    p = node("p", 0.4 * (1.5 * w + b))
    yhat = node("yhat", torch.sigmoid(z))
    q = node("q", -torch.log(yhat))
    r = node("r", ((torch.tensor([1.5, -1.0], dtype=torch.float64) - c) ** 2).sum())
    node("total", p + q + r)


recall_03 = Prediction(
    name="recall_03",
    asks=("dp_db", "dq_dz", "dr_dc"),
    forward=_recall_03,
    sample=lambda rng: {"b": 0.1, "z": float(np.log(7.0 / 3.0)), "c": 1.0},
    rtol=1e-3,
    points=0,
    hints=(
        "How do the derivatives for a bias and for its weight differ? Which loss follows the sigmoid? How many points are there?",
        r"$\dfrac{\partial p}{\partial w} = \delta\cdot 1.5$ and $\dfrac{\partial p}{\partial b} = \delta$; "
        r"for a sigmoid with the log loss $\dfrac{dq}{dz} = \hat y - y$; $\dfrac{dr}{dc}$ is a sum over the points.",
        "The first: which number times 1.5 is 0.6? The second is negative, because the prediction is too low. The third adds "
        "`-2 * residual` for the residuals 0.5 and -2.",
    ),
    mistakes=(
        Mistake(
            "bias-equals-weight",
            "Question 1: The derivatives for a weight and for its bias are equal only where the input is 1.",
            dp_db=lambda v: 0.6,
        ),
        Mistake(
            "multiplied-by-input",
            "Question 1: You have multiplied by the input once more. The input is a factor for the weight, not for the bias.",
            dp_db=lambda v: 0.9,
        ),
        Mistake(
            "reversed-residual",
            "Question 2: The prediction is below the target, so a larger z gives a smaller loss. Look at the sign.",
            dq_dz=lambda v: 0.3,
        ),
        Mistake(
            "slope-twice",
            "Question 2: The difference contains the sigmoid's derivative already. Yours has it once more.",
            dq_dz=lambda v: -0.3 * 0.21,
        ),
        Mistake(
            "stopped-at-yhat",
            "Question 2: That is the derivative with respect to the prediction. The derivative of the sigmoid is a factor too.",
            dq_dz=lambda v: -1 / 0.7,
        ),
        Mistake(
            "residual-sign", "Question 3: The prediction has a minus sign in the residual, and that -1 is a factor.", dr_dc=lambda v: -3.0
        ),
        Mistake("lost-factor-two", "Question 3: The derivative of a square has a factor 2. Yours lacks it.", dr_dc=lambda v: 1.5),
        Mistake("one-sample", "Question 3: Both points contribute. Yours has only the first.", dr_dc=lambda v: -1.0),
    ),
)


# --- add and multiply -----------------------------------------------------------------------------


def _add_and_multiply(node: Any, u: Any, v: Any, w: Any, dL_ds: Any) -> None:
    p = node("p", u * v)
    s = node("s", p + w)
    node("L", dL_ds * s)


add_and_multiply = Exercise(
    name="add_and_multiply",
    asks=("dL_dp", "dL_dw", "dL_du", "dL_dv"),
    forward=_add_and_multiply,
    sample=lambda rng: {name: signed(rng) for name in ("u", "v", "w", "dL_ds")},
    points=4,
    hints=(
        "If p grows by a bit, by how much does s = p + w grow? Does it matter that w is there too?",
        r"$\dfrac{\partial s}{\partial p} = 1$ and $\dfrac{\partial p}{\partial u} = v$. Each is multiplied by the upstream gradient.",
        "`dL_dp` and `dL_dw` are both `dL_ds` times 1. `dL_du` is `dL_dp` times one of the two factors of p. Which one?",
    ),
    mistakes=(
        Mistake(
            "own-operand",
            OTHER_OPERAND + "Yours gets its own.",
            dL_du=lambda v: v.dL_dp * v.u,
            dL_dv=lambda v: v.dL_dp * v.v,
        ),
        Mistake(
            "pass-through-multiply",
            "Only an add node passes the gradient on as it is. This is a multiply node.",
            dL_du=lambda v: v.dL_dp,
            dL_dv=lambda v: v.dL_dp,
        ),
    ),
)


def _at_the_add(node: Any, p1: Any, p2: Any, b: Any) -> None:
    z = node("z", p1 + p2 + b)
    node("L", -0.6 * z)


at_the_add = Prediction(
    name="at_the_add",
    asks=("dL_dp1",),
    forward=_at_the_add,
    sample=lambda rng: {"p1": -6.0, "p2": 7.5, "b": -1.0},
    rtol=1e-3,
    points=1,
    hints=(
        "If p1 grows by 0.001 and the others stay, by how much does z grow?",
        r"$\dfrac{\partial L}{\partial p_1} = \dfrac{\partial L}{\partial z}\cdot\dfrac{\partial z}{\partial p_1}$.",
        "The result is the upstream gradient times a local derivative. Is that local derivative 1, 1/3 or -6?",
    ),
    mistakes=(
        Mistake(
            "figures-number",
            "That is the number of the figure. Here another upstream gradient is given.",
            dL_dp1=lambda v: 1 / (1 + np.exp(-v.z)) - 1,
        ),
        Mistake("sign", "The sign is wrong. An add node changes nothing about the upstream gradient.", dL_dp1=lambda v: -v.dL_dz),
    ),
)


# --- logistic regression --------------------------------------------------------------------------


def _logistic(node: Any, x1: Any, x2: Any, w1: Any, w2: Any, b: Any, y: Any) -> None:
    p1 = node("p1", w1 * x1)
    p2 = node("p2", w2 * x2)
    z = node("z", p1 + p2 + b)
    yhat = node("yhat", torch.sigmoid(z))
    node("L", -(y * torch.log(yhat) + (1 - y) * torch.log(1 - yhat)))


logistic_graph = Exercise(
    name="logistic_graph",
    asks=("dL_dyhat", "dL_dz", "dL_dw1", "dL_dw2", "dL_db"),
    forward=_logistic,
    sample=lambda rng: {name: signed(rng) for name in ("x1", "x2", "w1", "w2", "b")} | {"y": between_zero_and_one(rng)},
    points=5,
    hints=(
        "Start at the right end of the graph. Which node comes just before L, and what is the derivative of L with respect to it?",
        r"$\dfrac{\partial L}{\partial z} = \dfrac{\partial L}{\partial\hat y}\cdot\hat y(1-\hat y)$. "
        "Then an add node, then two multiply nodes.",
        "`dL_dyhat` has a term with `y / yhat` and a term with `(1 - y) / (1 - yhat)`: which of them is negative? The add node passes "
        "`dL_dz` on to three inputs. At each multiply node the weight gets `dL_dz` times the other factor.",
    ),
    mistakes=(
        Mistake(
            "log-loss-sign",
            "The two terms have opposite signs: the derivative of the inner function 1 - yhat is -1.",
            dL_dyhat=lambda v: -v.y / v.yhat - (1 - v.y) / (1 - v.yhat),
        ),
        Mistake(
            "dropped-negative-class",
            "The log loss has a second term, for targets below 1. Its derivative is missing.",
            dL_dyhat=lambda v: -v.y / v.yhat,
        ),
        Mistake(
            "target-one-only",
            "That is right for the target 1 only. For other targets both terms of the loss contribute.",
            dL_dyhat=lambda v: -1 / v.yhat,
        ),
        Mistake(
            "wrong-loss-at-output",
            "That is the derivative of a squared error. This loss is a log loss.",
            dL_dyhat=lambda v: 2 * (v.yhat - v.y),
        ),
        Mistake(
            "loss-slope-sign", "The sign is wrong: the log loss has a minus sign in front of both terms.", dL_dyhat=lambda v: -v.dL_dyhat
        ),
        Mistake(
            "no-activation-slope",
            "A sigmoid leads from z to yhat. Its derivative is a factor, and yours lacks it.",
            dL_dz=lambda v: v.dL_dyhat,
        ),
        Mistake(
            "slope-of-z",
            "The derivative of the sigmoid is its VALUE times one minus its value. Yours uses z in place of the value.",
            dL_dz=lambda v: v.dL_dyhat * v.z * (1 - v.z),
        ),
        Mistake(
            "lost-upstream-at-sigmoid",
            "That is the derivative of the sigmoid alone. The upstream gradient is a factor too.",
            dL_dz=lambda v: v.yhat * (1 - v.yhat),
        ),
        Mistake(
            "reversed-residual",
            "The difference has the wrong sign: where the prediction is above the target, a larger z gives a larger loss.",
            dL_dz=lambda v: v.y - v.yhat,
        ),
        Mistake(
            "slope-twice",
            "The difference yhat - y contains the sigmoid's derivative already. Yours has that factor a second time.",
            dL_dz=lambda v: (v.yhat - v.y) * v.yhat * (1 - v.yhat),
        ),
        Mistake(
            "wrong-loss",
            "That is right for a squared error, and this loss is a log loss.",
            dL_dz=lambda v: 2 * (v.yhat - v.y) * v.yhat * (1 - v.yhat),
        ),
        Mistake(
            "own-operand",
            OTHER_OPERAND + "Yours look multiplied by the weight itself.",
            dL_dw1=lambda v: v.dL_dz * v.w1,
            dL_dw2=lambda v: v.dL_dz * v.w2,
        ),
        Mistake(
            "lost-upstream",
            "That is the local derivative alone. The upstream gradient is a factor too.",
            dL_dw1=lambda v: v.x1,
            dL_dw2=lambda v: v.x2,
        ),
        Mistake(
            "split-at-add",
            "An add node does not divide the gradient among its inputs: each gets the whole of it.",
            dL_dw1=lambda v: v.dL_dz / 3 * v.x1,
            dL_dw2=lambda v: v.dL_dz / 3 * v.x2,
            dL_db=lambda v: v.dL_dz / 3,
        ),
        Mistake(
            "accumulated-twice",
            "The derivatives for the parameters are twice the right values. Is something added twice?",
            dL_dw1=lambda v: 2 * v.dL_dw1,
            dL_dw2=lambda v: 2 * v.dL_dw2,
            dL_db=lambda v: 2 * v.dL_db,
        ),
        Mistake(
            "inputs-confused", "The second weight is multiplied by the second input. Yours uses the first.", dL_dw2=lambda v: v.dL_dz * v.x1
        ),
        Mistake("bias-times-bias", "The bias is only added: its own value does not matter.", dL_db=lambda v: v.dL_dz * v.b),
        Mistake(
            "lost-upstream-at-bias",
            "That is the local derivative of z alone. The upstream gradient, the derivative of L with respect to z, is a factor too.",
            dL_db=lambda v: 1.0,
        ),
        Mistake(
            "short-form-too-early",
            "yhat - y is the derivative with respect to z, where the sigmoid's derivative has cancelled. It is not the one for yhat.",
            dL_dyhat=lambda v: v.yhat - v.y,
        ),
    ),
)


# --- a ReLU neuron --------------------------------------------------------------------------------


def _relu_neuron(node: Any, x: Any, w: Any, b: Any, dL_da: Any) -> None:
    z = node("z", (x * w).sum() + b)
    a = node("a", torch.relu(z))
    node("L", dL_da * a)


def _sample_neuron(rng: Rng) -> dict[str, Any]:
    """A neuron; in half of all cases the bias outweighs the weighted sum of the inputs."""
    inputs = int(rng.integers(3, 6))
    x, w = signed(rng, size=inputs), signed(rng, size=inputs)
    b = float(np.round(-positive(rng, 1.2, 1.9) * (x * w).sum(), 2)) if rng.integers(2) else signed(rng)
    return {"x": x, "w": w, "b": b, "dL_da": signed(rng, 0.5, 2.5)}


# Regimes are told by the inputs alone: most inputs that are drawn are of another one.


def _gate(v: SimpleNamespace) -> bool:
    """Whether z is positive."""
    return bool((v.x * v.w).sum() + v.b > 0)


def _bias_decides(v: SimpleNamespace) -> bool:
    """Whether z has another sign than it would have without the bias."""
    return _gate(v) != ((v.x * v.w).sum() > 0)


def _needs(name: str) -> Callable[[SimpleNamespace], bool]:
    """Whether z has another sign than it would have if all inputs, or all weights, were 1."""
    other = {"x": "w", "w": "x"}[name]
    return lambda v: _gate(v) != (getattr(v, other).sum() + v.b > 0)


_needs_inputs, _needs_weights = _needs("x"), _needs("w")


relu_neuron = Exercise(
    name="relu_neuron",
    asks=("dL_dz", "dL_dx", "dL_dw", "dL_db"),
    forward=_relu_neuron,
    sample=_sample_neuron,
    regimes=(
        lambda v: v.dL_da > 0 and _gate(v) and _bias_decides(v),
        lambda v: v.dL_da > 0 and not _gate(v) and not _bias_decides(v) and _needs_inputs(v),
        lambda v: v.dL_da < 0 and _gate(v) and not _bias_decides(v) and _needs_weights(v),
        lambda v: v.dL_da < 0 and not _gate(v) and _bias_decides(v),
        lambda v: v.dL_da > 0 and _gate(v) and not _bias_decides(v) and _needs_inputs(v),
        lambda v: v.dL_da < 0 and not _gate(v) and not _bias_decides(v) and _needs_weights(v),
    ),
    points=4,
    hints=(
        "How does a change a little if z is negative and changes a little? And if z is positive?",
        r"$\dfrac{\partial L}{\partial z} = \dfrac{\partial L}{\partial a}\cdot[z > 0]$, where $[z > 0]$ is 1 if $z > 0$ and 0 if "
        r"not. Then $\dfrac{\partial L}{\partial x_i} = "
        r"\dfrac{\partial L}{\partial z}\,w_i$.",
        "`dL_dz` is `dL_da` or 0. The other three are `dL_dz` times an array, times another array, and times 1. Which is which?",
    ),
    mistakes=(
        Mistake(
            "value-for-slope", "The derivative of ReLU is 1 or 0. Yours multiplies by the value of ReLU.", dL_dz=lambda v: v.dL_da * v.a
        ),
        Mistake(
            "swapped-operands",
            OTHER_OPERAND + "Your gradients for x and for w are swapped.",
            dL_dx=lambda v: v.dL_dz * v.x,
            dL_dw=lambda v: v.dL_dz * v.w,
        ),
    ),
)


# --- in PyTorch -----------------------------------------------------------------------------------


def _two_calls(node: Any, w: Any) -> None:
    leaf = w.detach().clone().requires_grad_()
    for _ in range(2):
        (leaf**2).backward()
    node("w_grad", leaf.grad)


two_calls = Prediction(
    name="two_calls",
    asks=("w_grad",),
    forward=_two_calls,
    sample=lambda rng: {"w": 3.0},
    rtol=1e-3,
    points=1,
    hints=(
        "What does the first call leave in w.grad? Does the second call know that something is there already?",
        r"Each call computes $\dfrac{\partial L}{\partial w} = 2w$. PyTorch's documentation says that `.backward()` accumulates gradients.",
        "One call contributes `2 * 3`. What does accumulating do with the second contribution?",
    ),
    mistakes=(
        Mistake("not-accumulated", "That is what one call leaves. The second does not replace it.", w_grad=lambda v: 2 * v.w),
        Mistake("squared", "The second call adds. It does not multiply.", w_grad=lambda v: (2 * v.w) ** 2),
        Mistake("value-for-slope", "That is the value of L. What is asked is its derivative.", w_grad=lambda v: v.w**2),
        Mistake("values-added", "Those are two values of L. What is asked is its derivative.", w_grad=lambda v: 2 * v.w**2),
        Mistake(
            "second-derivative",
            "The second call does not differentiate again. It runs the same backward pass once more.",
            w_grad=lambda v: 2.0,
        ),
    ),
)


# --- numerics -------------------------------------------------------------------------------------


def _stable_log_loss(node: Any, z: Any, y: Any) -> None:
    node("L", torch.logaddexp(torch.zeros_like(z), z) - y * z)


def _sample_logits(rng: Rng) -> dict[str, Any]:
    magnitude = rng.choice([rng.uniform(0.5, 6.0), rng.uniform(45.0, 80.0), rng.uniform(750.0, 900.0)])
    return {"z": round(float(magnitude), 2) * float(rng.choice([-1, 1])), "y": between_zero_and_one(rng)}


def _sigmoid(z: Any) -> Any:
    return 1 / (1 + np.exp(-z))


def _log_loss_of_sigmoid(v: SimpleNamespace) -> Any:
    yhat = _sigmoid(np.float64(v.z))
    return -(v.y * np.log(yhat) + (1 - v.y) * np.log(1 - yhat))


def _log_loss_clamped(v: SimpleNamespace) -> Any:
    yhat = _sigmoid(np.float64(v.z))
    return -(v.y * max(np.log(yhat), -100.0) + (1 - v.y) * max(np.log(1 - yhat), -100.0))


stable_log_loss = Exercise(
    name="stable_log_loss",
    asks=("L", "dL_dz"),
    forward=_stable_log_loss,
    sample=_sample_logits,
    regimes=(lambda v: 40 < v.z < 700, lambda v: v.z < -700, lambda v: v.z > 700, lambda v: abs(v.z) < 40),
    points=4,
    hints=(
        "Which intermediate number becomes too large for float64, or so close to 1 that it is rounded to 1?",
        r"$L = \log(e^0 + e^z) - y z$ and $\sigma(z) = \dfrac{e^z}{e^0 + e^z} = e^{-\log(e^0 + e^{-z})}$. "
        "`np.logaddexp` computes the logarithm of a sum of two exponentials without computing the exponentials.",
        "The first term is `np.logaddexp` of two numbers; one of them is `z`. The derivative is the sigmoid of `z` minus `y`. "
        "Which of the two forms of the sigmoid in hint 2 cannot become infinity divided by infinity?",
    ),
    mistakes=(
        Mistake(
            "saturated",
            "Far from 0 the sigmoid rounds to exactly 0 or 1, and the logarithm of 0 is infinite. "
            "Compute the loss from z, without the sigmoid.",
            L=_log_loss_of_sigmoid,
        ),
        Mistake(
            "overflow",
            "The exponential of a large z is too large for float64. The statement names a function that computes the logarithm of a sum "
            "of exponentials without them.",
            L=lambda v: np.log(1 + np.exp(np.float64(v.z))) - v.y * v.z,
        ),
        Mistake(
            "clamped-log",
            "With the logarithm cut off at -100 the loss is finite, but it no longer grows with z, and the true loss does.",
            L=_log_loss_clamped,
        ),
        Mistake(
            "dropped-negative-class",
            "The log loss has a second term, for targets below 1. Yours has the first only.",
            L=lambda v: v.y * np.logaddexp(0, -v.z),
        ),
        Mistake("turned-target-term", "The term with the target has the wrong sign.", L=lambda v: np.logaddexp(0, v.z) + v.y * v.z),
        Mistake(
            "reversed-residual",
            "The difference has the wrong sign: where the prediction is above the target, a larger z gives a larger loss.",
            dL_dz=lambda v: -v.dL_dz,
        ),
        Mistake("wrong-loss", "The factor two belongs to a squared error. This loss is a log loss.", dL_dz=lambda v: 2 * v.dL_dz),
        Mistake(
            "sigmoid-overflow",
            "Something in your gradient overflows for a very large z. Which exponential becomes too large there?",
            dL_dz=lambda v: np.exp(np.float64(v.z)) / (1 + np.exp(np.float64(v.z))) - v.y,
        ),
        Mistake(
            "slope-twice",
            "The difference contains the sigmoid's derivative already. Yours has that factor a second time.",
            dL_dz=lambda v: v.dL_dz * np.exp(-np.logaddexp(0, -v.z) - np.logaddexp(0, v.z)),
        ),
    ),
)


# --- any graph ------------------------------------------------------------------------------------

BY_NUMBER = "An operation names its operands by their numbers. "
Operation = tuple[Any, ...]


def _run(values: Any, ops: list[Operation], multiply: Any = None, add: Any = None, bend: Any = None) -> list[Any]:
    """All nodes of the graph: the inputs, then one node an operation."""
    nodes = list(values)
    for name, *operands in ops:
        chosen = [nodes[k] for k in operands]
        if name == "add":
            nodes.append((add or (lambda a, b: a + b))(*chosen))
        elif name == "mul":
            nodes.append((multiply or (lambda a, b: a * b))(*chosen))
        else:
            nodes.append((bend or torch.tanh)(*chosen))
    return nodes


def _graph_values(node: Any, values: Any, ops: list[Operation]) -> None:
    node("nodes", torch.stack(_run(values, ops)))


def _graph_values_without_tanh(node: Any, values: Any, ops: list[Operation]) -> None:
    node("nodes", torch.stack(_run(values, ops, bend=lambda z: z)))


def _graph_values_added(node: Any, values: Any, ops: list[Operation]) -> None:
    node("nodes", torch.stack(_run(values, ops, multiply=lambda a, b: a + b)))


def _graph_values_of_the_first(node: Any, values: Any, ops: list[Operation]) -> None:
    node("nodes", torch.stack(_run(values, ops, multiply=lambda a, b: a * a, add=lambda a, b: a + a)))


def _graph_values_with_the_newest(kind: str) -> Any:
    """The last operand of each operation of a kind is the newest node, whatever its number."""

    def forward(node: Any, values: Any, ops: list[Operation]) -> None:
        nodes = [len(values) + k for k in range(len(ops))]
        changed = [(*op[:-1], number - 1) if op[0] == kind else op for number, op in zip(nodes, ops)]
        node("nodes", torch.stack(_run(values, changed)))

    return forward


def _sample_graph(rng: Rng) -> dict[str, Any]:
    """Inputs and operations in which nodes are used more
    than once, one of them as both factors of a product.

    After the first tanh comes another use of its operand; the second one is not of the newest node.
    """
    inputs = int(rng.integers(3, 5))
    ops: list[Operation] = [
        ("mul", 0, 1),
        ("add", 0, 2),
        ("mul", inputs, inputs + 1),
        ("tanh", inputs + 2),
        ("mul", inputs + 2, 1),
        ("add", inputs + 3, inputs + 4),
        ("mul", inputs + 5, inputs + 5),
        ("tanh", inputs + 4),
        ("add", inputs + 7, inputs + 6),
    ]
    for _ in range(int(rng.integers(1, 4))):
        newest = inputs + len(ops) - 1
        ops.append((str(rng.choice(["add", "mul"])), newest, int(rng.integers(0, newest))))
    return {"values": signed(rng, 0.4, 1.4, size=inputs), "ops": ops}


graph_forward = Exercise(
    name="graph_forward",
    asks=("nodes",),
    forward=_graph_values,
    sample=_sample_graph,
    points=2,
    hints=(
        "When you come to an operation, which of its operands are known already?",
        "Every operation uses earlier nodes only, so one pass through the list, from its beginning, is enough.",
        "Start with `nodes = list(values)`. For each operation append one number: a sum, "
        "a product or `np.tanh` of nodes that are in the list already.",
    ),
    mistakes=(
        Mistake("no-tanh", "Your tanh nodes return their input unchanged.", program=_graph_values_without_tanh),
        Mistake("multiply-adds", "Your multiply nodes add.", program=_graph_values_added),
        Mistake("newest-node", BY_NUMBER + "Your tanh takes the newest node.", program=_graph_values_with_the_newest("tanh")),
        Mistake("newest-factor", BY_NUMBER + "Your products take the newest node.", program=_graph_values_with_the_newest("mul")),
        Mistake("newest-term", BY_NUMBER + "Your sums take the newest node.", program=_graph_values_with_the_newest("add")),
        Mistake("first-operand-twice", "Your sums and products use their first operand twice.", program=_graph_values_of_the_first),
        Mistake(
            "inputs-at-the-end",
            "The numbers are right. The list begins with the inputs, and yours ends with them.",
            nodes=lambda v: np.concatenate([v.nodes[len(v.values) :], v.values]),
        ),
        Mistake("inputs-left-out", "The inputs are nodes as well: the list begins with them.", nodes=lambda v: v.nodes[len(v.values) :]),
        Mistake("last-node-only", "That is the last node. All of them are asked for, in order.", nodes=lambda v: v.nodes[-1]),
    ),
)


def _graph_output(node: Any, values: Any, ops: list[Operation]) -> None:
    node("L", _run(values, ops)[-1])


def _same_node_once(node: Any, values: Any, ops: list[Operation]) -> None:
    """Where one node is both operands, only one of the two contributions arrives."""

    def first_lost(operation: Any) -> Any:
        return lambda a, b: operation(a.detach() if a is b else a, b)

    node("L", _run(values, ops, multiply=first_lost(lambda a, b: a * b), add=first_lost(lambda a, b: a + b))[-1])


def _split_at_add(node: Any, values: Any, ops: list[Operation]) -> None:
    node("L", _run(values, ops, add=lambda a, b: with_slope(a + b, a + b, 0.5))[-1])


def _forward_order(node: Any, values: Any, ops: list[Operation]) -> None:
    """The gradients if nodes are visited in forward order:
    all but the last pass on a gradient that has not arrived.
    """
    before = [value if k < len(values) else value.detach() for k, value in enumerate(_run(values, ops[:-1]))]
    name, *operands = ops[-1]
    node("L", _run(before, [(name, *operands)])[-1] + 0 * values.sum())


graph_backward = Exercise(
    name="graph_backward",
    asks=("dL_dvalues",),
    forward=_graph_output,
    sample=_sample_graph,
    slips_at=SlipPlaces.ALL,
    points=5,
    hints=(
        "Which node's derivative is known from the beginning? And which node can be processed next?",
        r"Go through the operations from the last to the first. A node that is used $n$ times gets $n$ contributions: $\mathit{grad}_k "
        r"\mathrel{+}= \mathit{grad}_{out}\cdot"
        r"\dfrac{\partial\,\mathit{out}}{\partial\,\mathit{node}_k}$.",
        "Forward first, as in the exercise before. Then `grad = [0.0] * len(nodes)` and `grad[-1] = 1.0`. "
        "For `k` from the last operation to the first: its node is `out = len(values) + k`. With `+=`, add to the entry of each operand "
        "`grad[out]` times the local derivative. What is that for each of the three operations?",
    ),
    mistakes=(
        Mistake(
            "begins-with-its-value",
            "The backward pass begins with the derivative of the output with respect to itself. Yours begins with its value.",
            dL_dvalues=lambda v: v.L * v.dL_dvalues,
        ),
        Mistake(
            "split-at-add", "An add node does not divide the gradient among its operands: each gets the whole of it.", program=_split_at_add
        ),
        Mistake(
            "forward-order",
            "You use the gradient of a node before it is complete. Go from the output to the inputs.",
            program=_forward_order,
        ),
        Mistake(
            "same-node-once",
            "Where one node is both operands of an operation, it gets two contributions. One of yours is lost.",
            program=_same_node_once,
        ),
        Mistake(
            "accumulated-twice",
            "All entries are twice the right values. Is something added twice?",
            dL_dvalues=lambda v: 2 * v.dL_dvalues,
        ),
    ),
)

EXERCISES, __getattr__ = lesson(globals())
