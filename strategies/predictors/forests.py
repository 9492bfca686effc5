"""Bagged random forests: one forest a bootstrap, learnt by scikit-learn, kept as plain arrays and read by NumPy.

Source: arXiv 2405.15130 (OptLLM; prediction with uncertainty). A tree answers for several models at once; models that were run on
other queries have trees of their own, so that no hole is filled.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from strategies.predictors.expected import patterns
from strategies.protocol import Doubles, Floats

TREES = 10  # of each bootstrap's forest
DEPTH = 10
LEAF = 3  # queries at least in a leaf
_BLOCK = 4096
_NODES = ("feature", "threshold", "left", "right", "leaf")
_NOBODY = 1e-6  # what a forest counts that is never right, or has nothing to be tried on


def learn_forests(x: Floats, y: Doubles, *, bootstraps: int, seed: int) -> dict[str, NDArray[Any]]:
    """Return forests of (n, k) qualities in [0, 1], NaN = unknown, on (n, d) rows, and how much each counts.

    feature, threshold, left, right, leaf : the nodes of all trees in a row, leaf (nodes, k) with NaN for what a tree says nothing of.
    root : (groups * bootstraps * TREES,) where each begins. counts : (bootstraps, k) share of the queries left out of a bootstrap
    that its forest tells right from wrong, the paper's weight on a validation part.
    """
    rng = np.random.default_rng(seed)
    parts = [{name: np.zeros(0, np.int32) for name in _NODES} | {"leaf": np.zeros((0, y.shape[1]), np.float32)}]
    counts, root, nodes = np.full((bootstraps, y.shape[1]), np.nan), [], 0
    for rows, columns in patterns(~np.isnan(y)):
        own = np.flatnonzero(rows)
        for b in range(bootstraps):
            drawn = rng.integers(len(own), size=len(own))
            left_out = np.setdiff1d(np.arange(len(own)), drawn)
            forest = _forest(x[own[drawn]], y[own[drawn]][:, columns], seed=int(rng.integers(2**31)))
            if len(left_out):
                said = forest.predict(x[own[left_out]]).reshape(len(left_out), -1)
                counts[b, columns] = ((said > 0.5) == (y[own[left_out]][:, columns] > 0.5)).mean()
            for tree in forest.estimators_:
                root.append(nodes)
                parts.append(_flat(tree.tree_, nodes, columns, y.shape[1]))
                nodes += tree.tree_.node_count
    found: dict[str, NDArray[Any]] = {name: np.concatenate([part[name] for part in parts]) for name in _NODES}
    return {**found, "root": np.array(root, dtype=np.int32), "counts": np.fmax(counts, _NOBODY)}


def forests(state: Mapping[str, NDArray[Any]], x: Floats) -> tuple[Doubles, Doubles]:
    """Return (n, k) means over the bootstraps, each counting as much as it was right, and their (n, k) standard deviations.

    Row by row independent; NaN for what nothing was learnt of.
    """
    mean, spread = (np.full((len(x), state["leaf"].shape[1]), np.nan) for _ in range(2))
    for start in range(0, len(x), _BLOCK):
        at = slice(start, start + _BLOCK)
        mean[at], spread[at] = _summed(state, np.ascontiguousarray(x[at], dtype=np.float32))
    return mean, spread


def _summed(state: Mapping[str, NDArray[Any]], x: Floats) -> tuple[Doubles, Doubles]:
    bootstraps, many = state["counts"].shape
    root = state["root"].reshape(-1, bootstraps, TREES)
    said = np.full((bootstraps, len(x), many), np.nan)
    for group in root:
        columns = np.flatnonzero(~np.isnan(state["leaf"][group[0, 0]]))
        for b in range(bootstraps):
            votes = [state["leaf"][_ends(state, x, int(first))][:, columns] for first in group[b]]
            said[b][:, columns] = np.sum(votes, axis=0, dtype=np.float64) / TREES
    weight = state["counts"][:, None, :] / state["counts"].sum(axis=0)
    return (said * weight).sum(axis=0), said.std(axis=0)


def _ends(state: Mapping[str, NDArray[Any]], x: Floats, root: int) -> NDArray[Any]:
    """Return (n,) the leaf that each row comes to."""
    feature, threshold, left, right = (state[name] for name in ("feature", "threshold", "left", "right"))
    node, rows = np.full(len(x), root, dtype=np.int32), np.arange(len(x))
    for _ in range(DEPTH):  # a leaf leads to itself
        node = np.where(x[rows, feature[node]] <= threshold[node], left[node], right[node])
    return node


def _forest(x: Floats, y: Doubles, *, seed: int) -> Any:
    from sklearn.ensemble import RandomForestRegressor

    # Of 0 and 1 a regression tree's leaf is the share of ones: a classifier's probability, and graded quality fits in too.
    model = RandomForestRegressor(n_estimators=TREES, max_depth=DEPTH, max_features="sqrt", min_samples_leaf=LEAF, random_state=seed)
    return model.fit(x, y[:, 0] if y.shape[1] == 1 else y)


def _flat(tree: Any, begin: int, columns: NDArray[Any], many: int) -> dict[str, NDArray[Any]]:
    inner, own = tree.children_left >= 0, np.arange(tree.node_count)
    leaf = np.full((tree.node_count, many), np.nan, dtype=np.float32)
    leaf[:, columns] = tree.value[:, :, 0]
    return {
        "feature": np.where(inner, tree.feature, 0).astype(np.int32), "threshold": np.where(inner, tree.threshold, np.inf),
        "left": (begin + np.where(inner, tree.children_left, own)).astype(np.int32),
        "right": (begin + np.where(inner, tree.children_right, own)).astype(np.int32), "leaf": leaf,
    }  # fmt: skip
