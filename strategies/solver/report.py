"""How a policy does on test, with intervals: what is shown, after everything was chosen elsewhere."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from strategies.protocol import Floats
from strategies.solver.lines import Half, Seen
from strategies.uncertainty.bootstrap import interval
from strategies.uncertainty.interval import Interval
from strategies.uncertainty.statistics import statistic

LEVEL = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A policy over the n test queries: means with 95 % intervals, NaN where a value is unknown.

    kept : its quality over the best single model's. cost_share : its mean cost over that model's. p95_s : seconds that 95 % of the
    queries stay under; NaN for a mixture.
    """

    n: int
    quality: Interval
    kept: Interval
    cost: Interval
    cost_share: Interval
    latency: Interval
    energy: Interval
    p95_s: float


def report(seen: Seen, half: Half, best: int) -> Report:
    """Return the report of outcomes (n, 1) on a half; best : position of the best single model."""
    alone = half.alone(best)
    latency = seen.latency[:, 0]
    known = len(latency) > 0 and not bool(np.isnan(latency).any())
    return Report(
        n=len(half), quality=interval(seen.quality[:, 0], level=LEVEL), kept=ratio(seen.quality[:, 0], alone.quality[:, 0]),
        cost=interval(seen.cost[:, 0], level=LEVEL), cost_share=ratio(seen.cost[:, 0], alone.cost[:, 0]),
        latency=interval(latency, level=LEVEL), energy=interval(seen.energy[:, 0], level=LEVEL),
        p95_s=float(np.quantile(latency, 0.95, method="inverted_cdf")) if known else math.nan,  # as latency_p95 is defined
    )  # fmt: skip


def ratio(a: Floats, b: Floats, *, level: float = LEVEL) -> Interval:
    """Return mean(a) / mean(b) over the same n queries with its interval; unknown where any value is, or the mean of b is 0.

    a, b : (n,) the same queries in the same order, so that what they share cancels.
    """
    return statistic(np.stack([a, b], axis=1).astype(np.float64), lambda means: means[..., 0] / means[..., 1], level=level)
