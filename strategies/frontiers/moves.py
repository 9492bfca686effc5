"""How every query's outcome changes as one knob is turned: exact curves, exact shares, per-query values for intervals.

A knob's whole effect is a list of moves: at a setting, a query goes from one outcome to another. One sort and a histogram over
settings then give the policy at every setting. Nothing is read before it is asked for: means need no shares.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from strategies.protocol import Bools, Doubles, Floats, Ints

FIELDS = ("quality", "cost", "latency")


class Outcome(Protocol):
    """k outcomes: quality, cost, latency (k,) float, NaN = unknown; answer (k,) model; called (k, M) booleans."""

    @property
    def quality(self) -> Floats:
        """(k,) in [0, 1]."""

    @property
    def cost(self) -> Floats:
        """(k,) in the source's cost unit."""

    @property
    def latency(self) -> Floats:
        """(k,) seconds."""

    @property
    def answer(self) -> Ints:
        """(k,) position of the answering model."""

    @property
    def called(self) -> Bools:
        """(k, M) who was paid."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcomes:
    """Outcomes that are there already, as `Outcome` describes them."""

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

    start: Outcome
    row: Ints
    at: Doubles | Floats
    before: Outcome
    after: Outcome
    inclusive: bool = False

    @property
    def n(self) -> int:
        """How many queries."""
        return len(self.start.quality)

    def sums(self, setting: Doubles) -> dict[str, Doubles]:
        """Return (K,) float64 means of quality, cost, latency at each ascending setting; NaN where any query's value is unknown."""
        begin = self._begin(setting)
        return {name: self._sum(name, begin) / max(self.n, 1) for name in FIELDS}

    def shares(self, setting: Doubles) -> tuple[Floats, Floats]:
        """Return answered and called, each (M, K): share of queries by model at each ascending setting."""
        begin, count = self._begin(setting), self.start.called.shape[1]
        answered, called = np.empty((count, len(setting)), np.float32), np.empty((count, len(setting)), np.float32)
        for m in range(count):
            for shares, kind in ((answered, self._answers), (called, self._calls)):
                first, step = kind(m)
                shares[m] = (first + begin.total(step)) / max(self.n, 1)
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

    def _sum(self, name: str, begin: Begin) -> Doubles:
        """Return (K,) sums of one field at each setting, in float64."""
        first, (a, b) = getattr(self.start, name), self._ends(name)
        step = np.subtract(b, a, dtype=np.float64)
        sums = first.sum(dtype=np.float64) + begin.total(step)
        if not np.isnan(step.sum() + sums[:1].sum()):  # the usual case: no hole anywhere
            return np.asarray(sums)
        known = ~np.isnan(first)
        value = first[known].sum(dtype=np.float64) + begin.total(_zero(b) - _zero(a))
        unknown = (~known).sum() + begin.total(np.subtract(np.isnan(b), np.isnan(a), dtype=np.int8))
        return np.where(unknown > 0, np.nan, value)

    def _ends(self, name: str) -> tuple[NDArray[Any], NDArray[Any]]:
        """Return a field before and after: one value a move, or one a query, as `_place` says."""
        return getattr(self.before, name), getattr(self.after, name)

    def _answers(self, model: int) -> tuple[int, NDArray[np.int8]]:
        """Return how many answers of a model are returned at the start, and by how much each move changes that."""
        a, b = self._ends("answer")
        return int((self.start.answer == model).sum()), np.subtract(b == model, a == model, dtype=np.int8)

    def _calls(self, model: int) -> tuple[int, NDArray[np.int8]]:
        """Return how many queries call a model at the start, and by how much each move changes that."""
        a, b = self._ends("called")
        return int(self.start.called[:, model].sum()), np.subtract(b[:, model], a[:, model], dtype=np.int8)

    def _begin(self, setting: Doubles) -> Begin:
        """Return from which of (K,) ascending settings on each move has happened; the last answer is kept, for sums and shares."""
        key = setting.tobytes()
        if key not in self._kept:
            self._kept.clear()
            self._kept[key] = self._begun(setting)
        return self._kept[key]

    @cached_property
    def _kept(self) -> dict[bytes, Begin]:
        return {}

    def _begun(self, setting: Doubles) -> Begin:
        at = self._at
        # In the moves' own type where nothing is lost by it: else a copy of all of them would be made.
        same = setting.astype(at.dtype)
        wanted = same if np.array_equal(same, setting) else setting
        done = np.searchsorted(at, wanted, side="right" if self.inclusive else "left")
        first, place = np.concatenate([[0], done, [len(at)]]), self._place
        short = np.int16 if len(setting) < np.iinfo(np.int16).max else np.int32  # a short target of the scatter stays in cache
        ordered = np.repeat(np.arange(len(setting) + 1, dtype=short), np.diff(first))
        begin = np.full(self._size, len(setting), dtype=short)
        begin[slice(None) if place is None else place] = ordered
        return Begin(at=begin.astype(np.intp), done=done)

    def _rounds(self) -> list[Ints]:
        """Return the moves grouped so that each group has at most one a query, in the order in which they happen."""
        order = np.lexsort((self.at, self.row))
        rows = self.row[order]
        first = np.concatenate([[True], rows[1:] != rows[:-1]]) if len(rows) else np.empty(0, np.bool_)
        starts = np.flatnonzero(first)
        rank = np.arange(len(rows)) - np.repeat(starts, np.diff(np.append(starts, len(rows))))
        return [order[rank == r] for r in range(int(rank.max(initial=-1)) + 1)]

    @cached_property
    def breakpoints(self) -> Doubles | Floats:
        """(B,) the distinct settings at which anything moves, ascending."""
        at = self._at
        return np.asarray(at[np.concatenate([[True], at[1:] > at[:-1]])] if len(at) else at)

    @cached_property
    def _place(self) -> Ints | None:
        """Positions in `_ends` of the moves by setting; None where they come sorted."""
        return None if bool((self.at[1:] >= self.at[:-1]).all()) else np.argsort(self.at)

    @cached_property
    def _at(self) -> Doubles | Floats:
        place = self._place
        return self.at if place is None else self.at[place]

    @property
    def _size(self) -> int:
        """How many values `_ends` have."""
        return len(self.at)


@dataclass(frozen=True, slots=True)
class Begin:
    """at : (J,) the first of K settings at which each move has happened, K = at none of them. done : (K,) how many have."""

    at: NDArray[np.intp]
    done: Ints

    def total(self, step: NDArray[Any]) -> Any:
        """Return (K,) sums of (J,) steps over the moves that have happened: a histogram over settings, and sums of that."""
        if step.dtype == np.int8 and (not len(step) or step.min() == step.max()):
            return self.done * int(step[0] if len(step) else 0)  # all alike: counted already
        return np.bincount(self.at, weights=step, minlength=len(self.done) + 1)[: len(self.done)].cumsum()


def _zero(values: NDArray[Any]) -> Doubles:
    return np.where(np.isnan(values), np.float64(0), values)
