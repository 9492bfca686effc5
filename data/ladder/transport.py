"""The ladder behind the `openai` package: an HTTP transport that answers in this process, without a port or a socket.

    openai.AsyncOpenAI(base_url=endpoint.BASE_URL, api_key="none", http_client=openai.DefaultAsyncHttpxClient(transport=LadderTransport()))

Answers POST /v1/chat/completions and GET /v1/models. `reasoning_effort` "none" asks for the answer alone, any other word for the
working where the model has learnt to write it; absent, it does what it is used to. Of the messages only the last user's counts.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import httpx2

from data.ladder import chat as wire
from data.ladder.chat import Chat, Refused
from data.ladder.together import Together, streamed, too_long
from data.problems import RouteScopeError

if TYPE_CHECKING:
    from data.ladder.model import Model, Step

_CHAT, _MODELS = "/v1/chat/completions", "/v1/models"
_JSON, _EVENTS = {"content-type": "application/json"}, {"content-type": "text/event-stream; charset=utf-8"}


class LadderTransport(httpx2.BaseTransport, httpx2.AsyncBaseTransport):
    """Answers the requests of one client, plain or asynchronous; keeps no thread of its own.

    load, names : where models come from, those of `data.ladder.model` where not given.
    """

    def __init__(self, load: Callable[[str], Model] | None = None, names: Callable[[], tuple[str, ...]] | None = None) -> None:
        from data.ladder import model  # NumPy and the vocabulary: when the first client is made

        self._load, self._names = load or model.load, names or model.names
        self.together = Together(self._load)

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Return the response to a request of a plain client; the work is done in the caller's own thread."""
        try:
            routed = self._routed(request, request.read())
            if isinstance(routed, httpx2.Response):
                return routed
            if routed.stream:
                return httpx2.Response(200, headers=_EVENTS, stream=_Events(self._streamed(routed)), request=request)
            return _answered(request, wire.completion(routed, self.together.said(routed)))
        except Exception as error:  # noqa: BLE001 - an error of a server is a response
            return _failed(request, error)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Return the response to a request of an asynchronous client; raises httpx2.ReadTimeout after the client's own time."""
        try:
            routed = self._routed(request, await request.aread())
            if isinstance(routed, httpx2.Response):
                return routed
            if routed.stream:
                return httpx2.Response(200, headers=_EVENTS, stream=_Events(self._streamed(routed)), request=request)
            async with asyncio.timeout(request.extensions.get("timeout", {}).get("read")):
                said = await self.together.said_async(routed)
            return _answered(request, wire.completion(routed, said))
        except TimeoutError:
            raise httpx2.ReadTimeout("the answer took longer than the client waits", request=request) from None
        except Exception as error:  # noqa: BLE001 - an error of a server is a response
            return _failed(request, error)

    async def aclose(self) -> None:
        """Drop the requests that wait, and wait for the batch under way."""
        await self.together.aclose()

    def _routed(self, request: httpx2.Request, raw: bytes) -> httpx2.Response | Chat:
        path, known = request.url.path.rstrip("/"), self._names()
        if path == _CHAT:
            _allow(request, "POST")
            return wire.read(raw, known)
        if path == _MODELS:
            _allow(request, "GET")
            return _answered(request, wire.models(known))
        if path.startswith(f"{_MODELS}/"):
            _allow(request, "GET")
            name = unquote(path.removeprefix(f"{_MODELS}/"))
            if name not in known:
                raise wire.unknown_model(name, known)
            return _answered(request, wire.model(name))
        raise Refused(f"Unknown request URL: {request.method} {request.url.path}. There are {_CHAT} and {_MODELS}.", status=404)

    def _streamed(self, chat: Chat) -> Iterator[bytes]:
        """Yield the events of one streamed answer, its samples one after the other."""
        settings, stream, steps = chat.settings, wire.Stream(chat), []
        try:
            model = self._load(settings.model)
            if (error := too_long(chat.prompt, model)) is not None:
                raise error  # noqa: TRY301 - said like all others
            for index, seed in enumerate(chat.seeds):
                yield stream.start(index)
                said: list[Step] = []
                for step in streamed(model, settings, chat.prompt, seed):
                    said.append(step)
                    yield stream.step(index, step)
                yield stream.end(index, "stop" if said and said[-1].phase == "end" else "length")
                steps += said
            if chat.usage:
                yield stream.count(model.tokens_in(chat.prompt), steps)
        except Exception as error:  # noqa: BLE001 - the response has begun: the error is an event of its own
            yield wire.event(_body(error)[1])
        yield wire.DONE


class _Events(httpx2.SyncByteStream, httpx2.AsyncByteStream):
    """Server-sent events; read asynchronously, each is made in a worker thread."""

    def __init__(self, events: Iterator[bytes]) -> None:
        self._events = events

    def __iter__(self) -> Iterator[bytes]:
        return self._events

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while (event := await asyncio.to_thread(next, self._events, None)) is not None:
            yield event


def _allow(request: httpx2.Request, method: str) -> None:
    if request.method != method:
        raise Refused(f"Invalid method for URL ({request.method} {request.url.path}): use {method}.", status=405)


def _answered(request: httpx2.Request, value: Mapping[str, Any], status: int = 200) -> httpx2.Response:
    # Lone surrogates of a prompt can't be written as UTF-8, so everything beyond ASCII is escaped.
    return httpx2.Response(status, headers=_JSON, content=json.dumps(value).encode(), request=request)


def _failed(request: httpx2.Request, error: Exception) -> httpx2.Response:
    status, body = _body(error)
    return _answered(request, body, status)


def _body(error: Exception) -> tuple[int, Mapping[str, Any]]:
    if isinstance(error, RouteScopeError):
        error = Refused(str(error))
    if not isinstance(error, Refused):
        error = Refused(f"{type(error).__name__}: {error}", status=500, kind="server_error")
    return error.status, error.body
