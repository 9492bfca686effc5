"""K-means on unit vectors, and how near a query is to each centre."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from strategies.predictors.neighbours import normed
from strategies.predictors.rowwise import product
from strategies.protocol import Doubles, Floats, Ints


def centres(vectors: Floats, count: int, *, seed: int) -> tuple[Floats, Ints]:
    """Return (k, d) unit-length k-means centres of unit vectors and the (n,) centre of each row; k at most the distinct rows."""
    from sklearn.cluster import KMeans
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    unit = normed(vectors)
    count = min(count, len(np.unique(unit, axis=0)))
    with threadpool_limits(limits=1, user_api="openmp"):  # threads add up in any order: the last bits would differ from fit to fit
        fitted = KMeans(count, n_init=3, random_state=seed).fit(unit)
    return normed(fitted.cluster_centers_), np.asarray(fitted.labels_, dtype=np.int32)


def distances(vectors: Floats, centre: Floats) -> Doubles:
    """Return (n, k) cosine distances 1 - cos, row by row independent."""
    return 1.0 - product(vectors, centre, unit=True)


def nearest_weights(distance: Doubles, near: int, beta: float) -> Doubles:
    """Return (n, k) weights: softmax(-beta * distance) over the `near` nearest columns, the earlier one among equals, 0 elsewhere."""
    near = min(near, distance.shape[1])
    order = np.argsort(distance, axis=1, kind="stable")[:, :near]
    picked = np.take_along_axis(distance, order, axis=1)
    raised = np.exp(-beta * (picked - picked[:, :1]))
    weights = np.zeros_like(distance)
    np.put_along_axis(weights, order, raised / raised.sum(axis=1, keepdims=True), axis=1)
    return weights


def cluster_means(values: NDArray[np.float64], place: Ints, count: int) -> Doubles:
    """Return (count, M) means of (n, M) over known cells by cluster; the model's overall mean where it never ran in one."""
    found = np.full((count, values.shape[1]), np.nan)
    for m, column in enumerate(values.T):
        there = ~np.isnan(column)
        if there.any():
            many = np.bincount(place[there], minlength=count)
            total = np.bincount(place[there], column[there], count)
            found[:, m] = np.where(many > 0, total / np.maximum(many, 1), column[there].mean())
    return found
