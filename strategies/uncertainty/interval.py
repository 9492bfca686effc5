"""What an interval is, whatever made it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from data.problems import refuse

Method: TypeAlias = Literal[
    "bootstrap",  # percentile bootstrap over queries
    "exact",  # Clopper-Pearson; of a quantile, its order statistics
    "normal",  # central limit theorem, for very many queries
    "max-t",  # studentised bootstrap of the largest of several, so that it holds for all at once
    "bonferroni",  # each at a level that pays for how many there are
    "intersection",  # one-sided, for the best of many points: the error of a maximum is at most the maximum of the errors
    "unknown",
]


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean over n queries with a two-sided interval; `method` says how the interval was made.

    method "unknown": a value is missing (mean, low, high NaN), or fewer than two queries tell nothing (low, high NaN).
    """

    mean: float
    low: float
    high: float
    n: int
    method: Method


@dataclass(frozen=True, slots=True)
class Bound:
    """A figure that is flattered by chance because it is the best of several noisy ones: what it shows, and what can be claimed.

    shown : as it comes out of the n queries, too high (too low where the least is best) on average. corrected : an estimate without
    that flattery, biased the other way if at all. bound : the truth is at least this (at most, where the least is best) with
    probability `level`. method : how the bound was made; "unknown" with NaN where a value is missing or queries are too few.
    """

    shown: float
    corrected: float
    bound: float
    level: float
    n: int
    method: Method


@dataclass(frozen=True, slots=True, eq=False)
class Bands:
    """Means with two-sided pointwise intervals for K settings over the same n queries; mean, low, high : (K,)."""

    mean: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    n: int
    method: Method


def tails(level: float) -> tuple[float, float]:
    """Return the two quantiles that an interval of this level ends at; ProblemError unless 0 < level < 1."""
    if not 0 < level < 1:
        raise refuse(f"an interval of level {level:g} does not exist.", "Give a level between 0 and 1, such as 0.95.")
    return (1 - level) / 2, (1 + level) / 2
