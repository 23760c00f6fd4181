"""Images of digits, drawn by code: seven segments, each digit shifted, scaled, slanted, noisy."""

from collections.abc import Sequence

import numpy as np

Array = np.ndarray

HEIGHT, WIDTH = 12, 8  # of an image, in pixels
PIXELS = HEIGHT * WIDTH
CLASSES = 10

# The ends of each segment, from (-1/2, -1) to (1/2, 1): x to the right, y downwards.
SEGMENTS = {
    "top": ((-0.5, -1), (0.5, -1)),
    "upper right": ((0.5, -1), (0.5, 0)),
    "lower right": ((0.5, 0), (0.5, 1)),
    "bottom": ((-0.5, 1), (0.5, 1)),
    "lower left": ((-0.5, 0), (-0.5, 1)),
    "upper left": ((-0.5, -1), (-0.5, 0)),
    "middle": ((-0.5, 0), (0.5, 0)),
}
# Which segments each digit has, in the order of SEGMENTS.
LIT = np.array(
    [
        [1, 1, 1, 1, 1, 1, 0],
        [0, 1, 1, 0, 0, 0, 0],
        [1, 1, 0, 1, 1, 0, 1],
        [1, 1, 1, 1, 0, 0, 1],
        [0, 1, 1, 0, 0, 1, 1],
        [1, 0, 1, 1, 0, 1, 1],
        [1, 0, 1, 1, 1, 1, 1],
        [1, 1, 1, 0, 0, 0, 0],
        [1, 1, 1, 1, 1, 1, 1],
        [1, 1, 1, 1, 0, 1, 1],
    ]
)


def draw_digits(count: int, seed: int | Sequence[int], noise: float = 0.15) -> tuple[Array, Array]:
    """Draw `count` images of digits, and say which digit each of them shows.

    seed   the same seed gives the same images
    noise  the standard deviation of what is added to each pixel; without noise a pixel is between 0
           (background) and 1 (ink)

    Returns X (count, 96), one image in each row, line by line; labels (count,), whole numbers from
    0 to 9, each about equally often.
    """
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.arange(count) % CLASSES)
    ends = _placed_segments(count, rng)
    half_width = rng.uniform(0.6, 0.9, size=(count, 1, 1))
    ink = np.clip(half_width + 0.5 - _distances(ends), 0, 1) * LIT[labels][:, :, None]
    return ink.max(axis=1) + rng.normal(0, noise, size=(count, PIXELS)), labels


def _placed_segments(count: int, rng: np.random.Generator) -> Array:
    """The ends of all segments in pixels: (count, segments, 2 ends, 2 coordinates)."""
    size = np.column_stack([rng.uniform(3.0, 4.2, count), rng.uniform(3.6, 4.6, count)])
    centre = np.array([WIDTH, HEIGHT]) / 2 - 0.5 + rng.uniform(-1, 1, size=(count, 2))
    slant = rng.uniform(-0.15, 0.15, count)
    ends = np.array([*SEGMENTS.values()], dtype=float) * size[:, None, None, :]
    ends[..., 0] -= slant[:, None, None] * ends[..., 1]
    return ends + centre[:, None, None, :]


def _distances(ends: Array) -> Array:
    """The distance of each pixel from each segment: (count, segments, pixels)."""
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    pixels = np.column_stack([x.reshape(-1), y.reshape(-1)])
    begin, along = ends[:, :, :1], ends[:, :, 1:] - ends[:, :, :1]
    from_begin = pixels - begin
    share = np.clip((from_begin * along).sum(axis=-1) / (along**2).sum(axis=-1), 0, 1)
    return np.linalg.norm(from_begin - share[..., None] * along, axis=-1)
