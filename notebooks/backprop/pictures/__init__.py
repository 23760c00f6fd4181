"""Pictures to play with: what they draw is what the figures draw, and every number in them is PyTorch's."""

from .explorer import GraphExplorer, explore
from .fill_in import FillIn, fill_in
from .stepper import Stepper, step_through

__all__ = ["FillIn", "GraphExplorer", "Stepper", "explore", "fill_in", "step_through"]
