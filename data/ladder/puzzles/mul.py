"""Products."""

from __future__ import annotations

from random import Random

from .base import Puzzle, number

_TEXTS = ("What is {a} times {b}?", "Multiply {a} by {b}.", "How much is {a} * {b}?", "What is the product of {a} and {b}?")
_DIGITS = {1: (3, 1), 2: (4, 1), 3: (2, 2), 4: (3, 2), 5: (3, 3)}


def product_steps(a: int, b: int) -> str:
    """Return the partial products of a with each digit of b, lowest first, and their running sum."""
    if b < 10:
        return ""
    steps, total = [], 0
    for place, digit in enumerate(reversed(str(b))):
        part = a * int(digit) * 10**place
        steps.append(f"{a} * {int(digit) * 10**place} = {part}")
        if place:
            steps.append(f"{total} + {part} = {total + part}")
        total += part
    return " ; ".join(steps)


def make(level: int, rng: Random) -> Puzzle:
    """Level: 3 or 4 digits by 1; 2 by 2, 3 by 2, 3 by 3."""
    left, right = _DIGITS[level]
    a, b = number(rng, left), rng.randint(2, 9) if right == 1 else number(rng, right)
    working = product_steps(a, b)
    shown = (a, b) if rng.random() < 0.5 else (b, a)
    return Puzzle("mul", level, rng.choice(_TEXTS).format(a=shown[0], b=shown[1]), str(a * b), working, " ".join(map(str, sorted((a, b)))))
