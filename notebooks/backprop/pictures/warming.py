"""Draws pictures ahead of time, for a process of which copies are forked."""

from collections.abc import Callable, Iterable
from functools import partial

from ..figures.networks import NETWORKS
from .attention.explorer import explore_attention
from .chain.chains import CHAINS
from .chain.picture import follow_chain
from .convolution.explorer import explore_convolution
from .depth.explorer import explore_depth
from .descent.explorer import descend_by_hand
from .graph.explorer import explore
from .graph.fill_in import fill_in
from .graph.stepper import step_through
from .paths.explorer import follow_paths
from .paths.growing import grow_deep
from .pixels.explorer import explore_pixels
from .stage.stage import Picture

PICTURES: dict[str, list[Callable[[], Picture]]] = {
    "descend_by_hand": [descend_by_hand],
    "explore": [partial(explore, network) for network in NETWORKS],
    "explore_attention": [explore_attention],
    "explore_convolution": [explore_convolution],
    "explore_depth": [explore_depth],
    "explore_pixels": [explore_pixels],
    "fill_in": [fill_in],
    "follow_chain": [partial(follow_chain, chain) for chain in CHAINS],
    "follow_paths": [follow_paths],
    "grow_deep": [grow_deep],
    "step_through": [step_through],
}


def warm(names: Iterable[str]) -> None:
    """Draw each of these pictures once, so that processes forked from this one have its letters.

    A picture of a network or a chain is drawn for each of them. Other names are ignored.
    """
    for name in names:
        for opened in PICTURES.get(name, ()):
            opened().close()
