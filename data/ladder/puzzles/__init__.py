"""Thirteen categories of machine-checkable text puzzles, five levels each; one file a category."""

from __future__ import annotations

from . import add, compare, count, date, mul, order, seq, sort, string, sub, unit, word
from . import bool as truth
from .base import Make

CATEGORIES: dict[str, Make] = {
    "add": add.make,
    "sub": sub.make,
    "mul": mul.make,
    "compare": compare.make,
    "sort": sort.make,
    "string": string.make,
    "count": count.make,
    "date": date.make,
    "unit": unit.make,
    "seq": seq.make,
    "order": order.make,
    "bool": truth.make,
    "word": word.make,
}
