"""The picture of depth: how large activations and gradients are, layer by layer."""
