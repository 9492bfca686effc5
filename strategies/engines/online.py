"""The stream: queries arrive one at a time, each goes through the one loop, and the policy learns from it before the next.

The order of arrival hangs on the queries' keys and a seed alone, so that the first arrivals of a longer stream are decided as
those of a shorter one, and a table's order of rows changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.outcomes import OutcomeTable
from data.problems import refuse
from strategies.engines.fees import Asked, Fee
from strategies.engines.loop import Forced, LoopView, State, play
from strategies.engines.recorded import columns, draws
from strategies.engines.run import Event, Returned, Run
from strategies.engines.source import Source
from strategies.incremental import Incremental
from strategies.protocol import Feedback, Floats, Ints, Strategy

_TAGS = ("arrival", "arrival, further digits")  # one draw has 24 bits: among some thousand queries two are often equal


@dataclass(frozen=True, eq=False, kw_only=True)
class Streamed:
    """A stream's outcome: the run in the table's order of rows, the policy as it is after the last query, the (N,) order of arrival."""

    run: Run
    policy: Strategy
    order: Ints


def arrivals(data: OutcomeTable | Source, seed: int) -> Ints:
    """Return (N,) positions in the seeded order in which the queries arrive."""
    source: Source = columns(data)
    first, further = (source.uniform(tag, seed) for tag in _TAGS)
    return np.lexsort((further, first))


def by_arrival(keys: NDArray[np.uint64], seed: int) -> Ints:
    """Return `arrivals` of queries that are in no table yet, from their (N,) keys."""
    first, further = (draws(keys, tag, seed) for tag in _TAGS)
    return np.lexsort((further, first))


def stream(policy: Strategy, data: OutcomeTable | Source, *, order: Ints | None = None, force: Forced = None) -> Streamed:
    """Return what a policy does on queries that arrive one at a time, and what it has become.

    order : (N,) positions, each once; by default `arrivals` of the policy's seed. Raises ProblemError for another order, and what
    `replay` raises.
    """
    source: Source = columns(data)
    order = arrivals(source, policy.seed) if order is None else np.asarray(order)
    if not np.array_equal(np.sort(order), np.arange(source.size)):
        raise refuse(f"an order of {len(order):,} arrivals does not name each of {source.size:,} queries once.", "Give a permutation.")
    log = _Log.of(source)
    learnt = _along(policy, order, log, force)
    return Streamed(run=log.run(policy), policy=learnt, order=order)


def as_it_was(policy: Strategy, data: OutcomeTable | Source, row: int) -> Strategy:
    """Return the policy as it was when the query at this position arrived; the policy itself unless its family is "online"."""
    if policy.card.family != "online":
        return policy
    source: Source = columns(data)
    order = arrivals(source, policy.seed)
    return _along(policy, order[: int(np.flatnonzero(order == row)[0])], _Log.of(source), None)


def _along(policy: Strategy, order: Ints, log: _Log, force: Forced) -> Strategy:
    """Return what the policy becomes along these arrivals; the log is told of each."""
    learner = policy.opened() if isinstance(policy, Incremental) else policy
    for row in order:
        feedback = log.step(learner, int(row), force)
        if isinstance(learner, Incremental):
            learner.absorb(feedback)
        else:
            learner = learner.observe(feedback)
    return learner.opened() if isinstance(learner, Incremental) else learner


@dataclass(eq=False, kw_only=True)
class _Log:
    """What happened to the N queries so far; cost, latency and answers are (N,), the rest is by kind and gathered at the end."""

    source: Source
    cost: Floats
    latency: Floats
    answer: Ints
    sample: Ints
    called: Any  # (N, M) booleans, which the loop writes to
    calls: dict[tuple[int, tuple[int, ...]], list[int]] = field(default_factory=dict)
    scores: dict[int, list[tuple[int, Any]]] = field(default_factory=dict)
    fees: dict[Asked, list[Fee]] = field(default_factory=dict)

    @classmethod
    def of(cls, source: Source) -> _Log:
        """Return the log of a stream that has not begun."""
        size = source.size
        return cls(
            source=source, cost=np.zeros(size, dtype=np.float32), latency=np.zeros(size, dtype=np.float32),
            answer=np.full(size, -1, dtype=np.int32), sample=np.full(size, -1, dtype=np.int32),
            called=np.zeros((size, len(source.names)), dtype=np.bool_),
        )  # fmt: skip

    def step(self, policy: Strategy, row: int, force: Forced) -> Feedback:
        """Take one query to its end, and return what is known of it then."""
        at = np.array([row])
        state = State(self.source, rows=at, cost=self.cost, latency=self.latency, matrix=self.called)
        answers, scores = play(policy, state, force)
        models = sorted({m for event in state.events for m in event.models})
        for event in state.events:
            self.calls.setdefault((event.stage, event.models), []).append(row)
        for stage, (_, score) in scores.items():
            self.scores.setdefault(stage, []).append((row, score.reshape(-1)[0]))
        for fee in state.fees:
            self.fees.setdefault(fee.asked, []).append(fee)
        last = answers[-1]
        self.answer[row], self.sample[row] = _one(last.model), -1 if last.sample is None else _one(last.sample)
        quality = np.full(len(self.source.names), np.nan)
        quality[models] = self.source.reward(row, models)
        self.called[row, models] = True
        # `play` has narrowed the state to no query at all: what is told of is this one again.
        state.rows, state.mask = at, None
        view = LoopView(state, policy.seed)
        return Feedback(view=view, called=self.called[row], answer=int(self.answer[row]), quality=quality, cost=float(self.cost[row]))

    def run(self, policy: Strategy) -> Run:
        """Return everything as one run, in the source's order of rows."""
        events = (Event(stage=stage, rows=np.sort(self.calls[stage, models]), models=models) for stage, models in sorted(self.calls))
        sample = self.sample if (self.sample >= 0).any() else None
        return Run(
            policy=policy, source=self.source, cost=self.cost, latency=self.latency, events=tuple(events),
            answers=(Returned(None, self.answer, sample),) if self.source.size else (),
            scores={stage: _by_row(told) for stage, told in sorted(self.scores.items())},
            fees=tuple(_joined(asked, fees) for asked, fees in self.fees.items()),
        )  # fmt: skip


def _one(given: Ints | int) -> int:
    """Return the value for the only open query."""
    return given if isinstance(given, int) else int(np.asarray(given).reshape(-1)[0])


def _by_row(told: Iterable[tuple[int, Any]]) -> tuple[Ints, Floats]:
    rows, scores = zip(*sorted(told, key=lambda each: each[0]), strict=True)
    return np.array(rows), np.array(scores)


def _joined(asked: Asked, fees: list[Fee]) -> Fee:
    rows, cost, latency = (np.concatenate([getattr(fee, name) for fee in fees]) for name in ("rows", "cost", "latency"))
    order = np.argsort(rows)
    return Fee(asked, rows[order], cost[order], latency[order])
