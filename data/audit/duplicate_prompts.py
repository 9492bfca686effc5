"""Prompts that occur more than once."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from data.audit.base import Check, Finding
from data.outcomes import OutcomeTable


class DuplicatePrompts(Check):
    """A question asked twice counts twice, and would leak from fit to test if a split didn't keep repeats together."""

    id = "duplicate_prompts"

    def find(self, table: OutcomeTable) -> Iterator[Finding]:
        """Yield the rows of all prompts that occur more than once, case and white space ignored."""
        rows = _repeated(table)
        if not len(rows):
            return
        distinct = len(np.unique(table.queries.groups[rows]))
        yield Finding(
            id=self.id,
            severity="info",
            title="Repeated prompts",
            rows=rows,
            models=(),
            meaning=(
                f"{distinct:,} prompts occur more than once. Splits keep them on one side; "
                "means count them as often as they occur, and intervals are a little too narrow."
            ),
            choices={
                "repair": "keep the first row of each prompt",
                "exclude": "leave out all rows of these prompts",
                "keep": "count each of them",
            },
        )

    def repair(self, table: OutcomeTable, finding: Finding) -> OutcomeTable:
        """Return the table with the first row of each prompt."""
        _, first = np.unique(table.queries.groups[finding.rows], return_index=True)
        again = np.delete(finding.rows, first)
        return table.take(np.setdiff1d(np.arange(len(table)), again))


def _repeated(table: OutcomeTable) -> NDArray[np.int64]:
    if table.queries.prompts is None:
        return np.array([], dtype=np.int64)
    _, member, count = np.unique(table.queries.groups, return_inverse=True, return_counts=True)
    return np.flatnonzero(count[member] > 1)
