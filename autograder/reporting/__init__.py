"""`autograder report`: what a class did not understand, as one page."""
