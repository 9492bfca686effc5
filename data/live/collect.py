"""Many calls: every endpoint asked every question, bounded, counted, stoppable, resumable; failures stay holes."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Lock, Thread

from data.live.batch import Batch
from data.live.budget import Budget
from data.live.call import Answer, Caller
from data.live.checkpoint import Checkpoint, Key
from data.live.endpoints import Endpoint, KeyRing
from data.live.estimate import require_prices
from data.live.report import CollectReport, Progress
from data.live.table import Scorers, table_of
from data.outcomes import OutcomeTable
from data.problems import refuse
from data.queries import QuerySet

CONCURRENCY = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """The result of a batch: the table, how it went, and every answer by (query row, endpoint, sample)."""

    table: OutcomeTable
    report: CollectReport
    answers: Mapping[Key, Answer]


def collect(
    queries: QuerySet,
    endpoints: Sequence[Endpoint],
    scorer: Scorers,
    budget: Budget,
    *,
    concurrency: int = CONCURRENCY,
    on_progress: Callable[[Progress], None] | None = None,
    stop: Event | None = None,
    keys: KeyRing | None = None,
    samples: int = 1,
    folder: Path | None = None,
    caller: Caller | None = None,
) -> Collected:
    """Return what every endpoint answers to every query; blocks, so run it as a `Collection` where something else goes on.

    scorer : one for all, or one a task (see `data.live.table`). concurrency : calls at once over all endpoints; each endpoint's
    own limit holds too. samples : answers a cell, drawn one after the other. folder : answers are kept there and taken up again.
    Raises ProblemError before the first call: no questions, no prompts, no endpoints, two of one name, an unknown price without a
    cap by calls, a folder of another batch. A failed call is a hole (NaN) with its sentence in the report; a stop or the cap keeps
    what has arrived.
    """
    _check(queries, endpoints, budget, concurrency, samples)
    batch = Batch(queries, endpoints, budget, samples=samples, stop=stop or Event(), on_progress=on_progress)
    store = Checkpoint(folder, queries, endpoints) if folder else None
    if store:
        batch.resume(store)
    try:
        asyncio.run(batch.run(caller or Caller(keys), concurrency))
    finally:
        if store:
            store.close()
    report = batch.report()
    table = table_of(queries, endpoints, batch.answers, scorer, samples=samples, note=report.sentence())
    return Collected(table=table, report=report, answers=batch.answers)


class Collection:
    """A batch in a thread of its own: `start()`, `progress()`, `stop()`, `result()`; arguments as those of `collect`.

    Problems with the arguments are raised here, before anything is spent.
    """

    def __init__(
        self,
        queries: QuerySet,
        endpoints: Sequence[Endpoint],
        scorer: Scorers,
        budget: Budget,
        *,
        concurrency: int = CONCURRENCY,
        on_progress: Callable[[Progress], None] | None = None,
        keys: KeyRing | None = None,
        samples: int = 1,
        folder: Path | None = None,
        caller: Caller | None = None,
    ) -> None:
        _check(queries, endpoints, budget, concurrency, samples)
        total = len(queries) * len(endpoints) * samples
        self._stop, self._lock, self._outer = Event(), Lock(), on_progress
        self._progress = Progress(done=0, total=total, failed=0, elapsed_s=0.0, eta_s=math.nan, spent_usd=0.0, unknown=0)
        self._result: Collected | None = None
        self._error: Exception | None = None

        def run() -> Collected:
            return collect(
                queries, endpoints, scorer, budget, concurrency=concurrency, on_progress=self._note, stop=self._stop, keys=keys,
                samples=samples, folder=folder, caller=caller,
            )  # fmt: skip

        self._thread = Thread(target=self._work, args=(run,), name="routescope-collect", daemon=True)

    def start(self) -> Collection:
        """Start; returns itself."""
        self._thread.start()
        return self

    @property
    def running(self) -> bool:
        """Whether calls are still under way."""
        return self._thread.is_alive()

    def progress(self) -> Progress:
        """Return the latest snapshot."""
        with self._lock:
            return self._progress

    def stop(self) -> None:
        """Ask for the end: no new call is started, those under way are dropped, everything that has arrived is kept."""
        self._stop.set()

    def result(self, timeout_s: float | None = None) -> Collected:
        """Return the result, waiting for it; raises what `collect` raises, or TimeoutError."""
        if self._thread.ident is not None:
            self._thread.join(timeout_s)
        if self._error is not None:
            raise self._error
        if self._result is None:
            msg = "the batch is still running, or was never started"
            raise TimeoutError(msg)
        return self._result

    def _note(self, progress: Progress) -> None:
        with self._lock:
            self._progress = progress
        if self._outer:
            self._outer(progress)

    def _work(self, run: Callable[[], Collected]) -> None:
        try:
            self._result = run()
        except Exception as error:  # noqa: BLE001 - handed to whoever asks for the result
            self._error = error


def _check(queries: QuerySet, endpoints: Sequence[Endpoint], budget: Budget, concurrency: int, samples: int) -> None:
    if not len(queries) or queries.prompts is None:
        raise refuse("there is no question to ask.", "Paste questions, or choose a set that has prompts.")
    if not endpoints:
        raise refuse("there is no model to ask.", "Add an endpoint on the Models page.")
    names = [endpoint.name for endpoint in endpoints]
    if len(set(names)) != len(names):
        raise refuse("two endpoints share a name.", "Give each its own name: it is the model's name in the table.")
    if concurrency < 1 or samples < 1:
        raise refuse("the number of calls at once and the number of samples have to be at least 1.", "Type 1 or more.")
    require_prices(endpoints, budget)
