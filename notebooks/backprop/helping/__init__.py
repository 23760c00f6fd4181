"""What helps a learner beside the check: hints, the referee, and where the course meets IPython."""
