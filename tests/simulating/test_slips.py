"""Slips in code: each is one change of one place, and the code still runs."""

import pytest

from autograder.simulating.slips import with_slips

SOURCE = '''\
def slopes(w, x):
    """Return dz_dw, da_dw."""
    z = w * x - 1
    slope = 3 * z**2
    return x, slope * x
'''


def test_every_kind_of_slip_is_made_once():
    made = list(with_slips(SOURCE, "slopes"))
    bodies = {text.partition('"""\n')[2] for text in made}
    assert len(made) == len(set(made))
    for line in (
        "z = w * x + 1",  # a sign
        "z = w * x\n",  # a term
        "z = x - 1",  # a factor
        "z = w / x - 1",
        "slope = 3 * z\n",  # a power
        "slope = 3 * z ** 3",
        "slope = 3 * w ** 2",  # another variable
        "return (slope * x, x)",  # the order
    ):
        assert any(line in body for body in bodies), line
    for text in made:
        space = {}
        exec(text, space)
        assert len(space["slopes"](2.0, 3.0)) == 2


@pytest.mark.parametrize(
    ("line", "slip"),
    [
        ("return a.T @ b", "return a @ b"),
        ("return a.T @ b", "return b @ a.T"),
        ("return a.sum(axis=0)", "return a.sum(axis=1)"),
        ("return -a", "return a"),
    ],
)
def test_slips_with_arrays(line, slip):
    assert any(slip in text for text in with_slips(f"def f(a, b):\n    {line}", "f"))


def test_a_loop_that_might_never_end_is_left_alone():
    assert list(with_slips("def f(x):\n    while x > 1:\n        x = x / 2\n    return x", "f")) == []
    assert list(with_slips("x = 1", "f")) == []
