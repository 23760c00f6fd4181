"""What a call does to its arguments: found in the student's
process, and written back where the test can see it.
"""

import sys
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from .codec import NotEncodable
from .known import Effect, EffectKind

Arguments = dict[int | str, Any]
FIXED = (type(None), bool, int, float, complex, str, bytes, range, slice, np.generic)  # what no call can change


def by_key(args: list[Any], kwargs: dict[str, Any]) -> Arguments:
    """The arguments of a call, by position and by keyword."""
    found: Arguments = dict(enumerate(args))
    found.update(kwargs)
    return found


# --- on the student's side ------------------------------------------------------------------------


def contents(arguments: Arguments, encode: Callable[[Any], bytes]) -> dict[int | str, bytes]:
    """What the arguments that a call may change hold now."""
    found = {}
    for key, argument in arguments.items():
        if not isinstance(argument, FIXED):
            try:
                found[key] = encode(argument)
            except NotEncodable:
                continue
    return found


def changed(arguments: Arguments, before: dict[int | str, bytes], encode: Callable[[Any], bytes]) -> Arguments:
    """The arguments that hold something else than `before`."""
    after = contents({key: arguments[key] for key in before}, encode)
    return {key: arguments[key] for key, seen in after.items() if seen != before[key]}


def returned(arguments: Arguments, keys: Any, value: Any) -> list[tuple[int | str, int | str | None]]:
    """Which of the arguments the value is, or has as its parts, and where."""
    own = {id(arguments[key]): key for key in keys}
    if id(value) in own:
        return [(own[id(value)], None)]
    if type(value) in (list, tuple):
        parts: Any = enumerate(value)
    elif type(value) is dict:
        parts = ((key, part) for key, part in value.items() if isinstance(key, (int, str)))
    else:
        return []
    return [(own[id(part)], place) for place, part in parts if id(part) in own]


# --- on the trusted side --------------------------------------------------------------------------


def effects_told(mine: Arguments, told: Any) -> Iterator[tuple[Effect, Any]]:
    """The effects that the student's process reports,
    if they are valid, each with the changed argument.
    """
    if not (type(told) is list and len(told) == 2 and type(told[0]) is dict and type(told[1]) is list):
        return
    for key, theirs in told[0].items():
        if key in mine and type(mine[key]) is type(theirs):
            kind = EffectKind.GRADIENT if _same_but_for_gradients(mine[key], theirs) else EffectKind.CHANGES
            yield Effect(kind, key), theirs
    for entry in told[1]:
        if type(entry) is tuple and len(entry) == 2 and entry[0] in mine and type(entry[1]) in (int, str, type(None)):
            yield Effect(EffectKind.RETURNS, *entry), None


def with_argument(value: Any, place: int | str | None, argument: Any) -> Any:
    """The value, with the trusted side's own argument in
    place of the copy that the student's process sent.
    """
    if place is None:
        return argument if type(value) is type(argument) else value
    if type(value) is tuple and type(place) is int and 0 <= place < len(value):
        return (*value[:place], argument, *value[place + 1 :])
    if type(value) is list and type(place) is int and 0 <= place < len(value):
        value[place] = argument
    if type(value) is dict and place in value:
        value[place] = argument
    return value


def _same_but_for_gradients(mine: Any, theirs: Any) -> bool:
    """Whether two values have the same tensors and nothing else that could differ."""
    torch = sys.modules.get("torch")
    if torch is None or type(mine) is not type(theirs):
        return False
    if isinstance(mine, torch.Tensor):
        return mine.shape == theirs.shape and mine.dtype == theirs.dtype and torch.equal(mine.detach(), theirs.detach())
    if isinstance(mine, (list, tuple)):
        return len(mine) == len(theirs) and all(map(_same_but_for_gradients, mine, theirs))
    if isinstance(mine, dict):
        return mine.keys() == theirs.keys() and all(_same_but_for_gradients(mine[key], theirs[key]) for key in mine)
    return False


def write_back(mine: Any, theirs: Any) -> None:
    """Give an argument the contents that the student's function left in its copy."""
    if type(mine) is not type(theirs):
        return
    if isinstance(mine, np.ndarray):
        if mine.shape == theirs.shape and mine.dtype == theirs.dtype:
            mine[...] = theirs
    elif isinstance(mine, list):
        mine[:] = [*map(renewed, mine, theirs), *theirs[len(mine) :]]
    elif isinstance(mine, tuple):
        for left, right in zip(mine, theirs):
            write_back(left, right)
    elif isinstance(mine, dict):
        for key in [key for key in mine if key not in theirs]:
            del mine[key]
        mine.update({key: renewed(mine[key], right) if key in mine else right for key, right in theirs.items()})
    elif isinstance(mine, set):
        mine.clear()
        mine.update(theirs)
    elif isinstance(mine, np.random.Generator):
        if type(mine.bit_generator) is type(theirs.bit_generator):
            mine.bit_generator.state = theirs.bit_generator.state
    elif isinstance(mine, np.random.RandomState):
        mine.set_state(theirs.get_state())
    elif "torch" in sys.modules and isinstance(mine, sys.modules["torch"].Tensor) and mine.shape == theirs.shape:
        mine.data.copy_(theirs.data)
        write_gradients(mine, theirs)


def write_gradients(mine: Any, theirs: Any) -> None:
    """Give tensors the gradients that the student's function left in its copies of them."""
    torch = sys.modules.get("torch")
    if type(mine) is not type(theirs) or torch is None:
        return
    if isinstance(mine, torch.Tensor):
        if mine.is_leaf and mine.requires_grad and (theirs.grad is None or theirs.grad.shape == mine.shape):
            mine.grad = None if theirs.grad is None else theirs.grad.to(mine.dtype)
    elif isinstance(mine, (list, tuple)):
        for left, right in zip(mine, theirs):
            write_gradients(left, right)
    elif isinstance(mine, dict):
        for key in mine.keys() & theirs.keys():
            write_gradients(mine[key], theirs[key])


def renewed(mine: Any, theirs: Any) -> Any:
    """The changed value: the same object where possible, as other names may refer to it."""
    torch = sys.modules.get("torch")
    same = type(mine) is type(theirs) and getattr(mine, "shape", None) == getattr(theirs, "shape", None)
    if same and (_is_container(mine) or (torch is not None and isinstance(mine, torch.Tensor) and mine.dtype == theirs.dtype)):
        write_back(mine, theirs)
        return mine
    return theirs


def _is_container(value: Any) -> bool:
    return isinstance(value, (list, dict, set)) or (isinstance(value, np.ndarray) and value.ndim > 0)
