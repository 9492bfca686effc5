"""What is looked at when several knobs are set together: the last at every setting, the others on a grid of their own quantiles.

Where the last two knobs are thresholds of one cascade, all of their pairs are one grid (`strategies.frontiers.grid`), else each setting of
the others has a curve of the last.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from data.outcomes import OutcomeTable
from strategies.frontiers.bins import cutting
from strategies.frontiers.curve import Frontier, frontier, own_curves, pooled
from strategies.frontiers.grid import Grid, grid
from strategies.knobs import turn, turned
from strategies.protocol import Doubles, Strategy

S = TypeVar("S", bound=Strategy)
_GRID = {1: 1, 2: 24, 3: 8, 4: 5}  # knobs -> grid points for each but the last


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Line:
    """The last knob at K ascending settings, the others held: held is their values. quality, cost_usd : (K,) means."""

    held: tuple[float, ...]
    setting: Doubles
    quality: Doubles
    cost_usd: Doubles


def tried(policies: Sequence[Strategy], parts: Sequence[OutcomeTable], names: Sequence[str]) -> list[Line]:
    """Return a line for each setting of all knobs but the last, over the queries of all parts together.

    policies : one for each part, alike but for what they have learnt. names : the knobs, the last one is set at every setting.
    """
    count = _GRID.get(len(names), 3)
    axes = [_quantiles(frontier(policies[0], parts[0], name).setting, count) for name in names[:-1]]
    both = {names[-2], names[-1]} <= set(cutting(policies[0])) if len(names) > 1 else False
    lines = []
    for outer in itertools.product(*(axes[:-1] if both else axes)):
        held = tuple(float(value) for value in outer)
        fixed = with_settings(policies, names, held)
        lines += _pairs(fixed, parts, (names[-2], names[-1]), axes[-1], held) if both else [_line(fixed, parts, names[-1], held)]
    return lines


def over_all(policies: Sequence[Strategy], parts: Sequence[OutcomeTable], name: str, settings: Doubles | None = None) -> Frontier:
    """Return one knob's curve over the queries of all parts together, by default at every setting that changes anything on one of them."""
    if len(policies) == 1:
        return frontier(policies[0], parts[0], name, settings)
    if settings is None:
        settings = np.unique(np.concatenate([curve.setting for curve in own_curves(policies, parts, name)]))
    return pooled([frontier(policy, part, name, settings) for policy, part in zip(policies, parts, strict=True)])


def with_settings(policies: Sequence[S], names: Sequence[str], values: Sequence[float]) -> tuple[S, ...]:
    """Return the policies with the first of these knobs set; values : one for each knob that is."""
    for name, value in zip(names, values, strict=False):
        policies = [turned(policy, name, value) for policy in policies]
    return tuple(policies)


def _line(policies: Sequence[Strategy], parts: Sequence[OutcomeTable], name: str, held: tuple[float, ...]) -> Line:
    curve = over_all(policies, parts, name)
    return Line(held=held, setting=curve.setting, quality=curve.quality, cost_usd=curve.cost_usd)


def _pairs(
    policies: Sequence[Strategy], parts: Sequence[OutcomeTable], names: tuple[str, str], values: Doubles, held: tuple[float, ...]
) -> list[Line]:
    """Return a line of the second threshold for each value of the first."""
    first = turn(policies[0], names[0])
    most = float(values[-1]) if first.knob.high == "data" else float(first.knob.high)
    pairs = list(zip(policies, parts, strict=True))
    # All that comes to the second threshold at any value of the first comes there where the first lets most go on.
    settings = np.unique(np.concatenate([frontier(turned(policy, names[0], most), part, names[1]).setting for policy, part in pairs]))
    grids = [grid(policy, part, names, (values, settings), keep=False) for policy, part in pairs]
    quality, cost = _mean(grids, "quality"), _mean(grids, "cost_usd")
    if grids[0].knobs != names:  # a grid has the earlier stage first
        quality, cost = quality.T, cost.T
    return [Line(held=(*held, float(value)), setting=settings, quality=quality[i], cost_usd=cost[i]) for i, value in enumerate(values)]


def _mean(grids: Sequence[Grid], name: str) -> Doubles:
    total = sum(each.n for each in grids)
    return np.asarray(sum(each.n / total * getattr(each, name) for each in grids))


def _quantiles(settings: Doubles, count: int) -> Doubles:
    return np.unique(settings[np.linspace(0, len(settings) - 1, count).round().astype(np.intp)])
