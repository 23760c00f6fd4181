"""The feedback page of a student: what was right, the first thing to look at, and the whole notebook below."""
