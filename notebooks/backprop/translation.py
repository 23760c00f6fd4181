"""The learner's language: messages are written in English, and are translated here.

    _("{name} is right.", name=name)

A catalogue of translations, locale/LANGUAGE/LC_MESSAGES/backprop.mo in this folder, is used where
LANGUAGE, LC_ALL, LC_MESSAGES or LANG in the environment asks for its language. There is none yet.
CONTRIBUTING.md says how a message is written and how a translation is begun. Any Python 3 can read
this file.
"""

import gettext
from functools import lru_cache
from pathlib import Path

DOMAIN = "backprop"
LOCALE = Path(__file__).with_name("locale")


@lru_cache(maxsize=1)
def catalogue() -> gettext.NullTranslations:
    """The catalogue of the learner's language; where there is none, messages stay as they are."""
    return gettext.translation(DOMAIN, str(LOCALE), fallback=True)


def _(message: str, **values: object) -> str:
    """`message` in the learner's language, with `values` in the place of their names in braces."""
    said = catalogue().gettext(message) if message else ""  # gettext takes no message for the catalogue's head
    return _filled(said, message, values) if values else said


def ngettext(one: str, many: str, count: int, **values: object) -> str:
    """The form of a message that fits `count`, translated and filled in likewise."""
    return _filled(catalogue().ngettext(one, many, count), one if count == 1 else many, {"count": count, **values})


def _filled(said: str, message: str, values: "dict[str, object]") -> str:
    """`said` with its values; the English message where a translation names others."""
    try:
        return said.format(**values)
    except (LookupError, ValueError):
        return message.format(**values)


def N_(message: str) -> str:
    """`message` itself: marks a constant, which is translated with `_` where it is shown."""
    return message
