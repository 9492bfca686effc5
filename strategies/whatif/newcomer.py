"""A new model of which few answers were labelled: what can be said about it, and how many labels would settle it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from data.outcomes import OutcomeTable
from data.problems import refuse
from strategies.protocol import Doubles, Floats
from strategies.uncertainty.bootstrap import FEW, interval, paired
from strategies.uncertainty.exact import exact
from strategies.uncertainty.interval import Interval


@dataclass(frozen=True, slots=True, kw_only=True)
class Newcomer:
    """What few labels say of a new model. labels : how many there are.

    quality : its own, with interval. lead : its quality less the policy's on the same queries, by the same labels; over independent
    queries where the labels were only counted. needed : how many labels would tell the two apart at the difference seen, NaN = none
    would, they look alike. cost : USD (or the table's unit) a query, NaN = not known.
    """

    name: str
    labels: int
    quality: Interval
    lead: Interval
    needed: float
    cost: float = math.nan

    @property
    def verdict(self) -> str:
        """Say where the interval of the lead lies: "better", "worse" or "cannot tell"."""
        return "better" if self.lead.low > 0 else "worse" if self.lead.high < 0 else "cannot tell"


def counted(name: str, right: int, labels: int, policy_quality: Interval, *, cost: float = math.nan, level: float = 0.95) -> Newcomer:
    """Return what `right` of `labels` answers say, against a policy's quality that is known from other queries.

    quality : exact (Clopper and Pearson, 1934). lead : the two intervals' difference by MOVER (Donner and Zou, Statistics in Medicine 21,
    2002): l = d - sqrt((p - l1)^2 + (u2 - q)^2), u likewise. Raises ProblemError unless 0 <= right <= labels, labels at least 1.
    """
    if not 0 <= right <= labels or labels < 1:
        raise refuse(f"{right} right answers of {labels} labels cannot be.", "Count the right ones among the labelled ones.")
    own = exact(right, labels, level)
    other = policy_quality
    d = own.mean - other.mean
    low = d - math.hypot(own.mean - own.low, other.high - other.mean)
    high = d + math.hypot(own.high - own.mean, other.mean - other.low)
    variance = own.mean * (1 - own.mean)
    needed = _needed(variance, abs(d), level)
    return Newcomer(name=name, labels=labels, quality=own, lead=Interval(d, low, high, labels, own.method), needed=needed, cost=cost)


def labelled(table: OutcomeTable, model: str, policy_quality: Floats, *, labels: int | None = None, level: float = 0.95) -> Newcomer:
    """Return what a model's recorded answers say of it against a policy on the same queries, the first `labels` of them by key.

    policy_quality : (n,) of the same table's queries. labels : only so many are looked at, as if there were no more; None = all that
    are known. Raises ProblemError where no answer of the model is known.
    """
    own = table.quality(model)
    known = np.flatnonzero(~np.isnan(own) & ~np.isnan(policy_quality))
    if not len(known):
        raise refuse(f"no answer of {model} is labelled.", "Label some first, or count them by hand.", column=model)
    order = np.argsort(table.queries.keys[known], kind="stable")
    rows = known[order] if labels is None else known[order[:labels]]
    difference = own[rows].astype(np.float64) - policy_quality[rows].astype(np.float64)
    few = len(rows) < FEW and bool(np.isin(difference, (-1.0, 0.0, 1.0)).all())
    lead = _exact_lead(difference, level) if few else paired(own[rows], policy_quality[rows], level=level)
    bills = table.cost_usd(model)[rows].astype(np.float64)
    paid = bills[~np.isnan(bills)]
    variance = float(difference.var(ddof=1)) if len(rows) > 1 else math.nan
    return Newcomer(
        name=model, labels=len(rows), quality=interval(own[rows], level=level), lead=lead,
        needed=_needed(variance, abs(lead.mean), level), cost=float(paid.mean()) if len(paid) else math.nan,
    )  # fmt: skip


def _exact_lead(difference: Doubles, level: float) -> Interval:
    """Return the interval of a mean of values -1, 0 and 1 that holds for any n: the exact ones of both shares, each at half the risk."""
    n, half = len(difference), (1 + level) / 2
    won, lost = (exact(int((difference == sign).sum()), n, half) for sign in (1, -1))
    return Interval(won.mean - lost.mean, won.low - lost.high, won.high - lost.low, n, "exact")


def _needed(variance: float, difference: float, level: float) -> float:
    """Return how many labels make an interval of this level as narrow as the difference: n = z^2 variance / d^2 (normal approximation)."""
    if not difference > 0 or math.isnan(variance):
        return math.nan
    z = NormalDist().inv_cdf((1 + level) / 2)
    return float(max(math.ceil(z**2 * variance / difference**2), 2))
