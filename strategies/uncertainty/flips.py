"""The paired permutation test: were A and B the same, each query's difference could as well have the other sign."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from data.problems import refuse

Doubles: TypeAlias = NDArray[np.float64]
Flips: TypeAlias = Literal["exact", "drawn", "normal", "none"]
DRAWS = 10_000
EXACT = 16  # pairs that differ: their 65,536 signs are all tried
MANY = 50_000  # pairs that differ: the sum of their signs is normal to more digits than 10,000 draws have
_ROUNDING = 1e-9  # of the sum of sizes: sums in another order differ by this much


@dataclass(frozen=True, slots=True)
class Flipped:
    """A two-sided p-value; flips : how the signs were gone through ("none": a value is unknown); pairs : those that differ."""

    p: float
    flips: Flips
    pairs: int


def sign_flip(differences: ArrayLike, *, seed: int = 0) -> Flipped:
    """Return the p-value of (n,) paired differences: the share of sign flips whose sum is at least as far from 0 as theirs.

    Pairs that are equal tell nothing. Where all others differ by the same size (0/1 quality) the share is binomial, which is McNemar's
    exact test, for any n; for up to 16 others all flips are tried; above 50,000 by the normal law with the flips' own variance; else
    10,000 seeded flips with p = (k + 1) / (10,001), so that p is never 0. No pair that differs: p = 1. A NaN makes p unknown.
    ProblemError unless there is one number a query. Sources: Fisher, The Design of Experiments (1935), section 21; McNemar,
    Psychometrika 12 (1947); Phipson and Smyth, arXiv 1603.05766 (k + 1).
    """
    x = np.asarray(differences, dtype=np.float64)
    if x.ndim != 1:
        raise refuse(f"differences of shape {x.shape} are no list.", "Give one number a query.")
    if not len(x) or not np.isfinite(x).all():
        return Flipped(math.nan, "none", 0)
    moved = x[x != 0]
    size = np.abs(moved)
    total, pairs = abs(float(moved.sum())), len(moved)
    if not pairs:
        return Flipped(1.0, "exact", 0)
    slack = _ROUNDING * float(size.sum())
    if float(np.ptp(size)) <= slack / pairs:
        return Flipped(_binomial(pairs, int((moved > 0).sum())), "exact", pairs)
    if pairs <= EXACT:
        return Flipped(float(np.mean(np.abs(_all_sums(moved)) >= total - slack)), "exact", pairs)
    if pairs > MANY:
        far = total / math.sqrt(float(moved @ moved))
        return Flipped(2 * NormalDist().cdf(-far), "normal", pairs)
    return Flipped(_drawn(moved, total - slack, seed), "drawn", pairs)


def _drawn(moved: Doubles, far: float, seed: int) -> float:
    """Return (k + 1) / (B + 1), k of B = 10,000 seeded flips of m differences with a sum of at least `far`.

    A random byte flips eight pairs: its sum is looked up, which takes a tenth of the time of a product with a matrix of signs.
    """
    random = np.random.default_rng(seed)
    signs = 1.0 - 2.0 * np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1)
    eights = np.pad(moved, (0, -len(moved) % 8)).reshape(-1, 8)
    sums = np.zeros(DRAWS)
    for eight in eights:
        sums += (signs @ eight)[random.integers(0, 256, size=DRAWS, dtype=np.uint8)]
    return (int((np.abs(sums) >= far).sum()) + 1) / (DRAWS + 1)


def _all_sums(moved: Doubles) -> Doubles:
    """Return the 2^m sums of m differences under all signs."""
    sums = np.zeros(1)
    for value in moved:
        sums = np.concatenate([sums + value, sums - value])
    return sums


def _binomial(pairs: int, up: int) -> float:
    """Return P(|X - m/2| >= |up - m/2|) of X ~ Binomial(m, 1/2)."""
    fewer = min(up, pairs - up)
    if 2 * fewer == pairs:
        return 1.0
    logs = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, pairs + 1)))])
    at = np.arange(fewer + 1)
    return min(1.0, 2 * float(np.exp(logs[pairs] - logs[at] - logs[pairs - at] - pairs * math.log(2)).sum()))
