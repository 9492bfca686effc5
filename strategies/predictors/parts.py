"""Parts of what a strategy learns from: seeded halves for scores of unseen queries, and a sample where there is more than enough.

Who is in which part hangs on the query and the seed alone, not on the order of the rows.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from strategies.engines.recorded import Columns
from strategies.protocol import Bools, Ints, Training


def rows_of(training: Training, rows: Ints | Bools) -> Training:
    """Return the training on some rows only, positions or booleans."""
    part = training.table.take(rows)
    return Training(part, Columns(part))


def halves(training: Training, seed: int) -> Iterator[tuple[Training, Ints]]:
    """Yield (one half, the positions of the other) both ways round; a single query is on both sides."""
    order = _order(training, "halves", seed)
    if len(order) < 2:
        yield training, order
        return
    middle = len(order) // 2
    for learn, rest in ((order[:middle], order[middle:]), (order[middle:], order[:middle])):
        yield rows_of(training, np.sort(learn)), np.sort(rest)


def some(training: Training, most: int, seed: int) -> Training:
    """Return the training, or a seeded sample of so many of its queries where it has more."""
    if len(training) <= most:
        return training
    return rows_of(training, np.sort(_order(training, "some", seed)[:most]))


def _order(training: Training, tag: str, seed: int) -> Ints:
    """Return the positions in a seeded order that hangs on the queries' keys alone."""
    return np.argsort(training.features.uniform(tag, seed), kind="stable")
