"""Intervals of figures that are no means: ratios and other functions of means (saving, gap recovered), and quantiles (p95 latency).

Both from the same resamples as everything else, by percentiles, so that figures of one table can be looked at together. A function has
to be smooth where it is used: the best of several means is not, and has its own form (areas.py, winner.py).
Source: Efron and Tibshirani, An Introduction to the Bootstrap (1993), chapter 13; order statistics as in Conover, Practical
Nonparametric Statistics (1999), section 3.2.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from statistics import NormalDist
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from data.problems import refuse
from strategies.uncertainty.interval import Bands, Interval, Method, tails
from strategies.uncertainty.resample import MANY, Weights, checked, known_means, noise, weights

Doubles: TypeAlias = NDArray[np.float64]
_WINDOW = 8.0  # standard deviations of a quantile's place: what lies further is never reached
_HEAVY = 0.5


def statistic(
    values: ArrayLike, of: Callable[[Doubles], ArrayLike], *, level: float = 0.95, w: Weights | None = None,
    strata: ArrayLike | None = None, seed: int = 0,
) -> Interval:  # fmt: skip
    """Return one figure of (n, K) values' means with its interval; `of` takes (..., K) means and returns (...) figures.

    Otherwise as `statistics`: a cost saving is `lambda m: 1 - m[..., 0] / m[..., 1]` of the two policies' costs.
    """
    found = statistics(values, lambda means: np.asarray(of(means))[..., None], level=level, w=w, strata=strata, seed=seed)
    return Interval(float(found.mean[0]), float(found.low[0]), float(found.high[0]), found.n, found.method)


def statistics(
    values: ArrayLike, of: Callable[[Doubles], ArrayLike], *, level: float = 0.95, w: Weights | None = None,
    strata: ArrayLike | None = None, seed: int = 0,
) -> Bands:  # fmt: skip
    """Return S figures of (n, K) values' means with pointwise intervals; `of` takes (..., K) means and returns (..., S) figures.

    A resample in which a figure is not defined (nothing to divide by) counts as below its low and above its high end: if there are
    more of them than an end cuts off, that end is infinite. Unknown figures have no ends. w, strata, seed and errors as for `bands`;
    ProblemError if `of` returns another shape.
    """
    x = _table(values)
    below, above = tails(level)
    n, means = len(x), known_means(x)
    with np.errstate(divide="ignore", invalid="ignore"):
        figure = np.asarray(of(means), dtype=np.float64)
        drawn = np.asarray(of(noise(x, w=w, strata=strata, seed=seed) + means), dtype=np.float64)
    if figure.ndim != 1 or drawn.shape[1:] != figure.shape:
        raise refuse(f"figures of shape {drawn.shape} do not belong to {figure.shape}.", "Let `of` take (..., K) and return (..., S).")
    figure = np.where(np.isfinite(figure), figure, np.nan)
    known = ~np.isnan(figure) & (n >= 2)
    low, high = _end(drawn, below, -math.inf), _end(drawn, above, math.inf)
    method: Method = "unknown" if not known.any() else "normal" if w is None and n > MANY else "bootstrap"
    return Bands(figure, np.where(known, low, np.nan), np.where(known, high, np.nan), n, method)


def quantile(values: ArrayLike, q: float = 0.95, *, level: float = 0.95, w: Weights | None = None) -> Interval:
    """Return the q-quantile of (n,) values (p95 of latencies, say) with its interval; linear between values, as `np.quantile`.

    The interval ends at order statistics ("exact"): whatever the distribution it holds with at least `level`, and strata only make it
    hold more often. An end that even the greatest or the least value does not prove is infinite: under 72 queries nothing bounds a p95
    from above at 95 %. w : (B, n) counts; then the percentile bootstrap instead, which is a little too narrow below some thousand
    queries. A NaN makes it unknown. Errors as for `interval`; ProblemError unless 0 < q < 1.
    """
    x = np.asarray(values, dtype=np.float64)
    below, above = tails(level)
    _share(q)
    if x.ndim != 1:
        raise refuse(f"values of shape {x.shape} are no list.", "Give one number a query.")
    n = len(x)
    if n < 2 or not np.isfinite(x).all():
        return Interval(float(x[0]) if n == 1 and np.isfinite(x[0]) else math.nan, math.nan, math.nan, n, "unknown")
    shown = float(np.quantile(x, q))
    if w is not None:
        low, high = (float(end) for end in np.quantile(resampled_quantile(x, q, w), (below, above)))
        return Interval(shown, low, high, n, "bootstrap")
    ordered = np.concatenate([[-math.inf], np.sort(x), [math.inf]])
    return Interval(shown, float(ordered[_rank(n, q, below)]), float(ordered[n + 1 - _rank(n, 1 - q, below)]), n, "exact")


def quantile_difference(
    a: ArrayLike, b: ArrayLike, q: float = 0.95, *, level: float = 0.95, w: Weights | None = None, strata: ArrayLike | None = None,
    seed: int = 0,
) -> Interval:  # fmt: skip
    """Return the q-quantile of a less that of b over the same n queries, by the percentile bootstrap on the same resamples.

    Not the quantile of the differences. Above 50,000 queries without `w` its ends are unknown. Otherwise as `paired`.
    """
    first, second = (np.asarray(values, dtype=np.float64) for values in (a, b))
    ends = tails(level)
    _share(q)
    if first.ndim != 1 or first.shape != second.shape:
        raise refuse(f"values of shapes {first.shape} and {second.shape} do not pair up.", "Compare two policies on the same queries.")
    n = len(first)
    if n < 2 or not (np.isfinite(first).all() and np.isfinite(second).all()):
        return Interval(math.nan, math.nan, math.nan, n, "unknown")
    shown = float(np.quantile(first, q) - np.quantile(second, q))
    counts = weights(n, seed=seed, strata=strata) if w is None else w
    if counts is None:
        return Interval(shown, math.nan, math.nan, n, "unknown")
    low, high = np.quantile(resampled_quantile(first, q, counts) - resampled_quantile(second, q, counts), ends)
    return Interval(shown, float(low), float(high), n, "bootstrap")


def resampled_quantile(values: ArrayLike, q: float, counts: Weights) -> Doubles:
    """Return (B,) q-quantiles of (n,) known values on each of (B, n) resamples: `np.quantile` of the repeated values, without repeating.

    Differences of two columns on the same counts are paired. Only the places that a quantile can reach are counted up: a sixteenth of
    them for p95 of 36,000 queries. ProblemError unless 0 < q < 1 and the counts fit.
    """
    x = np.asarray(values, dtype=np.float64)
    _share(q)
    checked(counts, len(x))
    if q < _HEAVY:  # the light side is counted from its own end
        return -resampled_quantile(-x, 1 - q, counts)
    n, order = len(x), np.argsort(x)
    place = (n - 1) * q
    first = max(0, int(place - _WINDOW * math.sqrt(n * q * (1 - q)) - 1))
    reached = _counted(counts, order[first:])
    if (n - reached[:, -1] > math.floor(place)).any():  # given counts of another kind
        first, reached = 0, _counted(counts, order)
    before = n - reached[:, -1:]
    at = [np.argmax(before + reached > wanted, axis=1) for wanted in (math.floor(place), math.ceil(place))]
    low, high = (x[order[first + each]] for each in at)
    return np.asarray(low + (high - low) * (place - math.floor(place)))


def _counted(counts: Weights, order: NDArray[np.intp]) -> NDArray[np.int32]:
    # `take` goes row by row, each of which fits the cache; `counts[:, order]` goes column by column.
    return np.cumsum(np.take(counts, order, axis=1), axis=1, dtype=np.int32)


def _rank(n: int, q: float, tail: float) -> int:
    """Return the largest r with P(Binomial(n, q) < r) <= tail: the r-th smallest value lies above the q-quantile no more often."""
    if n > MANY:
        return max(0, math.floor(n * q - NormalDist().inv_cdf(1 - tail) * math.sqrt(n * q * (1 - q))))
    logs = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, n + 1)))])
    at = np.arange(n + 1)
    share = np.cumsum(np.exp(logs[n] - logs - logs[::-1] + at * math.log(q) + (n - at) * math.log1p(-q)))
    return int(np.searchsorted(share, tail, side="right"))


def _end(drawn: Doubles, share: float, undefined: float) -> Doubles:
    """Return (S,) quantiles of (B, S) draws; those that are not defined lie at the given infinity."""
    bad = ~np.isfinite(drawn)
    filled = np.where(bad, undefined, drawn)
    if not bad.any():
        return np.asarray(np.quantile(filled, share, axis=0))
    # Between two infinities there is nothing to interpolate.
    return np.asarray(np.quantile(filled, share, axis=0, method="lower" if undefined < 0 else "higher"))


def _table(values: ArrayLike) -> NDArray[np.floating]:
    x = np.asarray(values)
    x = x if x.dtype in (np.float32, np.float64) else x.astype(np.float64)
    if x.ndim != 2:
        raise refuse(f"values of shape {x.shape} are no table.", "Give one row a query and one column for each mean.")
    return x


def _share(q: float) -> None:
    if not 0 < q < 1:
        raise refuse(f"there is no {q:g}-quantile.", "Give a share between 0 and 1, such as 0.95.")
