"""All 101 x 101 pairs of thresholds of a cascade of three on 1,000,000 queries, given the bins, against five numpy.bincount.

The reference are five weighted histograms of that length into 101 x 101 bins, in float64, and nothing else. Ours are quality, cost, latency
and all shares of the whole grid, as a replay at each of the 10,201 settings would give them; one of them is checked.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from strategies import replay
from strategies.frontiers.bins import binned
from strategies.frontiers.grid import grid
from strategies.knobs import turned
from tests.benchmarks import in_turns
from tests.benchmarks._three import three

GOAL = 3.0
QUERIES, COUNT = 1_000_000, 101


def measure(queries: int = QUERIES, rounds: int = 15) -> tuple[float, float]:
    """Return seconds of the reference and of ours; the bins are made before, and kept."""
    table, policy = three(queries)
    binned(policy, table)
    rng = np.random.default_rng(1)
    cell = rng.integers(0, COUNT * COUNT, queries)
    weights = [rng.random(queries) for _ in range(5)]

    def bare() -> list[Any]:
        return [np.bincount(cell, weights=each, minlength=COUNT * COUNT) for each in weights]

    def ours() -> Any:
        found = grid(policy, table)
        return found, found.answered, found.called

    found, at = ours()[0], (COUNT // 2, COUNT // 3)
    once = policy
    for name, settings, k in zip(found.knobs, found.settings, at, strict=True):
        once = turned(once, name, float(settings[k]))
    assert np.isclose(found.quality[at], replay(once, table).summary().quality, rtol=1e-9)
    return in_turns(bare, ours, rounds=rounds)
