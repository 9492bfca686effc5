"""Soft labels from rewards, and the slopes of both divergences to them (arXiv 2311.08692)."""

from __future__ import annotations

import numpy as np

from strategies.predictors.network import Slope, softmax
from strategies.protocol import Doubles, Ints


def rewarded(reward: Doubles, temperature: float) -> Doubles:
    """Return (n, M) shares softmax(r / T) of (n, M) rewards."""
    return softmax(reward / temperature)


def smoothed(shares: Doubles, tags: Ints, beta: float) -> Doubles:
    """Return beta * shares + (1 - beta) * the mean shares of the queries with the same tag; shares (n, M), tags (n,)."""
    _, place = np.unique(tags, return_inverse=True)
    total = np.zeros((place.max() + 1, shares.shape[1]))
    np.add.at(total, place, shares)
    return np.asarray(beta * shares + (1 - beta) * (total / np.bincount(place)[:, None])[place])


def router_first(target: Doubles) -> Slope:
    """Return the slope of KL(p || target) in the scores z, p = softmax(z): p * (log p / s - KL)."""
    log_target = np.log(np.maximum(target, 1e-12))

    def slope(z: Doubles, rows: Ints) -> Doubles:
        p = softmax(z)
        apart = np.log(np.maximum(p, 1e-300)) - log_target[rows]
        return np.asarray(p * (apart - (p * apart).sum(axis=1, keepdims=True)))

    return slope


def target_first(target: Doubles) -> Slope:
    """Return the slope of KL(target || p) in the scores z, p = softmax(z): p - s."""

    def slope(z: Doubles, rows: Ints) -> Doubles:
        return np.asarray(softmax(z) - target[rows])

    return slope
