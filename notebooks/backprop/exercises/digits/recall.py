"""Three quick questions about the lessons before."""

from typing import Any

from ...autodiff.lazy import torch
from ...exercise import Mistake, Prediction


def _recall_09(node: Any) -> None:
    Z = torch.tensor([0.7, 0.2, 0.1], dtype=torch.float64).log().repeat(4, 1).requires_grad_()
    L = torch.nn.functional.cross_entropy(Z, torch.tensor([0, 0, 0, 0]))
    node("dL_dz", torch.autograd.grad(L, Z)[0][0, 0])
    W = torch.empty(50, 20, dtype=torch.float64)
    torch_std = torch.nn.init.calculate_gain("relu") / W.shape[0] ** 0.5  # what kaiming_normal_ draws with
    node("variance", torch.tensor(torch_std**2, dtype=torch.float64))
    above, below = torch.tensor([1.30, 1.27], dtype=torch.float64)
    node("dL_dw", (above - below) / (2 * 0.01))


recall_09 = Prediction(
    name="recall_09",
    asks=("dL_dz", "variance", "dL_dw"),
    forward=_recall_09,
    sample=lambda rng: {},
    rtol=1e-2,
    points=0,
    hints=(
        "Question 1: what is the target of the right class, and what is a mean divided by? "
        "Question 2: is it the number of inputs or of units that adds up in a pre-activation? "
        "Question 3: how far apart are the two points?",
        r"1: $\frac{\partial L}{\partial z_k} = \frac1N(p_k - y_k)$. 2: $\operatorname{Var}(w) = \frac{2}{\text{inputs}}$. "
        r"3: $\frac{L(w + h) - L(w - h)}{2h}$.",
        "1: `(0.7 - 1) / 4`. 2: `2 / inputs`; which of the two numbers are the inputs? 3: `(1.30 - 1.27) / 0.02`.",
    ),
    mistakes=(
        Mistake("target-dropped", "Question 1: the target of the right class is 1, and it is subtracted.", dL_dz=lambda v: 0.175),
        Mistake("mean-forgotten", "Question 1: the loss is a mean over the four examples.", dL_dz=lambda v: -0.3),
        Mistake(
            "reversed-residual",
            "Question 1: a larger logit of the right class makes the loss smaller, so which sign must it have?",
            dL_dz=lambda v: 0.075,
        ),
        Mistake("no-softmax-slope", "Question 1: that is the gradient at the probability, not at the logit.", dL_dz=lambda v: -1 / 2.8),
        Mistake("fan-mix-up", "Question 2: a pre-activation is a sum over the inputs, not over the units.", variance=lambda v: 0.1),
        Mistake("deviation-for-variance", "Question 2: that is the standard deviation. Asked is its square.", variance=lambda v: 0.2),
        Mistake("no-relu", "Question 2: ReLU sets about half of the activations to 0. What makes up for that?", variance=lambda v: 0.02),
        Mistake("half-width", "Question 3: the two points lie 2h apart.", dL_dw=lambda v: 3.0),
        Mistake("undivided", "Question 3: that is the difference of the losses. A central difference is a quotient.", dL_dw=lambda v: 0.03),
        Mistake("difference-sign", "Question 3: right minus left. The loss grows with w.", dL_dw=lambda v: -1.5),
    ),
)
