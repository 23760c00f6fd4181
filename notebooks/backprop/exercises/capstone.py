"""Lesson 09, Capstone: a network that reads digits, from an empty page.

Some of its checks are on behaviour: what a learner's function draws, and what the trained network
gets right. The exercises are declared in `digits`, one file for each stage of the work.
"""

from . import lesson
from .digits.batches import shuffled_batches
from .digits.counting import count_first
from .digits.evaluating import confusion_matrix
from .digits.gradient_checking import check_gradients
from .digits.gradients import class_probabilities, loss_and_gradients
from .digits.learning import fit_digits, overfit_twenty
from .digits.recall import recall_09
from .digits.starting import starting_parameters
from .digits.training import choose_rate, train_epoch
from .support.waiting import once_written

IN_ORDER = (
    recall_09,
    starting_parameters,
    class_probabilities,
    loss_and_gradients,
    check_gradients,
    count_first,
    shuffled_batches,
    train_epoch,
    overfit_twenty,
    choose_rate,
    fit_digits,
    confusion_matrix,
)
EXERCISES, __getattr__ = lesson({exercise.name: exercise for exercise in IN_ORDER})

__all__ = ["EXERCISES", "once_written"]
