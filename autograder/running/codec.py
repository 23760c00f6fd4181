"""Plain data between two processes that do not trust each
other: numbers, text, containers, arrays, tensors; never pickle.

Every value is rebuilt on the receiving side from literal parts, so no class of the sender's is
involved. What is not plain (a function, an object of the student's own class) is sent as a
reference: a number that only its owner can resolve.
"""

import datetime
import math
import re
import sys
from collections import Counter, OrderedDict, defaultdict, deque, namedtuple
from collections.abc import Callable, Collection
from contextlib import suppress
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from types import FunctionType
from typing import Any

import msgpack
import numpy as np

(
    TUPLE,
    SET,
    FROZENSET,
    COMPLEX,
    BIG_INT,
    ARRAY,
    SCALAR,
    TENSOR,
    SLICE,
    RANGE,
    ELLIPSIS,
    RECORD,
    OBJECTS,
    THEIRS,
    OURS,
    GENERATOR,
    LIBRARY,
) = range(1, 18)
DTYPE = re.compile(r"[<>|=][biufcUSmM]\d+(\[[A-Za-z0-9]+\])?")
TENSOR_DTYPES = (
    *("float64", "float32", "float16", "bfloat16", "int64", "int32", "int16", "int8", "uint8", "bool", "complex64", "complex128"),
)


LONGEST_RANGE = 10**7
MOST_COLLISIONS = 1000  # keys of one hash: finding room for n of them takes n * n / 2 comparisons, which nothing interrupts
DEEPEST = 64  # values within values: each takes some 40 kB of the stack of C
LONGEST_NUMBER = 10_000  # bits or digits: arithmetic with more could not be interrupted


class NotEncodable(TypeError):
    """A value that cannot travel, or bytes that are no plain data; the message says which."""


Reference = Callable[[Any], tuple[int, Any]]  # an object -> (THEIRS or OURS, what the other side needs to know of it)
Resolve = Callable[[int, Any], Any]  # the way back


def _no_reference(value: object) -> tuple[int, Any]:
    raise NotEncodable(
        f"an object of the type {type(value).__name__} cannot be handed over; plain data can (numbers, text, containers, arrays)"
    )


def _no_resolve(code: int, data: object) -> Any:
    raise NotEncodable("a reference came where plain data was expected")


def encode(value: object, reference: Reference = _no_reference, is_object: Callable[[Any], bool] = lambda part: False) -> bytes:
    """The value as bytes.

    What `is_object` is passed to `reference`, although it could be sent as plain data: a list of a
    class of the student's, for example. NotEncodable if a part is neither plain nor accepted by
    `reference`, or if the value contains itself.
    """

    def default(part: object) -> msgpack.ExtType:
        if is_object(part):
            return refer(part)
        pack = _COMMON.get(type(part)) or next((pack for types, pack in _PACKERS if isinstance(part, types)), None)
        if pack is not None:
            packed = pack(part, again)
            return packed if packed is not None else refer(part)
        torch = sys.modules.get("torch")
        if torch is not None and isinstance(part, torch.Tensor):
            packed = _pack_tensor(part, again)
            if packed is not None:
                return packed
        return refer(part)

    def refer(part: object) -> Any:
        code, data = reference(part)
        return msgpack.ExtType(code, again(data))

    def again(part: object) -> bytes:
        return msgpack.packb(part, default=default, strict_types=True, unicode_errors="surrogatepass")

    try:
        return again(value)
    except (RecursionError, ValueError, OverflowError) as error:
        raise NotEncodable("the value is nested too deeply, contains itself, or is too large to be handed over") from error


def decode(data: bytes, resolve: Resolve = _no_resolve) -> Any:
    """The value that `encode` turned into these bytes. NotEncodable for any other bytes."""

    def extension(code: int, payload: bytes) -> Any:
        if code in (THEIRS, OURS):
            return resolve(code, again(payload))
        if code not in _BUILDERS:
            raise NotEncodable(f"there is no plain data of the kind {code}")
        return _BUILDERS[code](payload, again)

    depth = 0

    def again(payload: bytes) -> Any:
        nonlocal depth
        depth += 1
        if depth > DEEPEST:
            raise NotEncodable("a value within too many others")
        try:
            return unpacked(payload)
        finally:
            depth -= 1

    def unpacked(payload: bytes) -> Any:
        return msgpack.unpackb(
            payload, ext_hook=extension, object_pairs_hook=_build_dict, strict_map_key=False, unicode_errors="surrogatepass"
        )

    try:
        return again(data)
    except NotEncodable:
        raise
    except Exception as error:  # bytes of a stranger's making: whatever they break, they are no plain data
        raise NotEncodable(f"these bytes are no plain data ({type(error).__name__})") from error


# --- packing --------------------------------------------------------------------------------------

DERIVED = "derived"  # in place of True: a tensor that comes from others, which stay behind
on_backward: Callable[[Any], None] | None = None  # called when somebody differentiates through such a tensor

Again = Callable[[Any], bytes]


def _pack_int(value: int, again: Again) -> msgpack.ExtType | int:
    value = int(value)
    if -(2**63) <= value < 2**64:
        return value
    return msgpack.ExtType(BIG_INT, value.to_bytes(value.bit_length() // 8 + 1, "little", signed=True))


def _pack_tuple(value: tuple[Any, ...], again: Again) -> msgpack.ExtType:
    fields = getattr(type(value), "_fields", None)
    if fields and all(isinstance(field, str) for field in fields):
        return msgpack.ExtType(RECORD, again([type(value).__name__, list(fields), list(tuple.__iter__(value))]))
    return msgpack.ExtType(TUPLE, again(list(tuple.__iter__(value))))


def _pack_array(value: np.ndarray, again: Again) -> msgpack.ExtType | None:
    value = np.asarray(value)
    if value.dtype.kind == "O":
        return msgpack.ExtType(OBJECTS, again([list(value.shape), list(value.ravel())]))
    if not DTYPE.fullmatch(value.dtype.str):
        return None
    return msgpack.ExtType(ARRAY, again([value.dtype.str, list(value.shape), value.tobytes()]))


def _pack_scalar(value: np.generic, again: Again) -> msgpack.ExtType | None:
    if not DTYPE.fullmatch(value.dtype.str):
        return None
    return msgpack.ExtType(SCALAR, again([value.dtype.str, value.tobytes()]))


def _pack_tensor(value: Any, again: Again) -> msgpack.ExtType | None:
    torch = sys.modules["torch"]
    dtype = str(value.dtype).removeprefix("torch.")
    if dtype not in TENSOR_DTYPES or value.layout is not torch.strided:
        return None
    gradient = value.grad if value.is_leaf and value.requires_grad else None
    bare = value.detach().cpu().resolve_conj().resolve_neg().contiguous().reshape(-1)
    data = bare.view(torch.uint8).numpy().tobytes() if bare.numel() else b""
    derivable = bool(value.requires_grad) and (value.is_leaf or DERIVED)
    return msgpack.ExtType(TENSOR, again([dtype, list(value.shape), data, derivable, gradient]))


def _pack_generator(value: Any, again: Again) -> msgpack.ExtType | None:
    """A random number generator with its state: the
    receiver draws the same numbers as the sender would.
    """
    bits = value._bit_generator if isinstance(value, np.random.RandomState) else value.bit_generator
    return msgpack.ExtType(GENERATOR, again([isinstance(value, np.random.RandomState), type(bits).__name__, bits.state]))


_FACTORIES: dict[Any, Callable[[], Any]] = {kind.__name__: kind for kind in (int, float, str, list, dict, set)}


def _factory_name(make: Callable[[], Any] | None) -> str | None:
    """The kind of empty plain data that a factory makes, by
    name, `list` for `lambda: []` too; None for any other.
    """
    if isinstance(make, FunctionType) and not make.__code__.co_freevars and set(make.__code__.co_names) <= _FACTORIES.keys():
        with suppress(Exception):  # it reads nothing else, so that a call more changes nothing
            made = make()
            make = None if made else type(made)
    return next((name for name, kind in _FACTORIES.items() if kind is make), None)


# Other types of the standard library that are only data: how to take each apart, and how to make it
# again.
_LIBRARY: dict[str, tuple[type[Any], Callable[[Any], list[Any]], Callable[..., Any]]] = {
    "Fraction": (Fraction, lambda value: [value.numerator, value.denominator], Fraction),
    "Decimal": (Decimal, lambda value: [str(Decimal(value))], Decimal),
    "datetime": (datetime.datetime, lambda value: [value.isoformat()], datetime.datetime.fromisoformat),
    "date": (datetime.date, lambda value: [value.isoformat()], datetime.date.fromisoformat),
    "time": (datetime.time, lambda value: [value.isoformat()], datetime.time.fromisoformat),
    "timedelta": (datetime.timedelta, lambda value: [value.days, value.seconds, value.microseconds], datetime.timedelta),
    "deque": (deque, lambda value: [list(value), value.maxlen], deque),
    "Counter": (Counter, lambda value: [dict(dict.items(value))], Counter),
    "OrderedDict": (OrderedDict, lambda value: [dict(OrderedDict.items(value))], OrderedDict),
    "defaultdict": (
        defaultdict,
        lambda value: [_factory_name(value.default_factory), dict(dict.items(value))],
        lambda factory, items: defaultdict(_FACTORIES.get(factory), items),
    ),
}


def _pack_library(name: str, parts: Callable[[Any], list[Any]]) -> Callable[[Any, Again], msgpack.ExtType]:
    return lambda value, again: msgpack.ExtType(LIBRARY, again([name, parts(value)]))


_PACKERS: tuple[tuple[Any, Callable[[Any, Again], Any]], ...] = (
    *((kind, _pack_library(name, parts)) for name, (kind, parts, _) in _LIBRARY.items()),  # before dict: a Counter is one too
    (np.generic, _pack_scalar),  # before float: np.float64 is a float too
    (bool, lambda value, again: bool(value)),
    (int, _pack_int),
    (float, lambda value, again: float(value)),
    (complex, lambda value, again: msgpack.ExtType(COMPLEX, again([value.real, value.imag]))),
    (str, lambda value, again: str.__str__(value)[:]),
    ((bytes, bytearray), lambda value, again: bytes(value)),
    (tuple, _pack_tuple),
    (list, lambda value, again: list(list.__iter__(value))),
    (dict, lambda value, again: dict(dict.items(value))),
    (set, lambda value, again: msgpack.ExtType(SET, again(list(set.__iter__(value))))),
    (frozenset, lambda value, again: msgpack.ExtType(FROZENSET, again(list(frozenset.__iter__(value))))),
    (np.ndarray, _pack_array),
    (slice, lambda value, again: msgpack.ExtType(SLICE, again([value.start, value.stop, value.step]))),
    (range, lambda value, again: msgpack.ExtType(RANGE, again([value.start, value.stop, value.step]))),
    (type(...), lambda value, again: msgpack.ExtType(ELLIPSIS, b"")),
    ((np.random.Generator, np.random.RandomState), _pack_generator),
)
_COMMON: dict[type, Any] = {np.ndarray: _pack_array, np.float64: _pack_scalar, tuple: _pack_tuple}  # found without going through them all


# --- building -------------------------------------------------------------------------------------

Unpack = Callable[[bytes], Any]


def _numpy_dtype(text: object) -> np.dtype:
    if not (isinstance(text, str) and DTYPE.fullmatch(text)):
        raise NotEncodable("an array of a type that is not plain")
    return np.dtype(text)


def _shape(numbers: object) -> tuple[int, ...]:
    if not (isinstance(numbers, list) and len(numbers) <= 32 and all(type(n) is int and n >= 0 for n in numbers)):
        raise NotEncodable("an array whose shape is none")
    if 0 in numbers and max(numbers) > LONGEST_RANGE:  # no data, and yet more rows than could be looped over
        raise NotEncodable("an empty array of more rows than anybody can hold")
    return tuple(numbers)


def _hashable(items: Collection[Any]) -> Collection[Any]:
    """The items, for use as keys.

    NotEncodable if so many have one hash that a set of them would take minutes to build.
    """
    if len(items) > MOST_COLLISIONS and max(Counter(map(hash, items)).values()) > MOST_COLLISIONS:
        raise NotEncodable("a set or dictionary whose keys are made to collide")
    return items


def _build_dict(pairs: list[tuple[Any, Any]]) -> dict[Any, Any]:
    if len(pairs) > MOST_COLLISIONS:
        _hashable([key for key, _ in pairs])
    return dict(pairs)


def _build_array(payload: bytes, again: Unpack) -> np.ndarray:
    dtype, shape, data = again(payload)
    dtype, shape = _numpy_dtype(dtype), _shape(shape)
    if len(data) != math.prod(shape) * dtype.itemsize:
        raise NotEncodable("an array whose size is not its shape's")
    if dtype.kind == "b":  # any other byte than 0 and 1 would be neither True nor False
        return np.frombuffer(data, np.uint8).reshape(shape) != 0
    return np.frombuffer(data, dtype).reshape(shape).copy() if data else np.zeros(shape, dtype)


def _build_scalar(payload: bytes, again: Unpack) -> Any:
    dtype, data = again(payload)
    dtype = _numpy_dtype(dtype)
    if len(data) != dtype.itemsize:
        raise NotEncodable("a NumPy scalar of the wrong size")
    if dtype.kind == "b":
        return np.bool_(data != b"\0")
    return np.frombuffer(data, dtype)[0] if data else np.zeros((), dtype)[()]


def _build_objects(payload: bytes, again: Unpack) -> np.ndarray:
    shape, items = again(payload)
    shape = _shape(shape)
    if not isinstance(items, list) or len(items) != math.prod(shape):
        raise NotEncodable("an array whose size is not its shape's")
    array = np.empty(len(items), object)
    for position, item in enumerate(items):
        array[position] = item
    return array.reshape(shape)


def _build_tensor(payload: bytes, again: Unpack) -> Any:
    import torch

    dtype, shape, data, requires_grad, gradient = again(payload)
    shape = _shape(shape)
    if dtype not in TENSOR_DTYPES:
        raise NotEncodable("a tensor of a type that is not plain")
    kind = getattr(torch, dtype)
    if len(data) != math.prod(shape) * kind.itemsize:
        raise NotEncodable("a tensor whose size is not its shape's")
    flat = torch.frombuffer(bytearray(data), dtype=torch.uint8) if data else torch.empty(0, dtype=torch.uint8)
    tensor = (flat != 0 if kind == torch.bool else flat.view(kind)).reshape(shape)
    if requires_grad in (True, DERIVED) and (kind.is_floating_point or kind.is_complex):
        tensor.requires_grad_()
        if type(gradient) is torch.Tensor and gradient.shape == tensor.shape and gradient.dtype == kind:
            tensor.grad = gradient
    if requires_grad == DERIVED and on_backward is not None and (kind.is_floating_point or kind.is_complex):
        with torch.enable_grad():
            tensor = tensor.clone()
        tensor.register_hook(on_backward)
    return tensor


@lru_cache(maxsize=256)
def _record_class(name: str, fields: tuple[str, ...]) -> type:
    return namedtuple(name, fields)


def _build_record(payload: bytes, again: Unpack) -> Any:
    name, fields, values = again(payload)
    if len(fields) > 255 or not all(type(field) is str for field in (name, *fields)):
        raise NotEncodable("a named tuple whose names are none")
    return _record_class(name, tuple(fields))(*values)


def _build_big_int(payload: bytes, again: Unpack) -> int:
    return int.from_bytes(payload, "little", signed=True)


def _build_range(*parts: int) -> range:
    if not all(type(part) is int for part in parts) or len(range(*parts)) > LONGEST_RANGE:
        raise NotEncodable("a range of more numbers than anybody can hold")  # to sum them up could not be interrupted
    return range(*parts)


LAST_POSITIONS = {"MT19937": {"pos": 624}, "Philox": {"buffer_pos": 4}}  # in the numbers that were drawn ahead


def _build_generator(payload: bytes, again: Unpack) -> Any:
    legacy, name, state = again(payload)
    if name not in ("PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64") or type(state) is not dict:
        raise NotEncodable("a random number generator of an unknown kind")
    for key, last in LAST_POSITIONS.get(name, {}).items():
        inner = state.get("state") if key == "pos" else state
        position = inner.get(key) if type(inner) is dict else None
        if type(position) is not int or not 0 <= position <= last:  # NumPy does not look, and would read beyond its memory
            raise NotEncodable("a random number generator in a state that there is not")
    bits = getattr(np.random, name)()
    bits.state = state
    return np.random.RandomState(bits) if legacy is True else np.random.Generator(bits)


def _build_library(payload: bytes, again: Unpack) -> Any:
    name, parts = again(payload)
    kind, _, build = _LIBRARY[name]
    if name == "Fraction" and not all(type(part) is int and part.bit_length() <= LONGEST_NUMBER for part in parts):
        raise NotEncodable("a fraction of longer numbers than anybody needs")
    made = build(*parts)
    if type(made) is not kind or (name == "Decimal" and made.is_finite() and abs(made.adjusted()) > LONGEST_NUMBER):
        raise NotEncodable(f"a {name} that is none, or longer than anybody needs")
    return made


_BUILDERS: dict[int, Callable[[bytes, Unpack], Any]] = {
    LIBRARY: _build_library,
    TUPLE: lambda payload, again: tuple(again(payload)),
    SET: lambda payload, again: set(_hashable(again(payload))),
    FROZENSET: lambda payload, again: frozenset(_hashable(again(payload))),
    COMPLEX: lambda payload, again: complex(*again(payload)),
    BIG_INT: _build_big_int,
    ARRAY: _build_array,
    SCALAR: _build_scalar,
    TENSOR: _build_tensor,
    SLICE: lambda payload, again: slice(*again(payload)),
    RANGE: lambda payload, again: _build_range(*again(payload)),
    ELLIPSIS: lambda payload, again: ...,
    RECORD: _build_record,
    OBJECTS: _build_objects,
    GENERATOR: _build_generator,
}
