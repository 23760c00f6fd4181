"""Cells of tables that somebody opens in a spreadsheet."""


def cell(text: str) -> str:
    """A text as a cell. Spreadsheets treat a cell that starts with these characters as a formula, so an apostrophe goes before them."""
    return f"'{text}" if text[:1] in tuple("=+-@\t\r") else text
