"""The non-decreasing upper concave envelope of points in the cost-quality plane, and mixing along it."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from data.problems import refuse

Doubles: TypeAlias = NDArray[np.float64]
SHRINKS = 0.9


def hull(cost_usd: ArrayLike, quality: ArrayLike) -> NDArray[np.int64]:
    """Return the indices of the hull's vertices, cost ascending: cost and quality both rise strictly, slopes fall strictly.

    cost_usd, quality : (k,) points in any order. Any two policies can be mixed at random, so every chord is reachable, and
    money can be left unspent, so the hull ends at the cheapest of the best points. Points with an unknown coordinate (NaN
    or infinite) are ignored; of points at one cost the best counts, of equal points the first. Empty if no point is known.
    Raises ProblemError if the two differ in length. Source: RouterBench, arXiv 2403.12031 (non-decreasing convex hull).
    """
    cost, value = np.asarray(cost_usd, dtype=np.float64), np.asarray(quality, dtype=np.float64)
    if cost.ndim != 1 or cost.shape != value.shape:
        raise refuse(f"a hull of {cost.shape} costs and {value.shape} qualities cannot be drawn.", "Give one cost and one quality a point.")
    known = np.flatnonzero(np.isfinite(cost) & np.isfinite(value))
    order = known[np.argsort(cost[known], kind="stable")]
    rising = order[_rises(cost[order], value[order])]
    return _concave(cost, value, rising).astype(np.int64)


def hull_at(cost: ArrayLike, vertices_cost: ArrayLike, vertices_quality: ArrayLike) -> Doubles:
    """Return the hull's quality at some costs, same shape as `cost`.

    vertices_cost, vertices_quality : (v,) the hull's vertices, cost ascending. Linear between vertices, NaN to the left of
    the first one (nothing is that cheap), flat to the right of the last one; NaN everywhere if there is no vertex.
    """
    at, x, y = (np.asarray(a, dtype=np.float64) for a in (cost, vertices_cost, vertices_quality))
    if len(x) == 0:
        return np.full(at.shape, np.nan)
    return np.asarray(np.interp(at, x, y, left=np.nan))


def mix_at(cost: float, vertices_cost: ArrayLike) -> tuple[int, int, float]:
    """Return (index_low, index_high, weight_high): the two vertices that a Zero router mixes to spend `cost` on average.

    vertices_cost : (v,) cost ascending. The low vertex gets 1 - weight_high. On a vertex, and to the right of the last one,
    both indices are that vertex and the weight is 0. Raises ProblemError for a cost below the first vertex or unknown.
    Source: RouterBench, arXiv 2403.12031 (Zero router).
    """
    x = np.asarray(vertices_cost, dtype=np.float64)
    low = int(np.searchsorted(x, cost, side="right")) - 1
    if len(x) == 0 or np.isnan(cost) or low < 0:
        first = f"{x[0]:g}" if len(x) else "unknown"
        raise refuse(f"no mixture costs {cost:g} a query: the cheapest costs {first}.", "Raise the budget to the cheapest model's cost.")
    if low == len(x) - 1 or x[low] == cost:
        return low, low, 0.0
    return low, low + 1, float((cost - x[low]) / (x[low + 1] - x[low]))


def _rises(cost: Doubles, value: Doubles) -> NDArray[np.bool_]:
    """Return which points, cost ascending, are better than all cheaper ones; one a cost."""
    rises = np.ones(len(cost), dtype=np.bool_)
    rises[1:] = value[1:] > np.maximum.accumulate(value)[:-1]
    risen = np.flatnonzero(rises)
    # Among risen points of one cost, the last is the best.
    rises[risen[:-1][cost[risen][1:] == cost[risen][:-1]]] = False
    return rises


def _concave(cost: Doubles, value: Doubles, at: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return those of the rising points `at` that lie on the envelope.

    A point under the chord of any two others is no vertex, so whole rounds of points can go at once; the last few go one
    by one. The same comparison in both, so that a hull's hull is itself.
    """
    while len(at) > 2:
        x, y = cost[at], value[at]
        keep = np.ones(len(at), dtype=np.bool_)
        dx, dy = np.diff(x), np.diff(y)
        keep[1:-1] = _bends(dx[:-1], dy[:-1], dx[1:], dy[1:])
        if keep.all():
            return at
        if keep.sum() > SHRINKS * len(at):
            return at[_chain(x.tolist(), y.tolist())]
        at = at[keep]
    return at


def _chain(x: list[float], y: list[float]) -> list[int]:
    """Return the positions of the envelope by Andrew's monotone chain."""
    kept: list[int] = []
    for i in range(len(x)):
        while len(kept) > 1:
            before, last = kept[-2], kept[-1]
            if _bends(x[last] - x[before], y[last] - y[before], x[i] - x[last], y[i] - y[last]):
                break
            kept.pop()
        kept.append(i)
    return kept


def _bends(dx: Any, dy: Any, next_dx: Any, next_dy: Any) -> Any:
    """Whether the slope falls strictly from one step to the next: the point between them lies above the outer chord."""
    return dy * next_dx > next_dy * dx
