"""LiteLLM spend logs: a record a request, as JSON, JSONL or a table, with JSON inside of texts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from data.readers.calls import CALL, NOTE, Calls, failed, propensity
from data.readers.chat import asked, reply, seconds, stamp, tokens
from data.readers.formats.base import Document, Row, dig, first, opened

_COLUMNS = {"request_id", "call_type", "startTime", "endTime", "model", "spend"}
_ANSWERS = ("completion", "responses", "anthropic_messages", "generate_content")
_OTHER = ("requests for something else than an answer (embeddings, images, tools), left out", "Nothing to do.")
_INTERNAL = ("calls that a router made to decide, left out", "Add their cost to that of the router.")
_CACHED = ("answers from a cache: their cost and latency are not the model's, so they are left unknown", "Nothing to do.")
_UNPRICED = ("calls with 0 USD of models without a price in the log: their cost is left unknown", "Type the model's price.")


class LiteLLM(Calls):
    """Source: github.com/BerriAI/litellm, table `LiteLLM_SpendLogs`."""

    id = "litellm"
    title = "LiteLLM spend log"
    about = (
        "Recorded by a LiteLLM proxy: one record is one request. Cost is its spend in USD, latency the time from start to end. Nothing "
        "says whether an answer is right. Cost and latency of answers from a cache are unknown, as is a cost of 0 without a known price. "
        "Requests with the same messages are one query; without messages each request is its own."
    )
    tables = True

    def knows(self, document: Document) -> bool:
        """Whether a record has the columns of a spend log."""
        return set(first(document)) >= _COLUMNS

    def rows(self, record: Any, document: Document) -> Iterator[Row]:  # noqa: ARG002
        """Yield the row of a request, and what there is to say of it."""
        meta, answer = opened(record.get("metadata")) or {}, opened(record.get("response"))
        sent = opened(record.get("proxy_server_request")) or {}
        kind = str(record["call_type"])
        if not any(kind.removeprefix("a").endswith(each) for each in _ANSWERS):
            yield {NOTE: _OTHER}
            return
        if dig(meta, "internal_call_origin"):
            yield {NOTE: _INTERNAL}
            return
        row = {
            "query_id": record["request_id"],
            CALL: record["request_id"],
            **(asked(record.get("messages")) or asked(sent)),
            "model": record["model"],
            "timestamp": stamp(record["startTime"]),
            "propensity": propensity(dig(meta, "routing_decision"), dig(meta, "spend_logs_metadata"), meta),
            "response": reply(answer) if answer else None,
            "router": dig(meta, "routing_decision.router_model_name"),
            **tokens(record),
            **tokens(dig(meta, "usage_object")),
        }
        if str(record.get("status") or dig(meta, "status")).lower() == "failure":
            yield failed(row)
        elif str(record.get("cache_hit")).lower() == "true":
            yield {**row, NOTE: _CACHED}
        else:
            latency, spend = seconds(record["startTime"], record["endTime"]), record["spend"]
            unpriced = spend in (0, "0", "0.0") and dig(meta, "model_map_information.model_map_value") is None
            yield {**row, "latency_s": latency, "cost_usd": None if unpriced else spend, **({NOTE: _UNPRICED} if unpriced else {})}
