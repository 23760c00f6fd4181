"""Three quick questions about the lessons before."""

from typing import Any

from ...autodiff.lazy import torch
from ...exercise import Mistake, Prediction


def _recall_08(node: Any) -> None:
    b = torch.zeros(2, dtype=torch.float64, requires_grad=True)
    dL_dZ = torch.tensor([[1.0, -2.0], [0.5, 4.0], [2.0, 1.5]], dtype=torch.float64)
    node("dL_db2", torch.autograd.grad((dL_dZ * (torch.ones_like(dL_dZ) + b)).sum(), b)[0][1])
    z = torch.tensor([0.5, 0.3, 0.2], dtype=torch.float64).log().requires_grad_()
    node("dL_dz1", torch.autograd.grad(3 * torch.softmax(z, dim=0)[0], z)[0][0])
    x = torch.tensor(2.0, dtype=torch.float64, requires_grad=True)
    node("dL_dx", torch.autograd.grad(5 * (x * x + 3 * x), x)[0])


recall_08 = Prediction(
    name="recall_08",
    asks=("dL_db2", "dL_dz1", "dL_dx"),
    forward=_recall_08,
    sample=lambda rng: {},
    rtol=1e-2,
    points=0,
    hints=(
        "Question 1: how often is the second bias used? Question 2: "
        "does the upstream gradient at the first probability count in full? "
        "Question 3: how many edges leave x?",
        r"1: $\frac{\partial L}{\partial b_k} = \sum_n \frac{\partial L}{\partial z_{nk}}$. "
        r"2: $\frac{\partial L}{\partial z_1} = p_1\bigl(g_1 - \sum_i p_i g_i\bigr)$ with $g = \frac{\partial L}{\partial p}$. "
        r"3: $\frac{dL}{dx} = \frac{dL}{dy}\,(2x + 3)$.",
        "1: add up the second column. 2: `0.5 * (3 - s)`, where s is the sum of `p_i * g_i`. 3: `5 * (2 * x + 3)` at x = 2.",
    ),
    mistakes=(
        Mistake(
            "bias-mean",
            "Question 1: the three examples share the bias, and their gradients add. Yours is their mean.",
            dL_db2=lambda v: 3.5 / 3,
        ),
        Mistake(
            "one-sample", "Question 1: all three examples use the bias. Yours has the first example's gradient only.", dL_db2=lambda v: -2.0
        ),
        Mistake(
            "last-sample", "Question 1: all three examples use the bias. Yours has the last example's gradient only.", dL_db2=lambda v: 1.5
        ),
        Mistake(
            "lost-upstream-at-softmax",
            "Question 2: that is the derivative of the softmax alone. The upstream gradient is a factor too.",
            dL_dz1=lambda v: 0.25,
        ),
        Mistake("summed-over-units", "Question 1: asked is the second bias, so add down the second column.", dL_db2=lambda v: 4.5),
        Mistake(
            "no-softmax-slope",
            "Question 2: that is the upstream gradient at the probability. The logit comes before the softmax.",
            dL_dz1=lambda v: 3.0,
        ),
        Mistake(
            "sum-left-out",
            "Question 2: raising one logit lowers the other probabilities too. Yours leaves the weighted mean out.",
            dL_dz1=lambda v: 1.5,
        ),
        Mistake("one-path", "Question 3: in the product x times x, both factors are x, and each is a path.", dL_dx=lambda v: 25.0),
        Mistake("lost-upstream", "Question 3: that is how fast y moves with x. The gradient at y is a factor too.", dL_dx=lambda v: 7.0),
        Mistake(
            "dropped-term", "Question 3: x reaches y by the square and by the multiple. Yours has the square only.", dL_dx=lambda v: 20.0
        ),
    ),
)
