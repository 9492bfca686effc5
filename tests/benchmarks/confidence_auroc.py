"""AUROC of a confidence on 1,000,000 queries, ties included, against one argsort, a gather and a cumulative sum in bare NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np

from strategies.metrics.confidence import auroc
from tests.benchmarks import in_turns

GOAL = 2.0
QUERIES = 1_000_000


def measure() -> tuple[float, float]:
    """Return seconds of the reference (everything that any exact AUROC has to do) and of ours."""
    rng = np.random.default_rng(0)
    score = rng.random(QUERIES, dtype=np.float32)
    right = (rng.random(QUERIES) < score).astype(np.float32)

    def bare() -> Any:
        order = np.argsort(score)
        return np.cumsum(right[order], dtype=np.float64)

    assert abs(auroc(score, right) - 5 / 6) < 1e-2
    return in_turns(bare, lambda: auroc(score, right))
