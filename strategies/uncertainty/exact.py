"""Exact intervals for counts: what is shown under 100 queries."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from data.problems import refuse
from strategies.uncertainty.interval import Interval, tails

HALVINGS = 60


def exact(k: int, n: int, level: float = 0.95) -> Interval:
    """Return the Clopper-Pearson interval of a share: k of n queries.

    Covers the true share with at least `level`, for any n; wider than a bootstrap, and honest at 0 of n and n of n. Ends by
    bisection of the binomial tails. n = 0 gives unknown. Raises ProblemError unless 0 <= k <= n and 0 < level < 1.
    Source: Clopper and Pearson, Biometrika 26 (1934).
    """
    low_tail, _ = tails(level)
    if not 0 <= k <= n:
        raise refuse(f"{k} of {n} is no count.", "Give 0 <= k <= n.")
    if n == 0:
        return Interval(math.nan, math.nan, math.nan, 0, "unknown")
    # P(X >= k) = tail at the low end; P(X <= k) = tail at the high end, which is the low end of the n - k others.
    low = 0.0 if k == 0 else _share_with_tail(k, n, low_tail)
    high = 1.0 if k == n else 1.0 - _share_with_tail(n - k, n, low_tail)
    return Interval(k / n, low, high, n, "exact")


def _share_with_tail(k: int, n: int, tail: float) -> float:
    """Return p with P(X >= k) = tail for X ~ Binomial(n, p), 1 <= k <= n; the probability rises with p."""
    counts = np.arange(k, n + 1, dtype=np.float64)
    log_ways = np.array([math.lgamma(n + 1) - math.lgamma(j + 1) - math.lgamma(n - j + 1) for j in range(k, n + 1)])
    low, high = 0.0, 1.0
    for _ in range(HALVINGS):
        p = (low + high) / 2
        low, high = (p, high) if _upper_tail(counts, log_ways, n, p) < tail else (low, p)
    return (low + high) / 2


def _upper_tail(counts: NDArray[np.float64], log_ways: NDArray[np.float64], n: int, p: float) -> float:
    return float(np.exp(log_ways + counts * math.log(p) + (n - counts) * math.log1p(-p)).sum())
