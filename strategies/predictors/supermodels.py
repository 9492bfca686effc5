"""Sets of models that may be run together, and the quality that is expected of the best answer among them.

Source: the supermodels of cascade routing (arXiv 2410.10347, sections 3 and 4). The released code multiplies the draws of independent
errors by their variance; here the error has its standard deviation, and the expected maximum is an integral instead of 100 draws.
"""

from __future__ import annotations

import itertools
import math

import numpy as np

from strategies.protocol import Bools, Doubles

FULL = 6  # up to so many models every set is looked at
DEPTH = 3  # above, sets of at most so many
_NODES = np.array([-4.2, -3, -2.2, -1.6, -1.05, -0.5, 0, 0.5, 1.05, 1.6, 2.2, 3, 4.2])  # in standard deviations
_BLOCK = 4_000_000


def sets_of(count: int, mode: str) -> Bools:
    """Return (S, count) the sets that may be run, smaller ones first: "routing" single models, "cascading" the first k, else any."""
    if mode == "routing":
        return np.eye(count, dtype=np.bool_)
    if mode == "cascading":
        return np.tril(np.ones((count, count), dtype=np.bool_))
    depth = count if count <= FULL else DEPTH
    found = [members for size in range(1, depth + 1) for members in itertools.combinations(range(count), size)]
    return np.array([[m in members for m in range(count)] for members in found])


def expected_best(floor: Doubles, mean: Doubles, spread: Doubles, sets: Bools) -> Doubles:
    """Return (n, S) E[max(floor, max of a set's draws)], draws of model m independent N(mean[:, m], spread[m]^2).

    floor : (n,) the best answer that is there already, -inf where there is none. mean : (n, M). spread : (M,), 0 = known exactly.
    An empty set is worth the floor.
    """
    found = np.empty((len(mean), len(sets)))
    used = np.flatnonzero(sets.any(axis=0))
    step = max(1, _BLOCK // max(len(sets) * len(used) * len(_NODES), 1))
    for start in range(0, len(mean), step):
        part = slice(start, start + step)
        found[part] = _integrated(floor[part], mean[part][:, used], np.maximum(spread[used], 1e-6), sets[:, used])
    return found


def _integrated(floor: Doubles, mean: Doubles, spread: Doubles, sets: Bools) -> Doubles:
    """E[max(a, X)] = b - the integral from a to b of P(X <= t), b above all draws; a set with one member more is one product more.

    Trapezia between the quantiles of all models' draws: where a draw is sharp the points are close, and the mean of a single draw,
    whose distribution is symmetric about its points, comes out exactly.
    """
    found = np.tile(floor[:, None], (1, len(sets)))
    if not sets.any():
        return found
    points = np.sort((mean[:, :, None] + spread[None, :, None] * _NODES).reshape(len(mean), -1), axis=1)
    points = np.maximum(points, floor[:, None])
    below = _normal((points[:, None, :] - mean[:, :, None]) / spread[None, :, None])
    width = np.diff(points, axis=1)
    products: dict[bytes, Doubles] = {}
    for at in np.flatnonzero(sets.any(axis=1)):
        members = np.flatnonzero(sets[at])
        rest = sets[at].copy()
        rest[members[-1]] = False
        kept = products.get(rest.tobytes())
        kept = below[:, members[:-1]].prod(axis=1) if kept is None else kept
        products[sets[at].tobytes()] = kept = kept * below[:, members[-1]]
        found[:, at] = points[:, -1] - (width * (kept[:, 1:] + kept[:, :-1])).sum(axis=1) / 2
    return found


def _normal(z: Doubles) -> Doubles:
    """Return the normal distribution function, to 1e-7 (Abramowitz and Stegun 7.1.26 for the error function)."""
    x = np.abs(z) / math.sqrt(2)
    t = 1 / (1 + 0.3275911 * x)
    tail = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429)))) * np.exp(-x * x) / 2
    return np.asarray(np.where(z > 0, 1 - tail, tail))
