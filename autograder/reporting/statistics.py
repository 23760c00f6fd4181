"""Item statistics, as test theory names them. Pure functions of numbers."""

import math
from collections.abc import Sequence
from statistics import fmean


def difficulty(shares: Sequence[float]) -> float | None:
    """The difficulty index p: the mean share of an item's points, from 0 (nobody has any) to 1.

    None without students.
    """
    return fmean(shares) if shares else None


def point_biserial(right: Sequence[bool], scores: Sequence[float]) -> float | None:
    """The point-biserial correlation of an item, right or not,
    with a score; None where either is the same for everybody.

    For the corrected discrimination of an item, `scores` are the points of the other items.
    """
    if len(right) != len(scores):
        raise ValueError(f"{len(right)} answers and {len(scores)} scores: each student has one of both.")
    with_it = [score for one, score in zip(right, scores) if one]
    without = [score for one, score in zip(right, scores) if not one]
    if not with_it or not without:
        return None
    mean = fmean(scores)
    deviation = math.sqrt(fmean((score - mean) ** 2 for score in scores))
    if deviation <= 1e-9 * max(map(abs, scores)):
        return None
    share = len(with_it) / len(right)
    r = (fmean(with_it) - fmean(without)) / deviation * math.sqrt(share * (1 - share))
    return max(-1.0, min(1.0, r))


def histogram(shares: Sequence[float], bins: int = 10) -> list[int]:
    """How many shares, each from 0 to 1, fall into each
    of `bins` equal intervals; 1 belongs to the last.
    """
    counts = [0] * bins
    for share in shares:
        counts[min(bins - 1, max(0, math.floor(share * bins + 1e-9)))] += 1
    return counts
