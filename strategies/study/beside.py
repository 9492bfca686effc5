"""Two of a comparison beside each other, query by query: strategies, or a strategy and a single model, set for the same goal."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from data.problems import refuse
from strategies.frontiers.tune import Goal
from strategies.protocol import Bools, Doubles, Floats, Strategy
from strategies.study.compare_row import goal_beside, met, outcome
from strategies.study.compare_values import POINTS, Comparison
from strategies.study.curves import fitted, started
from strategies.study.prepare import Study
from strategies.uncertainty.versus import Versus, versus

MODEL = "model:"  # before a single model's name, where a strategy's id could stand too
_ALIKE = 1e-6  # of a quality: float32 sums in another order differ by this much


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Side:
    """One of the two, on the (n,) tested queries. met : whether its goal was met on calibrate; where not, it is the nearest there is."""

    id: str
    title: str
    quality: Floats
    cost: Floats
    met: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Queries of one task (or of all): on how many A is better than B, as good, worse; difference : mean of A's quality less B's."""

    task: str
    wins: int
    ties: int
    losses: int
    difference: float

    @property
    def queries(self) -> int:
        """How many there are."""
        return self.wins + self.ties + self.losses


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Beside:
    """A against B. found : A less B in quality and cost, with what can be said of it. whole : of all queries; tasks : the largest first."""

    a: Side
    b: Side
    found: Versus
    whole: Tally
    tasks: tuple[Tally, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which side is wanted: a strategy's id at a point of POINTS. model : whose cost or quality is to be met, "" = no model's."""

    id: str
    point: str
    model: str = ""


def model_of(identity: str) -> str:
    """Return the single model that an identity stands for, "" for a strategy's."""
    return identity.removeprefix(MODEL) if identity.startswith(MODEL) else ""


def asked(study: Study, pair: tuple[str, str], point: str) -> tuple[Asked, Asked]:
    """Return what is wanted of both: at equal cost or quality with a single model it is that one's; of two strategies the best one's.

    Raises ProblemError for a point that does not exist.
    """
    if point not in POINTS:
        raise refuse(f"{point!r} is no point to compare at.", f"Take one of {', '.join(POINTS)}.")
    first, second = (
        Asked(id=each, point=point, model="" if point == "at" else model_of(other) or study.best) for each, other in (pair, pair[::-1])
    )
    return first, second


def known(study: Study, now: Comparison, wanted: Asked) -> Side | None:
    """Return a side whose outcomes are there already: a single model's, or what its row keeps; None where it has to be fitted for that."""
    if model := model_of(wanted.id):
        tested = study.tested
        name = tested.cards[tested.index(model)].short
        return Side(id=wanted.id, title=name, quality=tested.quality(model), cost=tested.cost_usd(model))
    row = now.row(wanted.id)
    if row is None or wanted.point not in row.kept or wanted.model not in {"", study.best}:
        return None
    quality, cost = row.kept[wanted.point]
    point = getattr(row, wanted.point)
    return Side(id=row.id, title=row.title, quality=quality, cost=cost, met=point is None or point.met)


def measured(study: Study, kind: type[Strategy], wanted: Asked, *, keep: float) -> Side:
    """Return a strategy's side: fitted with its own default options, set on calibrate for the goal, its outcomes from test.

    keep : share of the best single model's quality that the point "at" keeps. What it raises is the caller's.
    """
    goal = Goal(keep=keep) if wanted.point == "at" else goal_beside(study, wanted.point, wanted.model or study.best)
    fit = started(fitted(study, kind()), goal)
    done = outcome(fit, "test")
    return Side(id=kind.card.id, title=kind.card.title, quality=done.quality, cost=done.cost, met=met(fit, goal))


def beside(study: Study, a: Side, b: Side, *, level: float = 0.95) -> Beside:
    """Return A against B on the study's tested queries, the mix of tasks kept; errors as for `versus`."""
    found = versus(a.quality, b.quality, a.cost, b.cost, level=level, strata=study.strata)
    gain = np.subtract(a.quality, b.quality, dtype=np.float64)
    tasks = sorted(_by_task(study, gain), key=lambda each: (-each.queries, each.task))
    return Beside(a=a, b=b, found=found, whole=_tally("", gain), tasks=tuple(tasks))


def _by_task(study: Study, gain: Doubles) -> Iterator[Tally]:
    names, codes = study.tested.queries.task_names, study.strata
    for code in () if codes is None else np.unique(codes):
        of_task: Bools = codes == code
        yield _tally(names[int(code)], gain[of_task])


def _tally(task: str, gain: Doubles) -> Tally:
    wins, losses = int((gain > _ALIKE).sum()), int((gain < -_ALIKE).sum())
    return Tally(task=task, wins=wins, ties=len(gain) - wins - losses, losses=losses, difference=float(gain.mean()))
