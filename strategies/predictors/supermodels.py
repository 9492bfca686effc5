"""Sets of models that may be run together, and the quality that is expected of the best answer among them.

Source: the supermodels of cascade routing (arXiv 2410.10347, sections 3 and 4). The released code multiplies the draws of independent
errors by their variance; here the error has its standard deviation, and the expected maximum is an integral instead of 100 draws.
"""

from __future__ import annotations

import itertools

import numpy as np

from strategies.protocol import Bools, Doubles, Floats

FULL = 6  # up to so many models every set is looked at
DEPTH = 3  # above, sets of at most so many
_NODES = {  # quantiles of a draw, in standard deviations: the more models, the fewer of each are needed
    4: (0, 0.5, 1.05, 1.6, 2.2, 3, 4.2),
    99: (0, 0.7, 1.45, 2.3, 3.6),
}
_BLOCK = 1_000_000


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
    half = np.array(next(nodes for most, nodes in _NODES.items() if len(used) <= most), dtype=np.float32)
    nodes = np.concatenate([-half[:0:-1], half])
    step = max(1, _BLOCK // max(len(sets) * len(used) * len(nodes), 1))
    inner, width = mean[:, used].astype(np.float32), np.maximum(spread[used], 1e-6).astype(np.float32)
    for start in range(0, len(mean), step):
        part = slice(start, start + step)
        found[part] = _integrated(floor[part].astype(np.float32), inner[part], width, sets[:, used], nodes)
    return found


def _integrated(floor: Floats, mean: Floats, spread: Floats, sets: Bools, nodes: Floats) -> Floats:
    """E[max(a, X)] = b - the integral from a to b of P(X <= t), b above all draws; a set with one member more is one product more.

    Trapezia between the quantiles of all models' draws: where a draw is sharp the points are close. Right to 0.004 for spreads of 0.3.
    """
    found = np.tile(floor[:, None], (1, len(sets)))
    if not sets.any():
        return found
    points = np.sort((mean[:, :, None] + spread[None, :, None] * nodes).reshape(len(mean), -1), axis=1)
    points = np.maximum(points, floor[:, None])
    below = _normal((points[:, None, :] - mean[:, :, None]) / spread[None, :, None])
    width = np.diff(points, axis=1)
    products: dict[bytes, Floats] = {}
    for at in np.flatnonzero(sets.any(axis=1)):
        members = np.flatnonzero(sets[at])
        rest = sets[at].copy()
        rest[members[-1]] = False
        kept = products.get(rest.tobytes())
        kept = below[:, members[:-1]].prod(axis=1) if kept is None else kept
        products[sets[at].tobytes()] = kept = kept * below[:, members[-1]]
        found[:, at] = points[:, -1] - (width * (kept[:, 1:] + kept[:, :-1])).sum(axis=1) / 2
    return found


def _normal(z: Floats) -> Floats:
    """Return the normal distribution function to 1.4e-4: 1 / (1 + exp(-1.5976 z - 0.07056 z^3)), Page 1977, symmetric as it has to be."""
    z = np.clip(z, np.float32(-8), np.float32(8))
    return np.asarray(1 / (1 + np.exp(-z * (np.float32(1.5976) + np.float32(0.07056) * z * z))), dtype=np.float32)
