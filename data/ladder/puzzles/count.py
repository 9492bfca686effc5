"""Letters counted."""

from __future__ import annotations

from random import Random

from .base import Puzzle

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_ONE = ('How many times does "{x}" appear in "{s}"?', 'Count the letter "{x}" in "{s}".')
_VOWELS = ('Count the vowels in "{s}".', 'How many vowels are in "{s}"?')
_LENGTH = {1: (5, 7), 2: (8, 11), 3: (12, 15), 4: (10, 15), 5: (16, 22)}


def make(level: int, rng: Random) -> Puzzle:
    """Level: one letter among 5 to 7, 8 to 11, 12 to 15; vowels among 10 to 15; either among 16 to 22."""
    vowels = level == 4 or (level == 5 and rng.random() < 0.5)
    letters = rng.sample(_LETTERS, 10) if vowels else rng.sample(_LETTERS, 3)
    if vowels:
        letters += ["a", "e", "i"]
    s = "".join(rng.choice(letters) for _ in range(rng.randint(*_LENGTH[level])))
    x = rng.choice(letters)
    wanted = "aeiou" if vowels else x
    text = rng.choice(_VOWELS if vowels else _ONE).format(s=s, x=x)
    steps, count = [], 0
    for letter in s:
        count += letter in wanted
        steps.append(f"{letter} {count}" if letter in wanted else letter)
    return Puzzle("count", level, text, str(count), " ".join(steps), f"{'vowels' if vowels else x} {s}")
