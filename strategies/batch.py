"""The base of batch methods: all queries are assigned together, and one knob moves them from model to model, one after the other."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from strategies.knobs import knob, setting
from strategies.predictors.upgrades import Climb
from strategies.protocol import Decision, Doubles, Ints, Strategy, View

_SAME = 1e-10  # spendings closer than this (relative) are one: rounding must not decide what a budget buys


def expected_budget() -> Any:
    """Return the declaration of a batch's budget: the mean cost that its forecasts may come to."""
    return knob(
        0.0, low=0, high="data", scale="log", unit="cost per query", title="budget",
        help="Mean cost that may be expected of a query; below the cheapest models' it buys those.", higher="dearer, usually better",
    )  # fmt: skip


@dataclass(frozen=True, eq=False, kw_only=True)
class Plan:
    """Who is called at every setting of the knob. start : (n,) the models at its low end.

    Move j takes query row[j] to model to[j]; it has happened at a setting s iff at[j] < s. at : ascending. end : a setting at
    which all have happened.
    """

    start: Ints
    row: Ints
    to: Ints
    at: Doubles
    end: float

    def models(self, value: float) -> Ints:
        """Return (n,) who is called at a setting."""
        chosen = self.start.copy()
        done = int(np.searchsorted(self.at, value, side="left"))
        chosen[self.row[:done]] = self.to[:done]  # of several moves of one query the last stays
        return chosen

    @property
    def settings(self) -> Doubles:
        """Settings that act differently, ascending: 0, one between each pair of neighbouring breakpoints, and the end."""
        points = np.unique(self.at)
        middles = np.append((points[:-1] + points[1:]) / 2, self.end) if len(points) else np.empty(0)
        return np.append(0.0, middles)

    def spread(self, count: int) -> Doubles:
        """Return 0, some breakpoints evenly spread, and the end, for a method that solves each setting anew.

        At a breakpoint of the upgrades the linear program splits no query: its integer program is solved as soon as it is asked.
        """
        if not len(self.at):
            return np.zeros(1)
        points = np.unique(self.at)
        nearest = np.searchsorted(points, np.linspace(points[0], points[-1], count - 2))
        return np.concatenate([[0.0], points[np.unique(np.minimum(nearest, len(points) - 1))], [self.end]])


@dataclass(frozen=True, eq=False)
class BatchRouter(Strategy):
    """Subclasses say what they expect (`estimate`), who is called at every setting (`plan`), and which knob that is (`drags`).

    Where the assignment is no plan (each setting is solved by itself), `stepwise` is False and `assigned` says who is called; the
    curve is then swept over the plan's range.
    """

    @property
    def drags(self) -> str:
        """The knob that moves queries; an empty string where none does."""
        return "budget"

    @property
    def stepwise(self) -> bool:
        """Whether the plan is the whole policy: its curve is exact, and made in one pass."""
        return True

    def estimate(self, view: View) -> tuple[Doubles, Doubles]:
        """Return (n, M) expected quality and cost before any call; NaN = this model cannot be chosen."""
        raise NotImplementedError

    def plan(self, quality: Doubles, cost: Doubles) -> Plan:
        """Return who is called at every setting of the knob that `drags` names, from (n, M) expectations."""
        raise NotImplementedError

    def assigned(self, quality: Doubles, cost: Doubles) -> Ints:
        """Return (n,) who is called at the knobs' settings, from (n, M) expectations."""
        return self.plan(quality, cost).models(setting(self, self.drags))

    def decide(self, view: View) -> Decision:
        """Call each query's model once and return its answer; the score is the quality expected of it."""
        if view.stage:
            return Decision(stop=True, answer=view.last)
        quality, cost = self.estimate(view)
        chosen = self.assigned(quality, cost)
        return Decision(stop=False, call=chosen, score=quality[np.arange(len(chosen)), chosen].astype(np.float32))


def within(up: Climb) -> Plan:
    """Return the plan of a budget: the upgrades, best first, each from the mean cost on that it takes to pay it and those before it."""
    spent = up.spent
    return Plan(start=up.start, row=up.row, to=up.to, at=spent[1:] * (1 - _SAME), end=float(spent[-1]) * (1 + 1e-6))


def reaching(up: Climb) -> Plan:
    """Return the plan of a demanded mean quality: the upgrades, best first, each taken while those before it fall short."""
    reached = np.clip(up.reached, 0.0, np.nextafter(1.0, 0.0))
    return Plan(start=up.start, row=up.row, to=up.to, at=np.maximum.accumulate(reached[:-1]) * (1 + _SAME), end=1.0)


def weighing(up: Climb, scale: float) -> Plan:
    """Return the plan of a weight alpha: upgrades for which alpha * gain exceeds (1 - alpha) * extra cost / scale."""
    at = 1 / (1 + up.efficiency * scale)
    return Plan(start=up.start, row=up.row, to=up.to, at=np.minimum(at, np.nextafter(1.0, 0.0)), end=1.0)


def only(plan: Plan, kept: Ints) -> Plan:
    """Return the plan that stops at some of its moves only: `kept` are counts of moves, ascending; the others wait for the next."""
    counts = np.unique(np.append(kept, len(plan.at)))
    counts = counts[counts > 0]
    place = np.searchsorted(counts, np.arange(1, len(plan.at) + 1), side="left")
    return replace(plan, at=plan.at[counts - 1][place])


def drags(strategy: Strategy) -> str:
    """Return the knob of a batch method that moves queries, an empty string for any other strategy."""
    return strategy.drags if isinstance(strategy, BatchRouter) else ""
