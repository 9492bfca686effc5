"""Queries that some model was not run on."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from data.audit.base import Check, Choice, Finding, at_rows, with_cells
from data.outcomes import OutcomeTable


class MissingCells(Check):
    """A policy that calls a hole has an unknown result there."""

    id = "missing_cells"

    def find(self, table: OutcomeTable) -> Iterator[Finding]:
        """Yield the rows in which the quality of some model is not known."""
        holes = np.isnan(table.numbers["quality"])
        if not holes.any():
            return
        share = float(holes.mean())
        models = tuple(table.models[m] for m in np.flatnonzero(holes.any(axis=0)))
        rows = np.flatnonzero(holes.any(axis=1))
        unbilled = holes & np.isnan(table.numbers["cost_usd"]) if table.has("cost_usd") else np.zeros_like(holes)
        wrong = "count them as wrong (0)"
        choices: dict[Choice, str] = {
            "repair": f"{wrong}; comparisons by cost still leave out those whose cost is not known" if unbilled.any() else wrong,
            "keep": "leave them unknown, and say the coverage",
        }
        if len(rows) < len(table):
            choices["exclude"] = "compare on the queries where all models are known"
        yield Finding(
            id=self.id,
            severity="warning" if share > 0.01 else "info",
            title="Missing outcomes",
            rows=rows,
            models=models,
            meaning=(
                f"{int(holes.sum()):,} of {holes.size:,} cells ({share:.1%}) are not known. "
                "A strategy that calls one has an unknown value; models are compared only where all of them are known."
            ),
            choices=choices,
        )

    def repair(self, table: OutcomeTable, finding: Finding) -> OutcomeTable:
        """Return the table with every unknown quality counted as 0."""
        quality = table.numbers["quality"]
        return with_cells(table, {"quality": np.where(at_rows(table, finding) & np.isnan(quality), np.float32(0), quality)})
