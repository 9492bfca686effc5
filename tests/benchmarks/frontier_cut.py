"""The exact frontier of a threshold on 36,000 queries and 11 models, against one argsort, gathers and cumulative sums in bare NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np

from data.outcomes import outcome_table
from strategies import find, frontier
from tests.benchmarks import in_turns

GOAL = 4.0  # the reference has three means; ours also 22 shares and every query at each setting
QUERIES, MODELS = 36_000, 11


def measure() -> tuple[float, float]:
    """Return seconds of the reference (means at every breakpoint) and of ours (means and all shares at 8,192 of them)."""
    rng = np.random.default_rng(0)
    names = [f"m{m}" for m in range(MODELS)]
    table = outcome_table(
        names,
        rng.random((QUERIES, MODELS)) < np.linspace(0.5, 0.9, MODELS),
        cost_usd=rng.random((QUERIES, MODELS)) * 10.0 ** np.linspace(-4, -2, MODELS),
        latency_s=rng.random((QUERIES, MODELS)),
        signals={"margin": rng.random((QUERIES, MODELS)).astype(np.float32)},
    )
    policy = find("margin-cascade")(chain=(names[2], names[9]), signal="margin")
    score = table.signal("margin", 2)
    stays = [table.column(name, 2).astype(np.float64) for name in ("quality", "cost_usd", "latency_s")]
    goes = [table.quality(9) - stays[0], table.cost_usd(9).astype(np.float64), table.latency_s(9).astype(np.float64)]

    def bare() -> list[Any]:
        order = np.argsort(score)
        return [(first.sum() + np.cumsum(step[order])) / QUERIES for first, step in zip(stays, goes, strict=True)]

    def ours() -> Any:
        return frontier(policy, table)

    curve = ours()
    assert np.isclose(curve.quality[-1], bare()[0][-1])
    return in_turns(bare, ours)
