"""Certificates: thresholds above which answers may be kept, with a bound on the risk that holds whatever the data's distribution.

Both need queries that took no part in making the scores. `fixed_sequence` bounds the risk *among the kept* with high probability,
`conformal` the rate of *kept and bad* among all queries on average.
Sources: Clopper and Pearson, Biometrika 26 (1934); fixed-sequence testing as in Angelopoulos et al., "Learn then test", arXiv
2110.01052; conformal risk control, arXiv 2208.02814, equation 4; the least share escalated, arXiv 2606.29054.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from strategies.protocol import Bools, Doubles, Floats
from strategies.uncertainty.exact import exact

LEVELS = 100
_START = 0.2  # least share kept at the first threshold: a stricter one has too few answers to prove anything


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """What was proved on n queries. threshold : keep scores from here on; inf where nothing is proved and all has to go on.

    kept : how many of the n it keeps. loss : their summed loss. bound : what the risk is bounded by there. base : the mean loss of
    keeping everything. floor : the least share of queries that any rule of this risk escalates. refused : why nothing is proved.
    """

    threshold: float
    n: int
    kept: int
    loss: float
    bound: float
    base: float
    floor: float
    refused: str = ""


def least_kept(alpha: float, delta: float) -> int:
    """Return how many answers have to be kept before even no error at all proves a risk of alpha: ln(delta) / ln(1 - alpha)."""
    return math.ceil(math.log(delta) / math.log1p(-alpha) - 1e-9)


def floor_among_kept(base: float, alpha: float) -> float:
    """Return the least share that has to be escalated so that at most alpha of the kept are bad: (base - alpha) / (1 - alpha)."""
    return max(0.0, (base - alpha) / (1 - alpha))


def levels(scores: Floats, n: int, alpha: float, delta: float) -> Floats:
    """Return thresholds, strict to permissive, to be tested on n other queries: quantiles of (m,) scores, fixed before those are seen.

    The first is expected to keep a fifth of the n, or as many as a proof needs and two standard deviations more; empty where the n
    are too few for that.
    """
    known = scores[~np.isnan(scores)]
    needed = least_kept(alpha, delta)
    start = max(_START, (needed + 2 * math.sqrt(needed)) / max(n, 1))
    if start > 1 or not len(known):
        return np.empty(0, dtype=np.float32)
    found = np.quantile(known, 1 - np.linspace(start, 1, LEVELS), method="lower")
    return np.unique(found.astype(np.float32))[::-1]


def fixed_sequence(scores: Floats, bad: Bools, steps: Floats, alpha: float, delta: float) -> Certificate:
    """Return the most permissive threshold proved to have P(bad | kept) <= alpha, wrong with probability at most delta.

    scores, bad : (n,) of queries that had no part in making the scores or the (L,) descending thresholds `steps`. Each threshold is
    tested in turn, P(Binomial(kept, alpha) <= bad among them) <= delta, which is the upper Clopper-Pearson limit at most alpha; the
    first that fails ends it, so that the order pays for testing many.
    """
    n, base = len(scores), float(bad.mean()) if len(scores) else math.nan
    nothing = _nothing(n, base, floor_among_kept(base, alpha) if n else math.nan)
    if not len(steps):
        few = f"{n} calibration queries are too few: at least {least_kept(alpha, delta)} have to be kept, all of them good"
        return replace(nothing, refused=few)
    doubt = -np.where(np.isnan(scores), -np.inf, scores)
    order = np.argsort(doubt, kind="stable")
    kept = np.searchsorted(doubt[order], -steps, side="right")
    errors = np.concatenate([[0], np.cumsum(bad[order])])[kept]
    logs = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, n + 1)))])
    proved = -1
    for at, (count, wrong) in enumerate(zip(kept.tolist(), errors.tolist(), strict=True)):
        if _at_most(wrong, count, alpha, logs) > delta:
            break
        proved = at
    if proved < 0:
        limit = exact(int(errors[0]), int(kept[0]), 1 - 2 * delta).high
        bad_start = f"of the {kept[0]} surest answers {errors[0]} are bad, which bounds the risk by {limit:.1%} only"
        return replace(nothing, refused=bad_start)
    count, wrong = int(kept[proved]), int(errors[proved])
    bound = exact(wrong, count, 1 - 2 * delta).high
    return replace(nothing, threshold=float(steps[proved]), kept=count, loss=float(wrong), bound=bound)


def conformal(scores: Floats, loss: Floats, alpha: float) -> Certificate:
    """Return the most permissive threshold whose rate of kept loss is at most alpha on average over calibration sets.

    scores, loss : (n,), losses in [0, 1]. The infimum of thresholds with n / (n + 1) R_n + 1 / (n + 1) <= alpha, R_n the mean over
    all n of the losses of what is kept; scores at the infimum itself are not kept.
    """
    n, base = len(scores), float(loss.mean(dtype=np.float64)) if len(scores) else math.nan
    nothing = _nothing(n, base, max(0.0, base - alpha) if n else math.nan)
    if 1 / (n + 1) > alpha:
        few = f"{n} calibration queries are too few: at least {math.ceil(1 / alpha - 1 - 1e-9)} are needed"
        return replace(nothing, refused=few)
    known = ~np.isnan(scores)
    distinct, place = np.unique(scores[known], return_inverse=True)
    above = np.bincount(place, loss[known].astype(np.float64), len(distinct))[::-1].cumsum()[::-1]  # kept from each score on
    fails = np.flatnonzero((above + 1) / (n + 1) > alpha)
    threshold = float(np.nextafter(np.float32(distinct[fails[-1]]), np.float32(np.inf))) if len(fails) else -math.inf
    kept = int((scores[known] >= np.float32(threshold)).sum())
    total = float(loss[known][scores[known] >= np.float32(threshold)].sum(dtype=np.float64))
    return replace(nothing, threshold=threshold, kept=kept, loss=total, bound=(total + 1) / (n + 1))


def _nothing(n: int, base: float, floor: float) -> Certificate:
    return Certificate(threshold=math.inf, n=n, kept=0, loss=0.0, bound=math.nan, base=base, floor=floor)


def _at_most(k: int, n: int, p: float, logs: Doubles) -> float:
    """Return P(Binomial(n, p) <= k); logs : log factorials up to n or more."""
    j = np.arange(k + 1)
    return float(np.exp(logs[n] - logs[j] - logs[n - j] + j * math.log(p) + (n - j) * math.log1p(-p)).sum())
