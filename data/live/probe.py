"""One short call that shows whether an endpoint is there, takes the key, and what it tells."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from data.live.call import ask_sync
from data.live.endpoints import Endpoint, KeyRing
from data.problems import EndpointError

PROMPT = "Reply with the one word: ready"
_MAX_TOKENS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionReport:
    """What one short call showed; latency_s in seconds and tokens NaN, text empty, where there was no answer.

    logprobs : whether a confidence signal came back. usage : whether tokens were counted, without which no cost is known.
    """

    ok: bool
    words: str
    latency_s: float = math.nan
    text: str = ""
    logprobs: bool = False
    usage: bool = False
    cost_usd: float = math.nan


def test_connection(endpoint: Endpoint, keys: KeyRing | None = None) -> ConnectionReport:  # noqa: PT028 - tests a connection
    """Return how one short call goes; never raises for an endpoint that fails. It is a real call and may cost a little."""
    small = replace(endpoint, max_tokens=min(endpoint.max_tokens, _MAX_TOKENS))
    try:
        answer = ask_sync(small, PROMPT, keys=keys, retries=0)
    except EndpointError as error:
        return ConnectionReport(ok=False, words=str(error))
    logprobs, usage = bool(answer.signals), not math.isnan(answer.tokens_out)
    return ConnectionReport(
        ok=True,
        words=_words(answer.latency_s, logprobs=logprobs, usage=usage),
        latency_s=answer.latency_s,
        text=answer.text,
        logprobs=logprobs,
        usage=usage,
        cost_usd=answer.cost_usd,
    )


def _words(latency_s: float, *, logprobs: bool, usage: bool) -> str:
    took = f"{latency_s * 1000:,.0f} ms" if latency_s < 1 else f"{latency_s:,.1f} s"
    confidence = "gives log-probs, so its confidence can be used" if logprobs else "gives no log-probs: confidence has to be predicted"
    counted = "" if usage else " It counts no tokens, so its cost stays unknown unless a flat price is typed."
    return f"Answered in {took}; {confidence}.{counted}"
