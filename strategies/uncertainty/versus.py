"""A against B on the same queries: the difference, how sure it is, which of the two dominates, and how many queries would settle it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from statistics import NormalDist
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from data.problems import refuse
from strategies.uncertainty.bootstrap import FEW, paired
from strategies.uncertainty.exact import exact_difference
from strategies.uncertainty.flips import Flips, sign_flip
from strategies.uncertainty.interval import Interval, Method, tails
from strategies.uncertainty.resample import Weights, noise, variances

Doubles: TypeAlias = NDArray[np.float64]
POWER = 0.8
_ROUNDING = 1e-6  # of the means: float32 products differ by this much


class Verdict(StrEnum):
    """What can be said of A beside B, at the level that was asked for."""

    MORE = "more"  # A has the higher mean
    LESS = "less"  # A has the lower mean
    UNTOLD = "untold"  # the two cannot be told apart with these n queries
    SAME = "same"  # no query differs
    UNKNOWN = "unknown"  # a value is missing, or there is one query


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A less B in one figure over n queries.

    mean, low, high : the mean of the paired differences with its interval. p : two-sided, by flipping signs; flips : how. pairs :
    queries on which the two differ. more : how many further queries of the same mix would tell them apart with power 0.8, if the truth
    is what is seen now; 0 where they are told apart, inf where the means are equal, NaN where it is not known. method : of the interval.
    """

    mean: float
    low: float
    high: float
    n: int
    level: float
    p: float
    flips: Flips
    pairs: int
    more: float
    verdict: Verdict
    method: Method


@dataclass(frozen=True, slots=True, kw_only=True)
class Versus:
    """A against B on the same n queries.

    dominates : share of the resamples in which A is no worse in quality and no dearer, and better in one of the two; dominated : the same
    of B. Both NaN where quality or cost is unknown.
    """

    quality: Difference
    cost: Difference
    dominates: float
    dominated: float
    n: int


def versus(
    quality_a: ArrayLike, quality_b: ArrayLike, cost_a: ArrayLike, cost_b: ArrayLike, *, level: float = 0.95,
    w: Weights | None = None, strata: ArrayLike | None = None, seed: int = 0,
) -> Versus:  # fmt: skip
    """Return how A compares with B: (n,) quality and cost of each on the same queries in the same order, cost in one unit.

    One set of resamples for all of it. Two policies that call the same models on all queries are the same. NaN, w, strata, seed and
    errors as for `paired`.
    """
    quality = difference(quality_a, quality_b, level=level, w=w, strata=strata, seed=seed)
    cost = difference(cost_a, cost_b, level=level, w=w, strata=strata, seed=seed)
    if quality.n != cost.n:
        raise refuse(f"{quality.n:,} qualities and {cost.n:,} costs do not pair up.", "Give both of the same queries.")
    columns = [np.subtract(a, b, dtype=np.float64) for a, b in ((quality_a, quality_b), (cost_b, cost_a))]
    gains = np.stack(columns, axis=1)
    if Verdict.UNKNOWN in (quality.verdict, cost.verdict):
        return Versus(quality=quality, cost=cost, dominates=math.nan, dominated=math.nan, n=quality.n)
    drawn = noise(gains, w=w, strata=strata, seed=seed) + gains.mean(axis=0)
    # What is equal but for rounding is equal.
    drawn[np.abs(drawn) <= _ROUNDING * np.abs(gains).max(axis=0)] = 0.0
    up, down = ((sign * drawn >= 0).all(axis=1) & (sign * drawn > 0).any(axis=1) for sign in (1, -1))
    return Versus(quality=quality, cost=cost, dominates=float(up.mean()), dominated=float(down.mean()), n=quality.n)


def difference(
    a: ArrayLike, b: ArrayLike, *, level: float = 0.95, w: Weights | None = None, strata: ArrayLike | None = None, seed: int = 0
) -> Difference:
    """Return A less B in one figure, (n,) each: quality, cost, latency, energy ...

    Told apart (MORE, LESS) where both the interval leaves 0 out and p is at most 1 - level: neither alone decides. The interval is that
    of `paired`; of fewer than 100 queries that are right or wrong, the exact one of counts. NaN, w, strata, seed and errors as there.
    """
    values = np.subtract(a, b, dtype=np.float64) if np.shape(a) == np.shape(b) else np.empty(0)
    if w is None and 1 < len(values) < FEW and bool(np.isin(values, (-1.0, 0.0, 1.0)).all()):
        found = exact_difference(int((values > 0).sum()), int((values < 0).sum()), len(values), level)
    else:
        found = paired(a, b, level=level, w=w, strata=strata, seed=seed)
    flipped = sign_flip(values, seed=seed)
    verdict = _verdict(found, flipped.p, flipped.pairs, level)
    return Difference(
        mean=found.mean, low=found.low, high=found.high, n=found.n, level=level, p=flipped.p, flips=flipped.flips, pairs=flipped.pairs,
        more=_more(values, found.mean, verdict, level, strata), verdict=verdict, method=found.method,
    )  # fmt: skip


def needed(mean: float, deviation: float, *, level: float = 0.95, power: float = POWER) -> float:
    """Return how many queries tell a mean difference from 0 with this power, at this level: ((z + z') deviation / mean)^2, rounded up.

    deviation : of one query's difference, same unit. inf for a mean of 0; 2 at least. NaN if one is unknown. ProblemError unless level and
    power lie within (0, 1). Source: normal theory, as in Lachin, Controlled Clinical Trials 2 (1981).
    """
    _, above = tails(level)
    if not 0 < power < 1:
        raise refuse(f"a power of {power:g} does not exist.", "Give a share between 0 and 1, such as 0.8.")
    if math.isnan(mean) or math.isnan(deviation):
        return math.nan
    if mean == 0:
        return math.inf
    reach = NormalDist().inv_cdf(above) + NormalDist().inv_cdf(power)
    return float(max(2, math.ceil((reach * deviation / mean) ** 2)))


def _more(values: Doubles, mean: float, verdict: Verdict, level: float, strata: ArrayLike | None) -> float:
    if verdict is Verdict.UNKNOWN:
        return math.nan
    if verdict in (Verdict.MORE, Verdict.LESS):
        return 0.0
    spread = float(np.sqrt(variances(values[:, None], np.array([mean]), strata)[0]))
    if abs(mean) <= _ROUNDING * spread:
        return math.inf
    return max(1.0, needed(mean, spread, level=level) - len(values))


def _verdict(found: Interval, p: float, pairs: int, level: float) -> Verdict:
    if math.isnan(found.low) or math.isnan(p):
        return Verdict.UNKNOWN
    if not pairs:
        return Verdict.SAME
    if p > 1 - level or found.low <= 0 <= found.high:
        return Verdict.UNTOLD
    return Verdict.MORE if found.mean > 0 else Verdict.LESS
