"""Spans of OpenTelemetry in every wrapping, and what their attributes say of a model's call.

Sources: OpenTelemetry's semantic conventions for generative AI (`gen_ai.*`, current and deprecated names), OpenInference (`llm.*`),
OpenLLMetry's indexed prompts (`gen_ai.prompt.0.content`), OTLP/JSON.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from data.readers.calls import Seen
from data.readers.chat import asked, nanoseconds, reply, tree
from data.readers.formats.base import Row, dig, opened

_MODEL = ("gen_ai.response.model", "llm.model_name", "gen_ai.request.model", "ai.response.model", "ai.model.id")
_OPERATIONS = ("chat", "text_completion", "generate_content", "completion")
_NUMBERS = {
    "tokens_in": ("gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens", "llm.token_count.prompt", "ai.usage.promptTokens"),
    "tokens_out": (
        "gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens", "llm.token_count.completion", "ai.usage.completionTokens",
    ),
    "tokens_total": ("llm.token_count.total", "gen_ai.usage.total_tokens", "llm.usage.total_tokens"),
    "tokens_reasoning": (
        "gen_ai.usage.reasoning.output_tokens", "gen_ai.usage.reasoning_tokens", "llm.token_count.completion_details.reasoning",
    ),
    "tokens_cached": (
        "gen_ai.usage.cache_read.input_tokens", "gen_ai.usage.cache_read_input_tokens", "llm.token_count.prompt_details.cache_read",
    ),
    "cost_usd": ("llm.cost.total", "gen_ai.usage.cost", "gen_ai.usage.total_cost"),
}  # fmt: skip
_IDS = ("spanId", "span_id", "context.span_id", "id")
_TRACES = ("traceId", "trace_id", "context.trace_id")
_PARENTS = ("parentSpanId", "parent_span_id", "parent_id", "parentId")
_STARTS = ("startTimeUnixNano", "start_time_unix_nano", "start_time", "startTime", "start")
_ENDS = ("endTimeUnixNano", "end_time_unix_nano", "end_time", "endTime", "end")
_FAILED = ("2", "ERROR", "STATUS_CODE_ERROR")
_DEPTH = 12


def spans(record: Any) -> Iterator[Mapping[str, Any]]:
    """Yield the spans of a record: of an OTLP envelope, or the record itself; its attributes flat under `attributes`."""
    if not isinstance(record, Mapping):
        raise TypeError("it is no JSON object")
    if "resourceSpans" in record:
        for resource in record["resourceSpans"]:
            for scope in resource.get("scopeSpans") or resource.get("instrumentationLibrarySpans") or ():
                for span in scope.get("spans") or ():
                    yield {**span, "attributes": attributes(span.get("attributes"))}
    elif "attributes" in record:
        yield {**record, "attributes": attributes(record["attributes"])}
    else:
        flat = attributes(record)
        inner = {name.removeprefix("attributes."): value for name, value in flat.items()}  # a table's columns, as Phoenix writes them
        yield {**record, "attributes": inner}


def attributes(given: Any) -> dict[str, Any]:
    """Return attributes as dotted names and plain values, from an object, nested objects, or OTLP's list of keys and values."""
    if isinstance(given, list):
        return {str(each["key"]): _plain(each.get("value")) for each in given if isinstance(each, Mapping) and "key" in each}
    found = opened(given)
    return dict(_flat(found, "", 0)) if isinstance(found, Mapping) else {}


def is_call(named: Mapping[str, Any]) -> bool:
    """Whether attributes are those of a model's call: not of a tool, an agent, an embedding, a retrieval."""
    operation, kind = named.get("gen_ai.operation.name"), named.get("openinference.span.kind")
    request = named.get("llm.request.type")
    if operation or kind or request:
        return operation in _OPERATIONS or str(kind).upper() == "LLM" or request in _OPERATIONS
    return any(name in named for name in _MODEL) and any(name in named for role in ("tokens_in", "tokens_out") for name in _NUMBERS[role])


def read(named: Mapping[str, Any]) -> Row:
    """Return model, prompt, response, tokens and cost of a call by its attributes; what they don't say is left out."""
    row: Row = {role: value for role, names in _NUMBERS.items() if (value := _first(named, names)) is not None}
    if "cost_usd" not in row and {"llm.cost.prompt", "llm.cost.completion"} <= set(named):
        row["cost_usd"] = float(named["llm.cost.prompt"]) + float(named["llm.cost.completion"])
    model = _first(named, _MODEL) or dig(opened(named.get("llm.invocation_parameters")), "model")
    answers = (
        named.get("gen_ai.output.messages") or named.get("gen_ai.completion") or tree(named, "gen_ai.completion")
        or tree(named, "llm.output_messages") or named.get("output.value") or named.get("output")
    )  # fmt: skip
    questions = (
        named.get("gen_ai.input.messages") or named.get("gen_ai.prompt") or tree(named, "gen_ai.prompt")
        or tree(named, "llm.input_messages") or named.get("input.value") or named.get("input")
    )  # fmt: skip
    return {"model": model, **row, **asked(questions, named.get("gen_ai.system_instructions")), "response": reply(answers)}


def ids(span: Mapping[str, Any]) -> tuple[Any, Any, Any]:
    """Return the ids of a span, its trace and its parent; None where one isn't recorded."""
    found = [next((value for name in names if (value := _at(span, name))), None) for names in (_IDS, _TRACES, _PARENTS)]
    return found[0], found[1], found[2]


def times(span: Mapping[str, Any]) -> tuple[Any, Any]:
    """Return start and end of a span as recorded, None where they aren't."""
    start, end = (
        next((value for name in names if (value := span.get(name)) not in (None, "", 0, "0")), None) for names in (_STARTS, _ENDS)
    )
    return start, end


def seen(span: Mapping[str, Any]) -> Seen:
    """Return a span as its trace sees it."""
    own, trace, parent = ids(span)
    start, _ = times(span)
    return own, parent, trace, nanoseconds(start) or 0, is_call(span["attributes"]) and bool(own)


def broken(span: Mapping[str, Any]) -> bool:
    """Whether a span ended in an error."""
    codes = (dig(span, "status.code"), dig(span, "status.status_code"), span.get("status_code"))
    return any(str(code).upper() in _FAILED for code in codes)


def _at(span: Mapping[str, Any], name: str) -> Any:
    return span.get(name) or dig(span, name)


def _first(named: Mapping[str, Any], names: Sequence[str]) -> Any:
    return next((named[name] for name in names if named.get(name) not in (None, "")), None)


def _plain(value: Any) -> Any:
    """Return an OTLP value as a plain one: `{"intValue": "52"}` is 52."""
    if not isinstance(value, Mapping):
        return value
    for kind, inner in value.items():
        if kind == "arrayValue":
            return [_plain(each) for each in inner.get("values") or ()]
        if kind == "kvlistValue":
            return {each["key"]: _plain(each.get("value")) for each in inner.get("values") or ()}
        return int(inner) if kind == "intValue" else inner
    return None


def _flat(given: Any, prefix: str, depth: int) -> Iterator[tuple[str, Any]]:
    for name, value in given.items():
        listed = isinstance(value, list) and bool(value) and all(isinstance(each, Mapping) for each in value)
        inner = {str(i): each for i, each in enumerate(value)} if listed else value
        if isinstance(inner, Mapping) and inner and depth < _DEPTH:
            yield from _flat(inner, f"{prefix}{name}.", depth + 1)
        else:
            yield f"{prefix}{name}", value
