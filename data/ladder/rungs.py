"""The models of the ladder as they are trained: shape, field, number of items; one declaration for training, cards and prices."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data.ladder.decoder import Shape
from data.ladder.puzzles import CATEGORIES
from data.ladder.tokens import PLACES, tokenizer
from data.problems import listed, refuse

BATCH = 64


@dataclass(frozen=True, slots=True)
class Rung:
    """How one model is made.

    items : puzzles seen in training, 64 a step. think : share of them that show their working. categories : the field; empty = all.
    bends : (step, share of the highest learning rate) at the corners of the line along which the rate falls from 1 to 0.
    """

    name: str
    title: str
    width: int
    layers: int
    heads: int
    items: int
    think: float = 0.0
    categories: tuple[str, ...] = ()
    bends: tuple[tuple[int, float], ...] = ()

    @property
    def shape(self) -> Shape:
        """The decoder's shape."""
        return Shape(self.width, self.layers, self.heads, len(tokenizer()), PLACES)

    @property
    def steps(self) -> int:
        """Steps of training."""
        return self.items // BATCH

    @property
    def field(self) -> tuple[str, ...]:
        """The categories that it is trained on."""
        return self.categories or tuple(CATEGORIES)

    def rate(self, step: int) -> float:
        """Return the share of the highest learning rate at a step: 100 steps up, then down to zero along a line with corners."""
        at, share = zip((0, 1.0), *self.bends, (self.steps, 0.0), strict=True)
        return min(1.0, (step + 1) / 100) * float(np.interp(step, at, share))


RUNGS = (
    Rung("r1", "R1", 64, 2, 4, 1_280_000),
    Rung("r2", "R2", 128, 3, 4, 1_024_000),
    Rung("r3", "R3", 192, 4, 6, 1_472_000, bends=((15_000, 0.0), (15_100, 0.7))),
    Rung("r4", "R4", 224, 4, 7, 1_408_000, think=0.85, bends=((6_000, 0.808), (7_000, 0.718))),
)
SPECIALISTS = (
    Rung("numbers", "Numbers", 96, 3, 4, 640_000, categories=("add", "sub", "compare", "sort")),
    Rung("letters", "Letters", 96, 3, 4, 640_000, think=1.0, categories=("string", "count", "seq")),
    Rung("stories", "Stories", 96, 3, 4, 640_000, think=1.0, categories=("word", "order", "unit")),
)


def rung(name: str) -> Rung:
    """Return the declaration of one model; raises ProblemError if there is none of that name."""
    found = next((each for each in (*RUNGS, *SPECIALISTS) if each.name == name), None)
    if found is None:
        raise refuse(f"there is no model {name!r} in the ladder.", f"There are: {listed([each.name for each in (*RUNGS, *SPECIALISTS)])}.")
    return found
