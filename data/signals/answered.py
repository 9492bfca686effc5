"""Whether there is an answer at all."""

from __future__ import annotations

import numpy as np

from data.outcomes import Floats, OutcomeTable
from data.signals.base import Signal


class Answered(Signal):
    """1 where something comparable was answered, 0 where not: all that a tool says of itself."""

    id = "answered"
    title = "whether it could answer"
    help = "1 where the answer has something that can be compared, 0 where it is empty."
    rank = 6
    column = "answered"
    substitutes = ("confidence", "agreement")

    def told(self, table: OutcomeTable) -> bool:
        """Whether answers are recorded of which some are empty; where all were answered it tells nothing apart."""
        return any(
            model in table.answers and bool(np.any(table.ran[:, m] & (table.answer_codes[:, m] < 0)))
            for m, model in enumerate(table.models)
        )

    def derive(self, table: OutcomeTable) -> Floats:
        """Return 0 for a call whose comparable answer is empty, else 1; NaN without a call, and for models without answers."""
        found = np.full((len(table), len(table.models)), np.nan, dtype=np.float32, order="F")
        for m, model in enumerate(table.models):
            if model in table.answers:
                found[:, m] = np.where(table.ran[:, m], table.answer_codes[:, m] >= 0, np.nan)
        return found
