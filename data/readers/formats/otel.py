"""Spans of OpenTelemetry and OpenInference: attributes of single spans, lists of spans, whole OTLP envelopes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from data.readers import spans
from data.readers.calls import CALL, NOTE, OTHER, WRAPPED, Calls, failed, propensity, steps
from data.readers.chat import seconds, stamp
from data.readers.formats.base import Document, Row

_KNOWN = ("gen_ai.", "openinference.span.kind", "llm.model_name", "llm.token_count.", "llm.request.type")
_LOOKED_AT = 50
_NAMES_MOST = 1_000  # a document with an object a query has more, and no span so many attributes


class OTel(Calls):
    """Source: opentelemetry.io/docs/specs/semconv/gen-ai, github.com/Arize-ai/openinference, OTLP/JSON."""

    id = "otel"
    title = "OpenTelemetry spans"
    about = (
        "Read from spans of OpenTelemetry (gen_ai.*) or OpenInference (llm.*): one span of a model is one call. The model is the one that "
        "answered, where it is named, else the one asked for. Nothing says whether an answer is right. Latency is the span's duration; "
        "attributes without their span have none. Calls with the same messages are one query, under the id of the first span."
    )
    tables = True

    def knows(self, document: Document) -> bool:
        """Whether one of the first spans has an attribute of a model's call, or the document is an OTLP envelope."""
        given = [each for each in _listed(document)[:_LOOKED_AT] if isinstance(each, Mapping) and len(each) < _NAMES_MOST]
        found = (name for each in given if "resourceSpans" not in each for span in spans.spans(each) for name in span["attributes"])
        return any("resourceSpans" in each for each in given) or any(name.startswith(_KNOWN) for name in found)

    def records(self, document: Document) -> Sequence[Any]:
        """Return (spans, ids of the calls that wrap no other) for each record; an envelope that is a whole document is a record a span."""
        given = [list(spans.spans(each)) if isinstance(each, Mapping) else each for each in _listed(document)]
        if len(given) == 1 and isinstance(given[0], list):
            given = [[span] for span in given[0]]
        inner = steps(spans.seen(span) for each in given if isinstance(each, list) for span in each)
        return [(each, inner) for each in given]

    def rows(self, record: Any, document: Document) -> Iterator[Row]:  # noqa: ARG002
        """Yield the rows of a record's spans."""
        for span in record[0]:
            named, (own, trace, _) = span["attributes"], spans.ids(span)
            if not spans.is_call(named):
                yield {NOTE: OTHER}
            elif own and own not in record[1]:
                yield {NOTE: WRAPPED}
            else:
                start, end = spans.times(span)
                name = own or named.get("gen_ai.response.id") or trace
                row = {"query_id": name, CALL: own, "timestamp": stamp(start), "propensity": propensity(named), **spans.read(named)}
                yield failed(row) if spans.broken(span) else {**row, "latency_s": seconds(start, end)}


def _listed(document: Document) -> Sequence[Any]:
    return document.value if isinstance(document.value, list) else [document.value]
