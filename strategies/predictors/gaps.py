"""Labels for a router between a small and a large model: how surely the small one is good enough (arXiv 2404.14618)."""

from __future__ import annotations

import numpy as np

from data.samples import Samples
from strategies.predictors.neighbours import nearest
from strategies.protocol import Bools, Doubles, Floats

NEIGHBOURS = 10  # as many as the paper draws samples of each model
_RELAXATIONS = 64
_ROUNDING = 1e-6  # float32 qualities: 0.7 - 0.2 has to be 0.5


def hard(gap: Doubles) -> Doubles:
    """Return (n,) labels 1[H >= 0] of (n,) quality gaps H = q_S - q_L of one answer each."""
    return np.asarray(gap >= -_ROUNDING, dtype=np.float64)


def soft(gaps: Doubles, t: float = 0.0) -> Doubles:
    """Return (n,) labels Pr[H >= -t] over the (n, J) gaps that each query has, NaN = none more."""
    there = ~np.isnan(gaps)
    return np.asarray((there & (gaps >= -t - _ROUNDING)).sum(axis=1) / there.sum(axis=1))


def relaxation(gaps: Doubles) -> float:
    """Return t* = argmax_{t >= 0} (1 / N^2) sum_ij |y_i(t) - y_j(t)|, the smallest of equals; (n, J) gaps as in `soft`."""
    tried = np.unique(np.maximum(-gaps[~np.isnan(gaps)], 0.0))
    tried = np.unique(np.append(tried[np.linspace(0, len(tried) - 1, min(len(tried), _RELAXATIONS)).round().astype(int)], 0.0))
    spreads = [spread(soft(gaps, float(t))) for t in tried]
    best = max(spreads)
    return float(next(t for t, each in zip(tried, spreads, strict=True) if each >= best - 1e-12))


def spread(labels: Doubles) -> float:
    """Return the mean |y_i - y_j| over all pairs of (n,) labels."""
    n = len(labels)
    return float(2.0 * ((2 * np.arange(1, n + 1) - n - 1) * np.sort(labels)).sum() / n**2)


def neighbour_gaps(x: Floats, gap: Doubles) -> Doubles:
    """Return (n, J) gaps of each query's nearest fit queries, itself among them: what stands in for repeated answers."""
    return np.asarray(gap[nearest(x, x, NEIGHBOURS)])


def sampled_gaps(samples: Samples, small: int, large: int, rows: Bools) -> Doubles | None:
    """Return (k, J) gaps q_S^a - q_L^b of all pairs of repeated answers at (n,) rows, NaN = none more; None if any query has none."""
    found = []
    for row in np.flatnonzero(rows):
        own = slice(*np.searchsorted(samples.query, [row, row + 1]))
        quality, model = samples.quality[own].astype(np.float64), samples.model[own]
        a, b = quality[model == small], quality[model == large]
        pairs = (a[:, None] - b[None, :]).ravel()
        pairs = pairs[~np.isnan(pairs)]
        if not len(pairs):
            return None
        found.append(pairs)
    gaps = np.full((len(found), max(map(len, found))), np.nan)
    for i, pairs in enumerate(found):
        gaps[i, : len(pairs)] = pairs
    return gaps
