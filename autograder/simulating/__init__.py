"""`autograder simulate`: a synthetic class, whose wrong answers are the solution with a slip in one place of its code."""
