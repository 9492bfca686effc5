"""Intervals over queries: percentile bootstrap, exact for few 0/1 queries, normal for very many.

The rule of `interval`, also told by its `method`:
under 100 queries of 0/1 values    Clopper-Pearson ("exact")
up to 50,000 queries               percentile bootstrap, 1,000 resamples ("bootstrap")
more                               normal approximation ("normal"): the two agree to the third digit of the width there,
                                   and the weights of one table would take more than 50 MB
These are intervals for means and paired differences. Hulls, AIQ and the best of many settings need another form.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import lru_cache
from statistics import NormalDist
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from data.problems import refuse
from strategies.uncertainty.exact import exact
from strategies.uncertainty.interval import Bands, Interval, Method, tails

__all__ = ["Bands", "Interval", "bands", "interval", "intervals", "paired", "weights"]

Doubles: TypeAlias = NDArray[np.float64]
Weights: TypeAlias = NDArray[np.uint8]
FEW = 100
MANY = 50_000
BLOCK = 50
RESAMPLES = 1_000


@lru_cache(maxsize=4)
def weights(n: int, *, resamples: int = RESAMPLES, seed: int = 0) -> Weights | None:
    """Return (resamples, n) uint8 bootstrap counts: how often each query is in each resample; each row sums to n.

    None for more than 50,000 queries, where the normal approximation serves: 1,000 rows of uint8 would pass 50 MB. Read-only
    and kept for the last four calls, at most 200 MB. The same seed gives the same counts. Bincounts of random indices in
    blocks of 50 rows: a ninth of the time of `rng.multinomial`. Raises ProblemError if n or resamples is below 1.
    Source: Efron, Annals of Statistics 7 (1979).
    """
    if n < 1 or resamples < 1:
        raise refuse(f"{resamples} resamples of {n} queries cannot be drawn.", "Give at least one of each.")
    if n > MANY:
        return None
    random = np.random.default_rng(seed)
    counts = np.empty((resamples, n), dtype=np.uint8)
    for start in range(0, resamples, BLOCK):
        rows = min(BLOCK, resamples - start)
        drawn = random.integers(0, n, size=(rows, n), dtype=np.int32) + np.arange(0, rows * n, n, dtype=np.int32)[:, None]
        counts[start : start + rows] = np.bincount(drawn.ravel(), minlength=rows * n).reshape(rows, n)
    counts.flags.writeable = False
    return counts


def interval(values: ArrayLike, *, level: float = 0.95, w: Weights | None = None, seed: int = 0) -> Interval:
    """Return the mean of (n,) values with its interval, by the rule at the top of this file.

    values : one number a query (quality, USD, seconds ...). A NaN or infinite one makes the whole unknown, never a smaller n.
    w : (B, n) counts to use instead of `weights(n, seed=seed)`; then it is always the bootstrap. Fewer than two values have no
    interval, except a single 0/1 value, which has the exact one. Raises ProblemError for a level outside (0, 1) or shapes
    that do not fit.
    """
    x = _vector(values)
    if w is None and 0 < len(x) < FEW and bool(np.isin(x, (0.0, 1.0)).all()):
        return exact(int(x.sum()), len(x), level)
    return _only(bands(x[:, None], level=level, w=w, seed=seed))


def paired(a: ArrayLike, b: ArrayLike, *, level: float = 0.95, w: Weights | None = None, seed: int = 0) -> Interval:
    """Return the mean of a - b over the same n queries with its interval, so that the queries' own spread cancels.

    a, b : (n,) the same queries in the same order. Never by the exact method: differences are no counts. NaN, `w` and errors as
    for `interval`; ProblemError if the two differ in length.
    """
    first, second = _vector(a), _vector(b)
    if first.shape != second.shape:
        raise refuse(f"{len(first):,} and {len(second):,} values do not pair up.", "Compare two policies on the same queries.")
    return _only(bands((first - second)[:, None], level=level, w=w, seed=seed))


def intervals(matrix: ArrayLike, *, level: float = 0.95, w: Weights | None = None, seed: int = 0) -> tuple[Doubles, Doubles]:
    """Return (low, high), (K,) each, of the column means of an (n, K) matrix; one set of resamples for all columns.

    float32 products in blocks of 50 resamples, on columns with their mean taken off: 8 ms for 36,000 queries x 20 columns.
    A column with a NaN has NaN ends, so has any with n < 2. Never by the exact method. Errors as for `interval`.
    """
    found = bands(matrix, level=level, w=w, seed=seed)
    return found.low, found.high


def bands(values: ArrayLike, *, level: float = 0.95, w: Weights | None = None, seed: int = 0) -> Bands:
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
    mean = _known_means(x)
    if n < 2:
        return Bands(mean, np.full(columns, np.nan), np.full(columns, np.nan), n, "unknown")
    counts = weights(n, seed=seed) if w is None else _checked(w, n)
    if counts is None:
        low, high = _normal(x, mean, ends[1])
    else:
        low, high = np.quantile(_resampled(x, mean, counts), ends, axis=0) + mean
    method: Method = "normal" if counts is None else "bootstrap"
    return Bands(mean, low, high, n, method)


def _known_means(x: NDArray[np.floating]) -> Doubles:
    """Return (K,) means; an infinite value makes its column as unknown as a missing one."""
    with np.errstate(invalid="ignore"):
        mean = x.mean(axis=0, dtype=np.float64)
    return np.where(np.isfinite(mean), mean, np.nan)


def _resampled(x: NDArray[np.floating], mean: Doubles, counts: Weights) -> Doubles:
    """Return (B, K) resampled means less the mean; unknown columns stay NaN without meeting the product."""
    known = ~np.isnan(mean)
    centred = np.subtract(x[:, known], mean[known], dtype=np.float32)
    out = np.full((len(counts), len(mean)), np.nan)
    for rows in _blocks(len(counts)):
        out[rows, known] = (counts[rows].astype(np.float32) @ centred) / len(x)
    return out


def _blocks(size: int) -> Iterator[slice]:
    return (slice(start, start + BLOCK) for start in range(0, size, BLOCK))


def _normal(x: NDArray[np.floating], mean: Doubles, quantile: float) -> tuple[Doubles, Doubles]:
    with np.errstate(invalid="ignore"):
        half = NormalDist().inv_cdf(quantile) * x.std(axis=0, dtype=np.float64) / math.sqrt(len(x))
    return mean - half, mean + half


def _checked(w: Weights, n: int) -> Weights:
    if w.ndim != 2 or w.shape[1] != n:
        raise refuse(f"weights of shape {w.shape} do not fit {n:,} values.", "Make them with weights(n).")
    return w


def _only(found: Bands) -> Interval:
    """Return the interval of the single column."""
    mean, low, high = float(found.mean[0]), float(found.low[0]), float(found.high[0])
    return Interval(mean, low, high, found.n, "unknown" if math.isnan(mean) else found.method)


def _vector(values: ArrayLike) -> Doubles:
    x = np.asarray(values, dtype=np.float64)
    if x.ndim != 1:
        raise refuse(f"values of shape {x.shape} are no list.", "Give one number a query.")
    return x


def intervals_of(*columns: ArrayLike, against: ArrayLike | None = None, level: float = 0.95, resamples: int = 400) -> tuple[Interval, ...]:
    """Return the intervals of several (n,) columns from one set of resamples: a card's figures, fast enough for a slider.

    against : (n,) values of a reference; one more interval is added, that of the first column less it. Under 100 queries each
    column has its own rule, as in `interval`, and the difference that of `paired`. NaN and errors as for `intervals`.
    """
    n = len(np.asarray(columns[0]))
    if n < FEW:
        alone = tuple(interval(column, level=level) for column in columns)
        return alone if against is None else (*alone, paired(columns[0], against, level=level))
    wide = [np.asarray(column, dtype=np.float32) for column in columns]
    wide += [] if against is None else [wide[0] - np.asarray(against, dtype=np.float32)]
    found = bands(np.stack(wide, axis=1), level=level, w=weights(n, resamples=resamples))
    return tuple(
        Interval(float(m), float(low), float(high), n, "unknown" if math.isnan(m) else found.method)
        for m, low, high in zip(found.mean, found.low, found.high, strict=True)
    )
