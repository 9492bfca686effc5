"""A calculator and a little SQL: exact on the forms that it can parse, silent on all others."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Mapping
from typing import TypeAlias

from data.models import ModelCard

Reader: TypeAlias = Callable[[re.Match[str]], "str | None"]
NAME = "tool"
USD_PER_QUERY = 1e-7
_NUMBERS = re.compile(r"-?\d+")
_LIST = r"(?P<list>\d+(?:(?:, | and | or |, and )\d+)*)"
# Units of one kind by their size in the smallest; of time it knows no weeks, of lengths no feet: it knows what it does not know.
_KINDS: tuple[Mapping[str, int], ...] = (
    {"kilometers": 1_000_000, "meters": 1000, "centimeters": 10, "millimeters": 1},
    {"kilograms": 1000, "grams": 1},
    {"liters": 1000, "milliliters": 1},
    {"days": 86_400, "hours": 3600, "minutes": 60, "seconds": 1},
)


def card() -> ModelCard:
    """Return the tool's card: a flat price a question is assumed."""
    return ModelCard(
        name=NAME, title="tool", price_usd_per_query=USD_PER_QUERY, tier="assumed", date="2026-11-24", source="declared",
        note="a flat 0.0000001 USD a question is assumed",
    )  # fmt: skip


def answer(prompt: str) -> str | None:
    """Return the exact answer to a prompt, or None where no form fits."""
    text = " ".join(prompt.split())
    for pattern, reader in _FORMS.items():
        found = pattern.fullmatch(text)
        if found:
            return reader(found)
    return None


def _sum(m: re.Match[str]) -> str:
    return str(sum(_numbers(m["list"])))


def _difference(m: re.Match[str]) -> str:
    return str(int(m["a"]) - int(m["b"]))


def _product(m: re.Match[str]) -> str:
    return str(int(m["a"]) * int(m["b"]))


def _ordered(m: re.Match[str]) -> str:
    return " ".join(map(str, _rows(_numbers(m["list"]), down=m["how"] == "descending")))


def _ranked(m: re.Match[str]) -> str | None:
    rows = _rows(sorted(set(_numbers(m["list"]))), down=m["what"] == "largest")
    place = 1 if m["second"] else 0
    return str(rows[place]) if place < len(rows) else None


def _converted(m: re.Match[str]) -> str | None:
    sizes = next((kind for kind in _KINDS if m["of"] in kind and m["to"] in kind), None)
    if sizes is None:
        return None
    whole, rest = divmod(int(m["n"]) * sizes[m["of"]], sizes[m["to"]])
    return None if rest else str(whole)


def _clock(m: re.Match[str]) -> str:
    return str(int(m["h"]) * 3600 + int(m["m"]) * 60 + int(m["s"]))


def _rows(numbers: list[int], *, down: bool) -> list[int]:
    with sqlite3.connect(":memory:") as base:
        base.execute("CREATE TABLE given (number INTEGER)")
        base.executemany("INSERT INTO given VALUES (?)", [(number,) for number in numbers])
        order = "SELECT number FROM given ORDER BY number DESC" if down else "SELECT number FROM given ORDER BY number"
        rows = [int(number) for (number,) in base.execute(order)]
    base.close()
    return rows


def _numbers(text: str) -> list[int]:
    return [int(found) for found in _NUMBERS.findall(text)]


_FORMS: Mapping[re.Pattern[str], Reader] = {
    re.compile(pattern): reader
    for pattern, reader in (
        (r"What is (?P<list>\d+(?: plus \d+)+)\?", _sum),
        (r"How much is (?P<list>\d+(?: \+ \d+)+)\?", _sum),
        (rf"(?:Add {_LIST}\.|What is the sum of (?P<list2>.+)\?)", lambda m: str(sum(_numbers(m["list"] or m["list2"])))),
        (r"(?:What is|How much is) (?P<a>\d+) (?:minus|-) (?P<b>\d+)\?", _difference),
        (r"(?:Subtract (?P<b>\d+) from (?P<a>\d+))\.", _difference),
        (r"Take (?P<b>\d+) away from (?P<a>\d+)\.", _difference),
        (r"(?:What is|How much is) (?P<a>\d+) (?:times|\*) (?P<b>\d+)\?", _product),
        (r"Multiply (?P<a>\d+) by (?P<b>\d+)\.", _product),
        (r"What is the product of (?P<a>\d+) and (?P<b>\d+)\?", _product),
        (rf"(?:Put|Sort|Write) {_LIST} in (?P<how>ascending|descending) order\.", _ordered),
        (rf"(?:What is|Find|Which is) the (?P<second>second )?(?P<what>largest|smallest)(?: of|:) {_LIST}[.?]", _ranked),
        (r"(?:Convert|Express) (?P<n>\d+) (?P<of>\w+) (?:to|in) (?P<to>\w+)\.", _converted),
        (r"How many (?P<to>\w+) are (?P<n>\d+) (?P<of>\w+)\?", _converted),
        (r"How many seconds are (?P<h>\d+) hours, (?P<m>\d+) minutes and (?P<s>\d+) seconds\?", _clock),
        (r"Convert (?P<h>\d+) hours, (?P<m>\d+) minutes and (?P<s>\d+) seconds to seconds\.", _clock),
    )
}
