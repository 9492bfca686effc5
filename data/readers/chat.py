"""What logs of calls share: messages in every provider's form, token counts under every name, moments and durations."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from data.readers.formats.base import Row, dig, opened

_ROLES = {"human": "user", "ai": "assistant", "model": "assistant", "developer": "system", "function": "tool"}
_LISTS = ("messages", "contents", "input", "prompt", "question", "query")
_SYSTEM = ("system", "instructions", "system_instruction", "systemInstruction", "config.system_instruction")
_TEXT = ("text", "content", "parts", "contents", "response", "function_response", "output", "refusal")
_CALL_TYPES = ("tool_call", "function_call", "tool_use", "tool-call")
_NUMBERS = {
    "tokens_in": ("input_tokens", "prompt_tokens", "input", "inputTokens", "promptTokens", "prompt_token_count"),
    "tokens_out": ("output_tokens", "completion_tokens", "output", "outputTokens", "completionTokens", "candidates_token_count"),
    "tokens_total": ("total_tokens", "total", "totalTokens", "total_token_count"),
    "tokens_reasoning": (
        "reasoning_tokens", "completion_tokens_details.reasoning_tokens", "output_tokens_details.reasoning_tokens", "output_reasoning",
        "output_reasoning_tokens", "thoughts_token_count", "reasoningTokens",
    ),
    "tokens_cached": (
        "prompt_tokens_details.cached_tokens", "input_tokens_details.cached_tokens", "cached_tokens", "input_cache_read",
        "input_tokens_cache_read", "cache_read_input_tokens", "input_cached_tokens", "prompt_cache_hit_tokens",
        "cached_content_token_count", "cachedInputTokens",
    ),
}  # fmt: skip
_DOTTED = {"tokens_reasoning": "completion_details.reasoning", "tokens_cached": "prompt_details.cache_read"}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DIGITS = re.compile(r"[+-]?\d+(\.\d+)?")
_FRACTION = re.compile(r"[.,](\d{1,9})\d*")


@dataclass(frozen=True, slots=True)
class Message:
    """One message: `role` is system, user, assistant or tool; `text` says tool calls in words too."""

    role: str
    text: str


def messages(value: Any) -> list[Message]:
    """Return what a model was given: a text, a message, a list of them, or a request that holds one; JSON within texts is opened."""
    value = opened(value)
    if isinstance(value, Mapping):
        inner = next((key for key in _LISTS if value.get(key)), None)
        if inner is None or "role" in value:
            return [_message(value)] if value else []
        system = [Message("system", text) for key in _SYSTEM if (text := said(dig(value, key)))]
        return [*system, *messages(value[inner])]
    if isinstance(value, list):
        parts = bool(value) and all(isinstance(each, Mapping) and "type" in each and not _is_message(each) for each in value)
        return [Message("user", said(value))] if parts else [_message(each) for each in value]
    return [] if value is None or value == "" else [Message("user", str(value))]


def asked(value: Any, system: Any = None) -> Row:
    """Return the prompt of a call, and under `@key` what makes two calls the same question: all messages, system messages too.

    The prompt is the text of a single user message, else the conversation with roles; system messages are left out of it, because they
    are mostly the same for all calls of a program and would hide what differs. `system` : further system messages.
    """
    found = [*(Message("system", each.text) for each in messages(system)), *messages(value)]
    told = [each.text for each in found if each.role == "system" and each.text]
    rest = [each for each in found if each.role != "system" and each.text]
    if not rest:
        text = "\n\n".join(told)
    elif len(rest) == 1 and rest[0].role == "user":
        text = rest[0].text
    else:
        text = "\n\n".join(f"{each.role}: {each.text}" for each in rest)
    return {"prompt": text, "@key": json.dumps([*told, text])} if text else {}


def reply(value: Any) -> str | None:
    """Return what a model answered, out of a text, a message, a list of them, or a whole response; None where there is nothing."""
    value = opened(value)
    if isinstance(value, Mapping):
        for key in ("choices", "output", "message", "candidates"):
            if value.get(key):
                return reply(value[key][0] if key in ("choices", "candidates") and isinstance(value[key], list) else value[key])
        return said(value) or None
    if isinstance(value, list):
        mine = [each for each in value if not isinstance(each, Mapping) or _role(each, "assistant") == "assistant"]
        return "\n\n".join(filter(None, (said(each) for each in mine))) or None
    return str(value) if value not in (None, "") else None


def said(value: Any) -> str:
    """Return the text of a message, a content, a part or a list of parts; calls of tools in words, "" where there is none."""
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, list):
        return "\n".join(filter(None, (said(each) for each in value)))
    if not isinstance(value, Mapping):
        return str(value)
    for wrapper in ("message", "message_content", "tool_call"):
        if isinstance(value.get(wrapper), Mapping):
            return said(value[wrapper])
    call = _call(value)
    if call:
        return call
    text = next((said(value[key]) for key in _TEXT if value.get(key) not in (None, "", [], {})), "")
    calls = said(value.get("tool_calls") or dig(value, "additional_kwargs.tool_calls"))
    return "\n".join(filter(None, (text, calls)))


def tokens(usage: Any) -> Row:
    """Return the token counts of a usage object, by role; what it doesn't say is left out."""
    if not isinstance(usage, Mapping) or str(usage.get("unit") or "TOKENS").upper() != "TOKENS":
        return {}
    row: Row = {}
    for role, names in _NUMBERS.items():
        found = [usage.get(_DOTTED.get(role, "")), *(dig(usage, name) for name in names)]
        value = next((each for each in found if isinstance(each, (int, float, str)) and each != ""), None)
        if value is not None:
            row[role] = value
    return row


def added(rows: Iterable[Row]) -> Row:
    """Return the sums of some rows' numbers; a role that one of the rows lacks is left out, because its sum isn't known."""
    each = list(rows)
    shared = set.intersection(*(set(row) for row in each)) if each else set()
    return {role: math.fsum(float(row[role]) for row in each) for role in shared}


def shared(row: Row, answers: int) -> Row:
    """Return what one of several answers to one request used: its share of the output; the input is the same for each."""
    if answers < 2:
        return row
    return {
        role: row[role] / answers if role in ("tokens_out", "tokens_reasoning") else row[role] for role in row if role != "tokens_total"
    }


def nanoseconds(moment: Any) -> int | None:
    """Return a moment in ns since 1970: ISO 8601 (UTC where it says no zone), or a number in s, ms, us or ns by its size."""
    if moment is None or moment == "" or isinstance(moment, bool):
        return None
    text = str(moment).strip()
    if _DIGITS.fullmatch(text):
        whole, _, fraction = text.partition(".")
        size = len(whole.lstrip("+-"))
        unit = 9 if size <= 11 else 6 if size <= 14 else 3 if size <= 17 else 0
        below = int(fraction[:unit].ljust(unit, "0")) if fraction and unit else 0
        return int(whole) * int(10**unit) + below
    read = datetime.fromisoformat(text.removesuffix(" UTC"))
    since = (read if read.tzinfo else read.replace(tzinfo=UTC)) - _EPOCH
    digits = _FRACTION.search(text)
    below = int(digits[1].ljust(9, "0")[6:]) if digits else 0
    return ((since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds) * 1_000 + below


def seconds(start: Any, end: Any) -> float | None:
    """Return the seconds between two moments, exact to the nanosecond; None where one isn't known.

    Raises ValueError if it ends before it starts.
    """
    first, last = nanoseconds(start), nanoseconds(end)
    if first is None or last is None:
        return None
    if last < first:
        raise ValueError(f"it ends ({end}) before it starts ({start})")
    return (last - first) / 1e9


def stamp(moment: Any) -> str | None:
    """Return a moment as ISO 8601 in UTC, to the microsecond; None where there is none."""
    since = nanoseconds(moment)
    return None if since is None else (_EPOCH + timedelta(microseconds=since // 1_000)).isoformat()


def tree(attributes: Mapping[str, Any], prefix: str) -> Any:
    """Return what dotted keys under a prefix hold together: `a.0.b` -> [{"b": ...}]; None where there is none."""
    root: dict[str, Any] = {}
    for key, value in attributes.items():
        if key.startswith(f"{prefix}."):
            *path, last = key[len(prefix) + 1 :].split(".")
            at = root
            for part in path:
                at = at.setdefault(part, {}) if isinstance(at.get(part, {}), dict) else {}
            at[last] = value
    return _listed(root) or None


def _listed(node: Any) -> Any:
    if not isinstance(node, dict):
        return node
    if node and all(key.isdigit() for key in node):
        return [_listed(node[key]) for key in sorted(node, key=int)]
    return {key: _listed(value) for key, value in node.items()}


def _message(value: Any) -> Message:
    if not isinstance(value, Mapping):
        return Message("user", said(value))
    return Message(_role(value, "user"), said(value) or ("" if "role" in value else json.dumps(value, ensure_ascii=False, sort_keys=True)))


def _role(value: Mapping[str, Any], default: str) -> str:
    if isinstance(value.get("message"), Mapping):
        return _role(value["message"], default)
    kind = str(value.get("type", ""))
    if kind == "function_call":
        return "assistant"
    if kind in ("function_call_output", "tool_result"):
        return "tool"
    role = str(value.get("role") or (kind if kind in ("human", "ai", "system", "tool") else default)).lower()
    return _ROLES.get(role, role)


def _is_message(value: Mapping[str, Any]) -> bool:
    return bool({"role", "message"} & set(value)) or str(value.get("type")) in (
        "message",
        "function_call",
        "function_call_output",
        "human",
        "ai",
    )


def _call(value: Mapping[str, Any]) -> str:
    """Return the call of a tool in words, "" if it is none."""
    inner: Any = next((value[key] for key in ("function", "function_call", "functionCall") if isinstance(value.get(key), Mapping)), None)
    if inner is None and (value.get("type") in _CALL_TYPES or "toolName" in value):
        inner = value
    if inner is None:
        return ""
    if not {"arguments", "args", "input"} & set(inner) and {"parameters", "description"} & set(inner):
        return ""  # a tool that is offered, not a call of it
    given: Any = next((opened(inner[key]) for key in ("arguments", "args", "input") if inner.get(key) is not None), {})
    return f"[calls {inner.get('name') or inner.get('toolName') or 'a tool'} {json.dumps(given, ensure_ascii=False, sort_keys=True)}]"


def moments(values: Sequence[Any]) -> tuple[Any, Any]:
    """Return the earliest and the latest of some moments, (None, None) where none is known."""
    known = sorted((since, value) for value in values if (since := nanoseconds(value)) is not None)
    return (known[0][1], known[-1][1]) if known else (None, None)
