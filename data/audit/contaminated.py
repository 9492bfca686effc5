"""Prompts that are known to be in some model's, or router's, training data."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from data.audit.base import Check, Finding
from data.outcomes import OutcomeTable

_NAMES = frozenset({"contaminated", "contamination"})
_WORDS = frozenset({"yes", "true", "1", "contaminated", "likely_contaminated"})


class Contaminated(Check):
    """A list or column that came with the data names them; published figures are mostly without these rows."""

    id = "contaminated"

    def find(self, table: OutcomeTable) -> Iterator[Finding]:
        """Yield the rows that a companion file or a column marks."""
        rows = _marked(table)
        if len(rows):
            yield Finding(
                id=self.id,
                severity="warning",
                title="Contaminated prompts",
                rows=rows,
                models=(),
                meaning="The data says that these prompts are known, or likely, to be in training data, so they may be too easy.",
                choices={"exclude": "leave them out, as the published figures do", "keep": "count them"},
            )


def _marked(table: OutcomeTable) -> NDArray[np.int64]:
    rows = np.zeros(len(table), dtype=np.bool_)
    for name, marks in table.queries.meta.items():
        if name.rsplit(".", 1)[-1].lower() in _NAMES:
            rows |= np.array([(mark or "").lower() in _WORDS for mark in marks], dtype=np.bool_)
    return np.flatnonzero(rows)
