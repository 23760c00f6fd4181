"""Grading: repairing submissions, running them apart from the tests, and writing the marks."""
