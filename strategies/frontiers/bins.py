"""Where queries change sides on a grid of two thresholds: counted once for a table and a policy, and kept."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from data.outcomes import OutcomeTable
from data.problems import refuse
from strategies.engines.loop import Force, replay
from strategies.engines.run import Run
from strategies.engines.source import Source
from strategies.frontiers.curve import as_compared, inside
from strategies.knobs import Turn, turn, turned, turns
from strategies.protocol import Doubles, Floats, Ints, Strategy

COUNT = 101  # settings a knob, by default
_BLOCK = 1 << 15
_MOST_KEPT = 4
_KEPT: OrderedDict[tuple[Any, ...], Bins] = OrderedDict()
_LOCK = threading.Lock()
Settings: TypeAlias = "tuple[Doubles, Doubles]"


@dataclass(frozen=True, eq=False, kw_only=True)
class Bins:
    """Where n queries change sides on a grid of two thresholds, and what becomes of them on each side.

    knobs : their names, the earlier stage first. settings : (K1,) and (K2,) ascending. cell : (n,) the pair of bins as one number,
    first * (K2 + 1) + second; a bin says how many of the settings a score reaches, 0 where there is none: it goes on at any.
    stop1, stop2, go : the runs in which all stop at the first, at the second, at neither.
    """

    knobs: tuple[str, str]
    settings: Settings
    cell: NDArray[np.unsignedinteger[Any]]
    stop1: Run
    stop2: Run
    go: Run

    @property
    def shape(self) -> tuple[int, int]:
        """Return (K1 + 1, K2 + 1): how many bins each knob has."""
        return len(self.settings[0]) + 1, len(self.settings[1]) + 1

    def below(self, steps: Sequence[tuple[Any, Any]]) -> Doubles:
        """Return (S, K1 + 1, K2 + 1) sums of after - before, (n,) each, over the queries whose bins are at most these.

        steps : S pairs (before, after). At [:, i, j] that are the queries that go on past both thresholds i and j; in the last column,
        past the first.
        """
        size, cells = len(self.cell), self.shape[0] * self.shape[1]
        block = max(_BLOCK, 4 * cells)  # what stays in cache takes half the time of whole columns; many cells have to be worth a block
        sums, step = np.zeros((len(steps), cells)), np.empty(min(block, size))
        for start in range(0, size, block):
            rows = slice(start, min(start + block, size))
            cell, part = self.cell[rows].astype(np.intp), step[: rows.stop - start]
            for k, (before, after) in enumerate(steps):
                np.subtract(after[rows], before[rows], out=part, dtype=np.float64)
                sums[k] += np.bincount(cell, weights=part, minlength=cells)
        return _cumulated(sums.reshape(len(steps), *self.shape))

    @cached_property
    def counts(self) -> Doubles:
        """(K1 + 1, K2 + 1) how many queries these are."""
        count = np.bincount(self.cell, minlength=self.shape[0] * self.shape[1])
        return _cumulated(count.reshape(self.shape).astype(np.float64))


def binned(
    policy: Strategy,
    data: OutcomeTable | Source,
    knobs: tuple[str, str] | None = None,
    settings: Settings | None = None,
    *,
    keep: bool = True,
) -> Bins:
    """Return the bins of a policy's queries; of the last few tables and policies they are kept, however the two knobs are turned.

    knobs : two that cut at stages after a call, the first two by default. settings : ascending values of each, in their order; by default
    COUNT: evenly spaced quantiles of the scores that come there (each is a score itself), and one above all. keep : False for a grid that
    is looked at once, which spares hashing the table. Raises ProblemError if there are no two such knobs.
    """
    pair = _pair(policy, knobs)
    if settings is not None:
        first, second = (as_compared(np.asarray(values)) for values in settings)
        settings = (first, second) if knobs is None or knobs[0] == pair[0].name else (second, first)
    if not isinstance(data, OutcomeTable) or not keep:
        return _made(policy, data, pair, settings)
    at_rest = turned(turned(policy, pair[0].name, pair[0].knob.low), pair[1].name, pair[1].knob.low)
    given = b"" if settings is None else settings[0].tobytes() + b"|" + settings[1].tobytes()
    key = (at_rest.key, pair[0].name, pair[1].name, data.fingerprint, given)
    with _LOCK:
        if key in _KEPT:
            _KEPT.move_to_end(key)
            return _KEPT[key]
    made = _made(policy, data, pair, settings)
    with _LOCK:
        _KEPT[key] = made
        while len(_KEPT) > _MOST_KEPT:
            _KEPT.popitem(last=False)
    return made


def forget() -> None:
    """Drop the bins that are kept."""
    with _LOCK:
        _KEPT.clear()


def cutting(policy: Strategy) -> tuple[str, ...]:
    """Return the names of the knobs that a grid can be made of, by stage."""
    return tuple(t.name for t in sorted((t for t in turns(policy) if t.cuts), key=lambda t: t.cuts or 0))


def _pair(policy: Strategy, knobs: tuple[str, str] | None) -> tuple[Turn, Turn]:
    known = cutting(policy)
    names = known[:2] if knobs is None else knobs
    found = [turn(policy, name) for name in names]
    if len(found) != 2 or not all(t.cuts for t in found) or found[0].cuts == found[1].cuts:
        raise refuse(
            f"{policy.card.id} has no two thresholds at different stages: {', '.join(names) or 'none'}.",
            f"Knobs that cut after a call: {', '.join(known) or 'none'}. One knob has a curve (`frontier`).",
        )
    first, second = sorted(found, key=lambda t: t.cuts or 0)
    return first, second


def _made(policy: Strategy, data: OutcomeTable | Source, pair: tuple[Turn, Turn], settings: Settings | None) -> Bins:
    one, two = (each.cuts or 0 for each in pair)
    stop1 = replay(policy, data, force=Force(one, stop=True))
    stop2 = replay(policy, data, force=(Force(one, stop=False), Force(two, stop=True)))
    go = replay(policy, data, force=(Force(one, stop=False), Force(two, stop=False)))
    scores = [run.scores.get(stage) for run, stage in ((stop1, one), (stop2, two))]
    if settings is None:
        first, second = (_spread(score, each) for score, each in zip(scores, pair, strict=True))
        settings = first, second
    near, far = (_reached(score, at, go.n) for score, at in zip(scores, settings, strict=True))
    cells = (len(settings[0]) + 1) * (len(settings[1]) + 1)
    near *= len(settings[1]) + 1
    near += far
    cell = near.astype(np.min_scalar_type(cells))
    return Bins(knobs=(pair[0].name, pair[1].name), settings=settings, cell=cell, stop1=stop1, stop2=stop2, go=go)


def _spread(scored: tuple[Ints | None, Floats] | None, each: Turn) -> Doubles:
    """Return COUNT ascending settings, fewer where scores are equal: quantiles that are scores, and one above all."""
    known = np.sort(np.asarray([] if scored is None else scored[1], dtype=np.float32).ravel())
    known = known[: np.searchsorted(known, np.float32(np.nan))]
    if not len(known):
        return np.array([each.knob.low])
    at = known[np.floor(np.linspace(0, 1, COUNT - 1) * (len(known) - 1)).astype(np.intp)]
    above = np.nextafter(known[-1], np.float32(np.inf))
    values = np.unique(np.append(at, above)).astype(np.float64)
    return as_compared(inside(values, each.knob.low, np.inf if each.knob.high == "data" else each.knob.high))


def _reached(scored: tuple[Ints | None, Floats] | None, settings: Doubles, n: int) -> NDArray[np.intp]:
    """Return (n,) how many of the settings a query's score reaches; 0 without a score, or where it doesn't come: nothing changes there."""
    if scored is None:
        return np.zeros(n, dtype=np.intp)
    rows, score = scored
    score = np.broadcast_to(np.asarray(score, dtype=np.float32), n if rows is None else len(rows))
    reached: NDArray[np.intp] = np.searchsorted(settings.astype(np.float32), score, side="right")
    reached[np.isnan(score)] = 0
    if rows is None:
        return reached
    every = np.zeros(n, dtype=np.intp)
    every[rows] = reached
    return every


def _cumulated(histogram: Doubles) -> Doubles:
    return np.asarray(histogram.cumsum(axis=-2).cumsum(axis=-1))
