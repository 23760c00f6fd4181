"""One notebook without a gradebook: `autograder grade-one`, and what Gradescope, PrairieLearn and GitHub Classroom need to call it."""
