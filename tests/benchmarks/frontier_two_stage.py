"""The exact frontier of two models on 1,000,000 queries, against argsort of the scores, two gathers and two cumulative sums in NumPy.

The reference has quality and cost after every query, ours quality, cost and latency, all shares, and which values act like each setting.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from data.outcomes import outcome_table
from strategies import find, frontier
from tests.benchmarks import in_turns

GOAL = 2.0
QUERIES = 1_000_000


def measure(queries: int = QUERIES, rounds: int = 15) -> tuple[float, float]:
    """Return seconds of the reference (running sums in float64) and of `frontier` (its means at 8,192 settings)."""
    rng = np.random.default_rng(0)
    table = outcome_table(
        ["small", "large"],
        rng.random((queries, 2)) < [0.6, 0.8],
        cost_usd=rng.random((queries, 2)) * [1e-4, 1e-2],
        latency_s=rng.random((queries, 2)),
        signals={"margin": rng.random((queries, 2)).astype(np.float32)},
    )
    policy = find("margin-cascade")(chain=table.models, signal="margin")
    score, gain, price = table.signal("margin", 0), table.quality(1) - table.quality(0), table.cost_usd(1)

    def bare() -> list[Any]:
        order = np.argsort(score)
        return [np.cumsum(step[order], dtype=np.float64) for step in (gain, price)]

    curve, sums = frontier(policy, table), bare()
    start = table.quality(0).sum(dtype=np.float64)
    assert np.isclose(curve.quality[-1], (start + sums[0][-1]) / queries, rtol=1e-9)
    return in_turns(bare, lambda: frontier(policy, table), rounds=rounds)
