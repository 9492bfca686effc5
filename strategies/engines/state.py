"""What the loop keeps while it plays: who is open, who was called, what it cost so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from strategies.engines.fees import Asked, Fee, owed
from strategies.engines.run import Event
from strategies.engines.source import Rows, Source
from strategies.protocol import Bools, Floats, Ints

DENSE = 0.2  # above this open share a masked sum over whole columns beats gathering rows (measured at 10^6)


@dataclass
class State:
    """What the loop keeps over all N queries; views are windows on it.

    rows : open queries, None = all; mask : the same as (N,) booleans while many are open.
    everyone : models that every open query has called.
    matrix : (N, M) calls, made only when queries differ in whom they called.
    """

    source: Source
    rows: Rows = None
    mask: Bools | None = None
    stage: int = 0
    last: Ints | int = -1
    everyone: list[int] = field(default_factory=list)
    matrix: Bools | None = None
    cost: Floats | None = None
    latency: Floats | None = None
    events: list[Event] = field(default_factory=list)
    fees: list[Fee] = field(default_factory=list)

    def pick(self, values: Any) -> Any:
        """Return (N, ...) values at the open rows."""
        return values if self.rows is None else values[self.rows]

    @property
    def open(self) -> int:
        """How many queries a view shows: those that are still open."""
        return self.source.size if self.rows is None else len(self.rows)

    @property
    def place(self) -> Any:
        """The open queries among all N, as events and answers note them."""
        return self.rows

    def close(self) -> None:
        """End it: no query is open any more."""
        self.rows = np.empty(0, dtype=np.intp)

    def narrow(self, onward: Bools, *, rows: bool) -> Any:  # noqa: ARG002 - a dense state looks for them only if they are wanted
        """Go on with these of the open queries; return their positions among them. rows : they are wanted."""
        going = np.flatnonzero(onward)
        self.mask = _mask(self, onward, going)
        self.rows = going if self.rows is None else self.rows[going]
        return going

    def bill(self, cost: Floats, latency: Floats, *, whole: bool) -> None:
        """Add what the open queries pay and wait, (N,) each; whole : no value is unknown."""
        rows = self.rows
        if self.cost is None or self.latency is None:
            self.cost, self.latency = np.array(cost), np.array(latency)
        elif rows is None:
            self.cost += cost
            self.latency += latency
        elif self.mask is not None and whole:
            scratch = np.multiply(cost, self.mask)
            self.cost += scratch
            self.latency += np.multiply(latency, self.mask, out=scratch)
        else:
            self.cost[rows] += cost[rows]
            self.latency[rows] += latency[rows]

    def begun(self) -> tuple[Floats, Floats]:
        """Return the (N,) cost and latency so far, from here on arrays that are billed in place."""
        if self.cost is None or self.latency is None:
            self.cost, self.latency = np.zeros(self.source.size, dtype=np.float32), np.zeros(self.source.size, dtype=np.float32)
        return self.cost, self.latency

    def pay(self, name: str, model: int) -> None:
        """Bill a signal or feature that has a price to the open queries, to each once however often it is asked."""
        price = self.source.price(name, model)
        if price is None:
            return
        rows = np.arange(self.source.size) if self.rows is None else self.rows
        fee = owed(price, self.fees, Asked(self.stage, model, name), rows)
        if fee is not None:
            cost, latency = self.begun()
            cost[fee.rows] += fee.cost
            latency[fee.rows] += fee.latency
            self.fees.append(fee)


def _mask(state: State, onward: Bools, going: Ints) -> Bools | None:
    if len(going) <= DENSE * state.source.size:
        return None
    if state.rows is None:
        return onward
    mask = np.zeros(state.source.size, dtype=np.bool_)
    mask[state.rows[going]] = True
    return mask
