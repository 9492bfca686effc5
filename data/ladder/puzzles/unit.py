"""Units converted."""

from __future__ import annotations

from random import Random

from .base import Puzzle

_TENS = (
    ("kilograms", "grams", 1000),
    ("meters", "centimeters", 100),
    ("kilometers", "meters", 1000),
    ("centimeters", "millimeters", 10),
    ("liters", "milliliters", 1000),
    ("dollars", "cents", 100),
)
_TIMES = (("hours", "minutes", 60), ("minutes", "seconds", 60), ("feet", "inches", 12), ("weeks", "days", 7), ("days", "hours", 24))
_TEXTS = ("Convert {n} {a} to {b}.", "How many {b} are {n} {a}?", "Express {n} {a} in {b}.")
_MIXED = ("Convert {n} {a} and {k} {b} to {b}.", "How many {b} are {n} {a} and {k} {b}?")
_SPLIT = ("Convert {n} {b} to {a} and {b}.", "How many {a} and {b} are {n} {b}?")
_CLOCK = ("How many seconds are {h} hours, {m} minutes and {s} seconds?", "Convert {h} hours, {m} minutes and {s} seconds to seconds.")


def _times(n: int, factor: int) -> str:
    """Return n * factor by the tens and ones of the factor."""
    if factor < 10 or factor % 10 == 0:
        return f"{n} * {factor} = {n * factor}"
    tens, ones = factor // 10 * 10, factor % 10
    return f"{n} * {ones} = {n * ones} ; {n} * {tens} = {n * tens} ; {n * ones} + {n * tens} = {n * factor}"


def make(level: int, rng: Random) -> Puzzle:
    """Level: powers of ten; 60, 12, 7, 24; two units into one; one unit into two; hours, minutes and seconds."""
    if level == 5:
        return _clock(rng)
    a, b, factor = rng.choice(_TENS if level == 1 else _TIMES)
    if level < 3:
        n = rng.randint(2, 999)
        working = "" if level == 1 else _times(n, factor)
        return Puzzle("unit", level, rng.choice(_TEXTS).format(n=n, a=a, b=b), str(n * factor), working, f"{n} {a} {b}")
    n, k = rng.randint(2, 99), rng.randint(1, factor - 1)
    total = n * factor + k
    if level == 3:
        working = f"{_times(n, factor)} ; {n * factor} + {k} = {total}"
        return Puzzle("unit", level, rng.choice(_MIXED).format(n=n, a=a, b=b, k=k), str(total), working, f"{n} {a} {k} {b}")
    return Puzzle(
        "unit", level, rng.choice(_SPLIT).format(n=total, a=a, b=b), f"{n} {a} {k} {b}", _divide(total, factor), f"{total} {b} {a}"
    )


def _divide(total: int, factor: int) -> str:
    steps, left = [], total
    for size in (10, 1):
        count = left // (factor * size)
        if count:
            part = count * size * factor
            steps.append(f"{count * size} * {factor} = {part} ; {left} - {part} = {left - part}")
            left -= part
    return " ; ".join(steps)


def _clock(rng: Random) -> Puzzle:
    h, m, s = rng.randint(2, 24), rng.randint(2, 59), rng.randint(2, 59)
    minutes = h * 60 + m
    working = (
        f"{h} * 60 = {h * 60} ; {h * 60} + {m} = {minutes} ; {minutes} * 60 = {minutes * 60} ; {minutes * 60} + {s} = {minutes * 60 + s}"
    )
    return Puzzle("unit", 5, rng.choice(_CLOCK).format(h=h, m=m, s=s), str(minutes * 60 + s), working, f"{h} {m} {s}")
