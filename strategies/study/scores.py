"""The scores of one test curve over the range common to all strategies of a study."""

from __future__ import annotations

import numpy as np

from strategies.frontiers.curve import Frontier
from strategies.metrics.gap import apgr, apgr_routellm_11, cpt
from strategies.metrics.plane import aiq, zero_router
from strategies.metrics.saving import saving_at_equal_quality
from strategies.study.curves import Fitted

_HALF, _MOST = 0.5, 0.8


def scores_of(fit: Fitted, curve: Frontier) -> dict[str, float]:
    """Return AIQ, its lead over the zero router, APGR (both forms), CPT 50 and 80, saving at equal quality; NaN = not defined.

    APGR and CPT count calls of the dearest model; they are shown for any pool, but are RouteLLM's only for two models.
    """
    tested = fit.study.tested
    cost = np.array(list(tested.mean("cost_usd").values()))
    quality = np.array(list(tested.mean("quality").values()))
    low, high, cheapest = float(cost.min()), float(cost.max()), float(quality[int(cost.argmin())])
    own = aiq(curve.cost_usd, curve.quality, low=low, high=high, cheapest_quality=cheapest)
    zero_cost, zero_quality = zero_router(cost, quality)
    zero = aiq(zero_cost, zero_quality, low=low, high=high, cheapest_quality=cheapest)
    strong = fit.study.pool.index(fit.study.best)
    share = curve.called[strong].astype(np.float64)
    weak_quality, strong_quality = cheapest, float(quality[strong])
    return {
        "aiq": own,
        "aiq_gain": own - zero,
        "apgr": apgr(share, curve.quality, weak_quality, strong_quality),
        "apgr_11": apgr_routellm_11(share, curve.quality, weak_quality, strong_quality),
        "cpt50": cpt(share, curve.quality, weak_quality, strong_quality, _HALF),
        "cpt80": cpt(share, curve.quality, weak_quality, strong_quality, _MOST),
        "saving": saving_at_equal_quality(curve.cost_usd, curve.quality, float(cost[strong]), strong_quality),
    }
