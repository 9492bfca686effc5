"""What learning cost: regret along the order of arrival, and how fast it grows."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from data.problems import refuse

Doubles: TypeAlias = NDArray[np.float64]
_POINTS = 40


class Growth(NamedTuple):
    """Regret = a * t^b: b < 1 means that learning goes on to pay, b = 1 that every query loses the same; NaN where nothing was lost."""

    a: float
    b: float


def cumulative_regret(earned: ArrayLike, reference: ArrayLike) -> Doubles:
    """Return (n,) the sum so far of what a reference earned more; both (n,) or a scalar, in the order of arrival.

    Rewards, or expected rewards, which give the pseudo-regret without the noise of single answers. NaN stays NaN from there on.
    """
    mine = np.asarray(earned, dtype=np.float64)
    return np.cumsum(np.broadcast_to(np.asarray(reference, dtype=np.float64), mine.shape) - mine)


def growth(regret: ArrayLike, since: float = 0.02) -> Growth:
    """Return the power of time that fits (n,) cumulative regret best: least squares in logarithms at 40 places, evenly in log t.

    since : share of the stream that is left out at its start, where one try more or less is the whole of the regret. ProblemError below
    100 queries. Source: the regret curves by which arXiv 2410.06238 compares explorers.
    """
    lost = np.asarray(regret, dtype=np.float64)
    if len(lost) < 100:
        raise refuse(f"{len(lost)} queries are too few to see how regret grows.", "Give at least 100.")
    t = np.unique(np.geomspace(max(since * len(lost), 2), len(lost), _POINTS).round().astype(np.intp))
    there = lost[t - 1] > 0
    if there.sum() < 2:
        return Growth(float("nan"), float("nan"))
    b, log_a = np.polyfit(np.log(t[there]), np.log(lost[t[there] - 1]), 1)
    return Growth(float(np.exp(log_a)), float(b))
