"""A live run: each query is stepped alone through the one loop, in a pool, with limits, a stop and what has arrived kept.

Strategies that learn online step their queries one after the other instead.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeAlias, TypeVar

import numpy as np

from data.live.call import Answer
from data.live.endpoints import Endpoint
from data.live.judge import Judge, Opinion, judged, opinion_of
from data.live.table import Scorers, table_of
from data.outcomes import OutcomeTable
from data.problems import BudgetError, EndpointError, refuse
from data.queries import QuerySet
from strategies.engines.calling import Encoder, LiveSource, Unscored
from strategies.engines.loop import replay
from strategies.engines.online import Streamed, by_arrival, stream
from strategies.engines.run import Run
from strategies.protocol import Strategy

CONCURRENCY = 8
Ask: TypeAlias = Callable[[Endpoint, str], Answer]
Stepped = TypeVar("Stepped")


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """One call that came back, or did not: `failure` is then its sentence and `answer` None.

    judge : it was the judge's, named by its endpoint in `model`; its answer is an opinion of the question.
    """

    row: int
    model: str
    answer: Answer | None
    failure: str = ""
    judge: bool = False


@dataclass(frozen=True, eq=False, kw_only=True)
class LiveRun:
    """What came of a live run over N queries.

    table : what was called, NaN elsewhere; replaying the policy on its finished rows decides the same. runs : row -> Run of that
    one query, finished ones only. failures : calls without an answer, holes in the table. ended : why it ended early, or empty.
    What a judge said, and its price, are features of the table, so that a replay is billed for it as the run was.
    """

    table: OutcomeTable
    runs: dict[int, Run]
    failures: tuple[Arrived, ...]
    ended: str = ""


def run_live(
    policy: Strategy,
    queries: QuerySet,
    endpoints: Sequence[Endpoint],
    ask: Ask,
    *,
    scorers: Scorers | None = None,
    encoder: Encoder | None = None,
    judge: Judge | None = None,
    concurrency: int = CONCURRENCY,
    on_step: Callable[[Arrived], None] | None = None,
    stop: threading.Event | None = None,
) -> LiveRun:
    """Return what a policy does on live models, query by query: each goes on as soon as its own answer is there.

    ask(endpoint, prompt) makes one call and blocks: `Asker.ask` of data.live.asker, whose calls share connections and a budget.
    judge : asked about a question when the policy asks for the feature "judge", once and within the same stop; its call is in the bill.
    on_step is told of every call, one at a time. A strategy that learns online gets the questions one after the other, in the order in
    which a replay takes them, and learns from each answer before the next: right or wrong by the scorer, unknown without references.
    After `stop`, or where the budget is spent, no further call is made and what has arrived is kept.
    Raises ProblemError for a strategy that needs all queries at once, or an oracle.
    """
    if policy.card.batch or policy.card.bound or policy.card.judged:
        why = "decides over all queries at once" if policy.card.batch else "has to know the truth"
        raise refuse(f"{policy.card.id} cannot run live: it {why}.", "Choose another strategy.")
    pool = _Pool(queries, endpoints, ask, on_step, stop or threading.Event())
    cards = [endpoint.card for endpoint in endpoints]

    def alone(row: int, step: Callable[[LiveSource], Stepped]) -> Stepped | None:
        source = LiveSource(
            queries.take(np.array([row])), cards, lambda m: pool.fetch(row, m), scorers=scorers, encoder=encoder,
            judge=None if judge is None else partial(pool.opinion, row, judge),
        )  # fmt: skip
        try:
            return step(source)
        except (_StoppedError, BudgetError) as error:
            pool.end(str(error))
            return None
        except Exception as error:
            pool.end(str(error))  # a mistake in one query must not go on spending in the others
            raise

    if policy.card.family == "online":
        done = _in_turn(policy, queries, alone)
    else:
        with ThreadPoolExecutor(max(concurrency, 1)) as threads:
            runs = list(threads.map(lambda row: alone(row, partial(replay, policy)), range(len(queries))))
        done = {row: run for row, run in enumerate(runs) if run is not None}
    by = f", each question judged first by {judge.endpoint.name}" if judge is not None and pool.opinions else ""
    table = table_of(queries, endpoints, pool.answers, scorers or Unscored(), note=f"asked live by {policy.card.id}{by}")
    table = judged(table, pool.opinions) if pool.opinions else table
    return LiveRun(table=table, runs=done, failures=tuple(pool.failures), ended=pool.ended)


def _in_turn(
    policy: Strategy, queries: QuerySet, alone: Callable[[int, Callable[[LiveSource], Streamed]], Streamed | None]
) -> dict[int, Run]:
    """Return row -> Run of queries that arrive one after the other and are learnt from, up to the first that found no end."""
    done: dict[int, Run] = {}
    for row in map(int, by_arrival(queries.keys, policy.seed)):
        streamed = alone(row, partial(stream, policy))
        if streamed is None:
            break
        done[row], policy = streamed.run, streamed.policy
    return done


class _StoppedError(Exception):
    """The person asked for the end."""


class _Pool:
    """What the queries of one live run share: limits, the stop, what has arrived."""

    def __init__(
        self, queries: QuerySet, endpoints: Sequence[Endpoint], ask: Ask, on_step: Callable[[Arrived], None] | None, stop: threading.Event
    ) -> None:
        if queries.prompts is None:
            raise refuse("there is no question to ask.", "Paste questions, or choose a set that has prompts.")
        self.answers: dict[tuple[int, int, int], Answer] = {}
        self.opinions: dict[int, Opinion] = {}
        self.failures: list[Arrived] = []
        self.ended = ""
        self._prompts, self._endpoints, self._ask = queries.prompts.filled(), endpoints, ask
        self._on_step, self._stop, self._lock = on_step, stop, threading.Lock()
        self._places: dict[Endpoint, threading.BoundedSemaphore] = {}  # one that answers and judges has one limit for both

    def fetch(self, row: int, model: int) -> Answer | None:
        """Make one call within the endpoint's own limit; None where it failed."""
        endpoint = self._endpoints[model]
        arrived = self._made(row, endpoint, partial(self._ask, endpoint, self._prompts[row]))
        with self._lock:
            if arrived.answer is not None:
                self.answers[row, model, 0] = arrived.answer
            self._tell(arrived)
        return arrived.answer

    def opinion(self, row: int, judge: Judge) -> Opinion:
        """Ask the judge about one question, within its own limit; where it failed, nothing is known and nor is the price."""
        arrived = replace(self._made(row, judge.endpoint, partial(judge.asked, self._prompts[row])), judge=True)
        opinion = Opinion() if arrived.answer is None else opinion_of(arrived.answer)
        with self._lock:
            self.opinions[row] = opinion
            self._tell(arrived)
        return opinion

    def _made(self, row: int, endpoint: Endpoint, call: Callable[[], Answer]) -> Arrived:
        """Make one call, once its endpoint has a place for it."""
        with self._lock:
            place = self._places.setdefault(endpoint, threading.BoundedSemaphore(endpoint.max_concurrency))
        with place:
            if self._stop.is_set() or self.ended:
                raise _StoppedError("it was stopped")
            try:
                return Arrived(row=row, model=endpoint.name, answer=call())
            except EndpointError as error:
                return Arrived(row=row, model=endpoint.name, answer=None, failure=str(error))

    def _tell(self, arrived: Arrived) -> None:
        if arrived.answer is None:
            self.failures.append(arrived)
        if self._on_step is not None:
            self._on_step(arrived)

    def end(self, why: str) -> None:
        """No further calls: the first reason is kept."""
        with self._lock:
            self.ended = self.ended or why or "it failed"
