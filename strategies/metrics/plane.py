"""The cost-quality plane: AIQ, the Zero router, the cost-matched random control."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from data.problems import refuse
from strategies.frontiers.hull import hull, hull_at
from strategies.metrics.base import Metric
from strategies.metrics.facts import Pool

Doubles: TypeAlias = NDArray[np.float64]


class CommonRange(NamedTuple):
    """The cost range that all compared curves share: arguments of `aiq`."""

    low: float
    high: float
    cheapest_quality: float


def common_range(cost_means: ArrayLike, quality_means: ArrayLike) -> CommonRange:
    """Return the mean cost of the cheapest and the priciest single model, and the cheapest one's mean quality.

    cost_means, quality_means : (M,) in USD a query and [0, 1]; models with an unknown mean are left out. Of models that
    cost the same the best counts. All NaN if nothing is known.
    """
    cost, quality = np.asarray(cost_means, dtype=np.float64), np.asarray(quality_means, dtype=np.float64)
    known = ~np.isnan(cost) & ~np.isnan(quality)
    if not known.any():
        return CommonRange(np.nan, np.nan, np.nan)
    low = cost[known].min()
    return CommonRange(float(low), float(cost[known].max()), float(quality[known & (cost == low)].max()))


def aiq(cost_usd: ArrayLike, quality: ArrayLike, *, low: float, high: float, cheapest_quality: float) -> float:
    """Return the mean quality under the non-decreasing hull between two costs common to all compared curves.

    cost_usd, quality : (k,) points of one strategy, any order; USD a query, quality in [0, 1]; unknown points are ignored.
    low, high : mean cost of the cheapest and the priciest single model. cheapest_quality : mean quality of the cheapest one,
    which every strategy can be mixed with: the point (low, cheapest_quality) extends the curve to the left. To the right it
    is flat. One point is enough. NaN if an argument is unknown or no point is known.

    The formula of the paper; its public code divides by the highest cost instead of the range. Never on a log axis.
    Raises ProblemError if all costs are equal (high <= low). Source: RouterBench, arXiv 2403.12031 (AIQ).
    """
    cost, value = np.asarray(cost_usd, dtype=np.float64), np.asarray(quality, dtype=np.float64)
    if high <= low:
        raise refuse(
            f"AIQ needs a cost range; the cheapest model costs {low:g} and the priciest {high:g}.", "Compare models that differ in cost."
        )
    if np.isnan([low, high, cheapest_quality]).any() or not (np.isfinite(cost) & np.isfinite(value)).any():
        return float("nan")
    cost, value = np.append(cost, low), np.append(value, cheapest_quality)
    vertices = hull(cost, value)
    x, y = cost[vertices], value[vertices]
    grid = np.concatenate(([low], x[(x > low) & (x < high)], [high]))
    return float(np.trapezoid(hull_at(grid, x, y), grid) / (high - low))


def zero_router(cost_means: ArrayLike, quality_means: ArrayLike) -> tuple[Doubles, Doubles]:
    """Return (cost, quality) of the Zero router's vertices, (v,) each: the hull of the single models.

    cost_means, quality_means : (M,); a model with an unknown mean is left out. The best that query-blind mixing reaches: a
    router below this line has learnt nothing. Source: RouterBench, arXiv 2403.12031 (Zero router).
    """
    cost, quality = np.asarray(cost_means, dtype=np.float64), np.asarray(quality_means, dtype=np.float64)
    vertices = hull(cost, quality)
    return cost[vertices], quality[vertices]


def control(answered: ArrayLike, called: ArrayLike, cost_means: ArrayLike, quality_means: ArrayLike) -> tuple[Doubles, Doubles]:
    """Return (cost, quality) of the cost-matched random control: a policy's own model shares, dealt to random queries.

    answered : (M,) or (M, K) share of the queries whose returned answer is each model's, for K settings. called : the same
    shape, share of the queries that called each model, or mean calls a query where samples repeat. cost_means,
    quality_means : (M,) means over the queries. Both results are () or (K,). Abstained queries count in no share.

    Quality = sum answered x mean quality, cost = sum called x mean cost, in closed form. A model nobody used may be unknown;
    where a used one is, the result is NaN. Raises ProblemError if the shapes do not fit.
    """
    return _weighted(called, cost_means, "cost"), _weighted(answered, quality_means, "quality")


def _weighted(shares: ArrayLike, means: ArrayLike, name: str) -> Doubles:
    """Return the sum over models of share x mean, in which an unused model's mean does not count."""
    share, mean = np.asarray(shares, dtype=np.float64), np.asarray(means, dtype=np.float64)
    if mean.ndim != 1 or share.ndim not in (1, 2) or len(share) != len(mean):
        raise refuse(
            f"shares of shape {share.shape} do not fit {name} means of shape {mean.shape}.", "Give one share and one mean a model."
        )
    mean = mean if share.ndim == 1 else mean[:, None]
    # [()] turns the 0-d result of one setting into a number, and leaves (K,) as it is.
    total: Doubles = np.asarray((share * np.where(share == 0, 0.0, mean)).sum(axis=0))[()]
    return total


def _aiq(pool: Pool, cost: Doubles, quality: Doubles) -> float:
    shared = common_range(pool.mean_cost, pool.mean_quality)
    return aiq(cost, quality, **shared._asdict()) if shared.high > shared.low else float("nan")


def _zero(pool: Pool) -> float:
    return _aiq(pool, *zero_router(pool.mean_cost, pool.mean_quality))


_RANGE = "over the cost from the cheapest to the priciest single model, left end = the cheapest model, flat to the right"
_NOT_BOOTSTRAP = "A hull through noisy points lies too high: give its lead a one-sided bound, not a percentile interval."

METRICS = (
    Metric(
        id="aiq", title="AIQ", group="Cost-quality plane", of="curve", better="higher", low=0, high=1, unit="quality",
        formula=f"1 / (c_max - c_min) ∫ H(c) dc, H = non-decreasing hull of (cost, quality), {_RANGE}",
        source="RouterBench, arXiv 2403.12031 (AIQ)", needs=frozenset({"cost"}), also=("average improvement in quality",),
        caution=f"{_NOT_BOOTSTRAP} The public code of the paper divides by c_max instead.",
        compute=lambda curve: _aiq(curve.pool, curve.cost, curve.quality),
    ),
    Metric(
        id="aiq_gain", title="AIQ over the zero router", group="Cost-quality plane", of="curve", better="higher", low=-1, high=1,
        unit="quality", formula="AIQ - AIQ(zero router)", source="RouterBench, arXiv 2403.12031 (Zero router)", needs=frozenset({"cost"}),
        caution=f"{_NOT_BOOTSTRAP} At or below 0 the router has learnt nothing that blind mixing does not give.",
        compute=lambda curve: _aiq(curve.pool, curve.cost, curve.quality) - _zero(curve.pool),
    ),
    Metric(
        id="zero_aiq", title="AIQ of the zero router", group="Cost-quality plane", of="pool", better="neither", low=0, high=1,
        unit="quality", formula="AIQ of the hull of the single models: the best query-blind mixing", needs=frozenset({"cost"}),
        source="RouterBench, arXiv 2403.12031 (Zero router)", caution="A reference line, no strategy.", compute=_zero,
    ),
)  # fmt: skip
