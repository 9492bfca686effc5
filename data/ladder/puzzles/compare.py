"""The largest, smallest, second of some numbers."""

from __future__ import annotations

from random import Random

from .base import Puzzle, number

_TEXTS = ("Which is the {what}: {either}?", "What is the {what} of {these}?", "Find the {what} of {these}.")
_RANKS = {"largest": (True, 0), "smallest": (False, 0), "second largest": (True, 1), "second smallest": (False, 1)}


def listed(items: list[str], last: str) -> str:
    """Return `1, 2 or 3`, with the last word as given."""
    return f"{', '.join(items[:-1])} {last} {items[-1]}" if len(items) > 1 else items[0]


def make(level: int, rng: Random) -> Puzzle:
    """Level: the largest or smallest of 2, 3, 4 numbers (4 share their first digits); the second of 4; the second of 6 of mixed lengths."""
    count = {1: 2, 2: 3, 3: 4, 4: 4, 5: 6}[level]
    numbers: set[int] = set()
    base = number(rng, 4) // 100 * 100
    while len(numbers) < count:
        numbers.add({3: base + rng.randint(0, 99), 5: number(rng, rng.randint(2, 4))}.get(level) or number(rng, 3))
    shown = rng.sample(sorted(numbers), count)
    what = rng.choice([w for w, (_, rank) in _RANKS.items() if (rank == 1) == (level > 3)])
    top, rank = _RANKS[what]
    ordered = sorted(numbers, reverse=top)
    working = f"first {ordered[0]}" if rank else ""
    words = [str(n) for n in shown]
    text = rng.choice(_TEXTS).format(what=what, these=listed(words, "and"), either=listed(words, "or"))
    return Puzzle("compare", level, text, str(ordered[rank]), working, f"{what} {' '.join(map(str, sorted(numbers)))}")
