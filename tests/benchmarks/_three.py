"""A cascade of three on a long table: what the grid's rows measure."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from data.outcomes import OutcomeTable, outcome_table
from data.queries import QuerySet
from strategies import find
from strategies.protocol import Strategy


def three(queries: int, seed: int = 0) -> tuple[OutcomeTable, Strategy]:
    """Return a table of three models with qualities, costs, latencies and margins, and the cascade of all three."""
    rng = np.random.default_rng(seed)
    shape = (3, queries)  # a model's column is contiguous, as in a table
    table = outcome_table(
        ["small", "mid", "large"],
        np.array([0.6, 0.7, 0.8]) > rng.random(shape, np.float32).T,
        queries=QuerySet.build(pa.array(np.arange(queries)).cast(pa.large_string())),
        cost_usd=rng.random(shape, np.float32).T * np.array([1e-4, 1e-3, 1e-2], dtype=np.float32),
        latency_s=rng.random(shape, np.float32).T,
        signals={"margin": rng.random(shape, np.float32).T},
        check=False,
    )
    return table, find("margin-cascade")(chain=table.models, thresholds=(0.5, 0.5), signal="margin")
