"""Names as mathematics: in HTML for captions, as text
for messages, and in plain letters for screen readers.
"""

import html
import re
import unicodedata

from ...translation import _

_SIGNS = {r"\to": "→", r"\partial": "∂", r"\cdot": "·", r"\,": " ", r"\;": " ", r"\sigma": "σ", r"\alpha": "α"}


def as_html(formula: str) -> str:
    """A short formula, such as w_1^{[2]} or \\hat{y}, with raised and lowered signs."""
    text = html.escape(_signs(formula))
    text = re.sub(r"_(?:\{([^{}]*)\}|(\w))", lambda m: f"<sub>{m[1] or m[2]}</sub>", text)
    text = re.sub(r"\^(?:\{([^{}]*)\}|(\w))", lambda m: f"<sup>{m[1] or m[2]}</sup>", text)
    return f"<i>{text}</i>"


def as_text(formula: str) -> str:
    """The same as text that looks like the mathematics: x₁, w₁[2], ŷ."""
    text = re.sub(r"_(?:\{([^{}]*)\}|(\w))", lambda m: (m[1] or m[2]).translate(_LOWERED), _signs(formula))
    return re.sub(r"[\^{}]", "", unicodedata.normalize("NFC", text))


_LOWERED = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_FROM_RAISED = {raised: chr(digit) for digit, raised in _RAISED.items()}


def superscript(power: int) -> str:
    """A whole number in raised digits."""
    return str(power).translate(_RAISED)


def from_superscript(raised: str) -> str:
    """Raised digits as ordinary ones."""
    return raised.translate(_FROM_RAISED)


def power_of_ten(power: int) -> str:
    """A power of ten as written on an axis: 0.01, 1 000, 10⁴."""
    return grouped(10**power) if 0 <= power <= 3 else f"{10.0**power:.3g}" if -3 <= power < 0 else f"10{superscript(power)}"


def grouped(number: int) -> str:
    """A whole number with a narrow space between groups of three digits."""
    return f"{number:,}".replace(",", "\u202f")


def spoken(formula: str) -> str:
    """The same in plain letters: "w 1 [2]", "y hat"."""
    text = re.sub(r"\\hat\{(\w)\}", r"\1 hat ", formula)
    text = _signs(text).replace("→", _(" to "))
    return " ".join(re.sub(r"[_^{}]", " ", text).split())


def _signs(formula: str) -> str:
    text = re.sub(r"\\hat\{(\w)\}", lambda m: m[1] + "\u0302", formula)
    for command, sign in _SIGNS.items():
        text = text.replace(command, sign)
    return text


def partial(top: str, bottom: str) -> str:
    """∂top/∂bottom in HTML, on one line; a product in brackets."""
    return "/".join(f"∂({as_html(name)})" if _is_product(name) else f"∂{as_html(name)}" for name in (top, bottom))


def _is_product(formula: str) -> bool:
    bare = re.sub(r"[_^](\{[^{}]*\}|\w)", "", re.sub(r"\\hat\{(\w)\}", r"\1", formula))
    return len(bare) > 1
