"""Giving marks and feedback back, in the forms that learning platforms take."""
