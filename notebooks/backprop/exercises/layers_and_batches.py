"""Lesson 05, Layers and batches: matrices, broadcasting, softmax with
cross-entropy, a network of any depth trained by hand; depth, minibatches.

A batch is on axis 0: X has shape (N, D), W (D, K), b (K,), and a layer is Z = X @ W + b. Lesson
04's W is the transpose of this one. Where the upstream gradient comes from a later layer that is
not asked about, the loss is the sum of upstream gradient times output. The exercises of the second
half are declared in `depth`.
"""

from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np

from ..autodiff.lazy import torch
from ..autodiff.misdirect import with_slope
from ..autodiff.tape import Tape, flat
from ..exercise import Exercise, Mistake, Prediction
from ..questions.sampling import Rng, positive, signed
from ..questions.training import Training
from . import lesson
from .depth.minibatches import combined_gradient, epoch_steps, minibatches, train_minibatches
from .depth.recall import recall_depth
from .depth.residual import residual_backward
from .depth.shared import mean_cross_entropy
from .depth.sizes import gradient_sizes, size_factors, variances
from .depth.starting import bad_starts, initial_weights
from .support.descent import Descent, Loss

Array = np.ndarray

ADD_OVER_UNITS = "An input feeds every unit of the layer, so something comes back from every one of them. "
ADD_OVER_BATCH = "All examples use the same weights and biases, so their contributions to the gradient are added. "
KEPT = "The numbers are right and the shape is not: an axis of length 1 is left over, and broadcasting would hide it later."
ON_ITS_SIDE = "Right numbers, but transposed: the gradient of W has the shape of W, a row for each input and a column for each unit."
MEAN_ALREADY_TAKEN = (
    "Whether the loss is a sum or a mean is decided once, in the loss. The backward pass of a layer has sums and no division."
)


def _sizes(rng: Rng, count: int, choices: Sequence[int] = (3, 4, 5, 6)) -> list[int]:
    """Sizes that all differ."""
    return [int(size) for size in rng.permutation(choices)[:count]]


def _targets(rng: Rng, examples: int, classes: int) -> Array:
    """Soft targets: each row positive, and adding up to one."""
    weights = positive(rng, 0.2, 1.7, size=(examples, classes))
    return weights / weights.sum(axis=1, keepdims=True)


# --- quick questions from the lessons before ------------------------------------------------------


def _recall_05(node: Any) -> None:
    w = torch.tensor([0.5, 3.0], dtype=torch.float64, requires_grad=True)
    neuron = 4 * torch.relu(w @ torch.tensor([2.0, -1.0], dtype=torch.float64) + 1.5)
    node("dL_dw1", torch.autograd.grad(neuron, w)[0][0])
    x = torch.tensor(3.0, dtype=torch.float64, requires_grad=True)
    node("dL_dx", torch.autograd.grad(2 * x * x**2, x)[0])
    z = torch.tensor([0.7, 0.3], dtype=torch.float64).log().requires_grad_()
    node("dp1_dz2", torch.autograd.grad(torch.softmax(z, dim=0)[0], z)[0][1])


recall_05 = Prediction(
    name="recall_05",
    asks=("dL_dw1", "dL_dx", "dp1_dz2"),
    forward=_recall_05,
    sample=lambda rng: {},
    rtol=1e-2,
    points=0,
    hints=(
        "Question 1: what is z? Question 2: along how many paths does x reach L? Question 3: which sign must it have?",
        r"1: $\frac{\partial L}{\partial z} = \frac{\partial L}{\partial a}\,[z > 0]$. "
        r"2: $\frac{dL}{dx} = b\,\frac{da}{dx} + a\,\frac{db}{dx}$. "
        r"3: $\frac{\partial p_1}{\partial z_2} = -p_1 p_2$.",
        "1: z = 1 - 3 + 1.5 is negative. 2: `b * 2 + a * 2 * x` at x = 3. 3: `-0.7 * 0.3`.",
    ),
    mistakes=(
        Mistake("no-gate", "Question 1: work out z first. Which side of 0 is it on?", dL_dw1=lambda v: 8.0),
        Mistake(
            "own-operand",
            "Question 1: the weight is multiplied by its input. Yours has the weight itself as a factor.",
            dL_dw1=lambda v: 2.0,
        ),
        Mistake(
            "derivatives-multiplied",
            "Question 2: the derivative of a product is not the product of the derivatives. Each factor's change meets the other factor.",
            dL_dx=lambda v: 12.0,
        ),
        Mistake("first-path-only", "Question 2: x reaches L through a and through b. Yours follows a only.", dL_dx=lambda v: 18.0),
        Mistake("second-path-only", "Question 2: x reaches L through a and through b. Yours follows b only.", dL_dx=lambda v: 36.0),
        Mistake("own-slope", "Question 3: that is how p1 changes with its own logit. Asked is the other one.", dp1_dz2=lambda v: 0.21),
        Mistake("no-influence", "Question 3: all outputs of a softmax depend on all logits.", dp1_dz2=lambda v: 0.0),
    ),
)


# --- one layer ------------------------------------------------------------------------------------


def _terms(node: Any) -> None:
    """Where every number is 1, a gradient is the number of the terms that it adds up."""
    X, W, b = (torch.ones(shape, dtype=torch.float64, requires_grad=True) for shape in ((5, 4), (4, 3), (3,)))
    L = (X @ W + b).sum()
    dL_dX, dL_dW, dL_db = torch.autograd.grad(L, (X, W, b))
    node("terms_in_dL_dX", dL_dX[0, 0])
    node("terms_in_dL_dW", dL_dW[0, 0])
    node("terms_in_dL_db", dL_db[0])


terms = Prediction(
    name="terms",
    asks=("terms_in_dL_dX", "terms_in_dL_dW", "terms_in_dL_db"),
    forward=_terms,
    sample=lambda rng: {},
    rtol=1e-3,
    points=3,
    hints=(
        "Change one number: one entry of X, or of W, or of b. How many entries of Z move?",
        "The paths from that number to the loss are as many as the entries of Z that it moves, and each path is one term.",
        "One entry of X moves one row of Z. One entry of W, or of b, moves one column of Z. How long is a row of Z, and how long a column?",
    ),
    mistakes=(
        Mistake(
            "batch-for-units",
            "Where X is concerned you counted the examples. An entry of X belongs to one example and is used by the units of the layer.",
            terms_in_dL_dX=lambda v: 5.0,
        ),
        Mistake(
            "inputs-for-units",
            "Where X is concerned you counted the inputs of one unit. How many units use one input?",
            terms_in_dL_dX=lambda v: 4.0,
        ),
        Mistake("one-unit", "Every unit of the layer uses that entry of X, not only one of them.", terms_in_dL_dX=lambda v: 1.0),
        Mistake(
            "inputs-for-batch",
            "Where W is concerned you counted the inputs. One weight is multiplied by one input only, but again in every example.",
            terms_in_dL_dW=lambda v: 4.0,
        ),
        Mistake(
            "units-for-batch",
            "Where W is concerned you counted the units. One weight leads into one unit only, but it is used by every example.",
            terms_in_dL_dW=lambda v: 3.0,
        ),
        Mistake("one-example", "A weight is used by each example of the batch, not only once.", terms_in_dL_dW=lambda v: 1.0),
        Mistake(
            "unsummed-bias",
            "A bias is used more than once: broadcasting puts the same number into every row of Z.",
            terms_in_dL_db=lambda v: 1.0,
        ),
        Mistake("units-for-bias", "Each unit has a bias of its own. How often is it used?", terms_in_dL_db=lambda v: 3.0),
        Mistake(
            "all-entries-for-bias", "That counts all entries of Z. One bias is added in one column of it.", terms_in_dL_db=lambda v: 15.0
        ),
    ),
)


def _dense_example(node: Any, dL_dz: Any, x: Any, W: Any) -> None:
    b = node("b", torch.zeros(W.shape[1], dtype=torch.float64, requires_grad=True))
    z = node("z", x @ W + b)
    node("L", (dL_dz * z).sum())


def _sample_example(rng: Rng) -> dict[str, Any]:
    inputs, units = _sizes(rng, 2)
    return {"dL_dz": signed(rng, 0.4, 2.0, size=units), "x": signed(rng, size=inputs), "W": signed(rng, size=(inputs, units))}


dense_example = Exercise(
    name="dense_example",
    asks=("dL_db", "dL_dx", "dL_dW"),
    forward=_dense_example,
    sample=_sample_example,
    points=3,
    hints=(
        "Input i feeds every unit, each through a weight of its own. Where in W are these weights: in a row or in a column?",
        r"$\dfrac{\partial L}{\partial x_i} = \sum_k w_{ik}\,\dfrac{\partial L}{\partial z_k}$ and "
        r"$\dfrac{\partial L}{\partial w_{ik}} = x_i\,\dfrac{\partial L}{\partial z_k}$.",
        "The sum runs over the columns of W, so it is `W @ dL_dz`. The other one is an outer product of the shape of W: "
        "what varies down the rows comes first.",
    ),
    mistakes=(
        Mistake(
            "bias-of-all-units", "Each unit has a bias of its own, so this is one number for each unit.", dL_db=lambda v: v.dL_dz.sum()
        ),
        Mistake("kept-dimension", KEPT, dL_db=lambda v: v.dL_dz[None, :]),
        Mistake("overwrite", ADD_OVER_UNITS + "In yours the last one replaces the others.", dL_dx=lambda v: v.W[:, -1] * v.dL_dz[-1]),
        Mistake("not-summed", ADD_OVER_UNITS + "Yours keeps the contributions apart; they are added.", dL_dx=lambda v: v.W * v.dL_dz),
    ),
)


def _dense(node: Any, dL_dZ: Any, X: Any, W: Any) -> None:
    b = node("b", torch.zeros(W.shape[1], dtype=torch.float64, requires_grad=True))
    Z = node("Z", X @ W + b)
    node("L", (dL_dZ * Z).sum())


def _sample_dense(rng: Rng) -> dict[str, Any]:
    examples, inputs, units = _sizes(rng, 3)
    return {
        "dL_dZ": signed(rng, 0.4, 2.0, size=(examples, units)),
        "X": signed(rng, size=(examples, inputs)),
        "W": signed(rng, size=(inputs, units)),
    }


BATCH_MISTAKES = (
    Mistake(
        "reshaped-for-transposed",
        "Reshaping gives the shape of a transpose and not the transpose: the numbers are in other places.",
        dL_dW=lambda v: v.X.reshape(v.X.shape[::-1]) @ v.dL_dZ,
    ),
    Mistake(
        "mean-for-sum",
        MEAN_ALREADY_TAKEN,
        dL_dW=lambda v: v.dL_dW / len(v.X),
        dL_db=lambda v: v.dL_db / len(v.X),
    ),
    Mistake(
        "overwrite",
        ADD_OVER_BATCH + "In yours the last one replaces the others.",
        dL_dW=lambda v: np.outer(v.X[-1], v.dL_dZ[-1]),
        dL_db=lambda v: v.dL_dZ[-1],
    ),
    Mistake("unsummed-bias", ADD_OVER_BATCH + "Your biases' gradient still has a row for each example.", dL_db=lambda v: v.dL_dZ),
    Mistake("bias-of-all-units", "That adds up everything. Each unit has a bias of its own.", dL_db=lambda v: v.dL_dZ.sum()),
    Mistake("kept-dimension", KEPT, dL_db=lambda v: v.dL_dZ.sum(axis=0, keepdims=True)),
)

SEEN_BEFORE = ("mean-for-sum", "unsummed-bias", "kept-dimension")  # asked about again later

dense_backward = Exercise(
    name="dense_backward",
    asks=("dL_dX", "dL_dW", "dL_db"),
    forward=_dense,
    sample=_sample_dense,
    points=6,
    hints=(
        "Write the three shapes down first. Which factors do you have, and in which order do their shapes fit? Over which axis do you add?",
        r"$\dfrac{\partial L}{\partial X} = \dfrac{\partial L}{\partial Z}\,W^{\mathsf T}$, "
        r"$\;\dfrac{\partial L}{\partial W} = X^{\mathsf T}\,\dfrac{\partial L}{\partial Z}$, and for the biases the sum over the batch.",
        "`dL_dZ @ W.T` is (N, K) times (K, D). `X.T @ dL_dZ` is (D, N) times (N, K). The last one is a `.sum` over the axis of the batch.",
    ),
    mistakes=(
        Mistake(
            "no-transpose",
            "Reshaping gives W the shape of its transpose and not the transpose: the numbers are in other places.",
            dL_dX=lambda v: v.dL_dZ @ v.W.reshape(v.W.shape[::-1]),
        ),
        Mistake(
            "one-unit-only",
            ADD_OVER_UNITS + "Yours has only the contribution of the first unit.",
            dL_dX=lambda v: np.outer(v.dL_dZ[:, 0], v.W[:, 0]),
        ),
        Mistake(
            "inputs-summed",
            "Each example has its own inputs, and so its own row. Only gradients of parameters are sums over the examples.",
            dL_dX=lambda v: v.dL_dX.sum(axis=0),
        ),
        *BATCH_MISTAKES,
    ),
)


# --- broadcasting ---------------------------------------------------------------------------------


def _broadcast(node: Any, dL_dY: Any, U: Any, v: Any) -> None:
    c = node("c", torch.zeros((len(U), 1), dtype=torch.float64, requires_grad=True))
    s = node("s", torch.zeros((), dtype=torch.float64, requires_grad=True))
    Y = node("Y", U * v + c + s)
    node("L", (dL_dY * Y).sum())


def _sample_broadcast(rng: Rng) -> dict[str, Any]:
    examples, units = _sizes(rng, 2)
    return {
        "dL_dY": signed(rng, 0.4, 2.0, size=(examples, units)),
        "U": signed(rng, size=(examples, units)),
        "v": signed(rng, size=units),
    }


NOT_SUMMED = "is used more than once, and the gradients of all uses are added. Yours are not."

broadcast_backward = Exercise(
    name="broadcast_backward",
    asks=("dL_dU", "dL_dv", "dL_dc", "dL_ds"),
    forward=_broadcast,
    sample=_sample_broadcast,
    points=4,
    hints=(
        "Which of the four is copied on its way into Y? In which direction, down the rows or across the columns?",
        r"$y_{nk} = u_{nk}v_k + c_n + s$. So $\dfrac{\partial L}{\partial v_k} = \sum_n \dfrac{\partial L}{\partial y_{nk}}\,u_{nk}$ "
        r"and $\dfrac{\partial L}{\partial c_n} = \sum_k \dfrac{\partial L}{\partial y_{nk}}$.",
        "First write each gradient as if its variable had the full shape (N, K). Then add along the axis that was copied: "
        "`.sum(axis=0)` for v, `.sum(axis=1, keepdims=True)` for c, `.sum()` for s.",
    ),
    mistakes=(
        Mistake("v-not-summed", "v " + NOT_SUMMED, dL_dv=lambda v: v.dL_dY * v.U),
        Mistake("kept-dimension", KEPT, dL_dv=lambda v: v.dL_dv[None, :]),
        Mistake(
            "v-summed-over-units",
            "v has one entry for each column, and each is copied down the rows. You added along the other axis.",
            dL_dv=lambda v: (v.dL_dY * v.U).sum(axis=1),
        ),
        Mistake(
            "summed-too-early",
            "Multiply entry by entry, then add up. The sum of products is not the product of the sums.",
            dL_dv=lambda v: v.dL_dY.sum(axis=0) * v.U.sum(axis=0),
        ),
        Mistake("c-not-summed", "c " + NOT_SUMMED, dL_dc=lambda v: v.dL_dY),
        Mistake(
            "dropped-dimension",
            "The numbers are right. But c is a column, with an axis of length 1, and its gradient has the shape of c.",
            dL_dc=lambda v: v.dL_dc[:, 0],
        ),
        Mistake("c-averaged", "The contributions to c are added, and not divided by their number.", dL_dc=lambda v: v.dL_dc / v.U.shape[1]),
        Mistake("s-not-summed", "s " + NOT_SUMMED, dL_ds=lambda v: v.dL_dY),
        Mistake(
            "s-summed-halfway",
            "s is a single number, and it goes into every entry of Y. Yours adds along one axis only.",
            dL_ds=lambda v: v.dL_dY.sum(axis=0),
        ),
    ),
)


# --- layers that bend -----------------------------------------------------------------------------


def _relu_layer(node: Any, X: Any, W: Any, b: Any, dL_dA: Any) -> None:
    Z = node("Z", X @ W + b)
    A = node("A", torch.relu(Z))
    node("L", (dL_dA * A).sum())


def _sample_relu(rng: Rng) -> dict[str, Any]:
    examples, inputs, units = _sizes(rng, 3)
    return {
        "X": signed(rng, size=(examples, inputs)),
        "W": signed(rng, size=(inputs, units)),
        "b": signed(rng, 0.2, 0.9, size=units),
        "dL_dA": signed(rng, 0.4, 2.0, size=(examples, units)),
    }


def _generic_gates(v: SimpleNamespace) -> bool:
    """Whether each column has positive and negative
    pre-activations, none near 0, so that every wrong gate shows.
    """
    mixed = (v.Z > 0).any(axis=0) & (v.Z < 0).any(axis=0)
    biased = np.any((v.Z > 0) != (v.X @ v.W > 0))
    return bool(mixed.any() and biased and np.abs(v.Z).min() > 0.01)


relu_layer = Exercise(
    name="relu_layer",
    asks=("dL_dZ", "dL_dX", "dL_dW", "dL_db"),
    forward=_relu_layer,
    sample=_sample_relu,
    regimes=(_generic_gates,),
    points=4,
    hints=(
        "Each entry of Z has a gate of its own. What opens it?",
        r"$\dfrac{\partial L}{\partial z_{nk}} = \dfrac{\partial L}{\partial a_{nk}}\,[z_{nk} > 0]$, entry by entry. "
        "After that it is a dense layer.",
        "`dL_dZ = dL_dA * (Z > 0)`: in a product, True counts as 1 and False as 0. The rest is one call of your `dense_backward`.",
    ),
    mistakes=(
        Mistake("value-for-slope", "ReLU's derivative is 1 or 0. Yours multiplies by its value.", dL_dZ=lambda v: v.dL_dA * v.A),
        Mistake(
            "one-gate-a-unit",
            "Whether Z is positive is decided for each example and each unit. Yours decides for a unit once for the whole batch.",
            dL_dZ=lambda v: v.dL_dA * (v.Z.mean(axis=0) > 0),
        ),
        Mistake(
            "gate-on-input",
            "Only the sign of Z decides, and it is used already. Yours uses the sign of each input as well.",
            dL_dX=lambda v: v.dL_dX * (v.X > 0),
        ),
        Mistake(
            "gate-on-weight",
            "Only the sign of Z decides, and it is used already. Yours uses the sign of each weight as well.",
            dL_dW=lambda v: v.dL_dW * (v.W > 0),
        ),
        *(mistake for mistake in BATCH_MISTAKES if mistake.id in SEEN_BEFORE),
    ),
)


def _softmax_layer(node: Any, Z: Any, dL_dP: Any) -> None:
    P = node("P", torch.softmax(Z, dim=1))
    node("L", (dL_dP * P).sum())


def _sample_softmax(rng: Rng) -> dict[str, Any]:
    examples, classes = _sizes(rng, 2)
    return {"Z": signed(rng, 0.3, 2.0, size=(examples, classes)), "dL_dP": signed(rng, 0.4, 2.0, size=(examples, classes))}


def _softmax(Z: Array, axis: int | None) -> Array:
    exponentials = np.exp(Z)
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


softmax_layer = Exercise(
    name="softmax_layer",
    asks=("P", "dL_dZ"),
    forward=_softmax_layer,
    sample=_sample_softmax,
    points=4,
    hints=(
        "Which numbers of Z have an influence on one row of P? And how many outputs does one logit move?",
        r"In each row: "
        r"$\dfrac{\partial L}{\partial z_j} = \sum_i \dfrac{\partial L}{\partial p_i}\,p_i\,([i = j] - p_j) = "
        r"p_j\Bigl(\dfrac{\partial L}{\partial p_j} - \sum_i \dfrac{\partial L}{\partial p_i}\,p_i\Bigr)$.",
        "The sum is one number for each row: `(dL_dP * P).sum(axis=1, keepdims=True)`. Subtract it from `dL_dP`, "
        "and multiply what you get by `P`, entry by entry.",
    ),
    mistakes=(
        Mistake(
            "softmax-over-all",
            "Each example is a row, and each row adds up to 1. Yours makes the whole batch add up to 1.",
            P=lambda v: _softmax(v.Z, None),
        ),
        Mistake("not-normalised", "Probabilities of one example add up to 1. Yours do not.", P=lambda v: np.exp(v.Z)),
        Mistake(
            "sigmoid-for-softmax",
            "That is a sigmoid of each number by itself. Softmax looks at a whole row.",
            P=lambda v: 1 / (1 + np.exp(-v.Z)),
        ),
        Mistake(
            "no-diagonal",
            "A logit also raises the probability of its own class, and that part is missing.",
            dL_dZ=lambda v: -v.P * (v.dL_dP * v.P).sum(axis=1, keepdims=True),
        ),
        Mistake(
            "sum-over-batch",
            "The sum runs over the outputs of one example. Yours runs over the batch.",
            dL_dZ=lambda v: v.P * (v.dL_dP - (v.dL_dP * v.P).sum(axis=0, keepdims=True)),
        ),
        Mistake(
            "sum-over-all",
            "The sum runs over the outputs of one example. Yours runs over the whole batch at once.",
            dL_dZ=lambda v: v.P * (v.dL_dP - (v.dL_dP * v.P).sum()),
        ),
        Mistake(
            "mean-for-sum",
            "The contributions of the outputs of an example are added. Yours takes the mean.",
            dL_dZ=lambda v: v.P * (v.dL_dP - (v.dL_dP * v.P).mean(axis=1, keepdims=True)),
        ),
        Mistake(
            "one-jacobian-for-all",
            "Each example has probabilities of its own, and so derivatives of its own. Yours uses the first example's for all.",
            dL_dZ=lambda v: v.P[0] * (v.dL_dP - (v.dL_dP * v.P[0]).sum(axis=1, keepdims=True)),
        ),
    ),
)


# --- the loss -------------------------------------------------------------------------------------


def _twice_the_batch(node: Any) -> None:
    X = torch.tensor([[0.5, -1.2], [1.4, 0.3], [-0.7, 0.9]], dtype=torch.float64)
    w = torch.tensor([0.8, -0.6], dtype=torch.float64, requires_grad=True)
    twice = torch.cat([X, X])
    sums = [torch.autograd.grad(((examples @ w) ** 2).sum(), w)[0][0] for examples in (X, twice)]
    means = [torch.autograd.grad(((examples @ w) ** 2).mean(), w)[0][0] for examples in (X, twice)]
    node("factor_with_sum", sums[1] / sums[0])
    node("factor_with_mean", means[1] / means[0])


twice_the_batch = Prediction(
    name="twice_the_batch",
    asks=("factor_with_sum", "factor_with_mean"),
    forward=_twice_the_batch,
    sample=lambda rng: {},
    rtol=1e-3,
    points=2,
    hints=(
        "What does an example that is there twice add to the sum? And what happens to the number by which a mean is divided?",
        r"Sum: $\sum_n g_n$ becomes $2\sum_n g_n$. Mean: $\frac{1}{N}\sum_n g_n$ becomes $\frac{1}{2N}\cdot 2\sum_n g_n$.",
        "Cancel the twos in the second formula of the hint before, and compare both formulas with what they were.",
    ),
    mistakes=(
        Mistake(
            "sum-and-mean-exchanged",
            "The other way round: one of the two is divided by the number of examples, and which one is that?",
            factor_with_sum=lambda v: 1.0,
            factor_with_mean=lambda v: 2.0,
        ),
        Mistake("sum-unchanged", "In a sum every copy of an example contributes.", factor_with_sum=lambda v: 1.0),
        Mistake("sum-squared", "There are twice as many contributions, and each is what it was before.", factor_with_sum=lambda v: 4.0),
        Mistake("mean-doubles", "A mean is divided by the number of examples, and that has grown too.", factor_with_mean=lambda v: 2.0),
        Mistake("mean-halves", "The mean is divided by more, but there is also more to add up.", factor_with_mean=lambda v: 0.5),
    ),
)


def _cross_entropy(node: Any, Z: Any, Y: Any) -> None:
    log_P = torch.log_softmax(Z, dim=1)
    node("L", -(Y * log_P).sum() / len(Z))


def _sample_cross_entropy(rng: Rng) -> dict[str, Any]:
    """Ordinary logits and, two times in three, one so large
    or so small that its exponential over- or underflows.
    """
    examples, classes = _sizes(rng, 2)
    Z = signed(rng, 0.3, 2.0, size=(examples, classes))
    far = int(rng.integers(-1, 2))
    if far:
        Z[rng.integers(examples), rng.integers(classes)] = far * round(float(rng.uniform(750, 900)))
    return {"Z": Z, "Y": _targets(rng, examples, classes)}


def _P(v: SimpleNamespace) -> Array:
    return _softmax(v.Z - v.Z.max(axis=1, keepdims=True), 1)


def _log_P(v: SimpleNamespace) -> Array:
    shifted = v.Z - v.Z.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


softmax_cross_entropy = Exercise(
    name="softmax_cross_entropy",
    asks=("L", "dL_dZ"),
    forward=_cross_entropy,
    sample=_sample_cross_entropy,
    regimes=(lambda v: v.Z.max() > 700, lambda v: v.Z.min() < -700, lambda v: np.abs(v.Z).max() < 700),
    points=4,
    hints=(
        "What is the logarithm of a softmax? Write it down before you compute anything. And how often is the loss divided by N?",
        r"$\log p_k = (z_k - m) - \log\sum_j e^{z_j - m}$ with the row's largest logit $m$, and "
        r"$\dfrac{\partial L}{\partial Z} = \dfrac{1}{N}(P - Y)$.",
        "`shifted = Z - Z.max(axis=1, keepdims=True)`, then `log_P = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))`. "
        "The loss is minus the sum of `Y * log_P`, divided by `len(Z)`. For P take `np.exp(log_P)`.",
    ),
    mistakes=(
        Mistake(
            "saturated",
            "A probability can round to exactly 0, and the logarithm of 0 is infinite. "
            "Compute the logarithm of the softmax without computing the softmax first.",
            L=lambda v: -(v.Y * np.log(_P(v))).sum() / len(v.Z),
        ),
        Mistake(
            "overflow",
            "The exponential of a large logit is larger than any float. "
            "Which number can you subtract from a whole row without changing its probabilities?",
            L=lambda v: -(v.Y * np.log(_softmax(v.Z, 1))).sum() / len(v.Z),
            dL_dZ=lambda v: (_softmax(v.Z, 1) - v.Y) / len(v.Z),
        ),
        Mistake("sum-for-mean", "This loss is a mean over the batch. Yours is the sum.", L=lambda v: v.L * len(v.Z)),
        Mistake(
            "mean-over-entries",
            "A mean over the examples is divided by their number. Yours is divided by the number of all entries.",
            L=lambda v: v.L / v.Z.shape[1],
        ),
        Mistake("loss-sign", "Logarithms of probabilities are negative, and this loss is not.", L=lambda v: -v.L),
        Mistake(
            "hard-targets-only",
            "These targets are soft: every class has a target. Yours uses the largest one only.",
            L=lambda v: -_log_P(v)[np.arange(len(v.Z)), v.Y.argmax(axis=1)].mean(),
        ),
        Mistake("wrong-loss", "That is a squared error. This loss is a cross-entropy.", L=lambda v: ((_P(v) - v.Y) ** 2).sum() / len(v.Z)),
        Mistake(
            "mean-forgotten",
            "The loss is a mean over the batch. Yours is the gradient of a sum.",
            dL_dZ=lambda v: v.dL_dZ * len(v.Z),
        ),
        Mistake("mean-twice", "You have divided by the number of examples twice.", dL_dZ=lambda v: v.dL_dZ / len(v.Z)),
        Mistake(
            "divided-by-entries",
            "The mean is over the examples. Your gradient is divided by the number of classes as well.",
            dL_dZ=lambda v: v.dL_dZ / v.Z.shape[1],
        ),
        Mistake(
            "slope-twice",
            "The derivatives of the softmax are already contained in the difference P - Y. Yours has them twice.",
            dL_dZ=lambda v: v.dL_dZ * _P(v) * (1 - _P(v)),
        ),
        Mistake("factor-two", "A factor of two belongs to a squared error. There is no square here.", dL_dZ=lambda v: 2 * v.dL_dZ),
        Mistake(
            "averaged-over-batch",
            "Each example has logits of its own, so each row of the gradient is its own. Yours is averaged over the rows.",
            dL_dZ=lambda v: v.dL_dZ.sum(axis=0),
        ),
    ),
)


def _first_loss(node: Any) -> None:
    node("L", torch.nn.functional.cross_entropy(torch.zeros((5, 3), dtype=torch.float64), torch.tensor([0, 1, 2, 1, 1])))


first_loss = Prediction(
    name="first_loss",
    asks=("L",),
    forward=_first_loss,
    sample=lambda rng: {},
    rtol=1e-2,
    points=1,
    hints=(
        "If all logits of an example are equal, what are its three probabilities?",
        r"$L = \frac{1}{N}\sum_n\bigl(-\log p_n\bigr)$, where $p_n$ is the probability of the right class. All $p_n$ are the same here.",
        "Minus the natural logarithm of one third: `-np.log(1 / 3)`.",
    ),
    mistakes=(
        Mistake("no-loss", "The loss is 0 only if the right class has the probability 1. Here it has less.", L=lambda v: 0.0),
        Mistake("probability-for-loss", "That is the probability of the right class. The loss contains its logarithm.", L=lambda v: 1 / 3),
        Mistake("loss-sign", "Logarithms of probabilities are negative, and this loss is not.", L=lambda v: -np.log(3)),
        Mistake("examples-for-classes", "That is so with five classes. Five is the number of examples.", L=lambda v: np.log(5)),
        Mistake(
            "all-classes-counted",
            "Yours has a term for each class. Of an example only the right class has one.",
            L=lambda v: 3 * np.log(3),
        ),
        Mistake("two-classes", "That is so with two classes. Here there are three.", L=lambda v: np.log(2)),
        Mistake("summed", "That is the sum over the batch. The loss is the mean.", L=lambda v: 5 * np.log(3)),
        Mistake("other-logarithm", "That is the logarithm to base 2. The loss has the natural one.", L=lambda v: np.log2(3)),
        Mistake("decimal-logarithm", "That is the logarithm to base 10. The loss has the natural one.", L=lambda v: np.log10(3)),
        Mistake("classes-for-logarithm", "That is the number of classes. The loss grows with its logarithm.", L=lambda v: 3.0),
    ),
)


# --- a network of any depth -----------------------------------------------------------------------


def _activations(node: Any, X: Any, weights: Any, biases: Any) -> None:
    activations = [X]
    for W, b in zip(weights[:-1], biases[:-1]):
        activations.append(torch.relu(activations[-1] @ W + b))
    activations.append(activations[-1] @ weights[-1] + biases[-1])
    node("activations", activations)


def _activations_with(
    bend: Callable[..., Any] = lambda z, last: z if last else torch.relu(z), bias: float = 1.0, gate_inputs: bool = False
) -> Any:
    """The forward pass with another activation function, scaled
    gradients of the biases, or a ReLU before the first layer.
    """

    def forward(node: Any, X: Any, weights: Any, biases: Any) -> None:
        activations = [torch.relu(X) if gate_inputs else X]
        for k, (W, b) in enumerate(zip(weights, biases)):
            activations.append(bend(activations[-1] @ W + bias * b, k == len(weights) - 1))
        node("activations", activations)

    return forward


def _pre_activations(node: Any, X: Any, weights: Any, biases: Any) -> None:
    kept, A = [X], X
    for W, b in zip(weights, biases):
        kept.append(A @ W + b)
        A = torch.relu(kept[-1])
    node("activations", kept)


def _parts(vector: Array, like: Sequence[Array]) -> list[Array]:
    """The vector of all entries of a list of arrays, cut up into such a list."""
    ends = np.cumsum([item.size for item in like])
    return [part.reshape(item.shape) for part, item in zip(np.split(vector, ends[:-1]), like)]


def _sample_network(rng: Rng) -> dict[str, Any]:
    """Two to four layers, three classes, and all sizes
    different from each other and from the batch.
    """
    depth = int(rng.integers(2, 5))
    examples, *widths = _sizes(rng, depth + 1, (4, 5, 6, 7, 8))
    widths.append(3)
    return {
        "X": signed(rng, size=(examples, widths[0])),
        "weights": [signed(rng, 0.2, 0.9, size=shape) for shape in zip(widths, widths[1:])],
        "biases": [signed(rng, 0.1, 0.6, size=width) for width in widths[1:]],
    }


def _both_signs(v: SimpleNamespace) -> bool:
    """Open and shut gates in every hidden layer, logits of both signs, and nothing at a kink."""
    A, both = v.X, [np.any(v.X < 0)]
    for W, b in zip(v.weights, v.biases):
        Z = A @ W + b
        both.append(np.any(Z > 0) and np.any(Z < 0) and np.abs(Z).min() > 1e-3)
        A = np.maximum(Z, 0)
    return bool(all(both))


network_forward = Exercise(
    name="network_forward",
    asks=("activations",),
    forward=_activations,
    sample=_sample_network,
    regimes=(_both_signs,),
    points=2,
    hints=(
        "Which layers bend, and which one does not? And what is the very first entry of the list?",
        r"$A^{[0]} = X$, then $A^{[l]} = \max(0,\,A^{[l-1]}W^{[l]} + b^{[l]})$ for every layer but the last. The last one has no bend.",
        "Begin with `activations = [X]`. In a loop over `zip(weights[:-1], biases[:-1])` append `np.maximum(0, activations[-1] @ W + b)`. "
        "After the loop append the logits, with `weights[-1]` and `biases[-1]`.",
    ),
    mistakes=(
        Mistake(
            "gate-on-logits",
            "The last layer has no ReLU: logits may be negative.",
            program=_activations_with(lambda z, last: torch.relu(z)),
        ),
        Mistake(
            "no-gate",
            "The ReLU of the hidden layers is missing. Without it the network is one affine function.",
            program=_activations_with(lambda z, last: z),
        ),
        Mistake("lost-bias", "The biases are missing.", program=_activations_with(bias=0.0)),
        Mistake(
            "gated-inputs",
            "The inputs pass through a ReLU before they reach the first layer. They should not.",
            program=_activations_with(gate_inputs=True),
        ),
        Mistake(
            "pre-activation-for-activation",
            "The list holds the activations of the hidden layers, after their ReLU. Yours holds the pre-activations.",
            program=_pre_activations,
        ),
        Mistake(
            "inputs-left-out",
            "The list begins with the inputs: the first layer's gradient needs them.",
            activations=lambda v: v.activations[v.X.size :],
        ),
        Mistake(
            "logits-left-out",
            "The list ends with the logits, and they are missing.",
            activations=lambda v: v.activations[: -len(v.X) * len(v.biases[-1])],
        ),
        Mistake(
            "logits-only",
            "Those are the logits. The backward pass will need the output of every layer.",
            activations=lambda v: v.activations[-len(v.X) * len(v.biases[-1]) :].reshape(len(v.X), -1),
        ),
    ),
)


def _network(node: Any, X: Any, Y: Any, weights: Any, biases: Any) -> None:
    A = X
    for k in range(len(weights)):
        Z = node(f"Z{k}", A @ weights[k] + biases[k])
        A = torch.relu(Z)
    log_P = torch.log_softmax(Z, dim=1)
    node("L", -(Y * log_P).sum() / len(X))


def _network_with(
    affine: Callable[..., Any] = lambda a, z_before, W, b: a @ W + b,
    loss: Callable[..., Any] = lambda Z, Y: -(Y * torch.log_softmax(Z, dim=1)).sum() / len(Y),
) -> Any:
    """The network with another affine step, which also
    gets the pre-activations before it, or another loss.
    """

    def forward(node: Any, X: Any, Y: Any, weights: Any, biases: Any) -> None:
        A, Z = X, X
        for W, b in zip(weights, biases):
            Z = affine(A, Z, W, b)
            A = torch.relu(Z)
        node("L", loss(Z, Y))

    return forward


def _weights_meet_pre_activations(a: Any, z_before: Any, W: Any, b: Any) -> Any:
    met = z_before.detach() @ W
    return a @ W.detach() + b + met - met.detach()


def _gated_logits(Z: Any, Y: Any) -> Any:
    return -(Y * torch.log_softmax(with_slope(Z, Z, (Z > 0).double()), dim=1)).sum() / len(Y)


def _gradient_at_logits(wrong: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """A loss whose gradient at the logits is taken to be wrong(P, Y)."""

    def loss(Z: Any, Y: Any) -> Any:
        right = -(Y * torch.log_softmax(Z, dim=1)).sum() / len(Y)
        plane = (wrong(torch.softmax(Z, dim=1), Y).detach() * Z).sum()
        return plane + (right - plane).detach()

    return loss


def _deltas(v: SimpleNamespace) -> list[Array]:
    return [getattr(v, f"dL_dZ{k}") for k in range(len(v.weights))]


def _sample_labelled_network(rng: Rng) -> dict[str, Any]:
    network = _sample_network(rng)
    return {"X": network["X"], "Y": _targets(rng, len(network["X"]), 3), "weights": network["weights"], "biases": network["biases"]}


network_backward = Exercise(
    name="network_backward",
    asks=("dL_dweights", "dL_dbiases", "dL_dX"),
    forward=_network,
    sample=_sample_labelled_network,
    regimes=(lambda v: _both_signs(v) and len(v.weights) == 2, lambda v: _both_signs(v) and len(v.weights) > 2),
    points=6,
    hints=(
        "Begin at the logits. Which two steps, done by turns, take you back through the whole network? And what must be worked out before "
        "you go on?",
        r"$\delta^{[L]} = \frac{1}{N}(P - Y)$. In each layer $\dfrac{\partial L}{\partial W^{[l]}} = A^{[l-1]\mathsf T}\delta^{[l]}$, then "
        r"$\delta^{[l-1]} = \delta^{[l]}W^{[l]\mathsf T}\odot[A^{[l-1]} > 0]$.",
        "Forward, with your `network_forward`; `L, dL_dZ = softmax_cross_entropy(activations[-1], Y)`. "
        "Then for each layer `k` from the last to the first: `dL_dA, dL_dW, dL_db = dense_backward(dL_dZ, activations[k], weights[k])`; "
        "put the last two at the FRONT of their lists; and `dL_dZ = dL_dA * (activations[k] > 0)`. "
        "In front of the first layer there is no gate.",
    ),
    mistakes=(
        Mistake(
            "gate-on-logits",
            "The last layer has no ReLU, so there is no gate between the loss and the logits.",
            program=_network_with(loss=_gated_logits),
        ),
        Mistake(
            "mean-forgotten",
            "The loss is a mean over the batch. Your gradients are those of the sum.",
            program=_network_with(loss=_gradient_at_logits(lambda P, Y: P - Y)),
        ),
        Mistake(
            "mean-twice",
            "The loss has divided by the number of examples already. Yours divides a second time.",
            program=_network_with(loss=_gradient_at_logits(lambda P, Y: (P - Y) / len(Y) ** 2)),
        ),
        Mistake(
            "reversed-residual",
            "All your gradients have the other sign: look at the difference at the logits.",
            program=_network_with(loss=_gradient_at_logits(lambda P, Y: (Y - P) / len(Y))),
        ),
        Mistake(
            "slope-twice",
            "The derivatives of the softmax are already contained in the difference P - Y. Yours has them twice.",
            program=_network_with(loss=_gradient_at_logits(lambda P, Y: (P - Y) * P * (1 - P) / len(Y))),
        ),
        Mistake(
            "pre-activation-for-activation",
            "Weights are multiplied by the output of the layer before, after its ReLU. Yours uses the input of that ReLU.",
            program=_network_with(affine=_weights_meet_pre_activations),
        ),
        Mistake(
            "back-to-front",
            "You go from the last layer to the first, and your lists are in that order. They are asked for in the order of the weights.",
            dL_dweights=lambda v: _parts(v.dL_dweights, v.weights)[::-1],
            dL_dbiases=lambda v: _parts(v.dL_dbiases, v.biases)[::-1],
        ),
        Mistake(
            "biases-back-to-front",
            "Your weights' list is in the order asked for. The list of the biases runs from the last layer to the first.",
            dL_dbiases=lambda v: _parts(v.dL_dbiases, v.biases)[::-1],
        ),
        Mistake("transposed-dW", ON_ITS_SIDE, dL_dweights=lambda v: [part.T for part in _parts(v.dL_dweights, v.weights)]),
        Mistake("unsummed-bias", ADD_OVER_BATCH + "Your biases' gradients still have a row for each example.", dL_dbiases=_deltas),
        Mistake(
            "gate-on-inputs",
            "There is no ReLU before the first layer. Yours sets the gradient to 0 where an input is not positive.",
            dL_dX=lambda v: v.dL_dX * (v.X > 0),
        ),
        Mistake(
            "inputs-summed",
            "Each example has its own inputs, and so its own row. Only gradients of parameters are sums over the examples.",
            dL_dX=lambda v: v.dL_dX.sum(axis=0),
        ),
    ),
)


# --- training -------------------------------------------------------------------------------------


def _train(node: Any, X: Any, Y: Any, weights: Any, biases: Any, alpha: Any, steps: Any) -> None:
    X, Y, alpha = X.detach(), Y.detach(), alpha.detach()
    weights, biases = ([part.detach().clone().requires_grad_() for part in parts] for parts in (weights, biases))
    losses = []
    for _ in range(steps):
        L = mean_cross_entropy(X, Y, weights, biases)
        losses.append(L.detach())
        gradients = torch.autograd.grad(L, [*weights, *biases])
        with torch.no_grad():
            for parameter, gradient in zip([*weights, *biases], gradients):
                parameter -= alpha * gradient
    losses.append(mean_cross_entropy(X, Y, weights, biases).detach())
    node("losses", torch.stack(losses))
    node("weights_end", weights)
    node("biases_end", biases)


def _train_with(loss: Callable[..., Any] = mean_cross_entropy, **rules: Any) -> Any:
    """Training on another loss, or with other rules of the descent.

    Parameters are numbered from the last layer back: weights, biases, weights, biases and so on.
    """

    def forward(node: Any, X: Any, Y: Any, weights: Any, biases: Any, alpha: Any, steps: Any) -> None:
        def of(loss: Callable[..., Any]) -> Loss:
            return lambda parts: loss(X.detach(), Y.detach(), parts[::2][::-1], parts[1::2][::-1])

        right = of(mean_cross_entropy)
        pair = (right, right if loss is mean_cross_entropy else of(loss))
        parameters = [part for pair in zip(weights[::-1], biases[::-1]) for part in pair]
        losses, history = Descent(**rules).run(parameters, [pair] * int(steps), alpha)
        node("losses", torch.stack([*losses, right(history[-1])]))
        node("weights_end", history[-1][::2][::-1])
        node("biases_end", history[-1][1::2][::-1])

    return forward


def _retrained(v: SimpleNamespace, steps: int) -> Tape:
    """The same training with another number of steps."""
    names = ("X", "Y", "weights", "biases", "alpha")
    return Tape(_train, {name: getattr(v, name) for name in names} | {"alpha": float(v.alpha), "steps": steps})


def _spiral(rng: Rng) -> tuple[Array, Array]:
    """Three arms of a spiral, eight points each, and which arm each point is on."""
    t = np.linspace(0.1, 1, 8)
    arms = [4 * t + 2 * np.pi * arm / 3 + rng.normal(0, 0.1, size=8) for arm in range(3)]
    X = np.concatenate([np.column_stack([t * np.cos(angle), t * np.sin(angle)]) for angle in arms])
    return X.round(3), np.repeat(np.eye(3), 8, axis=0)


def _sample_training(rng: Rng) -> dict[str, Any]:
    """A few steps on a small batch with soft targets or, one
    time in five, two hundred on a spiral with three arms.
    """
    if rng.random() < 0.2:
        X, Y = _spiral(rng)
        widths, alpha, steps = [2, 7, 5, 3], 0.3, 200
    else:
        network = _sample_labelled_network(rng)
        X, Y = network["X"], network["Y"]
        widths = [X.shape[1], *(len(b) for b in network["biases"])]
        alpha, steps = float(rng.integers(11, 30)) / 100, int(rng.integers(3, 6))
    weights = [signed(rng, 0.2, 0.9, size=shape) for shape in zip(widths, widths[1:])]
    return {
        "X": X,
        "Y": Y,
        "weights": weights,
        "biases": [signed(rng, 0.1, 0.6, size=width) for width in widths[1:]],
        "alpha": alpha,
        "steps": steps,
    }


FEW, MANY = (lambda v: v.steps < 200 and _both_signs(v)), (lambda v: v.steps == 200)

DESCENT = Training(
    loss=_network,
    inputs=lambda v: [{name: v[name] for name in ("X", "Y", "weights", "biases")}] * (v["steps"] + 1),
    parameters=("weights", "biases"),
    told=lambda moved: {f"{name}_end": flat(moved[name]) for name in ("weights", "biases")},
)

train = Exercise(
    name="train",
    asks=("losses", "weights_end", "biases_end"),
    forward=_train,
    training=DESCENT,
    sample=_sample_training,
    regimes=(FEW, FEW, FEW, FEW, FEW, MANY),
    rtol=1e-8,
    points=6,
    hints=(
        "One step needs the gradients of all parameters. At which parameters are they taken: the old ones, the new ones, or a mixture?",
        r"Store $L$; then $W^{[l]} \leftarrow W^{[l]} - \alpha\,\dfrac{\partial L}{\partial W^{[l]}}$ and "
        r"$b^{[l]} \leftarrow b^{[l]} - \alpha\,\dfrac{\partial L}{\partial b^{[l]}}$ for all layers at once. Repeat.",
        "In a loop over `range(steps)`: append the loss to `losses`; call your `network_backward` once; then make two new lists, "
        "`[W - alpha * dL_dW for W, dL_dW in zip(weights, dL_dweights)]` and the same for the biases. "
        "(`W -= ...` would change the caller's arrays.) Which loss is missing when the loop ends?",
    ),
    mistakes=(
        Mistake(
            "sum-for-mean",
            "The loss is a mean over the batch. Your steps are those of a sum.",
            program=_train_with(loss=lambda X, Y, weights, biases: len(X) * mean_cross_entropy(X, Y, weights, biases)),
        ),
        Mistake(
            "mean-twice",
            "Your steps are too short: the number of examples divides them twice.",
            program=_train_with(loss=lambda X, Y, weights, biases: mean_cross_entropy(X, Y, weights, biases) / len(X)),
        ),
        Mistake(
            "last-layer-only",
            "Only your last layer changes. Every step changes all layers.",
            program=_train_with(groups=lambda parts: [[0, 1]]),
        ),
        Mistake(
            "one-step-short",
            "Your parameters have taken one step fewer than asked.",
            losses=lambda v: v.losses[:-1],
            weights_end=lambda v: _retrained(v, v.steps - 1).answer("weights_end"),
            biases_end=lambda v: _retrained(v, v.steps - 1).answer("biases_end"),
        ),
        Mistake(
            "first-loss-missing",
            "The parameters are right. Your losses are those after each step; the loss before the first step is asked for too.",
            losses=lambda v: v.losses[1:],
            weights_end=lambda v: v.weights_end,
            biases_end=lambda v: v.biases_end,
        ),
        Mistake(
            "last-loss-missing",
            "The parameters are right. Your losses are those before each step; the loss after the last step is asked for too.",
            losses=lambda v: v.losses[:-1],
            weights_end=lambda v: v.weights_end,
            biases_end=lambda v: v.biases_end,
        ),
        Mistake(
            "last-loss-only",
            "That is the last loss. All of them are asked for, from the one before the first step on.",
            losses=lambda v: v.losses[-1],
        ),
    ),
)

SECOND_HALF = (
    recall_depth,
    gradient_sizes,
    size_factors,
    variances,
    initial_weights,
    bad_starts,
    residual_backward,
    epoch_steps,
    minibatches,
    combined_gradient,
    train_minibatches,
)
FIRST_HALF = [value for value in globals().values() if isinstance(value, Exercise) and value not in SECOND_HALF]
EXERCISES, __getattr__ = lesson({exercise.name: exercise for exercise in (*FIRST_HALF, *SECOND_HALF)})
