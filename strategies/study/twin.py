"""How well a simulated twin reproduces a recorded set's cost-quality curves: its curves against the recorded ones' 95 % bands."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from data.outcomes import OutcomeTable
from data.problems import ProblemError
from data.simulator import simulate
from data.simulator.knowledge import confidence_of, foresight_of
from data.simulator.twin import Twin, twin
from data.splits import folds, shuffled
from strategies.cascades.margin import MarginCascade
from strategies.engines.loop import replay
from strategies.frontiers.curve import Frontier, frontier
from strategies.frontiers.hull import hull, hull_at
from strategies.protocol import Doubles, Floats, Strategy
from strategies.routers.foreseen import FEATURE, ForeseenRouter
from strategies.study.prepare import Study, hull_models
from strategies.uncertainty.bootstrap import MANY, weights
from strategies.uncertainty.interval import tails

SIGNAL = "confidence"
PLACES = 41  # costs at which curves are compared
RESAMPLES = 400
TWIN_QUERIES = 30_000  # the twin's own noise is then a small part of any band
_SETTINGS = 160


@dataclass(frozen=True, eq=False, kw_only=True)
class Likeness:
    """One recorded curve beside its twin's, at G costs (the table's unit, ascending).

    name : in words. kind : "single models", "cascade", "routing" or "oracle" (a bound). recorded, low, high, twin : (G,) quality; low and
    high are the recorded curve's 95 % bootstrap band, point by point.
    """

    name: str
    kind: str
    cost: Doubles
    recorded: Doubles
    low: Doubles
    high: Doubles
    twin: Doubles

    @property
    def inside(self) -> float:
        """Share of the costs at which the twin lies within the band."""
        return float(np.mean(self._outside <= 0))

    @property
    def excess(self) -> float:
        """The largest distance from the band, in quality; 0 if the twin never leaves it."""
        return float(max(self._outside.max(), 0.0))

    @property
    def at(self) -> float:
        """The cost at which the twin lies farthest from the band; NaN if it never leaves it."""
        return float(self.cost[int(np.argmax(self._outside))]) if self.excess > 0 else float("nan")

    @property
    def _outside(self) -> Doubles:
        rounding = 1e-9
        return np.maximum(self.low - self.twin, self.twin - self.high) - rounding

    def words(self, unit: str) -> str:
        """Return how alike the two are, in one sentence."""
        if self.excess <= 0:
            return f"{self.name}: within the recorded curve's 95 % band everywhere."
        return (
            f"{self.name}: within the band at {self.inside:.0%} of the costs; farthest from it, by {100 * self.excess:.1f} points, "
            f"at a cost of {self.at:.3g} {unit}."
        )


@dataclass(frozen=True, eq=False, kw_only=True)
class Fidelity:
    """A study's twin and how like it is. unit : what costs are counted in."""

    twin: Twin
    likenesses: tuple[Likeness, ...]
    unit: str

    @property
    def inside(self) -> float:
        """Share of all compared places at which the twin lies within the recorded band."""
        return float(np.mean([each.inside for each in self.likenesses]))

    @property
    def faithful(self) -> bool:
        """Whether no curve leaves its band."""
        return all(each.excess <= 0 for each in self.likenesses)

    def words(self) -> tuple[str, ...]:
        """Return one sentence a curve, and what isn't known of the set."""
        said = tuple(each.words(self.unit) for each in self.likenesses)
        return said + tuple(f"Assumed: {note}." for note in self.twin.notes)


def compare(study: Study, *, seed: int = 0) -> Fidelity:
    """Return the twin of a study's table and its likeness: single models, cascades, routing on foresight and the oracle.

    Confidence is what the cascades of this project would use: the recorded signal, else one predicted from texts, out of sample.
    Foresight is a cross-fitted forecast from prompt, embedding or task.
    """
    chain, words = hull_models(study), _features(study.table)
    # Hashed once, not for every fold.
    known = _confidence(study, study.table if words is None else study.table.with_feature("text", words), chain)
    ahead = foresight_of(study.table, words)
    found = twin(study.table, confidence=known, foresight=ahead, seed=seed)
    made = simulate(replace(found.world, n=TWIN_QUERIES))
    recorded = _informed(study.table, known, ahead)
    both = (recorded, made)
    likenesses = [_hulls(recorded, made)]
    for name, kind, policy in _policies(study, chain, known):
        if kind == "routing" and np.isnan(ahead).any():
            continue
        curves = [_curve(policy, _bound(table) if kind == "oracle" else table) for table in both]
        likenesses.append(_likeness(name, kind, *curves))
    return Fidelity(twin=found, likenesses=tuple(likenesses), unit=study.table.cost_unit)


def _curve(policy: Strategy, table: OutcomeTable) -> Frontier:
    """Return the curve over all of a table; what a router learns of it is mean costs only, a cascade on a named signal learns nothing."""
    return frontier(policy.fit(table) if isinstance(policy, ForeseenRouter) else policy, table)


def _policies(study: Study, chain: tuple[str, ...], known: Doubles) -> list[tuple[str, str, Strategy]]:
    """Return (name, kind, policy) of what is compared: cascades of neighbours among the chain and of its ends, routing, the oracle."""
    short = {card.name: card.short for card in study.table.cards}
    pairs = list(dict.fromkeys([*itertools.pairwise(chain), (chain[0], chain[-1])]))
    found: list[tuple[str, str, Strategy]] = [
        (f"Cascade {short[cheap]} → {short[dear]}", "cascade", MarginCascade(chain=(cheap, dear), signal=SIGNAL))
        for cheap, dear in pairs
        if not np.isnan(known[:, study.table.index(cheap)]).any()
    ]
    return [*found, ("Routing on foresight", "routing", ForeseenRouter()), ("Oracle within a budget", "oracle", ForeseenRouter())]


def _features(table: OutcomeTable) -> Floats | None:
    if "embedding" in table.features or table.queries.prompts is None:
        return None
    from strategies.predictors.text import text_features

    return text_features(table)


def _confidence(study: Study, table: OutcomeTable, chain: tuple[str, ...]) -> Doubles:
    """Return (n, M) what cascades along the chain would compare with their thresholds, each query's from a fit without it.

    Of the other models, which no threshold meets, their best recorded signal; NaN where there is nothing to be confident from.
    """
    found = np.full((len(table), len(table.models)), np.nan)
    place = {identity: at for at, identity in enumerate(table.queries.ids.to_list())}
    for part in folds(table, seed=study.seed):
        try:
            policy = MarginCascade(chain=chain, thresholds=(1.01,) * (len(chain) - 1)).fit(part.fit)
        except ProblemError:  # nothing to predict from: the twin is told so
            break
        run = replay(policy, part.test)
        rows = [place[identity] for identity in part.test.queries.ids.to_list()]
        for stage, name in enumerate(chain[:-1]):
            found[rows, table.index(name)] = np.clip(run.score(stage + 1), 0, 1)
    silent = np.isnan(found).all(axis=0)
    found[:, silent] = confidence_of(table)[:, silent]
    return found


def _informed(table: OutcomeTable, known: Doubles, ahead: Doubles) -> OutcomeTable:
    """Return the table with confidence as a signal and foresight as features."""
    table = table.with_signal(SIGNAL, known.astype(np.float32))
    for m, name in enumerate(table.models):
        table = table.with_feature(FEATURE + name, ahead[:, m : m + 1].astype(np.float32))
    return table


def _bound(table: OutcomeTable) -> OutcomeTable:
    """Return the table foreseeing its own qualities: routing on it is the oracle within a budget, a bound and never a strategy."""
    for m, name in enumerate(table.models):
        table = table.with_feature(FEATURE + name, table.numbers["quality"][:, m : m + 1])
    return table


def _likeness(name: str, kind: str, real: Frontier, copy: Frontier) -> Likeness:
    settings = real.setting[np.unique(np.linspace(0, len(real.setting) - 1, _SETTINGS).round().astype(np.intp))]
    quality, cost = (real.per_query(settings, field).astype(np.float32) for field in ("quality", "cost"))
    grid = np.linspace(float(np.nanmin(real.cost_usd)), float(np.nanmax(real.cost_usd)), PLACES)
    low, high = _band(quality, cost, lambda c, q: _at(grid, c, q))
    recorded = _at(grid, real.cost_usd, real.quality)
    return Likeness(name=name, kind=kind, cost=grid, recorded=recorded, low=low, high=high, twin=_at(grid, copy.cost_usd, copy.quality))


def _hulls(recorded: OutcomeTable, made: OutcomeTable) -> Likeness:
    """Return the likeness of the best that mixing single models can do (the Zero router of RouterBench, arXiv 2403.12031)."""
    quality, cost = recorded.numbers["quality"], recorded.numbers["cost_usd"]
    means = cost.mean(axis=0, dtype=np.float64)
    grid = np.linspace(float(means.min()), float(means.max()), PLACES)

    def mixed(c: Doubles, q: Doubles) -> Doubles:
        at = hull(c, q)
        return hull_at(np.maximum(grid, c[at].min()), c[at], q[at])

    low, high = _band(quality, cost, mixed)
    own = [values.mean(axis=0, dtype=np.float64) for values in (made.numbers["cost_usd"], made.numbers["quality"])]
    return Likeness(
        name="Mixing single models", kind="single models", cost=grid, recorded=mixed(means, quality.mean(axis=0, dtype=np.float64)),
        low=low, high=high, twin=mixed(*own),
    )  # fmt: skip


def _at(grid: Doubles, cost: Doubles, quality: Doubles) -> Doubles:
    order = np.argsort(cost, kind="stable")
    return np.asarray(np.interp(grid, cost[order], quality[order]))


def _band(quality: Floats, cost: Floats, curve: Callable[[Doubles, Doubles], Doubles]) -> tuple[Doubles, Doubles]:
    """Return (G,) ends of the 95 % band of a curve through (n, S) outcomes: the whole curve is drawn anew from each resample."""
    if len(quality) > MANY:  # a band of fewer queries is wider, never too narrow
        rows = np.argsort(shuffled(np.arange(len(quality), dtype=np.uint64), 0))[:MANY]
        quality, cost = quality[rows], cost[rows]
    counts: Any = weights(len(quality), resamples=RESAMPLES)
    share = counts.astype(np.float32) / len(quality)
    drawn = [curve(c, q) for c, q in zip((share @ cost).astype(np.float64), (share @ quality).astype(np.float64), strict=True)]
    low, high = np.quantile(np.array(drawn), tails(0.95), axis=0)
    return low, high
