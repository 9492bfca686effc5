"""What can be claimed of a hull and of the area under it (AIQ): lower bounds and corrected figures.

A hull through noisy points lies too high: it picks those that were lucky, and percentiles of resampled hulls would flatter once more.
What chance adds to it at one cost is, to first order, the hull there of the errors themselves: of q - s c, s the hull's slope, over the
points that lie on that stretch of the hull as far as can be told (the directional derivative of a hull). Resampling that gives a bound
that holds whether few points lead or many tie, where resampling the hull itself would not; its median gives a corrected figure that is
too low at least as often as too high. One-sided, and rather too low than too high; `method` says "intersection".
Sources: Fang and Santos, "Inference on directionally differentiable functions", Review of Economic Studies 86 (2019); the
half-median-unbiased figure of Chernozhukov, Lee and Rosen, "Intersection bounds", arXiv 0907.3503; which points count as on the hull as
in Andrews and Soares, Econometrica 78 (2010): those within sqrt(ln n) standard errors of it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from data.problems import refuse
from strategies.frontiers.hull import hull
from strategies.metrics.plane import aiq
from strategies.uncertainty.interval import Bound, Method, tails
from strategies.uncertainty.resample import MANY, Weights, known_means, noise, spread_ratios

Doubles: TypeAlias = NDArray[np.float64]
_MEDIAN = 0.5
_STRETCHES = 8
_ROUNDING = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class HullBand:
    """A hull at G costs with what can be claimed of it, point by point; NaN where nothing is that cheap.

    cost, shown, corrected, low : (G,); the true hull is at least `low` with probability `level` at each cost. method : as in `Bound`.
    """

    cost: Doubles
    shown: Doubles
    corrected: Doubles
    low: Doubles
    level: float
    n: int
    method: Method


@dataclass(frozen=True, slots=True, eq=False)
class AreaErrors:
    """The AIQ of a curve and what chance does to it in B resamples of the n queries.

    most : (B,) error of the shown area at most: the area of the hull of the errors. least : (B,) the same at least: the error of those
    settings that are mixed on the hull now. each : (n,) what each query adds to the area, to first order; its mean is `shown`. Where the
    area is not known `shown` is NaN and most and least are empty.
    """

    shown: float
    most: Doubles
    least: Doubles
    each: Doubles


class _Points(NamedTuple):
    """Means (P,) and their resampled errors (B, P) of P points."""

    cost: Doubles
    quality: Doubles
    cost_error: Doubles
    quality_error: Doubles


class _Piece(NamedTuple):
    """A place on the hull: its cost, the slope there, for what share of the whole it stands, and the two vertices that are mixed there.

    mix : weight of the right one.
    """

    at: float
    slope: float
    share: float
    left: int
    right: int
    mix: float


def aiq_bound(
    cost: ArrayLike, quality: ArrayLike, *, cheapest: ArrayLike, low: float, high: float, level: float = 0.95,
    w: Weights | None = None, strata: ArrayLike | None = None, seed: int = 0,
) -> Bound:  # fmt: skip
    """Return the AIQ of a curve with its one-sided lower bound: what it is at least, with probability `level`.

    cost, quality : (n, V) of each query at V settings. cheapest : (n,) quality of the cheapest single model, with which every strategy
    can be mixed at the cost `low`. low, high : the common range, taken as it is: two strategies are compared over the same one.
    Settings with an unknown mean are left out, as in `aiq`; an unknown `cheapest` makes it unknown. w, strata and seed as for `bands`;
    ProblemError for shapes that do not fit or an empty range.
    """
    tails(level)
    found = aiq_errors(cost, quality, cheapest=cheapest, low=low, high=high, w=w, strata=strata, seed=seed)
    n = len(found.each)
    if math.isnan(found.shown):
        return Bound(math.nan, math.nan, math.nan, level, n, "unknown")
    ratios = spread_ratios(found.each[:, None], w=w, strata=strata, seed=seed)
    corrected, bound = _claimed(found.shown, found.most[:, None], ratios, level)
    return Bound(found.shown, float(corrected[0]), float(bound[0]), level, n, "intersection")


def aiq_errors(
    cost: ArrayLike, quality: ArrayLike, *, cheapest: ArrayLike, low: float, high: float, w: Weights | None = None,
    strata: ArrayLike | None = None, seed: int = 0,
) -> AreaErrors:  # fmt: skip
    """Return the AIQ of a curve and what chance does to it: several curves on the same queries share the resamples, so they compare.

    The true area is at least shown - most, and at most shown - least, resample for resample, in law. Above 50,000 queries the errors are
    those of 50,000 of them, drawn by the seed, times the root of their share. Arguments and errors as for `aiq_bound`.
    """
    values, at = _known(cost, quality, cheapest, low)
    n, mean = len(values.cost), (known_means(values.cost), known_means(values.quality))
    if n < 2 or np.isnan(mean[1][-1]) or math.isnan(low) or math.isnan(high):
        return AreaErrors(math.nan, np.empty(0), np.empty(0), np.full(n, np.nan))
    shown = aiq(mean[0][:-1], mean[1][:-1], low=low, high=high, cheapest_quality=float(mean[1][-1]))
    pieces = _pieces(*mean, low, high)
    points = _points(values, at, w, strata, seed)
    none = np.zeros(1)
    most = sum((piece.share * _excess(points, piece, n) for piece in pieces), none)
    least = sum((piece.share * _held(points, piece) for piece in pieces), none)
    each = sum((piece.share * (_influence(values, piece) + piece.slope * piece.at) for piece in pieces), np.zeros(n))
    return AreaErrors(shown, most, least, each)


def hull_band(
    cost: ArrayLike, quality: ArrayLike, budgets: ArrayLike, *, level: float = 0.95, w: Weights | None = None,
    strata: ArrayLike | None = None, seed: int = 0,
) -> HullBand:  # fmt: skip
    """Return the hull of P points at (G,) costs with one-sided lower bounds, point by point.

    cost, quality : (n, P) of each query at P settings or of P models. Points with an unknown mean are left out. Otherwise as
    `aiq_bound`.
    """
    tails(level)
    values, at = _known(cost, quality)
    grid, n = np.asarray(budgets, dtype=np.float64), len(values.cost)
    mean = known_means(values.cost), known_means(values.quality)
    vertices = hull(*mean)
    inside = np.flatnonzero(grid >= mean[0][vertices[0]]) if len(vertices) and n >= 2 else np.empty(0, dtype=np.intp)
    shown, corrected, low = (np.full(len(grid), np.nan) for _ in range(3))
    if len(inside):
        pieces = [_piece(*mean, vertices, float(x)) for x in grid[inside]]
        points = _points(values, at, w, strata, seed)
        excess = np.stack([_excess(points, piece, n) for piece in pieces], axis=1)
        influence = np.stack([_influence(values, piece) for piece in pieces], axis=1)
        shown[inside] = np.interp(grid[inside], mean[0][vertices], mean[1][vertices])
        ratios = spread_ratios(influence, w=w, strata=strata, seed=seed)
        corrected[inside], low[inside] = _claimed(shown[inside], excess, ratios, level)
    return HullBand(grid, shown, corrected, low, level, n, "intersection" if len(inside) else "unknown")


class _Values(NamedTuple):
    """(n, P) of each query at P points."""

    cost: Doubles
    quality: Doubles


def _known(cost: ArrayLike, quality: ArrayLike, cheapest: ArrayLike | None = None, low: float = 0.0) -> tuple[_Values, bool]:
    """Return the points whose means are known, the cheapest model last; and whether it is there, at a cost without error."""
    x, y = np.asarray(cost, dtype=np.float64), np.asarray(quality, dtype=np.float64)
    if x.ndim != 2 or x.shape != y.shape:
        raise refuse(
            f"costs of shape {x.shape} and qualities of shape {y.shape} are no curve.", "Give one row a query, one column a setting."
        )
    known = ~(np.isnan(known_means(x)) | np.isnan(known_means(y)))
    x, y = x[:, known], y[:, known]
    if cheapest is None:
        return _Values(x, y), False
    least = np.asarray(cheapest, dtype=np.float64)
    if least.shape != (len(x),):
        raise refuse(f"{least.shape} qualities of the cheapest model do not fit {len(x):,} queries.", "Give one a query.")
    return _Values(np.column_stack([x, np.full(len(x), low)]), np.column_stack([y, least])), True


def _points(values: _Values, fixed: bool, w: Weights | None, strata: ArrayLike | None, seed: int) -> _Points:
    both = np.concatenate([values.cost, values.quality], axis=1)
    errors = _errors(both, w, strata, seed)
    count = values.cost.shape[1]
    cost_error = errors[:, :count]
    if fixed:
        cost_error[:, -1] = 0.0
    return _Points(known_means(values.cost), known_means(values.quality), cost_error, errors[:, count:])


def _errors(values: Doubles, w: Weights | None, strata: ArrayLike | None, seed: int) -> Doubles:
    """Return `noise`; of very many queries that of MANY of them, so that curves that are not looked at together still share resamples."""
    n = len(values)
    if w is not None or n <= MANY:
        return noise(values, w=w, strata=strata, seed=seed)
    rows = np.sort(np.random.default_rng(seed).choice(n, MANY, replace=False))
    return noise(values[rows], strata=None if strata is None else np.asarray(strata)[rows], seed=seed) * math.sqrt(MANY / n)


def _pieces(cost: Doubles, quality: Doubles, low: float, high: float) -> list[_Piece]:
    """Return the middles of short stretches of the hull between low and high, none across a vertex."""
    vertices = hull(cost, quality)
    x = cost[vertices]
    grid = np.unique(np.concatenate((np.linspace(low, high, _STRETCHES + 1), x[(x > low) & (x < high)])))
    middles, shares = (grid[1:] + grid[:-1]) / 2, np.diff(grid) / (high - low)
    return [_piece(cost, quality, vertices, float(m))._replace(share=float(s)) for m, s in zip(middles, shares, strict=True)]


def _piece(cost: Doubles, quality: Doubles, vertices: NDArray[np.int64], at: float) -> _Piece:
    place = int(np.searchsorted(cost[vertices], at, side="right"))
    if place == len(vertices):  # money is left unspent
        return _Piece(at, 0.0, 1.0, int(vertices[-1]), int(vertices[-1]), 0.0)
    left, right = int(vertices[place - 1]), int(vertices[place])
    width = cost[right] - cost[left]
    return _Piece(at, float((quality[right] - quality[left]) / width), 1.0, left, right, float((at - cost[left]) / width))


def _excess(points: _Points, piece: _Piece, n: int) -> Doubles:
    """Return (B,) the hull of the errors of quality - slope x cost at one cost, over the points that may lie on this stretch."""
    value = points.quality - piece.slope * points.cost
    error = points.quality_error - piece.slope * points.cost_error
    behind = value[piece.right] - value
    unsure = (error - error[:, [piece.right]]).std(axis=0)
    on = behind <= math.sqrt(math.log(max(n, 2))) * unsure + _ROUNDING * max(1.0, abs(value[piece.right]))
    under, over = np.flatnonzero(on & (points.cost <= piece.at)), np.flatnonzero(on & (points.cost > piece.at))
    most = error[:, under].max(axis=1) if piece.slope == 0 else np.full(len(error), -np.inf)  # flat: money may be left
    for u in under if len(over) else ():
        mix = (piece.at - points.cost[u]) / (points.cost[over] - points.cost[u])
        np.maximum(most, (error[:, [u]] + mix * (error[:, over] - error[:, [u]])).max(axis=1), out=most)
    return most


def _held(points: _Points, piece: _Piece) -> Doubles:
    """Return (B,) the error at one cost of the two settings that are mixed there now: no more than that of the best two."""
    left, right = (points.quality_error[:, v] - piece.slope * points.cost_error[:, v] for v in (piece.left, piece.right))
    return np.asarray((1 - piece.mix) * left + piece.mix * right)


def _influence(values: _Values, piece: _Piece) -> Doubles:
    """Return (n,) what each query adds to the hull there, to first order."""
    left, right = (values.quality[:, v] - piece.slope * values.cost[:, v] for v in (piece.left, piece.right))
    return np.asarray((1 - piece.mix) * left + piece.mix * right)


def _claimed(shown: ArrayLike, excess: Doubles, ratios: Doubles, level: float) -> tuple[Doubles, Doubles]:
    """Return corrected figures and lower bounds, (G,) each, from (B, G) errors over (B, G) ratios of each resample's own spread."""
    middle, most = np.quantile(excess / ratios, (_MEDIAN, level), axis=0)
    return np.asarray(shown - middle), np.asarray(shown - most)
