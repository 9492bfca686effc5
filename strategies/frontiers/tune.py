"""Setting knobs on the calibrate part for a goal: never on test."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from data.outcomes import OutcomeTable
from data.problems import LeakError, refuse
from strategies.batch import drags
from strategies.frontiers.curve import Frontier, frontier
from strategies.knobs import turned, turns
from strategies.lagrangian import LambdaRouter
from strategies.protocol import Doubles, Strategy

S = TypeVar("S", bound=Strategy)
_GRID = {1: 1, 2: 24, 3: 8, 4: 5}  # knobs -> grid points for each but the last


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
    count = _GRID.get(len(names), 3)
    tried: list[tuple[S, Frontier]] = []
    for fixed in itertools.product(*[_quantiles(frontier(policy, part, name).setting, count) for name in names[:-1]]):
        candidate = policy
        for name, value in zip(names[:-1], fixed, strict=True):
            candidate = turned(candidate, name, float(value))
        tried.append((candidate, frontier(candidate, part, names[-1])))
    return [_best_tried(tried, part, goal, names[-1]) for goal in goals]


def _best_tried(tried: Sequence[tuple[S, Frontier]], part: OutcomeTable, goal: Goal, last: str) -> S:
    places = [pick(curve, part, goal) for _, curve in tried]
    worth = [_worth(curve, at, part, goal) for (_, curve), at in zip(tried, places, strict=True)]
    first = worth.index(max(worth))
    candidate, curve = tried[first]
    return turned(candidate, last, float(curve.setting[places[first]]))


def _quantiles(settings: Doubles, count: int) -> Doubles:
    return np.unique(settings[np.linspace(0, len(settings) - 1, count).round().astype(np.intp)])


def _worth(curve: Frontier, at: int, part: OutcomeTable, goal: Goal) -> tuple[bool, float, float]:
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


def pick(curve: Frontier, part: OutcomeTable, goal: Goal) -> int:
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
