"""The second half of lesson 05: depth, initial weights, skip connections, minibatches."""
