"""The picture of the gradient at the input: a digit, its pixels, and what the network answers."""
