"""A policy's figures in a scenario, and what a scenario changes: means, savings and paired differences, each with its interval.

Weighted means and ratios are linearised: each query gets a value whose plain mean is the figure, and whose spread is the figure's
(Saerndal, Swensson, Wretman, Model Assisted Survey Sampling, 1992, section 5.5). So one interval serves all of them, and paired
differences are differences of these values.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from data.outcomes import HistoryLine
from data.problems import refuse
from strategies.metrics.saving import monthly_usd
from strategies.protocol import Doubles, Floats
from strategies.uncertainty.bootstrap import bands
from strategies.uncertainty.interval import Interval
from strategies.whatif.queue import Queue

Measure: TypeAlias = Literal["quality", "cost", "latency", "saving"]
MEASURES: tuple[Measure, ...] = ("quality", "cost", "latency", "saving")


@dataclass(frozen=True, eq=False, kw_only=True)
class Outcome:
    """What a policy does on the N tested queries in a scenario.

    quality, cost, latency : (N,). reference, reference_cost : the single model that savings are counted against, and (N,) its bills, as
    if it were up.
    weights : (N,) how often each query counts, None = all the same.
    called : (N, M) who was called, after failing over; of a random mixture the probability.
    queues : model -> its queue, where one was assumed. said : what was assumed, in words. refitted : learnt and tuned again.
    """

    quality: Floats
    cost: Floats
    latency: Floats
    reference: str
    reference_cost: Floats
    models: tuple[str, ...]
    called: NDArray[Any]
    cost_unit: str
    weights: Doubles | None = None
    queues: Mapping[str, Queue] = field(default_factory=dict)
    said: tuple[HistoryLine, ...] = ()
    refitted: bool = False

    def __len__(self) -> int:
        return len(self.quality)

    @property
    def effective(self) -> float:
        """How many equally weighted queries tell as much: (sum w)^2 / sum w^2 (Kish, Survey Sampling, 1965)."""
        w = self.weights
        return float(len(self)) if w is None else float(w.sum() ** 2 / (w**2).sum())

    @property
    def overloaded(self) -> tuple[str, ...]:
        """Models whose queue never keeps up: no latency can be told."""
        return tuple(name for name, queue in self.queues.items() if queue.utilisation >= 1)

    def values(self, measure: Measure) -> Doubles:
        """Return (N,) values whose mean is the figure; NaN where it is not known.

        quality in [0, 1]; cost in the table's unit; latency in seconds; saving : 1 - cost over the reference's, NaN where that is free.
        """
        if measure == "saving":
            return self._saving()
        plain = {"quality": self.quality, "cost": self.cost, "latency": self.latency}[measure]
        return _levelled(plain.astype(np.float64), self.weights)

    def _saving(self) -> Doubles:
        own, other = (_levelled(each.astype(np.float64), self.weights) for each in (self.cost, self.reference_cost))
        paid = float(other.mean()) if len(other) else np.nan
        if not paid > 0:
            return np.full(len(self), np.nan)
        ratio = float(own.mean()) / paid
        return 1 - (ratio + (own - ratio * other) / paid)

    def mean(self, measure: Measure) -> float:
        """Return a figure without its interval."""
        return float(self.values(measure).mean()) if len(self) else float("nan")

    def figure(self, measure: Measure) -> Interval:
        """Return a figure with its 95 % interval over the tested queries; unknown where any value is, or a queue never keeps up."""
        return self._figures[measure]

    @cached_property
    def _figures(self) -> dict[Measure, Interval]:
        return _intervals({measure: self.values(measure) for measure in MEASURES})

    def monthly(self, queries: float) -> Interval:
        """Return the bill of a month with its interval, in the table's cost unit; ProblemError for a negative volume."""
        one = self.figure("cost")
        mean, low, high = (monthly_usd(value, queries) for value in (one.mean, one.low, one.high))
        return Interval(mean, low, high, one.n, one.method)

    def shares(self) -> dict[str, float]:
        """Return model -> calls a query, weighted."""
        w = np.ones(len(self)) if self.weights is None else self.weights
        return dict(zip(self.models, (w @ self.called / w.sum()).tolist(), strict=True))


def _levelled(values: Doubles, weights: Doubles | None) -> Doubles:
    """Return (n,) values with the weighted mean as their plain mean; queries of weight 0 may be unknown."""
    if weights is None:
        return values
    counted = weights > 0
    known = np.where(counted, values, 0.0)
    mean = float(weights @ known / weights.sum())
    with np.errstate(invalid="ignore"):
        return np.asarray(np.where(counted, mean + weights * (known - mean) / weights.mean(), mean))


def _intervals(columns: Mapping[Measure, Doubles]) -> dict[Measure, Interval]:
    """Return the mean of each (n,) column with its interval, all from one set of resamples."""
    found = bands(np.stack(list(columns.values()), axis=1))
    ends = zip(columns, found.mean.tolist(), found.low.tolist(), found.high.tolist(), strict=True)
    return {name: Interval(mean, low, high, found.n, "unknown" if np.isnan(mean) else found.method) for name, mean, low, high in ends}


@dataclass(frozen=True, eq=False, kw_only=True)
class Effect:
    """What a scenario changes for one policy, on the same queries."""

    before: Outcome
    after: Outcome

    def __post_init__(self) -> None:
        if len(self.before) != len(self.after):
            raise refuse(f"{len(self.before):,} and {len(self.after):,} queries do not pair up.", "Compare the same queries.")

    def difference(self, measure: Measure) -> Interval:
        """Return after less before with its paired 95 % interval."""
        return self._differences[measure]

    @cached_property
    def _differences(self) -> dict[Measure, Interval]:
        return _intervals({measure: self.after.values(measure) - self.before.values(measure) for measure in MEASURES})

    def told_apart(self, measure: Measure) -> bool:
        """Whether the interval of the difference leaves out 0."""
        found = self.difference(measure)
        return bool(found.low > 0 or found.high < 0)


def gap(a: Outcome, b: Outcome, measure: Measure) -> Interval:
    """Return a less b with its paired interval: two policies in one scenario."""
    return Effect(before=b, after=a).difference(measure)
