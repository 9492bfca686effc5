"""One call: asked through the `openai` package, measured here, with confidence signals where the endpoint gives any."""

from __future__ import annotations

import asyncio
import math
import random
import sys
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np

from data.live.budget import Budget, worst_case_usd
from data.live.endpoints import Endpoint, KeyRing, origin_of
from data.live.errors import mapped, retry_after_s
from data.models import ModelCard, cost_from_card
from data.problems import EndpointAnswerError, EndpointError, EndpointTimeoutError

NAN = math.nan
RETRIES = 3
BACKOFF_S = 0.5
LONGEST_WAIT_S = 60.0
_SENT = ("host", "accept", "accept-encoding", "authorization", "connection", "content-length", "content-type", "user-agent")
_TOP = "top_logprobs"
Parameters = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back from one call; NaN = not known.

    tokens_out includes the tokens of hidden reasoning, which are billed. latency_s : seconds of the try that succeeded, as
    measured here. cost_usd : at the endpoint's card. reasoning : the text of the working where the endpoint sends it beside the
    answer. signals : margin (probability of the first token minus that of its runner-up), mean_logprob, sum_logprob, min_logprob
    (natural logarithms); absent where the endpoint gives no log-probs, the last two also where it gives some tokens none. They are
    over all tokens that it sends log-probs for: models of the ladder and of vLLM those of the working, marks and the end too,
    hosted reasoning models those of the answer alone. tokens : the same tokens in their order, (text, log-prob or NaN), kept by
    a `Caller` that is told to. alternatives : what the first token could have been, (text, log-prob), kept where the endpoint's
    `extra` says how many are wanted (`top_logprobs`).
    """

    text: str
    reasoning: str = ""
    tokens_in: float = NAN
    tokens_out: float = NAN
    tokens_reasoning: float = NAN
    latency_s: float = NAN
    cost_usd: float = NAN
    finish_reason: str = ""
    signals: Mapping[str, float] = field(default_factory=dict)
    tries: int = 1
    tokens: tuple[tuple[str, float], ...] = ()
    alternatives: tuple[tuple[str, float], ...] = ()


class Caller:
    """Asks endpoints from one event loop; close it when done (`async with`).

    retries : further tries after a failure that may pass. Parameters that an endpoint refuses (log-probs, a temperature) are
    left out from then on, for this endpoint. tokens : keep every token with its log-prob in the answers.
    """

    def __init__(
        self,
        keys: KeyRing | None = None,
        *,
        retries: int = RETRIES,
        backoff_s: float = BACKOFF_S,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        tokens: bool = False,
    ) -> None:
        self.keys = keys or KeyRing()
        self.retries, self.backoff_s = retries, backoff_s
        self._sleep, self._tokens = sleep, tokens
        self._clients: dict[tuple[str, str], Any] = {}
        self._refused: dict[tuple[str, str], frozenset[str]] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close all connections."""
        clients, self._clients = list(self._clients.values()), {}
        for client in clients:
            await client.close()

    def refused(self, endpoint: Endpoint) -> frozenset[str]:
        """Return the parameters that this endpoint was seen to refuse."""
        return self._refused.get((endpoint.base_url, endpoint.model_id), frozenset())

    async def ask(self, endpoint: Endpoint, prompt: str, *, budget: Budget | None = None, seed: int | None = None) -> Answer:
        """Return the endpoint's answer to one prompt.

        Raises EndpointError (see data.problems) after the last try, and BudgetError before a try that could go over the cap.
        A try without an answer may still be billed, so it is booked at its worst case; a refused one is not.
        """
        for attempt in range(self.retries + 1):
            try:
                answer = await self._try(endpoint, prompt, budget, seed)
            except EndpointError as error:
                wait = self._wait_s(error, attempt)
                if not error.retryable or attempt == self.retries or wait > LONGEST_WAIT_S:
                    raise
                await self._sleep(wait)
            else:
                return replace(answer, tries=attempt + 1)
        raise AssertionError  # pragma: no cover - the loop returns or raises

    def _wait_s(self, error: EndpointError, attempt: int) -> float:
        asked = retry_after_s(error.__cause__) if error.__cause__ else None
        return self.backoff_s * 2.0**attempt * (0.5 + random.random()) if asked is None else asked

    async def _try(self, endpoint: Endpoint, prompt: str, budget: Budget | None, seed: int | None) -> Answer:
        ticket = budget.reserve(worst_case_usd(endpoint, prompt)) if budget else None
        cost_usd = NAN
        answered = True
        try:
            answer = await self._send(endpoint, prompt, seed)
            cost_usd = answer.cost_usd
        except (EndpointTimeoutError, EndpointAnswerError) as error:
            answered = not _refused_outright(error)
            raise
        except EndpointError:
            answered = False
            raise
        finally:
            if budget and ticket and answered:
                budget.settle(ticket, cost_usd)
            elif budget and ticket:
                budget.release(ticket)
        return answer

    async def _send(self, endpoint: Endpoint, prompt: str, seed: int | None) -> Answer:
        import openai

        client = self._client(endpoint)
        while True:
            parameters = _parameters(endpoint, prompt, seed, self.refused(endpoint))
            start = time.perf_counter()
            try:
                completion = await client.chat.completions.create(**parameters, timeout=endpoint.timeout_s)
            except openai.BadRequestError as error:
                blamed = _blamed(error, parameters)
                if not blamed:
                    raise mapped(error, endpoint, self.keys.key_for(endpoint)) from error
                self._refused[endpoint.base_url, endpoint.model_id] = self.refused(endpoint) | {blamed}
            except (openai.OpenAIError, ValueError) as error:  # ValueError: an answer that is no JSON
                raise mapped(error, endpoint, self.keys.key_for(endpoint)) from error
            else:
                answer = read(completion, endpoint, time.perf_counter() - start)
                return replace(answer, tokens=_tokens(completion)) if self._tokens else answer

    def _client(self, endpoint: Endpoint) -> Any:
        import openai

        key = self.keys.key_for(endpoint)
        place = (endpoint.base_url, key)
        if place not in self._clients:
            # Redirects are not followed: the key would travel to an address that nobody has looked at.
            http = openai.DefaultAsyncHttpxClient(
                follow_redirects=False, event_hooks={"request": [_guard(endpoint, key)]}, transport=_transport(endpoint)
            )
            self._clients[place] = openai.AsyncOpenAI(api_key=key or "none", base_url=endpoint.base_url, max_retries=0, http_client=http)
        return self._clients[place]


def ask_sync(
    endpoint: Endpoint, prompt: str, *, keys: KeyRing | None = None, budget: Budget | None = None, retries: int = RETRIES
) -> Answer:
    """Return the endpoint's answer to one prompt, waiting for it; raises as `Caller.ask`. Not for use inside an event loop."""
    return asyncio.run(ask(endpoint, prompt, keys=keys, budget=budget, retries=retries))


async def ask(
    endpoint: Endpoint, prompt: str, *, keys: KeyRing | None = None, budget: Budget | None = None, retries: int = RETRIES
) -> Answer:
    """Return the endpoint's answer to one prompt; raises as `Caller.ask`."""
    async with Caller(keys, retries=retries) as caller:
        return await caller.ask(endpoint, prompt, budget=budget)


def read(completion: Any, endpoint: Endpoint, latency_s: float) -> Answer:
    """Return an answer from a chat completion of the openai package; raises EndpointAnswerError if it holds none."""
    choices = getattr(completion, "choices", None)
    choice = choices[0] if choices else None
    message = getattr(choice, "message", None)
    if choice is None or message is None:
        raise EndpointAnswerError(f"{endpoint.name} ({endpoint.base_url}) sent an answer without choices. Check the model id.")
    usage = getattr(completion, "usage", None)
    tokens_in, tokens_out = _count(usage, "prompt_tokens"), _count(usage, "completion_tokens")
    reasoning = _count(getattr(usage, "completion_tokens_details", None), "reasoning_tokens")
    # Some servers count hidden reasoning beside the completion instead of in it; the bill has both.
    if reasoning > tokens_out:
        tokens_out += reasoning
    return Answer(
        text=message.content or "",
        reasoning=str(getattr(message, "reasoning_content", None) or getattr(message, "reasoning", None) or ""),
        tokens_in=tokens_in,
        tokens_out=tokens_out,
        tokens_reasoning=reasoning,
        latency_s=latency_s,
        cost_usd=cost_usd(endpoint.card, tokens_in, tokens_out, latency_s),
        finish_reason=str(choice.finish_reason or ""),
        signals=_signals(getattr(choice, "logprobs", None)),
        alternatives=_alternatives(getattr(choice, "logprobs", None)) if _TOP in endpoint.extra else (),
    )


def cost_usd(card: ModelCard, tokens_in: float, tokens_out: float, latency_s: float) -> float:
    """Return the cost of one call in USD at a card's prices, NaN where it cannot be known."""
    one = (np.array([value], dtype=np.float32) for value in (tokens_in, tokens_out, latency_s))
    return float(cost_from_card(card, *one)[0])


def _signals(logprobs: Any) -> dict[str, float]:
    tokens = _items(logprobs, "content")
    known = [logprob for token in tokens if not math.isnan(logprob := _logprob(token))]
    if not known:
        return {}
    signals = {"mean_logprob": math.fsum(known) / len(known)}
    if len(known) == len(tokens):
        signals |= {"sum_logprob": math.fsum(known), "min_logprob": min(known)}
    # A server may leave an alternative without its log-prob, and round one up to a little over 0.
    others = [_logprob(other) for other in _items(tokens[0], "top_logprobs")]
    top = sorted((math.exp(min(logprob, 0.0)) for logprob in others if not math.isnan(logprob)), reverse=True)
    if len(top) > 1:
        signals["margin"] = top[0] - top[1]
    return signals


def _alternatives(logprobs: Any) -> tuple[tuple[str, float], ...]:
    """Return what the first token could have been, those with a log-prob only."""
    first = _items(logprobs, "content")[:1]
    others = [other for token in first for other in _items(token, "top_logprobs")]
    return tuple((str(getattr(other, "token", "")), _logprob(other)) for other in others if not math.isnan(_logprob(other)))


def _items(holder: Any, name: str) -> Sequence[Any]:
    """Return a list of an answer; what a server sends in its place is none, as the openai package checks no types."""
    value = getattr(holder, name, None)
    return value if isinstance(value, (list, tuple)) else ()


def _logprob(token: Any) -> float:
    """Return the log-prob of a token, NaN where it has none, and where it is no token at all."""
    return _number(getattr(token, "logprob", None))


def _number(value: Any) -> float:
    """Return a value of an answer as a float, NaN for what is none, or none that a float can hold."""
    known = isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) <= sys.float_info.max
    return float(value) if known else NAN


def _tokens(completion: Any) -> tuple[tuple[str, float], ...]:
    """Return the tokens of an answer with their log-probs, NaN where one has none."""
    content = _items(getattr(completion.choices[0], "logprobs", None), "content")
    return tuple((str(getattr(token, "token", "")), _logprob(token)) for token in content)


def _count(holder: Any, name: str) -> float:
    value = _number(getattr(holder, name, None))
    return value if value >= 0 else NAN


def _parameters(endpoint: Endpoint, prompt: str, seed: int | None, refused: frozenset[str]) -> Parameters:
    extra = dict(endpoint.extra)
    parameters: Parameters = {
        "model": endpoint.model_id,
        "messages": [{"role": "user", "content": prompt}],
        "temperature": endpoint.temperature,
        "max_tokens": endpoint.max_tokens,
        "logprobs": True,
        _TOP: extra.pop(_TOP, 2),  # among the others it would be sent on where log-probs are refused
        "extra_body": {**extra, **({} if seed is None else {"seed": seed})},
    }
    if "logprobs" in refused:
        del parameters["logprobs"], parameters[_TOP]
    if "temperature" in refused:
        del parameters["temperature"]
    if "max_tokens" in refused:
        parameters["max_completion_tokens"] = parameters.pop("max_tokens")
    return parameters


def _blamed(error: Any, parameters: Parameters) -> str:
    """Return which parameter that can be left out a refusal (400) speaks of, or an empty string."""
    body = error.body if isinstance(error.body, dict) else {}
    text = f"{body.get('param') or ''} {body.get('message') or error.message}".lower()
    return next((name for name in ("logprobs", "max_tokens", "temperature") if name in text and name in parameters), "")


def _refused_outright(error: EndpointError) -> bool:
    """Whether the endpoint never worked on the request, so that nothing is billed."""
    import openai

    cause = error.__cause__
    never_sent = isinstance(cause, openai.APIConnectionError) and type(cause.__cause__).__name__ == "ConnectError"
    return never_sent or isinstance(cause, openai.APIStatusError)


def _transport(endpoint: Endpoint) -> Any:
    """Return what carries the calls: the embedded models for their own address, None (the network) for any other."""
    if not endpoint.in_process:
        return None
    from data.ladder.transport import LadderTransport

    return LadderTransport()


def _guard(endpoint: Endpoint, key: str) -> Callable[[Any], Awaitable[None]]:
    """Return a hook that lets nothing leave but what the call needs: the key only to its own address, no header from elsewhere.

    The openai package reads organisation, project and further headers from the environment; they belong to another service.
    """

    async def guard(request: Any) -> None:
        if origin_of(str(request.url)) != endpoint.origin:
            raise EndpointAnswerError(f"{endpoint.name}: a call to another address than {endpoint.origin} was stopped.")
        for name in list(request.headers):
            if name.lower() not in _SENT:
                del request.headers[name]
        if not key:
            request.headers.pop("authorization", None)

    return guard
