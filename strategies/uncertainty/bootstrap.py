"""Intervals over queries: percentile bootstrap, exact for few 0/1 queries, normal for very many.

The rule of `interval`, also told by its `method`:
under 100 queries of 0/1 values    Clopper-Pearson ("exact")
up to 50,000 queries               percentile bootstrap, 1,000 resamples ("bootstrap")
more                               normal approximation ("normal"): the two agree to the third digit of the width there,
                                   and the weights of one table would take more than 50 MB
With `strata` the resamples keep the size of each (resample.py); the exact interval needs none, and is only wider than it has to be.
These are intervals for means and paired differences. Ratios and quantiles: statistics.py. Hulls and AIQ need another form
(areas.py), and so has the best of many (winner.py).
"""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from data.problems import refuse
from strategies.uncertainty.exact import exact
from strategies.uncertainty.interval import Bands, Interval, Method, tails
from strategies.uncertainty.resample import MANY, Weights, checked, known_means, resampled, variances, weights

__all__ = ["MANY", "Bands", "Interval", "bands", "interval", "intervals", "intervals_of", "paired", "weights"]

Doubles: TypeAlias = NDArray[np.float64]
FEW = 100


def interval(
    values: ArrayLike, *, level: float = 0.95, w: Weights | None = None, strata: ArrayLike | None = None, seed: int = 0
) -> Interval:
    """Return the mean of (n,) values with its interval, by the rule at the top of this file.

    values : one number a query (quality, USD, seconds ...). A NaN or infinite one makes the whole unknown, never a smaller n.
    w : (B, n) counts to use instead of `weights(n, seed=seed, strata=strata)`; then it is always the bootstrap.
    strata : (n,) whole numbers, equal = same stratum, each of which keeps its size. Fewer than two values have no interval, except a
    single 0/1 value, which has the exact one. Raises ProblemError for a level outside (0, 1) or shapes that do not fit.
    """
    x = _vector(values)
    if w is None and 0 < len(x) < FEW and bool(np.isin(x, (0.0, 1.0)).all()):
        return exact(int(x.sum()), len(x), level)
    return _only(bands(x[:, None], level=level, w=w, strata=strata, seed=seed))


def paired(
    a: ArrayLike, b: ArrayLike, *, level: float = 0.95, w: Weights | None = None, strata: ArrayLike | None = None, seed: int = 0
) -> Interval:
    """Return the mean of a - b over the same n queries with its interval, so that the queries' own spread cancels.

    a, b : (n,) the same queries in the same order. Never by the exact method: differences are no counts. NaN, `w`, strata and
    errors as for `interval`; ProblemError if the two differ in length.
    """
    first, second = _vector(a), _vector(b)
    if first.shape != second.shape:
        raise refuse(f"{len(first):,} and {len(second):,} values do not pair up.", "Compare two policies on the same queries.")
    return _only(bands((first - second)[:, None], level=level, w=w, strata=strata, seed=seed))


def intervals(
    matrix: ArrayLike, *, level: float = 0.95, w: Weights | None = None, strata: ArrayLike | None = None, seed: int = 0
) -> tuple[Doubles, Doubles]:
    """Return (low, high), (K,) each, of the column means of an (n, K) matrix; one set of resamples for all columns.

    float32 products in blocks of 50 resamples, less the means: little more than the bare product with kept counts.
    A column with a NaN has NaN ends, so has any with n < 2. Never by the exact method. Errors as for `interval`.
    """
    found = bands(matrix, level=level, w=w, strata=strata, seed=seed)
    return found.low, found.high


def bands(values: ArrayLike, *, level: float = 0.95, w: Weights | None = None, strata: ArrayLike | None = None, seed: int = 0) -> Bands:
    """Return column means of (n, K) values with pointwise intervals: the band around a drawn curve of K settings.

    Pointwise, not simultaneous: about 1 - level of the settings lie outside by chance. NaN, `w` and errors as for `intervals`.
    """
    x = np.asarray(values)
    x = x if x.dtype in (np.float32, np.float64) else x.astype(np.float64)
    if x.ndim != 2:
        raise refuse(f"values of shape {x.shape} are no table.", "Give one row a query and one column a setting.")
    ends = tails(level)
    n, columns = x.shape
    if n == 0:
        nothing = np.full(columns, np.nan)
        return Bands(nothing, nothing, nothing, 0, "unknown")
    mean = known_means(x)
    if n < 2:
        return Bands(mean, np.full(columns, np.nan), np.full(columns, np.nan), n, "unknown")
    counts = weights(n, seed=seed, strata=strata) if w is None else checked(w, n)
    if counts is None:
        half = NormalDist().inv_cdf(ends[1]) * np.sqrt(variances(x, mean, strata) / n)
        low, high = mean - half, mean + half
    else:
        low, high = np.quantile(resampled(x, mean, counts), ends, axis=0) + mean
    method: Method = "normal" if counts is None else "bootstrap"
    return Bands(mean, low, high, n, method)


def _only(found: Bands) -> Interval:
    """Return the interval of the single column."""
    mean, low, high = float(found.mean[0]), float(found.low[0]), float(found.high[0])
    return Interval(mean, low, high, found.n, "unknown" if math.isnan(mean) else found.method)


def _vector(values: ArrayLike) -> Doubles:
    x = np.asarray(values, dtype=np.float64)
    if x.ndim != 1:
        raise refuse(f"values of shape {x.shape} are no list.", "Give one number a query.")
    return x


def intervals_of(
    *columns: ArrayLike, against: ArrayLike | None = None, level: float = 0.95, resamples: int = 400, strata: ArrayLike | None = None
) -> tuple[Interval, ...]:
    """Return the intervals of several (n,) columns from one set of resamples: a card's figures, fast enough for a slider.

    against : (n,) values of a reference; one more interval is added, that of the first column less it. Under 100 queries each
    column has its own rule, as in `interval`, and the difference that of `paired`. NaN, strata and errors as for `intervals`.
    """
    n = len(np.asarray(columns[0]))
    if n < FEW:
        alone = tuple(interval(column, level=level, strata=strata) for column in columns)
        return alone if against is None else (*alone, paired(columns[0], against, level=level, strata=strata))
    wide = [np.asarray(column, dtype=np.float32) for column in columns]
    wide += [] if against is None else [wide[0] - np.asarray(against, dtype=np.float32)]
    counts = weights(n, resamples=resamples, strata=strata)
    found = bands(np.stack(wide, axis=1), level=level, w=counts, strata=strata)
    return tuple(
        Interval(float(m), float(low), float(high), n, "unknown" if math.isnan(m) else found.method)
        for m, low, high in zip(found.mean, found.low, found.high, strict=True)
    )
