"""One question to several endpoints at once, each answer handed over as it comes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import TypeAlias

from data.live.call import Answer, Caller
from data.live.endpoints import Endpoint, KeyRing
from data.problems import RouteScopeError

Outcome: TypeAlias = Answer | RouteScopeError
_RETRIES = 1  # somebody is looking at it


def ask_each(
    prompt: str,
    endpoints: Sequence[Endpoint],
    tell: Callable[[str, Outcome], None],
    *,
    keys: KeyRing | None = None,
    ready: Callable[[Endpoint], Endpoint] = lambda endpoint: endpoint,
) -> None:
    """Ask every endpoint, with tokens and their log-probs in the answers; returns when all have answered or failed.

    tell : takes an endpoint's name and its answer, or the error in words; called from the calling thread. ready : makes an
    endpoint answerable (starts its server); runs beside. Models of this process answer one after the other, in the order given,
    so that the seconds of each are its own. Not for use inside an event loop.
    """
    asyncio.run(_asked(prompt, endpoints, tell, keys, ready))


async def _asked(
    prompt: str,
    endpoints: Sequence[Endpoint],
    tell: Callable[[str, Outcome], None],
    keys: KeyRing | None,
    ready: Callable[[Endpoint], Endpoint],
) -> None:
    async with Caller(keys, retries=_RETRIES, tokens=True) as caller:

        async def one(endpoint: Endpoint) -> None:
            try:
                outcome: Outcome = await caller.ask(await asyncio.to_thread(ready, endpoint), prompt)
            except RouteScopeError as error:
                outcome = error
            tell(endpoint.name, outcome)

        async def one_by_one() -> None:
            for endpoint in endpoints:
                if endpoint.in_process:
                    await one(endpoint)

        await asyncio.gather(one_by_one(), *(one(endpoint) for endpoint in endpoints if not endpoint.in_process))
