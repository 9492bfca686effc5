"""1,000 paired resamples, stratified by task, of 20 strategies on 36,000 queries, cold, against bare blockwise bincounts and products."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from strategies.uncertainty import resample
from strategies.uncertainty.bootstrap import bands
from tests.benchmarks import in_turns

GOAL = 2.0
QUERIES, STRATEGIES, RESAMPLES, BLOCK, TASKS = 36_000, 20, 1_000, 50, 57


def table() -> NDArray[np.float32]:
    """Return (n, K) qualities."""
    return np.random.default_rng(0).random((QUERIES, STRATEGIES), dtype=np.float32)


def measure() -> tuple[float, float]:
    """Return seconds of the reference (resampled means) and of ours (counts within tasks, means and intervals), nothing kept."""
    quality = table()
    tasks = np.random.default_rng(1).integers(0, TASKS, QUERIES)

    def bare() -> list[Any]:
        rng, means = np.random.default_rng(0), []
        shift = np.arange(0, BLOCK * QUERIES, QUERIES, dtype=np.int32)[:, None]
        for _ in range(0, RESAMPLES, BLOCK):
            drawn = rng.integers(0, QUERIES, size=(BLOCK, QUERIES), dtype=np.int32) + shift
            counts = np.bincount(drawn.ravel(), minlength=BLOCK * QUERIES).reshape(BLOCK, QUERIES)
            means.append(counts.astype(np.float32) @ quality / QUERIES)
        return means

    def ours() -> Any:
        resample._drawn.cache_clear()
        return bands(quality, strata=tasks)

    spread = np.concatenate(bare()).std(axis=0)
    found = ours()
    assert np.allclose((found.high - found.low) / (2 * 1.96 * spread), 1, atol=0.15)
    return in_turns(bare, ours, rounds=7)
