"""What can be turned on a simulated world, declared once: sliders, the URL, documents and error messages come from here."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from numbers import Real
from typing import Any, Literal

from data.problems import refuse


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A number that a person turns.

    label : for a slider. low, high : the range. unit : "" for a bare number. help : one sentence.
    scale : "log" sliders move in log10. whole : only whole numbers.
    optional : None is allowed and means what `none` says.
    """

    label: str
    low: float
    high: float
    unit: str
    help: str
    scale: Literal["linear", "log"] = "linear"
    whole: bool = False
    optional: bool = False
    none: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """A word that a person picks from a few."""

    label: str
    options: tuple[str, ...]
    help: str


def number(default: Any, **spec: Any) -> Any:
    """Declare a field as a `Parameter`."""
    return field(default=default, metadata={"parameter": Parameter(**spec)})


def word(default: str, **spec: Any) -> Any:
    """Declare a field as an `Option`."""
    return field(default=default, metadata={"option": Option(**spec)})


def parameters(kind: Any) -> Iterator[tuple[str, Parameter]]:
    """Yield (field name, declaration) of every number of a dataclass or of an object of it."""
    for item in fields(kind):
        if "parameter" in item.metadata:
            yield item.name, item.metadata["parameter"]


def options(kind: Any) -> Iterator[tuple[str, Option]]:
    """Yield (field name, declaration) of every word of a dataclass or of an object of it."""
    for item in fields(kind):
        if "option" in item.metadata:
            yield item.name, item.metadata["option"]


def check(thing: Any, where: str) -> None:
    """Raise ProblemError for the first number or word out of range; keep numbers as plain Python ones, so that equal worlds are equal.

    where : what the thing is called in the message, e.g. "model gpt-4".
    """
    for name, spec in parameters(thing):
        value = getattr(thing, name)
        values = value if isinstance(value, (tuple, list)) else (value,)
        kept = tuple(_checked(each, spec, name, where) for each in values)
        object.__setattr__(thing, name, kept if isinstance(value, (tuple, list)) else kept[0])
    for name, choice in options(thing):
        if getattr(thing, name) not in choice.options:
            raise refuse(f"{where}: {name} = {getattr(thing, name)!r} is not one of {', '.join(choice.options)}.", choice.help, column=name)


def _checked(value: Any, spec: Parameter, name: str, where: str) -> float | int | None:
    if value is None and spec.optional:
        return None
    fits = isinstance(value, Real) and not isinstance(value, bool) and math.isfinite(value) and spec.low <= float(value) <= spec.high
    if not fits or (spec.whole and float(value) != round(float(value))):
        kind = "no whole number from" if spec.whole else "outside"
        unit = f" ({spec.unit})" if spec.unit else ""
        raise refuse(
            f"{where}: {name} = {value!r} is {kind} {spec.low:g} to {spec.high:g}.",
            f"{spec.help} Give a number in that range{unit}.",
            column=name,
        )
    return round(float(value)) if spec.whole else float(value)
