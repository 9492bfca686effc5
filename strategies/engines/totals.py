"""Totals: what a policy costs and reaches at one setting, without an array of all queries.

The same loop plays the same policy on one block of rows after the other, and only their sums are kept. What a block needs stays in cache,
so this is quicker than the whole table at once, takes the same memory at any length, and reads a mapped file block by block. Rows are
decided on their own (law of the protocol), so a block's decisions are the table's; batch and online methods see all queries at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import reduce
from typing import Any, TypeVar

import numpy as np

from data.models import ModelCard
from data.outcomes import OutcomeTable
from strategies.engines.dense import Dense, Sparse
from strategies.engines.loop import play, replay
from strategies.engines.recorded import Columns, columns
from strategies.engines.run import Run, Sums, Totals
from strategies.engines.source import Judge, Rows, Source
from strategies.protocol import Doubles, Floats, Ints, Strategy

BLOCK = 1 << 17  # rows: a dozen float32 columns of them fit into a core's cache
T = TypeVar("T")


def totals(policy: Strategy, data: OutcomeTable | Source, *, block: int = BLOCK) -> Totals:
    """Return the means of `replay(policy, data).summary()` to 1e-9, shares exactly, without arrays over all queries.

    block : how many queries are played at a time. Raises what `replay` raises.
    """
    source: Source = columns(data)
    if policy.card.batch or policy.card.family == "online":
        return replay(policy, source).sums.totals(source.names, source.cost_unit)
    dense, found = True, []
    for each in blocks(source, block):
        sums = _dense(policy, each) if dense else None
        dense = sums is not None
        found.append(replay(policy, each).sums if sums is None else sums)
    whole = reduce(Sums.and_those_of, found) if found else replay(policy, source).sums
    return whole.totals(source.names, source.cost_unit)


def _dense(policy: Strategy, block: Block) -> Sums | None:
    """Return the sums of a block whose open queries are a mask while they are many; None for a policy that needs to know the rows."""
    state = Dense(block)
    try:
        answers, _ = play(policy, state)
    except Sparse:
        return None
    if any(part.sample is not None or not isinstance(part.model, int) for part in answers):
        return None
    return Run(
        policy=policy, source=block, cost=state.cost, latency=state.latency, events=tuple(state.events), answers=tuple(answers),
        fees=tuple(state.fees),
    ).sums  # fmt: skip


def blocks(source: Source, size: int) -> Iterator[Block]:
    """Yield a source's rows in blocks of at most `size`."""
    whole = _Whole(source)
    for start in range(0, source.size, size):
        yield Block(whole, start, min(start + size, source.size))


@dataclass(slots=True)
class _Whole:
    """A source, and what it was asked for, so that what it computes is computed once for all blocks."""

    source: Source
    kept: dict[tuple[Any, ...], Any] = field(default_factory=dict)

    def ask(self, key: tuple[Any, ...], make: Callable[[], T]) -> T:
        """Return make(), once for a key."""
        if key not in self.kept:
            self.kept[key] = make()
        found: T = self.kept[key]
        return found


class Block:
    """Rows `start` to `stop` of a source, as a source (strategies.engines.source.Source); columns are slices, not copies."""

    def __init__(self, whole: _Whole, start: int, stop: int) -> None:
        self._whole, self._source, self._rows = whole, whole.source, slice(start, stop)
        self.size = stop - start

    @property
    def models(self) -> tuple[ModelCard, ...]:
        """Cards of the M models."""
        return self._source.models

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the M models."""
        return self._source.names

    @property
    def cost_unit(self) -> str:
        """What the cost is counted in."""
        return self._source.cost_unit

    def call(self, rows: Rows, models: Sequence[int]) -> None:
        """Make the calls of the block's rows; what is recorded has been called already."""
        if not (isinstance(self._source, Columns) and type(self._source).call is Columns.call):
            self._source.call(self._at(rows), models)

    def cost(self, model: int) -> Floats:
        """(n,) cost of one model's call."""
        return self._source.cost(model)[self._rows]

    def latency(self, model: int) -> Floats:
        """(n,) latency in seconds."""
        return self._source.latency(model)[self._rows]

    def whole(self, model: int) -> bool:
        """Whether cost and latency of a model are known for every query."""
        return self._whole.ask(("whole", model), lambda: self._source.whole(model))

    def quality(self, model: int) -> Floats:
        """(n,) quality."""
        return self._source.quality(model)[self._rows]

    def reward(self, row: int, models: Sequence[int]) -> Floats:
        """(k,) quality of models' answers to one query of the block."""
        return self._source.reward(self._rows.start + row, models)

    def verdict(self, model: int, judge: Judge, seed: int) -> Floats:
        """(n,) what a simulated judge says of a model's answers."""
        return self._whole.ask(("verdict", model, judge, seed), lambda: self._source.verdict(model, judge, seed))[self._rows]

    def signal(self, name: str, model: int) -> Floats:
        """(n,) of a signal."""
        return self._whole.ask(("signal", name, model), lambda: self._source.signal(name, model))[self._rows]

    def price(self, name: str, model: int) -> tuple[Floats, Floats] | None:
        """(n,) cost and (n,) seconds of asking for a signal or feature; None where it comes with the call."""
        price = self._whole.ask(("price", name, model), lambda: self._source.price(name, model))
        return None if price is None else (price[0][self._rows], price[1][self._rows])

    def answers(self, model: int) -> Ints:
        """(n,) codes of the comparable answers."""
        return self._source.answers(model)[self._rows]

    def samples(self, model: int) -> tuple[Ints, Floats]:
        """(n, K) codes and qualities of repeated answers."""
        codes, quality = self._source.samples(model)
        return codes[self._rows], quality[self._rows]

    def feature(self, name: str) -> Floats:
        """(n, d) of a feature."""
        return self._whole.ask(("feature", name), lambda: self._source.feature(name))[self._rows]

    def texts(self, rows: Rows) -> list[str]:
        """Prompts of rows of the block (None = all)."""
        return self._source.texts(self._at(rows))

    def uniform(self, tag: str, seed: int) -> Doubles:
        """(n,) seeded draws in [0, 1)."""
        return self._whole.ask(("uniform", tag, seed), lambda: self._source.uniform(tag, seed))[self._rows]

    def _at(self, rows: Rows) -> Ints:
        """Return positions in the whole source."""
        places = np.arange(self.size) if rows is None else np.flatnonzero(rows) if rows.dtype == np.bool_ else rows
        return places + self._rows.start
