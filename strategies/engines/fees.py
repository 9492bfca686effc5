"""Signals that have a price: who asked for which, and what is still owed for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from strategies.protocol import Floats, Ints


class Asked(NamedTuple):
    """A question about a called model's answer: the stage at which it is asked, the model, the signal."""

    stage: int
    model: int
    signal: str


@dataclass(frozen=True, slots=True)
class Fee:
    """What asking cost some queries (rows), in the source's cost unit and in seconds; NaN = not known."""

    asked: Asked
    rows: Ints
    cost: Floats
    latency: Floats


def owed(price: tuple[Floats, Floats] | None, fees: Sequence[Fee], asked: Asked, rows: Ints) -> Fee | None:
    """Return what those of these queries owe that did not pay for this signal of this model before; None where nothing is due.

    price : (N,) cost and seconds over all queries, None for a signal that comes with the call. rows : (k,) positions, ascending.
    """
    if price is None:
        return None
    for fee in fees:
        if fee.asked[1:] == asked[1:]:
            rows = np.setdiff1d(rows, fee.rows)
    return Fee(asked, rows, price[0][rows], price[1][rows]) if len(rows) else None
