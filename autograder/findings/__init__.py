"""What the checks found in a submission, kept as data when it is graded."""
