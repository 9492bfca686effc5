"""Matrix products whose rows do not depend on the rows beside them: what a query is told may not change with its company."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from strategies.predictors.neighbours import normed
from strategies.protocol import Doubles

_BLOCK = 256
_TILE = 16


def products(rows: NDArray[Any], columns: NDArray[Any], *, unit: bool = False) -> Iterator[tuple[slice, Doubles]]:
    """Yield (slice, its rows @ columns.T) in blocks; rows (n, d), columns (k, d), float64. unit : rows are made as long as one.

    Every block is filled up to one shape, for a product rounds differently in another.
    """
    target = np.zeros((-len(columns) % _TILE + len(columns), columns.shape[1]))
    target[: len(columns)] = columns
    block = np.zeros((_BLOCK, columns.shape[1]))
    for start in range(0, len(rows), _BLOCK):
        part = rows[start : start + _BLOCK]
        block[: len(part)] = normed(part) if unit else part
        yield slice(start, start + len(part)), (block @ target.T)[: len(part), : len(columns)]


def product(rows: NDArray[Any], columns: NDArray[Any], *, unit: bool = False) -> Doubles:
    """Return (n, k) float64 rows @ columns.T, each row by itself; rows (n, d), columns (k, d). unit : as above."""
    found = np.empty((len(rows), len(columns)))
    for at, values in products(rows, columns, unit=unit):
        found[at] = values
    return found
