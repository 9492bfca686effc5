"""Which input a conclusion hangs on: each input moved to its two ends, alone, the others as they are. Shown as a tornado chart.

Source: one-way sensitivity analysis; Howard, Decision Analysis: Practice and Promise, Management Science 34 (1988).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from data.outcomes import OutcomeTable
from data.problems import ProblemError
from strategies.study.curves import Fitted
from strategies.study.prepare import Study
from strategies.uncertainty.interval import Interval
from strategies.whatif.change import Change
from strategies.whatif.conditions import JudgeError, Latency, Mix, Outage
from strategies.whatif.measure import Effect, Measure, Outcome
from strategies.whatif.prices import BillFactor
from strategies.whatif.replayed import outcome
from strategies.whatif.scenario import Scenario

_HALF, _DOUBLE = 0.5, 2.0
_JUDGE = 0.2
_MOST_TASKS = 12


@dataclass(frozen=True, eq=False, kw_only=True)
class Conclusion:
    """What is concluded: one figure of a strategy, or that figure of one less that of another, on the same queries."""

    measure: Measure
    a: Fitted
    b: Fitted | None = None

    def interval(self, scenario: Scenario) -> Interval:
        """Return it in a scenario with its interval."""
        first = outcome(self.a, scenario)
        return self._of(first, None if self.b is None else outcome(self.b, scenario))

    def value(self, scenario: Scenario) -> float:
        """Return it in a scenario; NaN where it is not known."""
        first = outcome(self.a, scenario).mean(self.measure)
        return first if self.b is None else first - outcome(self.b, scenario).mean(self.measure)

    def _of(self, first: Outcome, second: Outcome | None) -> Interval:
        return first.figure(self.measure) if second is None else Effect(before=second, after=first).difference(self.measure)


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """One thing that may be otherwise. low, high : the assumptions at its two ends, None = as it is; said : those ends in words.

    kind : "price", "latency", "task", "judge" or "outage". about : the model or task.
    """

    kind: str
    about: str
    low: Change | None
    high: Change | None
    said: tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """What one input does to a conclusion, the others as they are. at_low, at_high : the conclusion there; NaN = not known there."""

    input: Input
    base: float
    at_low: float
    at_high: float
    problem: str = ""

    @property
    def span(self) -> float:
        """How far the conclusion moves; 0 where neither end is known."""
        known = [value for value in (self.at_low, self.base, self.at_high) if not math.isnan(value)]
        return max(known, default=0.0) - min(known, default=0.0)

    @property
    def flips(self) -> bool:
        """Whether the conclusion has another sign at one of the ends: no saving any more, or the other one leads."""
        ends = [value for value in (self.at_low, self.at_high) if not math.isnan(value)]
        return any(np.sign(value) != np.sign(self.base) and value != 0 for value in ends) and self.base != 0


def tornado(
    conclusion: Conclusion,
    inputs: Sequence[Input],
    *,
    scenario: Scenario | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> tuple[Bar, ...]:
    """Return a bar an input, the widest first: the conclusion with that input at its low and its high end.

    scenario : what is assumed already; the ends of a price, a latency and a weight multiply it. An input that cannot be moved here has a
    bar of no length that says why. stop : asked between inputs; the bars so far are returned.
    """
    base = scenario or Scenario()
    now = conclusion.value(base)
    bars = []
    for each in inputs:
        if stop():
            break
        try:
            ends = [now if end is None else conclusion.value(_with(base, end)) for end in (each.low, each.high)]
            bars.append(Bar(input=each, base=now, at_low=ends[0], at_high=ends[1]))
        except ProblemError as error:
            bars.append(Bar(input=each, base=now, at_low=math.nan, at_high=math.nan, problem=str(error)))
    return tuple(sorted(bars, key=lambda bar: -bar.span))


def _with(base: Scenario, change: Change) -> Scenario:
    """Return the scenario with one input moved: a factor multiplies what is assumed of it already."""
    old = base.find(type(change), change.about)
    if isinstance(change, (BillFactor, Latency)) and isinstance(old, (BillFactor, Latency)):
        change = replace(old, factor=old.factor * change.factor)
    elif isinstance(change, Mix) and isinstance(old, Mix):
        change = replace(old, weight=old.weight * change.weight)
    return base.put(change)


def inputs(study: Study, measure: Measure, *, spread: float = _DOUBLE) -> tuple[Input, ...]:
    """Return what a figure of a study may hang on: prices, latencies and tasks from 1 / spread to `spread` times, judges, outages.

    Only what can move the figure: prices move costs, latencies move latency. Of more than 12 tasks those with the most queries.
    """
    table = study.tested
    scaled = (f"1/{spread:g}" if spread != _DOUBLE else "half", f"{spread:g} times" if spread != _DOUBLE else "double")
    found = []
    if measure in ("cost", "saving"):
        found += [
            _factors("price", m, BillFactor(model=m, factor=1 / spread), BillFactor(model=m, factor=spread), scaled) for m in study.pool
        ]
    if measure == "latency":
        found += [_factors("latency", m, Latency(model=m, factor=1 / spread), Latency(model=m, factor=spread), scaled) for m in study.pool]
    found += [_factors("task", t, Mix(task=t, weight=1 / spread), Mix(task=t, weight=spread), scaled) for t in _tasks(table)]
    found.append(Input(kind="judge", about="", low=None, high=JudgeError(error=_JUDGE), said=("as it is", f"errs on {_JUDGE:.0%}")))
    return (*found, *(Input(kind="outage", about=m, low=None, high=Outage(model=m), said=("up", "down")) for m in study.pool))


def _factors(kind: str, about: str, low: Change, high: Change, said: tuple[str, str]) -> Input:
    return Input(kind=kind, about=about, low=low, high=high, said=said)


def _tasks(table: OutcomeTable) -> tuple[str, ...]:
    if table.queries.tasks is None:
        return ()
    counts = np.bincount(table.queries.tasks, minlength=len(table.queries.task_names))
    first = np.argsort(-counts, kind="stable")[:_MOST_TASKS]
    seen = [table.queries.task_names[int(k)] for k in first if counts[k]]
    return tuple(seen) if len(seen) > 1 else ()
