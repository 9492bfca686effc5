"""The best a strategy reaches at every budget: all its knobs set together on calibrate, shown on test.

A curve of one knob holds the others; to compare two strategies fairly, each may set all of its knobs anew at every budget.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from data.outcomes import OutcomeTable, Parts
from strategies.frontiers.hull import hull
from strategies.frontiers.tried import over_all, tried, with_settings
from strategies.knobs import setting, turned
from strategies.protocol import Doubles, Floats, Strategy
from strategies.study.curves import sweepable

MOST = 32  # vertices of an envelope; more don't move the line
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
        held = with_settings(policies, names, outer)
        at = np.array(settings)
        curve = over_all(held, test, names[-1], at)
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
    lines = tried(policies, parts, names)
    cost = np.concatenate([line.cost_usd for line in lines])
    quality = np.concatenate([line.quality for line in lines])
    ends = np.cumsum([len(line.setting) for line in lines])
    vertices = hull(cost, quality)
    vertices = vertices[np.unique(np.linspace(0, len(vertices) - 1, most).round().astype(np.intp))]
    found = []
    for vertex in vertices:
        which = int(np.searchsorted(ends, vertex, side="right"))
        line = lines[which]
        found.append((line.held, float(line.setting[int(vertex) - (int(ends[which]) - len(line.setting))])))
    return found


def _grouped(chosen: list[_Choice]) -> list[tuple[tuple[float, ...], list[float]]]:
    """Return the last knob's settings, ascending, for each setting of the others: one pass over the queries a group."""
    groups: dict[tuple[float, ...], list[float]] = {}
    for outer, last in chosen:
        groups.setdefault(outer, []).append(last)
    return [(outer, sorted(set(values))) for outer, values in groups.items()]


def _place(policies: list[Strategy], names: tuple[str, ...], choice: _Choice) -> int:
    wanted = (*choice[0], choice[1])
    return next(i for i, policy in enumerate(policies) if tuple(setting(policy, name) for name in names) == wanted)
