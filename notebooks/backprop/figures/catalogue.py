"""All figures of the course by name. `python -m autograder.draw` writes them to img/."""

from . import (
    autodiff_engine,
    capstone,
    chain_rule,
    computation_graph,
    find_the_bug,
    inside_a_transformer,
    layers_and_batches,
    multipath_gradients,
    one_two_one_network,
    start_here,
)
from .registry import figures_of

LESSONS = (
    start_here,
    chain_rule,
    one_two_one_network,
    computation_graph,
    multipath_gradients,
    layers_and_batches,
    autodiff_engine,
    find_the_bug,
    inside_a_transformer,
    capstone,
)
FIGURES = {name: drawing for lesson in LESSONS for name, drawing in figures_of(lesson).items()}
