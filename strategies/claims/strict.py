"""JSON to frozen dataclasses, strictly: every field of the declared type, none unknown, none missing that has no default."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from data.problems import listed, refuse

LIMIT_BYTES = 16 * 2**20
_AGAIN = "Save the claim again from the page that showed the figure."
_WORDS = {str: "a text", int: "a whole number", float: "a number", bool: "true or false"}


def loaded(text: str) -> dict[str, Any]:
    """Return the object of a JSON text; ProblemError where it is none, names a field twice, or has a number that is none (NaN)."""
    try:
        whole = json.loads(text, object_pairs_hook=_once, parse_constant=_never)
    except (ValueError, RecursionError) as error:
        raise refuse(f"this is no claim: it is no valid JSON ({error}).", "Give a file that was saved with 'Claim'.") from None
    if not isinstance(whole, dict):
        raise refuse("this is no claim: it is no JSON object.", "Give a file that was saved with 'Claim'.")
    return whole


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    if len(set(names)) != len(names):
        raise ValueError(f"{next(name for name in names if names.count(name) > 1)!r} twice in one object")
    return dict(pairs)


def _never(word: str) -> Any:
    raise ValueError(f"{word} is no number")


def checked(kind: Any, value: Any, place: str) -> Any:
    """Return a JSON value as `kind` (a dataclass, a mapping, a tuple, a union with None, a plain type); ProblemError by its place."""
    origin, inner = get_origin(kind), get_args(kind)
    if kind is Any or is_dataclass(kind):
        return _plain(value, place) if kind is Any else _made(kind, value, place)
    if origin in (Union, UnionType):
        return None if value is None and NoneType in inner else checked(next(each for each in inner if each is not NoneType), value, place)
    if origin is Literal:
        return value if value in inner and isinstance(value, str) else _wrong(place, value, f"one of {listed([repr(i) for i in inner])}")
    if origin is tuple:
        return _row(inner, value, place)
    if origin is not None and issubclass(origin, Mapping):
        given: Mapping[str, Any] = value if isinstance(value, dict) else _wrong(place, value, "an object")
        return {name: checked(inner[1], each, f"{place}.{name}") for name, each in given.items()}
    return _single(kind, value, place)


def _made(kind: Any, value: Any, place: str) -> Any:
    if not isinstance(value, dict):
        return _wrong(place, value, "an object")
    hints, known = get_type_hints(kind), {each.name: each for each in fields(kind)}
    strange = sorted(set(value) - set(known))
    if strange:
        where = f"{place}.{strange[0]}".lstrip(".")
        raise refuse(f"a claim has no field {where!r}.", f"Fields there: {', '.join(known)}.", column=where)
    missing = [n for n, each in known.items() if n not in value and each.default is MISSING and each.default_factory is MISSING]
    if missing:
        where = f"{place}.{missing[0]}".lstrip(".")
        raise refuse(f"the claim lacks {where!r}.", _AGAIN, column=where)
    return kind(**{name: checked(hints[name], each, f"{place}.{name}".lstrip(".")) for name, each in value.items()})


def _row(inner: tuple[Any, ...], value: Any, place: str) -> tuple[Any, ...]:
    if not isinstance(value, list):
        return tuple(_wrong(place, value, "a list"))
    if len(inner) == 2 and inner[1] is Ellipsis:
        return tuple(checked(inner[0], each, f"{place}[{i}]") for i, each in enumerate(value))
    if len(inner) != len(value):
        return tuple(_wrong(place, value, f"a list of {len(inner)}"))
    return tuple(checked(kind, each, f"{place}[{i}]") for i, (kind, each) in enumerate(zip(inner, value, strict=True)))


def _single(kind: type, value: Any, place: str) -> Any:
    if kind is float and type(value) in (int, float) and math.isfinite(value):
        return float(value)
    return value if type(value) is kind and kind is not float else _wrong(place, value, _WORDS.get(kind, kind.__name__))


def _plain(value: Any, place: str) -> Any:
    """Return a free JSON value as it is; numbers have to be finite."""
    nested: Callable[[Any], Any] = lambda each: _plain(each, place)  # noqa: E731 - a name for the recursion
    if isinstance(value, dict):
        return {name: nested(each) for name, each in value.items()}
    if isinstance(value, list):
        return [nested(each) for each in value]
    return _wrong(place, value, "a finite number") if isinstance(value, float) and not math.isfinite(value) else value


def _wrong(place: str, value: Any, wanted: str) -> Any:
    raise refuse(f"{place} is {str(value)[:60]!r}, not {wanted}.", _AGAIN, column=place)
