"""Running a notebook in two processes: the student's cells behind walls, the instructor's tests apart from them."""
