"""The exact frontier of a cutting knob: every threshold, from two replays and one sort.

The strategy promises `stop == (score >= knob)` at a stage. So each query that comes there has two outcomes, and its own
score is where it changes sides. At stage 0 nobody has answered yet: there the score says whom to call, and the two outcomes
are those at both ends of the knob's range.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.outcomes import OutcomeTable
from strategies.engines.loop import Force, replay
from strategies.engines.run import Run
from strategies.engines.source import Source
from strategies.frontiers.moves import Moves
from strategies.knobs import turned, turns
from strategies.protocol import Bools, Doubles, Floats, Ints, Strategy

NAMES = {"quality": "quality", "cost": "cost_usd", "latency": "latency_s", "answer": "answer", "called": "called"}


class Reached:
    """Outcomes of a run (`strategies.frontiers.moves.Outcome`), each field read when it is first asked for.

    rows : (k,) queries, None = all. instead : other queries' outcomes are those of another run, (rows, run).
    """

    def __init__(self, run: Run, rows: Ints | None = None, instead: tuple[Ints, Run] | None = None) -> None:
        self._run, self._rows, self._instead = run, rows, instead

    @cached_property
    def quality(self) -> Floats:
        """(k,) quality, NaN = not recorded."""
        return self._field("quality")

    @cached_property
    def cost(self) -> Floats:
        """(k,) cost, NaN = not known."""
        return self._field("cost")

    @cached_property
    def latency(self) -> Floats:
        """(k,) seconds, NaN = not known."""
        return self._field("latency")

    @cached_property
    def answer(self) -> Ints:
        """(k,) position of the answering model."""
        return self._field("answer")

    @cached_property
    def called(self) -> Bools:
        """(k, M) who was paid."""
        return self._field("called")

    def _field(self, name: str) -> NDArray[Any]:
        values: NDArray[Any] = getattr(self._run, NAMES[name])
        values = values if self._rows is None else values[self._rows]
        if self._instead is not None:
            rows, run = self._instead
            values = values.copy()
            values[rows] = getattr(run, NAMES[name])[rows]
        return values


@dataclass(frozen=True, eq=False, kw_only=True)
class CutMoves(Moves):
    """Moves of a threshold, by score: a query moves once, and both of its outcomes stand in two whole runs.

    So a field's steps are one difference of two columns, and nothing has to be gathered in the order of the scores.
    """

    stops: Run
    goes: Run

    @property
    def n(self) -> int:
        """How many queries."""
        return self.stops.n

    def _ends(self, name: str) -> tuple[NDArray[Any], NDArray[Any]]:
        return getattr(self.stops, NAMES[name]), getattr(self.goes, NAMES[name])

    @cached_property
    def _place(self) -> Ints | None:
        return self.row

    @property
    def _at(self) -> Doubles | Floats:
        return self.at

    @property
    def _size(self) -> int:
        return self.n


def cut_moves(policy: Strategy, data: OutcomeTable | Source, stage: int) -> Moves:
    """Return the moves of the knob that cuts at `stage`, with the other knobs held."""
    stops, goes = _sides(policy, data, stage)
    rows, score = stops.scores.get(stage, (np.empty(0, dtype=np.intp), np.empty(0, dtype=np.float32)))
    score = np.broadcast_to(score, stops.n if rows is None else len(rows)).astype(np.float32, copy=False)
    # A second sort, of the values, takes less time than gathering them. Unknown scores are sorted behind all others.
    at = np.sort(score)
    order: Ints = np.argsort(score)
    scored = int(np.searchsorted(at, np.float32(np.nan)))
    order = order if rows is None else rows[order]
    row, silent = order[:scored], order[scored:]
    # A query without a score fails every comparison: it goes on at any threshold.
    start = Reached(stops, instead=(silent, goes) if len(silent) else None)
    return CutMoves(start=start, row=row, at=at[:scored], before=Reached(stops, row), after=Reached(goes, row), stops=stops, goes=goes)


def cut_settings(moves: Moves) -> Doubles:
    """Return every distinct setting: each score (those below it go on), and one above all."""
    scores = moves.breakpoints
    above = np.nextafter(scores[-1].astype(np.float32), np.float32(np.inf)) if len(scores) else np.float32(0.0)
    return np.append(scores, above).astype(np.float64)


def _sides(policy: Strategy, data: OutcomeTable | Source, stage: int) -> tuple[Run, Run]:
    """Return the runs in which every query that comes to the stage has reached the knob, and in which none has."""
    if stage:
        return replay(policy, data, force=Force(stage, stop=True)), replay(policy, data, force=Force(stage, stop=False))
    each = next(t for t in turns(policy) if t.cuts == 0)
    return replay(turned(policy, each.name, each.knob.low), data), replay(turned(policy, each.name, float(each.knob.high)), data)
