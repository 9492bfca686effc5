"""Prompts that occur more than once."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from data.audit.base import Check, Finding
from data.audit.evidence import counted
from data.outcomes import OutcomeTable
from data.splits import assigned, has_own

_TEST = 2


class DuplicatePrompts(Check):
    """A question asked twice counts twice, and would leak from fit to test if a split didn't keep repeats together."""

    id = "duplicate_prompts"

    def find(self, table: OutcomeTable) -> Iterator[Finding]:
        """Yield the rows of all prompts that occur more than once, case and white space ignored; and leaks of the file's split."""
        rows = _repeated(table)
        if not len(rows):
            return
        distinct = len(np.unique(table.queries.groups[rows]))
        own = table.role == "all" and has_own(table)
        if own:
            yield from self._astride(table, rows)
        sides = "" if own else "Splits keep them on one side; "
        yield Finding(
            id=self.id,
            severity="info",
            title="Repeated prompts",
            rows=rows,
            models=(),
            meaning=(
                f"{counted(distinct, 'prompt occurs', 'prompts occur')} more than once. {sides}"
                "means count them as often as they occur, and intervals are a little too narrow."
            ),
            choices={
                "repair": "keep the first row of each prompt",
                "exclude": "leave out all rows of these prompts",
                "keep": "count each of them",
            },
        )

    def _astride(self, table: OutcomeTable, repeats: NDArray[np.int64]) -> Iterator[Finding]:
        """Yield the test rows whose prompt the file's own split has in another part too."""
        part, groups = assigned(table), table.queries.groups
        test = repeats[part[repeats] == _TEST]
        leaked = test[np.isin(groups[test], groups[repeats[part[repeats] != _TEST]])]
        if len(leaked):
            yield Finding(
                id=f"{self.id}.across_splits",
                severity="warning",
                title="Test prompts that fit or calibrate hold too",
                rows=leaked,
                models=(),
                meaning=(
                    f"The file's own split has {len(leaked):,} of {int((part == _TEST).sum()):,} test prompts in another part as well: "
                    "what is fitted has seen them, so test figures are too good."
                ),
                choices={"exclude": "leave them out of test", "keep": "count them"},
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
