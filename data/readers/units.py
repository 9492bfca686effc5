"""Units of costs and latencies: what a person can choose from, and what a column's name says by itself."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from data.readers.vocabulary import flat

Per: TypeAlias = Literal["query", "token"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """One unit. factor : what a value is multiplied with to be USD (a query or a token) or seconds. says : names that mean it."""

    title: str
    factor: float
    per: Per = "query"
    says: str = ""


_TOKENS = r"_?tok(en)?s?"
COST = (
    Unit(title="USD per query", factor=1.0),
    Unit(title="US cents per query", factor=0.01, says=r"(^|_)cents?($|_)"),
    Unit(title="USD per 1,000 queries", factor=1e-3, says=r"per_?(1_?k|1_?000|thousand)(_?(quer(y|ies)|calls?|requests?))?$"),
    Unit(title="USD per million queries", factor=1e-6, says=r"micro|per_?(1_?m|million)(_?(quer(y|ies)|calls?|requests?))?$"),
    Unit(title="USD per 1,000 tokens", factor=1e-3, per="token", says=rf"per_?((1_?)?k|1_?000|thousand){_TOKENS}$"),
    Unit(title="USD per million tokens", factor=1e-6, per="token", says=rf"per_?((1_?)?m|million){_TOKENS}$"),
)
LATENCY = (
    Unit(title="seconds", factor=1.0),
    Unit(title="milliseconds", factor=1e-3, says=r"(^|_)ms$|millis"),
    Unit(title="microseconds", factor=1e-6, says=r"(^|_)(us|µs|usec)$|micros"),
    Unit(title="nanoseconds", factor=1e-9, says=r"(^|_)ns$|nanos"),
    Unit(title="minutes", factor=60.0, says=r"(^|_)min(ute)?s?$"),
)
UNITS: Mapping[str, tuple[Unit, ...]] = {"cost_usd": COST, "latency_s": LATENCY}


def named(role: str, column: str) -> Unit:
    """Return the unit that a column's name says for a role with units; the first of the list where it says none."""
    choices = UNITS[role]
    name = flat(column)
    return next((unit for unit in choices[1:] if re.search(unit.says, name)), choices[0])


def guessed(cells: Mapping[str, Mapping[str, str]]) -> tuple[dict[str, float], Per]:
    """Return (role -> factor, what the cost is for) by the names of columns; role -> model -> column in `cells`.

    Where the names of a role's columns say different units (`a_latency_ms` beside `b_latency_s`), the factors are those of columns.
    """
    factors: dict[str, float] = {}
    per: Per = "query"
    for role in UNITS:
        units = {column: named(role, column) for column in cells.get(role, {}).values()}
        found = set(units.values())
        if len(found) == 1:
            unit = found.pop()
            if unit != UNITS[role][0]:
                factors[role] = unit.factor
                per = unit.per if role == "cost_usd" else per
        else:
            factors.update({column: unit.factor for column, unit in units.items() if unit.factor != 1.0 and column not in UNITS})
    return factors, per


def priced_alike(cells: Mapping[str, str]) -> dict[str, str]:
    """Return model -> cost column without those whose names say a price per token, where others say one per query."""
    per = {model: named("cost_usd", column).per for model, column in cells.items()}
    return {model: column for model, column in cells.items() if len(set(per.values())) < 2 or per[model] == "query"}


def current(role: str, factor: float, per: Per) -> Unit | None:
    """Return the unit of a mapping's factor, None where no unit of the list is meant."""
    wanted = per if role == "cost_usd" else "query"
    return next((unit for unit in UNITS[role] if unit.factor == factor and unit.per == wanted), None)
