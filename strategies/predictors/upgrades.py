"""Upgrades that a budget buys, dearest quality last: each query walks up the hull of its models' (cost, quality)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from strategies.knobs import knob
from strategies.protocol import Doubles, Ints

_SAME = 1e-9  # efficiencies closer than this (relative) are one line: go straight to its end


def share_to_spend(title: str) -> Any:
    """Return the declaration of a budget that lies between the cheapest assignment, 0, and every upgrade that promises anything, 1."""
    return knob(
        0.5, low=0, high=1, unit="share of the cost range", title=title,
        help="Where to spend between all queries at their cheapest model and every upgrade that promises anything.",
        higher="spends more: dearer, usually better",
    )  # fmt: skip


@dataclass(frozen=True, eq=False, kw_only=True)
class Climb:
    """Every upgrade worth its money, best first. start : (n,) the model at which each query begins, its cheapest.

    Upgrade j, of U, takes query row[j] to model to[j] for extra[j] more cost and gain[j] more quality, at efficiency[j] = gain
    per cost, falling; those of one query in the order of its hull. first : mean cost and quality at the start over the `known`
    queries, those that have a choice.
    """

    start: Ints
    row: Ints
    to: Ints
    efficiency: Doubles
    extra: Doubles
    gain: Doubles
    first: tuple[float, float]
    known: int

    @property
    def spent(self) -> Doubles:
        """(U + 1,) mean cost before any upgrade and after each, rising."""
        return self.first[0] + np.append(0.0, np.cumsum(self.extra)) / self.known

    @property
    def reached(self) -> Doubles:
        """(U + 1,) mean quality before any upgrade and after each, rising."""
        return self.first[1] + np.append(0.0, np.cumsum(self.gain)) / self.known

    def models(self, count: int) -> Ints:
        """(n,) whom each query gets after so many upgrades."""
        chosen = self.start.copy()
        chosen[self.row[:count]] = self.to[:count]  # of several upgrades of one query the last stays
        return chosen


def climb(quality: Doubles, cost: Doubles) -> Climb:
    """Return all upgrades of (n, M) expectations, best dq / dc first; NaN = no choice; a query without any stays at the first model.

    Any number of them, taken in this order, is the assignment with the most quality for its money: the greedy rule of a mean
    budget, and the solution of the linear program up to the one query that a budget splits.
    """
    usable = ~(np.isnan(quality) | np.isnan(cost))
    q, c = np.where(usable, quality, -np.inf), np.where(usable, cost, np.inf)
    index = np.flatnonzero(usable.any(axis=1))
    cheap = c <= c.min(axis=1, keepdims=True)
    start = np.where(cheap, q, -np.inf).argmax(axis=1)
    known, now, rate = max(len(index), 1), start.copy(), np.full(len(q), np.inf)
    first = float(c[index, now[index]].sum() / known), float(q[index, now[index]].sum() / known)
    none = np.empty(0)
    taken: list[tuple[Ints, Ints, Doubles, Doubles, Doubles]] = [(none.astype(np.intp), none.astype(np.intp), none, none, none)]
    while len(index):
        here = now[index]
        with np.errstate(invalid="ignore"):
            dearer = c[index] - c[index, here][:, None]
            gain = q[index] - q[index, here][:, None]
        up = usable[index] & (dearer > 0) & (gain > 0)
        worth = np.divide(gain, dearer, out=np.full_like(gain, -np.inf), where=up)
        best = worth.max(axis=1)
        to = np.where(up & (worth >= best[:, None] * (1 - _SAME)), dearer, -np.inf).argmax(axis=1)
        moving = np.flatnonzero(best > 0)
        index, to = index[moving], to[moving]
        rate[index] = np.minimum(rate[index], best[moving])  # rounding must not turn two upgrades of one query round
        taken.append((index, to, rate[index], dearer[moving, to], gain[moving, to]))
        now[index] = to
    row, target, efficiency, extra, gained = (np.concatenate(parts) for parts in zip(*taken, strict=True))
    order = np.argsort(-efficiency, kind="stable")
    return Climb(
        start=start, row=row[order], to=target[order], efficiency=efficiency[order], extra=extra[order], gain=gained[order],
        first=first, known=known,
    )  # fmt: skip


def upgrades(quality: Doubles, cost: Doubles) -> tuple[float, Doubles, Doubles]:
    """Return what all queries at their cheapest model cost (mean), then every upgrade's efficiency and the mean cost after it.

    quality, cost : (n, M) expectations, NaN = no choice. efficiency : (U,) quality per cost, falling; spent : (U,) rising.
    Taking upgrades in this order is the greedy rule, and exact for a mean budget up to the one query that it splits.
    """
    found = climb(quality, cost)
    return found.first[0], found.efficiency, found.spent[1:]


def price_at(budget: float, start: float, efficiency: Doubles, spent: Doubles) -> float:
    """Return the price of quality (lambda) at which the upgrades within a mean budget are taken and no others; inf = none is."""
    bought = int(np.searchsorted(spent, budget * (1 + _SAME) if budget > start else -np.inf, side="right"))
    if not bought:
        return float("inf")
    if bought == len(efficiency):
        return float(efficiency[-1]) / 2
    return float(np.sqrt(efficiency[bought - 1] * efficiency[bought]))
