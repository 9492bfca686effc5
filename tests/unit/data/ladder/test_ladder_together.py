"""Requests that share a batch: what ends the thread that works on it leaves nobody waiting."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import httpx2
import pytest

from data.ladder.chat import Chat, Refused, Settings
from data.ladder.endpoint import BASE_URL
from data.ladder.model import Generated
from data.ladder.together import Together
from data.ladder.transport import LadderTransport
from tests.fake_ladder import PLAIN, FakeModel

LONGEST_S = 20


class EndedError(BaseException):
    """What ends a thread, as an interrupt does, and is not caught as an error."""


class Ending(FakeModel):
    """Works on one batch until it is told to go on, and ends its thread at the next."""

    def __init__(self, ends_with: type[BaseException], *, from_batch: int = 2) -> None:
        super().__init__()
        self.ends_with, self.from_batch, self.go_on = ends_with, from_batch, threading.Event()

    def generate(self, prompts, **options) -> list[Generated]:
        """Answer, or end the thread."""
        self.batches.append(len(prompts))
        assert self.go_on.wait(LONGEST_S)
        if len(self.batches) >= self.from_batch:
            raise self.ends_with
        return FakeModel().generate(prompts, **options)


def request(word: str) -> Chat:
    """Return a request for one word."""
    settings = Settings(model=PLAIN, think=None, temperature=0.0, max_tokens=8, top=0)
    return Chat(settings=settings, prompt=f"say {word}", seeds=(0,), logprobs=False, stream=False, usage=False)


def started(work: Callable[..., Any], *args: Any) -> Future[Any]:
    """Return what comes of work in a thread of its own, which a test that fails doesn't wait for."""
    done: Future[Any] = Future()

    def run() -> None:
        try:
            done.set_result(work(*args))
        except BaseException as error:  # noqa: BLE001 - the test looks at it
            done.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return done


def until(met: Callable[[], bool]) -> None:
    """Wait for something."""
    end = time.monotonic() + LONGEST_S
    while not met():
        assert time.monotonic() < end
        time.sleep(0.002)


def waiting(together: Together) -> int:
    """Return how many requests wait for a batch."""
    return sum(map(len, together._waiting.values()))


@pytest.mark.parametrize("ends_with", [KeyboardInterrupt, SystemExit, EndedError])
def test_an_interrupt_of_the_one_who_works_leaves_no_other_waiting(ends_with: type[BaseException]) -> None:
    """Whose thread ends has its own interrupt; those whose answers it was working on are told, and the next are answered."""
    model = Ending(ends_with)
    together = Together(lambda _: model)
    first = started(together.said, request("first"))
    until(lambda: bool(model.batches))
    others = [started(together.said, request(word)) for word in ("b", "c")]
    until(lambda: waiting(together) == 2)
    model.go_on.set()
    assert first.result(LONGEST_S)[0].answer == "first"
    errors = [other.exception(LONGEST_S) for other in others]
    assert model.batches == [1, 2]
    [told] = [error for error in errors if isinstance(error, Refused)]
    assert {type(error) for error in errors} == {ends_with, Refused}
    assert (told.status, told.body["error"]["type"]) == (503, "server_error")
    assert str(told) == f"The work on this request was interrupted ({ends_with.__name__}). Send it again."
    model.from_batch = 9
    assert together.said(request("d"))[0].answer == "d"


def test_an_interrupt_in_the_worker_of_a_loop_leaves_nobody_waiting() -> None:
    """Those of the batch, and those who wait behind it, are told at once; a request after it is answered."""
    model = Ending(EndedError, from_batch=1)
    together = Together(lambda _: model)

    async def go() -> list[object]:
        asyncio.get_running_loop().set_exception_handler(lambda *_: None)  # that the worker's own task ended is the point
        asked = [asyncio.create_task(together.said_async(request(word))) for word in ("a", "b")]
        await asyncio.to_thread(until, lambda: bool(model.batches))
        asked.append(asyncio.create_task(together.said_async(request("c"))))
        await asyncio.to_thread(until, lambda: bool(waiting(together)))
        model.go_on.set()
        done = await asyncio.wait_for(asyncio.gather(*asked, return_exceptions=True), LONGEST_S)
        model.from_batch = 9
        [last] = await asyncio.wait_for(together.said_async(request("d")), LONGEST_S)
        return [*done, last.answer]

    *errors, last = asyncio.run(go())
    assert [(type(error), getattr(error, "status", None)) for error in errors] == [(Refused, 503)] * 3
    assert last == "d"
    assert not together._waiting


def test_who_is_interrupted_while_waiting_for_a_turn_is_not_worked_on() -> None:
    """A request whose caller was interrupted before its turn came is dropped; the next batch has only those who wait."""
    model = FakeModel()
    together = Together(lambda _: model)

    class Interrupted:
        def __enter__(self) -> None:
            raise KeyboardInterrupt

        def __exit__(self, *_: object) -> None:
            raise AssertionError("it was never entered")

    together._turns[request("a").settings] = Interrupted()  # type: ignore[assignment]
    with pytest.raises(KeyboardInterrupt):
        together.said(request("a"))
    together._turns.clear()
    assert together.said(request("b"))[0].answer == "b"
    assert model.batches == [1]


def test_a_client_gets_the_interrupt_of_another_as_an_error_of_the_server() -> None:
    """Over the transport it is a 503 with words, which clients try again, and never an exception of somebody else's thread."""
    model = Ending(EndedError)
    transport = LadderTransport(load=lambda _: model, names=lambda: (PLAIN,))

    def post(word: str) -> httpx2.Response:
        body = {"model": PLAIN, "temperature": 0, "messages": [{"role": "user", "content": f"say {word}"}]}
        return asked.post(f"{BASE_URL}/chat/completions", json=body)

    with httpx2.Client(transport=transport) as asked:
        first = started(post, "a")
        until(lambda: bool(model.batches))
        others = [started(post, word) for word in ("b", "c")]
        until(lambda: waiting(transport.together) == 2)
        model.go_on.set()
        ended = [other.exception(LONGEST_S) for other in others]
        assert first.result(LONGEST_S).status_code == 200
    assert sorted(str(type(error).__name__) for error in ended) == ["EndedError", "NoneType"]
    [told] = [other.result() for other, error in zip(others, ended, strict=True) if error is None]
    assert (told.status_code, "Send it again" in told.text) == (503, True)
