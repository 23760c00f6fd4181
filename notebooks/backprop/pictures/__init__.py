"""Pictures to play with: what they draw is what the figures draw, and every number in them is PyTorch's."""

from .descent import DescentExplorer, descend_by_hand
from .explorer import GraphExplorer, explore

__all__ = ["DescentExplorer", "GraphExplorer", "descend_by_hand", "explore"]
