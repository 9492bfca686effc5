"""Upgrades that a mean budget buys, dearest quality last: each query walks up the hull of its models' (cost, quality)."""

from __future__ import annotations

import numpy as np

from strategies.protocol import Doubles

_SAME = 1e-9  # efficiencies closer than this (relative) are one line: go straight to its end


def upgrades(quality: Doubles, cost: Doubles) -> tuple[float, Doubles, Doubles]:
    """Return what all queries at their cheapest model cost (mean), then every upgrade's efficiency and the mean cost after it.

    quality, cost : (n, M) expectations, NaN = no choice. efficiency : (U,) quality per cost, falling; spent : (U,) rising.
    Taking upgrades in this order is the greedy rule, and exact for a mean budget up to the one query that it splits.
    """
    usable = ~(np.isnan(quality) | np.isnan(cost))
    q, c = np.where(usable, quality, -np.inf), np.where(usable, cost, np.inf)
    index = np.flatnonzero(usable.any(axis=1))
    cheap = c <= c.min(axis=1, keepdims=True)
    now = np.where(cheap, q, -np.inf).argmax(axis=1)
    start, n = float(c[index, now[index]].sum() / max(len(index), 1)), max(len(index), 1)
    efficiency, extra = [np.empty(0)], [np.empty(0)]
    while len(index):
        here = now[index]
        rows = np.arange(len(index))
        with np.errstate(invalid="ignore"):
            dearer = c[index] - c[index, here][:, None]
            gain = q[index] - q[index, here][:, None]
        up = usable[index] & (dearer > 0) & (gain > 0)
        worth = np.divide(gain, dearer, out=np.full_like(gain, -np.inf), where=up)
        first = worth.max(axis=1)
        moving = first > 0
        to = np.where(up & (worth >= first[:, None] * (1 - _SAME)), dearer, -np.inf).argmax(axis=1)
        index, to, rows = index[moving], to[moving], rows[moving]
        efficiency.append(first[moving])
        extra.append(dearer[rows, to])
        now[index] = to
    every, more = np.concatenate(efficiency), np.concatenate(extra)
    order = np.argsort(-every, kind="stable")
    return start, every[order], start + np.cumsum(more[order]) / n


def price_at(budget: float, start: float, efficiency: Doubles, spent: Doubles) -> float:
    """Return the price of quality (lambda) at which the upgrades within a mean budget are taken and no others; inf = none is."""
    bought = int(np.searchsorted(spent, budget * (1 + _SAME) if budget > start else -np.inf, side="right"))
    if not bought:
        return float("inf")
    if bought == len(efficiency):
        return float(efficiency[-1]) / 2
    return float(np.sqrt(efficiency[bought - 1] * efficiency[bought]))
