"""Incremental benefit per cost, and its lift over mixing the two models at random."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from strategies.metrics.base import STRONG, WEAK, Metric, Option
from strategies.metrics.facts import NAN, Curve, Done, Pool, mean
from strategies.metrics.gap import curve_from

GREY = 0.02  # of the cost range: with less extra cost the slope is noise
REGIONS = 5


def ibc(cost: float, quality: float, weak: tuple[float, float], strong: tuple[float, float], grey: float = GREY) -> float:
    """Return the extra quality per extra cost over the weak model, (P_M - P_S) / (C_M - C_S), in quality per unit of cost.

    weak, strong : (cost, quality) of the two models. NaN where the extra cost is under `grey` of the range between the two models, as it
    becomes unstable there, where the range is not positive, or where anything is unknown.
    Source: AutoMix, arXiv 2310.12963 (IBC); greying out is ours.
    """
    span, extra = strong[0] - weak[0], cost - weak[0]
    return (quality - weak[1]) / extra if span > 0 and abs(extra) >= grey * span and extra != 0 else NAN


def ibc_lift(cost: float, quality: float, weak: tuple[float, float], strong: tuple[float, float], grey: float = GREY) -> float:
    """Return the lift of `ibc` over that of the two models' own line, in per cent; 0 = random mixing, positive = steeper.

    Arguments and NaN as for `ibc`; NaN too where the strong model is no better than the weak one: there is no benefit to compare with.
    Source: AutoMix, arXiv 2310.12963 (IBC lift); its library prints the fraction.
    """
    base = ibc(*strong, weak, strong, grey)
    return 100 * (ibc(cost, quality, weak, strong, grey) - base) / base if base > 0 else NAN


def ibc_lift_regions(
    cost: ArrayLike, quality: ArrayLike, weak: tuple[float, float], strong: tuple[float, float], regions: int = REGIONS
) -> float:
    """Return the mean lift, per cent, over equal parts of the cost range between the two models, the curve read in the middle of each.

    cost, quality : (k,) settings in any order, linear between them (mixing reaches that), the weak model as their left end, flat to the
    right. NaN where the lift is undefined or a point is unknown.
    Source: AutoMix, arXiv 2310.12963 (mean over five equal cost regions); reading the middles is ours, no setting is picked.
    """
    x, y = curve_from(cost, quality, weak[1], weak[0], strong[0])
    if len(x) == 0:
        return NAN
    middles = (np.arange(regions) + 0.5) / regions
    lifts = [
        ibc_lift(weak[0] + at * (strong[0] - weak[0]), value, weak, strong)
        for at, value in zip(middles.tolist(), np.interp(middles, x, y).tolist(), strict=True)
    ]
    return float(np.mean(lifts))


def _ends(pool: Pool, weak: str, strong: str) -> tuple[tuple[float, float], tuple[float, float]]:
    w, s = ((float(pool.mean_cost[m]), float(pool.mean_quality[m])) for m in pool.pair(weak, strong))
    return w, s


def _run_ibc(done: Done, *, weak: str, strong: str) -> float:
    return ibc(mean(done.cost), mean(done.quality), *_ends(done.pool, weak, strong))


def _run_lift(done: Done, *, weak: str, strong: str) -> float:
    return ibc_lift(mean(done.cost), mean(done.quality), *_ends(done.pool, weak, strong))


def _regions(curve: Curve, *, weak: str, strong: str, regions: float) -> float:
    return ibc_lift_regions(curve.cost, curve.quality, *_ends(curve.pool, weak, strong), int(regions))


_PAIR, _SOURCE = (WEAK, STRONG), "AutoMix, arXiv 2310.12963"
_GREYED = "Greyed out, NaN, where the extra cost is under 2 % of the range: a slope over nothing."

METRICS = (
    Metric(
        id="ibc", title="Benefit per cost", group="Gap recovered", of="run", better="higher", unit="quality per USD", prices="inverse",
        formula="IBC = (P_M - P_S) / (C_M - C_S); S = the weak model, verifiers are in C_M", source=f"{_SOURCE} (IBC)", also=("IBC",),
        needs=frozenset({"cost"}), options=_PAIR, caution=_GREYED, compute=_run_ibc,
    ),
    Metric(
        id="ibc_lift", title="Lift of benefit per cost", group="Gap recovered", of="run", better="higher", unit="%",
        formula="100 (IBC_M - IBC_base) / IBC_base, IBC_base = (P_L - P_S) / (C_L - C_S)", source=f"{_SOURCE} (IBC lift)",
        also=("IBC lift",), needs=frozenset({"cost"}), options=_PAIR, caution=f"{_GREYED} 0 is random mixing.", compute=_run_lift,
    ),
    Metric(
        id="ibc_lift_regions", title="Mean lift over five cost regions", group="Gap recovered", of="curve", better="higher", unit="%",
        formula="mean of the lift in the middles of five equal parts of [C_S, C_L], the curve linear between settings",
        source=f"{_SOURCE} (mean over five equal cost regions; the middles are ours)", needs=frozenset({"cost"}),
        options=(*_PAIR, Option(name="regions", default=REGIONS, low=1, high=25, unit="regions", help="Equal parts of the cost range.")),
        caution="NaN where the strong model is no better than the weak one.", compute=_regions,
    ),
)  # fmt: skip
