"""PyTorch put to work: the tape of one forward pass, traces of a graph, wrong backward rules, and the settings in force."""
