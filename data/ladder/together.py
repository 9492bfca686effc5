"""Requests of equal settings that come together are answered as one batch; each gets what it would have got alone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING

from data.ladder.chat import CONTEXT, Chat, Refused, Settings
from data.ladder.threads import one_thread

if TYPE_CHECKING:
    from data.ladder.model import Generated, Model, Step

ROWS = 64
# So many turns of the event loop without a further request end the gathering: no clock, so a request that is alone doesn't wait.
_QUIET_TURNS = 3


@dataclass(frozen=True, slots=True, eq=False)
class _Place:
    """One request that waits for its answers, one a sample."""

    prompt: str
    seeds: tuple[int, ...]
    said: Future[list[Generated]] = field(default_factory=Future)


class Together:
    """The requests that wait, by their settings. load : name -> model. Safe to share between threads; `said_async` in one loop only."""

    def __init__(self, load: Callable[[str], Model]) -> None:
        self._load = load
        self._lock = Lock()
        self._waiting: dict[Settings, list[_Place]] = {}
        self._turns: dict[Settings, Lock] = {}
        self._work: dict[Settings, asyncio.Task[None]] = {}

    def said(self, chat: Chat) -> list[Generated]:
        """Return the answers to a request; whoever has the turn answers for all that wait meanwhile."""
        place = self._placed(chat)
        with self._lock:
            turn = self._turns.setdefault(chat.settings, Lock())
        batch: list[_Place] = []
        try:
            with turn:
                while not place.said.done() and (batch := self._batch(chat.settings)):
                    self._answer(chat.settings, batch)
            return place.said.result()
        except BaseException as error:  # an interrupt may come between any two steps
            _failed(batch, error)
            place.said.cancel()  # where it still waits for a turn: nobody has to answer it any more
            raise

    async def said_async(self, chat: Chat) -> list[Generated]:
        """Return the answers to a request; the work is done in a worker thread. A cancelled one that waits is not worked on."""
        place = self._placed(chat)
        if chat.settings not in self._work:
            self._work[chat.settings] = asyncio.create_task(self._until_empty(chat.settings))
        return await asyncio.wrap_future(place.said)

    async def aclose(self) -> None:
        """Drop what waits and wait for what is being worked on."""
        with self._lock:
            dropped = [place for places in self._waiting.values() for place in places]
            self._waiting.clear()
        for place in dropped:
            place.said.cancel()
        await asyncio.gather(*self._work.values(), return_exceptions=True)

    def _placed(self, chat: Chat) -> _Place:
        place = _Place(chat.prompt, chat.seeds)
        with self._lock:
            self._waiting.setdefault(chat.settings, []).append(place)
        return place

    async def _until_empty(self, settings: Settings) -> None:
        try:
            while self._waiting.get(settings):
                await self._gathered(settings)
                batch = self._batch(settings)
                if batch:
                    await asyncio.to_thread(self._answer, settings, batch)
        except BaseException as error:
            with self._lock:  # nobody else would come for those who wait
                left = self._waiting.pop(settings, [])
            _failed([place for place in left if place.said.set_running_or_notify_cancel()], error)
            raise
        finally:
            del self._work[settings]

    async def _gathered(self, settings: Settings) -> None:
        quiet, before = 0, 0
        while quiet < _QUIET_TURNS and before < ROWS:
            await asyncio.sleep(0)
            now = len(self._waiting.get(settings, ()))
            quiet, before = (quiet + 1 if now == before else 0), now

    def _batch(self, settings: Settings) -> list[_Place]:
        """Take those who wait, as many as fit, without the cancelled ones."""
        with self._lock:
            waiting = self._waiting.pop(settings, [])
            rows, count = 0, 0
            while count < len(waiting) and rows < ROWS:
                rows, count = rows + len(waiting[count].seeds), count + 1
            if waiting[count:]:
                self._waiting[settings] = waiting[count:]
        return [place for place in waiting[:count] if place.said.set_running_or_notify_cancel()]

    def _answer(self, settings: Settings, batch: Sequence[_Place]) -> None:
        try:
            model = self._load(settings.model)
            fitting = [place for place in batch if _fits(place, model)]
            answers = generated(model, settings, [(place.prompt, seed) for place in fitting for seed in place.seeds])
            at = 0
            for place in fitting:
                place.said.set_result(answers[at : at + len(place.seeds)])
                at += len(place.seeds)
        except Exception as error:  # noqa: BLE001 - handed to those who asked
            _failed(batch, error)
        except BaseException as error:  # an interrupt is this thread's own, and ends it; the others only lose their answers
            _failed(batch, error)
            raise


def _failed(batch: Sequence[_Place], error: BaseException) -> None:
    """Hand an error to those of a batch who still wait; one that ends a thread is told them as one of the server."""
    if not isinstance(error, Exception):
        said = f"The work on this request was interrupted ({type(error).__name__}). Send it again."
        error = Refused(said, status=503, kind="server_error")
    for place in batch:
        if not place.said.done():
            place.said.set_exception(error)


def generated(model: Model, settings: Settings, rows: Sequence[tuple[str, int]]) -> list[Generated]:
    """Return one answer a row of prompt and seed."""
    with one_thread():
        return model.generate(
            [prompt for prompt, _ in rows],
            think=thinks(model, settings),
            temperature=settings.temperature,
            seeds=[seed for _, seed in rows],
            max_tokens=settings.max_tokens,
            top=settings.top,
        )


def streamed(model: Model, settings: Settings, prompt: str, seed: int) -> Iterator[Step]:
    """Yield the tokens of one answer."""
    steps = model.stream(
        prompt, think=thinks(model, settings), temperature=settings.temperature, seed=seed, max_tokens=settings.max_tokens,
        top=settings.top,
    )  # fmt: skip
    while True:
        with one_thread():
            step = next(steps, None)
        if step is None:
            return
        yield step


def thinks(model: Model, settings: Settings) -> bool | None:
    """Return whether working is written: as asked, where the model can; None = as it is used to."""
    return None if settings.think is None else settings.think and model.config.can_think


def too_long(prompt: str, model: Model) -> Refused | None:
    """Return the error for a prompt that is longer than a model can read, None for any other."""
    if (tokens := model.tokens_in(prompt)) <= CONTEXT:
        return None
    said = f"This model's maximum context length is {CONTEXT} tokens. Your messages have {tokens}: shorten them."
    return Refused(said, param="messages", code="context_length_exceeded")


def _fits(place: _Place, model: Model) -> bool:
    error = too_long(place.prompt, model)
    if error is not None:
        place.said.set_exception(error)
    return error is None
