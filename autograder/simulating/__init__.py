"""`autograder simulate`: a synthetic class whose wrong
answers are the solution with one mistake in its code.
"""
