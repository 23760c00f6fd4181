"""Pictures to play with: what they draw is what the figures draw, and every number in them is PyTorch's."""

from .descent import DescentExplorer, descend_by_hand
from .explorer import GraphExplorer, explore, warm
from .fill_in import FillIn, fill_in
from .growing import GrowingNetwork, grow_deep
from .links import ChainPicture, follow_chain
from .paths import PathExplorer, follow_paths
from .stepper import Stepper, step_through

__all__ = [
    "ChainPicture",
    "DescentExplorer",
    "FillIn",
    "GraphExplorer",
    "GrowingNetwork",
    "PathExplorer",
    "Stepper",
    "descend_by_hand",
    "explore",
    "fill_in",
    "follow_chain",
    "follow_paths",
    "grow_deep",
    "step_through",
    "warm",
]
