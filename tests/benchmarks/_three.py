"""A cascade of three on a long table: what the grid's rows measure."""

from __future__ import annotations

import numpy as np

from data.outcomes import OutcomeTable, outcome_table
from strategies import find
from strategies.protocol import Strategy


def three(queries: int, seed: int = 0) -> tuple[OutcomeTable, Strategy]:
    """Return a table of three models with qualities, costs, latencies and margins, and the cascade of all three."""
    rng = np.random.default_rng(seed)
    table = outcome_table(
        ["small", "mid", "large"],
        rng.random((queries, 3)) < [0.6, 0.7, 0.8],
        cost_usd=rng.random((queries, 3)) * [1e-4, 1e-3, 1e-2],
        latency_s=rng.random((queries, 3)),
        signals={"margin": rng.random((queries, 3)).astype(np.float32)},
    )
    return table, find("margin-cascade")(chain=table.models, thresholds=(0.5, 0.5), signal="margin")
