"""Makes PyTorch compute a wrong gradient on purpose,
so that a known mistake needs no derivation of our own.
"""

from typing import Any


def with_slope(value: Any, z: Any, slope: Any) -> Any:
    """A tensor equal to `value` whose derivative with respect to z is `slope` for PyTorch.

    `slope` is a number or a tensor like z.
    """
    line = (slope.detach() if hasattr(slope, "detach") else slope) * z
    return line + (value - line).detach()


def product_with(a: Any, b: Any, to_a: Any, to_b: Any) -> Any:
    """A tensor equal to a * b whose derivatives are `to_a`
    and `to_b` for PyTorch (the right ones are b and a).
    """
    plane = (to_a.detach() if hasattr(to_a, "detach") else to_a) * a + (to_b.detach() if hasattr(to_b, "detach") else to_b) * b
    return plane + (a * b - plane).detach()
