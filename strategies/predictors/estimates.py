"""Two estimates of every model's quality: before it is called, from the query alone, and after, from its confidence as well.

Source: the quality estimators of cascade routing (arXiv 2410.10347, section 2): linear regressions on the fit part.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from strategies.predictors.calibrated import query_feature
from strategies.predictors.confidence import confidence, learn_confidence
from strategies.predictors.parts import halves
from strategies.predictors.ridge import learn_ridge, ridge
from strategies.protocol import Doubles, Floats, Training, View

FORESEEN = "predicted_quality:"  # and the model's name: a forecast that comes with the data
_LIGHT = 1e-3


def learn_estimates(training: Training, names: tuple[str, ...], signal: str, seed: int) -> dict[str, NDArray[Any]]:
    """Return the state of both estimates of some models, and the spread (M,) of what the call adds: the deviation of after - before.

    A forecast that comes with the data (feature "predicted_quality:<model>") is the estimate before, where all models have one; else
    a ridge regression on the query's features. After: a regression on the estimate before, the confidence and its square, on
    estimates before of queries that the first regression did not see.
    """
    models = tuple(training.table.index(name) for name in names)
    state = learn_confidence(training, models, signal)
    foreseen = all(training.has_feature(FORESEEN + name) for name in names)
    feature = "" if foreseen else query_feature(training)
    state |= {"names": np.array(names), "foreseen": np.array(foreseen), "before_feature": np.array(feature)}
    quality = np.stack([training.quality(m) for m in models], axis=1).astype(np.float64)
    unseen = np.empty_like(quality)
    if foreseen:
        unseen[:] = before(state, training)
    else:
        state |= _learn_before(training, feature, quality)
        for part, rows in halves(training, seed):
            own = np.stack([part.quality(m) for m in models], axis=1).astype(np.float64)
            unseen[rows] = before({**state, **_learn_before(part, feature, own)}, training)[rows]
    after_, spread = [], []
    for k, m in enumerate(models):
        x = _after_matrix(unseen[:, k], confidence(state, training, m, k))
        known = ~np.isnan(x).any(axis=1) & ~np.isnan(quality[:, k])
        weights = _solved(x[known], quality[known, k]) if known.sum() > 3 else np.array([0.0, 1.0, 0.0, 0.0])
        after_.append(weights)
        moved = np.clip((x[known] * weights).sum(axis=1), 0, 1) - unseen[known, k]
        spread.append(float(moved.std()) if known.any() else 0.0)
    return {**state, "after": np.array(after_), "spread": np.array(spread)}


def before(state: Mapping[str, NDArray[Any]], source: View | Training) -> Doubles:
    """Return (n, M) estimates from the query alone."""
    if bool(state["foreseen"]):
        return np.stack([source.feature(FORESEEN + str(name))[:, 0].astype(np.float64) for name in state["names"]], axis=1)
    feature = str(state["before_feature"])
    if not feature:
        return np.tile(state["before_intercept"], (len(source), 1))
    weights = {"coefficients": state["before_coefficients"], "intercept": state["before_intercept"]}
    return np.asarray(np.clip(ridge(weights, source.feature(feature)), 0, 1))


def after(state: Mapping[str, NDArray[Any]], view: View, model: int, k: int, ante: Doubles) -> Doubles:
    """Return (n,) estimates of a called model, the k-th of the fitted ones; the estimate before stays where it told no confidence."""
    x = _after_matrix(ante, confidence(state, view, model, k))
    found = np.clip((x * state["after"][k]).sum(axis=1), 0, 1)
    return np.where(np.isnan(found), ante, found)


def _after_matrix(ante: Doubles, sure: Floats) -> Doubles:
    told = sure.astype(np.float64)
    return np.stack([np.ones(len(ante)), ante, told, told * told], axis=1)


def _learn_before(training: Training, feature: str, quality: Doubles) -> dict[str, NDArray[Any]]:
    """Return the regressions of (n, M) qualities on the query's feature; without one, each model's mean."""
    if feature:
        found = learn_ridge(training.feature(feature), quality)
    else:
        mean = np.array([column[~np.isnan(column)].mean() if not np.isnan(column).all() else 0.5 for column in quality.T])
        found = {"coefficients": np.zeros((len(mean), 0)), "intercept": mean}
    return {f"before_{name}": values for name, values in found.items()}


def _solved(x: Doubles, y: Doubles) -> Doubles:
    """Return the least squares solution, held back so lightly that it exists."""
    return np.asarray(np.linalg.solve(x.T @ x + _LIGHT * np.eye(x.shape[1]), x.T @ y))
