"""Proof on queries that took no part in the search: p-values valid at any number of queries, and which claims they let one make.

A limit is a mean that has to be positive: E[x] > 0 for a margin x of each query. Its p-value is small with probability at most p while
E[x] <= 0. Several limits of one policy: the largest p (intersection-union). Several policies: one after the other, in an order fixed on
other queries, until too many fail (`sequence`), so that all claims together are wrong with probability delta at most.
Sources: learn-then-test, arXiv 2110.01052 (fixed sequences of p-values); Pareto testing, arXiv 2210.07913 (the order is found on other
queries); betting, arXiv 2010.09686, section 4 (the capital process); Clopper and Pearson, Biometrika 26 (1934).
"""

from __future__ import annotations

import math

import numpy as np

from strategies.protocol import Bools, Doubles

POWER_Z = 0.8416  # of the normal distribution at 0.8: a policy as good as it looks is proved four times of five
_MOST_BET = 0.9  # of the stake at which one value could ruin the capital


def betting(margins: Doubles, low: Doubles, spread: Doubles, delta: float) -> Doubles:
    """Return (C,) p-values of E[x] <= 0 from (n, C) margins in an order that says nothing of them.

    low : (C,) what no margin falls below, under 0. spread : (C,) standard deviations as they looked on other queries; they set the stake,
    so that a wrong one costs power and never validity. A gambler who stakes lambda on x > 0 multiplies their money by 1 + lambda x; if
    E[x] <= 0 it is a supermartingale, and ever reaches 1 / p with probability p at most (Ville). So p = 1 / the most money held.
    A margin below `low` breaks what was assumed: p = 1. So does an unknown one.
    """
    n = len(margins)
    if n == 0:
        return np.ones(margins.shape[1])
    with np.errstate(divide="ignore"):
        stake = np.minimum(np.sqrt(2 * math.log(1 / delta) / n) / np.asarray(spread, np.float64), _MOST_BET / -np.asarray(low, np.float64))
    # Inside the bounds 1 + stake * x >= 0.1; the rest is set right below.
    wealth = np.cumsum(np.log1p(np.maximum(stake * np.nan_to_num(margins), -_MOST_BET)), axis=0)
    p = np.exp(-np.maximum(wealth.max(axis=0), 0.0))
    broken = np.isnan(margins).any(axis=0) | (margins < np.asarray(low) * (1 + 1e-6)).any(axis=0)
    return np.asarray(np.where(broken, 1.0, p))


def binomial(count: Doubles, n: int, rate: float) -> Doubles:
    """Return the p-values P(Binomial(n, rate) <= count) of "the rate of failures is `rate` or more", any shape; exact."""
    from scipy.special import bdtr  # type: ignore[import-untyped]

    counts = np.asarray(count, dtype=np.float64)
    return np.asarray(bdtr(counts, n, rate)) if n else np.ones(counts.shape)


def sequence(p: Doubles, delta: float, misses: int = 1) -> Bools:
    """Return which of (..., J) claims are proved, tested in order, each at delta / misses, until `misses` of them have failed.

    At most the first `misses` false claims are ever tested before the last one stops it or one is wrongly proved, so that any false
    claim is among the proved with probability delta at most: the fixed sequence of arXiv 2110.01052 is misses = 1.
    """
    passed = np.asarray(p) <= delta / misses
    failed_before = np.cumsum(~passed, axis=-1)
    return np.asarray(passed & (failed_before < misses))


def needed(mean: float, spread: float, delta: float) -> float:
    """Return how many queries prove a margin of this mean and standard deviation four times of five by `betting`; inf if mean <= 0.

    The stake that is best for n queries gains n mean^2 / (2 spread^2) on average, and log(1 / delta) are asked for.
    """
    if not mean > 0:
        return math.inf
    return math.ceil(((math.sqrt(2 * math.log(1 / delta)) + POWER_Z) * spread / mean) ** 2)


def needed_count(share: float, rate: float, delta: float) -> float:
    """Return how many queries prove by `binomial` that failures are rarer than `rate`, seen at `share`; inf if share >= rate.

    By the exponent of the binomial tail, the relative entropy of the two rates (Chernoff), and the same power as `needed`.
    """
    if share >= rate:
        return math.inf
    part = share * math.log(share / rate) if share > 0 else 0.0
    entropy = part + (1 - share) * math.log((1 - share) / (1 - rate))
    return math.ceil((math.sqrt(math.log(1 / delta)) + POWER_Z / math.sqrt(2)) ** 2 / entropy)
