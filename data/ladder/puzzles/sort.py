"""Numbers in order."""

from __future__ import annotations

from random import Random

from .base import Puzzle, number

_TEXTS = ("Put {these} in {how} order.", "Sort {these} in {how} order.", "Write {these} in {how} order.")
_COUNT = {1: 3, 2: 4, 3: 5, 4: 6, 5: 8}


def make(level: int, rng: Random) -> Puzzle:
    """Level: 3, 4, 5, 6, 8 numbers of up to three digits."""
    numbers: set[int] = set()
    while len(numbers) < _COUNT[level]:
        numbers.add(number(rng, rng.choice((1, 2, 2, 3)) if level > 1 else rng.choice((2, 2, 3))))
    down = rng.random() < 0.5
    shown = rng.sample(sorted(numbers), len(numbers))
    text = rng.choice(_TEXTS).format(these=", ".join(map(str, shown)), how="descending" if down else "ascending")
    answer = " ".join(map(str, sorted(numbers, reverse=down)))
    return Puzzle("sort", level, text, answer, "", f"{'down' if down else 'up'} {' '.join(map(str, sorted(numbers)))}")
