"""The course's figures: the networks that they show, and a function for each figure."""
