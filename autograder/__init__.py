"""The instructors' side: building the notebooks, making an nbgrader course of them."""
