"""Intervals of 20 strategies on 36,000 queries, the resamples kept as under a slider, against the bare product with kept uint8 counts."""

from __future__ import annotations

from typing import Any

import numpy as np

from strategies.uncertainty.bootstrap import bands
from strategies.uncertainty.resample import weights
from tests.benchmarks import in_turns
from tests.benchmarks.bootstrap import BLOCK, QUERIES, RESAMPLES, TASKS, table

GOAL = 1.5  # ours also centres the values, and takes quantiles


def measure() -> tuple[float, float]:
    """Return seconds of the reference (resampled means) and of ours (means and intervals)."""
    quality = table()
    tasks = np.random.default_rng(1).integers(0, TASKS, QUERIES)
    kept = weights(QUERIES, resamples=RESAMPLES, strata=tasks)
    assert kept is not None

    def bare() -> list[Any]:
        return [kept[start : start + BLOCK].astype(np.float32) @ quality / QUERIES for start in range(0, RESAMPLES, BLOCK)]

    def ours() -> Any:
        return bands(quality, strata=tasks)

    low, high = np.quantile(np.concatenate(bare()), (0.025, 0.975), axis=0)
    found = ours()
    assert np.allclose(found.low, low, atol=1e-6)
    assert np.allclose(found.high, high, atol=1e-6)
    return in_turns(bare, ours)
