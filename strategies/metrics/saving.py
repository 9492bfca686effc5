"""What a point is worth against a reference: saving at equal quality, quality at equal cost, dollars a month."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from data.problems import refuse
from strategies.metrics.base import BEST, TOLERANCE, Metric, Need, Option
from strategies.metrics.facts import Curve, Done, Pool, mean

Doubles: TypeAlias = NDArray[np.float64]
_ROUNDING = 1e-9  # sums in another order differ by this much


class Iso(NamedTuple):
    """A curve against one reference; positions are None and numbers NaN where no point qualifies."""

    at_equal_quality: int | None
    saving: float
    at_equal_cost: int | None
    gain: float


def cheapest_reaching(cost: ArrayLike, quality: ArrayLike, reference_quality: float, tolerance: float = 0.0) -> int | None:
    """Return the position of the cheapest point with quality >= reference_quality - tolerance; None if there is none.

    cost, quality : (k,). tolerance : quality that may be given up, 0.01 = one point. Of equally cheap points the best, then
    the first. Unknown points (NaN) never qualify, nor does any if the reference is unknown.
    """
    c, q = _points(cost, quality)
    return _first(np.lexsort((-q, c)), ~np.isnan(c) & (q >= reference_quality - tolerance))


def best_within(cost: ArrayLike, quality: ArrayLike, budget: float, tolerance: float = 0.0) -> int | None:
    """Return the position of the best point with cost <= budget x (1 + tolerance); None if there is none.

    cost, quality : (k,). budget : mean cost a query, unit of `cost`. Of equally good points the cheapest, then the first.
    Unknown points (NaN) never qualify, nor does any if the budget is unknown.
    """
    c, q = _points(cost, quality)
    return _first(np.lexsort((c, -q)), ~np.isnan(q) & (c <= budget * (1 + tolerance)))


def saving_at_equal_quality(
    cost: ArrayLike, quality: ArrayLike, reference_cost: float, reference_quality: float, tolerance: float = 0.0
) -> float:
    """Return the share of the reference's cost saved by the cheapest point whose quality reaches the reference's.

    cost, quality : (k,) points of a curve, USD a query and [0, 1]. tolerance : quality that may be given up. 0.6 = 60 %
    cheaper; negative = dearer. NaN if no point reaches it, or the reference is free or unknown.
    Source: LLMRouterBench (CostSave), with the best single model as reference.
    """
    at = cheapest_reaching(cost, quality, reference_quality, tolerance)
    return float("nan") if at is None or not reference_cost > 0 else float(1 - np.asarray(cost, dtype=np.float64)[at] / reference_cost)


def quality_at_equal_cost(cost: ArrayLike, quality: ArrayLike, reference_cost: float, tolerance: float = 0.0) -> float:
    """Return the best quality of a curve at no more than the reference's cost; NaN if no point is that cheap.

    cost, quality : (k,). tolerance : share of the reference's cost that may be spent on top.
    Subtract the reference's quality for the gain. Source: LLMRouterBench (PerfGain at equal spend).
    """
    at = best_within(cost, quality, reference_cost, tolerance)
    return float("nan") if at is None else float(np.asarray(quality, dtype=np.float64)[at])


def iso(cost: ArrayLike, quality: ArrayLike, reference_cost: float, reference_quality: float, tolerance: float = 0.0) -> Iso:
    """Return both comparisons of a curve with a reference, with the positions of the points they rest on.

    cost, quality : (k,). `tolerance` is quality given up in the first comparison; the second is at no more than the
    reference's cost exactly. gain : quality above the reference's. NaN and None as in the two functions above.
    """
    return Iso(
        at_equal_quality=cheapest_reaching(cost, quality, reference_quality, tolerance),
        saving=saving_at_equal_quality(cost, quality, reference_cost, reference_quality, tolerance),
        at_equal_cost=best_within(cost, quality, reference_cost),
        gain=quality_at_equal_cost(cost, quality, reference_cost) - reference_quality,
    )


def monthly_usd(cost_per_query_usd: float, queries_per_month: float) -> float:
    """Return the bill of a month in USD; NaN if the cost is unknown. Raises ProblemError for a negative volume."""
    if queries_per_month < 0:
        raise refuse(f"{queries_per_month:g} queries a month are fewer than none.", "Give a volume of 0 or more.")
    return float(cost_per_query_usd * queries_per_month)


def _points(cost: ArrayLike, quality: ArrayLike) -> tuple[Doubles, Doubles]:
    c, q = np.asarray(cost, dtype=np.float64), np.asarray(quality, dtype=np.float64)
    if c.ndim != 1 or c.shape != q.shape:
        raise refuse(f"{c.shape} costs and {q.shape} qualities do not pair up.", "Give one cost and one quality a point.")
    return c, q


def _first(order: NDArray[np.intp], qualifies: NDArray[np.bool_]) -> int | None:
    hits = order[qualifies[order]]
    return int(hits[0]) if len(hits) else None


def _reference(pool: Pool, best: str) -> tuple[float, float]:
    at = pool.position(best) if best else pool.best
    return float(pool.mean_cost[at]), float(pool.mean_quality[at])


def _run_saving(done: Done, *, best: str) -> float:
    cost, _ = _reference(done.pool, best)
    return 1 - mean(done.cost) / cost if cost > 0 else float("nan")


def _saving(curve: Curve, *, best: str, tolerance: float) -> float:
    return saving_at_equal_quality(curve.cost, curve.quality, *_reference(curve.pool, best), tolerance + _ROUNDING)


def _equal_cost(curve: Curve, *, best: str) -> float:
    return quality_at_equal_cost(curve.cost, curve.quality, _reference(curve.pool, best)[0], _ROUNDING)


def _at_spend(curve: Curve, *, spend: float) -> float:
    return quality_at_equal_cost(curve.cost, curve.quality, spend / 1000, _ROUNDING)


def _spend_at(curve: Curve, *, level: float) -> float:
    at = cheapest_reaching(curve.cost, curve.quality, level - _ROUNDING)
    return float("nan") if at is None else float(1000 * curve.cost[at])


_COST = frozenset[Need]({"cost"})
_PICKED = "Picked on the curve that it is read from: choose the setting on calibrate and show this on test."

METRICS = (
    Metric(
        id="saving", title="Saving", group="Cost", of="run", better="higher", high=1, unit="share of the cost", needs=_COST,
        formula="1 - mean C / mean c[best single]", source="LLMRouterBench, arXiv 2601.07206", options=(BEST,),
        caution="Says nothing of the quality: show it beside the quality, or use the saving at equal quality.", compute=_run_saving,
    ),
    Metric(
        id="saving_at_equal_quality", title="Saving at equal quality", group="Cost", of="curve", better="higher", high=1,
        unit="share of the cost", needs=_COST, formula="1 - min cost of a setting with quality >= r(best single) - tolerance, over "
        "c(best single)", source="LLMRouterBench, arXiv 2601.07206 (CostSave)", also=("CostSave",), options=(BEST, TOLERANCE),
        caution=f"{_PICKED} NaN: no setting is as good.", compute=_saving,
    ),
    Metric(
        id="quality_at_equal_cost", title="Quality at equal cost", group="Cost", of="curve", better="higher", low=0, high=1, unit="quality",
        needs=_COST, formula="max quality of a setting with cost <= c(best single)", source="LLMRouterBench, arXiv 2601.07206",
        options=(BEST,), caution=f"{_PICKED} NaN: no setting is that cheap.", compute=_equal_cost,
    ),
    Metric(
        id="quality_at_spend", title="Quality at a spend", group="Cost", of="curve", better="higher", low=0, high=1, unit="quality",
        needs=_COST, formula="max quality of a setting with 1000 x cost <= spend", source="ours (budget fit)", prices="depends",
        options=(Option(name="spend", default=float("nan"), low=0, unit="USD per 1,000 queries", help="What may be spent."),),
        caution=f"{_PICKED} NaN: no setting is that cheap.", compute=_at_spend,
    ),
    Metric(
        id="spend_at_quality", title="Spend at a quality", group="Cost", of="curve", better="lower", low=0, unit="USD per 1,000 queries",
        needs=_COST, formula="1000 x min cost of a setting with quality >= level", source="ours (budget fit)", prices="scales",
        options=(Option(name="level", default=0.8, low=0, high=1, unit="quality", help="Mean quality that is to be reached."),),
        caution=f"{_PICKED} NaN: no setting is as good. In the table's own cost unit where no price in USD is known.", compute=_spend_at,
    ),
)  # fmt: skip
