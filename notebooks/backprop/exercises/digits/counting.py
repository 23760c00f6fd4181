"""A prediction: how many parameters a network has, and how an epoch is divided."""

from typing import Any

from ...autodiff.lazy import torch
from ...exercise import Mistake, Prediction


def _count_first(node: Any) -> None:
    layers = torch.nn.Sequential(torch.nn.Linear(96, 32), torch.nn.ReLU(), torch.nn.Linear(32, 10))
    node("parameters", torch.tensor(float(sum(part.numel() for part in layers.parameters())), dtype=torch.float64))
    batches = torch.arange(610).split(32)
    node("steps", torch.tensor(float(len(batches)), dtype=torch.float64))
    node("last_batch", torch.tensor(float(len(batches[-1])), dtype=torch.float64))


count_first = Prediction(
    name="count_first",
    asks=("parameters", "steps", "last_batch"),
    forward=_count_first,
    sample=lambda rng: {},
    rtol=1e-6,
    points=2,
    hints=(
        "Which arrays does a layer have, and of which shapes? How many full minibatches fit, and what is left?",
        r"Parameters: $\sum_l (D_l K_l + K_l)$. With $N$ examples and minibatches of $s$: $\lceil N / s \rceil$ steps, "
        r"the last of them with $N - s\lfloor N / s \rfloor$ examples, if that is not 0.",
        "`96 * 32 + 32` for the first layer, and the same for the second. "
        "`610 // 32` and `610 % 32`: which of the two says how many are left?",
    ),
    mistakes=(
        Mistake("biases-forgotten", "The biases are parameters too, one for each unit.", parameters=lambda v: 96.0 * 32 + 32 * 10),
        Mistake("one-bias-each-layer", "Each unit has a bias of its own.", parameters=lambda v: 96.0 * 32 + 32 * 10 + 2),
        Mistake("inputs-have-biases", "The inputs have no biases. Units do.", parameters=lambda v: 96.0 * 32 + 32 * 10 + 96 + 32 + 10),
        Mistake("last-batch-dropped", "What is left over after the full minibatches gets a step too.", steps=lambda v: 19.0),
        Mistake("examples-for-steps", "A step is taken for each minibatch, not for each example.", steps=lambda v: 610.0),
        Mistake("last-batch-full", "The last minibatch has what is left over.", last_batch=lambda v: 32.0),
        Mistake("what-is-missing", "That is how many examples are missing to fill the last one.", last_batch=lambda v: 30.0),
    ),
)
