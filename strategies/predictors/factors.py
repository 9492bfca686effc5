"""Matrix factorisation of battles between models (arXiv 2406.18665): s(m, x) = w . (v_m / |v_m| * W^T e(x))."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from strategies.predictors.network import Adam, sigmoid
from strategies.predictors.rowwise import product
from strategies.protocol import Doubles, Floats, Ints

DIMENSIONS, NOISE, DECAY, BATCH = 128, 0.1, 1e-5, 64
STEPS, MOST_STEPS, RATE = 500, 2000, 3e-3
_Arrays = dict[str, NDArray[Any]]


def battles(quality: Doubles) -> Ints:
    """Return (B, 3) of query, winner, loser for every two models on every query of (n, M) qualities; ties and holes are none."""
    found = []
    for a in range(quality.shape[1]):
        for b in range(a + 1, quality.shape[1]):
            lead = quality[:, a] - quality[:, b]  # NaN leads nobody
            for winner, loser, rows in ((a, b, np.flatnonzero(lead > 0)), (b, a, np.flatnonzero(lead < 0))):
                found.append(np.stack([rows, np.full(len(rows), winner), np.full(len(rows), loser)], axis=1))
    return np.concatenate(found) if found else np.empty((0, 3), dtype=np.intp)


def learn_factors(x: Floats, quality: Doubles, *, seed: int) -> _Arrays | None:
    """Return models (M, k), projection (k, d) and head (k,) learnt from the battles of (n, M) qualities; None without any battle.

    Four passes over the battles, at least STEPS steps and at most MOST_STEPS.
    """
    fought = battles(quality)
    if not len(fought):
        return None
    rng = np.random.default_rng(seed)
    weights: _Arrays = {
        "models": rng.normal(size=(quality.shape[1], DIMENSIONS)),
        "projection": rng.normal(scale=x.shape[1] ** -0.5, size=(DIMENSIONS, x.shape[1])),
        "head": rng.normal(scale=DIMENSIONS**-0.5, size=DIMENSIONS),
    }
    adam = Adam(weights, rate=RATE, decay=DECAY)
    steps = int(np.clip(len(fought) // 16, STEPS, MOST_STEPS))
    for step in range(steps):
        query, winner, loser = fought[rng.integers(0, len(fought), min(BATCH, len(fought)))].T
        blurred = x[query] + NOISE * rng.normal(size=(len(query), x.shape[1]))
        adam.step(slopes(weights, blurred, winner, loser), left=1.0 - step / steps)
    return weights


def leads(state: Mapping[str, NDArray[Any]], x: Floats, first: int, second: int) -> Doubles:
    """Return (n,) s(first, x) - s(second, x) of (n, d) queries, as unit vectors: linear in the query."""
    unit = _unit(state["models"])
    direction = (state["head"] * (unit[first] - unit[second])) @ state["projection"]
    return product(x, direction[None, :], unit=True)[:, 0]


def slopes(weights: Mapping[str, NDArray[Any]], x: Doubles, winner: Ints, loser: Ints) -> _Arrays:
    """Return the slopes of the mean of -log sigmoid(s(winner, x) - s(loser, x)) over (b,) battles."""
    models, head = weights["models"], weights["head"]
    unit = _unit(models)
    inner, apart = x @ weights["projection"].T, unit[winner] - unit[loser]
    down = (sigmoid((inner * apart) @ head) - 1.0)[:, None] / len(x)
    turned = np.zeros_like(models)
    pull = down * inner * head
    np.add.at(turned, winner, pull)
    np.add.at(turned, loser, -pull)
    length = np.linalg.norm(models, axis=1, keepdims=True)
    turned = (turned - unit * (unit * turned).sum(axis=1, keepdims=True)) / length
    return {"models": turned, "projection": (down * apart * head).T @ x, "head": (down * inner * apart).sum(axis=0)}


def _unit(models: Doubles) -> Doubles:
    return np.asarray(models / np.linalg.norm(models, axis=1, keepdims=True))
