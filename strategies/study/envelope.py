"""The best a strategy reaches at every budget: all its knobs set together on calibrate, shown on test.

A curve of one knob holds the others; to compare two strategies fairly, each may set all of its knobs anew at every budget.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from data.outcomes import OutcomeTable, Parts
from strategies.frontiers.curve import Frontier, frontier, own_curves, pooled
from strategies.frontiers.hull import hull
from strategies.knobs import setting, turned
from strategies.protocol import Doubles, Floats, Strategy
from strategies.study.curves import sweepable

MOST = 32  # vertices of an envelope; more don't move the line
_GRID = {1: 1, 2: 24, 3: 8, 4: 5}  # knobs -> grid points for each but the last, as in tuning
_Choice = tuple[tuple[float, ...], float]


@dataclass(frozen=True, eq=False, kw_only=True)
class Envelope:
    """V policies of one strategy, cost ascending on calibrate; between two neighbours one mixes at random.

    policies : with their knobs set. cost, quality : (V,) means on test, cost per query. per_query_cost, per_query_quality :
    (n, V) of the tested queries.
    """

    policies: tuple[Strategy, ...]
    cost: Doubles
    quality: Doubles
    per_query_cost: Floats
    per_query_quality: Floats

    def at(self, budgets: Doubles) -> Doubles:
        """Return the quality on test at (B,) mean costs per query: linear between vertices, flat beyond the ends."""
        return np.asarray(np.interp(budgets, spent(self.cost), self.quality))


def spent(cost: Doubles) -> Doubles:
    """Return what has to be spent for each vertex, (..., V) ascending.

    The order was chosen on calibrate; where test turns two neighbours' costs round, the dearer one's is what both cost.
    """
    return np.asarray(np.maximum.accumulate(cost, axis=-1))


def envelope(policy: Strategy, parts: Parts, *, most: int = MOST) -> Envelope:
    """Return the envelope of a fitted policy over all its knobs that have a curve: chosen on calibrate, shown on test.

    Not a hull of test points: which settings count was decided before, so the line is not flattered by the test queries.
    """
    return envelope_of((policy,), (parts,), most=most)


def envelope_of(policies: Sequence[Strategy], parts: Sequence[Parts], *, most: int = MOST) -> Envelope:
    """Return the envelope of one strategy fitted on every split: a policy for each, all with the same knobs set alike.

    Means are over the calibrate and the test queries of all splits; `policies` of the result are those of the first. The
    strategy needs a knob that has a curve.
    """
    names = sweepable(policies[0])
    calibrate, test = [each.calibrate for each in parts], [each.test for each in parts]
    chosen = _chosen(policies, calibrate, names, most)
    settled, columns = [], []
    for outer, settings in _grouped(chosen):
        held = _set(policies, names[:-1], outer)
        at = np.array(settings)
        curve = _curve(held, test, names[-1], at)
        columns.append((curve.per_query(at, "cost"), curve.per_query(at, "quality")))
        settled += [turned(held[0], names[-1], float(value)) for value in settings]
    cost, quality = (np.concatenate([pair[k] for pair in columns], axis=1) for k in range(2))
    means = cost.mean(axis=0, dtype=np.float64), quality.mean(axis=0, dtype=np.float64)
    order = [_place(settled, names, choice) for choice in chosen]
    return Envelope(
        policies=tuple(settled[i] for i in order), cost=means[0][order], quality=means[1][order], per_query_cost=cost[:, order],
        per_query_quality=quality[:, order],
    )  # fmt: skip


def _chosen(policies: Sequence[Strategy], parts: Sequence[OutcomeTable], names: tuple[str, ...], most: int) -> list[_Choice]:
    """Return the settings on the hull of everything that was tried on calibrate, cost ascending."""
    first = [frontier(policies[0], parts[0], name).setting for name in names[:-1]]
    count = _GRID.get(len(names), 3)
    grid = [np.unique(values[np.linspace(0, len(values) - 1, count).round().astype(np.intp)]) for values in first]
    tried: list[tuple[tuple[float, ...], Frontier]] = []
    for outer in itertools.product(*grid):
        held = tuple(float(value) for value in outer)
        tried.append((held, _curve(_set(policies, names[:-1], held), parts, names[-1])))
    cost = np.concatenate([curve.cost_usd for _, curve in tried])
    quality = np.concatenate([curve.quality for _, curve in tried])
    ends = np.cumsum([len(curve.setting) for _, curve in tried])
    vertices = hull(cost, quality)
    vertices = vertices[np.unique(np.linspace(0, len(vertices) - 1, most).round().astype(np.intp))]
    found = []
    for vertex in vertices:
        which = int(np.searchsorted(ends, vertex, side="right"))
        outer, curve = tried[which]
        found.append((outer, float(curve.setting[int(vertex) - (int(ends[which]) - len(curve.setting))])))
    return found


def _curve(policies: Sequence[Strategy], parts: Sequence[OutcomeTable], name: str, settings: Doubles | None = None) -> Frontier:
    """Return one knob's curve over the queries of all parts together, by default at every setting that changes anything on one of them."""
    if len(policies) == 1:
        return frontier(policies[0], parts[0], name, settings)
    pairs = list(zip(policies, parts, strict=True))
    if settings is None:
        settings = np.unique(np.concatenate([curve.setting for curve in own_curves(policies, parts, name)]))
    return pooled([frontier(policy, part, name, settings) for policy, part in pairs])


def _grouped(chosen: list[_Choice]) -> list[tuple[tuple[float, ...], list[float]]]:
    """Return the last knob's settings, ascending, for each setting of the others: one pass over the queries a group."""
    groups: dict[tuple[float, ...], list[float]] = {}
    for outer, last in chosen:
        groups.setdefault(outer, []).append(last)
    return [(outer, sorted(set(values))) for outer, values in groups.items()]


def _place(policies: list[Strategy], names: tuple[str, ...], choice: _Choice) -> int:
    wanted = (*choice[0], choice[1])
    return next(i for i, policy in enumerate(policies) if tuple(setting(policy, name) for name in names) == wanted)


def _set(policies: Sequence[Strategy], names: tuple[str, ...], values: tuple[float, ...]) -> tuple[Strategy, ...]:
    for name, value in zip(names, values, strict=True):
        policies = [turned(policy, name, value) for policy in policies]
    return tuple(policies)
