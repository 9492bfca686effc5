"""The base of strategies that learn query by query: what they learn is written once, in place, and `observe` follows from it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from strategies.protocol import Feedback, Strategy


@dataclass(frozen=True, eq=False)
class Incremental(Strategy):
    """Subclasses of the family "online" write `absorb`; their state keeps its names and shapes while they learn.

    `observe` learns in a copy. A stream of many queries opens one copy of its own and absorbs in it, so that learning from one
    query costs what changes, not what is known.
    """

    def absorb(self, feedback: Feedback) -> None:
        """Learn from one answered query by writing into the arrays of `state`: called on opened copies only."""
        raise NotImplementedError

    def observe(self, feedback: Feedback) -> Self:
        """Return a copy that has learnt from one answered query."""
        copy = self.opened()
        copy.absorb(feedback)
        return copy

    def opened(self) -> Self:
        """Return a copy whose arrays are its own and can be written to; its key is asked for after the last `absorb`."""
        return replace(self, state={name: np.array(values) for name, values in self.state.items()})
