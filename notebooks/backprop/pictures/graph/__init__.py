"""Pictures of a computation graph: the explorer, the stepper, and the graph to fill in."""
