"""Langfuse exports: traces with their observations, or a flat list of observations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from data.readers import spans
from data.readers.calls import CALL, NOTE, OTHER, WRAPPED, Calls, failed, propensity, scores, steps
from data.readers.chat import asked, reply, seconds, stamp, tokens
from data.readers.formats.base import Document, Row, dig, first, opened


class Langfuse(Calls):
    """Source: langfuse.com/docs, exports of traces and of observations."""

    id = "langfuse"
    title = "Langfuse traces"
    about = (
        "Recorded by Langfuse: one generation is one call (an agent has several), named trace/step; the trace is the task. A score is "
        "quality only if its name says that the answer is right or good (correctness); toxicity and the like stay columns. A trace's "
        "score is that of its last generation. A generation around another one repeats it and is left out. Cost is Langfuse's, in USD."
    )
    tables = True

    def knows(self, document: Document) -> bool:
        """Whether a record is a trace with observations, or an observation of a trace."""
        value = first(document)
        whole = isinstance(value.get("observations"), list) and ("trace" in value or "timestamp" in value)
        return whole or ({"traceId", "type", "startTime"} <= set(value) and bool({"parentObservationId", "usageDetails"} & set(value)))

    def records(self, document: Document) -> Sequence[Any]:
        """Return (trace, observations, steps) for each record; of a single trace for each observation."""
        given = document.value if isinstance(document.value, list) else [document.value]
        nested = "observations" in first(document)
        pairs = [(each.get("trace", each), each["observations"]) for each in given] if nested else [({}, given)]
        whole = [(trace, every, _steps(every)) for trace, every in pairs]
        return whole if len(whole) > 1 else [(trace, [each], places) for trace, every, places in whole for each in every]

    def rows(self, record: Any, document: Document) -> Iterator[Row]:  # noqa: ARG002
        """Yield the rows of a trace's generations."""
        trace, observations, places = record
        for each in observations:
            if each["type"] != "GENERATION":
                yield {NOTE: OTHER}
            elif each["id"] not in places:
                yield {NOTE: WRAPPED}
            else:
                row = _row(trace, each, *places[each["id"]])
                yield failed(row) if each.get("level") == "ERROR" else row


def _row(trace: Mapping[str, Any], each: Mapping[str, Any], step: int, last: int) -> Row:
    meta = opened(each.get("metadata"))
    named = spans.attributes(dig(meta, "attributes"))
    costs = (dig(opened(each.get("costDetails")), "total"), each.get("totalCost") or None, each.get("calculatedTotalCost") or None)
    told = spans.read(named)
    return {
        **told,
        **asked(each.get("input")),
        **tokens(opened(each.get("usageDetails")) or opened(each.get("usage"))),
        **scores((trace, each), each["id"], last=step == last),
        "query_id": f"{each.get('traceId') or trace['id']}/{step}",
        CALL: each["id"],
        "task": trace.get("name") or each.get("traceName"),
        "model": each.get("model") or each.get("providedModelName") or told["model"],
        "cost_usd": next((cost for cost in costs if cost is not None), told.get("cost_usd")),
        "latency_s": seconds(each.get("startTime"), each.get("endTime")),
        "timestamp": stamp(each.get("startTime")),
        "propensity": propensity(meta, named),
        "response": reply(each.get("output")) or told.get("response"),
    }


def _steps(observations: Sequence[Any]) -> dict[Any, tuple[int, int]]:
    whole = [each for each in observations if isinstance(each, Mapping) and {"id", "type"} <= set(each)]
    return steps(
        (o["id"], o.get("parentObservationId"), o.get("traceId"), str(o.get("startTime")), o["type"] == "GENERATION") for o in whole
    )
