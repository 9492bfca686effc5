"""Calls from ordinary code: one event loop in the background, connections kept open, several questions at once."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from threading import Thread
from typing import Self, TypeAlias

from data.live.budget import Budget
from data.live.call import RETRIES, Answer, Caller
from data.live.collect import CONCURRENCY
from data.live.endpoints import Endpoint, KeyRing
from data.problems import RouteScopeError

Outcome: TypeAlias = Answer | RouteScopeError


class Asker:
    """Asks and waits; safe to share between threads; close it when done (`with`).

    budget : books every call; without one nothing caps the spending. concurrency : calls at once over all endpoints.
    """

    def __init__(
        self, keys: KeyRing | None = None, *, budget: Budget | None = None, concurrency: int = CONCURRENCY, retries: int = RETRIES
    ) -> None:
        self.budget = budget
        self._caller = Caller(keys, retries=retries)
        self._gate = asyncio.Semaphore(concurrency)
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, name="routescope-asker", daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def ask(self, endpoint: Endpoint, prompt: str, *, seed: int | None = None) -> Answer:
        """Return the endpoint's answer to one prompt; raises EndpointError and BudgetError as `Caller.ask`."""
        return asyncio.run_coroutine_threadsafe(self._asked(endpoint, prompt, seed), self._loop).result()

    def ask_all(self, requests: Sequence[tuple[Endpoint, str]]) -> list[Outcome]:
        """Return what came of each request, in the order of the requests however they complete; failures stand in their place."""
        return asyncio.run_coroutine_threadsafe(self._all(requests), self._loop).result()

    def close(self) -> None:
        """Close all connections and end the thread; a second time does nothing."""
        if self._loop.is_closed():
            return
        asyncio.run_coroutine_threadsafe(self._caller.close(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        self._loop.close()

    async def _asked(self, endpoint: Endpoint, prompt: str, seed: int | None) -> Answer:
        async with self._gate:
            return await self._caller.ask(endpoint, prompt, budget=self.budget, seed=seed)

    async def _one(self, endpoint: Endpoint, prompt: str) -> Outcome:
        try:
            return await self._asked(endpoint, prompt, None)
        except RouteScopeError as error:
            return error

    async def _all(self, requests: Sequence[tuple[Endpoint, str]]) -> list[Outcome]:
        return list(await asyncio.gather(*(self._one(endpoint, prompt) for endpoint, prompt in requests)))
