"""What a puzzle is, and how all of them are made: seeded, by category and level, held out by their operands."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random
from typing import TypeAlias

LEVELS = (1, 2, 3, 4, 5)
HELD_OUT_SHARE = 10


@dataclass(frozen=True, slots=True)
class Puzzle:
    """One question with exactly one right answer.

    text : the question. answer : the right answer. working : the steps of a scratchpad, " ; " between them, "" where none helps.
    operands : what the question is about without its phrasing, commutative operands sorted; what is held out goes by it.
    """

    category: str
    level: int
    text: str
    answer: str
    working: str
    operands: str

    @property
    def held_out(self) -> bool:
        """Whether the operands belong to the tenth that no training item may have; independent of the phrasing."""
        digest = hashlib.blake2b(f"{self.category}|{self.operands}".encode(), digest_size=4).digest()
        return int.from_bytes(digest, "big") % HELD_OUT_SHARE == 0


Make: TypeAlias = Callable[[int, Random], Puzzle]


def stream(makes: dict[str, Make], rng: Random, *, held_out: bool) -> Iterator[Puzzle]:
    """Yield puzzles of all categories and levels, uniformly, held out or not."""
    names = list(makes)
    while True:
        puzzle = makes[rng.choice(names)](rng.choice(LEVELS), rng)
        if puzzle.held_out == held_out:
            yield puzzle


def number(rng: Random, digits: int) -> int:
    """Return a number with exactly so many digits."""
    return rng.randint(10 ** (digits - 1), 10**digits - 1)
