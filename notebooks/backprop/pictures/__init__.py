"""Pictures to play with: what they draw is what the figures draw, and every number in them is PyTorch's."""

from .explorer import GraphExplorer, explore

__all__ = ["GraphExplorer", "explore"]
