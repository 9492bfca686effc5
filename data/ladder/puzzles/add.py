"""Sums."""

from __future__ import annotations

from random import Random

from .base import Puzzle, number

_TWO = ("What is {a} plus {b}?", "Add {a} and {b}.", "How much is {a} + {b}?", "What is the sum of {a} and {b}?")
_THREE = ("What is {a} plus {b} plus {c}?", "Add {a}, {b} and {c}.", "How much is {a} + {b} + {c}?", "What is the sum of {a}, {b} and {c}?")
_DIGITS = {1: (2, 2), 2: (3, 3), 3: (4, 5), 4: (2, 3), 5: (6, 8)}


def make(level: int, rng: Random) -> Puzzle:
    """Level: 2, 3, 4 to 5 digits; three terms; 6 to 8 digits."""
    low, high = _DIGITS[level]
    terms = [number(rng, rng.randint(low, high)) for _ in range(3 if level == 4 else 2)]
    text = rng.choice(_THREE if level == 4 else _TWO).format(**dict(zip("abc", terms, strict=False)))
    working = f"{terms[0]} + {terms[1]} = {terms[0] + terms[1]}" if level == 4 else ""
    return Puzzle("add", level, text, str(sum(terms)), working, " ".join(map(str, sorted(terms))))
