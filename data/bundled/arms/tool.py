"""A calculator with a few tables: it answers the forms that it can parse, and says so when it cannot."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TypeAlias

from data.bundled.items.numbers import DAYS, MONTHS

Reader: TypeAlias = Callable[[re.Match[str]], "str | None"]
_METRE = {"kilometres": 1000.0, "metres": 1.0, "centimetres": 0.01, "millimetres": 0.001}
_GRAM = {"tonnes": 1e6, "kilograms": 1000.0, "grams": 1.0}
_SECOND = {"weeks": 604800.0, "days": 86400.0, "hours": 3600.0, "minutes": 60.0, "seconds": 1.0}
_LITRE = {"litres": 1.0, "millilitres": 0.001}
_YEAR = {"years": 12.0, "months": 1.0}
_KINDS = (_METRE, _GRAM, _SECOND, _LITRE, _YEAR)  # no imperial units, no decades: it knows what it does not know
# The elements that a school poster has; the rest it does not know.
_SYMBOLS = {
    "hydrogen": "H", "helium": "He", "carbon": "C", "nitrogen": "N", "oxygen": "O", "sodium": "Na", "magnesium": "Mg",
    "aluminium": "Al", "silicon": "Si", "sulfur": "S", "chlorine": "Cl", "potassium": "K", "calcium": "Ca", "iron": "Fe",
    "copper": "Cu", "zinc": "Zn", "silver": "Ag", "tin": "Sn", "gold": "Au", "mercury": "Hg", "lead": "Pb", "uranium": "U",
}  # fmt: skip
_WORDS = {"+": "+", "plus": "+", "-": "-", "minus": "-", "times": "*", "multiplied by": "*", "divided by": "/"}


def answer(prompt: str) -> str | None:
    """Return the answer to a prompt, or None where no form fits or a table lacks the entry."""
    text = prompt.strip()
    for pattern, reader in _FORMS.items():
        found = pattern.fullmatch(text)
        if found:
            return reader(found)
    return None


def _sum(m: re.Match[str]) -> str | None:
    a, b, sign = int(m["a"]), int(m["b"]), _WORDS[m["sign"]]
    if sign == "/":
        return str(a // b) if b and a % b == 0 else None
    return str({"+": a + b, "-": a - b, "*": a * b}[sign])


def _story(sign: str) -> Reader:
    def read(m: re.Match[str]) -> str | None:
        a, b = int(m["a"]), int(m["b"])
        if sign == "/":
            return str(b // a) if a and b % a == 0 else None
        return str({"+": a + b, "-": a - b, "*": a * b}[sign])

    return read


def _convert(m: re.Match[str]) -> str | None:
    for sizes in _KINDS:
        if m["of"] in sizes and m["to"] in sizes:
            value = int(m["n"]) * sizes[m["of"]] / sizes[m["to"]]
            return str(round(value)) if abs(value - round(value)) < 1e-6 else f"{value:g}"
    return None


def _shift(cycle: tuple[str, ...], sign: int) -> Reader:
    def read(m: re.Match[str]) -> str | None:
        return cycle[(cycle.index(m["start"]) + sign * int(m["n"])) % len(cycle)] if m["start"] in cycle else None

    return read


def _symbol(m: re.Match[str]) -> str | None:
    return _SYMBOLS.get(m["name"])


def _plural(m: re.Match[str]) -> str | None:
    """Return the plural by the grammar book's rule, for the endings where it is mostly right."""
    word = m["word"]
    if word.endswith(("f", "fe", "o", "oo")) or len(word) < 4:
        return None
    if word.endswith("y"):
        return word + "s" if word[-2] in "aeiou" else word[:-1] + "ies"
    return word + ("es" if word.endswith(("s", "x", "ch", "sh")) else "s")


_FORMS: Mapping[re.Pattern[str], Reader] = {
    re.compile(pattern): reader
    for pattern, reader in (
        (rf"(?:What is|Calculate) (?P<a>\d+) (?P<sign>{'|'.join(map(re.escape, _WORDS))}) (?P<b>\d+)[?.]", _sum),
        (r"\w+ has (?P<a>\d+) \w+ and buys (?P<b>\d+) more\. How many .+\?", _story("+")),
        (r"\w+ has (?P<a>\d+) \w+ and gives (?P<b>\d+) to \w+\. How many .+\?", _story("-")),
        (r"There are (?P<a>\d+) \w+ in each box\. How many \w+ are in (?P<b>\d+) boxes\?", _story("*")),
        (r"(?P<a>\d+) friends share (?P<b>\d+) \w+ equally\. How many .+\?", _story("/")),
        (r"How many (?P<to>\w+) are in (?P<n>\d+) (?P<of>\w+)\?", _convert),
        (r"How many (?P<to>\w+) are (?P<n>\d+) (?P<of>\w+)\?", _convert),
        (r"Convert (?P<n>\d+) (?P<of>\w+) to (?P<to>\w+)\.", _convert),
        (r"Today is (?P<start>\w+)\. Which day is it in (?P<n>\d+) days\?", _shift(DAYS, 1)),
        (r"Today is (?P<start>\w+)\. Which day was it (?P<n>\d+) days ago\?", _shift(DAYS, -1)),
        (r"Which month is (?P<n>\d+) months after (?P<start>\w+)\?", _shift(MONTHS, 1)),
        (r"What is the chemical symbol (?:for|of) (?P<name>\w+)\?", _symbol),
        (r'What is the plural of "(?P<word>\w+)"\?', _plural),
    )
}
