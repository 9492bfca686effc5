"""The bins of the grid on 1,000,000 queries, made anew, against two numpy.quantile (101 levels) and two numpy.searchsorted.

Ours also replays the cascade three times for its scores and outcomes; the bins are kept, so this is paid once a table and policy.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from strategies.frontiers.bins import binned, forget
from tests.benchmarks import in_turns
from tests.benchmarks._three import three

GOAL = 1.5
QUERIES, COUNT = 1_000_000, 101


def measure(queries: int = QUERIES, rounds: int = 9) -> tuple[float, float]:
    """Return seconds of the reference and of ours."""
    table, policy = three(queries)
    scores, levels = [table.signal("margin", m) for m in range(2)], np.linspace(0, 1, COUNT)

    def bare() -> list[Any]:
        return [np.searchsorted(np.quantile(score, levels), score, side="right") for score in scores]

    def ours() -> Any:
        forget()
        return binned(policy, table)

    bins = ours()
    assert [len(settings) for settings in bins.settings] == [COUNT, COUNT]
    return in_turns(bare, ours, rounds=rounds)
