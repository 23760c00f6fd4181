"""Grading: putting submissions right, running them apart from the tests, and writing the marks down."""
