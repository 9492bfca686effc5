"""The questions of the bundled puzzle table: held out, every cell of category and level alike, no operands twice."""

from __future__ import annotations

from random import Random

from data.ladder.puzzles import CATEGORIES
from data.ladder.puzzles.base import LEVELS, Puzzle
from data.queries import QuerySet

COUNT = 4_000
SEED = 2026


def questions(count: int = COUNT, seed: int = SEED) -> list[Puzzle]:
    """Return held-out puzzles in a seeded order, as many of each category and level as of any other but for one."""
    rng = Random(seed)
    cells = [(name, level) for name in CATEGORIES for level in LEVELS]
    rng.shuffle(cells)  # so that what is left over after equal shares goes to no category in particular
    seen: set[str] = set()
    out: list[Puzzle] = []
    for i, (name, level) in enumerate(cells):
        wanted = len(out) + count // len(cells) + (i < count % len(cells))
        while len(out) < wanted:
            puzzle = CATEGORIES[name](level, rng)
            key = f"{name}|{puzzle.operands}"
            if puzzle.held_out and key not in seen:
                seen.add(key)
                out.append(puzzle)
    rng.shuffle(out)
    return out


def as_queries(puzzles: list[Puzzle]) -> QuerySet:
    """Return the puzzles as a query set with ids p0001, p0002 ...; the task is the category, the column `level` 1 to 5."""
    return QuerySet.build(
        [f"p{i + 1:04d}" for i in range(len(puzzles))],
        prompts=[puzzle.text for puzzle in puzzles],
        references=[puzzle.answer for puzzle in puzzles],
        tasks=[puzzle.category for puzzle in puzzles],
        meta={"level": [str(puzzle.level) for puzzle in puzzles]},
    )
