"""Interactive pictures. They draw what the figures draw, and
every number in them is PyTorch's or tested against it.
"""

from .attention.explorer import AttentionExplorer, explore_attention
from .chain.picture import ChainPicture, follow_chain
from .convolution.explorer import ConvolutionExplorer, explore_convolution
from .depth.explorer import DepthExplorer, explore_depth
from .descent.explorer import DescentExplorer, descend_by_hand
from .graph.explorer import GraphExplorer, explore
from .graph.fill_in import FillIn, fill_in
from .graph.stepper import Stepper, step_through
from .paths.explorer import PathExplorer, follow_paths
from .paths.growing import GrowingNetwork, grow_deep
from .pixels.explorer import PixelExplorer, explore_pixels
from .warming import warm

__all__ = [
    "AttentionExplorer",
    "ChainPicture",
    "ConvolutionExplorer",
    "DepthExplorer",
    "DescentExplorer",
    "FillIn",
    "GraphExplorer",
    "GrowingNetwork",
    "PathExplorer",
    "PixelExplorer",
    "Stepper",
    "descend_by_hand",
    "explore",
    "explore_attention",
    "explore_convolution",
    "explore_depth",
    "explore_pixels",
    "fill_in",
    "follow_chain",
    "follow_paths",
    "grow_deep",
    "step_through",
    "warm",
]
