"""Running a notebook in two processes: student cells in a sandbox, the instructor's tests apart."""
