"""Differences."""

from __future__ import annotations

from random import Random

from .base import Puzzle, number

_TEXTS = ("What is {a} minus {b}?", "Subtract {b} from {a}.", "How much is {a} - {b}?", "Take {b} away from {a}.")
_DIGITS = {1: (2, 2), 2: (3, 3), 3: (4, 5), 4: (3, 4), 5: (6, 8)}


def make(level: int, rng: Random) -> Puzzle:
    """Level: 2, 3, 4 to 5 digits; 3 to 4 digits with results that may be negative; 6 to 8 digits."""
    low, high = _DIGITS[level]
    a, b = (number(rng, rng.randint(low, high)) for _ in range(2))
    if level != 4 and a < b:
        a, b = b, a
    return Puzzle("sub", level, rng.choice(_TEXTS).format(a=a, b=b), str(a - b), "", f"{a} {b}")
