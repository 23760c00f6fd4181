"""Pictures to play with: what they draw is what the figures draw, and every number in them is PyTorch's."""

from .explorer import GraphExplorer, explore
from .paths import PathExplorer, follow_paths

__all__ = ["GraphExplorer", "PathExplorer", "explore", "follow_paths"]
