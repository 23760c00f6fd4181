"""Plain data comes over as it was; bytes that are none of ours are refused, whatever is in them."""

import datetime
from collections import Counter, OrderedDict, defaultdict, deque, namedtuple
from contextlib import suppress
from decimal import Decimal
from fractions import Fraction

import msgpack
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from autograder.running import codec
from autograder.running.codec import LIBRARY, NotEncodable, decode, encode

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    st.complex_numbers(allow_nan=False),
    st.text(),
    st.binary(),
    st.fractions(),
    st.decimals(allow_nan=False),
    st.dates(),
    st.datetimes(),
    st.times(),
    st.timedeltas(),
)
KEYS = st.one_of(st.integers(), st.text(), st.tuples(st.integers(), st.text()))
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner),
        st.tuples(inner, inner),
        st.dictionaries(KEYS, inner),
        st.sets(KEYS),
        st.frozensets(KEYS),
        st.builds(deque, st.lists(inner), st.sampled_from([None, 3])),
        st.builds(Counter, st.text()),
        st.builds(OrderedDict, st.lists(st.tuples(KEYS, inner))),
    ),
    max_leaves=20,
)
NUMBERS = arrays.arrays(
    st.sampled_from(["float64", "float32", "int64", "int8", "uint16", "bool", "complex128", "<U3", "S2", "datetime64[s]"]),
    arrays.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4),
)
slowly = settings(deadline=None)  # the first example may have to import something
Pair = namedtuple("Pair", "left right")


@slowly
@given(VALUES)
def test_what_is_decoded_is_what_was_encoded(value):
    back = decode(encode(value))
    assert back == value
    assert type(back) is type(value)


@slowly
@given(NUMBERS)
def test_arrays_keep_their_type_their_shape_and_their_numbers(array):
    back = decode(encode(array))
    assert (back.dtype, back.shape) == (array.dtype, array.shape)
    np.testing.assert_array_equal(back, array)


@slowly
@given(
    arrays.array_shapes(min_dims=0, max_dims=3, min_side=0),
    st.sampled_from(["float64", "float32", "int32", "bool", "bfloat16", "complex64"]),
)
def test_tensors_keep_their_type_their_shape_and_their_numbers(shape, kind):
    tensor = torch.ones(shape).to(getattr(torch, kind))
    back = decode(encode(tensor))
    torch.testing.assert_close(back, tensor, rtol=0, atol=0)


def test_a_tensor_brings_its_gradient_along():
    weight = torch.tensor([2.0], requires_grad=True)
    (weight**2).sum().backward()
    back = decode(encode([weight, weight * 2]))
    assert [part.requires_grad for part in back] == [True, True]
    assert back[0].grad.item() == 4


@pytest.mark.parametrize(
    "value",
    [
        Pair(1, [2]),
        slice(1, None, 2),
        range(3, 9, 2),
        ...,
        -(2**200),
        np.float32(0.1),
        np.datetime64("2024-02-29"),
        np.array([1, None, "x"]),
    ],
    ids=repr,
)
def test_some_more_that_is_plain(value):
    back = decode(encode(value))
    assert repr(back) == repr(value)


def test_a_defaultdict_goes_on_as_one():
    counts = defaultdict(int, a=1)
    back = decode(encode(counts))
    back["b"] += 1
    assert back == {"a": 1, "b": 1}
    assert decode(encode(defaultdict(lambda: 5, a=1))).default_factory is None, "code does not travel"
    assert decode(encode(defaultdict(lambda: []))).default_factory is list


def test_a_factory_that_reads_or_changes_something_is_not_called(capsys):
    calls = []
    assert decode(encode(defaultdict(lambda: calls.append(1) or []))).default_factory is None
    assert decode(encode(defaultdict(lambda: print("called") or []))).default_factory is None
    assert not calls
    assert not capsys.readouterr().out


def test_a_generator_draws_the_same_numbers():
    made = np.random.default_rng(3)
    made.normal(size=5)
    back = decode(encode(made))
    assert back.normal() == made.normal()


def test_nothing_of_a_subclass_travels():
    class Sly(float):
        def __eq__(self, other):
            return True

        __hash__ = float.__hash__

    class SlyList(list):
        def __iter__(self):
            return iter([42])

    back = decode(encode([Sly(1.0), SlyList([7])]))
    assert back != [2.0, [42]]
    assert [type(part) for part in back] == [float, list]
    assert back == [1.0, [7]]


@pytest.mark.parametrize("value", [object(), lambda: 1, len, Pair, np, iter([])], ids=lambda value: type(value).__name__)
def test_what_is_not_plain_is_refused(value):
    with pytest.raises(NotEncodable):
        encode([value])


def test_what_contains_itself_is_refused():
    inside: list = []
    inside.append(inside)
    with pytest.raises(NotEncodable):
        encode(inside)


@slowly
@given(st.binary(max_size=200))
def test_any_other_bytes_are_refused_and_nothing_else_happens(data):
    with suppress(NotEncodable):
        decode(data)


@slowly
@given(st.integers(0, 40), st.one_of(st.binary(max_size=60), VALUES.map(encode)))
def test_forged_parts_are_refused_and_nothing_else_happens(code, payload):
    with suppress(NotEncodable):
        decode(msgpack.packb([msgpack.ExtType(code, payload)]))


@pytest.mark.parametrize(
    "parts",
    [
        ["Decimal", ["1e999999999"]],
        ["Fraction", [1, 0]],
        ["Fraction", ["1e999999999"]],
        ["Fraction", [1 << 63] * 3],
        ["deque", [[1], "x"]],
        ["Counter", [5]],
        ["eval", ["1"]],
        ["date", ["yesterday"]],
        [["Decimal"], ["1"]],
    ],
    ids=repr,
)
def test_forged_types_of_the_library_are_refused(parts):
    with pytest.raises(NotEncodable):
        decode(msgpack.packb(msgpack.ExtType(LIBRARY, msgpack.packb(parts))))


def test_library_types_are_the_library_s_own():
    value = [Fraction(1, 3), Decimal("0.10"), datetime.timedelta(days=1, seconds=2)]
    back = decode(encode(value))
    assert repr(back) == repr(value)


def test_values_made_to_hold_the_reader_up_are_refused_at_once():
    colliding = [number * (2**61 - 1) for number in range(1, 20_000)]
    held = [
        msgpack.ExtType(codec.SET, encode(colliding)),
        msgpack.ExtType(codec.FROZENSET, encode(colliding)),
    ]
    for value in held:
        with pytest.raises(NotEncodable, match="collide"):
            decode(msgpack.packb(value))
    pairs = b"\xdf" + len(colliding).to_bytes(4, "big") + b"".join(encode(number) + b"\xc0" for number in colliding)
    with pytest.raises(NotEncodable, match="collide"):
        decode(pairs)
    assert len(decode(encode(set(range(50_000))))) == 50_000
    assert len(decode(encode({str(number): number for number in range(5_000)}))) == 5_000


@pytest.mark.parametrize("pos", [-1, 625, 2**31 - 1, "1", None, 1.0], ids=repr)
@pytest.mark.parametrize("kind", ["MT19937", "Philox"])
def test_a_generator_that_would_read_beyond_its_memory_is_refused(kind, pos):
    state = getattr(np.random, kind)(1).state
    (state["state"] if kind == "MT19937" else state).update({"pos" if kind == "MT19937" else "buffer_pos": pos})
    with pytest.raises(NotEncodable):
        decode(msgpack.packb(msgpack.ExtType(codec.GENERATOR, encode([False, kind, state]))))


def test_truth_values_are_true_or_false_whatever_their_bytes_are():
    array = decode(msgpack.packb(msgpack.ExtType(codec.ARRAY, encode(["|b1", [3], b"\x00\x02\xff"]))))
    assert array.tobytes() == b"\x00\x01\x01"
    tensor = decode(msgpack.packb(msgpack.ExtType(codec.TENSOR, encode(["bool", [2], b"\x02\x00", False, None]))))
    assert tensor.view(torch.uint8).tolist() == [1, 0]
    assert decode(msgpack.packb(msgpack.ExtType(codec.SCALAR, encode(["|b1", b"\x07"])))).tobytes() == b"\x01"


def test_an_empty_array_of_endless_rows_is_refused():
    with pytest.raises(NotEncodable, match="rows"):
        decode(msgpack.packb(msgpack.ExtType(codec.ARRAY, encode(["<f8", [2**40, 0], b""]))))
