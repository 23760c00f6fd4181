"""The widget that every picture stands on: controls, drawing surface, words and formulas."""
