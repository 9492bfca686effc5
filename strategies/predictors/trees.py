"""Gradient-boosted trees, learnt by scikit-learn, kept as plain arrays and read by NumPy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from strategies.protocol import Doubles, Floats, Ints

TREES = 40
DEPTH = 3
RATE = 0.1
SHARE, MOST = 0.7, 5_000  # of the queries, and at most so many, drawn anew for each tree
_ROWS = 1 << 14
_NODES = 2 ** (DEPTH + 1) - 1


def learn_trees(x: Floats, y: Doubles, *, seed: int) -> dict[str, NDArray[Any]]:
    """Return TREES trees for each of (n, k) targets, NaN = unknown, as arrays (k, TREES, nodes).

    Source: stochastic gradient boosting on squared error (Friedman 2001, 2002); each split looks at a random sqrt(d) of the d columns.
    """
    shape = (y.shape[1], TREES, _NODES)
    state = {
        "feature": np.zeros(shape, dtype=np.int32), "threshold": np.full(shape, np.inf), "leaf": np.zeros(shape),
        "left": np.zeros(shape, dtype=np.int8), "right": np.zeros(shape, dtype=np.int8), "base": np.full(y.shape[1], np.nan),
    }  # fmt: skip
    for column in range(y.shape[1]):
        rows = ~np.isnan(y[:, column])
        if rows.any():
            _learn_one(state, column, x[rows], y[rows, column], seed)
    return state


def trees(state: Mapping[str, NDArray[Any]], x: Floats) -> Doubles:
    """Return (n, k) predictions of (n, d) rows, row by row independent.

    Every tree is read as a full one, where a leaf leads to itself: whole columns of x are compared, and no row is looked up but in the
    leaves.
    """
    found = np.tile(state["base"], (len(x), 1))
    feature, threshold, leaf = _full(state)
    for start in range(0, len(x), _ROWS):
        columns = np.ascontiguousarray(x[start : start + _ROWS].T)
        for column in range(found.shape[1]):
            total = found[start : start + _ROWS, column].copy()
            for t in range(TREES):
                total += leaf[column, t].take(_leaf(columns, feature[column, t], threshold[column, t]))
            found[start : start + _ROWS, column] = total
    return found


def _leaf(columns: Floats, feature: Ints, threshold: Floats) -> Ints:
    """Return (n,) which of the leaves of a full tree, from the left, each row comes to."""
    place: Ints = (columns[feature[0]] > threshold[0]).view(np.int8)
    for level in range(1, DEPTH):
        turn = np.zeros(len(place), dtype=np.bool_)
        for k in range(1 << level):
            at = (1 << level) - 1 + k
            if np.isfinite(threshold[at]):
                turn |= (columns[feature[at]] > threshold[at]) & (place == k)
        place = 2 * place + turn.view(np.int8)
    return place


def _full(state: Mapping[str, NDArray[Any]]) -> tuple[Ints, Floats, Doubles]:
    """Return what the inner nodes of full trees compare, level by level, (k, TREES, 2^DEPTH - 1) twice, and the leaves, each RATE."""
    nodes = np.zeros((*state["feature"].shape[:2], 1), dtype=np.intp)
    compared = []
    for _ in range(DEPTH):
        compared.append(nodes)
        below = [np.take_along_axis(state[side], nodes, axis=2) for side in ("left", "right")]
        nodes = np.stack(below, axis=3).reshape(*nodes.shape[:2], -1).astype(np.intp)
    inner = np.concatenate(compared, axis=2)
    feature, exact = (np.take_along_axis(state[name], inner, axis=2) for name in ("feature", "threshold"))
    threshold = exact.astype(np.float32)  # the next float32 below: the rows' numbers are such, and compare faster with their like
    threshold = np.where(threshold > exact, np.nextafter(threshold, np.float32(-np.inf)), threshold)
    return feature, threshold, RATE * np.take_along_axis(state["leaf"], nodes, axis=2)


def _learn_one(state: dict[str, NDArray[Any]], column: int, x: Floats, y: Doubles, seed: int) -> None:
    from sklearn.ensemble import GradientBoostingRegressor

    state["base"][column] = y.mean()
    if len(y) < 3 or y.min() == y.max():
        return
    share = min(SHARE, MOST / len(y))
    fitted = GradientBoostingRegressor(
        n_estimators=TREES, max_depth=DEPTH, learning_rate=RATE, subsample=share, max_features="sqrt", min_samples_leaf=5, random_state=seed
    ).fit(x, y)
    for t, (one,) in enumerate(fitted.estimators_):
        tree = one.tree_
        own = np.arange(tree.node_count)
        inner = tree.children_left >= 0
        at = (column, t, slice(tree.node_count))
        state["feature"][at] = np.where(inner, tree.feature, 0)
        state["threshold"][at] = np.where(inner, tree.threshold, np.inf)
        state["left"][at] = np.where(inner, tree.children_left, own)
        state["right"][at] = np.where(inner, tree.children_right, own)
        state["leaf"][at] = tree.value[:, 0, 0]
