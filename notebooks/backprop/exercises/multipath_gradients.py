"""Lesson 04, Many paths: forks, softmax, every path
of one weight, and why nobody follows them one by one.

Weights have the shape (units of the next layer, units of this one), so that a layer is W @ a. To
see the paths one by one, a forward pass may give a weight a copy of its own on each path: the
gradient of a copy is that path's contribution.
"""

from types import SimpleNamespace
from typing import Any

import numpy as np

from ..autodiff.lazy import torch
from ..autodiff.misdirect import with_slope
from ..exercise import Exercise, Mistake, Prediction
from ..questions.sampling import Rng, positive, signed
from . import lesson

MULTIPLY_THEN_ADD = "Local derivatives multiply along a path. The contributions of the paths add. "
EVERY_LOGIT = (
    "Softmax ties all outputs together: raising one logit lowers the probability of every other class. "
    "Yours lets each logit move its own output only."
)


def _targets(rng: Rng, classes: int) -> np.ndarray:
    """A soft target: positive numbers that add up to one."""
    weights = positive(rng, 0.2, 1.7, size=classes)
    return weights / weights.sum()


# --- quick questions from lessons 01 to 03 --------------------------------------------------------


def _recall_04(node: Any, u: Any, z: Any, x: Any) -> None:
    s = node("s", u + 3)
    p = node("p", s * u)
    q = node("q", 3 * torch.relu(z))
    r = node("r", torch.sigmoid(2 * torch.sigmoid(x)))
    node("total", p + q + r)


recall_04 = Prediction(
    name="recall_04",
    asks=("dp_du", "dq_dz", "dr_dx"),
    forward=_recall_04,
    sample=lambda rng: {"u": 2.0, "z": -0.5, "x": 0.0},
    rtol=2e-3,
    points=0,
    hints=(
        "How many paths lead from u to p? Is the ReLU's input positive? How many sigmoids are in the chain, and what is the value of each?",
        r"$\dfrac{dp}{du} = \dfrac{\partial p}{\partial s}\cdot\dfrac{ds}{du} + \dfrac{\partial p}{\partial u}$; "
        r"the derivative of ReLU is 1 or 0; "
        r"$\dfrac{dr}{dx} = \sigma'(2a)\cdot 2\cdot\sigma'(x)$ with $a = \sigma(x)$.",
        "In the first, the direct path contributes `s`, the other one `u`. In the second, look at the sign of `z`. In the third, "
        "`a` is 0.5 and the outer sigmoid is taken at 1.",
    ),
    mistakes=(
        Mistake("one-path", "u is used twice, and each use contributes. The path through s is missing.", dp_du=lambda v: 5.0),
        Mistake("path-through-s-only", "u is used twice, and each use contributes. The direct one is missing.", dp_du=lambda v: 2.0),
        Mistake("no-gate", "A small change of a negative z does not change the ReLU's output.", dq_dz=lambda v: 3.0),
        Mistake("gate-turned", "The factor is there. What is the derivative of ReLU where z is negative?", dq_dz=lambda v: -3.0),
        Mistake("lost-weight", "The factor 2 between the two sigmoids is a local derivative too.", dr_dx=lambda v: v.dr_dx / 2),
        Mistake("dropped-link", "There are two sigmoids. The derivative of the inner one is missing.", dr_dx=lambda v: v.dr_dx * 4),
        Mistake("outer-slope-lost", "There are two sigmoids. The derivative of the outer one is missing.", dr_dx=lambda v: 0.5),
        Mistake(
            "outer-at-x",
            "The outer sigmoid is taken at what it was given, which is not x.",
            dr_dx=lambda v: 0.25 * 2 * 0.25,
        ),
    ),
)


# --- counting and following paths -----------------------------------------------------------------


def _count_by_eye(node: Any) -> None:
    """Where every local derivative is 1, the gradient is the number of paths."""
    w = torch.ones((), dtype=torch.float64, requires_grad=True)
    a = w * 1
    z1, z2 = a * 1, a * 1
    yhat1, yhat2 = z1 + z2, z1 + z2
    node("paths", torch.autograd.grad(yhat1 + yhat2, w)[0])


count_by_eye = Prediction(
    name="count_by_eye",
    asks=("paths",),
    forward=_count_by_eye,
    sample=lambda rng: {},
    rtol=1e-3,
    points=1,
    hints=(
        "From the hidden unit, how many ways lead on? And from each of those, how many?",
        r"Number of paths $=$ (logits that the hidden unit feeds) $\times$ (outputs that each logit moves).",
        "Draw the hidden unit, then an arrow to each logit, then from each logit an arrow to every output of the softmax. "
        "Count the ways from left to right.",
    ),
    mistakes=(
        Mistake("elementwise-softmax", EVERY_LOGIT, paths=lambda v: 2.0),
        Mistake("edges-counted", "You counted arrows. A path is a whole way from w to L, and paths may share arrows.", paths=lambda v: 6.0),
        Mistake("one-path", "There is more than one: the hidden unit feeds both logits.", paths=lambda v: 1.0),
        Mistake(
            "all-weights-counted",
            "You counted the paths through every hidden unit. This weight feeds only one of them.",
            paths=lambda v: 16.0,
        ),
    ),
)


def _three_paths(node: Any, x: Any, w: Any, u: Any, v: Any, y: Any) -> None:
    w_by_path = node("w_by_path", w * torch.ones_like(u))
    a1 = node("a1", torch.sigmoid(w_by_path * x))
    a2 = node("a2", torch.sigmoid(u * a1))
    yhat = node("yhat", torch.sigmoid((v * a2).sum()))
    node("L", (yhat - y) ** 2)


def _sample_three(rng: Rng) -> dict[str, Any]:
    return {
        "x": signed(rng, 1.2, 2.0),
        "w": signed(rng),
        "u": signed(rng, 0.5, 2.0, size=3),
        "v": signed(rng, 0.5, 2.0, size=3),
        "y": float(positive(rng, 0.05, 0.95)),
    }


three_paths = Exercise(
    name="three_paths",
    asks=("dL_dw_by_path", "dL_dw"),
    forward=_three_paths,
    sample=_sample_three,
    points=4,
    hints=(
        "Which factors do all three paths have in common, and which belong to one path only?",
        "Path "
        r"$k$: $\;2(\hat y - y)\,\hat y(1 - \hat y)\cdot v_k\cdot a_k^{[2]}(1 - a_k^{[2]})\cdot u_k\cdot a^{[1]}(1 - a^{[1]})\cdot x$.",
        "`v`, `u` and `a2` are arrays with one entry a path; everything else is a number. "
        "So one product of all factors is already the array of the three shares. The gradient is its sum.",
    ),
    mistakes=(
        Mistake("one-path", MULTIPLY_THEN_ADD + "Yours has only the first path.", dL_dw=lambda v: v.dL_dw_by_path[0]),
        Mistake(
            "overwrite",
            "Each path has a share. In yours the last one replaces the others, and it should be added to them.",
            dL_dw=lambda v: v.dL_dw_by_path[-1],
        ),
        Mistake(
            "no-first-weight",
            "Each path begins with w times x. Its derivative with respect to w is x, and that is missing.",
            dL_dw_by_path=lambda v: v.dL_dw_by_path / v.x,
        ),
        Mistake(
            "lost-factor-two",
            "Every contribution is half of what it should be. Which derivative has a factor two?",
            dL_dw_by_path=lambda v: v.dL_dw_by_path / 2,
        ),
    ),
)


# --- softmax --------------------------------------------------------------------------------------


def _softmax(node: Any, z: Any) -> None:
    node("yhat", torch.softmax(z, dim=0))


softmax_jacobian = Exercise(
    name="softmax_jacobian",
    asks=("dyhat_dz",),
    forward=_softmax,
    sample=lambda rng: {"z": signed(rng, 0.3, 2.0, size=int(rng.integers(3, 6)))},
    points=3,
    hints=(
        "If z_2 rises, what happens to the first probability? And to the second?",
        r"$\dfrac{\partial \hat y_i}{\partial z_j} = \hat y_i\,([i = j] - \hat y_j)$, "
        "where $[i = j]$ is 1 on the diagonal and 0 elsewhere.",
        "With `p` the softmax of `z`: `np.diag(p)` has the first term on its diagonal. The second term needs `p[i] * p[j]` in row i, "
        "column j. Which NumPy function makes such a table of two vectors?",
    ),
    mistakes=(
        Mistake(
            "exponentials-not-normalised",
            "The softmax divides each exponential by the sum of all. Yours uses the exponentials themselves.",
            dyhat_dz=lambda v: np.diag(np.exp(v.z - v.z.max())) - np.outer(np.exp(v.z - v.z.max()), np.exp(v.z - v.z.max())),
        ),
        Mistake(
            "own-probability-left-out",
            "How far an output moves depends on how large it is itself. In your table each row lacks that factor.",
            dyhat_dz=lambda v: np.eye(len(v.yhat)) - v.yhat,
        ),
        Mistake(
            "elementwise-softmax-vector",
            "That is one derivative for each output. But every output depends on every logit, so there is a table of derivatives: row i "
            "for output i, column j for logit j.",
            dyhat_dz=lambda v: v.yhat * (1 - v.yhat),
        ),
        Mistake(
            "softmax-offdiagonal-sign",
            "When one logit rises, the other classes' probabilities fall. Off the diagonal, yours rise.",
            dyhat_dz=lambda v: np.diag(v.yhat - 2 * v.yhat**2) + np.outer(v.yhat, v.yhat),
        ),
        Mistake(
            "jacobian-sign", "A logit that rises raises its own probability. On your diagonal it falls.", dyhat_dz=lambda v: -v.dyhat_dz
        ),
        Mistake(
            "no-diagonal",
            "Off the diagonal this is right. On it, the logit also moves its own class upward.",
            dyhat_dz=lambda v: -np.outer(v.yhat, v.yhat),
        ),
        Mistake(
            "identity-for-diagonal",
            "The first term on the diagonal is not 1: how far a probability moves depends on how large it is.",
            dyhat_dz=lambda v: np.eye(len(v.yhat)) - np.outer(v.yhat, v.yhat),
        ),
        Mistake(
            "vector-squared",
            "A vector has no columns to turn, so this product only squares the entries. "
            "Needed is a table with a product for each pair of outputs.",
            dyhat_dz=lambda v: np.diag(v.yhat) - v.yhat * v.yhat,
        ),
        Mistake(
            "inner-product",
            "That product of two vectors is a single number. Needed is a table with a product for each pair of outputs.",
            dyhat_dz=lambda v: np.diag(v.yhat) - v.yhat @ v.yhat,
        ),
    ),
)


def _output(node: Any, a1: Any, W2: Any, y: Any) -> None:
    z2 = node("z2", W2 @ a1)
    yhat = node("yhat", torch.softmax(z2, dim=0))
    node("L", ((yhat - y) ** 2).sum())


def _sample_output(rng: Rng) -> dict[str, Any]:
    return {"a1": positive(rng, 0.1, 0.95, size=5), "W2": signed(rng, size=(3, 5)), "y": _targets(rng, 3)}


SOFTMAX_MISTAKES = (
    Mistake(
        "stray-logit",
        "The logits do not occur here: the derivatives of softmax contain probabilities only.",
        dL_dz2=lambda v: v.dL_dyhat * v.yhat * (1 - v.yhat) * -np.roll(v.z2, 1),
    ),
    Mistake(
        "cross-entropy-shortcut",
        "Prediction minus target is the gradient for softmax with a CROSS-ENTROPY loss. This loss is a squared error.",
        dL_dz2=lambda v: v.yhat - v.y,
    ),
)

softmax_output_layer = Exercise(
    name="softmax_output_layer",
    asks=("dL_dyhat", "dL_dz2", "dL_dW2"),
    forward=_output,
    sample=_sample_output,
    points=4,
    hints=(
        "How many outputs does one logit move? So how many terms does the gradient at one logit have?",
        r"$\dfrac{\partial L}{\partial z_j} = \sum_i \dfrac{\partial L}{\partial\hat y_i}\cdot\hat y_i([i=j]-\hat y_j)$ and "
        r"$\dfrac{\partial L}{\partial w_{jk}} = \dfrac{\partial L}{\partial z_j}\cdot a_k$.",
        "The sum is a matrix product of the Jacobian from the exercise before with `dL_dyhat`. "
        "`dL_dW2` has the shape of W2: an outer product with `dL_dz2` first.",
    ),
    mistakes=(
        Mistake("lost-factor-two", "The derivative of a square has a factor that is missing in yours.", dL_dyhat=lambda v: v.yhat - v.y),
        *SOFTMAX_MISTAKES,
    ),
)


def _whole(node: Any, x: Any, W1: Any, W2: Any, y: Any) -> None:
    z1 = node("z1", W1 @ x)
    a1 = node("a1", torch.sigmoid(z1))
    z2 = node("z2", W2 @ a1)
    yhat = node("yhat", torch.softmax(z2, dim=0))
    node("L", ((yhat - y) ** 2).sum())


def _sample_whole(rng: Rng) -> dict[str, Any]:
    return {"x": signed(rng, size=4), "W1": signed(rng, 0.2, 1.0, size=(5, 4)), "W2": signed(rng, size=(3, 5)), "y": _targets(rng, 3)}


softmax_hidden_layer = Exercise(
    name="softmax_hidden_layer",
    asks=("dL_dz2", "dL_dW2", "dL_da1", "dL_dz1", "dL_dW1"),
    forward=_whole,
    sample=_sample_whole,
    points=5,
    hints=(
        "Hidden unit k feeds all three logits. What comes back to it from each?",
        r"$\dfrac{\partial L}{\partial a_k} = \sum_j \dfrac{\partial L}{\partial z^{[2]}_j}\,w^{[2]}_{jk}$, "
        "a product with the transposed matrix.",
        "`dL_da1` is `W2.T` times one of the vectors that you have. Then the sigmoid's derivative, entry by entry. "
        "Then an outer product, of the shape of `W1`: which vector comes first?",
    ),
    mistakes=(
        *SOFTMAX_MISTAKES,
        Mistake(
            "no-outgoing-weight",
            "The gradients at the logits add up to 0. Each is multiplied by its own weights before they are added.",
            dL_da1=lambda v: np.full(5, v.dL_dz2.sum()),
        ),
        Mistake("lost-factor-two", "The derivative of a square has a factor that is missing in yours.", dL_dyhat=lambda v: v.yhat - v.y),
        Mistake(
            "mean-for-sum",
            "The loss is a sum over the outputs, so nothing is divided by their number.",
            dL_dyhat=lambda v: 2 * (v.yhat - v.y) / len(v.y),
        ),
    ),
)


def _paths_of_a_weight(node: Any, x: Any, w: Any, c: Any, v: Any, r: Any, y: Any) -> None:
    """One weight w into one hidden unit, with a copy of w for each pair (output i, logit j)."""
    classes = len(y)
    w_by_path = node("w_by_path", w * torch.ones((classes, classes), dtype=torch.float64))
    a = node("a", torch.sigmoid(w_by_path * x + c))
    z = node("z", v * a + r)
    softmax = torch.softmax(z, dim=1)
    yhat = node("yhat", torch.diagonal(softmax))
    node("L", ((yhat - y) ** 2).sum())


def _sample_paths(rng: Rng) -> dict[str, Any]:
    return {
        "x": signed(rng, 1.2, 2.5),
        "w": signed(rng),
        "c": signed(rng),
        "v": signed(rng, 0.4, 2.0, size=3),
        "r": signed(rng, 0.2, 1.0, size=3),
        "y": _targets(rng, 3),
    }


paths_of_a_weight = Exercise(
    name="paths_of_a_weight",
    asks=("dL_dw_by_path", "dL_dw"),
    forward=_paths_of_a_weight,
    sample=_sample_paths,
    points=5,
    hints=(
        "A path is named by two choices: through which logit j it goes, and through which output i. Which factors depend on j, which "
        "on i, which on both?",
        r"Share of the path through output $i$ and logit $j$: $\;x\,a(1-a)\cdot v_j\cdot\hat y_i([i=j]-\hat y_j)\cdot 2(\hat y_i - y_i)$.",
        "Row i, column j. The Jacobian of softmax has both indices. "
        "Multiply its row i by the derivative of the loss with respect to output i, its column j by `v[j]`, "
        "and everything by the factors that depend on neither. Two loops will do.",
    ),
    mistakes=(
        Mistake(
            "diagonal-only",
            "The shares are right, but only those on the diagonal are in your sum.",
            dL_dw=lambda v: np.trace(v.dL_dw_by_path),
        ),
        Mistake(
            "no-input",
            "Every path begins with w times x. Its derivative with respect to w is x, and that is missing.",
            dL_dw_by_path=lambda v: v.dL_dw_by_path / v.x,
        ),
        Mistake(
            "loss-slope-on-the-columns",
            "NumPy aligns a vector with the columns of a table. The derivatives of the loss belong to the rows, one for each output.",
            dL_dw_by_path=lambda v: v.dL_dw_by_path / (v.yhat - v.y)[:, None] * (v.yhat - v.y),
        ),
        Mistake(
            "weight-on-the-rows",
            "This weight belongs to the columns of the table, one for each logit.",
            dL_dw_by_path=lambda v: v.dL_dw_by_path / v.v * v.v[:, None],
        ),
        Mistake(
            "lost-factor-two",
            "Every contribution is half of what it should be. Which derivative has a factor two?",
            dL_dw_by_path=lambda v: v.dL_dw_by_path / 2,
        ),
        Mistake(
            "first-output-only",
            "The shares are right. Their sum is over all outputs; yours has the paths through the first output only.",
            dL_dw=lambda v: v.dL_dw_by_path[0].sum(),
        ),
        Mistake("paths-multiplied", MULTIPLY_THEN_ADD + "Yours are multiplied.", dL_dw=lambda v: np.prod(v.dL_dw_by_path)),
        Mistake(
            "overwrite",
            "Each path has a share. In yours the last one replaces the others, and it should be added to them.",
            dL_dw=lambda v: v.dL_dw_by_path[-1, -1],
        ),
    ),
)


# --- how many paths, how much work ----------------------------------------------------------------


def _paths_and_edges(node: Any, widths: list[int]) -> None:
    weights = [torch.ones((below, above), dtype=torch.float64, requires_grad=True) for above, below in zip(widths, widths[1:])]
    reached = torch.ones(widths[0], dtype=torch.float64)
    for weight in weights:
        reached = weight @ reached
    node("paths", reached.sum())
    node("edges", sum(weight.sum() for weight in weights))


paths_and_edges = Exercise(
    name="paths_and_edges",
    asks=("paths", "edges"),
    forward=_paths_and_edges,
    sample=lambda rng: {"widths": [int(width) for width in rng.integers(2, 7, size=int(rng.integers(4, 8)))]},
    points=2,
    hints=(
        "A path chooses one unit in every layer. In how many ways can it choose?",
        r"With three layers: $n_0\cdot n_1\cdot n_2$ paths and $n_0 n_1 + n_1 n_2$ edges. How does the pattern go on?",
        "The first is a product over `widths`. The second is a sum over pairs of neighbours: `zip(widths, widths[1:])` lists them.",
    ),
    mistakes=(
        Mistake("paths-added", "A path chooses a unit in every layer, and the choices multiply.", paths=lambda v: float(sum(v.widths))),
        Mistake("edges-for-paths", "Those are the edges. A path is made of many of them.", paths=lambda v: v.edges),
        Mistake(
            "inputs-not-chosen", "A path also chooses where it begins: the first layer counts too.", paths=lambda v: v.paths / v.widths[0]
        ),
        Mistake(
            "outputs-not-chosen", "A path also chooses where it ends: the last layer counts too.", paths=lambda v: v.paths / v.widths[-1]
        ),
        Mistake(
            "one-to-one",
            "You counted from one unit to one unit. Every beginning and every end counts.",
            paths=lambda v: v.paths / (v.widths[0] * v.widths[-1]),
        ),
        Mistake(
            "units-for-edges",
            "Those are the units. An edge joins a unit with a unit of the next layer.",
            edges=lambda v: float(sum(v.widths)),
        ),
        Mistake(
            "last-pair-lost",
            "The edges into the last layer are missing. Where does your loop end?",
            edges=lambda v: v.edges - v.widths[-2] * v.widths[-1],
        ),
        Mistake("biases-counted", "A bias is no edge between two units.", edges=lambda v: v.edges + float(sum(v.widths[1:]))),
        Mistake("paths-for-edges", "Those are the paths. An edge joins two neighbouring layers only.", edges=lambda v: v.paths),
    ),
)


def _deep_network(node: Any, x: Any, weights: Any) -> None:
    a = x
    for W in weights:
        a = torch.tanh(W @ a)
    node("L", (a**2).sum())


def _deep_network_with(slope: Any) -> Any:
    """The deep network with the derivative of each tanh taken to be slope(z, value)."""

    def forward(node: Any, x: Any, weights: Any) -> None:
        a = x
        for W in weights:
            z = W @ a
            a = with_slope(torch.tanh(z), z, slope(z, torch.tanh(z)))
        node("L", (a**2).sum())

    return forward


def _first_output_only(node: Any, x: Any, weights: Any) -> None:
    a = x
    for W in weights:
        a = torch.tanh(W @ a)
    node("L", a[0] ** 2)


def _deep_activations(v: SimpleNamespace) -> list[np.ndarray]:
    found = [np.asarray(v.x)]
    for W in v.weights:
        found.append(np.tanh(W @ found[-1]))
    return found


def _slope_of_the_layer_below(v: SimpleNamespace) -> np.ndarray:
    """The gradient of somebody who goes through the weights of a layer before its tanh."""
    a = _deep_activations(v)
    g = 2 * a[-1]
    for W, below in zip(v.weights[::-1], a[-2::-1]):
        g = (W.T @ g) * (1 - below**2)
    return g


def _one_layer_short(v: SimpleNamespace) -> np.ndarray:
    """The gradient at the output of the first layer."""
    a = _deep_activations(v)
    g = 2 * a[-1]
    for W, above in zip(v.weights[:0:-1], a[:1:-1]):
        g = W.T @ (g * (1 - above**2))
    return g


def _sample_deep(rng: Rng) -> dict[str, Any]:
    depth = int(rng.choice([2, 3, 14]))
    widths = [int(width) for width in rng.integers(2, 6, size=depth + 1)]
    if depth == 14:
        widths = [4] + [6] * 13 + [3]
    low, high = (0.1, 0.5) if depth == 14 else (0.3, 1.2)  # so that a deep network does not saturate
    weights = [signed(rng, low, high, size=(below, above)) for above, below in zip(widths, widths[1:])]
    return {"x": signed(rng, size=widths[0]), "weights": weights}


deep_backward = Exercise(
    name="deep_backward",
    asks=("dL_dx",),
    forward=_deep_network,
    sample=_sample_deep,
    regimes=(lambda v: len(v.weights) < 10, lambda v: len(v.weights) > 10),
    points=5,
    hints=(
        "You could follow every path. How many are there in fourteen layers of six units? "
        "What does one backward step do with all the paths that meet in a unit?",
        r"$\dfrac{\partial L}{\partial z} = \dfrac{\partial L}{\partial a}\,(1 - a^2)$ entry by entry, "
        r"then $\dfrac{\partial L}{\partial a_{below}} = W^{\mathsf T}\,\dfrac{\partial L}{\partial z}$.",
        "Forward: keep every a. Backward: begin with `2 * a[-1]`; for each weight matrix from the last to the first, "
        "multiply by the derivative of tanh, then by `W.T`.",
    ),
    mistakes=(
        Mistake("no-hidden-slope", "The derivative of tanh is missing in the backward pass.", program=_deep_network_with(lambda z, a: 1.0)),
        Mistake(
            "sigmoid-slope",
            "Yours has the derivative of a sigmoid. The function here is tanh.",
            program=_deep_network_with(lambda z, a: a * (1 - a)),
        ),
        Mistake(
            "slope-one-layer-below",
            "Going back, a layer's tanh comes first and its weights second. Yours goes through the weights first, "
            "and then takes the derivative of tanh at the layer below.",
            dL_dx=_slope_of_the_layer_below,
        ),
        Mistake(
            "one-layer-short",
            "That is the gradient at the output of the first layer. One more step back leads to x.",
            dL_dx=_one_layer_short,
        ),
        Mistake("first-output-only", "Every output has a share in the loss. Yours follows the first one only.", program=_first_output_only),
        Mistake("loss-sign", "The sign is wrong: look at the derivative of the loss once more.", dL_dx=lambda v: -v.dL_dx),
    ),
)

EXERCISES, __getattr__ = lesson(globals())
