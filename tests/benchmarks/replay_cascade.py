"""Replay of a cascade of three on 1,000,000 queries, against boolean masks in bare NumPy that keep cost, quality and latency per query."""

from __future__ import annotations

from typing import Any

import numpy as np

from data.outcomes import outcome_table
from strategies import find, replay
from tests.benchmarks import in_turns

GOAL = 1.5
QUERIES = 1_000_000


def measure() -> tuple[float, float]:
    """Return seconds of the reference and of ours; both give the same arrays to the bit."""
    rng = np.random.default_rng(0)
    table = outcome_table(
        ["small", "mid", "large"],
        rng.random((QUERIES, 3)) < [0.6, 0.7, 0.8],
        cost_usd=rng.random((QUERIES, 3)) * [1e-4, 1e-3, 1e-2],
        latency_s=rng.random((QUERIES, 3)),
        signals={"margin": rng.random((QUERIES, 3)).astype(np.float32)},
    )
    policy = find("margin-cascade")(chain=table.models, thresholds=(0.5, 0.5), signal="margin")
    columns = [[table.column(name, m) for m in range(3)] for name in ("cost_usd", "quality", "latency_s")]
    margins = [table.signal("margin", m) for m in range(3)]

    def ours() -> tuple[Any, Any, Any]:
        run = replay(policy, table)
        return run.cost_usd, run.quality, run.latency_s

    def bare() -> tuple[Any, Any, Any]:
        cost, quality, latency = columns
        second = margins[0] < np.float32(0.5)
        third = second & (margins[1] < np.float32(0.5))
        return (
            cost[0] + cost[1] * second + cost[2] * third,
            np.where(third, quality[2], np.where(second, quality[1], quality[0])),
            latency[0] + latency[1] * second + latency[2] * third,
        )

    assert all(np.array_equal(a, b) for a, b in zip(ours(), bare(), strict=True))
    return in_turns(bare, ours)
