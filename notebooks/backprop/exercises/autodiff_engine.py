"""Lesson 06, Build an autodiff engine: nodes that remember, order, `backward()`, forward mode;
an engine for arrays.

The exercises on arrays are declared in `arrays`.
"""

import numbers
from collections.abc import Callable, Sequence
from functools import partial
from types import SimpleNamespace
from typing import Any

import numpy as np

from ..autodiff.lazy import torch
from ..autodiff.misdirect import product_with, with_slope
from ..exercise import Exercise, Mistake, Prediction, SlipPlaces
from ..helping.interactive import show
from ..questions.sampling import Rng, positive, signed
from ..translation import N_
from . import lesson
from .arrays.broadcasting import jacobian_size, multiply_rule, unbroadcast
from .arrays.curvature import directional_check, evaluations, hessian_vector
from .arrays.engine import array_engine, train_tensors
from .arrays.recall import recall_arrays
from .arrays.rules import index_rule, matmul_rule, max_rule, sum_rule
from .support.engines import Edges, build, each_in_turn, made, number, once_built, refuse, slope_along_paths

__all__ = ["EXERCISES", "build", "draw_graph", "once_built"]

Array = np.ndarray
OTHER_OPERAND = "A product hands each factor the OTHER factor's value. "


def draw_graph(output: Any, **names: Any) -> None:
    """Show the graph that ends in `output`, a node of
    your engine; draw_graph(L, w=w) labels w's node.
    """
    from ..drawing.engine_graph import draw_graph

    show(draw_graph(output, **names))


# --- quick questions from the lessons before ------------------------------------------------------


def _recall_06(node: Any) -> None:
    u, v = (torch.tensor(value, dtype=torch.float64, requires_grad=True) for value in (2.0, 5.0))
    node("dL_du", torch.autograd.grad(u * v + u, u)[0])
    X, b = torch.ones((32, 4), dtype=torch.float64), torch.zeros(3, dtype=torch.float64, requires_grad=True)
    Z = X @ torch.ones((4, 3), dtype=torch.float64) + b
    node("terms_in_dL_db", torch.autograd.grad(Z.sum(), b)[0][0])
    layers = [torch.ones(shape, dtype=torch.float64) for shape in ((1, 3), (3, 3), (3, 1))]
    node("paths", torch.linalg.multi_dot(layers)[0, 0])


recall_06 = Prediction(
    name="recall_06",
    asks=("dL_du", "terms_in_dL_db", "paths"),
    forward=_recall_06,
    sample=lambda rng: {},
    rtol=1e-3,
    points=0,
    hints=(
        "Question 1: how often is u used? Question 2: who shares a bias? Question 3: how many choices are there in each hidden layer?",
        r"1: $\frac{\partial L}{\partial u} = v + 1$. 2: $\frac{\partial L}{\partial b_k} = \sum_n \frac{\partial L}{\partial z_{nk}}$. "
        "3: the numbers of units are multiplied.",
        "1: `5 + 1`. 2: one term for each example. 3: `3 * 3`.",
    ),
    mistakes=(
        Mistake("product-only", "Question 1: u is used in the product and in the sum. Yours has the product only.", dL_du=lambda v: 5.0),
        Mistake("own-operand", "Question 1: a product passes to each factor the value of the other factor.", dL_du=lambda v: 3.0),
        Mistake("units-counted", "Question 2: each unit has its own bias. Which axis shares it?", terms_in_dL_db=lambda v: 3.0),
        Mistake("inputs-counted", "Question 2: the inputs meet the weights, not the biases.", terms_in_dL_db=lambda v: 4.0),
        Mistake("units-added", "Question 3: a path takes one unit of each layer, so the choices multiply.", paths=lambda v: 6.0),
    ),
)


# --- the node -------------------------------------------------------------------------------------


def _nodes_and_edges(node: Any) -> None:
    made_from = {"q": ["x", "x"], "s": ["q", "x"], "L": ["s", "c"]}
    names = {name for child, parents in made_from.items() for name in (child, *parents)}
    node("nodes", torch.tensor(float(len(names))))
    node("edges", torch.tensor(float(sum(len(parents) for parents in made_from.values()))))


nodes_and_edges = Prediction(
    name="nodes_and_edges",
    asks=("nodes", "edges"),
    forward=_nodes_and_edges,
    sample=lambda rng: {},
    points=1,
    hints=(
        "Draw it. How often do you have to draw x, if x is one node? And how many arrows leave it?",
        "Each of the three operations makes one node, and each has two operands, so two arrows lead into its node.",
        "The nodes are x, c, q, s and L. The edges are two for each operation, also where both begin at the same node.",
    ),
    mistakes=(
        Mistake("a-node-for-each-use", "x is one node, however often it is used.", nodes=lambda v: 8.0),
        Mistake("constant-left-out", "The constant is a number in the graph like any other, so it is a node.", nodes=lambda v: 4.0),
        Mistake("operations-only", "Those are the operations. What they begin with is in the graph too.", nodes=lambda v: 3.0),
        Mistake(
            "double-edge-once",
            "The first operation uses x twice. These are two edges, and each contributes a term.",
            edges=lambda v: 5.0,
        ),
        Mistake("edges-of-a-chain", "Every operation here has two operands, and an edge comes from each of them.", edges=lambda v: 3.0),
    ),
)


def _node(node: Any, data: Any, slopes: Any, g: Any) -> None:
    node("grad", 0 + g)


def _use_node(Value: Any, data: float, slopes: Array, g: float) -> tuple[Any, ...]:
    u, v = Value(data + 1.0), Value(data - 1.0)
    made_of = Value(data, (u, v), tuple(slopes.tolist()))
    on_edges = [slope_along_paths(made_of, parent) for parent in (u, v)]
    made_of.grad = number(made_of, "grad", N_("a new node")) + g
    return number(made_of, "data", N_("a node")), on_edges, number(made_of, "grad", N_("a node"))


node = Exercise(
    name="node",
    asks=("data", "slopes", "grad"),
    subject="Value",
    use=_use_node,
    forward=_node,
    sample=lambda rng: {"data": signed(rng), "slopes": signed(rng, size=2), "g": signed(rng)},
    points=3,
    hints=(
        "What will somebody who walks back through the graph want to know of this node?",
        "Four things: its number, its parents, the derivative on the edge from each of them, "
        "and a gradient to which nothing has been added yet.",
        "`self.data = data`, and the same for `parents` and `slopes`. Which number changes nothing when something is added to it? "
        "Put that into `self.grad`.",
    ),
    mistakes=(
        Mistake(
            "grad-starts-at-one",
            "The gradient is a sum to which terms are added later. What is the sum before the first term?",
            grad=lambda v: v.g + 1,
        ),
        Mistake(
            "grad-starts-at-data",
            "A node's gradient has nothing to do with its value. Nothing has arrived at it yet.",
            grad=lambda v: v.g + v.data,
        ),
        Mistake("edges-forgotten", "The node does not remember what it was made from.", slopes=lambda v: np.zeros(2)),
        Mistake(
            "slopes-all-one", "The argument slopes has to be stored as it is. Yours stores other numbers.", slopes=lambda v: np.ones(2)
        ),
        Mistake(
            "slopes-exchanged",
            "Parents and derivatives belong together in the order in which they are given.",
            slopes=lambda v: v.slopes[::-1].copy(),
        ),
        Mistake("data-lost", "The node does not keep its own value.", data=lambda v: 0.0),
    ),
)


# --- operations -----------------------------------------------------------------------------------


def _sums_and_products(node: Any, u: Any, v: Any, c: Any) -> None:
    s = node("s", u + v)
    p = node("p", u * v)
    q = node("q", u * u)
    r = node("r", u * c)
    node("L", s + p + q + r)


def _use_sums_and_products(Value: Any, u: float, v: float, c: float) -> tuple[Any, ...]:
    a, b = Value(u), Value(v)
    return each_in_turn(
        lambda: number(made(a + b, "u + v"), "data", "u + v"),
        lambda: slope_along_paths(made(a + b, "u + v"), a),
        lambda: slope_along_paths(made(a + b, "u + v"), b),
        lambda: number(made(a * b, "u * v"), "data", "u * v"),
        lambda: slope_along_paths(made(a * b, "u * v"), a),
        lambda: slope_along_paths(made(a * b, "u * v"), b),
        lambda: slope_along_paths(made(a * a, "u * u"), a),
        lambda: slope_along_paths(made(a * c, N_("u times a plain number")), a),
    )


sums_and_products = Exercise(
    name="sums_and_products",
    asks=("s", "ds_du", "ds_dv", "p", "dp_du", "dp_dv", "dq_du", "dr_du"),
    subject="Value",
    use=_use_sums_and_products,
    forward=_sums_and_products,
    sample=lambda rng: {"u": signed(rng), "v": signed(rng), "c": signed(rng)},
    points=4,
    hints=(
        "If one summand grows by a bit, by how much does the sum grow? And a product, when one factor grows?",
        r"$\dfrac{\partial(u + v)}{\partial u} = 1$ and $\dfrac{\partial(uv)}{\partial u} = v$. These are numbers when the node is made.",
        "`return Value(self.data + other.data, (self, other), (1.0, 1.0))` is the sum. "
        "For the product, which two numbers go into the last bracket?",
    ),
    mistakes=(
        Mistake(
            "own-operand",
            OTHER_OPERAND + "In yours each gets its own.",
            dp_du=lambda v: v.u,
            dp_dv=lambda v: v.v,
            dr_du=lambda v: v.u,
        ),
        Mistake(
            "second-summand-left-out",
            "Both operands of a sum are parents of the new node. Yours has the first only.",
            ds_dv=lambda v: 0.0,
        ),
        Mistake(
            "second-factor-left-out",
            "Both operands of a product are parents of the new node. Yours has the first only.",
            dp_dv=lambda v: 0.0,
            dq_du=lambda v: v.u,
        ),
        Mistake(
            "product-slopes-of-a-sum",
            "Those are the local derivatives of a sum. What is the derivative of a product with respect to one of its factors?",
            dp_du=lambda v: 1.0,
            dp_dv=lambda v: 1.0,
            dq_du=lambda v: 2.0,
            dr_du=lambda v: 1.0,
        ),
        Mistake(
            "value-for-slope",
            "The local derivatives of a product are stored. Yours stores the product itself.",
            dp_du=lambda v: v.p,
            dp_dv=lambda v: v.p,
            dq_du=lambda v: 2 * v.q,
            dr_du=lambda v: v.r,
        ),
        Mistake(
            "operands-for-slopes",
            "The local derivatives of a sum are stored. Yours stores the values of its terms.",
            ds_du=lambda v: v.u,
            ds_dv=lambda v: v.v,
        ),
        Mistake(
            "split-at-add",
            "A sum does not divide its gradient: the local derivative with respect to each term is 1.",
            ds_du=lambda v: 0.5,
            ds_dv=lambda v: 0.5,
        ),
        Mistake("parents-forgotten", "The sum does not know what it was made from.", ds_du=lambda v: 0.0, ds_dv=lambda v: 0.0),
        Mistake(
            "product-parents-forgotten",
            "The product does not know what it was made from.",
            dp_du=lambda v: 0.0,
            dp_dv=lambda v: 0.0,
            dq_du=lambda v: 0.0,
            dr_du=lambda v: 0.0,
        ),
        Mistake(
            "same-node-once",
            "Where one node is both factors, two edges lead back to it. One of yours is lost.",
            dq_du=lambda v: v.u,
        ),
        Mistake("multiply-for-add", "Your sum multiplies.", s=lambda v: v.u * v.v),
        Mistake("add-for-multiply", "Your product adds.", p=lambda v: v.u + v.v),
    ),
)


def _bends(node: Any, z: Any, x: Any, n: int) -> None:
    power = node("power", z**n)
    exp = node("exp", torch.exp(z))
    log = node("log", torch.log(x))
    relu = node("relu", torch.relu(z))
    sigmoid = node("sigmoid", torch.sigmoid(z))
    tanh = node("tanh", torch.tanh(z))
    node("L", power + exp + log + relu + sigmoid + tanh)


def _part_of(make: Callable[[], Any], words: str, part: str) -> float:
    return number(made(make(), words), part, words)


def _slope_of(make: Callable[[], Any], words: str, leaf: Any) -> float:
    return slope_along_paths(made(make(), words), leaf)


def _use_bends(Value: Any, z: float, x: float, n: int) -> tuple[Any, ...]:
    a, b = Value(z), Value(x)
    makers: dict[str, tuple[Any, Callable[[], Any]]] = {
        "z ** n": (a, lambda: a**n),
        "z.exp()": (a, lambda: a.exp()),
        "x.log()": (b, lambda: b.log()),
        "z.relu()": (a, lambda: a.relu()),
        "z.sigmoid()": (a, lambda: a.sigmoid()),
        "z.tanh()": (a, lambda: a.tanh()),
    }
    questions: list[Callable[[], float]] = []
    for words, (leaf, make) in makers.items():
        questions += [
            partial(_part_of, make, words, "data"),
            partial(_slope_of, make, words, leaf),
        ]
    return each_in_turn(*questions)


bends = Exercise(
    name="bends",
    asks=(
        *("power", "dpower_dz", "exp", "dexp_dz", "log", "dlog_dx"),
        *("relu", "drelu_dz", "sigmoid", "dsigmoid_dz", "tanh", "dtanh_dz"),
    ),
    subject="Value",
    use=_use_bends,
    forward=_bends,
    sample=lambda rng: {"z": signed(rng, 0.4, 1.8), "x": positive(rng, 0.3, 2.6), "n": int(rng.choice([-2, -1, 2, 3, 4]))},
    regimes=(lambda v: v.z > 0, lambda v: v.z < 0),
    points=6,
    hints=(
        "You know all six derivatives from lesson 01. For which of them can you use the value that you have just computed?",
        r"$\dfrac{dz^n}{dz} = n z^{n-1}$, $\;\dfrac{de^z}{dz} = e^z$, $\;\dfrac{d\log x}{dx} = \dfrac1x$, $\;\dfrac{d\sigma}{dz} = "
        r"\sigma(1 - \sigma)$, "
        r"$\;\dfrac{d\tanh}{dz} = 1 - \tanh^2$, and ReLU has the derivative 1 where $z > 0$ and 0 elsewhere.",
        "Each is two lines. First the value: `value = np.tanh(self.data)`. "
        "Then the node: `return Value(value, (self,), (derivative,))`, the derivative made from `value` or from `self.data`. "
        "Mind the comma in `(self,)`: without it that is no tuple.",
    ),
    mistakes=(
        Mistake("exponent-not-lowered", "Differentiating a power lowers the exponent.", dpower_dz=lambda v: v.n * v.power),
        Mistake(
            "exponent-factor-lost",
            "The derivative of a power has the exponent as a factor. It is missing.",
            dpower_dz=lambda v: v.power / v.z,
        ),
        Mistake("power-is-exponent-times", "Yours multiplies by the exponent. A power multiplies by itself.", power=lambda v: v.n * v.z),
        Mistake(
            "exp-like-a-power",
            "The exponential is not a power of its argument: the argument stands in the exponent.",
            dexp_dz=lambda v: v.z * np.exp(v.z - 1),
        ),
        Mistake("exp-slope-one", "The exponential passes the gradient through as if it were not there.", dexp_dz=lambda v: 1.0),
        Mistake(
            "log-slope-of-value",
            "The derivative of the logarithm is computed from its ARGUMENT. Yours uses its value.",
            dlog_dx=lambda v: 1 / v.log,
        ),
        Mistake("log-slope-upside-down", "Far out the logarithm is flat. Yours gets steeper.", dlog_dx=lambda v: v.x),
        Mistake("log-to-base-ten", "This logarithm is the natural one.", log=lambda v: np.log10(v.x)),
        Mistake("no-gate", "ReLU lets nothing back where its input is negative.", drelu_dz=lambda v: 1.0),
        Mistake(
            "gate-turned",
            "The gate is open where its input is positive, and yours is open where it is negative.",
            drelu_dz=lambda v: float(v.z < 0),
        ),
        Mistake("relu-value-for-slope", "That is the value of ReLU. Its derivative is either 0 or 1.", drelu_dz=lambda v: v.relu),
        Mistake(
            "slope-of-z",
            "The sigmoid's derivative is computed from its VALUE. Yours uses its input.",
            dsigmoid_dz=lambda v: v.z * (1 - v.z),
        ),
        Mistake("sigmoid-value-for-slope", "That is the sigmoid's value. It is not like the exponential.", dsigmoid_dz=lambda v: v.sigmoid),
        Mistake(
            "tanh-slope-of-z", "The derivative of tanh is computed from its VALUE. Yours uses its input.", dtanh_dz=lambda v: 1 - v.z**2
        ),
        Mistake(
            "sigmoid-slope-for-tanh",
            "That is the formula for the derivative of a sigmoid. This is tanh.",
            dtanh_dz=lambda v: v.tanh * (1 - v.tanh),
        ),
    ),
)


# --- gradients come back --------------------------------------------------------------------------


def _two_edges(node: Any, x: Any, c: Any) -> None:
    leaf = x.detach().clone().requires_grad_()
    L = c.detach() * (leaf.detach() * leaf)  # PyTorch sees one of the two edges only
    L.backward()
    node("x_grad", leaf.grad)


two_edges = Prediction(
    name="two_edges",
    asks=("x_grad",),
    forward=_two_edges,
    sample=lambda rng: {"x": 3.0, "c": 5.0},
    rtol=1e-3,
    points=1,
    hints=(
        "Two edges lead from x into the product x times x. What comes back along each of them?",
        r"The gradient at $q$ is $\dfrac{\partial L}{\partial q} = c$. Each edge contributes $c$ times its local derivative. "
        "The second write replaces the first.",
        "Each share is 5 times 3. This engine keeps one of the two.",
    ),
    mistakes=(
        Mistake("added", "That is the right derivative. But this engine does not add: it replaces.", x_grad=lambda v: 2 * v.c * v.x),
        Mistake("lost-upstream", "The upstream gradient is a factor of each share.", x_grad=lambda v: v.x),
        Mistake(
            "added-without-upstream",
            "That is the derivative of x times x: both shares, and without the upstream gradient at q. This engine keeps one share.",
            x_grad=lambda v: 2 * v.x,
        ),
        Mistake(
            "lost-slope",
            "That is the upstream gradient at q. The local derivative of the edge from x is a factor too.",
            x_grad=lambda v: v.c,
        ),
        Mistake("value-for-slope", "That is the value of L.", x_grad=lambda v: v.c * v.x**2),
        Mistake("nothing-left", "The second write replaces the first. It does not erase it.", x_grad=lambda v: 0.0),
    ),
)


def _pass_back(node: Any, a: Any, b: Any, c: Any, slopes: Any, before: Any, g: Any, inner_slopes: Any) -> None:
    child = slopes[0] * a + slopes[1] * b + slopes[2] * c + slopes[3] * a
    node("L", before[0] * a + before[1] * b + before[2] * c + g * child)


def _use_pass_back(
    Value: Any, a: float, b: float, c: float, slopes: Array, before: Array, g: float, inner_slopes: Array
) -> tuple[Any, ...]:
    """The gradients of b, c and a after one call. b and c
    are made from the leaf a, which the call must not reach.
    """
    leaf = Value(a)
    parents = [leaf, *(Value(data, (leaf,), (slope,)) for data, slope in zip((b, c), inner_slopes.tolist()))]
    for parent, share in zip(parents, before.tolist()):
        parent.grad = share
    child = Value(a + b + c, (parents[0], parents[1], parents[2], parents[0]), tuple(slopes.tolist()))
    child.grad = g
    returned = child.pass_back()
    if isinstance(returned, (list, tuple)) and [parent.grad for parent in parents] == before.tolist():
        refuse(N_("pass_back() returns a list, and no parent's gradient has changed. Add each share to parent.grad instead."))
    return tuple(number(parents[place], "grad", N_("a parent")) for place in (1, 2, 0))


PARENTS = "abca"  # at the ends of the four edges of the node that passes back


def _passed_back(share: Callable[[SimpleNamespace, int], float]) -> dict[str, Callable[[SimpleNamespace], float]]:
    """The parents' gradients where the share of each edge is `share(v, edge)`."""

    def gradient(v: SimpleNamespace, place: int) -> float:
        return v.before[place] + sum(share(v, edge) for edge, name in enumerate(PARENTS) if name == "abc"[place])

    return {f"dL_d{name}": partial(gradient, place=place) for place, name in enumerate("abc")}


pass_back = Exercise(
    name="pass_back",
    asks=("dL_db", "dL_dc", "dL_da"),
    subject="Value",
    use=_use_pass_back,
    forward=_pass_back,
    slips_at=SlipPlaces.NONE,
    sample=lambda rng: {
        **{name: signed(rng) for name in ("a", "b", "c")},
        "slopes": signed(rng, size=4),
        "before": signed(rng, size=3),
        "g": signed(rng),
        "inner_slopes": signed(rng, size=2),
    },
    points=3,
    hints=(
        "What is the share of one parent? And what is in that parent's gradient already?",
        r"$\dfrac{\partial L}{\partial\,\text{parent}} \mathrel{+}= \text{derivative}\cdot\dfrac{\partial L}{\partial\,\text{node}}$, "
        r"once for each edge.",
        "`for parent, slope in zip(self.parents, self.slopes):` and below it one line with `+=`.",
    ),
    mistakes=(
        Mistake(
            "overwrite",
            "The gradient of a parent may contain terms already. Yours replaces them; add to them.",
            dL_db=lambda v: v.slopes[1] * v.g,
            dL_dc=lambda v: v.slopes[2] * v.g,
            dL_da=lambda v: v.slopes[3] * v.g,
        ),
        Mistake(
            "cleared-first",
            "The gradient of a parent may contain terms already. Yours sets it to 0 before it adds.",
            dL_db=lambda v: v.slopes[1] * v.g,
            dL_dc=lambda v: v.slopes[2] * v.g,
            dL_da=lambda v: (v.slopes[0] + v.slopes[3]) * v.g,
        ),
        Mistake(
            "own-operand",
            "Each term has the local derivative of its edge as a factor. Yours has the parent's value.",
            **_passed_back(lambda v, edge: getattr(v, PARENTS[edge]) * v.g),
        ),
        Mistake(
            "factors-added",
            "The local derivative and the gradient of this node are multiplied. Yours are added.",
            **_passed_back(lambda v, edge: v.slopes[edge] + v.g),
        ),
        Mistake(
            "slopes-in-another-order",
            "Each parent has the local derivative that stands at its own place in slopes. Yours begin at the other end.",
            **_passed_back(lambda v, edge: v.slopes[-1 - edge] * v.g),
        ),
        Mistake(
            "first-slope-for-all",
            "Each parent has a local derivative of its own. In yours all have the first one.",
            **_passed_back(lambda v, edge: v.slopes[0] * v.g),
        ),
        Mistake(
            "slope-left-out",
            "Each term has the local derivative of its edge as a factor. In yours every parent gets the gradient unchanged.",
            dL_db=lambda v: v.before[1] + v.g,
            dL_dc=lambda v: v.before[2] + v.g,
            dL_da=lambda v: v.before[0] + 2 * v.g,
        ),
        Mistake(
            "lost-upstream",
            "Those are the local derivatives alone. The gradient of this node is a factor too.",
            dL_db=lambda v: v.before[1] + v.slopes[1],
            dL_dc=lambda v: v.before[2] + v.slopes[2],
            dL_da=lambda v: v.before[0] + v.slopes[0] + v.slopes[3],
        ),
        Mistake(
            "data-for-grad",
            "What goes back is made of this node's gradient. Yours is made of its value.",
            dL_db=lambda v: v.before[1] + v.slopes[1] * (v.a + v.b + v.c),
            dL_dc=lambda v: v.before[2] + v.slopes[2] * (v.a + v.b + v.c),
            dL_da=lambda v: v.before[0] + (v.slopes[0] + v.slopes[3]) * (v.a + v.b + v.c),
        ),
        Mistake(
            "shared-out",
            "The gradient is not divided among the edges: each gets the whole of it, times its derivative.",
            dL_db=lambda v: v.before[1] + v.slopes[1] * v.g / 4,
            dL_dc=lambda v: v.before[2] + v.slopes[2] * v.g / 4,
            dL_da=lambda v: v.before[0] + (v.slopes[0] + v.slopes[3]) * v.g / 4,
        ),
        Mistake(
            "multiplied",
            "Shares add. Yours multiplies what was there by the upstream gradient.",
            dL_db=lambda v: v.before[1] * v.slopes[1] * v.g,
            dL_dc=lambda v: v.before[2] * v.slopes[2] * v.g,
            dL_da=lambda v: v.before[0] * v.slopes[0] * v.slopes[3] * v.g**2,
        ),
        Mistake(
            "same-node-once",
            "One node may be a parent twice, and then two edges lead back to it. One of yours is lost.",
            dL_da=lambda v: v.before[0] + v.slopes[3] * v.g,
        ),
        Mistake(
            "first-edge-only",
            "One node may be a parent twice, and then two edges lead back to it. Yours has the first one only.",
            dL_da=lambda v: v.before[0] + v.slopes[0] * v.g,
        ),
        Mistake(
            "nothing-arrives",
            "No parent's gradient has changed. The contribution has to be added to parent.grad itself.",
            **{f"dL_d{name}": lambda v, place=place: v.before[place] for place, name in enumerate("abc")},
        ),
        Mistake(
            "calls-the-parents",
            "pass_back hands on the gradient of this one node. Yours goes on from the parents to their own parents: "
            "that is what backward is for, once all shares of a parent have arrived.",
            dL_da=lambda v: v.dL_da + v.inner_slopes[0] * v.dL_db + v.inner_slopes[1] * v.dL_dc,
        ),
        Mistake(
            "first-parent-only",
            "Only the share of the first edge has arrived, and there is one for each edge. What happens after the first?",
            dL_db=lambda v: v.before[1],
            dL_dc=lambda v: v.before[2],
            dL_da=lambda v: v.before[0] + v.slopes[0] * v.g,
        ),
        Mistake(
            "sign-turned",
            "Shares are added. Yours are taken away.",
            **{
                f"dL_d{name}": lambda v, place=place, name=name: 2 * v.before[place] - getattr(v, f"dL_d{name}")
                for place, name in enumerate("abc")
            },
        ),
    ),
)


# --- in which order -------------------------------------------------------------------------------


def _parents_of(leaves: int, edges: Edges) -> list[list[int]]:
    return [[] for _ in range(leaves)] + [[parent for parent, _ in made_from] for made_from in edges]


def _facts(listing: Sequence[int], parents: list[list[int]]) -> tuple[float, float, float]:
    """Facts about a list of nodes: its length, its number
    of different nodes, and how many edges are in order.
    """
    first = {node: place for place, node in reversed(list(enumerate(listing)))}
    pairs = [(parent, child) for child, made_from in enumerate(parents) for parent in made_from]
    in_order = sum(parent in first and child in first and first[parent] < first[child] for parent, child in pairs)
    return float(len(listing)), float(len(first)), float(in_order)


def _preorder(parents: list[list[int]], node: int, listing: list[int]) -> list[int]:
    if node not in listing:
        listing.append(node)
        for parent in parents[node]:
            _preorder(parents, parent, listing)
    return listing


def _again_and_again(parents: list[list[int]], node: int) -> list[int]:
    return [entry for parent in parents[node] for entry in _again_and_again(parents, parent)] + [node]


def _breadth_first(parents: list[list[int]], node: int) -> list[int]:
    listing = [node]
    for reached in listing:
        listing += [parent for parent in dict.fromkeys(parents[reached]) if parent not in listing]
    return listing[::-1]


def _equal_numbers_once(parents: list[list[int]], node: int, listing: list[int]) -> list[int]:
    """The order in which each number occurs once: the check gives all leaves the same number."""
    a_leaf_is_listed = any(not parents[listed] for listed in listing)
    if node not in listing and (parents[node] or not a_leaf_is_listed):
        for parent in parents[node]:
            _equal_numbers_once(parents, parent, listing)
        listing.append(node)
    return listing


def _first_parents(parents: list[list[int]], node: int) -> list[int]:
    return [*(_first_parents(parents, parents[node][0]) if parents[node] else []), node]


LISTINGS: dict[str, tuple[str, Callable[[list[list[int]]], list[int]]]] = {
    "node-before-parents": (
        "A node is appended after all its parents. In yours it is appended before them.",
        lambda parents: _preorder(parents, len(parents) - 1, []),
    ),
    "visited-again": (
        "A node that is used in several places is still one node, and it belongs into the list once.",
        lambda parents: _again_and_again(parents, len(parents) - 1),
    ),
    "by-distance": (
        "You sort the nodes by how far they are from the output on the shortest way. A node can be near on one way and far on another.",
        lambda parents: _breadth_first(parents, len(parents) - 1),
    ),
    "first-parents-only": (
        "A node may have several parents. Yours follows the first one only.",
        lambda parents: _first_parents(parents, len(parents) - 1),
    ),
    "equal-numbers-once": (
        "Different nodes may hold equal numbers. Yours takes them for one node: note which nodes have been visited, not their data.",
        lambda parents: _equal_numbers_once(parents, len(parents) - 1, []),
    ),
    "output-missing": ("The output itself is a node of its graph, and it is missing.", lambda parents: list(range(len(parents) - 1))),
    "leaves-missing": (
        "The leaves are nodes as well, and their gradients are what we want in the end. They are missing.",
        lambda parents: [node for node, made_from in enumerate(parents) if made_from],
    ),
    "one-generation": (
        "Those are the parents of the output. The parents have parents too.",
        lambda parents: [*dict.fromkeys(parents[-1]), len(parents) - 1],
    ),
    "output-first": (
        "In your list no node comes after its parents: that is the order of the backward pass. Here every node comes after its parents.",
        lambda parents: list(range(len(parents)))[::-1],
    ),
}


def _order(node: Any, leaves: int, edges: Edges) -> None:
    length, distinct, in_order = _facts(range(leaves + len(edges)), _parents_of(leaves, edges))
    node("length", torch.tensor(length, dtype=torch.float64))
    node("different", torch.tensor(distinct, dtype=torch.float64))
    node("edges_in_order", torch.tensor(in_order, dtype=torch.float64))


def _use_order(Value: Any, leaves: int, edges: Edges) -> tuple[float, float, float]:
    nodes = build(Value, [0.5] * leaves, edges)
    listing = made_list(nodes[-1].order())
    places = [next((place for place, node in enumerate(nodes) if node is entry), -1 - k) for k, entry in enumerate(listing)]
    return _facts(places, _parents_of(leaves, edges))


def made_list(listing: Any) -> list[Any]:
    """The entries of what `order()` gave. Unreadable if it gave no list, or one of numbers."""
    if listing is None:
        refuse(N_("order() gives None. Is there a `return` with the list of nodes?"))
    if isinstance(listing, (numbers.Number, str, dict)):
        refuse(N_("order() gives a plain {type}. It should give the list of nodes."), type=type(listing).__name__)
    entries = list(listing)
    plain = [entry for entry in entries if isinstance(entry, (numbers.Number, np.ndarray, str))]
    if plain:
        refuse(N_("The list that order() gives has {entry!r} in it. Put the nodes themselves into it, not their numbers."), entry=plain[0])
    return entries


def _sample_order(rng: Rng) -> dict[str, Any]:
    """A graph with nodes used in several places, on
    which all known mistakes show, each in its own way.
    """
    while True:
        leaves = int(rng.integers(2, 4))
        edges = _connected(rng, leaves, int(rng.integers(8, 10)) - leaves)
        parents = _parents_of(leaves, edges)
        seen = [_facts(range(len(parents)), parents), *(_facts(listing(parents), parents) for _, listing in LISTINGS.values())]
        if len(set(seen)) == len(seen):
            return {"leaves": leaves, "edges": edges}


def _connected(rng: Rng, leaves: int, inner: int) -> Edges:
    """A graph without unused nodes: each inner node is made
    from the one before it and another, in either order.
    """
    edges: Edges = []
    for place in range(leaves, leaves + inner):
        before = place - 1
        other = place - leaves if place - leaves < leaves - 1 else int(rng.integers(0, before))
        pair = [(before, signed(rng)), (other, signed(rng))]
        edges.append(pair if rng.integers(2) else pair[::-1])
    return edges


order = Exercise(
    name="order",
    asks=("length", "different", "edges_in_order"),
    subject="Value",
    use=_use_order,
    forward=_order,
    sample=_sample_order,
    points=3,
    hints=(
        "When may a node go into the list? Which nodes have to be in it already? And if you come to a node a second time?",
        "Visiting a node means: if it has been visited, do nothing. "
        "Otherwise visit each of its parents, and then put the node itself at the end of the list.",
        "Keep a set `visited`. `def visit(node):` if node is not in visited, add it, call `visit(parent)` for each parent, then "
        "`nodes.append(node)`. "
        "Begin with `visit(self)`.",
    ),
    mistakes=tuple(
        Mistake(
            id,
            words,
            **{
                ask: lambda v, place=place, listing=listing: _facts(
                    listing(_parents_of(v.leaves, v.edges)), _parents_of(v.leaves, v.edges)
                )[place]
                for place, ask in enumerate(("length", "different", "edges_in_order"))
            },
        )
        for id, (words, listing) in LISTINGS.items()
    ),
)

GRAPHS = ("tree", "fork", "ladder", "again")


def _run_edges(values: Any, edges: Edges) -> Any:
    """The output of a graph.

    `values` are those of the leaves, then for each other node a zero that is added to it.

    So the gradient for `values` is the gradient at every node.
    """
    leaves = len(values) - len(edges)
    nodes = list(values[:leaves])
    for made_from, zero in zip(edges, values[leaves:]):
        nodes.append(sum(slope * nodes[parent] for parent, slope in made_from) + zero)
    return nodes[-1]


def _backward(node: Any, tree: Any, fork: Any, ladder: Any, again: Any, edges: dict[str, Edges]) -> None:
    L = _run_edges(tree, edges["tree"]) + _run_edges(fork, edges["fork"])
    node("L", L + _run_edges(ladder, edges["ladder"]) + _run_edges(again, edges["fork"]))


def _use_backward(Value: Any, tree: Array, fork: Array, ladder: Array, again: Array, edges: dict[str, Edges]) -> tuple[Any, ...]:
    """The gradients at all nodes of each graph: of the leaves,
    then of the nodes made from them; the output is last.
    """
    found = []
    for values, name, calls in ((tree, "tree", 1), (fork, "fork", 1), (ladder, "ladder", 1), (again, "fork", 2)):
        nodes = build(Value, values[: len(values) - len(edges[name])], edges[name])
        for _ in range(calls):
            nodes[-1].backward()
        found.append([number(node, "grad", N_("a node")) for node in nodes])
    return tuple(found)


def _sample_backward(rng: Rng) -> dict[str, Any]:
    def with_slopes(*parents: tuple[int, ...]) -> Edges:
        return [[(parent, signed(rng, 0.3, 1.3)) for parent in made_from] for made_from in parents]

    rungs = [row for k in range(6) for row in ((3 * k + 1,), (3 * k + 1, 0), (3 * k + 2, 3 * k + 3))]
    ladder = [[(parent, positive(rng, 0.4, 1.2)) for parent in made_from] for made_from in rungs]
    edges = {
        "tree": with_slopes((0, 1), (4, 2), (5, 3)),
        "fork": with_slopes((0, 0), (2, 1), (2, 3), (4, 1), (5, 2)),
        "ladder": ladder,
    }
    leaves = {"tree": 4, "fork": 2, "ladder": 2, "again": 2}
    zeros = {name: np.zeros(len(edges["fork" if name == "again" else name])) for name in leaves}
    return {name: np.append(signed(rng, size=count), zeros[name]) for name, count in leaves.items()} | {"edges": edges}


def _leaves_and_edges(v: SimpleNamespace, name: str) -> tuple[int, Edges]:
    edges = v.edges["fork" if name == "again" else name]
    return len(getattr(v, name)) - len(edges), edges


def _walk(
    v: SimpleNamespace,
    name: str,
    order: Callable[[list[list[int]]], Sequence[int]],
    seed: float | None = 1.0,
    calls: int = 1,
    leaves_cleared: bool = False,
) -> Array:
    """The gradients at all nodes with a wrong `order`,
    a wrong first gradient, or gradients not cleared.
    """
    leaves, edges = _leaves_and_edges(v, name)
    parents = _parents_of(leaves, edges)
    grad = np.zeros(len(parents))
    for _ in range(calls):
        if leaves_cleared:
            grad[:leaves] = 0
        if seed is not None:
            grad[-1] = seed
        for place in order(parents):
            for parent, slope in edges[place - leaves] if place >= leaves else []:
                grad[parent] += slope * grad[place]
    return grad


def _last_writer(v: SimpleNamespace, name: str) -> Array:
    """The gradients at all nodes if each contribution
    replaces the one before: the last one remains.
    """
    leaves, edges = _leaves_and_edges(v, name)
    grad = {leaves + len(edges) - 1: 1.0}
    for place, made_from in reversed(list(enumerate(edges, leaves))):
        grad |= {parent: slope * grad[place] for parent, slope in made_from}
    return np.array([grad[place] for place in range(leaves + len(edges))])


def _where_leaf(v: SimpleNamespace, name: str, at_leaves: float, elsewhere: float) -> Array:
    """One number at the leaves and another at the nodes made from them."""
    leaves, edges = _leaves_and_edges(v, name)
    return np.array([at_leaves] * leaves + [elsewhere] * len(edges))


def _in_wrong_order(id: str, words: str, order: Callable[[list[list[int]]], Sequence[int]]) -> Mistake:
    return Mistake(id, words, **{f"dL_d{name}": lambda v, name=name: _walk(v, name, order) for name in GRAPHS})


TOO_EARLY = "A node hands its gradient on before all its shares have arrived. "

backward = Exercise(
    name="backward",
    asks=tuple(f"dL_d{name}" for name in GRAPHS),
    subject="Value",
    use=_use_backward,
    forward=_backward,
    sample=_sample_backward,
    slips_at=SlipPlaces.ALL,
    points=4,
    hints=(
        "Which node's gradient is known before anything has been passed back? In which order may the others pass on theirs?",
        r"Three steps: every gradient in the graph becomes 0; the output's becomes $\dfrac{\partial L}{\partial L} = 1$; then each node, "
        "from the output back, passes on what has arrived.",
        "`for node in nodes: node.grad = 0.0`, then `self.grad = 1.0`, then a loop that calls `node.pass_back()`. "
        "From which end of `nodes`?",
    ),
    mistakes=(
        Mistake(
            "all-still-zero",
            "Every gradient is still 0, also the output's. What is the derivative of the output with respect to itself, "
            "and when does yours set it?",
            **{f"dL_d{name}": lambda v, name=name: np.zeros(len(getattr(v, name))) for name in GRAPHS},
        ),
        Mistake(
            "nothing-passed-back",
            "The output has its gradient, 1, and every other gradient is 0. "
            "Is pass_back called, with brackets, for the output too? And is what it adds left as it is?",
            **{f"dL_d{name}": lambda v, name=name: np.eye(len(getattr(v, name)))[-1] for name in GRAPHS},
        ),
        Mistake(
            "begins-with-its-value",
            "The way back begins with the derivative of the output with respect to itself. Yours begins with its value.",
            **{
                f"dL_d{name}": lambda v, name=name: (
                    getattr(v, f"dL_d{name}") * float(_run_edges(getattr(v, name), v.edges["fork" if name == "again" else name]))
                )
                for name in GRAPHS
            },
        ),
        _in_wrong_order(
            "only-from-the-output",
            "Only the parents of the output have a gradient other than 0. Either no other node calls pass_back, "
            "or the others do so before the output does, while their own gradients are 0.",
            lambda parents: [len(parents) - 1],
        ),
        Mistake(
            "cleared-afterwards",
            "The leaves are right, and the gradients of the other nodes are 0. Clear all gradients before the backward pass, not after it.",
            **{f"dL_d{name}": lambda v, name=name: getattr(v, f"dL_d{name}") * _where_leaf(v, name, 1.0, 0.0) for name in GRAPHS},
        ),
        _in_wrong_order(
            "too-early",
            TOO_EARLY + "Is every user of a node before it in your list?",
            lambda parents: _preorder(parents, len(parents) - 1, []),
        ),
        _in_wrong_order(
            "by-distance",
            TOO_EARLY + "Going by the distance from the output is not enough: a node can be near on one way and far on another.",
            lambda parents: _breadth_first(parents, len(parents) - 1)[::-1],
        ),
        _in_wrong_order(
            "visited-again",
            "Some nodes hand their gradient on more than once. Each should do so once, when it is complete.",
            lambda parents: _again_and_again(parents, len(parents) - 1)[::-1],
        ),
        Mistake(
            "overwrite",
            "A node that is used in several places gets a contribution from each. In yours the last one to arrive replaces the others.",
            **{f"dL_d{name}": lambda v, name=name: _last_writer(v, name) for name in GRAPHS},
        ),
        Mistake(
            "not-cleared",
            "The first call is right. The second one adds to the gradients of the first.",
            dL_dagain=lambda v: _walk(v, "again", lambda parents: range(len(parents))[::-1], calls=2),
        ),
        Mistake(
            "only-leaves-cleared",
            "The first call is right. At the second, the nodes between the leaves and the output still hold what the first has left there.",
            dL_dagain=lambda v: _walk(v, "again", lambda parents: range(len(parents))[::-1], calls=2, leaves_cleared=True),
        ),
        Mistake(
            "leaves-not-cleared",
            "The first call is right. At the second, the leaves still hold what the first has left there.",
            dL_dagain=lambda v: v.dL_dagain * _where_leaf(v, "again", 2.0, 1.0),
        ),
    ),
)


# --- the other operators, and whole expressions ---------------------------------------------------


def _forms(
    u: Any, v: Any, c: Any, negate: Any = None, minus: Any = None, by: Any = None, from_number: Any = None, number_by: Any = None
) -> Any:
    """The nine expressions of the exercise, some of their operators replaced by flawed ones."""
    negate = negate or (lambda a: -a)
    minus = minus or (lambda a, b: a - b)
    by = by or (lambda a, b: a / b)
    from_number = from_number or (lambda number, a: number - a)
    number_by = number_by or by
    entries = [negate(u), minus(u, v), minus(u, c), from_number(c, u), by(u, v), by(u, c), number_by(c, u), c + u, c * u]
    return torch.stack(entries)


def _arithmetic(node: Any, u: Any, v: Any, c: Any) -> None:
    node("values", torch.stack([-u, u - v, u - c, c - u, u / v, u / c, c / u, c + u, c * u]))


def _arithmetic_with(**flaws: Any) -> Callable[..., None]:
    """The same with flawed operators."""

    def forward(node: Any, u: Any, v: Any, c: Any) -> None:
        node("values", _forms(u, v, c, **flaws))

    return forward


def _with_slopes(value: Any, a: Any, b: Any, to_a: Any, to_b: Any) -> Any:
    """A tensor equal to `value` whose slopes for a and b PyTorch takes to be these."""
    plane = to_a.detach() * a + to_b.detach() * b
    return plane + (value - plane).detach()


def _use_arithmetic(Value: Any, u: float, v: float, c: float) -> tuple[Any, ...]:
    a, b = Value(u), Value(v)
    makers: dict[str, Callable[[], Any]] = {
        "-u": lambda: -a,
        "u - v": lambda: a - b,
        "u - c": lambda: a - c,
        "c - u": lambda: c - a,
        "u / v": lambda: a / b,
        "u / c": lambda: a / c,
        "c / u": lambda: c / a,
        "c + u": lambda: c + a,
        "c * u": lambda: c * a,
    }
    results = {words: made(make(), words) for words, make in makers.items()}
    values = [number(result, "data", words) for words, result in results.items()]
    return values, *([slope_along_paths(result, leaf) for result in results.values()] for leaf in (a, b))


arithmetic = Exercise(
    name="arithmetic",
    asks=("values", "dvalues_du", "dvalues_dv"),
    subject="Value",
    use=_use_arithmetic,
    forward=_arithmetic,
    slips_at=SlipPlaces.ALL,
    sample=lambda rng: {"u": signed(rng), "v": signed(rng), "c": signed(rng)},
    points=3,
    hints=(
        "You have a sum, a product and a power with their local derivatives. How can u - v be written with these three only? And u / v?",
        r"$-u = (-1)\,u, \qquad u - v = u + (-v), \qquad u / v = u\,v^{-1}$. Python calls `u.__rsub__(c)` for `c - u`.",
        "`negative` is `self * -1.0`. `subtract` is `self + (-other)` and `divide` is `self * other**-1.0`. "
        "For the two reversed ones `as_node(other)` goes first.",
    ),
    mistakes=(
        Mistake(
            "reversed-difference",
            "For c - u, Python calls the method of u with the argument c. What is subtracted from what?",
            program=_arithmetic_with(from_number=lambda number, a: a - number),
        ),
        Mistake(
            "reversed-quotient",
            "For c / u, Python asks u, and hands it c. What is divided by what?",
            program=_arithmetic_with(number_by=lambda number, a: a / number),
        ),
        Mistake(
            "minus-passes-on",
            "If what is subtracted grows, the difference shrinks.",
            program=_arithmetic_with(
                minus=lambda a, b: with_slope(a - b, b, 1.0) + a - a.detach(), from_number=lambda number, a: with_slope(number - a, a, 1.0)
            ),
        ),
        Mistake("negative-passes-on", "If u grows, minus u shrinks.", program=_arithmetic_with(negate=lambda a: with_slope(-a, a, 1.0))),
        Mistake(
            "denominator-forgotten",
            "A quotient also depends on its denominator. Yours has no local derivative for it.",
            program=_arithmetic_with(by=lambda a, b: a / b.detach()),
        ),
        Mistake(
            "reciprocal-sign",
            "If the denominator grows, a quotient of positive numbers shrinks. Yours has the other sign.",
            program=_arithmetic_with(by=lambda a, b: _with_slopes(a / b, a, b, 1 / b, a / b**2)),
        ),
        Mistake(
            "reciprocal-not-squared",
            "Differentiating a power lowers the exponent, also the exponent minus one.",
            program=_arithmetic_with(by=lambda a, b: _with_slopes(a / b, a, b, 1 / b, -a / b)),
        ),
        Mistake(
            "slopes-of-a-product",
            "Those are the derivatives of a product. A quotient has others.",
            program=_arithmetic_with(by=lambda a, b: _with_slopes(a / b, a, b, b, a)),
        ),
        Mistake(
            "numerator-lost",
            "The derivative of a quotient with respect to its denominator has the numerator as a factor. Yours is that of a reciprocal.",
            program=_arithmetic_with(by=lambda a, b: _with_slopes(a / b, a, b, 1 / b, -1 / b**2)),
        ),
        Mistake(
            "quotient-is-product",
            "Your quotient multiplies.",
            program=_arithmetic_with(by=lambda a, b: a * b),
        ),
    ),
)


def _run(values: Any, ops: Any) -> list[Any]:
    """All nodes of the graph: the leaves, then one node an operation."""
    nodes = list(values)
    for name, *places in ops:
        a, b = nodes[places[0]], nodes[places[-1]]
        if name == "add":
            nodes.append(a + b)
        elif name == "sub":
            nodes.append(a - b)
        elif name == "mul":
            nodes.append(a * b)
        elif name == "div":
            nodes.append(a / b)
        elif name == "square":
            nodes.append(a**2)
        elif name == "inverse":
            nodes.append(1 / a)
        else:
            nodes.append({"tanh": torch.tanh, "sigmoid": torch.sigmoid, "exp": torch.exp, "log": torch.log, "relu": torch.relu}[name](a))
    return nodes


def _run_graph(node: Any, values: Any, ops: Any) -> None:
    node("L", _run(values, ops)[-1])


def _each_node_once(node: Any, values: Any, ops: Any) -> None:
    """The gradients if each node gets a contribution from
    its first use only, which a backward pass reaches last.
    """
    nodes, used = list(values), set()
    for name, *places in ops:
        live = {}
        for position in reversed(range(len(places))):
            place = places[position]
            live[position] = nodes[place].detach() if place in used else nodes[place]
            used.add(place)
        chosen = [live[position] for position in range(len(places))]
        nodes.append(_run(chosen, [(name, *range(len(chosen)))])[-1])
    node("L", nodes[-1])


def _own_operand(node: Any, values: Any, ops: Any) -> None:
    nodes = list(values)
    for name, *places in ops:
        chosen = [nodes[place] for place in places]
        if name == "mul":
            a, b = chosen
            nodes.append(product_with(a, b, to_a=a, to_b=b))
        else:
            nodes.append(_run(chosen, [(name, *range(len(chosen)))])[-1])
    node("L", nodes[-1])


def _sample_run_graph(rng: Rng) -> dict[str, Any]:
    """An expression with forks, diamonds and a node that is both factors of a product.

    No value grows large, and none leaves a function's domain.
    """
    leaves = int(rng.integers(3, 5))
    ops: list[tuple[Any, ...]] = []

    def made(name: str, *places: int) -> int:
        ops.append((name, *places))
        return leaves + len(ops) - 1

    m = made("mul", 0, 1)
    tame = [made("tanh", m), made("sigmoid", made("sub", m, 2))]
    above_zero = [tame[1], made("exp", tame[0])]
    gate = made("add", made("relu", m), made("relu", made("sub", 2, m)))  # one of the two gates is open, whatever the signs
    some = [m, *tame, *above_zero, gate, made("mul", tame[0], tame[0])]
    for _ in range(int(rng.integers(2, 5))):
        kind = str(rng.choice(["add", "sub", "mul", "div", "square", "inverse", "log", "exp"]))
        if kind in ("square", "exp"):
            some.append(made(kind, int(rng.choice(tame))))
        elif kind in ("inverse", "log"):
            some.append(made(kind, int(rng.choice(above_zero))))
        else:
            right = above_zero if kind == "div" else some
            some.append(made(kind, int(rng.choice(some)), int(rng.choice(right))))
    made("mul", made("tanh", made("mul", some[-1], leaves - 1)), m)
    unused = sorted(set(range(leaves + len(ops))) - {place for _, *places in ops for place in places})
    while len(unused) > 1:  # every node leads to the output
        unused.append(made("add", unused.pop(0), unused.pop(0)))
    return {"values": signed(rng, 0.4, 1.4, size=leaves), "ops": ops}


run_graph = Exercise(
    name="run_graph",
    asks=("L", "dL_dvalues"),
    forward=_run_graph,
    sample=_sample_run_graph,
    slips_at=SlipPlaces.ALL,
    points=4,
    hints=(
        "In lesson 03 you wrote two walks through such a list, one forward and one backward. Which of them does your engine do for you?",
        r"Each operation makes the next node from nodes that are in the list. After the last one, the leaves' gradients are "
        r"$\dfrac{\partial L}{\partial\,\text{values}}$.",
        "`for name, *places in ops:` append `OPERATIONS[name]` of the nodes at these places. "
        "After the loop call `backward()` of the last node.",
    ),
    mistakes=(
        Mistake(
            "all-still-zero",
            "Every gradient that you return is still 0. Is backward() called, on the last node, "
            "and are the nodes whose gradients you return the ones that it was made from?",
            dL_dvalues=lambda v: np.zeros(len(v.values)),
        ),
        Mistake("values-for-gradients", "Those are the leaves' values. Asked are their gradients.", dL_dvalues=lambda v: v.values),
        Mistake(
            "backward-from-elsewhere",
            "The way back begins at the last node. Yours begins at the first operation.",
            dL_dvalues=lambda v: np.array([v.values[1], v.values[0], *[0.0] * (len(v.values) - 2)]),
        ),
        Mistake(
            "overwrite",
            "A node that is used in several places gets a contribution from each. In yours the last one to arrive replaces the others.",
            program=_each_node_once,
        ),
        Mistake("own-operand", OTHER_OPERAND + "In yours each gets its own.", program=_own_operand),
        Mistake(
            "accumulated-twice",
            "All entries are twice what they should be. Is the way back walked twice?",
            dL_dvalues=lambda v: 2 * v.dL_dvalues,
        ),
        Mistake(
            "first-operation-only", "That is the first operation's value. Asked is the last one's.", L=lambda v: v.values[0] * v.values[1]
        ),
    ),
)

LONG = 5_000  # steps of two nodes each


def _deep_chain(node: Any, x: Any, w: Any, n: int) -> None:
    a = x
    for _ in range(n):
        a = torch.addcmul(x, w, a)
    node("L", a + w * a * (a + x))


def _deep_chain_one_short(node: Any, x: Any, w: Any, n: int) -> None:
    _deep_chain(node, x, w, n - 1)


def _deep_chain_start_only(node: Any, x: Any, w: Any, n: int) -> None:
    """Only what comes back to the beginning of the chain arrives at x."""
    a = x
    for _ in range(n):
        a = torch.addcmul(x.detach(), w, a)
    node("L", a + w * a * (a + x.detach()))


def _deep_chain_end_only(node: Any, x: Any, w: Any, n: int) -> None:
    """Only what comes back from the last line."""
    a = x
    for _ in range(n):
        a = torch.addcmul(x, w, a).detach()
    node("L", a + w * a * (a + x))


def _deep_chain_direct_path(node: Any, x: Any, w: Any, n: int) -> None:
    """The chain's last value passes its gradient on when only the shortest path has arrived."""
    a = x
    for _ in range(n):
        a = torch.addcmul(x, w, a)
    late = a.detach()
    node("L", a + w * late * (late + x))


def _deep_chain_path_missing(node: Any, x: Any, w: Any, n: int) -> None:
    """It passes its gradient on before that of the inner product has arrived."""
    a = x
    for _ in range(n):
        a = torch.addcmul(x, w, a)
    node("L", a + w * a.detach() * (a + x))


def _sample_deep_chain(rng: Rng) -> dict[str, Any]:
    steps = LONG if rng.random() < 0.1 else int(rng.integers(4, 40))
    return {"x": signed(rng), "w": round(float(rng.uniform(0.9, 0.98)), 3) * float(rng.choice([-1, 1])), "n": steps}


TOO_EARLY = (
    "In your order some node stands after one that is computed from it. "
    "In the backward pass it passes its gradient on before all contributions to it have arrived."
)

deep_chain = Exercise(
    name="deep_chain",
    asks=("L", "dL_dx", "dL_dw"),
    forward=_deep_chain,
    sample=_sample_deep_chain,
    slips_at=SlipPlaces.ALL,
    regimes=(lambda v: v.n < LONG, lambda v: v.n == LONG, *(lambda v: v.n < LONG,) * 10),
    points=3,
    hints=(
        "What does Python remember for you while a function waits for the one that it has called? "
        "Could you keep that in a list of your own?",
        "Keep a list of the nodes that wait. Each is met twice: the first time it sends its parents ahead, the second time it goes "
        "into the order.",
        "`waiting = [(self, False)]`. While there are any, `node, ready = waiting.pop()`. If it is ready, append it to the order. "
        "Otherwise, if it has not been visited, note that it has been, and append to `waiting` both `(node, True)` and "
        "`(parent, False)` for each parent. `pop()` takes the last one: which of these have to be appended last?",
    ),
    mistakes=(
        Mistake("one-step-short", "The chain has one step fewer than asked for.", program=_deep_chain_one_short),
        Mistake("not-topological", TOO_EARLY, program=_deep_chain_direct_path),
        Mistake("not-topological-on-one-path", TOO_EARLY, program=_deep_chain_path_missing),
        Mistake(
            "beginning-only",
            "x is used at the beginning, in every step and at the end, and each use contributes. Yours has the beginning only.",
            program=_deep_chain_start_only,
        ),
        Mistake(
            "last-line-only",
            "Every step uses x and w, and each use contributes. Yours has the contributions of the last line only.",
            program=_deep_chain_end_only,
        ),
        Mistake(
            "all-still-zero",
            "The gradients of both leaves are still 0. Does your list have the output at its end, and are the leaves in it?",
            dL_dx=lambda v: 0.0,
            dL_dw=lambda v: 0.0,
        ),
        Mistake(
            "accumulated-twice", "The gradients are twice what they should be.", dL_dx=lambda v: 2 * v.dL_dx, dL_dw=lambda v: 2 * v.dL_dw
        ),
    ),
)


# --- forward mode ---------------------------------------------------------------------------------


def _dual(node: Any, u: Any, du: Any, v: Any, dv: Any) -> None:
    t = node("t", torch.zeros((), dtype=torch.float64, requires_grad=True))
    a, b = u + t * du, v + t * dv
    s = node("s", a + b)
    p = node("p", a * b)
    h = node("h", torch.tanh(a))
    node("L", s + p + h)


def _use_dual(Dual: Any, u: float, du: float, v: float, dv: float) -> tuple[Any, ...]:
    a, b = Dual(u, du), Dual(v, dv)
    makers: dict[str, Callable[[], Any]] = {"u + v": lambda: a + b, "u * v": lambda: a * b, "u.tanh()": lambda: a.tanh()}
    questions: list[Callable[[], float]] = []
    for words, make in makers.items():
        questions += [
            partial(_part_of, make, words, "data"),
            partial(_part_of, make, words, "dot"),
        ]
    return each_in_turn(*questions)


dual = Exercise(
    name="dual",
    asks=("s", "ds_dt", "p", "dp_dt", "h", "dh_dt"),
    subject="Dual",
    use=_use_dual,
    forward=_dual,
    sample=lambda rng: {name: signed(rng) for name in ("u", "du", "v", "dv")},
    points=3,
    hints=(
        "Both u and v move with t, at the speeds that stand in their dots. How fast does their sum move? Their product?",
        r"$(u + v)^{\boldsymbol\cdot} = \dot u + \dot v, \qquad (uv)^{\boldsymbol\cdot} = \dot u v + u\dot v, \qquad "
        r"(\tanh u)^{\boldsymbol\cdot} = (1 - \tanh^2 u)\,\dot u$.",
        "The sum is `Dual(self.data + other.data, self.dot + other.dot)`. Which two terms does the `dot` of the product have? "
        "For tanh, compute the value first; its derivative is computed from it.",
    ),
    mistakes=(
        Mistake(
            "dots-multiplied",
            "Both factors change: the derivative of a product is a sum of two terms.",
            dp_dt=lambda v: v.du * v.dv,
        ),
        Mistake("own-operand", OTHER_OPERAND + "In yours each speed meets its own factor.", dp_dt=lambda v: v.du * v.u + v.dv * v.v),
        Mistake("first-factor-only", "Both factors move. Yours keeps the second one still.", dp_dt=lambda v: v.du * v.v),
        Mistake("second-factor-only", "Both factors move. Yours keeps the first one still.", dp_dt=lambda v: v.dv * v.u),
        Mistake("product-of-a-sum", "Those are the speeds of a sum.", dp_dt=lambda v: v.du + v.dv),
        Mistake("sum-of-slopes", "A sum moves as fast as both its summands together.", ds_dt=lambda v: 2.0),
        Mistake(
            "first-summand-only",
            "A sum moves as fast as both its summands together. Yours leaves the second one out.",
            ds_dt=lambda v: v.du,
        ),
        Mistake(
            "second-summand-only",
            "A sum moves as fast as both its summands together. Yours leaves the first one out.",
            ds_dt=lambda v: v.dv,
        ),
        Mistake("sum-subtracted", "The speeds of the two summands are added. Yours are subtracted.", ds_dt=lambda v: v.du - v.dv),
        Mistake(
            "terms-subtracted",
            "The two terms of the derivative of a product are added. Yours subtracts one of them.",
            dp_dt=lambda v: v.du * v.v - v.dv * v.u,
        ),
        Mistake("speeds-forgotten", "The sum has a value but no speed.", ds_dt=lambda v: 0.0),
        Mistake(
            "slope-without-speed",
            "That is the derivative of tanh alone. The derivative of its argument is a factor too.",
            dh_dt=lambda v: 1 - v.h**2,
        ),
        Mistake("speed-without-slope", "Your tanh passes the speed on as if it were not there.", dh_dt=lambda v: v.du),
        Mistake(
            "slope-of-z", "The derivative of tanh is computed from its VALUE. Yours uses its input.", dh_dt=lambda v: (1 - v.u**2) * v.du
        ),
        Mistake(
            "tanh-of-speed",
            "The derivative of the argument is multiplied by the derivative of tanh. Yours applies tanh to it.",
            dh_dt=lambda v: np.tanh(v.du),
        ),
    ),
)


def _passes(node: Any) -> None:
    inputs, outputs = 300, 7
    W = torch.ones((outputs, inputs), dtype=torch.float64)
    node("forward_passes", torch.tensor(float(W.shape[1])))
    node("reverse_passes", torch.tensor(float(W.shape[0])))


passes = Prediction(
    name="passes",
    asks=("forward_passes", "reverse_passes"),
    forward=_passes,
    sample=lambda rng: {},
    points=2,
    hints=(
        "What does one pass of forward mode ask, and of whom? What does one pass of reverse mode ask?",
        "Forward mode fills one column of the table, the one of the input that moves. "
        "Reverse mode fills one row, the one of the output that it starts from.",
        "The table has 7 rows and 300 columns. How many columns are there to fill one by one, and how many rows?",
    ),
    mistakes=(
        Mistake(
            "exchanged",
            "One mode starts at a single input, the other at a single output. Which is which?",
            forward_passes=lambda v: 7.0,
            reverse_passes=lambda v: 300.0,
        ),
        Mistake(
            "entry-by-entry",
            "One pass gives more than one entry of the table.",
            forward_passes=lambda v: 2100.0,
            reverse_passes=lambda v: 2100.0,
        ),
        Mistake("one-backward-pass", "One backward pass begins at one output. There are several.", reverse_passes=lambda v: 1.0),
        Mistake("one-forward-pass", "One pass of forward mode moves one input.", forward_passes=lambda v: 1.0),
        Mistake(
            "two-for-each", "That is for central differences, which run the program twice for each input.", forward_passes=lambda v: 600.0
        ),
    ),
)

ON_ARRAYS = (
    recall_arrays,
    jacobian_size,
    unbroadcast,
    multiply_rule,
    matmul_rule,
    sum_rule,
    max_rule,
    index_rule,
    array_engine,
    train_tensors,
    evaluations,
    directional_check,
    hessian_vector,
)
ON_NUMBERS = [value for value in globals().values() if isinstance(value, Exercise) and value not in ON_ARRAYS]
EXERCISES, __getattr__ = lesson({exercise.name: exercise for exercise in (*ON_NUMBERS, *ON_ARRAYS)})
