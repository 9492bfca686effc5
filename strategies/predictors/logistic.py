"""Logistic regression by Newton's steps: small enough to be fitted again and again while a stream runs."""

from __future__ import annotations

import numpy as np

from strategies.protocol import Doubles

_STEPS = 12
_FAR = 30.0


def learn_logistic(x: Doubles, y: Doubles, ridge: float = 1.0) -> Doubles:
    """Return (d,) weights that maximise the likelihood of (n,) labels in [0, 1] less ridge / 2 times the weights' squared length.

    The ridge makes the solution exist, even of one label. A step that would lose is halved, so it cannot run away.
    """
    weights = np.zeros(x.shape[1])
    for _ in range(_STEPS):
        p = chances(weights, x)
        slope = x.T @ (y - p) - ridge * weights
        step = np.linalg.solve((x.T * (p * (1 - p))) @ x + ridge * np.eye(len(weights)), slope)
        while np.abs(step).max() > 1e-9 and _loss(weights + step, x, y, ridge) > _loss(weights, x, y, ridge):
            step = step / 2
        weights = weights + step
        if np.abs(step).max() < 1e-8:
            break
    return weights


def chances(weights: Doubles, x: Doubles) -> Doubles:
    """Return (n,) chances of a 1 for (n, d) rows; weights (k, d) give (n, k)."""
    return np.asarray(1 / (1 + np.exp(-np.clip(x @ weights.T, -_FAR, _FAR))))


def _loss(weights: Doubles, x: Doubles, y: Doubles, ridge: float) -> float:
    score = x @ weights
    return float((np.logaddexp(0, score) - y * score).sum() + ridge / 2 * weights @ weights)
