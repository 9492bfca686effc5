"""Deferral curves: quality against the share of queries handed on, or against the cost; their areas; the cost that loses no quality."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from strategies.metrics.base import BEST, STRONG, WEAK, Metric
from strategies.metrics.facts import NAN, Curve
from strategies.metrics.gap import curve_from, first_reach, pair_curve
from strategies.protocol import Doubles


def deferral_curve(curve: Curve, weak: str = "", strong: str = "") -> tuple[Doubles, Doubles]:
    """Return (share, quality) of a deferral curve, ascending: the share of queries that the weak model's answer does not end.

    The best setting of each share. Where the curve lacks share 0 the weak model is added, where it lacks share 1 the strong one, or its
    own last setting if that is better. Empty where anything is unknown. Source: the deferral curves of Gupta et al., arXiv 2404.10136.
    """
    w, s = curve.pool.pair(weak, strong)
    share = 1.0 - np.asarray(curve.answered[w], dtype=np.float64)
    return pair_curve(np.clip(share, 0, 1), curve.quality, float(curve.pool.mean_quality[w]), float(curve.pool.mean_quality[s]))


def audc(cost: ArrayLike, quality: ArrayLike, cheapest_quality: float, *, low: float, high: float) -> float:
    """Return the area under quality against normalised cost, 0 at the cheapest single model and 1 at the priciest: a mean quality.

    cost, quality : (k,) settings in any order, linear between them, the cheapest model as their left end, flat to the right. low, high :
    mean cost of the two models. NaN if high <= low or any point is unknown. Source: UniRoute, arXiv 2502.08773 (AUDC).
    """
    x, y = curve_from(cost, quality, cheapest_quality, low, high)
    if len(x) == 0 or np.isnan(y).any():
        return NAN
    grid = np.concatenate(([0.0], x[(x > 0) & (x < 1)], [1.0]))
    return float(np.trapezoid(np.interp(grid, x, y), grid))


def qnc(cost: ArrayLike, quality: ArrayLike, best_cost: float, best_quality: float) -> float:
    """Return the quality-neutral cost: the least share of the best single model's cost at which its quality is reached; NaN if never.

    cost, quality : (k,) settings in any order, linear between them (mixing), running maximum first. best_cost, best_quality : means of
    the best single model. NaN too if it is free or anything is unknown. Source: UniRoute, arXiv 2502.08773 (QNC).
    """
    x, y = curve_from(cost, quality, NAN, 0.0, best_cost, extended=False)
    return first_reach(x, y, best_quality) if len(x) else NAN


def _area(curve: Curve, *, weak: str, strong: str) -> float:
    x, y = deferral_curve(curve, weak, strong)
    return float(np.trapezoid(y, x)) if len(x) else NAN


def _audc(curve: Curve) -> float:
    (low, high), pool = curve.pool.ends, curve.pool
    ends = float(pool.mean_cost[low]), float(pool.mean_cost[high])
    return audc(curve.cost, curve.quality, float(pool.mean_quality[low]), low=ends[0], high=ends[1])


def _qnc(curve: Curve, *, best: str) -> float:
    at = curve.pool.position(best) if best else curve.pool.best
    return qnc(curve.cost, curve.quality, float(curve.pool.mean_cost[at]), float(curve.pool.mean_quality[at]))


METRICS = (
    Metric(
        id="deferral_area", title="Area under the deferral curve", group="Deferral", of="curve", better="higher", low=0, high=1,
        unit="quality", formula="∫ r(ρ) dρ, ρ = share of queries not answered by the weak model, from 0 to 1",
        source="arXiv 2404.10136 (deferral curves)", options=(WEAK, STRONG),
        caution="Counts queries, not money; the two models' own line is random deferral.", compute=_area,
    ),
    Metric(
        id="audc", title="Area under the deferral curve by cost", group="Deferral", of="curve", better="higher", low=0, high=1,
        unit="quality", formula="∫ r dx, x = (C - C_cheap) / (C_dear - C_cheap) from 0 to 1", source="UniRoute, arXiv 2502.08773 (AUDC)",
        also=("AUDC",), needs=frozenset({"cost"}), caution="The curve itself, not its hull: AIQ is never below it.", compute=_audc,
    ),
    Metric(
        id="qnc", title="Quality-neutral cost", group="Deferral", of="curve", better="lower", low=0, unit="share of the best model's cost",
        formula="min C / c(best single) with r >= r(best single)", source="UniRoute, arXiv 2502.08773 (QNC)", also=("QNC",),
        needs=frozenset({"cost"}), options=(BEST,), caution="NaN: never as good. 1 minus it is the saving at equal quality with mixing.",
        compute=_qnc,
    ),
)  # fmt: skip
