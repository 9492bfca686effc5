"""The scores of one test curve over the range common to all strategies of a study."""

from __future__ import annotations

import numpy as np

from strategies.frontiers.curve import Frontier
from strategies.metrics.gap import apgr, apgr_routellm_11, cpt, napgr, ncpt
from strategies.metrics.plane import CommonRange, aiq, common_range, zero_router
from strategies.metrics.saving import saving_at_equal_quality
from strategies.protocol import Doubles
from strategies.study.curves import Fitted

_HALF, _MOST = 0.5, 0.8


def scores_of(fit: Fitted, curve: Frontier) -> dict[str, float]:
    """Return AIQ, its lead over the zero router, the gap recovered, saving at equal quality; NaN = not defined.

    Of two models the gap is RouteLLM's, against the share of calls to the stronger one: apgr (exact and with 11 points), cpt50,
    cpt80. Of more it is measured between the cheapest and the dearest model, against the cost: napgr, ncpt50, ncpt80.
    """
    tested = fit.study.tested
    cost = np.array(list(tested.mean("cost_usd").values()))
    quality = np.array(list(tested.mean("quality").values()))
    shared = common_range(cost, quality)
    own, zero = _areas(curve, cost, quality, shared)
    strong = fit.study.pool.index(fit.study.best)
    return {
        "aiq": own,
        "aiq_gain": own - zero,
        **(_by_share(curve, quality, strong) if len(cost) == 2 else _by_cost(curve, cost, quality, shared)),
        "saving": saving_at_equal_quality(curve.cost_usd, curve.quality, float(cost[strong]), float(quality[strong])),
    }


def _areas(curve: Frontier, cost: Doubles, quality: Doubles, shared: CommonRange) -> tuple[float, float]:
    """Return AIQ of the curve and of the zero router; not defined where all models cost the same."""
    if shared.high <= shared.low:
        return float("nan"), float("nan")
    return aiq(curve.cost_usd, curve.quality, **shared._asdict()), aiq(*zero_router(cost, quality), **shared._asdict())


def _by_share(curve: Frontier, quality: Doubles, strong: int) -> dict[str, float]:
    share, ends = curve.called[strong].astype(np.float64), (float(quality[1 - strong]), float(quality[strong]))
    return {
        "apgr": apgr(share, curve.quality, *ends),
        "apgr_11": apgr_routellm_11(share, curve.quality, *ends),
        "cpt50": cpt(share, curve.quality, *ends, _HALF),
        "cpt80": cpt(share, curve.quality, *ends, _MOST),
    }


def _by_cost(curve: Frontier, cost: Doubles, quality: Doubles, shared: CommonRange) -> dict[str, float]:
    ends = (shared.cheapest_quality, float(quality[int(np.nanargmax(cost))]))
    span = {"low": shared.low, "high": shared.high}
    return {
        "napgr": napgr(curve.cost_usd, curve.quality, *ends, **span),
        "ncpt50": ncpt(curve.cost_usd, curve.quality, *ends, **span, level=_HALF),
        "ncpt80": ncpt(curve.cost_usd, curve.quality, *ends, **span, level=_MOST),
    }
