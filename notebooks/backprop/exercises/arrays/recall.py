"""Three quick questions before the second half of lesson 06."""

from typing import Any

from ...autodiff.lazy import torch
from ...exercise import Mistake, Prediction


def _recall_arrays(node: Any) -> None:
    c = torch.zeros((8, 1), dtype=torch.float64, requires_grad=True)
    node("terms_in_dL_dc", torch.autograd.grad((torch.ones((8, 5), dtype=torch.float64) + c).sum(), c)[0][0, 0])
    X = torch.ones((6, 4), dtype=torch.float64, requires_grad=True)
    node("terms_in_dL_dX", torch.autograd.grad((X @ torch.ones((4, 3), dtype=torch.float64)).sum(), X)[0][0, 0])
    x = torch.tensor(4.0, dtype=torch.float64, requires_grad=True)
    node("x_grad", torch.autograd.grad(x * x + 3 * x, x)[0])


recall_arrays = Prediction(
    name="recall_arrays",
    asks=("terms_in_dL_dc", "terms_in_dL_dX", "x_grad"),
    forward=_recall_arrays,
    sample=lambda rng: {},
    rtol=1e-3,
    points=0,
    hints=(
        "Question 1: to how many places is one entry of the column copied? Question 2: how many outputs use one input? "
        "Question 3: along how many edges does something come back to x?",
        r"1: one term for each copy. 2: $\frac{\partial L}{\partial x_{ni}} = \sum_k \frac{\partial L}{\partial z_{nk}}w_{ik}$. "
        r"3: $\frac{dL}{dx} = 2x + 3$.",
        "1: there are 5 columns. 2: there are 3 units. 3: `2 * 4 + 3`.",
    ),
    mistakes=(
        Mistake(
            "rows-counted", "Question 1: the column has an entry for each row. Along which axis is it copied?", terms_in_dL_dc=lambda v: 8.0
        ),
        Mistake(
            "all-entries", "Question 1: that is the whole matrix. One entry of the column goes into one row.", terms_in_dL_dc=lambda v: 40.0
        ),
        Mistake(
            "inputs-counted", "Question 2: that is the number of inputs. How many units use one of them?", terms_in_dL_dX=lambda v: 4.0
        ),
        Mistake(
            "examples-counted", "Question 2: each example has its own inputs, so the batch plays no part.", terms_in_dL_dX=lambda v: 6.0
        ),
        Mistake("one-edge", "Question 3: two edges lead from x into the product. Yours has one of them.", x_grad=lambda v: 7.0),
        Mistake(
            "product-only", "Question 3: x is used in the product and in the second term. Yours has the product only.", x_grad=lambda v: 8.0
        ),
        Mistake("overwritten", "Question 3: the contributions add. Yours is one of them alone.", x_grad=lambda v: 3.0),
    ),
)
