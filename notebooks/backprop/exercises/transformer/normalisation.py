"""LayerNorm and BatchNorm: the mean and the variance are nodes that depend on every entry."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np

from ...autodiff.lazy import torch
from ...exercise import Exercise, Mistake, Prediction
from ...questions.sampling import Rng, positive, signed, sizes
from .shared import KEPT, Array

FORK = "Every entry of x also acts through the mean and through the variance. "
STATISTICS = "The mean and the variance are computed from the inputs, so the gradient flows back through them too. "

# --- predictions ----------------------------------------------------------------------------------


def _shift_and_scale(node: Any) -> None:
    x = torch.tensor([0.4, -1.3, 2.1, 0.9], dtype=torch.float64)
    dL_dxhat = torch.tensor([1.0, -2.0, 0.5, 3.0], dtype=torch.float64)

    def gradient(factor: float) -> Any:
        scaled = (factor * x).requires_grad_()
        xhat = (scaled - scaled.mean()) / scaled.var(correction=0).sqrt()
        return torch.autograd.grad((dL_dxhat * xhat).sum(), scaled)[0]

    node("sum_of_dL_dx", gradient(1.0).sum().round(decimals=9))
    node("factor_of_dL_dx", gradient(10.0)[0] / gradient(1.0)[0])


shift_and_scale = Prediction(
    name="shift_and_scale",
    asks=("sum_of_dL_dx", "factor_of_dL_dx"),
    forward=_shift_and_scale,
    sample=lambda rng: {},
    rtol=1e-3,
    points=2,
    hints=(
        "What happens to the normalised row if the same number is added to every entry of x? And if every entry is multiplied by 10?",
        r"If $\hat x(x + c\,\mathbf 1) = \hat x(x)$ for every $c$, then the derivative with respect to $c$ is 0, "
        r"and by the chain rule it is $\sum_i \frac{\partial L}{\partial x_i}$. "
        r"If $\hat x(10\,x) = \hat x(x)$, a step of $x$ changes $\hat x$ as much as a step ten times as long changes it at 10x.",
        "The first answer is the derivative of a constant. For the second one: "
        "at 10x the same change of the output needs a change of the input that is ten times as large; "
        "is the gradient then larger or smaller, and by which factor?",
    ),
    mistakes=(
        Mistake(
            "sum-of-upstream",
            "That is the sum of the upstream gradient at the outputs. What does the output do when all inputs rise by the same amount?",
            sum_of_dL_dx=lambda v: 2.5,
        ),
        Mistake("sum-is-one", "The weights of a softmax add up to one. These are the entries of a gradient.", sum_of_dL_dx=lambda v: 1.0),
        Mistake(
            "gradient-unchanged",
            "The output is unchanged. The gradient says how fast it moves with x, "
            "and now x must move ten times as far for the same effect.",
            factor_of_dL_dx=lambda v: 1.0,
        ),
        Mistake(
            "gradient-grows",
            "The other way round: the larger the entries are, the less a change of one unit matters.",
            factor_of_dL_dx=lambda v: 10.0,
        ),
        Mistake(
            "gradient-vanishes",
            "The output still depends on each single entry. Only a common factor has no effect.",
            factor_of_dL_dx=lambda v: 0.0,
        ),
        Mistake(
            "variance-for-deviation",
            "The variance grows by that factor. The inputs are divided by the standard deviation.",
            factor_of_dL_dx=lambda v: 0.01,
        ),
    ),
)

# --- one row, link by link ------------------------------------------------------------------------


def _layer_norm_links(node: Any, dL_dy: Any, x: Any, gamma: Any, eps: Any) -> None:
    m = node("m", x.mean())
    c = node("c", x - m)
    v = node("v", (c**2).mean())
    s = node("s", (v + eps) ** -0.5)
    xhat = node("xhat", c * s)
    y = node("y", gamma * xhat)
    node("L", (dL_dy * y).sum())


def _sample_row(rng: Rng) -> dict[str, Any]:
    features = int(rng.integers(4, 8))
    return {
        "dL_dy": signed(rng, 0.4, 2.0, size=features),
        "x": signed(rng, 0.3, 2.5, size=features),
        "gamma": signed(rng, 0.4, 1.8, size=features),
        "eps": positive(rng, 0.05, 0.4),
    }


layer_norm_links = Exercise(
    name="layer_norm_links",
    asks=("dL_dxhat", "dL_ds", "dL_dv", "dL_dc", "dL_dm", "dL_dx"),
    forward=_layer_norm_links,
    sample=_sample_row,
    points=6,
    hints=(
        "Go through the graph from the right to the left. Which nodes are single numbers that every entry uses, "
        "so that their gradient is a sum? From which two nodes does something come back to c? And to x?",
        r"$\frac{\partial L}{\partial s} = \sum_i \frac{\partial L}{\partial \hat x_i}c_i$, $\;\frac{ds}{dv} = -\frac12 s^3$, "
        r"$\;\frac{\partial L}{\partial c_i} = \frac{\partial L}{\partial \hat x_i}\,s + \frac{\partial L}{\partial v}\,\frac{2c_i}{D}$, "
        r"$\;\frac{\partial L}{\partial m} = -\sum_i\frac{\partial L}{\partial c_i}$.",
        "`dL_ds = (dL_dxhat * c).sum()`, `dL_dv = -0.5 * s**3 * dL_ds`, then dL_dc as a sum of two terms. "
        "`dL_dm` collects from every entry of c, with the sign of c = x - m. "
        "And x reaches L through c and through m: which share of dL_dm does one entry get?",
    ),
    mistakes=(
        Mistake(
            "missing-scale",
            "The factor gamma stands between the normalised row and the output, and it is missing.",
            dL_dxhat=lambda v: v.dL_dy,
        ),
        Mistake(
            "missing-scale-at-s",
            "s is used in the normalised row, so the gradient there comes back to it. Yours has the gradient at y, without gamma.",
            dL_ds=lambda v: v.dL_dy @ v.c,
        ),
        Mistake(
            "not-summed", "The one number s is used by every entry, so what comes back to it is a sum.", dL_ds=lambda v: v.dL_dxhat * v.c
        ),
        Mistake("half-lost", "The exponent comes down as a factor, and it is not one.", dL_dv=lambda v: 2 * v.dL_dv),
        Mistake(
            "root-for-reciprocal",
            "That is the derivative of the square root. Here s is one divided by it.",
            dL_dv=lambda v: 0.5 * v.s * v.dL_ds,
        ),
        Mistake(
            "variance-is-constant",
            "The variance is made of c as well, so something comes back from it too.",
            dL_dc=lambda v: v.dL_dxhat * v.s,
        ),
        Mistake(
            "mean-undivided",
            "The variance is a mean of squares. Each square has only one part in D of it.",
            dL_dc=lambda v: v.dL_dxhat * v.s + v.dL_dv * 2 * v.c,
        ),
        Mistake(
            "mean-not-summed", "The mean is one number that every entry uses. What comes back to it is a sum.", dL_dm=lambda v: -v.dL_dc
        ),
        Mistake("mean-is-constant", FORK + "Yours leaves out the way through the mean.", dL_dx=lambda v: v.dL_dc),
        Mistake(
            "share-undivided",
            "Each entry is only one part in D of the mean, so it gets that share of what comes back to the mean.",
            dL_dx=lambda v: v.dL_dc + v.dL_dm,
        ),
    ),
)

# --- a whole batch --------------------------------------------------------------------------------


def _norm_along(axis: int, correction: int = 0) -> Any:
    """A normalisation with a scale, its statistics taken along `axis`."""

    def forward(node: Any, dL_dY: Any, X: Any, gamma: Any, eps: Any) -> None:
        beta = node("beta", torch.zeros(X.shape[1], dtype=torch.float64, requires_grad=True))
        m = X.mean(axis, keepdim=True)
        v = X.var(axis, keepdim=True, correction=correction)
        Xhat = node("Xhat", (X - m) / torch.sqrt(v + eps))
        node("L", (dL_dY * (gamma * Xhat + beta)).sum())

    return forward


def _layer_norm(node: Any, dL_dY: Any, X: Any, gamma: Any, eps: Any) -> None:
    beta = node("beta", torch.zeros(X.shape[1], dtype=torch.float64, requires_grad=True))
    m = X.mean(dim=1, keepdim=True)
    v = ((X - m) ** 2).mean(dim=1, keepdim=True)
    Xhat = node("Xhat", (X - m) / torch.sqrt(v + eps))
    node("L", (dL_dY * (gamma * Xhat + beta)).sum())


def _batch_norm(node: Any, dL_dY: Any, X: Any, gamma: Any, eps: Any) -> None:
    beta = node("beta", torch.zeros(X.shape[1], dtype=torch.float64, requires_grad=True))
    m = X.mean(dim=0)
    v = ((X - m) ** 2).mean(dim=0)
    Xhat = node("Xhat", (X - m) / torch.sqrt(v + eps))
    node("L", (dL_dY * (gamma * Xhat + beta)).sum())


def _sample_rows(rng: Rng) -> dict[str, Any]:
    examples, features = sizes(rng, 2, 3, 7)
    return {
        "dL_dY": signed(rng, 0.4, 2.0, size=(examples, features)),
        "X": signed(rng, 0.3, 2.5, size=(examples, features)),
        "gamma": signed(rng, 0.4, 1.8, size=features),
        "eps": positive(rng, 0.05, 0.4),
    }


def _norm_mistakes(axis: int) -> tuple[Mistake, ...]:
    """The mistakes of both normalisations; `axis` is
    the one along which the statistics are computed.
    """

    def gradient(combine: Callable[..., Array]) -> Callable[[SimpleNamespace], Array]:
        """combine(d, s, Xhat, mean) at a sample, where
        `mean` is computed along the axis of the statistics.
        """

        def formula(v: SimpleNamespace) -> Array:
            d, s = v.dL_dY * v.gamma, (v.X.var(axis=axis, keepdims=True) + v.eps) ** -0.5
            return combine(d, s, v.Xhat, lambda array: array.mean(axis=axis, keepdims=True))

        return formula

    def total(array: Array) -> Array:
        return array.sum(axis=axis, keepdims=True)

    def across(array: Array) -> Array:
        return array.mean(axis=1 - axis, keepdims=True)

    def normalised_scale(v: SimpleNamespace, C: Array, over: int | None) -> Array:
        """dL_dgamma if Xhat is C divided by the root of the mean of its squares."""
        return (v.dL_dY * C / np.sqrt((C**2).mean(axis=over, keepdims=True) + v.eps)).sum(axis=0)

    line = "row" if axis == 1 else "column"
    one_mean = "The two means of the backward pass run along the same axis as the statistics. One of yours runs along the other."

    return (
        Mistake(
            "statistics-are-constant",
            STATISTICS + "In yours both are fixed numbers.",
            dL_dX=gradient(lambda d, s, Xhat, mean: s * d),
        ),
        Mistake(
            "mean-is-constant",
            STATISTICS + "In yours the mean is a fixed number.",
            dL_dX=gradient(lambda d, s, Xhat, mean: s * (d - Xhat * mean(d * Xhat))),
        ),
        Mistake(
            "variance-is-constant",
            STATISTICS + "In yours the variance is a fixed number.",
            dL_dX=gradient(lambda d, s, Xhat, mean: s * (d - mean(d))),
        ),
        Mistake(
            "missing-scale",
            "The factor gamma stands between the normalised values and the output, and it is missing in the backward pass.",
            dL_dX=lambda v: gradient(lambda d, s, Xhat, mean: s * (v.dL_dY - mean(v.dL_dY) - Xhat * mean(v.dL_dY * Xhat)))(v),
        ),
        Mistake(
            "deviation-left-out",
            "The inputs are divided by their standard deviation, and so is what comes back to them.",
            dL_dX=gradient(lambda d, s, Xhat, mean: d - mean(d) - Xhat * mean(d * Xhat)),
        ),
        Mistake(
            "variance-for-deviation",
            "What comes back is divided by the standard deviation once. Yours is divided by the variance.",
            dL_dX=gradient(lambda d, s, Xhat, mean: s**2 * (d - mean(d) - Xhat * mean(d * Xhat))),
        ),
        Mistake(
            "sum-for-mean",
            "The statistics are means, and so are the two terms that are subtracted. Yours are sums.",
            dL_dX=gradient(lambda d, s, Xhat, mean: s * (d - total(d) - Xhat * total(d * Xhat))),
        ),
        Mistake(
            "variance-term-sign",
            "Both terms are subtracted: an entry that lies far out makes the standard deviation grow, and that pulls all outputs in.",
            dL_dX=gradient(lambda d, s, Xhat, mean: s * (d - mean(d) + Xhat * mean(d * Xhat))),
        ),
        Mistake(
            "means-along-the-wrong-axis",
            "The normalised values are right. The two means of the backward pass run along the same axis as the statistics; "
            "yours run along the other.",
            dL_dX=gradient(lambda d, s, Xhat, mean: s * (d - across(d) - Xhat * across(d * Xhat))),
        ),
        Mistake(
            "one-mean-along-the-wrong-axis",
            one_mean,
            dL_dX=gradient(lambda d, s, Xhat, mean: s * (d - mean(d) - Xhat * across(d * Xhat))),
        ),
        Mistake(
            "other-mean-along-the-wrong-axis",
            one_mean,
            dL_dX=gradient(lambda d, s, Xhat, mean: s * (d - across(d) - Xhat * mean(d * Xhat))),
        ),
        Mistake(
            "means-over-everything",
            "The two means of the backward pass run along one axis, as the statistics do. Yours run over the whole array.",
            dL_dX=gradient(lambda d, s, Xhat, mean: s * (d - d.mean() - Xhat * (d * Xhat).mean())),
        ),
        Mistake(
            "means-before-scale",
            "Multiply the upstream gradient by gamma first, and take the means of the product.",
            dL_dX=lambda v: gradient(lambda d, s, Xhat, mean: s * v.gamma * (v.dL_dY - mean(v.dL_dY) - Xhat * mean(v.dL_dY * Xhat)))(v),
        )
        if axis == 1
        else Mistake(
            "one-row-for-all",
            "Each example gets a row of its own. Yours has one row, added up over the batch; only what the examples share adds up.",
            dL_dX=lambda v: v.dL_dX.sum(axis=0),
        ),
        Mistake(
            "wrong-axis-norm",
            "The statistics are taken along the wrong axis: here "
            + (
                "each example is normalised over its own features."
                if axis == 1
                else "each feature is normalised over the examples of the batch."
            ),
            program=_norm_along(1 - axis),
        ),
        Mistake(
            "overall-mean",
            f"Each {line} has a mean of its own. Yours subtracts the mean of the whole array.",
            dL_dgamma=lambda v: normalised_scale(v, v.X - v.X.mean(), axis),
        ),
        Mistake(
            "overall-statistics",
            f"Each {line} has a mean and a variance of its own. Yours are those of the whole array.",
            dL_dgamma=lambda v: normalised_scale(v, v.X - v.X.mean(), None),
        ),
        Mistake(
            "unbiased-variance",
            "This variance is the mean of the squares. Yours is divided by one less than their number.",
            program=_norm_along(axis, correction=1),
        ),
        Mistake(
            "own-operand",
            "The gradient of gamma has the normalised values as a factor. Yours has gamma itself as well.",
            dL_dgamma=lambda v: v.dL_dgamma * v.gamma,
        ),
        Mistake(
            "gamma-meets-inputs",
            "The scale gamma multiplies the normalised values. Yours meets the inputs as they were.",
            dL_dgamma=lambda v: (v.dL_dY * v.X).sum(axis=0),
        ),
        Mistake(
            "scale-like-shift",
            "That is the gradient of the shift. The scale multiplies, so the other factor comes in.",
            dL_dgamma=lambda v: v.dL_dY.sum(axis=0),
        ),
        Mistake(
            "unsummed-scale",
            "Every example uses the same gamma, so the contributions of the examples add. Yours still has a row for each.",
            dL_dgamma=lambda v: v.dL_dY * v.Xhat,
        ),
        Mistake(
            "scale-mean",
            "Every example uses the same gamma, and the contributions add. Yours are averaged.",
            dL_dgamma=lambda v: v.dL_dgamma / len(v.X),
        ),
        Mistake(
            "scale-summed-over-features",
            "Each feature has a gamma of its own; it is the examples that share it.",
            dL_dgamma=lambda v: (v.dL_dY * v.Xhat).sum(axis=1),
        ),
        Mistake(
            "shift-after-scale",
            "The shift is added after the scale, so gamma has no part in its gradient.",
            dL_dbeta=lambda v: (v.dL_dY * v.gamma).sum(axis=0),
        ),
        Mistake(
            "unsummed-shift",
            "Every example uses the same beta, so the contributions of the examples add. Yours still has a row for each.",
            dL_dbeta=lambda v: v.dL_dY,
        ),
        Mistake("kept-dimension", KEPT, dL_dbeta=lambda v: v.dL_dY.sum(axis=0, keepdims=True)),
    )


layer_norm_backward = Exercise(
    name="layer_norm_backward",
    asks=("dL_dgamma", "dL_dbeta", "dL_dX"),
    forward=_layer_norm,
    sample=_sample_rows,
    points=6,
    hints=(
        "For dL_dX: put the links of the exercise before into one another for one row. "
        "What is left of dL_dv and dL_dm, written with the normalised row? For the other two: who shares gamma and beta?",
        r"With $d = \frac{\partial L}{\partial Y}\odot\gamma$, row by row: "
        r"$\frac{\partial L}{\partial x} = s\,\bigl(d - \operatorname{mean}(d) - \hat x\,\operatorname{mean}(d\odot\hat x)\bigr)$.",
        "Compute `s` of shape (N, 1) and `Xhat`, with `keepdims=True`. `d = dL_dY * gamma`. "
        "Both means are `.mean(axis=..., "
        "keepdims=True)`: along which axis is each row normalised? And along which axis are gamma and beta shared?",
    ),
    mistakes=_norm_mistakes(1),
)

batch_norm_backward = Exercise(
    name="batch_norm_backward",
    asks=("dL_dgamma", "dL_dbeta", "dL_dX"),
    forward=_batch_norm,
    sample=_sample_rows,
    points=4,
    hints=(
        "What has changed against LayerNorm: the graph, or only the axis along which the mean and the variance are taken?",
        r"Now column by column, with $d = \frac{\partial L}{\partial Y}\odot\gamma$: "
        r"$\frac{\partial L}{\partial x} = s\,\bigl(d - \operatorname{mean}(d) - \hat x\,\operatorname{mean}(d\odot\hat x)\bigr)$. "
        r"Here $\gamma$ is the same number for a whole column.",
        "Take your `layer_norm_backward`. Which of its axes change, and which do not? `gamma` and `beta` belong to the features in both.",
    ),
    mistakes=_norm_mistakes(0),
)
