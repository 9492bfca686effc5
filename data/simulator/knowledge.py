"""What can be known of quality in a recorded table: its own confidence signals after a call, a cross-fitted forecast before it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.outcomes import OutcomeTable
from data.signals import signals
from data.simulator import moments
from data.simulator.normal import Doubles
from data.simulator.simulate import FORESIGHT

# As the cascades of this project choose (strategies/predictors/recorded.py); a test holds the two together.
_CLEARLY = 0.005
_SPOKEN_BY = 0.9
_FOLDS = 5
_RIDGE = (1.0, 10.0, 100.0, 1000.0)


def confidence_of(table: OutcomeTable) -> Doubles:
    """Return (n, M) the recorded confidence in [0, 1] that tells each model's right answers best; NaN where none was recorded or varies."""
    found = np.full((len(table), len(table.models)), np.nan)
    for m in range(len(table.models)):
        quality, best = table.quality(m), -1.0
        for name, signal in signals().items():
            if name not in table.signals:
                continue
            said = signal.scaled(table.signal(name, m)).astype(np.float64)
            known = said[~np.isnan(said) & ~np.isnan(quality)]
            spoken = len(known) >= _SPOKEN_BY * max(int((~np.isnan(quality)).sum()), 1)
            if spoken and len(known) and 0 <= known.min() < known.max() <= 1 + 1e-6:
                area = float(np.nan_to_num(moments.auroc(quality, said), nan=0.5))
                if area > best + _CLEARLY:
                    found[:, m], best = np.minimum(said, 1), area
    return found


def foresight_of(table: OutcomeTable, features: NDArray[Any] | None = None) -> Doubles:
    """Return (n, M) the quality that can be foreseen: the table's own predictions, else a cross-fitted forecast.

    features : (n, d) known before any call; by default the table's embedding. Tasks always count.
    """
    own = [table.features.get(FORESIGHT + name) for name in table.models]
    if features is None and all(each is not None for each in own):
        return np.concatenate([np.asarray(each, np.float64) for each in own], axis=1)
    features = table.features.get("embedding") if features is None else features
    parts = [] if features is None else [np.asarray(features, np.float64)]
    if table.queries.tasks is not None and len(table.queries.task_names) > 1:
        parts.append(np.eye(len(table.queries.task_names))[table.queries.tasks])
    if not parts:
        return np.full((len(table), len(table.models)), np.nan)
    return forecast(np.concatenate(parts, axis=1), table.numbers["quality"], table.queries.groups)


def forecast(features: NDArray[Any], quality: NDArray[Any], groups: NDArray[np.uint64]) -> Doubles:
    """Return (n, M) ridge predictions of quality, each query predicted from other folds; repeats of a prompt share a fold.

    features : (n, d); quality : (n, M), NaN = not run. The strength of the ridge is the one that predicts best on held-out rows.
    """
    fold = (groups % np.uint64(_FOLDS)).astype(np.int64)
    tried = np.full((len(_RIDGE), *quality.shape), np.nan)
    for at in range(_FOLDS):
        tried[:, fold == at] = _folded(features, quality, fold == at)
    missed = [float(np.nanmean((each - quality) ** 2)) if np.isfinite(each - quality).any() else np.inf for each in tried]
    return np.asarray(np.clip(tried[int(np.argmin(missed))], 0, 1))


def _axes(x: Doubles) -> tuple[Doubles, Doubles]:
    """Return eigenvalues and eigenvectors of x'x, those that aren't 0 at least: by rows where there are fewer of them than columns."""
    if len(x) >= x.shape[1]:
        return np.linalg.eigh(x.T @ x)
    _, sizes, rows = np.linalg.svd(x, full_matrices=False)
    return sizes**2, rows.T


def _folded(features: NDArray[Any], quality: NDArray[Any], out: NDArray[np.bool_]) -> Doubles:
    """Return (strengths, held out, M) predictions for the rows `out` from the others."""
    found = np.full((len(_RIDGE), int(out.sum()), quality.shape[1]), np.nan)
    turned: dict[bytes, tuple[Doubles, Doubles, Doubles]] = {}  # models that ran on the same queries share the work
    for m in range(quality.shape[1]):
        known = ~out & ~np.isnan(quality[:, m])
        if known.sum() < 2:
            continue
        key = known.tobytes()
        if key not in turned:
            centre = features[known].mean(axis=0)
            x = features[known] - centre
            turned[key] = (centre, *_axes(x))
        centre, values, vectors = turned[key]
        y = quality[known, m].astype(np.float64)
        along = vectors.T @ ((features[known] - centre).T @ (y - y.mean()))
        ahead = (features[out] - centre) @ vectors
        for at, strength in enumerate(_RIDGE):
            found[at, :, m] = y.mean() + ahead @ (along / (np.maximum(values, 0) + strength))
    return found
