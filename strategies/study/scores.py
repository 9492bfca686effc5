"""The scores of one test curve over the range common to all strategies of a study, and what can be claimed of its area."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial

import numpy as np

from strategies.frontiers.curve import Frontier
from strategies.metrics.gap import apgr, apgr_routellm_11, cpt, napgr, ncpt
from strategies.metrics.plane import CommonRange, aiq, common_range, zero_router
from strategies.metrics.saving import saving_at_equal_quality
from strategies.protocol import Doubles, Floats
from strategies.study.curves import Fitted
from strategies.study.prepare import Study
from strategies.uncertainty.areas import aiq_errors
from strategies.uncertainty.resample import spread_ratios

_HALF, _MOST = 0.5, 0.8
LEVEL, SETTINGS = 0.95, 48


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
        "aiq_gain_low": _least_gain(fit, curve, shared),
        **(_by_share(curve, quality, strong) if len(cost) == 2 else _by_cost(curve, cost, quality, shared)),
        "saving": saving_at_equal_quality(curve.cost_usd, curve.quality, float(cost[strong]), float(quality[strong])),
    }


def _least_gain(fit: Fitted, curve: Frontier, shared: CommonRange) -> float:
    """Return a one-sided 95 % lower bound of the lead in AIQ over the zero router.

    Of 48 settings of the curve: the area under all of them is no smaller in truth, so what holds of the one holds of the other.
    """
    at = curve.setting[np.unique(np.linspace(0, len(curve.setting) - 1, SETTINGS).round().astype(np.intp))]
    found = lead_of(fit.study, curve.per_query(at, "cost"), curve.per_query(at, "quality"), shared)
    return float("nan") if found is None else found.lead - float(np.quantile(found.errors, LEVEL))


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Lead:
    """An AIQ and its lead over the zero router, with what chance does to them in B resamples, the same for every strategy of a study.

    lead : shown; the true one is at least lead - errors, resample for resample, in law. errors, most, least : (B,) of the lead at most,
    of the AIQ at most and at least. All in spreads of the resample's own: a bound that forgets that holds too seldom on one side.
    """

    aiq: float
    lead: float
    errors: Doubles
    most: Doubles
    least: Doubles


def lead_of(study: Study, cost: Floats, quality: Floats, shared: CommonRange) -> Lead | None:
    """Return what can be claimed of a strategy's AIQ, from (n, V) cost and quality of the tested queries at V settings.

    The zero router's own area comes from the same queries and is too high as well, if anything: of its errors only those of the mix that
    it shows are taken off. Strata are the tasks. None where all models cost the same, or there are fewer than two queries.
    """
    tested, strata = study.tested, study.strata
    if not shared.high > shared.low or len(tested) < 2:
        return None
    count = range(len(tested.models))
    costs, qualities = (np.stack([tested.column(name, m) for m in count], axis=1) for name in ("cost_usd", "quality"))
    cheapest = qualities[:, int(np.nanargmin(costs.mean(axis=0, dtype=np.float64)))]
    of = partial(aiq_errors, cheapest=cheapest, low=shared.low, high=shared.high, strata=strata)
    own, blind = of(cost, quality), of(costs, qualities)
    if math.isnan(own.shown) or math.isnan(blind.shown):
        return None
    spreads = spread_ratios(np.column_stack([own.each - blind.each, own.each]), strata=strata)
    return Lead(
        aiq=own.shown, lead=own.shown - blind.shown, errors=(own.most - blind.least) / spreads[:, 0], most=own.most / spreads[:, 1],
        least=own.least / spreads[:, 1],
    )  # fmt: skip


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
