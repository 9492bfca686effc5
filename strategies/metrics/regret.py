"""What learning cost: regret along the order of arrival, and how fast it grows."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from data.problems import refuse
from strategies.metrics.base import Metric
from strategies.metrics.facts import Done, mean
from strategies.predictors.upgrades import climb

Doubles: TypeAlias = NDArray[np.float64]
_POINTS = 40
_ROUNDING = 1e-6  # single precision of a bill beside sums in double


class Growth(NamedTuple):
    """Regret = a * t^b: b < 1 means that learning goes on to pay, b = 1 that every query loses the same; NaN where nothing was lost."""

    a: float
    b: float


def cumulative_regret(earned: ArrayLike, reference: ArrayLike) -> Doubles:
    """Return (n,) the sum so far of what a reference earned more; both (n,) or a scalar, in the order of arrival.

    Rewards, or expected rewards, which give the pseudo-regret without the noise of single answers. NaN stays NaN from there on.
    """
    mine = np.asarray(earned, dtype=np.float64)
    return np.cumsum(np.broadcast_to(np.asarray(reference, dtype=np.float64), mine.shape) - mine)


def growth(regret: ArrayLike, since: float = 0.02) -> Growth:
    """Return the power of time that fits (n,) cumulative regret best: least squares in logarithms at 40 places, evenly in log t.

    since : share of the stream that is left out at its start, where one try more or less is the whole of the regret. ProblemError below
    100 queries. Source: the regret curves by which arXiv 2410.06238 compares explorers.
    """
    lost = np.asarray(regret, dtype=np.float64)
    if len(lost) < 100:
        raise refuse(f"{len(lost)} queries are too few to see how regret grows.", "Give at least 100.")
    t = np.unique(np.geomspace(max(since * len(lost), 2), len(lost), _POINTS).round().astype(np.intp))
    there = lost[t - 1] > 0
    if there.sum() < 2:
        return Growth(float("nan"), float("nan"))
    b, log_a = np.polyfit(np.log(t[there]), np.log(lost[t[there] - 1]), 1)
    return Growth(float(np.exp(log_a)), float(b))


def budget_oracle(quality: ArrayLike, cost: ArrayLike, budget: float) -> float:
    """Return the most mean quality that a mean budget buys by choosing one model a query, the outcomes being known.

    quality, cost : (n, M), NaN = cannot be chosen. The linear relaxation: one query may be split, so it is an upper bound of every
    router, and less than one query's upgrade above the integer optimum. NaN below what all queries cost at their cheapest, or if a query
    has no choice. Source: FORC, arXiv 2308.06077 (assignment within a budget), on recorded outcomes.
    """
    q, c = np.asarray(quality, dtype=np.float64), np.asarray(cost, dtype=np.float64)
    if np.isnan(budget) or len(q) == 0 or not bool((~np.isnan(q) & ~np.isnan(c)).any(axis=1).all()):
        return float("nan")
    up = climb(q, c)
    spent = up.spent
    return float("nan") if budget < spent[0] * (1 - _ROUNDING) else float(np.interp(budget, spent, up.reached))


def _budget_regret(done: Done) -> float:
    return budget_oracle(done.pool.quality, done.pool.cost, mean(done.cost)) - mean(done.quality)


METRICS = (
    Metric(
        id="oracle_regret", title="Regret to the oracle", group="Regret", of="run", better="lower", mean=True, low=-1, high=1,
        unit="quality per query", formula="mean_i (max_m q[i, m] - q[i, π(i)])", also=("Gap@Oracle",),
        source="LLMRouterBench, arXiv 2601.07206 (Gap@Oracle); arXiv 2410.06238 (regret)",
        caution="What better decisions could still win at any price. Over holes: of those seen.",
        compute=lambda done: done.pool.best_seen - done.quality,
    ),
    Metric(
        id="budget_regret", title="Regret to the oracle of the same budget", group="Regret", of="run", better="lower", low=-1, high=1,
        unit="quality per query", formula="max { mean q[i, m_i] : mean c[i, m_i] <= mean C } - mean q[i, π(i)]",
        source="FORC, arXiv 2308.06077 (assignment within a budget), true outcomes", needs=frozenset({"cost"}),
        caution="What better predictions could win without a dollar more. Below 0 only where answers are composed or a query is split.",
        compute=_budget_regret,
    ),
)  # fmt: skip
