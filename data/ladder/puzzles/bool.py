"""True or false, several at once: guessing all of them right is rare."""

from __future__ import annotations

from random import Random

from .base import Puzzle, number

_TEXTS = ("Are these true or false: {these}?", "Say true or false for each: {these}.", "Which are true, which false: {these}?")


def make(level: int, rng: Random) -> Puzzle:
    """Level: 2, 3 comparisons; 2 pairs joined by and / or; 2 pairs with not; 3 pairs with not."""
    parts, values, worked = [], [], []
    for _ in range({1: 2, 2: 3, 3: 2, 4: 2, 5: 3}[level]):
        text, value, steps = _simple(rng) if level < 3 else _pair(rng, negate=level > 3)
        parts.append(text)
        values.append(value)
        worked.append(steps)
    working = " ; ".join(worked) if level >= 3 else ""
    answer = " ".join(_word(value) for value in values)
    return Puzzle("bool", level, rng.choice(_TEXTS).format(these=", ".join(parts)), answer, working, " | ".join(parts))


def _word(value: bool) -> str:
    return "true" if value else "false"


def _simple(rng: Random) -> tuple[str, bool, str]:
    a, b = number(rng, 2), number(rng, 2)
    less = rng.random() < 0.5
    value = a < b if less else a > b
    return f"{a} {'<' if less else '>'} {b}", value, _word(value)


def _pair(rng: Random, *, negate: bool) -> tuple[str, bool, str]:
    left, right = _simple(rng), _simple(rng)
    both = rng.random() < 0.5
    value = (left[1] and right[1]) if both else (left[1] or right[1])
    text, steps = f"({left[0]} {'and' if both else 'or'} {right[0]})", f"{left[2]} {'and' if both else 'or'} {right[2]}"
    if negate and rng.random() < 0.5:
        return f"not {text}", not value, f"not {steps} {_word(value)}"
    return text, value, steps
