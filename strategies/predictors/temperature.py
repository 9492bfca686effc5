"""Temperature scaling of a confidence: one number that makes it honest without changing its order (arXiv 1706.04599, section 4.2)."""

from __future__ import annotations

import numpy as np

from strategies.protocol import Doubles, Floats

_EDGE = 1e-6  # confidences are kept so far off 0 and 1: a certain answer has a logit
_RANGE = (0.05, 20.0)
_STEPS = 41


def tempered(confidence: Floats, temperature: float) -> Floats:
    """Return (n,) confidences with their logits divided by the temperature; above 1 it cools, NaN stays NaN."""
    return np.asarray(1 / (1 + np.exp(-_logit(confidence) / temperature)), dtype=np.float32)


def fitted_temperature(confidence: Floats, quality: Floats) -> float:
    """Return the temperature of the highest likelihood for (n,) known confidences and qualities, 0.05 to 20.

    A quality of 0.7 counts as 0.7 right and 0.3 wrong. The loss has one valley in log T: a grid, then a finer one around its best.
    """
    logit, right = _logit(confidence), quality.astype(np.float64)
    low, high = np.log(_RANGE)
    for _ in range(4):
        tried = np.linspace(low, high, _STEPS)
        loss = [_loss(logit / np.exp(t), right) for t in tried]
        best = int(np.argmin(loss))
        low, high = tried[max(best - 1, 0)], tried[min(best + 1, _STEPS - 1)]
    return float(np.exp((low + high) / 2))


def _logit(confidence: Floats) -> Doubles:
    inside = np.clip(confidence.astype(np.float64), _EDGE, 1 - _EDGE)
    return np.asarray(np.log(inside) - np.log1p(-inside))


def _loss(logit: Doubles, right: Doubles) -> float:
    """Return the mean negative log-likelihood: log(1 + exp(x)) - y x."""
    return float((np.logaddexp(0, logit) - right * logit).mean())
