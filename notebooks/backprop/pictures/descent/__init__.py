"""The picture of gradient descent, step by step."""
