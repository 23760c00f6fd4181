"""Makes an error that the student's code raised again on the trusted side, from its description."""

import sys
from typing import Any


class StudentError(Exception):
    """An error of the student's code whose class only the student's process knows."""


def error_told(about: dict[str, Any], classes: dict[int, Any]) -> BaseException:
    """An error like the one described; `classes`: the
    classes of errors that are known here, by number.
    """
    name, text = str(about.get("class", "Error"))[:100], str(about.get("text", ""))
    own = [classes[n] for n in about.get("own") or [] if isinstance(n, int) and isinstance(classes.get(n), type)]
    known = own[0] if own else known_error(about.get("builtin"))
    error = _plain_error(known, name, text, about.get("args"), bare=about.get("bare") is True)
    attributes = about.get("attributes")
    for attribute, value in attributes.items() if type(attributes) is dict else ():
        usable = type(attribute) is str and attribute.isidentifier() and not attribute.startswith(("_", "where_in_cell"))
        if usable and not hasattr(error, attribute):
            setattr(error, attribute, value)
    if isinstance(error, NameError) and type(about.get("missing")) is str:
        error.name = about["missing"][:100]
    where = about.get("where")
    if isinstance(where, list) and len(where) == 2 and isinstance(where[0], str) and isinstance(where[1], int):
        setattr(error, "where_in_cell", (where[0][:100], where[1]))  # noqa: B010  (no attribute that errors have)
        error.add_note(f"It arose in the student's code, in {where[0][:100]}, line {where[1]} of its cell.")
    return error


def known_error(path: Any) -> type[Exception]:
    """The class of Python's, NumPy's or PyTorch's exceptions
    called [module, name]; StudentError for any other.
    """
    if isinstance(path, list) and len(path) == 2 and all(isinstance(part, str) for part in path):
        module = sys.modules.get(path[0]) if path[0].split(".")[0] in ("builtins", "numpy", "torch") else None
        found = getattr(module, path[1], None)
        made_in = str(getattr(found, "__module__", "")).split(".")[0]  # not what these import: unittest.SkipTest
        if made_in in ("builtins", "numpy", "torch") and isinstance(found, type) and issubclass(found, Exception):
            return found
    return StudentError


_classes: dict[tuple[str, type], type[Exception]] = {}


def error_class(name: str, base: type[Exception]) -> type[Exception]:
    """A class of that name that is caught where `base` is, and says what it is told to."""
    key = name, base
    if key not in _classes:
        members = {
            "__init__": lambda self, *args: Exception.__init__(self, *args),
            "__str__": _first_argument,
        }
        _classes[key] = type(name, (base,), members)
    return _classes[key]


def _first_argument(error: Exception) -> str:
    return getattr(error, "_said", None) or (str(error.args[0]) if error.args else "")


def _plain_error(kind: type[Exception], name: str, text: str, args: Any, *, bare: bool) -> BaseException:
    args = tuple(args) if type(args) is list else None
    if kind.__module__ == "builtins" and kind.__name__ == name:
        for given in [()] if bare else [args, (text,)]:
            error = None if given is None else _try(kind, *given)
            if error is not None and str(error) == text:
                return error
    error = error_class(name, kind)(text)
    if args is not None:
        error.args = args
        setattr(error, "_said", text)  # noqa: B010  (no attribute that errors have)
    return error


def _try(kind: type[Exception], *args: Any) -> BaseException | None:
    try:
        return kind(*args)
    except Exception:  # some need more than a text
        return None
