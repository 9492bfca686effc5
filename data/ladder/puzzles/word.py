"""Little stories with numbers."""

from __future__ import annotations

from random import Random

from .base import Puzzle
from .order import NAMES

_THINGS = ("marbles", "apples", "books", "coins", "stamps", "cards", "shells", "pencils")
_UP = ("Then {p} gets {n} more.", "{p} finds {n}.", "{p} buys {n} more.")
_DOWN = ("Then {p} loses {n}.", "{p} gives away {n}.", "{p} sells {n}.")
_DOUBLE = ("Then {p} doubles what is there.",)
_ASIDE = ("It is {n} o'clock.", "The road is {n} meters long.", "{q} is {n} years old.")


def make(level: int, rng: Random) -> Puzzle:
    """Level: 1 to 5 steps; doubling from level 3, numbers that play no part from level 4."""
    p, q = rng.sample(NAMES, 2)
    thing, total = rng.choice(_THINGS), rng.randint(5, 99)
    start = total
    said, steps, moves = [f"{p} has {total} {thing}."], [str(total)], []
    for _ in range(level):
        before = total
        if level >= 3 and rng.random() < 0.2 and total < 300:
            total *= 2
            said.append(rng.choice(_DOUBLE).format(p=p))
            steps.append(f"+ {before} = {total}")
            moves.append("x2")
            continue
        up = rng.random() < 0.5 or total < 6
        n = rng.randint(2, 60) if up else rng.randint(2, total - 1)
        total += n if up else -n
        said.append(rng.choice(_UP if up else _DOWN).format(p=p, n=n))
        steps.append(f"{'+' if up else '-'} {n} = {total}")
        moves.append(f"{'+' if up else '-'}{n}")
    if level >= 4:
        said.insert(rng.randint(1, len(said)), rng.choice(_ASIDE).format(n=rng.randint(2, 60), q=q))
    text = " ".join([*said, f"How many {thing} does {p} have now?"])
    return Puzzle("word", level, text, str(total), " ; ".join(steps), f"{start} {' '.join(moves)}")
