"""A tiny OpenAI-compatible server on loopback for tests: scripted answers, delays, errors, log-probs, usage.

    with StubEndpoint(answer=lambda prompt, model: prompt.upper()) as stub:
        endpoint = stub.endpoint("shouter")           # a data.live.Endpoint at the stub
        ask_sync(endpoint, "hello").text              # "HELLO"
        stub.calls                                    # what arrived: model, prompt, body, headers

`answer` is a callable (prompt, model) -> str | Reply, a mapping prompt -> str | Reply, or one str | Reply for all. A `Reply` with a
status of 400 or more is an error; `first` gives the first calls replies of their own, in order of arrival, before `answer` is asked.
"""

from __future__ import annotations

import json
import math
import random
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from data.live.endpoints import Endpoint
from data.models import ModelCard


@dataclass(frozen=True, kw_only=True)
class Reply:
    """One scripted reply; `margin` and `logprob` make log-probs when they are asked for, usage=None leaves the usage out.

    top : what each token could have been, text -> probability, in place of the two that `margin` makes; the likeliest are sent, as
    many as were asked for.
    """

    text: str = ""
    status: int = 200
    delay_s: float = 0.0
    headers: Mapping[str, str] = field(default_factory=dict)
    raw: str | None = None
    usage: tuple[int, int] | None = (7, 3)
    reasoning_tokens: int | None = None
    margin: float | None = None
    top: Mapping[str, float] = field(default_factory=dict)
    logprob: float = -0.1
    error: Mapping[str, Any] = field(default_factory=dict)
    finish_reason: str = "stop"
    no_choices: bool = False


@dataclass(frozen=True)
class Call:
    """What arrived at the stub, in order of arrival."""

    model: str
    prompt: str
    body: Mapping[str, Any]
    headers: Mapping[str, str]
    path: str


Script = str | Reply | Mapping[str, str | Reply] | Callable[[str, str], str | Reply]


class StubEndpoint:
    """The server; a context manager.

    shuffle_s : each answer waits a random time up to this (seeded), so that calls at once complete out of order.
    key : when given, calls without it are refused with 401. refuses : parameters answered with 400 when sent.
    """

    def __init__(
        self,
        answer: Script = "ok",
        *,
        first: Iterable[Reply] = (),
        shuffle_s: float = 0.0,
        seed: int = 0,
        key: str | None = None,
        refuses: Sequence[str] = (),
    ) -> None:
        self.answer, self.first, self.key, self.refuses = answer, list(first), key, tuple(refuses)
        self.shuffle_s, self._random = shuffle_s, random.Random(seed)
        self.calls: list[Call] = []
        self.completed: list[str] = []
        self.most_at_once = 0
        self._at_once = 0
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.stub = self
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)

    @property
    def base_url(self) -> str:
        """The address to put in an endpoint."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def endpoint(self, name: str = "stub", **changes: Any) -> Endpoint:
        """Return an endpoint at this stub, priced at 1 and 2 USD per million tokens unless changed."""
        card = ModelCard(name=name, price_in_usd_per_mtok=1.0, price_out_usd_per_mtok=2.0, tier="typed")
        values = {"model_id": name, "card": card, "max_tokens": 16, "timeout_s": 5.0, **changes}
        return Endpoint(name=name, base_url=self.base_url, **values)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def reply_to(self, call: Call) -> Reply:
        """Return the scripted reply to a call."""
        with self._lock:
            self.calls.append(call)
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
            first = self.first.pop(0) if self.first else None
            delay_s = self._random.uniform(0, self.shuffle_s)
        time.sleep(delay_s)
        if self.key is not None and call.headers.get("authorization") != f"Bearer {self.key}":
            return Reply(status=401, error={"message": "Incorrect API key provided."})
        refused = next((name for name in self.refuses if name in call.body), None)
        if refused:
            return Reply(status=400, error={"message": f"Unsupported parameter: '{refused}'.", "param": refused})
        return first or self._scripted(call)

    def _scripted(self, call: Call) -> Reply:
        found = self.answer(call.prompt, call.model) if callable(self.answer) else self.answer
        if isinstance(found, Mapping):
            found = found[call.prompt]
        return Reply(text=found) if isinstance(found, str) else found

    def done(self, call: Call) -> None:
        """Note the end of a call."""
        with self._lock:
            self._at_once -= 1
            self.completed.append(call.prompt)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    stub: StubEndpoint


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_POST(self) -> None:
        """Answer a chat completion."""
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        headers = {name.lower(): value for name, value in self.headers.items()}
        call = Call(str(body.get("model")), str(body["messages"][-1]["content"]), body, headers, self.path)
        reply = self.server.stub.reply_to(call)
        time.sleep(reply.delay_s)
        self.server.stub.done(call)
        self._send(reply, body)

    def _send(self, reply: Reply, body: Mapping[str, Any]) -> None:
        text = (
            reply.raw
            if reply.raw is not None
            else json.dumps(_completion(reply, body) if reply.status < 400 else {"error": dict(reply.error)})
        )
        data = text.encode()
        try:
            self.send_response(reply.status)
            for name, value in {"Content-Type": "application/json", "Content-Length": str(len(data)), **reply.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True  # the caller has gone: a timeout or a stop under test


def _completion(reply: Reply, body: Mapping[str, Any]) -> dict[str, Any]:
    choice: dict[str, Any] = {"index": 0, "finish_reason": reply.finish_reason, "message": {"role": "assistant", "content": reply.text}}
    if body.get("logprobs") and (reply.margin is not None or reply.top):
        choice["logprobs"] = {"content": _tokens(reply, int(body.get("top_logprobs", 0)))}
    answer: dict[str, Any] = {"id": "stub", "object": "chat.completion", "created": 0, "model": body.get("model"), "choices": [choice]}
    if reply.no_choices:
        answer["choices"] = []
    if reply.usage is not None:
        tokens_in, tokens_out = reply.usage
        answer["usage"] = {"prompt_tokens": tokens_in, "completion_tokens": tokens_out, "total_tokens": tokens_in + tokens_out}
        if reply.reasoning_tokens is not None:
            answer["usage"]["completion_tokens_details"] = {"reasoning_tokens": reply.reasoning_tokens}
    return answer


def _tokens(reply: Reply, most: int) -> list[dict[str, Any]]:
    first, second = (1 + (reply.margin or 0.0)) / 2, (1 - (reply.margin or 0.0)) / 2
    likely = sorted((reply.top or {"a": first, "b": second}).items(), key=lambda each: -each[1])[:most]
    top = [{"token": token, "logprob": math.log(p) if p > 0 else -9999.0, "bytes": None} for token, p in likely]
    return [{"token": word, "logprob": reply.logprob, "bytes": None, "top_logprobs": top} for word in (reply.text.split() or [""])]
