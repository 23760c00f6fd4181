"""Reads a learner's answer: calls the function, and
turns its result into arrays, or into a reason why not.
"""

import contextlib
import dataclasses
import inspect
import io
import itertools
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence, ValuesView
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

import numpy as np

from ..autodiff.settings import kept
from ..autodiff.tape import Shapes
from ..questions.question import Question, Sample
from ..translation import _, ngettext
from .errors import brief, in_words, learners_frame, stopped, type_name

Array = np.ndarray


LARGE = 10_000  # entries; no answer in the course has more


class Unreadable(Exception):
    """The whole answer cannot be compared; the message says why, to the learner."""


class NotStarted(Unreadable):
    """The place where the learner's lines go is still as it was released."""


class Interrupted(KeyboardInterrupt):
    """The learner, or a time limit, stopped the check while their function ran."""

    def _render_traceback_(self) -> list[str]:
        return [str(self)]


@dataclass
class Reading:
    """What one call gave: a value for each link, or a word on why there is none."""

    values: dict[str, Array] = field(default_factory=dict)
    unfit: dict[str, Array] = field(default_factory=dict)  # numbers of another shape than asked, or not finite
    lists: dict[str, Shapes] = field(default_factory=dict)  # the shapes of arrays that came in a list
    objects: dict[str, tuple[str, list[str]]] = field(default_factory=dict)  # the type of what is no number, its attributes that are
    complaints: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def read_answers(exercise: Question, answer: Any, drawn: Sequence[Sample]) -> list[Reading]:
    """Call `answer` at every sample and read the results.

    Unreadable if there is nothing to compare.

    Where its type has `__call_each__`, that is asked for the results of all samples but the first:
    __call_each__(answer, sets of arguments) -> an iterator over the results, or an error at the
    first call that raises one. A function in another process needs one message for all of them.
    """
    readings = [read_answer(exercise, answer, drawn[0])]
    later = drawn[1:]
    call_each = getattr(type(answer), "__call_each__", None)
    if call_each is None or exercise.use is not None:
        return readings + [read_answer(exercise, answer, sample, fits=True) for sample in later]
    given = [exercise.call_with(sample.inputs) for sample in later]
    results = call_each(answer, [tuple(arguments.values()) for arguments in given])
    for sample, arguments in zip(later, given):
        readings.append(_read(exercise, answer, sample, arguments, lambda *_: next(results)))
    return readings


def read_answer(exercise: Question, answer: Any, sample: Sample, *, fits: bool = False) -> Reading:
    """Call `answer` at `sample` and read the result. Unreadable if there is nothing to compare.

    `fits`: it is known that it takes as many arguments.
    """
    arguments = exercise.call_with(sample.inputs)
    if callable(answer) and exercise.use is None and not fits:
        _fits(answer, arguments)
    return _read(exercise, answer, sample, arguments, answer)


def _read(exercise: Question, answer: Any, sample: Sample, arguments: dict[str, Any], call: Callable[..., Any]) -> Reading:
    """Read the result of `call`, which is `answer` or stands for one call of it."""
    reading = Reading()
    raw = _call(exercise, answer, arguments, reading, call) if callable(answer) else _plain(exercise, answer)
    try:
        if inspect.iscoroutine(raw):
            raw.close()
            raise Unreadable(_("{name} is an `async def`; write a plain `def`.", name=name_of(answer)))
        if not exercise.arguments:
            reading.notes += _changed(arguments, {name: sample.inputs[name] for name in arguments})
        for ask, value in _by_name(raw, exercise.asks, sample).items():
            _read_link(reading, ask, value, sample.truth[ask].shape, sample.lists.get(ask))
    except (Unreadable, KeyboardInterrupt):
        raise
    except BaseException as error:  # a returned object's own methods may do anything at all
        raise Unreadable(
            _("What {name} returned cannot be read: {type}: {error}.", name=name_of(answer), type=type_name(error), error=brief(error))
        ) from None
    return reading


def name_of(answer: Any) -> str:
    """What to call the learner's function in a message."""
    try:
        return str(answer.__name__)
    except Exception:  # a callable object need not have a name, and may refuse to be asked
        return _("your function")


def _plain(exercise: Question, answer: Any) -> Any:
    """An answer that is not a function: fine for a prediction, a slip anywhere else."""
    if answer is None or answer is Ellipsis:
        wanted = (
            _("your answer") if exercise.on_fixed_numbers else _("your function: check({name})", name=exercise.subject or exercise.name)
        )
        raise NotStarted(_("There is no answer here yet. Hand the check {wanted}.", wanted=wanted))
    if exercise.on_fixed_numbers:
        return answer
    wanted = exercise.subject or exercise.name
    raise Unreadable(
        _(
            "The check needs the function itself, so that it can try it on several inputs; it was handed {kind}. "
            "Write the name of your function without calling it: check({wanted}), not check({wanted}(...)).",
            kind=_kind(answer),
            wanted=wanted,
        )
    )


class _Capture(io.StringIO):
    """Holds what a function prints, also after the function has closed it."""

    def close(self) -> None:
        """Stay open."""


def _call(
    exercise: Question, function: Callable[..., Any], arguments: Mapping[str, Any], reading: Reading, call: Callable[..., Any]
) -> Any:
    """The result of call(*arguments), or of the function used
    as the exercise does; prints and warnings become notes.
    """
    printed = _Capture()
    try:
        with (
            kept(),
            warnings.catch_warnings(record=True) as warned,
            contextlib.redirect_stdout(printed),
            contextlib.redirect_stderr(printed),
        ):
            warnings.simplefilter("always")
            value = call(*arguments.values()) if exercise.use is None else exercise.use(function, *arguments.values())
    except Unreadable:
        raise
    except NotImplementedError as error:
        raise (Unreadable(stopped(name_of(function), error)) if error.args else NotStarted(_what_is_not_started(function, error))) from None
    except KeyboardInterrupt:
        raise Interrupted(
            _("Stopped while {name} was running. If that took long, look for a loop that never ends.", name=name_of(function))
        ) from None
    except RecursionError as error:
        raise Unreadable(_too_deep(function, error)) from None
    except BaseException as error:  # also SystemExit and whatever else a function may raise
        raise Unreadable(stopped(name_of(function), error)) from None
    if printed.getvalue().strip():
        reading.notes.append(_("{name} printed: {text}", name=name_of(function), text=brief(printed.getvalue())))
    reading.notes += dict.fromkeys(_("{name} warned: {text}", name=name_of(function), text=brief(w.message)) for w in warned)
    return value


def _what_is_not_started(function: Callable[..., Any], error: NotImplementedError) -> str:
    other = _other_than(function, error)
    if other and isinstance(function, type):
        return _("Not started yet: {other} of {name} still has its placeholder line.", other=other, name=name_of(function))
    if other:
        return _(
            "{name} calls {other}, and that is not started yet: it still has its placeholder line.", name=name_of(function), other=other
        )
    return _("Not started yet: {name} still has its placeholder line.", name=name_of(function))


def _too_deep(function: Callable[..., Any], error: RecursionError) -> str:
    other = _other_than(function, error)
    if other:
        return _(
            "{name} stopped because {other} calls itself, and that too many times: "
            "Python allows about a thousand calls inside one another. "
            "Either it never ends, or what it follows is deeper than that.",
            name=name_of(function),
            other=other,
        )
    return _("{name} calls itself without end. Does it use its own name where another was meant?", name=name_of(function))


def _other_than(function: Callable[..., Any], error: BaseException) -> str:
    """The name of the learner's function in which `error` arose, if it is not `function` itself."""
    frame, _ = learners_frame(error)
    code = None if frame is None else frame.f_code
    own = None if isinstance(function, type) else getattr(function, "__code__", code)
    return "" if code is None or code is own else code.co_name


def _fits(function: Callable[..., Any], arguments: Mapping[str, Any]) -> None:
    """Unreadable unless `function` can be called with that many arguments."""
    try:
        signature = inspect.signature(function)
    except Exception:
        return  # some functions do not tell; the call itself will
    try:
        signature.bind(*arguments.values())
    except TypeError:
        wanted = f"({', '.join(arguments)})"
        raise Unreadable(
            _(
                "{name}{signature} does not take what the check calls it with: {wanted}. Restore the line that begins with def.",
                name=name_of(function),
                signature=brief(signature),
                wanted=wanted,
            )
        ) from None


def _by_name(raw: Any, asks: Sequence[str], sample: Sample) -> dict[str, Any]:
    """The values by link, from a dict, a sequence in the order asked, or a single value."""
    if raw is None:
        raise Unreadable(_("The function returned None. Is the last line a `return` with the values asked for?"))
    raw = _in_plain_form(raw, asks)
    if isinstance(raw, Mapping):
        return _from_mapping(raw, asks)
    if len(asks) == 1:
        alone = isinstance(raw, tuple) and len(raw) == 1 and sample.truth[asks[0]].shape[:1] != (1,)
        return {asks[0]: raw[0] if alone else raw}
    wanted = _("{count} values are asked for: {names}", count=len(asks), names=", ".join(asks))
    if not isinstance(raw, (list, tuple)) and getattr(raw, "ndim", 0) == 0:
        raise Unreadable(_("The function returned {kind}; {wanted}, in that order.", kind=_kind(raw), wanted=wanted))
    if len(raw) != len(asks):
        raise Unreadable(
            ngettext(
                "The function returned {count} value; {wanted}, in that order.",
                "The function returned {count} values; {wanted}, in that order.",
                len(raw),
                wanted=wanted,
            )
        )
    return {ask: raw[position] for position, ask in enumerate(asks)}


def _in_plain_form(raw: Any, asks: Sequence[str]) -> Any:
    """The answer in a plain form: a dict for a namedtuple or dataclass
    that names the links, a list for a generator, map or view.

    Anything else is unchanged.
    """
    if isinstance(raw, tuple) and set(asks) <= set(names := getattr(raw, "_fields", ())):
        return dict(zip(names, raw))
    if dataclasses.is_dataclass(raw) and not isinstance(raw, type):
        fields = {one.name: getattr(raw, one.name) for one in dataclasses.fields(raw)}
        return fields if set(asks) & set(fields) else list(fields.values())
    if isinstance(raw, (Iterator, ValuesView)):
        return list(itertools.islice(raw, len(asks) + 1))  # an iterator need not end
    return raw


def _from_mapping(raw: Mapping[Any, Any], asks: Sequence[str]) -> dict[str, Any]:
    if not any(ask in raw for ask in asks):
        raise Unreadable(
            _(
                "The dict has none of the names asked for: {names}. It has: {keys}.",
                names=", ".join(asks),
                keys=brief(", ".join(map(str, raw))),
            )
        )
    return {ask: raw[ask] if ask in raw else _Missing(ask, raw) for ask in asks}


class _Missing:
    """Stands for a link that the learner's dict does not have."""

    def __init__(self, ask: str, raw: Mapping[Any, Any]) -> None:
        near = get_close_matches(ask, [key for key in raw if isinstance(key, str)], n=1)
        self.complaint = _("missing from the dict (there is a {near!r})", near=near[0]) if near else _("missing from the dict")


def _read_link(reading: Reading, ask: str, value: Any, shape: tuple[int, ...], shapes: Shapes | None = None) -> None:
    """Turn one link's value into a float64 array in `reading`, or note why that is impossible.

    `shapes` are those of a list of arrays, if one is asked for; a vector of all their entries is
    accepted too.
    """
    if isinstance(value, _Missing):
        reading.complaints[ask] = value.complaint
        return
    if value is None or value is Ellipsis or value is NotImplemented:
        reading.complaints[ask] = _("not there yet (None)")
        return
    if shapes and (listed := _shapes(value)):
        reading.lists[ask] = listed
    value, misshapen = _joined(value, shapes) if shapes else (value, "")
    array, complaint = _as_array(value)
    if array is None:
        reading.complaints[ask] = complaint
        if found := _object(value):
            reading.objects[ask] = found
    elif shapes and (misshapen or array.shape != shape):
        wanted = _("a list of {count} arrays is asked for", count=len(shapes))
        reading.complaints[ask] = misshapen or _("shape {shape} where {wanted}", shape=_shape(array.shape), wanted=wanted)
        if array.size <= LARGE:
            reading.unfit[ask] = array.astype(np.float64)
    elif array.shape != shape:
        reading.complaints[ask] = _("shape {shape} where {wanted} is asked for", shape=_shape(array.shape), wanted=_shape(shape))
        if array.size <= LARGE:
            reading.unfit[ask] = array.astype(np.float64)
    elif not np.isfinite(array).all():
        reading.complaints[ask] = _("not finite: {entries}", entries=_not_finite(array))
        reading.unfit[ask] = array.astype(np.float64)
    else:
        reading.values[ask] = array.astype(np.float64)


def _joined(value: Any, shapes: Shapes) -> tuple[Any, str]:
    """All entries of a list of arrays in one vector, and
    what is wrong with the list; anything else unchanged.
    """
    if isinstance(value, np.ndarray) and value.dtype == object:
        value = list(value)
    if not isinstance(value, (list, tuple)) or all(np.ndim(_detached(part)) == 0 for part in value):
        return value, ""
    if any(part is None for part in value):
        return np.zeros(0), _("[{k}] is not there yet (None)", k=next(k for k, part in enumerate(value) if part is None))
    parts = [np.asarray(_detached(part)) for part in value]
    joined = np.concatenate([part.reshape(-1) for part in parts])
    if len(parts) != len(shapes):
        return joined, _("a list of {count} where a list of {wanted} arrays is asked for", count=len(parts), wanted=len(shapes))
    for k, (part, shape) in enumerate(zip(parts, shapes)):
        if part.shape != shape:
            return joined, _("[{k}] has shape {shape} where {wanted} is asked for", k=k, shape=_shape(part.shape), wanted=_shape(shape))
    return joined, ""


def _shapes(value: Any) -> Shapes:
    """The shapes of the arrays in a list; empty for anything else."""
    if not isinstance(value, (list, tuple)) or any(part is None for part in value):
        return ()
    shapes = tuple(np.shape(_detached(part)) for part in value)
    return shapes if any(shapes) else ()


def _object(value: Any) -> tuple[str, list[str]] | None:
    """The type of the first entry that is no number, and its
    attributes that are numbers; None if it has none.
    """
    if isinstance(value, (list, tuple)):
        return next((_object(entry) for entry in value if _as_array(entry)[0] is None), None)
    parts = [name for name, part in getattr(value, "__dict__", {}).items() if isinstance(part, (float, int, np.number, np.ndarray))]
    return (type_name(value), parts) if parts else None


def _as_array(value: Any) -> tuple[Array | None, str]:
    """`value` as an array of real numbers, or None and why not."""
    try:
        array = np.asarray(_detached(value))
    except Exception as error:  # a value's own conversion may raise anything
        return None, _("not numbers ({kind}: {error})", kind=_kind(value), error=in_words(error, None, "") or brief(error))
    if array.dtype == object and array.size <= LARGE:
        try:
            array = np.array([float(entry) for entry in array.reshape(-1)]).reshape(array.shape)
        except Exception:  # as above
            return None, _not_a_number(value)
    if array.dtype.kind not in "fiub":
        return None, _("not a real number ({kind})", kind=_kind(value))
    return array, ""


def _not_a_number(value: Any) -> str:
    """What `value` is in place of a number; of a list, which entry is the first that is none."""
    if isinstance(value, (list, tuple)):
        for place, entry in enumerate(value):
            array, complaint = _as_array(entry)
            if array is None:
                return _("[{place}] is {complaint}", place=place, complaint=complaint)
    return "None" if value is None else _("not a number ({kind})", kind=_kind(value))


def _detached(value: Any) -> Any:
    """Torch tensors as NumPy arrays, also those inside lists and tuples; anything else as it is."""
    if hasattr(value, "detach"):
        tensor = value.detach().cpu()
        return tensor.numpy() if str(tensor.dtype) != "torch.bfloat16" else tensor.double().numpy()
    if isinstance(value, (list, tuple)):
        return [_detached(item) for item in value]
    return value


def _changed(arguments: Mapping[str, Any], originals: Mapping[str, Any]) -> list[str]:
    """A note for each argument that the function changed in place."""

    def differs(mine: Any, original: Any) -> bool:
        if mine is original and type(original) in (int, float):
            return False
        if isinstance(original, (list, tuple)):
            return not isinstance(mine, (list, tuple)) or len(mine) != len(original) or any(map(differs, mine, original))
        if type(mine) is not type(original):
            return True
        return not np.array_equal(mine, original, equal_nan=np.asarray(original).dtype.kind == "f")

    names = [name for name, original in originals.items() if differs(arguments[name], original)]
    return [
        _("It changes its input {name} in place. The check gave it a copy; elsewhere the caller's own data would be changed.", name=name)
        for name in names
    ]


def _kind(value: Any) -> str:
    name = type_name(value)
    if isinstance(value, str):
        return _("the text {text!r}", text=brief(value))
    return _("an {type}", type=name) if name[0].lower() in "aeiou" else _("a {type}", type=name)


def _shape(shape: tuple[int, ...]) -> str:
    return str(shape) if shape else _("() (a single number)")


def _not_finite(array: Array) -> str:
    bad = array[~np.isfinite(array)]
    if array.size == 1:
        return str(bad.item())
    return _("{count} of {all} entries, such as {example}", count=bad.size, all=array.size, example=bad[0])
