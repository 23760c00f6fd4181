"""Pictures to play with: what they draw is what the figures draw, and every number in them is PyTorch's."""

from .explorer import GraphExplorer, explore
from .growing import GrowingNetwork, grow_deep
from .paths import PathExplorer, follow_paths

__all__ = ["GraphExplorer", "GrowingNetwork", "PathExplorer", "explore", "follow_paths", "grow_deep"]
