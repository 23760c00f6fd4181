"""Running a notebook in two processes: the student's cells in a sandbox, the instructor's tests apart from them."""
