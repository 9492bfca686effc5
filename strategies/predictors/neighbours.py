"""Nearest fit queries by cosine similarity, kept so that a moving slider does not search again."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from strategies.protocol import Doubles, Floats, Ints

_BLOCK = 256
_TILE = 64
_KEPT: OrderedDict[tuple[int, int, int], tuple[Floats, Floats, Ints]] = OrderedDict()
_MOST_KEPT = 12
_LOCK = threading.Lock()


def normed(vectors: Floats) -> Floats:
    """Return (n, d) rows of length one; zero rows stay zero."""
    plain = np.ascontiguousarray(vectors, dtype=np.float32)
    length = np.sqrt(np.vecdot(plain, plain))[:, None]  # row by row: the same whatever rows stand beside it
    return np.asarray(plain / np.where(length == 0, 1, length), dtype=np.float32)


def nearest(queries: Floats, base: Floats, k: int) -> Ints:
    """Return (n, k) positions in `base` (b, d) of the k most similar rows to each of `queries` (n, d), most similar first.

    Ties go to the earlier row. Results are kept for the last few pairs of arrays (by identity of immutable arrays).
    """
    k = min(k, len(base))
    key = (id(queries), id(base), k)
    with _LOCK:
        kept = _KEPT.get(key)
        # The arrays are kept beside the answer, so that their ids cannot be given to others meanwhile.
        if kept is not None:
            _KEPT.move_to_end(key)
            return kept[2]
    found = search(queries, base, k)
    if len(queries) > 1:
        with _LOCK:
            _KEPT[key] = (queries, base, found)
            while len(_KEPT) > _MOST_KEPT:
                _KEPT.popitem(last=False)
    return found


def search(queries: Floats, base: Floats, k: int) -> Ints:
    """Return (n, k) nearest positions by exact search in blocks: cosine of unit vectors is a matrix product.

    Blocks are filled up to one shape: a product rounds differently in another, and a query's neighbours must not depend on
    the queries beside it, nor equal rows of `base` on their place.
    """
    found = np.empty((len(queries), k), dtype=np.int32)
    target = np.zeros((-len(base) % _TILE + len(base), base.shape[1]), dtype=np.float32)
    target[: len(base)] = base
    block = np.zeros((_BLOCK, base.shape[1]), dtype=np.float32)
    for start in range(0, len(queries), _BLOCK):
        part = queries[start : start + _BLOCK]
        block[: len(part)] = normed(part)
        found[start : start + _BLOCK] = _top((block @ target.T)[: len(part), : len(base)], k)
    return found


def _top(similarity: Floats, k: int) -> NDArray[np.int32]:
    count = similarity.shape[1]
    picked = np.tile(np.arange(count), (len(similarity), 1)) if k >= count else np.argpartition(-similarity, k - 1, axis=1)[:, :k]
    picked.sort(axis=1)  # so that the stable sort below breaks ties towards the earlier row
    # Where rows beside the picked ones are as similar as the last of them, the partition chose at will.
    last = np.take_along_axis(similarity, picked, axis=1).min(axis=1)
    at_will = np.flatnonzero((similarity >= last[:, None]).sum(axis=1) > k)
    picked[at_will] = np.sort(np.argsort(-similarity[at_will], axis=1, kind="stable")[:, :k], axis=1)
    order = np.argsort(-np.take_along_axis(similarity, picked, axis=1), axis=1, kind="stable")
    return np.take_along_axis(picked, order, axis=1).astype(np.int32)


def means_at(values: NDArray[np.floating[Any]], near: Ints) -> Doubles:
    """Return (n, targets) means of (b, targets) values over (n, k) rows, known cells only; NaN where none is known.

    Neighbour by neighbour, whole rows of targets at a time: ten times as fast as picking cells target by target.
    """
    there = ~np.isnan(values)
    total = _sums(np.where(there, values, 0.0).astype(np.float64), near)
    count = np.full(total.shape, float(near.shape[1])) if there.all() else _sums(there.astype(np.float64), near)
    return np.asarray(np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0))


def _sums(values: Doubles, near: Ints) -> Doubles:
    """Return (n, targets) sums over the neighbours, in their order: the same for a query whichever others stand beside it."""
    total = np.zeros((len(near), values.shape[1]))
    for column in near.T:
        total += values.take(column, axis=0)
    return total
