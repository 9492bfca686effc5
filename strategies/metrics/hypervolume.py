"""The exact volume that a front dominates, in quality, cost, latency and energy: one number for more than one price."""

from __future__ import annotations

import bisect
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from data.problems import refuse
from strategies.metrics.base import Metric, Option
from strategies.metrics.facts import NAN, Curve
from strategies.protocol import Bools, Doubles

MOST_AXES = 4
_BLOCK = 256


def hypervolume(points: ArrayLike, worst: ArrayLike | None = None) -> float:
    """Return the volume dominated by (k, d) points, d = 1 to 4, the more the better, over the corner `worst`, (d,), 0 by default.

    Exact: a sweep with a sorted staircase in three dimensions, k log k; in four its slices, k^2 log k over the undominated points. A
    point below the corner on an axis adds nothing. NaN if any coordinate is unknown, 0 without points. ProblemError for more axes.
    Source: Zitzler and Thiele, 1998 (size of the space covered); the sweep of Beume et al., IEEE TEC 13 (2009), in three dimensions.
    """
    p = np.asarray(points, dtype=np.float64)
    if p.ndim != 2 or not 1 <= p.shape[1] <= MOST_AXES:
        raise refuse(f"points of shape {p.shape} span no volume here.", f"Give one row a point and 1 to {MOST_AXES} axes.")
    if np.isnan(p).any():
        return NAN
    p = p - (0.0 if worst is None else np.asarray(worst, dtype=np.float64))
    p = p[(p > 0).all(axis=1)]
    p = p[pareto(p)] if p.shape[1] == MOST_AXES else p  # fewer axes do not mind points below others
    return _volume(p) if len(p) else 0.0


def pareto(points: Doubles) -> Bools:
    """Return (k,) which of (k, d) points are not below another on every axis; of equal ones the first stands."""
    order = np.lexsort(points.T[::-1])[::-1]
    p = points[order]
    stands = np.ones(len(p), dtype=np.bool_)
    for start in range(0, len(p), _BLOCK):  # in descending order of the first axis only earlier points can be above
        part = p[start : start + _BLOCK]
        above = (p[: start + len(part), None, :] >= part[None, :, :]).all(axis=2)
        above &= np.arange(start + len(part))[:, None] < np.arange(start, start + len(part))[None, :]
        stands[start : start + _BLOCK] = ~above.any(axis=0)
    out = np.zeros(len(points), dtype=np.bool_)
    out[order[stands]] = True
    return out


def _volume(p: Doubles) -> float:
    axes = p.shape[1]
    if axes == 1:
        return float(p.max())
    if axes == 2:
        p = p[np.argsort(-p[:, 0])]
        return float((p[:, 0] * np.diff(np.maximum.accumulate(p[:, 1]), prepend=0.0)).sum())
    p = p[np.argsort(-p[:, -1])]
    thick = p[:, -1] - np.append(p[1:, -1], 0.0)
    if axes == 3:
        return float((_staircase(p[:, :2].tolist()) * thick).sum())
    return sum(float(t) * _volume(p[: j + 1, :3]) for j, t in enumerate(thick) if t > 0)


def _staircase(points: list[list[float]]) -> Doubles:
    """Return (k,) the area dominated by the first 1, 2, ... k points of a plane."""
    xs: list[float] = []  # of the steps, ascending; their heights descend
    ys: list[float] = []
    area, areas = 0.0, np.empty(len(points))
    for j, (x, y) in enumerate(points):
        right = bisect.bisect_left(xs, x)
        floor = ys[right] if right < len(xs) else 0.0  # the height that is covered at x already
        if y > floor:
            first = right
            reach = x
            while first > 0 and ys[first - 1] <= y:  # steps that the new one swallows
                area += (reach - xs[first - 1]) * (y - floor)
                floor, reach = ys[first - 1], xs[first - 1]
                first -= 1
            area += (reach - (xs[first - 1] if first else 0.0)) * (y - floor)
            last = right + 1 if right < len(xs) and xs[right] == x else right
            xs[first:last], ys[first:last] = [x], [y]
        areas[j] = area
    return areas


def _of_curve(curve: Curve, *, axes: str, energy: Any, energy_worst: float) -> float:
    """Return the volume in shares of the worst single model's cost, latency and energy; settings of unknown value are left out."""
    named = axes.split("-")
    columns = [curve.quality]
    for name, values, worst in (
        ("cost", curve.cost, curve.pool.mean_cost),
        ("latency", curve.latency, curve.pool.mean_latency),
        ("energy", energy, energy_worst),
    ):
        if name in named:
            top = float(np.max(worst)) if values is not None else NAN
            if not top > 0:
                return NAN
            columns.append(1 - np.asarray(values, dtype=np.float64) / top)
    points = np.column_stack(columns)
    points = points[~np.isnan(points).any(axis=1)]
    return hypervolume(points) if len(points) else NAN


AXES = ("quality-cost", "quality-latency", "quality-cost-latency", "quality-cost-energy", "quality-cost-latency-energy")

METRICS = (
    Metric(
        id="hypervolume", title="Hypervolume", group="Composite", of="curve", better="higher", low=0, high=1, unit="share of the box",
        formula="volume of the union over settings of [0, r] x [0, 1 - C / C_max] x [0, 1 - T / T_max] x [0, 1 - E / E_max]",
        source="Zitzler and Thiele, 1998; axes by arXiv 2506.06579 (quality, cost, latency, energy)", needs=frozenset({"cost"}),
        options=(
            Option(name="axes", default="quality-cost", kind="choice", choices=AXES, help="What spans the volume."),
            Option(name="energy", default=None, kind="array", help="(K,) mean energy a query at each setting."),
            Option(name="energy_worst", default=NAN, low=0, unit="as energy", help="Mean energy of the worst single model."),
        ),
        caution="Measured from the worst corner: the dearest and the slowest single model. A setting beyond it adds nothing.",
        compute=_of_curve,
    ),
)  # fmt: skip
