"""Exact intervals for counts: what is shown under 100 queries."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from data.problems import refuse
from strategies.uncertainty.interval import Interval, tails

HALVINGS = 60
_PAID = 0.1  # of a tail, for not looking at all shares of queries that differ
_SHARES = 41
_TINY = 1e-12


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


def exact_difference(wins: int, losses: int, n: int, level: float = 0.95) -> Interval:
    """Return the interval of a difference of two shares of the same n queries: A alone right on `wins` of them, B alone on `losses`.

    Covers the true difference with at least `level` for any n. Each end is the difference at which so many more wins than losses (or
    fewer) have the tail's probability, for whichever share of queries that differ makes it likeliest; that share is looked for in its own
    exact interval only, for a tenth of the tail. n = 0 gives unknown. Raises ProblemError for counts that cannot be, or a level outside
    (0, 1). Source: Berger and Boos, JASA 89 (1994).
    """
    tail, _ = tails(level)
    if min(wins, losses) < 0 or wins + losses > n:
        raise refuse(f"{wins} wins and {losses} losses among {n} queries are no counts.", "Give counts from 0 on, together at most n.")
    if n == 0:
        return Interval(math.nan, math.nan, math.nan, 0, "unknown")
    paid = _PAID * tail
    differ = exact(wins + losses, n, 1 - paid)
    shares = np.linspace(differ.low, differ.high, _SHARES)
    low = _least_difference(wins - losses, n, shares, tail - paid)
    return Interval((wins - losses) / n, low, -_least_difference(losses - wins, n, shares, tail - paid), n, "exact")


def _least_difference(lead: int, n: int, shares: NDArray[np.float64], tail: float) -> float:
    """Return the least difference d at which P(wins - losses >= lead) reaches the tail for one of the shares that differ; -1 at least."""
    from scipy.special import betainc, gammaln  # type: ignore[import-untyped]

    differ = np.arange(n + 1, dtype=np.float64)
    ways = gammaln(n + 1) - gammaln(differ + 1) - gammaln(n - differ + 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        yes, no = np.log(shares)[:, None] * differ, np.log1p(-shares)[:, None] * (n - differ)
        logs = ways + np.where(differ > 0, yes, 0) + np.where(differ < n, no, 0)
    chance = np.exp(logs)  # (S, n + 1) of so many queries that differ
    least = np.ceil((lead + differ) / 2)  # wins among them
    low, high = -1.0, 1.0
    for _ in range(HALVINGS // 2):
        d = (low + high) / 2
        win = np.clip((1 + d / np.maximum(shares, abs(d) + _TINY)) / 2, 0, 1)[:, None]  # of those that differ; as many as d needs
        some = (least > 0) & (least <= differ)
        reached = np.where(some, betainc(np.where(some, least, 1), np.where(some, differ - least + 1, 1), win), least <= 0)
        possible = shares >= abs(d)
        most = float((chance * reached).sum(axis=1)[possible].max()) if possible.any() else (1.0 if d > 0 else 0.0)
        low, high = (d, high) if most < tail else (low, d)
    return low


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
