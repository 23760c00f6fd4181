"""The picture of convolution and max-pooling: one kernel at every place, one input for each max."""
