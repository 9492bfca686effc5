"""Several comparisons at once: intervals that hold together, and p-values that pay for how many were looked at."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from data.problems import refuse
from strategies.uncertainty.bootstrap import bands
from strategies.uncertainty.interval import Bands, tails
from strategies.uncertainty.resample import Weights, known_means, noise, spread_ratios, variances

Doubles: TypeAlias = NDArray[np.float64]


def simultaneous(
    values: ArrayLike, *, level: float = 0.95, w: Weights | None = None, strata: ArrayLike | None = None, seed: int = 0
) -> Bands:
    """Return column means of (n, K) values with intervals that hold for all K at once with probability `level`; method "max-t".

    Each end lies as many standard errors away as the largest studentised error of all columns reaches with (1 - level) / 2 on its side;
    columns that move together cost nothing. Unknown columns have no ends and don't count. w, strata, seed and errors as for `bands`.
    Source: Romano and Wolf, Econometrica 73 (2005); Mandel and Betensky, Computational Statistics and Data Analysis 52 (2008).
    """
    below, above = tails(level)
    x, mean, error, studentised = studentised_errors(values, w=w, strata=strata, seed=seed)
    if not studentised.shape[1]:
        return Bands(mean, np.full(len(mean), np.nan), np.full(len(mean), np.nan), len(x), "unknown")
    most = np.quantile(studentised.max(axis=1), above)
    least = np.quantile(studentised.min(axis=1), below)
    return Bands(mean, mean - most * error, mean - least * error, len(x), "max-t")


def bonferroni(
    values: ArrayLike, *, level: float = 0.95, w: Weights | None = None, strata: ArrayLike | None = None, seed: int = 0
) -> Bands:
    """Return column means of (n, K) values with intervals of level 1 - (1 - level) / K each: all K hold with `level`, whatever they are.

    Wider than `simultaneous` where columns move together. Above 20 columns at 95 % the ends rest on few of 1,000 resamples. As `bands`.
    """
    x = np.asarray(values)
    if x.ndim != 2:
        raise refuse(f"values of shape {x.shape} are no table.", "Give one row a query and one column a candidate.")
    tails(level)
    found = bands(x, level=1 - (1 - level) / max(x.shape[1], 1), w=w, strata=strata, seed=seed)
    return Bands(found.mean, found.low, found.high, found.n, "unknown" if found.method == "unknown" else "bonferroni")


def bonferroni_p(p: ArrayLike) -> Doubles:
    """Return (K,) p-values times K, at most 1; unknown ones stay unknown and are not counted."""
    given = _p_values(p)
    return np.minimum(given * int((~np.isnan(given)).sum()), 1.0)


def holm_p(p: ArrayLike) -> Doubles:
    """Return (K,) p-values adjusted step by step: reject those at most alpha, and all rejections are right with 1 - alpha.

    The i-th smallest of K times K - i + 1, never below the one before; never larger than Bonferroni's. Unknown ones stay unknown and
    are not counted. ProblemError for values outside [0, 1]. Source: Holm, Scandinavian Journal of Statistics 6 (1979).
    """
    given = _p_values(p)
    order = np.argsort(given, kind="stable")  # NaN last
    count = int((~np.isnan(given)).sum())
    ranked = given[order[:count]] * np.arange(count, 0, -1)
    adjusted = np.full(len(given), np.nan)
    adjusted[order[:count]] = np.minimum(np.maximum.accumulate(ranked), 1.0)
    return adjusted


def studentised_errors(
    values: ArrayLike, *, w: Weights | None = None, strata: ArrayLike | None = None, seed: int = 0
) -> tuple[NDArray[np.floating], Doubles, Doubles, Doubles]:
    """Return the (n, K) values, their (K,) means and standard errors, and (B, k) resampled errors in standard errors of the resample.

    The last have a column for each known mean; a column of equal values has errors of 0.
    """
    x = np.asarray(values)
    x = x if x.dtype in (np.float32, np.float64) else x.astype(np.float64)
    if x.ndim != 2:
        raise refuse(f"values of shape {x.shape} are no table.", "Give one row a query and one column a candidate.")
    mean, n = known_means(x), len(x)
    if n < 2:
        return x, mean, np.full(len(mean), np.nan), np.empty((1, 0))
    error = np.sqrt(variances(x, mean, strata) / n)
    known = x[:, ~np.isnan(mean)]
    drawn, ratios = noise(known, w=w, strata=strata, seed=seed), spread_ratios(known, w=w, strata=strata, seed=seed)
    scale = error[~np.isnan(mean)] * ratios
    return x, mean, error, np.divide(drawn, scale, out=np.zeros_like(drawn), where=scale > 0)


def _p_values(p: ArrayLike) -> Doubles:
    given = np.asarray(p, dtype=np.float64)
    if given.ndim != 1 or bool(((given < 0) | (given > 1)).any()):
        raise refuse("these are no p-values.", "Give a list of numbers from 0 to 1; NaN = unknown.")
    return given
