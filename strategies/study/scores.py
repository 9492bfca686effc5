"""The scores of one test curve over the range common to all strategies of a study."""

from __future__ import annotations

import numpy as np

from data.outcomes import OutcomeTable
from strategies.frontiers.curve import Frontier
from strategies.metrics.gap import apgr, apgr_routellm_11, cpt, napgr, ncpt
from strategies.metrics.plane import CommonRange, aiq, common_range, zero_router
from strategies.metrics.saving import saving_at_equal_quality
from strategies.protocol import Doubles, Floats
from strategies.study.curves import Fitted
from strategies.uncertainty.bootstrap import weights

_HALF, _MOST = 0.5, 0.8
RESAMPLES, SETTINGS = 200, 48


def scores_of(fit: Fitted, curve: Frontier) -> dict[str, float]:
    """Return AIQ, its lead over the zero router and that lead's lower bound, the gap recovered, saving at equal quality; NaN = not defined.

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
        "aiq_gain_low": _least_gain(fit, curve, shared, own - zero),
        **(_by_share(curve, quality, strong) if len(cost) == 2 else _by_cost(curve, cost, quality, shared)),
        "saving": saving_at_equal_quality(curve.cost_usd, curve.quality, float(cost[strong]), float(quality[strong])),
    }


def _least_gain(fit: Fitted, curve: Frontier, shared: CommonRange, gain: float) -> float:
    """Return a one-sided 95 % lower bound of the lead in AIQ over the zero router, by the basic bootstrap over queries.

    A hull through noisy points lies too high, so percentiles of resampled leads would flatter; the basic form turns them
    over: gain minus (95 % quantile of resampled leads minus their own centre). Not known for very large sets.
    """
    if np.isnan(gain):
        return float("nan")
    at = curve.setting[np.unique(np.linspace(0, len(curve.setting) - 1, SETTINGS).round().astype(np.intp))]
    leads = resampled_leads(fit.study.tested, curve.per_query(at, "cost"), curve.per_query(at, "quality"), shared)
    return float("nan") if leads is None else gain - float(np.quantile(leads, 0.95))


def resampled_leads(
    tested: OutcomeTable, cost: Floats, quality: Floats, shared: CommonRange, *, resamples: int = RESAMPLES
) -> Doubles | None:
    """Return (B,) leads in AIQ over the zero router on resampled queries, each less the lead on the queries themselves.

    cost, quality : (n, V) of the tested queries at V settings. The same queries are drawn for every strategy, so that leads of
    several can be looked at together. None for very large sets, and where all models cost the same.
    """
    drawn = weights(len(tested), resamples=resamples)
    if drawn is None or not shared.high > shared.low:
        return None
    count = range(len(tested.models))
    values = [cost, quality, *(np.stack([tested.column(name, m) for m in count], axis=1) for name in ("cost_usd", "quality"))]
    every = np.ones((1, len(tested)), dtype=np.float32)
    counts = np.concatenate([every, drawn.astype(np.float32)])
    x, y, costs, qualities = ((counts @ v.astype(np.float32) / len(tested)).astype(np.float64) for v in values)
    leads = [_lead(x[b], y[b], costs[b], qualities[b], shared) for b in range(len(counts))]
    return np.array(leads[1:]) - leads[0]


def _lead(curve_cost: Doubles, curve_quality: Doubles, cost: Doubles, quality: Doubles, shared: CommonRange) -> float:
    ends = {"low": shared.low, "high": shared.high, "cheapest_quality": float(quality[int(np.argmin(cost))])}
    return aiq(curve_cost, curve_quality, **ends) - aiq(*zero_router(cost, quality), **ends)


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
