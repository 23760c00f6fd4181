"""Checking an answer: read it, compare it with PyTorch's, name the mistake, report."""
