"""Prompts that are known to be in some model's, or router's, training data."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from data.audit.base import Check, Finding
from data.outcomes import OutcomeTable


class Contaminated(Check):
    """A list that came with the data names them; published figures are mostly without these rows."""

    id = "contaminated"

    def find(self, table: OutcomeTable) -> Iterator[Finding]:
        """Yield the rows that a companion file marked."""
        rows = _marked(table)
        if len(rows):
            yield Finding(
                id=self.id,
                severity="warning",
                title="Contaminated prompts",
                rows=rows,
                models=(),
                meaning="A file that came with the data says that these prompts occur in training data, so they may be too easy.",
                choices={"exclude": "leave them out, as the published figures do", "keep": "count them"},
            )


def _marked(table: OutcomeTable) -> NDArray[np.int64]:
    marks = table.queries.meta.get("contaminated")
    if marks is None:
        return np.array([], dtype=np.int64)
    return np.flatnonzero([mark == "yes" for mark in marks])
