"""The second half of lesson 06: an engine for arrays, gradient checks, curvature."""
