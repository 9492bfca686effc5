"""Recorded confidence signals: which there are, on which scale, and the best one of a model."""

from __future__ import annotations

import numpy as np

from strategies.protocol import Floats, Training

RECORDED = ("margin", "mean_logprob", "agreement", "answered")  # best first
_SPOKEN_BY = 0.9  # a signal has to be there for this share of a model's calls


def best_recorded(training: Training, model: int) -> str:
    """Return the best signal that was recorded for a model's calls and tells them apart; an empty string if there is none."""
    ran = ~np.isnan(training.quality(model))
    for name in RECORDED:
        if training.has_signal(name):
            spoken = scaled(name, training.signal(name, model)[ran])
            known = spoken[~np.isnan(spoken)]
            # A signal that never varies cannot tell a sure answer from an unsure one.
            if len(known) >= _SPOKEN_BY * max(len(spoken), 1) and len(known) and known.min() < known.max() and in_range(known):
                return name
    return ""


def scaled(name: str, values: Floats) -> Floats:
    """Return a signal as a confidence in [0, 1]: a mean log-probability as the probability of a typical token."""
    return np.exp(values) if name == "mean_logprob" else values


def in_range(values: Floats) -> bool:
    """Whether all known values can be reached by a threshold."""
    return bool(np.all(np.isnan(values) | ((values >= 0.0) & (values <= 1.0 + 1e-6))))
