"""The numerics under a simulated world: the normal distribution by its logistic approximation, nodes to average over, a root finder.

Phi(x) is taken as 1 / (1 + exp(-1.5976 x - 0.070565992 x^3)) (Bowling et al., JIEM 2, 2009), off by at most 0.00014.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Doubles: TypeAlias = NDArray[np.float64]
CUBIC = (1.5976, 0.070565992)
FAR = 5.0  # nodes reach so many standard deviations
_NODES = 161


def nodes() -> tuple[Doubles, Doubles]:
    """Return (I,) places of a standard normal and their weights, which sum to 1."""
    z = np.linspace(-FAR, FAR, _NODES)
    weight = np.exp(-(z**2) / 2)
    return z, weight / weight.sum()


def logistic(x: Any) -> Any:
    """Return 1 / (1 + exp(-x)) without overflow."""
    return 1.0 / (1.0 + np.exp(-np.clip(x, -80, 80)))


def logit(p: Any) -> Any:
    """Return log(p / (1 - p))."""
    return np.log(p) - np.log1p(-p)


def normal_cdf(x: Any) -> Any:
    """Return Phi(x) within 0.00014 (Bowling et al. 2009)."""
    return logistic(x * (CUBIC[0] + CUBIC[1] * x * x))


def normal_place(level: Any) -> Any:
    """Return the x at which `normal_cdf` has this logit: the one real root of the cubic, by hyperbolic functions."""
    p, q = CUBIC[0] / CUBIC[1], np.asarray(level, dtype=np.float64) / CUBIC[1]
    return 2 * np.sqrt(p / 3) * np.sinh(np.arcsinh(1.5 * q / p * np.sqrt(3 / p)) / 3)


def shaped(z: NDArray[Any], shape: str) -> NDArray[Any]:
    """Return difficulty of mean 0 and standard deviation 1 from standard normal z, same shape and kind."""
    if shape == "one hump":
        return z
    moved = np.sqrt(12) * (normal_cdf(z) - 0.5) if shape == "even" else (np.tanh(2 * z) + 0.3 * z) / _HUMPS
    return np.asarray(moved, dtype=z.dtype)


def _humps() -> float:
    z, weight = nodes()
    return float(np.sqrt(((np.tanh(2 * z) + 0.3 * z) ** 2) @ weight))


_HUMPS = _humps()


def solve(rising: Callable[[Doubles], Doubles], wanted: Doubles, low: float, high: float, steps: int = 60) -> Doubles:
    """Return where a rising function, entry by entry, reaches the wanted values; an end where it never does."""
    a, b = np.full(wanted.shape, low), np.full(wanted.shape, high)
    for _ in range(steps):
        middle = (a + b) / 2
        below = rising(middle) < wanted
        a, b = np.where(below, middle, a), np.where(below, b, middle)
    return np.asarray((a + b) / 2)
