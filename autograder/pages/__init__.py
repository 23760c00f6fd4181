"""The feedback page of a student: what was right, what to look at first, and the whole notebook."""
