"""The picture of attention: where the gradient of one output flows."""
