"""The picture of a chain of functions, link by link."""
