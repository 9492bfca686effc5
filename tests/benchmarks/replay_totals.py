"""Totals of a cascade of three out of eight models on 1,000,000 queries, against the sums written by hand: boolean masks and numpy.dot.

Both give mean quality, cost and latency and how many queries come to each stage; ours in float64, equal to a replay's summary to 1e-9.
"""

from __future__ import annotations

import numpy as np

from data.outcomes import OutcomeTable, outcome_table
from strategies import find, replay
from strategies.engines.totals import totals
from tests.benchmarks import in_turns

GOAL = 2.0
QUERIES, MODELS, CHAIN = 1_000_000, 8, (0, 3, 7)


def eight(queries: int, seed: int = 0) -> OutcomeTable:
    """Return a table of eight models with qualities, costs, latencies and margins."""
    rng = np.random.default_rng(seed)
    shape = (MODELS, queries)  # a model's column is contiguous, as in a table
    cost = (10.0 ** np.linspace(-5, -2, MODELS)).astype(np.float32)
    return outcome_table(
        [f"m{m}" for m in range(MODELS)],
        (np.linspace(0.5, 0.9, MODELS) > rng.random(shape, np.float32).T),
        cost_usd=rng.random(shape, np.float32).T * cost,
        latency_s=rng.random(shape, np.float32).T,
        signals={"margin": rng.random(shape, np.float32).T},
        check=False,
    )


def measure(queries: int = QUERIES, rounds: int = 15) -> tuple[float, float]:
    """Return seconds of the reference and of `totals`."""
    table = eight(queries)
    policy = find("margin-cascade")(chain=[table.models[m] for m in CHAIN], thresholds=(0.5, 0.5), signal="margin")
    quality, cost, latency = ([table.column(name, m) for m in CHAIN] for name in ("quality", "cost_usd", "latency_s"))
    margin, level = [table.signal("margin", m) for m in CHAIN], np.float32(0.5)

    def bare() -> tuple[float, ...]:
        second = margin[0] < level
        third = second & (margin[1] < level)
        right = np.dot(quality[0], ~second) + np.dot(quality[1], second & ~third) + np.dot(quality[2], third)
        spent, waited = (each[0].sum() + np.dot(each[1], second) + np.dot(each[2], third) for each in (cost, latency))
        return right, spent, waited, np.count_nonzero(second), np.count_nonzero(third)

    found, summary = totals(policy, table), replay(policy, table).summary()
    assert np.isclose(found.cost_usd, summary.cost_usd, rtol=1e-9)
    assert found.called == summary.called
    assert np.isclose(found.quality, bare()[0] / queries, rtol=1e-5)
    return in_turns(bare, lambda: totals(policy, table), rounds=rounds)
