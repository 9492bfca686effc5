"""Categories with few queries."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from data.audit.base import Check, Choice, Finding
from data.audit.evidence import counted
from data.outcomes import OutcomeTable
from data.problems import listed

LEAST = 30
_NAMED = 6


class SmallCategories(Check):
    """A figure of a category of under 30 queries says little: its 95 % interval is up to 18 points wide on either side."""

    id = "small_categories"

    def find(self, table: OutcomeTable) -> Iterator[Finding]:
        """Yield the rows of all categories, of several, that have fewer than 30 queries."""
        if table.queries.tasks is None or len(table) < LEAST:  # of a smaller table nothing can be said anyway
            return
        sizes = np.bincount(table.queries.tasks, minlength=len(table.queries.task_names))
        few = (sizes > 0) & (sizes < LEAST)
        if not few.any() or int((sizes > 0).sum()) < 2:
            return
        rows = np.flatnonzero(few[table.queries.tasks])
        order = [t for t in np.argsort(sizes, kind="stable").tolist() if few[t]]
        choices: dict[Choice, str] = {"keep": "read their figures with their intervals"}
        if len(rows) < len(table):
            choices["exclude"] = "leave these categories out"
        yield Finding(
            id=self.id,
            severity="info",
            title="Small categories",
            rows=rows,
            models=(),
            meaning=(
                f"{counted(len(order), 'category has', 'categories have')} fewer than {LEAST} queries "
                f"({listed([f'{table.queries.task_names[t]} {int(sizes[t])}' for t in order], _NAMED)}): with so few, the share of right "
                "answers is known to 18 points or worse, so an order of models within a category may be chance."
            ),
            choices=choices,
        )
