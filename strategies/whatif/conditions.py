"""Assumptions about everything but money: time, outages, what is removed, errors of a judge, the mix of tasks, load, volume."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from data.outcomes import Floats, OutcomeTable
from data.problems import refuse
from data.whatif.failing import failed_over
from data.whatif.noisy import disturbed
from strategies.knobs import knob, turned, turns
from strategies.whatif.change import EVERY, NAN, Change, S, rate, subject

if TYPE_CHECKING:
    from strategies.whatif.scenario import Scenario


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency(Change):
    """A model's time: times a factor, or every call alike. What a machine costs by the hour does not follow."""

    word: ClassVar[str] = "lat"
    order: ClassVar[int] = 60
    title: ClassVar[str] = "Latency"
    help: ClassVar[str] = "How long calls take: times a factor, or the same seconds for every call."
    model: str = subject()
    factor: float = knob(1.0, low=0, high=1000, scale="log", unit="times", title="latency", help="1 = as measured, 2 = twice as slow.")
    seconds: float = rate(low=0, high=86400, unit="seconds", title="every call", help="Every call takes this long; left open, as measured.")

    @property
    def idle(self) -> bool:
        """Whether nothing is slower or faster."""
        return self.factor == 1 and math.isnan(self.seconds)

    def apply(self, table: OutcomeTable, scenario: Scenario) -> OutcomeTable:  # noqa: ARG002 - a scenario has nothing to add
        """Return the table with these latencies; one that was not measured stays unknown under a factor, and is known if it is set."""
        if self.idle:
            return table
        names = self.models(table)
        at = [table.index(model) for model in names]
        nothing = np.full((len(table), len(table.models)), np.nan, dtype=np.float32)
        out = np.array(table.numbers.get("latency_s", nothing), order="F")
        out[:, at] = np.where(table.ran[:, at], self._seconds(out[:, at]), np.float32(np.nan))
        made = replace(table, numbers={**table.numbers, "latency_s": out}, stored_fingerprint="")
        how = f"takes {self.factor:g} times as long" if math.isnan(self.seconds) else f"takes {self.seconds * self.factor:g} s a call"
        return made.noted("assumed", f"{'every model' if self.model == EVERY else self.model} {how}")

    def _seconds(self, measured: Floats) -> Floats:
        given = measured if math.isnan(self.seconds) else np.float32(self.seconds)
        return np.asarray(given * np.float32(self.factor), dtype=np.float32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage(Change):
    """A model is down and the policy goes on: each of its calls fails over to the next model, the next dearer one first."""

    word: ClassVar[str] = "down"
    order: ClassVar[int] = 70
    title: ClassVar[str] = "Outage"
    help: ClassVar[str] = "The model does not answer; the next model answers in its place. The strategy does not know and is not changed."
    model: str = subject("")
    share: float = knob(1.0, low=0, high=1, unit="share of the queries", title="down for", help="How many queries meet the outage.")
    lost_s: float = knob(0.0, low=0, high=600, unit="seconds", title="noticed after", help="How long a call waits until it fails over.")

    @property
    def idle(self) -> bool:
        """Whether it is never down."""
        return self.share == 0

    def apply(self, table: OutcomeTable, scenario: Scenario) -> OutcomeTable:
        """Return the table in which the next model answers (data.whatif.failing)."""
        if self.idle:
            return table
        model = self.models(table)[0]
        return failed_over(table, model, self.stand_in(table, scenario), share=self.share, lost_s=self.lost_s)

    def stand_in(self, table: OutcomeTable, scenario: Scenario) -> str:
        """Return who answers in its place: the next in the table's order that is not down itself, after the last the one before."""
        gone = {each.about for each in scenario.changes if isinstance(each, (Outage, Removal)) and not each.idle}
        at = table.index(self.model)
        order = [*table.models[at + 1 :], *reversed(table.models[:at])]
        found = next((name for name in order if name not in gone), None)
        if found is None:
            raise refuse("no model is left that could answer.", "Leave at least one model up.", column=self.model)
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal(Change):
    """A model is taken out for good: the strategy is learnt and tuned again on those that are left."""

    word: ClassVar[str] = "gone"
    order: ClassVar[int] = 80
    title: ClassVar[str] = "A model's removal"
    help: ClassVar[str] = "The model is gone for good. The strategy is learnt and tuned again without it."
    refits: ClassVar[bool] = True
    model: str = subject("")

    def apply(self, table: OutcomeTable, scenario: Scenario) -> OutcomeTable:  # noqa: ARG002 - a scenario has nothing to add
        """Return the table without the model; ProblemError if fewer than two would be left to choose from."""
        if len(table.models) < 3:
            raise refuse("fewer than two models would be left.", "Routing needs two: leave this one in.", column=self.model)
        gone = self.models(table)[0]
        return table.select([model for model in table.models if model != gone]).noted("assumed", f"{gone} is gone for good")


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeError(Change):
    """Whatever says how sure an answer is errs: a simulated judge by its own error, a recorded confidence by that of another answer."""

    word: ClassVar[str] = "err"
    order: ClassVar[int] = 90
    title: ClassVar[str] = "A judge's error"
    help: ClassVar[str] = "The judge, or the recorded confidence, is worth nothing on this share of the answers."
    error: float = knob(0.0, low=0, high=0.8, unit="share of answers", title="judge error", help="How often it tells nothing.")

    @property
    def idle(self) -> bool:
        """Whether it errs no more than it did."""
        return self.error == 0

    def apply(self, table: OutcomeTable, scenario: Scenario) -> OutcomeTable:  # noqa: ARG002 - a scenario has nothing to add
        """Return the table with its recorded confidence disturbed; a table without any is left alone: a simulated judge needs none."""
        from data.whatif.noisy import confidences

        return table if self.idle or not confidences(table) else disturbed(table, self.error)

    def adapted(self, policy: S) -> S:
        """Return a policy with a simulated judge at this error; any other reads the disturbed signals by itself."""
        has = policy.card.judged and any(each.name == "error" for each in turns(policy))
        return turned(policy, "error", self.error) if has and not self.idle else policy


@dataclass(frozen=True, slots=True, kw_only=True)
class Mix(Change):
    """More or fewer queries of one task than were recorded."""

    word: ClassVar[str] = "mix"
    order: ClassVar[int] = 100
    title: ClassVar[str] = "Mix of tasks"
    help: ClassVar[str] = "How often a kind of query comes, compared with how often it was recorded."
    task: str = subject("", kind="task")
    weight: float = knob(1.0, low=0, high=100, unit="times", title="weight", help="1 = as recorded, 2 = twice as often, 0 = never.")

    @property
    def idle(self) -> bool:
        """Whether it comes as often as it was recorded."""
        return self.weight == 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Load(Change):
    """A model behind a queue: calls wait while it is busy (strategies.whatif.queue)."""

    word: ClassVar[str] = "load"
    order: ClassVar[int] = 110
    title: ClassVar[str] = "Load"
    help: ClassVar[str] = "Queries that come faster wait longer: a queue before a model that can do only so many calls at once."
    model: str = subject("")
    per_hour: float = knob(0.0, low=0, high=1e8, scale="log", unit="queries per hour", title="queries", help="How many queries come.")
    servers: int = knob(1, low=1, high=1000, whole=True, unit="calls at once", title="calls at once", help="How many it does at once.")

    @property
    def idle(self) -> bool:
        """Whether nothing comes."""
        return self.per_hour == 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume(Change):
    """Another number of queries a month: what it comes to in money."""

    word: ClassVar[str] = "vol"
    order: ClassVar[int] = 120
    title: ClassVar[str] = "Monthly volume"
    help: ClassVar[str] = "How many queries a month are paid for."
    per_month: float = rate(NAN, low=0, high=1e12, scale="log", unit="queries per month", title="queries a month", help="How many.")

    @property
    def idle(self) -> bool:
        """Whether nobody said a volume."""
        return math.isnan(self.per_month)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewModel(Change):
    """A model of which only a few answers were labelled: it changes no figure, and is judged by what the labels say (newcomer)."""

    word: ClassVar[str] = "new"
    order: ClassVar[int] = 130
    title: ClassVar[str] = "A new model"
    help: ClassVar[str] = "You have tried a new model on a few queries and counted how many it got right."
    labels: int = knob(0, low=0, high=1_000_000, whole=True, unit="answers", title="labelled answers", help="How many were checked.")
    right: int = knob(0, low=0, high=1_000_000, whole=True, unit="answers", title="of them right", help="How many were right.")
    cost: float = rate(
        NAN, low=0, high=1e6, unit="USD per 1,000 queries", title="cost", help="What 1,000 queries cost; left open, unknown."
    )

    @property
    def idle(self) -> bool:
        """Whether nothing was labelled."""
        return self.labels == 0

    def __post_init__(self) -> None:
        super(NewModel, self).__post_init__()
        if self.right > self.labels:
            raise refuse(f"{self.right} right answers of {self.labels} cannot be.", "Count the right ones among the labelled ones.")
