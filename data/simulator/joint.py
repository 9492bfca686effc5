"""Errors that models share: from residual correlations of their luck to correlations of right and wrong, and back.

The tetrachoric series of two dichotomised normals (Pearson 1900), averaged over topic and difficulty.
"""

from __future__ import annotations

import numpy as np

from data.simulator.normal import Doubles, logit, nodes, normal_place, solve

_TERMS = 80
_STILL = 1e-6  # standard deviation of a model that doesn't vary
TIGHT = 0.99  # residual correlations stay below it, so that a Cholesky factor exists


class Joint:
    """How often two models are right together, for any residual correlation: the tetrachoric series, averaged over difficulty."""

    def __init__(self, right: Doubles, weights: Doubles, accuracy: Doubles) -> None:
        count = len(right)
        flat = right.reshape(count, -1)
        mass = (weights[:, None] * nodes()[1]).ravel()
        at = normal_place(logit(np.clip(flat, 1e-9, 1 - 1e-9)))
        density = np.exp(-(at**2) / 2) / np.sqrt(2 * np.pi)
        self._together = (flat * mass) @ flat.T
        self._terms = np.empty((_TERMS, count, count))
        before, now = np.zeros_like(at), density  # Hermite functions divided by sqrt(n!), so that nothing overflows
        for n in range(_TERMS):
            self._terms[n] = (now * mass) @ now.T / (n + 1)
            before, now = now, (at * now - np.sqrt(n) * before) / np.sqrt(n + 1)
        self._accuracy = accuracy

    def phi(self, residual: Doubles) -> Doubles:
        """Return (M, M) correlations of right and wrong at (M, M) residual correlations; 1 on the diagonal."""
        spread = np.sqrt(self._accuracy * (1 - self._accuracy))
        sums = np.zeros_like(self._together)
        for term in self._terms[::-1]:
            sums = residual * (term + sums)
        both = self._together + sums
        spread = np.where(spread > _STILL, spread, np.inf)  # always right or always wrong goes with no other: 0, not 0 / 0
        found = (both - np.outer(self._accuracy, self._accuracy)) / np.outer(spread, spread)
        np.fill_diagonal(found, 1.0)
        return np.asarray(found)

    def mean(self, residual: float) -> float:
        """Return the mean correlation over pairs at one residual correlation for all."""
        count = len(self._accuracy)
        pairs = ~np.eye(count, dtype=bool)
        return float(self.phi(np.where(pairs, residual, 1.0))[pairs].mean()) if count > 1 else 0.0

    def range(self) -> tuple[float, float]:
        """Return the mean correlations that can be asked for: with draws as opposed, and as alike, as they can be."""
        return self.mean(-TIGHT / max(len(self._accuracy) - 1, 1)), self.mean(TIGHT)

    def residual_for(self, phi: Doubles) -> Doubles:
        """Return the (M, M) residual correlations that give these correlations pair by pair, mended to a correlation matrix."""
        found = solve(self.phi, phi, -TIGHT, TIGHT, steps=30)
        return proper(found)


def proper(matrix: Doubles) -> Doubles:
    """Return the correlation matrix nearest to a symmetric one in the sense of its eigenvalues: negative ones are raised, diagonal 1."""
    square = np.where(np.eye(len(matrix), dtype=bool), 1.0, (matrix + matrix.T) / 2)
    values, vectors = np.linalg.eigh(square)
    if values.min() >= 1e-4:
        return square
    raised = (vectors * np.maximum(values, 1e-4)) @ vectors.T
    scale_by = np.sqrt(np.diag(raised))
    return np.asarray(raised / np.outer(scale_by, scale_by))
