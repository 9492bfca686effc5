"""The plane of one study in outline: single models, blind mixing, the oracle, and what a cascade and a router reach at every budget."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from data.outcomes import Parts
from strategies.baselines.oracle import Oracle
from strategies.engines.loop import replay
from strategies.frontiers.hull import hull
from strategies.protocol import Doubles, Ints, Strategy
from strategies.registry import find
from strategies.study.envelope import Envelope, envelope, spent
from strategies.study.prepare import Study
from strategies.uncertainty.bootstrap import interval, intervals, weights

RESAMPLES = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """One point with the 95 % interval of its quality. cost : mean per query in the study's unit."""

    id: str
    name: str
    cost: float
    quality: float
    low: float
    high: float


@dataclass(frozen=True, eq=False, kw_only=True)
class Line:
    """One strategy at every budget, (V,) cost ascending: mean cost per query and quality on test, 95 % interval of the quality.

    chain : the models that a cascade asks, in order; empty for a router.
    """

    id: str
    title: str
    chain: tuple[str, ...]
    cost: Doubles
    quality: Doubles
    low: Doubles
    high: Doubles


@dataclass(frozen=True, eq=False, kw_only=True)
class Outline:
    """What a picture of a study shows. models : cheap to dear; zero : (cost, quality) of blind mixing.

    tested, known, whole : how many queries are shown, how many every model answered, and how many there are.
    """

    models: tuple[Spot, ...]
    oracle: Spot
    zero: tuple[Doubles, Doubles]
    lines: tuple[Line, ...]
    best: str
    tested: int
    known: int
    whole: int
    cost_unit: str

    def name_of(self, model: str) -> str:
        """Return a model's short name."""
        return next((spot.name for spot in self.models if spot.id == model), model)


def outline(study: Study, strategies: Mapping[str, Mapping[str, Any]]) -> Outline:
    """Return the outline of a study with one split: fitted on fit, chosen on calibrate, shown on test.

    strategies : id -> options of each that is drawn.
    """
    parts, tested = study.parts[0], study.tested
    lines = [_line(find(name)(**options).fit(parts.fit), parts) for name, options in strategies.items()]
    models = tuple(
        _spot(model, tested.cards[m].short, tested.quality(m), tested.cost_usd(m), study.strata) for m, model in enumerate(study.pool)
    )  # fmt: skip
    run = replay(Oracle(), tested)
    cost, quality = np.array([spot.cost for spot in models]), np.array([spot.quality for spot in models])
    vertices = hull(cost, quality)
    bound = _spot("oracle", Oracle.card.title, run.quality, run.cost_usd, study.strata)
    return Outline(
        models=models, oracle=bound, zero=(cost[vertices], quality[vertices]),
        lines=tuple(lines), best=study.best, tested=len(tested), known=len(study.table), whole=len(study.whole),
        cost_unit=study.table.cost_unit,
    )  # fmt: skip


def _spot(identity: str, name: str, quality: Any, cost: Any, strata: Ints | None) -> Spot:
    seen = interval(quality, strata=strata)
    return Spot(id=identity, name=name, cost=float(np.mean(cost, dtype=np.float64)), quality=seen.mean, low=seen.low, high=seen.high)


def _line(policy: Strategy, parts: Parts) -> Line:
    reached: Envelope = envelope(policy, parts)
    low, high = intervals(reached.per_query_quality, w=weights(len(parts.test), resamples=RESAMPLES, strata=parts.test.queries.tasks))
    return Line(
        id=policy.card.id, title=policy.card.title, chain=tuple(policy.settings().get("chain", ())), cost=spent(reached.cost),
        quality=reached.quality, low=low, high=high,
    )  # fmt: skip
