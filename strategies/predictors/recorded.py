"""Recorded confidence signals: which there are, on which scale, and the best one of a model."""

from __future__ import annotations

import numpy as np

from data.signals import scaled, signals
from strategies.protocol import Floats, Training

RECORDED = tuple(signals())
_CLEARLY = 0.005  # a later signal has to be better by more than noise
_SPOKEN_BY = 0.9  # a signal has to be there for this share of a model's calls


def best_recorded(training: Training, model: int) -> str:
    """Return the recorded signal that tells a model's right answers from its wrong ones best, by AUROC on the fit part.

    The first of RECORDED among equals; an empty string if none was recorded for nearly all of its calls and varies.
    """
    best, most = "", -1.0
    quality = training.quality(model)
    ran = ~np.isnan(quality)
    for name in RECORDED:
        if not training.has_signal(name):
            continue
        spoken = scaled(name, training.signal(name, model)[ran])
        known = ~np.isnan(spoken)
        # A signal that never varies cannot tell a sure answer from an unsure one.
        if known.sum() < _SPOKEN_BY * max(len(spoken), 1) or not known.any() or np.ptp(spoken[known]) == 0 or not in_range(spoken):
            continue
        area = separation(spoken[known], quality[ran][known])
        if area > most + _CLEARLY:
            best, most = name, area
    return best


def separation(confidence: Floats, quality: Floats) -> float:
    """Return the AUROC of (n,) confidences for (n,) qualities in [0, 1], a quality of 0.7 being 0.7 right and 0.3 wrong.

    0.5 where all answers are right or all are wrong: nothing can be told apart.
    """
    right = quality.astype(np.float64)
    rights, wrongs = right.sum(), (1 - right).sum()
    if not rights or not wrongs:
        return 0.5
    order = np.unique(confidence, return_inverse=True)[1]
    lower = np.bincount(order, 1 - right)
    below = np.cumsum(lower) - lower
    return float((np.bincount(order, right) * (below + 0.5 * lower)).sum() / (rights * wrongs))


def in_range(values: Floats) -> bool:
    """Whether all known values can be reached by a threshold."""
    return bool(np.all(np.isnan(values) | ((values >= 0.0) & (values <= 1.0 + 1e-6))))
