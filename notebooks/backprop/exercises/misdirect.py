"""Ways to make PyTorch derive a wrong gradient on purpose, so that a known mistake needs no derivation of our own."""

from typing import Any


def with_slope(value: Any, z: Any, slope: Any) -> Any:
    """A tensor equal to `value` whose derivative with respect to z PyTorch takes to be `slope` (a number or a tensor like z)."""
    line = (slope.detach() if hasattr(slope, "detach") else slope) * z
    return line + (value - line).detach()
