"""The second half of lesson 06: an engine whose nodes are arrays, the directional check, Hessian-vector products."""
