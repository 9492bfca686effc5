"""From a table as it was read to one on which strategies can be compared: which models, which queries, which cost, which split."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from data.audit.one_model_a_query import is_log
from data.outcomes import OutcomeTable, Parts
from data.problems import ProblemError, refuse
from data.splits import CROSS_FIT_BELOW, assigned, fold_of, folds, has_own, split
from strategies.frontiers.hull import hull
from strategies.protocol import Ints

LEAST_QUERIES = 20
CURVES_FROM = 100  # fewer tested queries are counted, not drawn as curves
_SEEN = 0.95
MOST_IN_PLAY = 12  # of more, those with the best value; the others can be chosen
WEIGHTS = "weights"  # the column of the problem that a page answers with a form


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """A model that is not in play, and why."""

    model: str
    reason: str


@dataclass(frozen=True, eq=False, kw_only=True)
class Study:
    """What a comparison rests on.

    table : the queries for which every model in play and its cost is known, the cost in `table.cost_unit`. whole : all of it.
    parts : one split, or five whose test parts cover every query once (`crossed`). rows : positions in `table` of the
    tested queries, in the order in which curves and runs list them.
    """

    whole: OutcomeTable
    table: OutcomeTable
    pool: tuple[str, ...]
    left_out: tuple[LeftOut, ...]
    parts: tuple[Parts, ...]
    rows: Ints
    seed: int
    assumed: bool

    @property
    def crossed(self) -> bool:
        """Whether every query is tested once by a policy that was fitted without it."""
        return len(self.parts) > 1

    @cached_property
    def tested(self) -> OutcomeTable:
        """The tested queries, in the order of curves and runs."""
        return self.table.take(self.rows, "test")

    @property
    def strata(self) -> Ints | None:
        """(N,) the task of each tested query, None where there are none: what intervals keep the mix of."""
        return self.tested.queries.tasks

    @property
    def coverage(self) -> float:
        """Share of the whole table's queries that the comparison rests on."""
        return len(self.table) / max(len(self.whole), 1)

    @cached_property
    def key(self) -> str:
        """Identity: data, models, cost, seed."""
        return f"{self.table.fingerprint}.{self.seed}"

    @property
    def drawable(self) -> bool:
        """Whether there are enough tested queries for curves."""
        return len(self.rows) >= CURVES_FROM

    @cached_property
    def best(self) -> str:
        """The best single model by the means of the fit parts, all of them where there are five: the reference of every gap."""
        return _best(self.parts)


def prepare(
    table: OutcomeTable,
    *,
    pool: Sequence[str] = (),
    weights: Mapping[str, float] | None = None,
    seed: int = 0,
) -> Study:
    """Return the study of a table: models in play, queries where all are known, cost or its stand-in, split.

    pool : models that the user wants in play; by default those with a price and (nearly) all answers.
    weights : relative prices typed by the user, used where no price in USD is known.
    """
    problem = incomparable(table)
    if problem is not None:
        raise problem
    costed = _costed(table, weights or {}, pool, seed)
    chosen, left_out = _pool(costed, pool)
    if len(chosen) < 2:
        raise refuse(
            f"only {len(chosen)} of {len(table.models)} models can be compared.",
            "Routing needs two: add a model or its price on the Data page.",
        )
    comparable = _ordered(costed.select(chosen).complete(costs=True))
    if len(comparable) < LEAST_QUERIES:
        raise refuse(
            f"only {len(comparable)} queries are known for all of {', '.join(chosen)}.",
            "Take models with more answers, or fewer models, into play.",
        )
    crossed = len(comparable) < CROSS_FIT_BELOW and not has_own(comparable)
    parts = folds(comparable, seed=seed) if crossed else (split(comparable, seed=seed),)
    return Study(
        whole=table, table=comparable, pool=comparable.models, left_out=left_out, parts=parts, rows=_tested(comparable, crossed, seed),
        seed=seed, assumed=comparable.cost_unit != "USD" or any(card.tier == "assumed" for card in comparable.cards),
    )  # fmt: skip


def incomparable(table: OutcomeTable) -> ProblemError | None:
    """Return why nothing can be compared on a table whatever it costs: no scores, one model a query, too little of it; else None."""
    if not table.has("quality"):
        return refuse(
            "nothing says which answers were right, so no strategy can be compared.",
            "Add scores to the calls, or references to score the answers against, and upload again. "
            "What the calls cost and how long they took is on the Data page.",
        )
    known = ~np.isnan(table.numbers["quality"])
    if is_log(table) and int((known.sum(axis=1) > 1).sum()) < LEAST_QUERIES:
        return refuse(
            "each query was answered by one model: what another would have answered is not known, so no strategy can be compared.",
            "Ask two or more models the same queries (on the Models page). What is known of each model is on the Data page.",
        )
    if len(table) < LEAST_QUERIES:
        return refuse(
            f"{len(table)} queries are too few to compare strategies.", f"Add queries: {LEAST_QUERIES} are the least, 1,000 are good."
        )
    if len(table.models) < 2:
        return refuse("there is one model only.", "Routing needs two: add a model's results.")
    return None


def rises_with_cost(study: Study) -> bool:
    """Whether the single models' mean quality rises with their mean cost on calibrate: what home may open with."""
    part = study.parts[0].calibrate
    cost, quality = part.mean("cost_usd"), part.mean("quality")
    ordered = [quality[m] for m in sorted(part.models, key=lambda m: cost[m])]
    return all(a < b for a, b in itertools.pairwise(ordered))


def _costed(table: OutcomeTable, weights: Mapping[str, float], pool: Sequence[str], seed: int) -> OutcomeTable:
    """Return the table with a cost: recorded or priced USD, else typed weights, else list prices as weights, else the share."""
    named = set(pool) or set(table.models)  # a price of a model that is not wanted is no price for those that are
    if sum(name in named and not np.isnan(cost) for name, cost in table.mean("cost_usd").items()) >= 2:
        return table
    given = {name: float(weights[name]) for name in table.models if name in weights and name in named}
    if len(given) >= 2:
        return table.relatively_priced(given)
    listed = {card.name: card.price_in_usd_per_mtok + card.price_out_usd_per_mtok for card in table.cards}
    listed = {name: price for name, price in listed.items() if name in named and not np.isnan(price)}
    if len(listed) >= 2:
        least = min(price for price in listed.values() if price > 0) if any(listed.values()) else 1.0
        return table.relatively_priced({name: price / least for name, price in listed.items()})
    if len(pool) > 2:  # for two there is the share; more need a scale
        raise refuse("no price is known for these models.", "Type what a call of each costs relative to the others.", column=WEIGHTS)
    pair = _pair(table, pool, seed)
    narrowed = table.select([m for m in table.models if m in pair]) if len(table.models) > len(pair) else table
    return narrowed.relatively_priced({pair[0]: 0.0, pair[1]: 1.0})


def _pair(table: OutcomeTable, pool: Sequence[str], seed: int) -> tuple[str, str]:
    """Return (weak, strong) by the fit part's means: of two named, or the best model and the one nearest to three quarters of it."""
    fit = table.take(assigned(table, seed=seed) == 0)
    quality = {m: q for m, q in fit.mean("quality").items() if not np.isnan(q)}
    named = [m for m in pool if m in quality] or list(quality)
    if len(named) < 2:
        raise refuse("there is only one model with known quality.", "Routing needs two: add a model's results.")
    strong = max(named, key=lambda m: quality[m])
    rest = [m for m in named if m != strong]
    weak = min(rest, key=lambda m: abs(quality[m] - 0.75 * quality[strong]))
    return weak, strong


def _pool(table: OutcomeTable, wanted: Sequence[str]) -> tuple[tuple[str, ...], tuple[LeftOut, ...]]:
    """Return the models in play and why the others are not."""
    coverage, cost = table.coverage(), table.mean("cost_usd")
    priced = {model: float(np.mean(~np.isnan(table.cost_usd(model)))) / max(coverage[model], 1e-9) for model in table.models}
    most = max(coverage.values(), default=0.0)
    kept: list[str] = []
    out: list[LeftOut] = []
    for model in table.models:
        if wanted and model not in wanted:
            out.append(LeftOut(model=model, reason="not chosen"))
        elif np.isnan(cost[model]):
            out.append(LeftOut(model=model, reason="no price known"))
        elif not wanted and coverage[model] < _SEEN * most:
            out.append(LeftOut(model=model, reason=f"seen on {coverage[model]:.0%} of the queries only"))
        elif not wanted and priced[model] < _SEEN:
            out.append(LeftOut(model=model, reason=f"its cost is known for {priced[model]:.0%} of its answers only"))
        else:
            kept.append(model)
    if not wanted and len(kept) > MOST_IN_PLAY:
        best = _best_value(table.select(kept))
        out += [LeftOut(model=model, reason="one of many: choose it to bring it into play") for model in kept if model not in best]
        kept = [model for model in kept if model in best]
    return tuple(kept), tuple(out)


def _best_value(table: OutcomeTable) -> frozenset[str]:
    """Return MOST_IN_PLAY models of many: those on the hull of the fit part first, then by their fit mean."""
    fit = table.take(assigned(table) == 0) if len(table) >= LEAST_QUERIES else table
    cost, quality = fit.mean("cost_usd"), fit.mean("quality")
    vertices = hull(np.array([cost[m] for m in fit.models]), np.array([quality[m] for m in fit.models]))
    first = [fit.models[int(v)] for v in vertices]
    rest = sorted((m for m in fit.models if m not in first), key=lambda m: -np.nan_to_num(quality[m], nan=-1.0))
    return frozenset([*first, *rest][:MOST_IN_PLAY])


def _ordered(table: OutcomeTable) -> OutcomeTable:
    """Return the table with its models cheap to dear, the order of every picture."""
    cost, quality = table.mean("cost_usd"), table.mean("quality")
    return table.select(sorted(table.models, key=lambda m: (cost[m], quality[m])))


def _tested(table: OutcomeTable, crossed: bool, seed: int) -> Ints:
    if crossed:
        return np.argsort(fold_of(table, seed=seed), kind="stable")
    return np.flatnonzero(assigned(table, seed=seed) == 2)


def _best(parts: tuple[Parts, ...]) -> str:
    def mean(name: str) -> dict[str, float]:
        means = [part.fit.mean(name) for part in parts]
        return {m: float(np.mean([each[m] for each in means])) for m in parts[0].fit.models}

    quality, cost = mean("quality"), mean("cost_usd")
    return max(quality, key=lambda m: (quality[m], -cost[m]))


def hull_models(study: Study) -> tuple[str, ...]:
    """Return at least two models worth chaining, cheap to dear: those on the hull of the fit part, ends always kept.

    Of more than three the two ends are taken, and the one that stands highest above the line between them.
    """
    fit = study.parts[0].fit
    cost = np.array([fit.mean("cost_usd")[m] for m in fit.models])
    quality = np.array([fit.mean("quality")[m] for m in fit.models])
    vertices = [int(v) for v in hull(cost, quality)]
    if len(vertices) < 2:
        vertices = (
            sorted({vertices[0], int(np.argmax(cost))}) if vertices[0] != int(np.argmax(cost)) else [int(np.argmin(cost)), vertices[0]]
        )
    if len(vertices) > 3:
        ends = vertices[0], vertices[-1]
        chord = np.interp(cost[vertices], cost[list(ends)], quality[list(ends)])
        vertices = [ends[0], vertices[int(np.argmax(quality[vertices] - chord))], ends[1]]
    return tuple(fit.models[v] for v in vertices)


def rising_pool(study: Study) -> tuple[str, ...]:
    """Return all models in play if their means rise with cost on calibrate, else the largest part of them for which they do."""
    if rises_with_cost(study):
        return study.pool
    part = study.parts[0].calibrate
    cost, quality = part.mean("cost_usd"), part.mean("quality")
    ordered = sorted(part.models, key=lambda m: cost[m])
    longest: dict[str, tuple[str, ...]] = {}
    for model in ordered:
        before = [longest[m] for m in longest if quality[m] < quality[model]]
        longest[model] = (*max(before, key=len, default=()), model)
    return max(longest.values(), key=len)
