"""Turns text of a submission into text that is safe
in a terminal, a flag, a table and the gradebook.
"""

import re

LONGEST = 1000  # characters of one remark
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def one_line(text: object, longest: int = LONGEST) -> str:
    """Any text as one line of printable characters, valid in UTF-8 and no longer than `longest`."""
    text = str(text)
    shown = "".join(" " if sign.isspace() else sign if sign.isprintable() else "\ufffd" for sign in text[: longest + 1])
    return shown if len(shown) <= longest else f"{shown[: longest - 3]}..."


def is_name(text: str) -> bool:
    """Whether a text may be a name in a database, a path and a list: valid UTF-8 on one line."""
    return bool(text.strip()) and not CONTROL.search(text)
