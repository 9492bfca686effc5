"""Gradient-boosted trees, learnt by scikit-learn, kept as plain arrays and read by NumPy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from strategies.protocol import Doubles, Floats

TREES = 40
DEPTH = 3
RATE = 0.1
SHARE = 0.7  # of the queries, drawn anew for each tree
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
    """Return (n, k) predictions of (n, d) rows, row by row independent."""
    found = np.tile(state["base"], (len(x), 1))
    index = np.arange(len(x))
    for column in range(found.shape[1]):
        for t in range(TREES):
            feature, threshold, left, right = (state[name][column, t] for name in ("feature", "threshold", "left", "right"))
            node = np.zeros(len(x), dtype=np.int8)
            for _ in range(DEPTH):  # a leaf leads to itself
                node = np.where(x[index, feature[node]] <= threshold[node], left[node], right[node])
            found[:, column] += RATE * state["leaf"][column, t][node]
    return found


def _learn_one(state: dict[str, NDArray[Any]], column: int, x: Floats, y: Doubles, seed: int) -> None:
    from sklearn.ensemble import GradientBoostingRegressor

    state["base"][column] = y.mean()
    if len(y) < 3 or y.min() == y.max():
        return
    fitted = GradientBoostingRegressor(
        n_estimators=TREES, max_depth=DEPTH, learning_rate=RATE, subsample=SHARE, max_features="sqrt", min_samples_leaf=5, random_state=seed
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
