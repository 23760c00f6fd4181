"""`python -m autograder`, where the command itself is not on the PATH."""

from .cli import app

if __name__ == "__main__":
    app()
