"""Pictures to play with: what they draw is what the figures draw, and every number in them is PyTorch's."""

from .explorer import GraphExplorer, explore
from .links import ChainPicture, follow_chain

__all__ = ["ChainPicture", "GraphExplorer", "explore", "follow_chain"]
