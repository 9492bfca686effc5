"""Large JSON documents, parsed value by value: one call for all of it would hold up every other thread, and could not be stopped."""

from __future__ import annotations

import json
import re
import sys
from typing import Any

from data.readers.watch import step

LARGE = 1 << 22
_DEPTH = 2  # records lie in a list, in an object of lists, or in an object of objects
_OFTEN = 1_000
_SPACE = re.compile(r"[ \t\n\r]*")
_DECODER = json.JSONDecoder()


def parsed(text: str) -> Any:
    """Return what `json.loads` returns; raises what it raises, with the same words."""
    try:
        value, end = _value(text, _after(text, 0), 0)
    except (ValueError, IndexError, StopIteration):
        return json.loads(text)
    return value if _after(text, end) == len(text) else json.loads(text)


def _after(text: str, at: int) -> int:
    """Return the position after white space."""
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _value(text: str, at: int, depth: int) -> tuple[Any, int]:
    """Return the value at a position and the position after it; lists and objects near the top are taken apart."""
    opening = text[at]
    if depth > _DEPTH or opening not in "[{":
        return _DECODER.raw_decode(text, at)
    if depth == _DEPTH and opening == "{":  # a record
        value, at = _DECODER.raw_decode(text, at)
        return {sys.intern(key): inner for key, inner in value.items()}, at
    return _list(text, at, depth) if opening == "[" else _object(text, at, depth)


def _list(text: str, at: int, depth: int) -> tuple[list[Any], int]:
    found: list[Any] = []
    at = _after(text, at + 1)
    if text[at] == "]":
        return found, at + 1
    while True:
        value, at = _value(text, at, _DEPTH if depth < _DEPTH else depth + 1)
        found.append(value)
        if len(found) % _OFTEN == 0:
            step(at, len(text))
        at = _after(text, at)
        if text[at] == "]":
            return found, at + 1
        at = _comma(text, at)


def _object(text: str, at: int, depth: int) -> tuple[dict[str, Any], int]:
    found: dict[str, Any] = {}
    at = _after(text, at + 1)
    if text[at] == "}":
        return found, at + 1
    while True:
        if text[at] != '"':
            raise ValueError
        key, at = _DECODER.raw_decode(text, at)
        at = _after(text, at)
        if text[at] != ":":
            raise ValueError
        found[key], at = _value(text, _after(text, at + 1), depth + 1)
        if len(found) % _OFTEN == 0:
            step(at, len(text))
        at = _after(text, at)
        if text[at] == "}":
            return found, at + 1
        at = _comma(text, at)


def _comma(text: str, at: int) -> int:
    if text[at] != ",":
        raise ValueError
    return _after(text, at + 1)
