"""Three quick questions before the second half of lesson 05."""

from typing import Any

from ...autodiff.lazy import torch
from ...exercise import Mistake, Prediction


def _recall_depth(node: Any) -> None:
    x = torch.tensor(1.0, dtype=torch.float64, requires_grad=True)
    u = x
    for _ in range(5):
        u = u / 2
    node("dL_dx", torch.autograd.grad(64 * u, x)[0])
    Z = torch.tensor([1.0, -2.0, 3.0], dtype=torch.float64, requires_grad=True)
    upstream = torch.tensor([4.0, 5.0, 6.0], dtype=torch.float64)
    node("sum_of_dL_dZ", torch.autograd.grad(torch.relu(Z), Z, upstream)[0].sum())
    losses = torch.ones(8, dtype=torch.float64, requires_grad=True)
    node("share", 24 * torch.autograd.grad(losses.mean(), losses)[0][0])


recall_depth = Prediction(
    name="recall_depth",
    asks=("dL_dx", "sum_of_dL_dZ", "share"),
    forward=_recall_depth,
    sample=lambda rng: {},
    rtol=1e-3,
    points=0,
    hints=(
        "Question 1: do the links of a chain add, or do they multiply? Question 2: which entries pass the ReLU? "
        "Question 3: by which number does the mean divide?",
        r"1: $64\cdot\left(\tfrac12\right)^5$. 2: $\frac{\partial L}{\partial z_k} = \frac{\partial L}{\partial a_k}\,[z_k > 0]$. "
        r"3: $L = \frac18\sum_n \ell_n$.",
        "1: 64 / 32. 2: the second entry is replaced by 0; add the two that are left. 3: `24 / 8`.",
    ),
    mistakes=(
        Mistake("links-added", "Question 1: the local derivatives along a chain multiply. Yours are added.", dL_dx=lambda v: 160.0),
        Mistake("one-link", "Question 1: that is one link of the chain. There are five.", dL_dx=lambda v: 32.0),
        Mistake(
            "upstream-lost",
            "Question 1: that is the product of the links. The upstream gradient is a factor too.",
            dL_dx=lambda v: 1 / 32,
        ),
        Mistake("no-gate", "Question 2: one of the entries does not pass the ReLU.", sum_of_dL_dZ=lambda v: 15.0),
        Mistake(
            "gate-turned", "Question 2: a gate is open where Z is positive. Yours is open where it is negative.", sum_of_dL_dZ=lambda v: 5.0
        ),
        Mistake(
            "upstream-dropped", "Question 2: that counts the open gates. Each passes on its upstream gradient.", sum_of_dL_dZ=lambda v: 2.0
        ),
        Mistake("sum-for-mean", "Question 3: that is the contribution to the sum. The loss is the mean.", share=lambda v: 24.0),
        Mistake("multiplied", "Question 3: a mean divides by the number of examples. Yours is multiplied by it.", share=lambda v: 192.0),
    ),
)
