"""The arena score: accuracy and log cost in one number, on RouterArena's board."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from data.problems import refuse

Doubles: TypeAlias = NDArray[np.float64]
BETA = 0.1
CHEAPEST_USD_PER_1K = 0.0044
PRICIEST_USD_PER_1K = 200.0


def cheapness(usd_per_1k: ArrayLike, *, clamp: bool = True) -> Doubles:
    """Return the log-scaled cheapness, same shape: 1 at 0.0044 USD per 1,000 queries, 0 at 200 USD.

    usd_per_1k : USD per 1,000 queries, not per query. clamp : keep it in [0, 1], which is ours; the public code does not.
    A free router is 1 when clamped, else infinite; an unknown cost is NaN. Raises ProblemError for a negative cost.
    Source: RouterArena, arXiv 2510.00202 (normalised cost).
    """
    cost = np.asarray(usd_per_1k, dtype=np.float64)
    if np.any(cost < 0):
        raise refuse(f"a cost of {cost.min():g} USD per 1,000 queries is negative.", "Correct the prices, or mark the cost as missing.")
    with np.errstate(divide="ignore"):
        scaled = np.log2(PRICIEST_USD_PER_1K / cost) / np.log2(PRICIEST_USD_PER_1K / CHEAPEST_USD_PER_1K)
    return np.asarray(np.clip(scaled, 0.0, 1.0) if clamp else scaled)


def arena_score(accuracy: ArrayLike, usd_per_1k: ArrayLike, *, beta: float = BETA, clamp: bool = True) -> Doubles:
    """Return the arena score S = (1 + beta) A C / (beta A + C), broadcast shape of the arguments; x100 gives the board's figure.

    accuracy : A, mean quality in [0, 1]. usd_per_1k : USD per 1,000 queries; C is its `cheapness`. beta : 0.1 on the board,
    small = accuracy counts more. 0 where both A and C are 0; NaN where either is unknown. `clamp` as in `cheapness`.
    Board rows are quoted with their date: its costs move between releases.
    Raises ProblemError for a negative cost. Source: RouterArena, arXiv 2510.00202 (arena score).
    """
    a, c = np.broadcast_arrays(np.asarray(accuracy, dtype=np.float64), cheapness(usd_per_1k, clamp=clamp))
    # Divided by C, so that a free router, C = infinity without the clamp, needs no rule of its own.
    safe = np.where(c == 0, 1.0, c)
    score = (1 + beta) * a / (beta * a / safe + 1)
    return np.asarray(np.where((c == 0) & ~np.isnan(a), 0.0, score))[()]
