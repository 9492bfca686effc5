"""Setting knobs on the calibrate part for a goal: never on test."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from data.outcomes import OutcomeTable
from data.problems import LeakError, refuse
from strategies.batch import drags
from strategies.frontiers.curve import Frontier, frontier
from strategies.frontiers.tried import Line, tried, with_settings
from strategies.knobs import turned, turns
from strategies.lagrangian import LambdaRouter
from strategies.protocol import Strategy

S = TypeVar("S", bound=Strategy)


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """What to reach on calibrate; give one of the two.

    keep : the least cost that keeps this share of the best single model's quality.
    budget : the best quality within this mean cost per query, in the table's cost unit.
    """

    keep: float | None = None
    budget: float | None = None

    def __post_init__(self) -> None:
        if (self.keep is None) == (self.budget is None):
            raise refuse("a goal is either a share of quality to keep or a budget.", "Give keep=0.98 or budget=0.001.")


def tune(policy: S, part: OutcomeTable, goal: Goal) -> S:
    """Return the policy with its sweepable knobs set for the goal.

    One knob is set exactly. Of several, the last is set exactly for every combination of the others on a grid of their
    own quantiles, then each is set exactly once more with the rest held. Raises LeakError on the test part.
    """
    return tune_each(policy, part, (goal,))[0]


def tune_each(policy: S, part: OutcomeTable, goals: Sequence[Goal]) -> tuple[S, ...]:
    """Return the policy tuned for each of several goals, as `tune` does for one; what is searched is swept once for all of them."""
    if part.role == "test":
        raise LeakError("thresholds are tuned on calibrate, never on test: give parts.calibrate.")
    names = [
        t.name
        for t in turns(policy)
        if t.cuts is not None
        or (isinstance(policy, LambdaRouter) and t.name == "lam")
        or t.knob.unit.startswith("share")
        or t.name == drags(policy)
    ]
    if not names:
        return (policy,) * len(goals)
    settled = []
    for goal, found in zip(goals, _searched(policy, part, goals, names), strict=True):
        tuned = found
        for name in names if len(names) > 1 else ():
            curve = frontier(tuned, part, name)
            tuned = turned(tuned, name, float(curve.setting[pick(curve, part, goal)]))
        settled.append(tuned)
    return tuple(settled)


def _searched(policy: S, part: OutcomeTable, goals: Sequence[Goal], names: list[str]) -> list[S]:
    lines = tried((policy,), (part,), names)
    return [_best_tried(policy, lines, part, goal, names) for goal in goals]


def _best_tried(policy: S, lines: Sequence[Line], part: OutcomeTable, goal: Goal, names: list[str]) -> S:
    places = [pick(line, part, goal) for line in lines]
    worth = [_worth(line, at, part, goal) for line, at in zip(lines, places, strict=True)]
    first = worth.index(max(worth))
    line = lines[first]
    return with_settings((policy,), names, (*line.held, float(line.setting[places[first]])))[0]


def _worth(curve: Frontier | Line, at: int, part: OutcomeTable, goal: Goal) -> tuple[bool, float, float]:
    """Return what to compare settings by: the goal met, then cheap (keep) or good (budget)."""
    quality = float(np.nan_to_num(curve.quality[at], nan=-np.inf))
    cost = float(np.nan_to_num(curve.cost_usd[at], nan=np.inf))
    if goal.keep is not None:
        met = quality >= goal.keep * _best(part)
        return met, -cost if met else quality, quality if met else -cost
    met = cost <= (goal.budget or 0.0)
    return met, quality if met else -cost, -cost


def _best(part: OutcomeTable) -> float:
    return max((q for q in part.mean("quality").values() if not np.isnan(q)), default=float("nan"))


def pick(curve: Frontier | Line, part: OutcomeTable, goal: Goal) -> int:
    """Return the position on a curve that meets the goal best.

    An unreachable share of quality falls back to the highest quality, an unreachable budget to the least cost.
    """
    quality = np.where(np.isnan(curve.quality), -np.inf, curve.quality)
    cost = np.where(np.isnan(curve.cost_usd), np.inf, curve.cost_usd)
    if goal.keep is not None:
        enough = quality >= goal.keep * _best(part)
        if enough.any():
            return int(np.lexsort((-quality, np.where(enough, cost, np.inf)))[0])
        return int(np.lexsort((cost, -quality))[0])
    inside = cost <= (goal.budget or 0.0)
    if inside.any():
        return int(np.lexsort((cost, np.where(inside, -quality, np.inf)))[0])
    return int(np.lexsort((-quality, cost))[0])
