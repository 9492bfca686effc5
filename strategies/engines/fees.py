"""Signals, features and repeated answers that have a price: who asked for which, and what is still owed for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from data.problems import LeakError
from strategies.engines.source import Source
from strategies.protocol import Bools, Decision, Floats, Ints

SAMPLES = "samples:"  # and how many: what drawing a model so often is asked as
NOBODY = -1  # the "model" of a feature: it is asked of the query, before any call or after


class Asked(NamedTuple):
    """A question: the stage at which it is asked, the called model whose answer it is about (NOBODY: the query), the signal or feature."""

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
    """Return what those of these queries owe that did not pay for this (signal and model, or feature) before; None where nothing is due.

    price : (N,) cost and seconds over all queries, None for what comes with the call, or is free. rows : (k,) positions, ascending.
    """
    if price is None:
        return None
    for fee in fees:
        if fee.asked[1:] == asked[1:]:
            rows = np.setdiff1d(rows, fee.rows)
    return Fee(asked, rows, price[0][rows], price[1][rows]) if len(rows) else None


def drawn(name: str) -> int:
    """Return how many samples a question is about, 0 where it is about a signal."""
    return int(name.removeprefix(SAMPLES)) if name.startswith(SAMPLES) else 0


def require_drawn(decision: Decision, stop: Bools | bool, rows: Ints | None, fees: Sequence[Fee], source: Source) -> None:
    """Raise LeakError if a query that stops returns a sample that was not drawn for it; rows : the open queries, None = all."""
    if decision.sample is None:
        return
    where = np.arange(source.size) if rows is None else rows
    sample, model = (np.broadcast_to(np.asarray(given), where.shape) for given in (decision.sample, decision.answer))
    paid = np.zeros((source.size, len(source.names)), dtype=np.int64)
    for fee in fees:
        if count := drawn(fee.asked.signal):
            paid[fee.rows, fee.asked.model] = np.maximum(paid[fee.rows, fee.asked.model], count)
    if bool(np.any((sample >= paid[where, model]) & np.broadcast_to(stop, where.shape))):
        raise LeakError("a repeated answer is returned that was not drawn: ask for it with view.samples first.")
