"""The calls of one batch, in one event loop: bounded, counted, within the cap, stoppable at any moment."""

from __future__ import annotations

import asyncio
import math
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from threading import Event

from data.live.budget import Budget
from data.live.call import Answer, Caller
from data.live.checkpoint import Checkpoint, Key
from data.live.endpoints import Endpoint
from data.live.report import CollectReport, Ending, Failure, Progress
from data.problems import BudgetError, EndpointError
from data.queries import QuerySet

LOOK_AGAIN_S = 0.02
GIVE_UP_AFTER = 3
_HOPELESS = frozenset({"auth", "notfound"})


@dataclass(slots=True)
class Batch:
    """What was asked and what has come back; `run` asks, everything else reports.

    answers, failures : (query row, endpoint, sample) -> what came of it.
    """

    queries: QuerySet
    endpoints: Sequence[Endpoint]
    budget: Budget
    samples: int
    stop: Event
    on_progress: Callable[[Progress], None] | None
    answers: dict[Key, Answer] = field(default_factory=dict)
    failures: dict[Key, Failure] = field(default_factory=dict)
    store: Checkpoint | None = None
    resumed: int = 0
    ending: Ending = "running"
    why: str = ""
    started: float = field(default_factory=time.perf_counter)
    _kinds: Counter[str] = field(default_factory=Counter)
    _kinds_of: Counter[tuple[int, str]] = field(default_factory=Counter)

    def resume(self, store: Checkpoint) -> None:
        """Take up what a checkpoint holds, and keep new answers there."""
        self.store, self.answers = store, {key: a for key, a in store.load().items() if key[2] < self.samples}
        self.resumed = len(self.answers)

    async def run(self, caller: Caller, concurrency: int) -> None:
        """Ask everything that is not answered yet; returns when done, stopped, or at the cap."""
        gate = asyncio.Semaphore(concurrency)
        prompts = [] if self.queries.prompts is None else self.queries.prompts.filled()
        async with caller:
            work = [
                asyncio.create_task(self._worker(caller, m, prompts, queue, gate))
                for m, endpoint in enumerate(self.endpoints)
                for queue in [iter(range(len(prompts)))]
                for _ in range(min(concurrency, endpoint.max_concurrency))
            ]
            watch = asyncio.create_task(self._watch(work))
            ended = await asyncio.gather(*work, return_exceptions=True)
            watch.cancel()
        for error in ended:
            if isinstance(error, Exception):
                raise error
        if self.ending == "running":
            self.ending = "stopped" if self.stop.is_set() and self.left else "finished"
        self._tell()

    async def _watch(self, work: Sequence[asyncio.Task[None]]) -> None:
        # The stop is a thread's event, which no loop can await: it is looked at.
        while not self.stop.is_set() and self.ending == "running":  # noqa: ASYNC110
            await asyncio.sleep(LOOK_AGAIN_S)
        if self.stop.is_set():
            for task in work:
                task.cancel()

    async def _worker(self, caller: Caller, m: int, prompts: list[str], queue: Iterator[int], gate: asyncio.Semaphore) -> None:
        for row in queue:
            for sample in range(self.samples):
                key = (row, m, sample)
                if key in self.answers:
                    continue
                if self.stop.is_set() or self.ending != "running" or self._hopeless(m):
                    return
                async with gate:
                    await self._cell(caller, key, prompts[row])

    async def _cell(self, caller: Caller, key: Key, prompt: str) -> None:
        endpoint = self.endpoints[key[1]]
        try:
            answer = await self._within_cap(caller, endpoint, prompt, key[2])
        except BudgetError as error:
            self.ending, self.why = "budget", str(error)
            return
        except EndpointError as error:
            kind = type(error).__name__.removeprefix("Endpoint").removesuffix("Error").lower()
            self.failures[key] = Failure(row=key[0], endpoint=endpoint.name, kind=kind, text=str(error))
            self._kinds[kind] += 1
            self._kinds_of[key[1], kind] += 1
        else:
            self.answers[key] = answer
            self._kinds_of[key[1], "answer"] += 1
            if self.store:
                self.store.add(key, answer)
        self._tell()

    async def _within_cap(self, caller: Caller, endpoint: Endpoint, prompt: str, sample: int) -> Answer:
        """Ask; where only what is set aside for calls under way stands between the call and the cap, wait for them."""
        seed = sample if self.samples > 1 else None
        while True:
            try:
                return await caller.ask(endpoint, prompt, budget=self.budget, seed=seed)
            except BudgetError:
                if not self.budget.in_flight or self.ending != "running":
                    raise
                await asyncio.sleep(LOOK_AGAIN_S)

    def _hopeless(self, m: int) -> bool:
        """Whether an endpoint answers nothing and refuses the key or the model: asking it thousands of times helps nobody."""
        return not self._kinds_of[m, "answer"] and sum(self._kinds_of[m, kind] for kind in _HOPELESS) >= GIVE_UP_AFTER

    @property
    def left(self) -> int:
        """Calls that were neither answered nor failed."""
        return len(self.queries) * len(self.endpoints) * self.samples - len(self.answers) - len(self.failures)

    def progress(self) -> Progress:
        """Return a snapshot."""
        done, elapsed = len(self.answers) + len(self.failures), time.perf_counter() - self.started
        fresh = done - self.resumed
        return Progress(
            done=done,
            total=done + self.left,
            failed=len(self.failures),
            elapsed_s=elapsed,
            eta_s=elapsed / fresh * self.left if fresh else math.nan,
            spent_usd=self.budget.spent_usd,
            unknown=self.budget.unknown,
            errors=dict(self._kinds),
        )

    def report(self) -> CollectReport:
        """Return how it ended."""
        failures = tuple(self.failures[key] for key in sorted(self.failures))
        ending: Ending = "failed" if failures and not self.answers and self.ending == "finished" else self.ending
        progress = self.progress()
        return CollectReport(ending=ending, progress=progress, resumed=self.resumed, not_reached=self.left, failures=failures, why=self.why)

    def _tell(self) -> None:
        if self.on_progress:
            self.on_progress(self.progress())
