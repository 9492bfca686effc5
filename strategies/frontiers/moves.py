"""How every query's outcome changes as one knob is turned: exact curves, exact shares, per-query values for intervals.

A knob's whole effect is a list of moves: at a setting, a query goes from one outcome to another. One sort and cumulative
sums then give the policy at every setting.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from strategies.protocol import Bools, Doubles, Floats, Ints

FIELDS = ("quality", "cost", "latency")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcomes:
    """k outcomes: quality, cost, latency (k,) float, NaN = unknown; answer (k,) model; called (k, M) booleans."""

    quality: Floats
    cost: Floats
    latency: Floats
    answer: Ints
    called: Bools


@dataclass(frozen=True, eq=False, kw_only=True)
class Moves:
    """start : outcomes of the n queries below every setting. Move j takes query row[j] from before[j] to after[j].

    It has happened at a setting s iff at[j] < s (`inclusive`: at[j] <= s).
    """

    start: Outcomes
    row: Ints
    at: Doubles
    before: Outcomes
    after: Outcomes
    inclusive: bool = False

    @property
    def n(self) -> int:
        """How many queries."""
        return len(self.start.quality)

    def sums(self, setting: Doubles) -> dict[str, Doubles]:
        """Return (K,) float64 means of quality, cost, latency at each setting; NaN where any query's value is unknown."""
        order, done = self._order, self._done(setting)
        means = {}
        for name in FIELDS:
            first, a, b = (getattr(o, name).astype(np.float64) for o in (self.start, self.before, self.after))
            value = _running(_zero(first).sum(), (_zero(b) - _zero(a))[order])[done]
            holes = [np.isnan(values) for values in (first, a, b)]
            if any(hole.any() for hole in holes):
                unknown = _running(holes[0].sum(), (holes[2].astype(np.int64) - holes[1])[order])[done]
                value[unknown > 0] = np.nan
            means[name] = value / max(self.n, 1)
        return means

    def shares(self, setting: Doubles) -> tuple[Floats, Floats]:
        """Return answered and called, each (M, K): share of queries by model at each setting."""
        order, done = self._order, self._done(setting)
        count = self.start.called.shape[1]
        answered, called = np.empty((count, len(setting)), np.float32), np.empty((count, len(setting)), np.float32)
        for m in range(count):
            parts = (
                (o.answer == m for o in (self.start, self.before, self.after)),
                (o.called[:, m] for o in (self.start, self.before, self.after)),
            )
            for shares, (first, a, b) in zip((answered, called), parts, strict=True):
                share = _running(int(first.sum()), (b.astype(np.int64) - a)[order])[done] if (a != b).any() else first.sum()
                shares[m] = share / max(self.n, 1)
        return answered, called

    def per_query(self, setting: Doubles, name: str) -> Floats:
        """Return (n, K) one field of every query at each setting, for bootstrap bands; K should be small."""
        first = getattr(self.start, name).astype(np.float32)
        values = np.repeat(first[:, None], len(setting), axis=1)
        side: Literal["left", "right"] = "left" if self.inclusive else "right"
        begin = np.searchsorted(setting, self.at, side=side)
        columns = np.arange(len(setting))
        after = getattr(self.after, name).astype(np.float32)
        for moves in self._rounds():
            rows = self.row[moves]
            happened = columns[None, :] >= begin[moves][:, None]
            values[rows] = np.where(happened, after[moves][:, None], values[rows])
        return values

    def _rounds(self) -> list[Ints]:
        """Return the moves grouped so that each group has at most one a query, in the order in which they happen."""
        order = np.lexsort((self.at, self.row))
        rows = self.row[order]
        first = np.concatenate([[True], rows[1:] != rows[:-1]]) if len(rows) else np.empty(0, np.bool_)
        starts = np.flatnonzero(first)
        rank = np.arange(len(rows)) - np.repeat(starts, np.diff(np.append(starts, len(rows))))
        return [order[rank == r] for r in range(int(rank.max(initial=-1)) + 1)]

    @cached_property
    def breakpoints(self) -> Doubles:
        """(B,) the distinct settings at which anything moves, ascending."""
        at = self.at[self._order]
        return np.asarray(at[np.concatenate([[True], at[1:] > at[:-1]])] if len(at) else at)

    @cached_property
    def _order(self) -> Any:
        """Positions of the moves by setting; everything, where they come sorted."""
        return slice(None) if bool((self.at[1:] >= self.at[:-1]).all()) else np.argsort(self.at)

    def _done(self, setting: Doubles) -> Ints:
        return np.searchsorted(self.at[self._order], setting, side="right" if self.inclusive else "left")


def _running(first: float, steps: NDArray[Any]) -> Doubles:
    return np.concatenate([[0], np.cumsum(steps)]) + first


def _zero(values: Doubles) -> Doubles:
    return np.where(np.isnan(values), 0.0, values)
