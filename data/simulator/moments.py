"""Figures of a real or a simulated table that a twin is fitted to and judged by."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.simulator.normal import Doubles

_BINS = 15
_LEAST = 10  # fewer rows tell nothing


def auroc(right: NDArray[Any], score: NDArray[Any]) -> float:
    """Return how often a right answer has the higher score than a wrong one, ties counted half; graded quality q counts as q right.

    right : (n,) in [0, 1]; score : (n,); rows with a NaN are left out. NaN where there are no right or no wrong answers.
    """
    known = ~(np.isnan(right) | np.isnan(score))
    good, at = np.asarray(right[known], np.float64), np.unique(score[known], return_inverse=True)[1]
    if not len(good) or not 0 < good.sum() < len(good):
        return float("nan")
    wins, losses = np.bincount(at, good), np.bincount(at, 1 - good)
    below = np.cumsum(losses) - losses / 2
    return float(wins @ below / (wins.sum() * losses.sum()))


def calibration_error(right: NDArray[Any], says: NDArray[Any]) -> float:
    """Return the expected calibration error in 15 bins of equal width (Naeini et al., AAAI 2015); rows with a NaN are left out."""
    known = ~(np.isnan(right) | np.isnan(says))
    good, said = np.asarray(right[known], np.float64), np.asarray(says[known], np.float64)
    if not len(good):
        return float("nan")
    at = np.clip((said * _BINS).astype(np.int64), 0, _BINS - 1)
    return float(np.abs(np.bincount(at, good, _BINS) - np.bincount(at, said, _BINS)).sum() / len(good))


def chance_error(says: NDArray[Any]) -> float:
    """Return the calibration error that chance alone gives (n,) probabilities that are right as often as they say; NaN for none.

    Each bin's mean is off by a normal of its binomial variance, whose mean distance from 0 is sqrt(2 / pi) standard deviations.
    """
    said = np.asarray(says[~np.isnan(says)], np.float64)
    if not len(said):
        return float("nan")
    at = np.clip((said * _BINS).astype(np.int64), 0, _BINS - 1)
    return float(np.sqrt(2 / np.pi * np.bincount(at, said * (1 - said), _BINS)).sum() / len(said))


def correlations(quality: NDArray[Any]) -> Doubles:
    """Return (M, M) phi of two right/wrong columns with the same means and products as (n, M) quality; 0 where a column doesn't vary.

    For graded quality the covariance is that of the grades and the variance that of a 0/1 column, as a simulated one has it.
    """
    count = quality.shape[1]
    found = np.eye(count)
    for a in range(count):
        for b in range(a):
            both = quality[~(np.isnan(quality[:, a]) | np.isnan(quality[:, b]))][:, [a, b]].astype(np.float64)
            mean = both.mean(axis=0) if len(both) else np.zeros(2)
            spread = np.sqrt(np.prod(mean * (1 - mean)))
            found[a, b] = found[b, a] = (np.prod(both, axis=1).mean() - mean.prod()) / spread if spread > 0 else 0.0
    return found


def others(quality: NDArray[Any]) -> Doubles:
    """Return (n, M) mean quality of the other models on the same query: a stand-in for how easy it is."""
    total = np.nansum(quality, axis=1, keepdims=True) - np.nan_to_num(quality)
    known = (~np.isnan(quality)).sum(axis=1, keepdims=True) - ~np.isnan(quality)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(total / known, dtype=np.float64)


def leaning(quality: NDArray[Any], score: NDArray[Any]) -> float:
    """Return how much scores follow the query's ease rather than the answer: mean partial correlation with the others' quality.

    quality, score : (n, M). The correlation is of ranks, the answer's own quality held; NaN where nothing varies.
    """
    ease, found = others(quality), []
    for m in range(quality.shape[1]):
        known = ~(np.isnan(quality[:, m]) | np.isnan(score[:, m]) | np.isnan(ease[:, m]))
        own, rank, easy = quality[known, m], _ranks(score[known, m]), ease[known, m]
        if len(own) >= _LEAST and own.std() > 0:
            left = [_without(own, values) for values in (rank, easy)]
            size = np.sqrt(np.prod([(each * each).sum() for each in left]))
            if size > 1e-9:
                found.append(float((left[0] * left[1]).sum() / size))
    return float(np.mean(found)) if found else float("nan")


def topical(score: NDArray[Any], topic: NDArray[Any]) -> float:
    """Return the share of the variance of ranks that lies between topics, mean over models. (n, M) scores, (n,) codes."""
    found = []
    for column in score.T:
        known = ~np.isnan(column)
        rank, codes = _ranks(column[known]), topic[known]
        if len(rank) >= _LEAST and rank.std() > 0 and len(np.unique(codes)) > 1:
            size = np.bincount(codes)
            centre = np.bincount(codes, rank) / np.maximum(size, 1)
            found.append(float(size @ (centre - rank.mean()) ** 2 / ((rank - rank.mean()) ** 2).sum()))
    return float(np.mean(found)) if found else float("nan")


def telling(quality: NDArray[Any], score: NDArray[Any]) -> float:
    """Return how well scores tell who is better: correlation of differences of (n, M) scores and of quality, mean over pairs."""
    found = []
    for a in range(score.shape[1]):
        for b in range(a):
            gain, told = (np.asarray(each[:, a] - each[:, b], np.float64) for each in (quality, score))
            known = ~(np.isnan(gain) | np.isnan(told))
            if known.sum() >= _LEAST and gain[known].std() > 0 and told[known].std() > 0:
                found.append(float(np.corrcoef(gain[known], told[known])[0, 1]))
    return float(np.mean(found)) if found else float("nan")


def lengthening(quality: NDArray[Any], cost: NDArray[Any]) -> Doubles:
    """Return (M, 3): by how much log cost rises with a wrong answer and with the others' wrongness, and the spread left; 0 if unknown.

    quality, cost : (n, M); only calls of known positive cost count.
    """
    ease, found = others(quality), np.zeros((quality.shape[1], 3))
    for m in range(quality.shape[1]):
        known = ~(np.isnan(quality[:, m]) | np.isnan(ease[:, m])) & (cost[:, m] > 0)
        if known.sum() < _LEAST:
            continue
        height = np.log(cost[known, m].astype(np.float64))
        design = np.stack([np.ones(known.sum()), 1 - quality[known, m], 1 - ease[known, m]], axis=1)
        used = design.std(axis=0) > 1e-9
        used[0] = True
        slopes = np.zeros(3)
        slopes[used] = np.linalg.lstsq(design[:, used], height, rcond=None)[0]
        found[m] = slopes[1], slopes[2], float((height - design @ slopes).std())
    return found


def _ranks(values: NDArray[Any]) -> Doubles:
    """Return ranks from 1, ties sharing their mean rank, as Spearman's correlation has them: a coarse score isn't taken for an even one."""
    _, at, count = np.unique(values, return_inverse=True, return_counts=True)
    return np.asarray((np.cumsum(count) - (count - 1) / 2)[at], dtype=np.float64)


def _without(own: NDArray[Any], values: Doubles) -> Doubles:
    """Return values less what a straight line in `own` says of them."""
    x, y = own - own.mean(), values - values.mean()
    return np.asarray(y - x * ((x * y).sum() / (x * x).sum()))
