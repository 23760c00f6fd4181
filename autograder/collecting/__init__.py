"""`autograder collect`: from what a learning platform gives to nbgrader's submitted/."""
