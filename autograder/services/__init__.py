"""Grades one notebook without a gradebook: `autograder
grade-one`, for Gradescope, PrairieLearn and GitHub Classroom.
"""
