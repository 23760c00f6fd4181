"""Shared parts of exercises: questions about flawed programs, and tests of a learner's engine."""
