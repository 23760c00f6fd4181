"""Images of digits, drawn by code: seven segments, each digit shifted, scaled, slanted, noisy."""

from collections.abc import Sequence

import numpy as np

Array = np.ndarray

HEIGHT, WIDTH = 12, 8  # of an image, in pixels
PIXELS = HEIGHT * WIDTH
CLASSES = 10
AT_ONCE = 50  # images that are drawn together: their numbers fit into the processor's cache

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
    half_width = rng.uniform(0.6, 0.9, size=count)
    lit = LIT[labels].astype(bool)
    images = np.empty((count, PIXELS))
    for start in range(0, count, AT_ONCE):
        these = slice(start, start + AT_ONCE)
        images[these] = _ink(ends[these], lit[these], half_width[these])
    return images + rng.normal(0, noise, size=(count, PIXELS)), labels


def _placed_segments(count: int, rng: np.random.Generator) -> Array:
    """The ends of all segments in pixels: (count, segments, 2 ends, 2 coordinates)."""
    size = np.column_stack([rng.uniform(3.0, 4.2, count), rng.uniform(3.6, 4.6, count)])
    centre = np.array([WIDTH, HEIGHT]) / 2 - 0.5 + rng.uniform(-1, 1, size=(count, 2))
    slant = rng.uniform(-0.15, 0.15, count)
    ends = np.array([*SEGMENTS.values()], dtype=float) * size[:, None, None, :]
    ends[..., 0] -= slant[:, None, None] * ends[..., 1]
    return ends + centre[:, None, None, :]


def _ink(ends: Array, lit: Array, half_width: Array) -> Array:
    """The ink of images without noise, from 0 to 1: (images, pixels)."""
    segments = lit.sum(axis=1)  # of each image
    ink = np.clip((half_width + 0.5).repeat(segments)[:, None] - _distances(ends[lit]), 0, 1)
    return np.maximum.reduceat(ink, segments.cumsum() - segments)


def _distances(ends: Array) -> Array:
    """The distance of each pixel from each segment: (segments, pixels)."""
    begin, along = ends[:, 0], ends[:, 1] - ends[:, 0]
    along_x, along_y = along[:, 0, None, None], along[:, 1, None, None]
    from_x = np.arange(WIDTH) - begin[:, 0, None, None]  # (segments, 1, columns)
    from_y = np.arange(HEIGHT)[:, None] - begin[:, 1, None, None]  # (segments, rows, 1)
    share = from_x * along_x + from_y * along_y
    share /= along_x**2 + along_y**2
    np.clip(share, 0, 1, out=share)
    squares = (from_x - share * along_x) ** 2
    squares += (from_y - share * along_y) ** 2
    return np.sqrt(squares, out=squares).reshape(len(ends), PIXELS)
