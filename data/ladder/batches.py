"""Puzzles as arrays for training: the same ones for a seed, from any step on; NumPy only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

import numpy as np

from data.ladder.decoder import Ints
from data.ladder.puzzles import CATEGORIES
from data.ladder.puzzles.base import Puzzle, stream
from data.ladder.rungs import BATCH, Rung
from data.ladder.tokens import Tokenizer, tokenizer

_CHUNK = 100 * BATCH
_ROUND = 4


@dataclass(frozen=True, slots=True)
class Batch:
    """tokens, places : (B, T). prompt, length : (B,) how many tokens the prompt and the whole row have; what follows is filling."""

    tokens: Ints
    places: Ints
    prompt: Ints
    length: Ints


def batches(rung: Rung, seed: int, start: int = 0) -> Iterator[Batch]:
    """Yield the batches of a rung's training from step `start` on; no held-out puzzle is among them.

    Rows of similar length stand together, 6,400 puzzles sorted at a time, so that little is filling.
    """
    words, rng = tokenizer(), Random(seed)
    puzzles = stream({name: CATEGORIES[name] for name in rung.field}, rng, held_out=False)
    step = 0
    while True:
        rows = sorted((_row(words, next(puzzles), think=rng.random() < rung.think) for _ in range(_CHUNK)), key=lambda row: len(row[1]))
        order = list(range(0, _CHUNK, BATCH))
        rng.shuffle(order)
        for at in order:
            if step >= start:
                yield _batch(words, rows[at : at + BATCH])
            step += 1


def _row(words: Tokenizer, puzzle: Puzzle, *, think: bool) -> tuple[int, list[int]]:
    prompt = [*words.encode(puzzle.text), words.think if think else words.direct]
    working = [*words.encode(puzzle.working), words.so] if think else []
    return len(prompt), [*prompt, *working, *words.encode(puzzle.answer), words.end]


def _batch(words: Tokenizer, rows: list[tuple[int, list[int]]]) -> Batch:
    longest = -(-max(len(tokens) for _, tokens in rows) // _ROUND) * _ROUND
    tokens, places = (np.zeros((len(rows), longest), np.int64) for _ in range(2))
    for i, (_, row) in enumerate(rows):
        tokens[i, : len(row)], places[i, : len(row)] = row, words.places(row)
    return Batch(tokens, places, np.array([prompt for prompt, _ in rows]), np.array([len(row) for _, row in rows]))
