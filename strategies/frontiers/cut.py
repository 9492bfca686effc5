"""The exact frontier of a cutting knob: every threshold, from two replays and one sort.

The strategy promises `stop == (score >= knob)` at a stage. So each query that comes there has two outcomes, and its own
score is where it changes sides. At stage 0 nobody has answered yet: there the score says whom to call, and the two outcomes
are those at both ends of the knob's range.
"""

from __future__ import annotations

import numpy as np

from data.outcomes import OutcomeTable
from strategies.engines.loop import Force, replay
from strategies.engines.run import Run
from strategies.engines.source import Source
from strategies.frontiers.moves import Moves, Outcomes
from strategies.knobs import turned, turns
from strategies.protocol import Doubles, Ints, Strategy


def cut_moves(policy: Strategy, data: OutcomeTable | Source, stage: int) -> Moves:
    """Return the moves of the knob that cuts at `stage`, with the other knobs held."""
    stops, goes = _sides(policy, data, stage)
    score = stops.score(stage)
    came = np.zeros(stops.n, dtype=np.bool_)
    rows, _ = stops.scores.get(stage, (np.empty(0, dtype=np.intp), np.empty(0, dtype=np.float32)))
    came[slice(None) if rows is None else rows] = True
    moving = np.flatnonzero(came & ~np.isnan(score))
    moving = moving[np.argsort(score[moving])]  # here, where they are float32: half the time of sorting `at`
    # A query without a score fails every comparison: it goes on at any threshold.
    silent = came & np.isnan(score)
    start = _outcomes(stops, None)
    if silent.any():
        onward = _outcomes(goes, None)
        start = Outcomes(**{name: _where(silent, getattr(onward, name), getattr(start, name)) for name in Outcomes.__slots__})
    at = score[moving].astype(np.float64)
    return Moves(start=start, row=moving, at=at, before=_outcomes(stops, moving), after=_outcomes(goes, moving))


def cut_settings(moves: Moves) -> Doubles:
    """Return every distinct setting: each score (those below it go on), and one above all."""
    scores = moves.breakpoints
    above = np.nextafter(scores[-1].astype(np.float32), np.float32(np.inf)).astype(np.float64) if len(scores) else 0.0
    return np.append(scores, above)


def _sides(policy: Strategy, data: OutcomeTable | Source, stage: int) -> tuple[Run, Run]:
    """Return the runs in which every query that comes to the stage has reached the knob, and in which none has."""
    if stage:
        return replay(policy, data, force=Force(stage, stop=True)), replay(policy, data, force=Force(stage, stop=False))
    each = next(t for t in turns(policy) if t.cuts == 0)
    return replay(turned(policy, each.name, each.knob.low), data), replay(turned(policy, each.name, float(each.knob.high)), data)


def _outcomes(run: Run, rows: Ints | None) -> Outcomes:
    at = slice(None) if rows is None else rows
    return Outcomes(quality=run.quality[at], cost=run.cost_usd[at], latency=run.latency_s[at], answer=run.answer[at], called=run.called[at])


def _where(mask: np.ndarray, yes: np.ndarray, no: np.ndarray) -> np.ndarray:
    return np.where(mask if yes.ndim == 1 else mask[:, None], yes, no)
