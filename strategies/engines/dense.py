"""Many queries still open: views show all of them, and a mask says whose decisions count.

Finding and gathering the rows that go on takes longer than deciding for all, as long as most go on. Rows are decided on their own (law of
the protocol), so what is decided for a query that was closed before changes nothing, and is not heeded. Once few are open, or somebody
needs to know which, their rows are found and all goes on as in any other state.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from strategies.engines.state import DENSE, State
from strategies.protocol import Bools, Floats


class Sparse(Exception):  # noqa: N818 - nothing is wrong: the rows are wanted after all
    """A question has a price, or a part of the view is looked at: it has to be played on the open rows from the start."""


@dataclass
class Dense(State):
    """A state that begins with a mask of the open queries (None = all), which events and answers note in place of rows."""

    found: bool = False
    closed: bool = False

    @property
    def open(self) -> int:
        """How many queries a view shows: all, until rows are found or none is open."""
        return super().open if self.found else 0 if self.closed else self.source.size

    @property
    def place(self) -> Any:
        """The open queries: (N,) a mask (None = all) or, once found, their rows."""
        return self.rows if self.found else self.mask

    def close(self) -> None:
        """End it."""
        self.closed = True
        super().close()

    def narrow(self, onward: Bools, *, rows: bool) -> Any:
        """Go on with these queries, as far as they were open."""
        if self.found:
            return super().narrow(onward, rows=rows)
        self.mask = onward if self.mask is None else onward & self.mask
        count = int(np.count_nonzero(self.mask))
        self.closed = not count
        if rows or count <= DENSE * self.source.size:
            self._find()
        return self.rows

    def bill(self, cost: Floats, latency: Floats, *, whole: bool) -> None:
        """Add what the open queries pay and wait; the same float32 additions as row by row."""
        if not whole and self.mask is not None and not self.found:
            self._find()
        if self.found:
            super().bill(cost, latency, whole=whole)
        elif self.cost is None or self.latency is None:
            self.cost, self.latency = cost, latency  # shared columns: never written to
        elif self.mask is None:
            self.cost, self.latency = self.cost + cost, self.latency + latency
        else:
            weight = self.mask.astype(np.float32)
            cost, latency = np.multiply(cost, weight), np.multiply(latency, weight, out=weight)
            self.cost, self.latency = np.add(self.cost, cost, out=cost), np.add(self.latency, latency, out=latency)

    def begun(self) -> tuple[Floats, Floats]:
        """Return the (N,) cost and latency so far, once rows are found."""
        if not self.found:
            raise Sparse
        return super().begun()

    def pay(self, name: str, model: int) -> None:
        """Bill a question that has a price; `Sparse` before rows are found."""
        if self.found or self.source.price(name, model) is not None:
            super().pay(name, model)

    def _find(self) -> None:
        """Go on by row from here."""
        self.rows = None if self.mask is None else np.flatnonzero(self.mask)
        self.mask, self.found = None, True
        if self.cost is not None and self.latency is not None:
            self.cost, self.latency = np.array(self.cost), np.array(self.latency)
