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
_ROUNDING = 1e-9  # of figures that are shares: sums in another order differ by this much


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


def at_least(shown: ArrayLike, errors: ArrayLike, *, level: float = 0.95) -> tuple[Doubles, Doubles]:
    """Return (K,) corrected figures and lower bounds that hold for all K at once, from (B, K) resampled errors that may lean to one side.

    shown : (K,), such as areas under hulls (areas.py), whose errors are the same resamples for all. corrected : less the median error;
    bound : less c spreads more, c the level's quantile of the largest error of all in its own spreads. An error that never varies costs
    nothing but itself. Unknown figures, and those without errors (NaN), stay unknown and don't count.
    Source: Romano and Wolf, Econometrica 73 (2005), single step.
    """
    tails(level)
    figures, drawn = np.asarray(shown, dtype=np.float64), np.asarray(errors, dtype=np.float64)
    if drawn.ndim != 2 or figures.shape != drawn.shape[1:]:
        raise refuse(f"errors of shape {drawn.shape} do not fit {figures.size} figures.", "Give one row a resample, one column a figure.")
    corrected, bound = np.full(len(figures), np.nan), np.full(len(figures), np.nan)
    known = np.flatnonzero(~(np.isnan(figures) | np.isnan(drawn).any(axis=0)))
    if not len(known) or not len(drawn):
        return corrected, bound
    drawn = drawn[:, known]
    middle, spread = np.median(drawn, axis=0), drawn.std(axis=0)
    varies = spread > _ROUNDING
    scaled = (drawn[:, varies] - middle[varies]) / spread[varies]
    far = float(np.quantile(scaled.max(axis=1), level)) if varies.any() else 0.0
    corrected[known] = figures[known] - middle
    bound[known] = corrected[known] - far * np.where(varies, spread, 0.0)
    return corrected, bound


def may_be_best(shown: ArrayLike, most: ArrayLike, least: ArrayLike, *, level: float = 0.95) -> NDArray[np.bool_]:
    """Return (K,) which of K figures may be the truly highest: with probability `level` that one is among them.

    most, least : (B, K) resampled errors at most and at least, as in `AreaErrors`; for means the same. One is left out where some other
    leads it surely, for all others at once. An unknown figure is not among them.
    Source: subset selection, Gupta, Technometrics 7 (1965), with the bounds of `at_least`.
    """
    figures, up, down = (np.asarray(x, dtype=np.float64) for x in (shown, most, least))
    _, own = at_least(figures, up, level=level)
    known = np.flatnonzero(~np.isnan(own))
    found = np.zeros(len(figures), dtype=np.bool_)
    for one in known:
        others = known[known != one]
        _, ahead = at_least(figures[others] - figures[one], up[:, others] - down[:, [one]], level=level)
        found[one] = not (ahead > _ROUNDING).any()
    return found


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
