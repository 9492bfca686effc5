"""At which price the recommendation flips: exactly, because what a policy costs is a straight line in every price.

A policy's calls do not depend on prices once it is fitted, so its mean cost is a + b p in the price p of any model's tokens, hour or
whole bill. Which of several policies is recommended can change only where two of these lines meet, or one meets the budget: these
places are computed, not searched. A policy that looks at its own bill, or plans a budget, may change its calls with a price; that is
noticed, and said (`exact` is False).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

import numpy as np

from data.outcomes import OutcomeTable
from data.problems import ProblemError, refuse
from strategies.frontiers.tune import Goal
from strategies.metrics.saving import best_within, cheapest_reaching
from strategies.protocol import Doubles
from strategies.study.curves import Fitted
from strategies.study.prepare import Study
from strategies.whatif.change import Change
from strategies.whatif.measure import Outcome
from strategies.whatif.prices import BillFactor, HourPrice, TokenPrices
from strategies.whatif.replayed import Role, outcome
from strategies.whatif.scenario import Scenario, apply

Price: TypeAlias = Literal["bill", "input", "output", "hour"]
PRICES: tuple[Price, ...] = ("bill", "input", "output", "hour")
_NEAR = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One candidate: mean cost = at_zero + slope x price; its mean quality does not depend on prices."""

    name: str
    at_zero: float
    slope: float
    quality: float

    def cost(self, price: float) -> float:
        """Return the mean cost at a price."""
        return self.at_zero + self.slope * price


@dataclass(frozen=True, slots=True, kw_only=True)
class Flip:
    """At this price the recommendation becomes another one; beyond it, that one is `to` ("" = nobody meets the goal any more)."""

    price: float
    to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakEven:
    """How far a price can move before the recommendation flips.

    price : which one; now : what it is (a factor of 1 for a whole bill). recommended : at `now`, "" = no candidate meets the goal.
    down, up : the nearest flips below and above, None = never, down to a price of 0 and up without end.
    exact : False where a candidate's calls depend on the price, so that its cost is no straight line.
    """

    model: str
    price: Price
    now: float
    recommended: str
    down: Flip | None
    up: Flip | None
    lines: tuple[Line, ...]
    exact: bool = True

    @property
    def nearest(self) -> Flip | None:
        """The flip that is the smallest relative change away; None = never."""
        found = [flip for flip in (self.down, self.up) if flip is not None]
        return min(found, key=lambda flip: abs(math.log(max(flip.price, 1e-12) / max(self.now, 1e-12))), default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What is recommended: the cheapest with at least this mean quality, or the best within this mean cost. Give one of the two."""

    quality: float | None = None
    budget: float | None = None

    def __post_init__(self) -> None:
        if (self.quality is None) == (self.budget is None):
            raise refuse("a rule is either a quality to reach or a budget.", "Give quality=0.9 or budget=0.001.")

    def best(self, cost: Doubles, quality: Doubles) -> int | None:
        """Return the position of the recommended one of (k,) candidates; None where none meets the goal."""
        if self.quality is not None:
            return cheapest_reaching(cost, quality, self.quality, tolerance=_NEAR)
        return best_within(cost, quality, self.budget or 0.0)


def rule(goal: Goal, study: Study, scenario: Scenario | None = None, part: Role = "calibrate") -> Rule:
    """Return what a goal asks of means on one part: a share of the best single model's recorded quality there, or the budget.

    scenario : its mix of tasks counts, nothing else of it: what a model's outage does to the best one lowers no goal.
    """
    if goal.budget is not None:
        return Rule(budget=goal.budget)
    tables = [getattr(parts, part) for parts in study.parts]
    weights = [found for table in tables if scenario is not None and (found := scenario.weights(table)) is not None]
    each = np.concatenate(weights) if weights else None
    means = [np.average(np.concatenate([table.quality(m) for table in tables]), weights=each) for m in study.pool]
    return Rule(quality=(goal.keep or 0.0) * float(max(means)))


def flips(lines: Sequence[Line], wanted: Rule, now: float, *, low: float = 0.0, high: float = math.inf) -> tuple[Flip | None, Flip | None]:
    """Return the nearest flips below and above a price, exact for straight lines; None where there is none down to `low`, up to `high`.

    Candidates of unknown cost are never recommended. Complexity: k^2 crossings of k lines.
    """
    places = sorted({p for p in _crossings(lines, wanted) if low < p < high and math.isfinite(p)})
    first = _recommended(lines, wanted, now)

    def search(order: Sequence[float], end: float) -> Flip | None:
        for at, price in enumerate(order):
            beyond = order[at + 1] if at + 1 < len(order) else end
            middle = (price + beyond) / 2 if math.isfinite(beyond) else 2 * price + 1
            if (other := _recommended(lines, wanted, middle)) != first:
                return Flip(price=price, to=other)
        return None

    near = _NEAR * max(abs(now), 1e-12)
    return search([p for p in reversed(places) if p < now - near], low), search([p for p in places if p > now + near], high)


def _crossings(lines: Sequence[Line], wanted: Rule) -> list[float]:
    """Return every price at which two lines meet, or a line meets the budget."""
    pairs = [(a.at_zero - b.at_zero, b.slope - a.slope) for a, b in itertools.combinations(lines, 2)]
    if wanted.budget is not None:
        pairs += [(wanted.budget - line.at_zero, line.slope) for line in lines]
    return [rise / slope for rise, slope in pairs if slope != 0 and not math.isnan(rise + slope)]


def _recommended(lines: Sequence[Line], wanted: Rule, price: float) -> str:
    at = wanted.best(np.array([line.cost(price) for line in lines]), np.array([line.quality for line in lines]))
    return "" if at is None else lines[at].name


def break_even(
    candidates: Mapping[str, Fitted],
    model: str,
    wanted: Rule,
    *,
    price: Price = "bill",
    scenario: Scenario | None = None,
    part: Role = "calibrate",
) -> BreakEven:
    """Return at which price of a model the recommendation among several strategies flips, everything else as in the scenario.

    price : "bill" (a factor on everything the model charges), "input" or "output" (USD per million tokens), "hour" (USD an hour).
    part : whose queries count: a recommendation is chosen on calibrate, as thresholds are. Each strategy is replayed at three prices: two
    give its line, the third shows whether it is one. Raises ProblemError without candidates, or where the model has no such price.
    """
    if not candidates:
        raise refuse("there is nothing to recommend.", "Put a strategy into play.")
    base = scenario or Scenario()
    base = replace(base, refit=False)
    study = next(iter(candidates.values())).study
    now = current(apply(base, getattr(study.parts[0], part)), model, price)
    if math.isnan(now):
        raise refuse(f"{model} has no {_WORDS[price]} to move.", "Take its whole bill.", column=model)
    probes = (0.0, max(now, 1.0), 2 * max(now, 1.0))
    moved = [_at(base, model, price, probe) for probe in probes]
    lines, exact = [], True
    for name, fit in candidates.items():
        found = [outcome(fit, each, part=part) for each in moved]
        line, straight = _line(name, found, probes)
        lines.append(line)
        exact &= straight
    down, up = flips(lines, wanted, now)
    return BreakEven(
        model=model, price=price, now=now, recommended=_recommended(lines, wanted, now), down=down, up=up, lines=tuple(lines), exact=exact
    )


_WORDS = {"bill": "bill", "input": "price of a prompt token", "output": "price of a completion token", "hour": "price of an hour"}


def _line(name: str, found: Sequence[Outcome], probes: Sequence[float]) -> tuple[Line, bool]:
    cost = [each.mean("cost") for each in found]
    slope = (cost[2] - cost[0]) / (probes[2] - probes[0])
    middle = cost[0] + slope * (probes[1] - probes[0])
    same = bool(np.array_equal(found[0].called, found[2].called) and np.array_equal(found[0].called, found[1].called))
    straight = same and (math.isnan(middle) or math.isclose(cost[1], middle, rel_tol=1e-5, abs_tol=1e-15))
    return Line(name=name, at_zero=cost[0], slope=slope, quality=found[1].mean("quality")), straight


def current(table: OutcomeTable, model: str, price: Price) -> float:
    """Return a price of a model as a table has it: 1 for its whole bill; NaN where it has no such price."""
    card = table.cards[table.index(model)]
    if price == "bill":
        return 1.0 if table.has("cost_usd") else math.nan
    if price == "hour":
        return card.price_usd_per_hour if math.isnan(card.price_in_usd_per_mtok) else math.nan
    both = (card.price_in_usd_per_mtok, card.price_out_usd_per_mtok)
    tokens = table.column("tokens_in", model) + table.column("tokens_out", model)
    return both[price == "output"] if not math.isnan(sum(both)) and not np.isnan(tokens).all() else math.nan


def _at(base: Scenario, model: str, price: Price, value: float) -> Scenario:
    """Return the scenario with one price set; a factor on the whole bill multiplies what is assumed already."""
    if price == "bill":
        old = base.find(BillFactor, model)
        return base.put(BillFactor(model=model, factor=value * (old.factor if old else 1.0)))
    change: Change
    if price == "hour":
        change = HourPrice(model=model, usd=value)
    else:
        said = base.find(TokenPrices, model) or TokenPrices(model=model)
        change = replace(said, input=value) if price == "input" else replace(said, output=value)
    return base.put(change)


def movable(table: OutcomeTable, model: str) -> tuple[Price, ...]:
    """Return the prices of a model that can be moved."""
    found = []
    for price in PRICES:
        try:
            if not math.isnan(current(table, model, price)):
                found.append(price)
        except ProblemError:
            continue
    return tuple(found)
