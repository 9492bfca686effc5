"""The best of many: its figure is flattered, because it was also the luckiest (winner's curse). What can be claimed of it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from strategies.uncertainty.exact import exact
from strategies.uncertainty.interval import Bound, Method, tails
from strategies.uncertainty.resample import Weights, noise
from strategies.uncertainty.several import studentised_errors

Doubles: TypeAlias = NDArray[np.float64]
FEW, RARE = 100, 10  # queries; right (or wrong) ones among them: fewer are counted exactly


@dataclass(frozen=True, slots=True)
class Winner(Bound):
    """The candidate with the best mean of several on the same n queries; the figures of `Bound` are its own.

    index : its column. candidates : how many with a known mean there were. optimism : shown less corrected, what its choice flatters.
    """

    index: int
    candidates: int

    @property
    def optimism(self) -> float:
        """By how much the shown figure is too good on average."""
        return self.shown - self.corrected


def winner(
    values: ArrayLike, *, lowest: bool = False, level: float = 0.95, w: Weights | None = None, strata: ArrayLike | None = None,
    seed: int = 0,
) -> Winner:  # fmt: skip
    """Return the best of K candidates with (n, K) values, the corrected figure and a one-sided bound of its true mean.

    lowest : the least is best (cost); then the bound is an upper one. Candidates with an unknown value are left out.

    corrected : each resample chooses its own winner, which is then judged by the queries that the resample leaves out; the mean over
    resamples (BBC-CV: Tsamardinos, Greasidou and Borboudakis, Machine Learning 107 (2018), arXiv 1708.07180), with the left-out mean
    replaced by what it is on average beside a resample: as far from the mean of all queries, on the other side. Without error where
    candidates tie, too low by what choosing with fewer queries costs where they differ.
    bound : simultaneous for all candidates, and so for whichever is chosen: the studentised bootstrap of their largest error (max-t:
    Romano and Wolf, Econometrica 73 (2005)). For 0/1 values of fewer than 100 queries, or fewer than ten right or wrong answers
    ("exact"): Clopper-Pearson at a level that pays for the number of candidates.

    w, strata, seed and errors as for `bands`. Without a known candidate, or with fewer than two queries, all is unknown and index -1.
    """
    tails(level)
    sign = -1.0 if lowest else 1.0
    x, mean, error, studentised = studentised_errors(values, w=w, strata=strata, seed=seed)
    x, mean, studentised = sign * x, sign * mean, sign * studentised
    known = np.flatnonzero(~np.isnan(mean))
    if not len(known) or len(x) < 2:
        return Winner(math.nan, math.nan, math.nan, level, len(x), "unknown", -1, len(known))
    best = int(known[np.argmax(mean[known])])
    drawn = noise(x[:, known], w=w, strata=strata, seed=seed)
    corrected = unflattered(mean[known], drawn)
    method: Method = "max-t"
    bound = float(mean[best] - np.quantile(studentised.max(axis=1), level) * error[best])
    if (counted := _counted(sign * x[:, best], lowest, 1 - (1 - level) / len(known))) is not None:
        method, bound = "exact", sign * counted
    return Winner(sign * float(mean[best]), sign * corrected, sign * bound, level, len(x), method, best, len(known))


def unflattered(shown: Doubles, errors: Doubles) -> float:
    """Return the highest of (K,) known figures without what choosing it flatters, from their (B, K) resampled errors, as in `winner`."""
    chosen = np.argmax(shown + errors, axis=1)
    return float(np.mean(shown[chosen] - errors[np.arange(len(errors)), chosen]))


def _counted(values: NDArray[np.floating], lowest: bool, level: float) -> float | None:
    """Return the exact one-sided limit of a share, None where the values are no few or rare 0/1 outcomes."""
    right = int((values == 1.0).sum())
    if right + int((values == 0.0).sum()) < len(values) or (len(values) >= FEW and RARE <= right <= len(values) - RARE):
        return None
    found = exact(right, len(values), 2 * level - 1)
    return found.high if lowest else found.low
