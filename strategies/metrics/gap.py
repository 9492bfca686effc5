"""Performance gap recovered between a weak and a strong model: PGR, APGR, CPT, and their cost-normalised kin.

Two models: the abscissa is the share of queries sent to the strong one (PGR, APGR, CPT). More models: it is the cost
between the cheapest and the priciest (nPGR, nAPGR, nCPT), another measure under another name. All are undefined, NaN, if
the strong model is no better than the weak one. The ceiling of APGR is not 1: an oracle beats the strong model.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TypeAlias, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from data.problems import refuse
from strategies.metrics.base import STRONG, WEAK, Metric, Option
from strategies.metrics.facts import Curve, Done, mean

Doubles: TypeAlias = NDArray[np.float64]
ROUNDING = 1e-9  # a curve's end comes from sums; PGR 1 - 1e-16 has reached 1
SHARE_SLACK = 1e-6  # shares may be float32 means
ROUTELLM_SHARES = np.linspace(0.0, 1.0, 11)


@overload
def pgr(quality: float, weak: float, strong: float) -> float: ...
@overload
def pgr(quality: Doubles, weak: float, strong: float) -> Doubles: ...
def pgr(quality: float | Doubles, weak: float, strong: float) -> float | Doubles:
    """Return the performance gap recovered, (quality - weak) / (strong - weak); a number or (k,) as `quality`.

    weak, strong : mean quality of the two models. 0 = as the weak one, 1 = as the strong one; may lie outside. NaN if strong
    <= weak or either is unknown. Source: RouteLLM, arXiv 2406.18665 (PGR).
    """
    gap = strong - weak
    if not gap > 0:
        return float("nan") if np.ndim(quality) == 0 else np.full(np.shape(quality), np.nan)
    return (quality - weak) / gap


def apgr(share: ArrayLike, quality: ArrayLike, weak: float, strong: float) -> float:
    """Return the average PGR over strong shares 0..1: the exact area under the piecewise linear curve.

    share, quality : (k,) points in any order; of points at one share the best counts. Share 0 is the weak model by definition; at
    share 1 the curve is the strong model, or its own last point where that is better: nobody has to send all. Random scores 0.5.
    NaN if strong <= weak or any point is unknown. Raises ProblemError for a share outside [0, 1].
    Source: RouteLLM, arXiv 2406.18665 (APGR).
    """
    x, y = pair_curve(share, quality, weak, strong)
    return float(np.trapezoid(pgr(y, weak, strong), x)) if len(x) else float("nan")


def apgr_routellm_11(share: ArrayLike, quality: ArrayLike, weak: float, strong: float) -> float:
    """Return the published approximation of APGR: a trapezoid over the 11 strong shares 0, 10, ... 100 %.

    Arguments, errors and NaN as for `apgr`; the curve is read at the 11 shares by linear interpolation. Lower than the exact
    area on concave curves. Source: RouteLLM, arXiv 2406.18665 (APGR; 10 equal-count bins in its public code).
    """
    x, y = pair_curve(share, quality, weak, strong)
    if len(x) == 0:
        return float("nan")
    return float(np.trapezoid(pgr(np.interp(ROUTELLM_SHARES, x, y), weak, strong), ROUTELLM_SHARES))


def cpt(share: ArrayLike, quality: ArrayLike, weak: float, strong: float, level: float) -> float:
    """Return the call-performance threshold: the smallest strong share at which PGR reaches `level`; NaN when never.

    share, quality : as for `apgr`. level : PGR to reach, 0.8 for CPT(80 %). The running maximum comes first (the public code
    interpolates a curve that may fall), then linear interpolation. Random needs a share equal to the level. NaN if strong <=
    weak or any point is unknown. Raises ProblemError for a share outside [0, 1]. Source: RouteLLM, arXiv 2406.18665 (CPT).
    """
    x, y = pair_curve(share, quality, weak, strong)
    return first_reach(x, pgr(y, weak, strong), level)


def optimal_curve(weak_quality: ArrayLike, strong_quality: ArrayLike) -> tuple[Doubles, Doubles]:
    """Return (share, quality) of the perfect two-model router, one point a distinct gain: a bound, it sees quality.

    weak_quality, strong_quality : (n,) quality of both models by query, graded or 0/1. The queries with the largest gain go
    to the strong model first; once nothing is gained the curve is flat. For 0/1 quality that is mean weak + min(share, share
    of queries with weak wrong and strong right). Unknown quality makes the curve unknown: (0, 1) and NaN.
    Raises ProblemError if the two differ in length. Source: RouteLLM, arXiv 2406.18665 ("optimal" in its public code).
    """
    weak, strong = np.asarray(weak_quality, dtype=np.float64), np.asarray(strong_quality, dtype=np.float64)
    if weak.ndim != 1 or weak.shape != strong.shape:
        raise refuse(f"{weak.shape} weak and {strong.shape} strong qualities do not pair up.", "Give both models the same queries.")
    gain = strong - weak
    if len(gain) == 0 or np.isnan(gain).any():
        return np.array([0.0, 1.0]), np.full(2, np.nan)
    size, count = np.unique(gain[gain > 0], return_counts=True)
    share = np.concatenate(([0.0], np.cumsum(count[::-1]) / len(gain)))
    quality = weak.mean() + np.concatenate(([0.0], np.cumsum((size * count)[::-1]) / len(gain)))
    return (share, quality) if share[-1] == 1 else (np.append(share, 1.0), np.append(quality, quality[-1]))


def normalised_cost(cost_usd: ArrayLike, low: float, high: float) -> Doubles:
    """Return (cost - low) / (high - low), (k,): 0 at the cheapest single model's mean cost, 1 at the priciest one's.

    NaN if high <= low or either is unknown. Below 0 and above 1 are possible: a cascade may cost more than the priciest model.
    """
    cost = np.asarray(cost_usd, dtype=np.float64)
    return (cost - low) / (high - low) if high > low else np.full(cost.shape, np.nan)


@overload
def npgr(quality: float, cheapest: float, priciest: float) -> float: ...
@overload
def npgr(quality: Doubles, cheapest: float, priciest: float) -> Doubles: ...
def npgr(quality: float | Doubles, cheapest: float, priciest: float) -> float | Doubles:
    """Return PGR between the cheapest and the priciest of M models, given their mean qualities; NaN as for `pgr`."""
    return pgr(quality, cheapest, priciest)


def napgr(cost_usd: ArrayLike, quality: ArrayLike, cheapest: float, priciest: float, *, low: float, high: float) -> float:
    """Return the mean nPGR over the cost between the cheapest and the priciest single model.

    cost_usd, quality : (k,) points in any order; of points at one cost the best counts. cheapest, priciest : mean quality of
    these two models; low, high : their mean cost. The curve starts at the cheapest model if no point is as cheap, and is flat
    to the right of its last point. With two models of fixed prices it equals APGR. NaN if priciest <= cheapest, high <= low,
    or any point is unknown. Source: RouteLLM, arXiv 2406.18665, with the normalised cost of RouterBench, arXiv 2403.12031.
    """
    x, y = curve_from(cost_usd, quality, cheapest, low, high)
    if len(x) == 0:
        return float("nan")
    grid = np.concatenate(([0.0], x[(x > 0) & (x < 1)], [1.0]))
    return float(np.trapezoid(npgr(np.interp(grid, x, y), cheapest, priciest), grid))


def ncpt(cost_usd: ArrayLike, quality: ArrayLike, cheapest: float, priciest: float, *, low: float, high: float, level: float) -> float:
    """Return the smallest normalised cost at which nPGR reaches `level`; NaN when never. Arguments as for `napgr`.

    May exceed 1: a cascade can cost more than the priciest model on its own.
    """
    x, y = curve_from(cost_usd, quality, cheapest, low, high)
    return first_reach(x, npgr(y, cheapest, priciest), level)


def pair_curve(share: ArrayLike, quality: ArrayLike, weak: float, strong: float) -> tuple[Doubles, Doubles]:
    """Return (share, quality) ascending from share 0 to 1; empty if any point is unknown.

    Where the curve lacks share 0 the weak model is added, where it lacks share 1 the strong one, or its own last point if that is better.
    Arguments and errors as for `apgr`.
    """
    x, y = _sorted(share, quality)
    if len(x) == 0:
        return x, y
    if x[0] < -SHARE_SLACK or x[-1] > 1 + SHARE_SLACK:
        raise refuse(f"strong shares run from {x[0]:g} to {x[-1]:g}, outside 0..1.", "Give shares as fractions, not as per cent or USD.")
    if x[0] > 0:
        x, y = np.insert(x, 0, 0.0), np.insert(y, 0, weak)
    # A policy that never sends all may stay at its last setting: a perfect router is flat, it does not fall back to the strong model.
    return (x, y) if x[-1] >= 1 else (np.append(x, 1.0), np.append(y, max(strong, y[-1])))


def curve_from(
    cost_usd: ArrayLike, quality: ArrayLike, cheapest: float, low: float, high: float, *, extended: bool = True
) -> tuple[Doubles, Doubles]:
    """Return (normalised cost, quality) ascending, the best of each cost; empty if any point, or the range, is unknown.

    cost_usd, quality : (k,) in any order. low, high : costs that become 0 and 1. extended : where no point is as cheap as `low`, the
    cheapest model's quality `cheapest` is added there.
    """
    x, y = _sorted(normalised_cost(cost_usd, low, high), quality)
    return (np.insert(x, 0, 0.0), np.insert(y, 0, cheapest)) if extended and len(x) and x[0] > 0 else (x, y)


def _sorted(x: ArrayLike, y: ArrayLike) -> tuple[Doubles, Doubles]:
    """Return the points by ascending x, the best of each x; no points at all if one of them is unknown."""
    at, value = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    if at.ndim != 1 or at.shape != value.shape:
        raise refuse(f"a curve of {at.shape} positions and {value.shape} qualities cannot be read.", "Give one of each a point.")
    if np.isnan(at).any() or np.isnan(value).any():
        return np.empty(0), np.empty(0)
    order = np.lexsort((value, at))
    at, value = at[order], value[order]
    last = np.append(at[1:] != at[:-1], True)[: len(at)]
    return at[last], value[last]


def first_reach(x: Doubles, gap: Doubles, level: float) -> float:
    """Return the first x at which the running maximum of `gap`, linear between points, is at least `level`."""
    best = np.maximum.accumulate(gap)
    if not np.any(best >= level - ROUNDING):
        return float("nan")
    at = int(np.argmax(best >= level - ROUNDING))
    if at == 0:
        return float(x[0])
    part = min((level - best[at - 1]) / (best[at] - best[at - 1]), 1.0)
    return float(x[at - 1] + part * (x[at] - x[at - 1]))


def _shares(curve: Curve, weak: str, strong: str) -> tuple[Doubles, float, float] | None:
    """Return (K,) shares of strong calls and both mean qualities; None where a third model is called: two models are meant."""
    w, s = curve.pool.pair(weak, strong)
    third = [m for m in range(len(curve.pool.models)) if m not in (w, s)]
    if third and bool(np.asarray(curve.called)[third].any()):
        return None
    return np.asarray(curve.called[s], dtype=np.float64), float(curve.pool.mean_quality[w]), float(curve.pool.mean_quality[s])


def _by_share(curve: Curve, *, weak: str, strong: str, area: Callable[..., float], **level: float) -> float:
    found = _shares(curve, weak, strong)
    return float("nan") if found is None else area(found[0], curve.quality, *found[1:], *level.values())


def _by_cost(curve: Curve, *, area: Callable[..., float], **level: float) -> float:
    (low, high), pool = curve.pool.ends, curve.pool
    ends = float(pool.mean_quality[low]), float(pool.mean_quality[high])
    return area(curve.cost, curve.quality, *ends, low=float(pool.mean_cost[low]), high=float(pool.mean_cost[high]), **level)


def _run_pgr(done: Done, *, weak: str = "", strong: str = "") -> float:
    w, s = done.pool.pair(weak, strong)
    return pgr(mean(done.quality), float(done.pool.mean_quality[w]), float(done.pool.mean_quality[s]))


_PAIR = (WEAK, STRONG)
_LEVEL = Option(name="level", default=0.8, low=0, high=1, unit="share of the gap", help="Share of the gap that is to be recovered.")
_SHARE_NOTE = "Undefined where the strong model is no better, or a third model is called. An oracle is above 1."
_COST_NOTE = "Undefined where the priciest model is no better than the cheapest, or nothing is priced."
_PAPER = "RouteLLM, arXiv 2406.18665"
_COST_AXIS = f"{_PAPER}, on the cost axis of RouterBench, arXiv 2403.12031"

METRICS = (
    Metric(
        id="pgr", title="Gap recovered", group="Gap recovered", of="run", better="higher", unit="share of the gap", options=_PAIR,
        formula="PGR = (r(R) - r(weak)) / (r(strong) - r(weak)); r = mean quality", source=f"{_PAPER} (PGR)", also=("PGR",),
        caution="Undefined where the strong model is no better. Says nothing of the cost.", compute=_run_pgr,
    ),
    Metric(
        id="apgr", title="Mean gap recovered", group="Gap recovered", of="curve", better="higher", unit="share of the gap", options=_PAIR,
        formula="APGR = ∫ PGR dc over strong shares c from 0 to 1, exact area; random = 0.5", source=f"{_PAPER} (APGR)", also=("APGR",),
        caution=_SHARE_NOTE, compute=partial(_by_share, area=apgr),
    ),
    Metric(
        id="apgr_routellm_11", title="Mean gap recovered, 11 points", group="Gap recovered", of="curve", better="higher", options=_PAIR,
        unit="share of the gap", formula="trapezoid of PGR at strong shares 0, 0.1, ..., 1", source=f"{_PAPER} (APGR as published)",
        caution=f"{_SHARE_NOTE} Lower than the exact area on bent curves.", compute=partial(_by_share, area=apgr_routellm_11),
    ),
    Metric(
        id="cpt", title="Call-performance threshold", group="Gap recovered", of="curve", better="lower", unit="share of strong calls",
        low=0, high=1, formula="CPT(x) = least strong share with PGR >= x, running maximum first; random = x", also=("CPT",),
        source=f"{_PAPER} (CPT)", options=(*_PAIR, _LEVEL), caution=f"{_SHARE_NOTE} NaN: never reached.",
        compute=partial(_by_share, area=cpt),
    ),
    Metric(
        id="npgr", title="Gap recovered, many models", group="Gap recovered", of="run", better="higher", unit="share of the gap",
        formula="nPGR = (r - r(cheapest)) / (r(priciest) - r(cheapest))", source=_COST_AXIS, also=("nPGR",), caution=_COST_NOTE,
        needs=frozenset({"cost"}), compute=_run_pgr,
    ),
    Metric(
        id="napgr", title="Mean gap recovered by cost", group="Gap recovered", of="curve", better="higher", unit="share of the gap",
        formula="nAPGR = ∫ nPGR dx, x = (C - C_cheap) / (C_dear - C_cheap) from 0 to 1", source=_COST_AXIS, also=("nAPGR",),
        needs=frozenset({"cost"}), caution=_COST_NOTE, compute=partial(_by_cost, area=napgr),
    ),
    Metric(
        id="ncpt", title="Cost-performance threshold", group="Gap recovered", of="curve", better="lower",
        unit="share of the cost range", formula="nCPT(x) = least (C - C_cheap) / (C_dear - C_cheap) with nPGR >= x", source=_COST_AXIS,
        also=("nCPT",), needs=frozenset({"cost"}), options=(_LEVEL,),
        caution=f"{_COST_NOTE} NaN: never reached. Above 1: a cascade costs more than the priciest model.",
        compute=partial(_by_cost, area=ncpt),
    ),
)  # fmt: skip
