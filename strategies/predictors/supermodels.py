"""Sets of models that may be run together, what the best answer among them is expected to be worth, and which set is worth most.

Source: the supermodels of cascade routing (arXiv 2410.10347, sections 3 and 4). The released code multiplies the draws of independent
errors by their variance; here the error has its standard deviation, and the expected maximum is an integral instead of 100 draws.

E[max(a, X)] = b - the integral from a to b of P(X <= t), b above all draws. For independent draws P(max <= t) is a product over the
set: that of its first models times that of the others. So the integrals of all 2^M sets of a query are one small matrix product over
the points, and the search over every set costs less than the draws of one.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import numpy as np

from strategies.protocol import Bools, Doubles, Floats

LEAST = 1e-4  # what one more model has to add to be run at all, were it free: below, the integral says nothing
_FEWEST, _POINTS, _TAIL = 11, 64, 3.75  # quantiles of a draw, points of all draws at least, standard deviations to the last quantile
_SHARP = 1e-6
_TINY = np.float32(1e-15)  # products below it say nothing, and what is too small for a float is slow
_FAR = np.float32(4.4), np.float32(8)  # in standard deviations: P = 2e-6, six of which are still a number of full precision
_CHAINS = 256  # queries at once, where there are few sets
_BLOCK = 1 << 18  # numbers at once: what a core keeps near


class _Room:
    """Arrays for all sets of a few queries, used again and again: fresh memory for each would take longer than the arithmetic."""

    def __init__(self, n: int, count: int) -> None:
        self.first, points = count // 2, count * len(_nodes(count))
        sizes = 1 << count - self.first, 1 << self.first
        self.queries = max(1, min(n, _BLOCK // (sum(sizes) * points + (1 << count))))
        self.others, self.firsts = (np.empty((self.queries, size, points), dtype=np.float32) for size in sizes)
        self.found = np.empty((self.queries, *sizes), dtype=np.float32)


def expected_best(floor: Doubles, mean: Doubles, spread: Doubles) -> Floats:
    """Return (n, 2^M) E[max(floor, max of a set's draws)], draws of model m independent N(mean[:, m], spread[m]^2).

    Model m is in set s where bit m of s is 1. floor : (n,) the best answer that is there already, -inf where there is none: then the
    empty set, s = 0, is worth the lowest draw. mean : (n, M). spread : (M,), 0 = known exactly. Right to 0.001 for equal spreads, to
    0.006 where sharp and wide draws meet.
    """
    n, count = mean.shape
    room, free = _Room(n, count), np.zeros((n, count), dtype=np.float32)
    found = np.empty((n, 1 << count), dtype=np.float32)
    for at, below, weight, top in _blocks(floor, mean, spread, free > 0, room.queries):
        found[at] = top[:, None] - _of_sets(below, weight, free[at], room)
    return found


def best_set(floor: Doubles, mean: Doubles, spread: Doubles, price: Doubles, run: Bools, *, any_set: bool) -> tuple[Bools, Doubles]:
    """Return (n, M) which models to run more and (n,) what that is worth: most of E[max(floor, draws)] - the sum of their prices.

    floor, mean, spread : as above; a model whose mean is NaN adds nothing. price : (n, M) quality for which a call has to make up.
    run : (n, M) models whose answers are in the floor. any_set : every set is weighed, else the first k models of their order only.
    Where nothing was run something has to be. A model that adds less than LEAST is left out, and so the smallest of equal sets wins.
    """
    n, count = mean.shape
    room = _Room(n, count if any_set else 0)
    owed = np.where(run, 0, price + LEAST).astype(np.float32)
    code, worth = np.empty(n, dtype=np.intp), np.empty(n)
    for at, below, weight, top in _blocks(floor, mean, spread, run, room.queries if any_set else _CHAINS):
        lost = _of_sets(below, weight, owed[at], room) if any_set else _of_firsts(below, weight, owed[at])
        lost[~run[at].any(axis=1), 0] = np.inf
        code[at] = lost.argmin(axis=1)
        worth[at] = top - lost.min(axis=1)
    place = np.arange(count)
    chosen = (code[:, None] >> place) % 2 == 1 if any_set else code[:, None] > place
    return chosen & ~run, worth


def _blocks(floor: Doubles, mean: Doubles, spread: Doubles, run: Bools, step: int) -> Iterator[tuple[slice, Floats, Floats, Floats]]:
    """Yield for `step` queries at a time (slice, P(X_m <= t) at J points (k, M, J), the trapezia's weights (k, J), the last point (k,)).

    The points are quantiles of all models' draws: where a draw is sharp they are close. A model that was run is below any of them.
    """
    known = ~(run | np.isnan(mean))
    centre, low = np.where(known, mean, 0).astype(np.float32), floor.astype(np.float32)[:, None]
    width, nodes = np.maximum(spread, _SHARP).astype(np.float32)[:, None], _nodes(mean.shape[1])
    for start in range(0, len(mean), step):
        at = slice(start, start + step)
        where = centre[at, :, None] + width * nodes
        where = np.sort(where.reshape(len(where), -1), axis=1)
        np.maximum(where, low[at], out=where)
        below = _normal((where[:, None, :] - centre[at, :, None]) / width)
        below[~known[at]] = 1
        half = np.diff(where, axis=1) / 2
        weight = np.zeros_like(where)
        weight[:, 1:] = half
        weight[:, :-1] += half
        yield at, below, weight, where[:, -1]


def _of_sets(below: Floats, weight: Floats, owed: Floats, room: _Room) -> Floats:
    """Return (k, 2^M) the integral of every set's product, and what the set costs: in the room, until the next call."""
    k, first = len(below), room.first
    others, firsts, found = room.others[:k], room.firsts[:k], room.found[:k]
    for part, products in ((below[:, first:], others), (below[:, :first], firsts)):
        np.maximum(_over_sets(part, np.multiply, products), _TINY, out=products)
    firsts *= weight[:, None]
    np.matmul(others, firsts.transpose(0, 2, 1), out=found)
    found += _over_sets(owed[:, first:, None], np.add)
    found += _over_sets(owed[:, :first, None], np.add).transpose(0, 2, 1)
    return found.reshape(k, -1)


def _of_firsts(below: Floats, weight: Floats, owed: Floats) -> Floats:
    """Return (k, M + 1) the same of the first 0 to M models."""
    found = (np.multiply.accumulate(below, axis=1) * weight[:, None]).sum(axis=2) + np.cumsum(owed, axis=1)
    return np.concatenate([weight.sum(axis=1, keepdims=True), found], axis=1)


def _over_sets(values: Floats, act: np.ufunc, out: Floats | None = None) -> Floats:
    """Return (k, 2^m, J) products or sums of (k, m, J) over every set: a set with one model more is one step more."""
    found = np.empty((len(values), 1 << values.shape[1], values.shape[2]), dtype=np.float32) if out is None else out
    found[:, 0] = act.identity
    for m in range(values.shape[1]):
        act(found[:, : 1 << m], values[:, m, None], out=found[:, 1 << m : 2 << m])
    return found


@cache
def _nodes(count: int) -> Floats:
    """Return quantiles of one of so many draws in standard deviations, at equal steps: there trapezia are good at bells."""
    return np.linspace(-_TAIL, _TAIL, max(_FEWEST, _POINTS // max(count, 1) | 1), dtype=np.float32)


def _normal(z: Floats) -> Floats:
    """Return the normal distribution function to 1.4e-4: 1 / (1 + exp(-1.5976 z - 0.07056 z^3)), Page 1977, symmetric as it has to be."""
    z = np.clip(z, -_FAR[0], _FAR[1])
    return np.asarray(1 / (1 + np.exp(-z * (np.float32(1.5976) + np.float32(0.07056) * z * z))), dtype=np.float32)
