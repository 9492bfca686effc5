"""Who is first."""

from __future__ import annotations

from itertools import pairwise
from random import Random

from .base import Puzzle

NAMES = ("Anna", "Ben", "Carl", "Dora", "Emma", "Finn", "Greta", "Hugo", "Ivan", "Jane", "Kurt", "Lena", "Mia", "Nils", "Otto", "Paula")
_WORDS = {
    "faster": ("fastest", "slower", "slowest"),
    "taller": ("tallest", "shorter", "shortest"),
    "older": ("oldest", "younger", "youngest"),
}
_COUNT = {1: 3, 2: 4, 3: 5, 4: 5, 5: 6}


def make(level: int, rng: Random) -> Puzzle:
    """Level: 3, 4, 5 people in a chain of comparisons; said in both directions and shuffled from level 2; the second from level 4."""
    people = rng.sample(NAMES, _COUNT[level])  # from most to least
    more = rng.choice(list(_WORDS))
    most, less, least = _WORDS[more]
    said = []
    for above, below in pairwise(people):
        said.append(f"{below} is {less} than {above}." if level > 1 and rng.random() < 0.5 else f"{above} is {more} than {below}.")
    rng.shuffle(said)
    up = rng.random() < 0.5
    rank = 1 if level >= 4 and rng.random() < 0.6 else 0
    answer = people[rank] if up else people[-1 - rank]
    question = f"Who is the {'second ' if rank else ''}{most if up else least}?"
    chain = people if up else people[::-1]
    return Puzzle("order", level, " ".join([*said, question]), answer, " ".join(chain), f"{more} {' '.join(people)}")
