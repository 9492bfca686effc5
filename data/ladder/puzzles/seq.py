"""The next number."""

from __future__ import annotations

from random import Random

from .base import Puzzle

_TEXTS = ("Give the next number: {these}.", "Which number comes next: {these}?", "Continue: {these}.")


def make(level: int, rng: Random) -> Puzzle:
    """Level: a constant step up; a larger step up or down; two steps in turn; a growing step; each the sum of the two before."""
    if level == 5:
        return _sums(rng)
    steps = _steps(level, rng)
    start = rng.randint(1, 300)
    if steps[0] < 0:
        start += 5 * abs(steps[0])
    numbers = [start]
    for step in steps:
        numbers.append(numbers[-1] + step)
    shown, answer = numbers[:-1], numbers[-1]
    signs = " ".join(f"{'+' if s >= 0 else '-'} {abs(s)}" for s in steps[:-1])
    last = steps[-1]
    working = f"{signs} ; {shown[-1]} {'+' if last >= 0 else '-'} {abs(last)}"
    return Puzzle("seq", level, _text(rng, shown), str(answer), working, " ".join(map(str, shown)))


def _steps(level: int, rng: Random) -> list[int]:
    if level == 1:
        return [rng.randint(2, 20)] * 4
    if level == 2:
        return [rng.choice((1, -1)) * rng.randint(11, 99)] * 4
    if level == 3:
        a, b = rng.sample(range(2, 40), 2)
        return [a, b, a, b, a]
    first, growth = rng.randint(2, 20), rng.randint(1, 9)
    return [first + growth * i for i in range(5)]


def _sums(rng: Random) -> Puzzle:
    numbers = [rng.randint(1, 60), rng.randint(1, 60)]
    while len(numbers) < 6:
        numbers.append(numbers[-1] + numbers[-2])
    working = f"{numbers[3]} + {numbers[4]}"
    return Puzzle("seq", 5, _text(rng, numbers[:5]), str(numbers[5]), working, " ".join(map(str, numbers[:5])))


def _text(rng: Random, numbers: list[int]) -> str:
    return rng.choice(_TEXTS).format(these=", ".join(map(str, numbers)))
