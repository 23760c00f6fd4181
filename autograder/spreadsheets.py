"""Cells of tables that somebody opens in a spreadsheet."""

FORMULA = tuple("=+-@|%\uff1d\uff0b\uff0d\uff20")


def cell(text: str) -> str:
    """A text as a cell of a spreadsheet.

    Spreadsheets treat a cell that starts with these characters as a formula, so an apostrophe goes
    before them.
    """
    return f"'{text}" if text.lstrip().startswith(FORMULA) else text
