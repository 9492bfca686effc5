"""How good a confidence is: does it tell right from wrong, does it mean what it says, does it tell who is worth escalating.

score : (n,) confidences in the same queries' answers, higher = surer; NaN = none was given. quality : (n,) in [0, 1], NaN = not run.
Queries where either is missing are left out. Graded quality q counts everywhere as q right and 1 - q wrong, so that 0/1 is no special
case; only in the Brier score it is the target itself, which a perfect forecast meets. Equal scores share their rank (mid-ranks): the
order in which queries stand never matters. What is undefined (nothing known, or one class only) is NaN.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from data.problems import refuse

Doubles: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]
BINS = 15
_SLACK = 1e-6  # a probability may be a rounded float32


@dataclass(frozen=True, slots=True, eq=False)
class Reliability:
    """B bins of equal width from 0 to 1: bin b holds scores in (b / B, (b + 1) / B], the first also 0.

    low, high : (B,) its ends. count : (B,) queries in it. confidence, quality : (B,) their means, NaN in an empty bin.
    """

    low: Doubles
    high: Doubles
    count: Ints
    confidence: Doubles
    quality: Doubles

    @property
    def error(self) -> float:
        """ECE: the mean over queries of their bin's |quality - confidence|; NaN without any."""
        filled = self.count > 0
        gap = np.abs(self.quality - self.confidence)[filled]
        return float(gap @ self.count[filled] / self.count.sum()) if filled.any() else float("nan")


@dataclass(frozen=True, slots=True, eq=False)
class RiskCoverage:
    """The mean loss 1 - q of the surest share of the answers: K points, one a distinct score, coverage ascending to 1.

    coverage, risk : (K,). area : under the risk from coverage 0 to 1, where of equal scores a random part is taken. published : the
    sum that papers call AURC, the mean of the risk of the k surest over k = 1..n; it tends to `area` as n grows.
    """

    coverage: Doubles
    risk: Doubles
    area: float
    published: float


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class ConfidenceQuality:
    """Everything known of one confidence over n queries that have both; `missing` more have a quality and no score.

    auroc : of right against wrong. usefulness : see there, NaN where no strong model was given. ece, brier, mean_score, quality : means
    in [0, 1]. What is undefined is NaN.
    """

    n: int
    missing: int
    mean_score: float
    quality: float
    auroc: float
    usefulness: float
    ece: float
    brier: float
    reliability: Reliability
    risk_coverage: RiskCoverage


def confidence_quality(score: ArrayLike, quality: ArrayLike, strong: ArrayLike | None = None, *, bins: int = BINS) -> ConfidenceQuality:
    """Return every figure of a confidence.

    score, quality : (n,), see the top of this file. strong : (n,) quality of the model that would be asked next. ProblemError for
    lengths that differ, and for scores outside [0, 1]: a logarithm is brought there by `data.signals.scaled`.
    """
    s, q = _known(score, quality)
    graded = int((~np.isnan(np.asarray(quality, dtype=np.float64))).sum())
    table = reliability(s, q, bins=bins)
    return ConfidenceQuality(
        n=len(s), missing=graded - len(s), mean_score=_mean(s), quality=_mean(q), auroc=auroc(s, q),
        usefulness=float("nan") if strong is None else usefulness(score, quality, strong), ece=table.error, brier=brier(s, q),
        reliability=table, risk_coverage=risk_coverage(s, q),
    )  # fmt: skip


def auroc(score: ArrayLike, label: ArrayLike) -> float:
    """Return the area under the ROC curve: P(score of a right answer > that of a wrong one) + half of P(equal).

    label : (n,) in [0, 1], of which each query is that share right. One sort. NaN where all are right, or none.
    ProblemError for lengths that differ or labels outside [0, 1]. Source: Hanley and McNeil, Radiology 143 (1982).
    """
    s, right = _known(score, label)
    order = np.argsort(s)  # the default sort on purpose: a stable one costs 7x on float32, and ties share a rank anyway
    rights = np.cumsum(right[order], dtype=np.float64)
    s = s[order]
    if not len(s) or not 0 < rights[-1] < len(s):
        return float("nan")
    ends = np.append(np.flatnonzero(s[1:] != s[:-1]), len(s) - 1)  # the last position of every distinct score
    rights = rights[ends]
    wrongs = ends + 1 - rights
    # Trapezoids under the ROC curve: a group of equal scores is one straight line of it.
    area = 0.5 * (rights[0] * wrongs[0] + np.diff(rights) @ (wrongs[1:] + wrongs[:-1]))
    return float(area / (rights[-1] * wrongs[-1]))


def usefulness(score: ArrayLike, cheap: ArrayLike, strong: ArrayLike) -> float:
    """Return the AUROC of low confidence for "the strong model is better here": of -s for 1[q_L > q_S].

    cheap, strong : (n,) quality of the model that answered and of the one that would be asked next. It matters more for a cascade than
    telling right from wrong: a query that both get wrong is not worth escalating. 0.5 = tells nothing. NaN where escalating always
    helps, or never. Errors as for `auroc`. Source: own; what deferral needs is argued in arXiv 2404.10136.
    """
    first, second = np.asarray(cheap, dtype=np.float64), np.asarray(strong, dtype=np.float64)
    if first.shape != second.shape:
        raise refuse(f"{first.shape} and {second.shape} qualities do not pair up.", "Give both models the same queries.")
    gains = np.where(np.isnan(first) | np.isnan(second), np.nan, second > first)
    return auroc(-_numbers(score), gains)


def brier(score: ArrayLike, quality: ArrayLike) -> float:
    """Return the mean of (s - q)^2: 0 is perfect, 0.25 what an unmoved 0.5 gets on 0/1 quality; NaN without any query.

    Errors as for `confidence_quality`. Source: Brier, Monthly Weather Review 78 (1950).
    """
    s, q = _probabilities(score, quality)
    return _mean((s - q) ** 2)


def ece(score: ArrayLike, quality: ArrayLike, *, bins: int = BINS) -> float:
    """Return the expected calibration error, sum_b n_b / n |mean q - mean s| over bins of equal width; NaN without any query.

    Errors as for `confidence_quality`. Source: Guo et al., arXiv 1706.04599, equation 3 (15 bins).
    """
    return reliability(score, quality, bins=bins).error


def reliability(score: ArrayLike, quality: ArrayLike, *, bins: int = BINS) -> Reliability:
    """Return the bins of the reliability diagram. ProblemError for fewer than one bin, else as for `confidence_quality`.

    Source: Guo et al., arXiv 1706.04599, equations 2 and 3.
    """
    if bins < 1:
        raise refuse(f"{bins} bins hold nothing.", "Give one or more; 15 is usual.")
    s, q = _probabilities(score, quality)
    ends = np.arange(bins + 1) / bins
    place = np.searchsorted(ends[1:-1].astype(np.asarray(score).dtype if _single(score) else np.float64), s)
    count = np.bincount(place, minlength=bins)
    with np.errstate(invalid="ignore"):
        confidence, right = (np.bincount(place, values, minlength=bins) / count for values in (s, q))
    return Reliability(ends[:-1], ends[1:], count, confidence, right)


def risk_coverage(score: ArrayLike, quality: ArrayLike) -> RiskCoverage:
    """Return what is lost if only the surest answers are kept, for every share kept. Scores need no scale; errors as for `auroc`.

    Empty, with NaN areas, without any query. Source: Geifman and El-Yaniv, arXiv 1705.08500 (risk-coverage), 1805.08206 (its area).
    """
    s, q = _known(score, quality)
    order = np.argsort(s)[::-1]
    s, n = s[order], len(s)
    if not n:
        return RiskCoverage(np.empty(0), np.empty(0), float("nan"), float("nan"))
    ends = np.append(np.flatnonzero(s[1:] != s[:-1]), n - 1)
    kept, lost = ends + 1.0, np.cumsum(1.0 - q[order], dtype=np.float64)[ends]
    start, before = np.append(0.0, kept[:-1]), np.append(0.0, lost[:-1])
    # Inside a group of equal scores the loss grows evenly: lost(x) = before + slope (x - start), and the risk is lost(x) / x.
    slope = (lost - before) / (kept - start)
    logs = np.log(kept / np.maximum(start, 1.0))  # the first group starts at 0 with nothing lost: its term is 0 whatever the logarithm
    area = slope @ (kept - start) + (before - slope * start) @ logs
    k = np.arange(1, n + 1)
    published = np.mean(np.interp(k, np.append(0.0, kept), np.append(0.0, lost)) / k)
    return RiskCoverage(kept / n, lost / kept, float(area / n), float(published))


def _known(score: ArrayLike, label: ArrayLike) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return scores and labels of the queries that have both; float32 stays float32."""
    s, q = _numbers(score), _numbers(label)
    if s.ndim != 1 or s.shape != q.shape:
        raise refuse(f"{s.shape} scores and {q.shape} qualities do not pair up.", "Give one of each a query.")
    hole = np.isnan(s) | np.isnan(q)
    if hole.any():
        s, q = s[~hole], q[~hole]
    if len(q) and not (q.min() >= 0 and q.max() <= 1):
        raise refuse(f"qualities run from {q.min():g} to {q.max():g}.", "Rescale them to 0..1.")
    return s, q


def _probabilities(score: ArrayLike, quality: ArrayLike) -> tuple[Doubles, Doubles]:
    s, q = _known(score, quality)
    if len(s) and not (s.min() >= -_SLACK and s.max() <= 1 + _SLACK):
        raise refuse(f"confidences run from {s.min():g} to {s.max():g}.", "Bring them to 0..1: a logarithm with data.signals.scaled.")
    return np.clip(s, 0, 1).astype(np.float64), q.astype(np.float64)


def _numbers(values: ArrayLike) -> NDArray[Any]:
    found = np.asarray(values)
    return found if _single(found) else found.astype(np.float64)


def _single(values: ArrayLike) -> bool:
    return np.asarray(values).dtype == np.float32


def _mean(values: NDArray[Any]) -> float:
    return float(values.mean(dtype=np.float64)) if len(values) else float("nan")
