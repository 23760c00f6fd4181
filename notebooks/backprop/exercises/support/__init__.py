"""What the declarations of several exercises use: questions about flawed programs, and tests of a learner's engine."""
