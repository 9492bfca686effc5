"""Rows that are there because of how they turned out."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from data.audit.base import Check, Finding, at_rows, with_cells
from data.audit.evidence import counted
from data.audit.one_model_a_query import called, cascade_rows
from data.outcomes import FIELDS, OutcomeTable

SIGNAL = "chosen_by_outcome"
_SEEN_LEAST = 10
_SIGMAS = 5.0


class ChosenByOutcome(Check):
    """An oracle's rows, or a model that was run only where another failed: its mean is not its quality."""

    id = "chosen_by_outcome"

    def find(self, table: OutcomeTable) -> Iterator[Finding]:
        """Yield cells that rest on such rows, rows that were left out for it, holes that follow another's outcome, and cascades' logs."""
        marked = _marked(table)
        if marked.any():
            yield self._kept(table, marked)
        yield from self._left_out(table)
        yield from self._selective(table, marked)
        yield from self._cascade(table)

    def repair(self, table: OutcomeTable, finding: Finding) -> OutcomeTable:
        """Return the table with the marked cells not run."""
        marked = _marked(table) & at_rows(table, finding)
        gone = {name: np.where(marked, np.float32(np.nan), table.numbers[name]) for name in FIELDS if name in table.numbers}
        return with_cells(table, gone).with_signal(SIGNAL, np.where(marked, np.float32(np.nan), table.signals[SIGNAL]))

    def _kept(self, table: OutcomeTable, marked: NDArray[np.bool_]) -> Finding:
        return Finding(
            id=self.id,
            severity="error",
            title="Rows chosen by their outcome",
            rows=np.flatnonzero(marked.any(axis=1)),
            models=tuple(table.models[m] for m in np.flatnonzero(marked.any(axis=0))),
            meaning=f"{int(marked.sum()):,} cells come only from rows that were picked because they were right: these means are too high.",
            choices={"repair": "mark these cells as not run", "exclude": "leave these queries out", "keep": "count them"},
        )

    def _left_out(self, table: OutcomeTable) -> Iterator[Finding]:
        for line in table.history:
            if line.action == "chosen by outcome" and not line.values.get("kept"):
                yield Finding(
                    id=f"{self.id}.left_out",
                    severity="info",
                    title="Rows chosen by their outcome were left out",
                    rows=np.array([], dtype=np.int64),
                    models=(),
                    meaning=f"{line.detail}. Counting them would make the models that they picked look better than they are.",
                    choices={"keep": "leave them out"},
                    settled="exclude",
                )

    def _selective(self, table: OutcomeTable, marked: NDArray[np.bool_]) -> Iterator[Finding]:
        """Yield the models whose holes depend on whether another model was right: run only where that one failed."""
        known = ~np.isnan(table.numbers["quality"]) & ~marked
        rows = np.zeros(len(table), dtype=np.bool_)
        models = []
        for m, model in enumerate(table.models):
            others = [k for k in range(len(table.models)) if k != m and bool(known[:, k].all())]
            if any(_depends(table.quality(k), known[:, m]) for k in others):
                models.append(model)
                rows |= known[:, m]
        if models:
            yield Finding(
                id=f"{self.id}.selective",
                severity="warning",
                title="Whether a model was run depends on another's outcome",
                rows=np.flatnonzero(rows),
                models=tuple(models),
                meaning="Such a model saw easier or harder queries than the others, so its mean can't be compared with theirs.",
                choices={"exclude": "leave out the queries on which it was run", "keep": "compare only where all are known"},
            )

    def _cascade(self, table: OutcomeTable) -> Iterator[Finding]:
        """Yield the scored rows of a cascade's log: only the call at which it stopped has a score."""
        rows = cascade_rows(table)
        if not rows.any():
            return
        known = ~np.isnan(table.numbers["quality"])
        unscored = int((called(table) & ~known)[rows].sum())
        yield Finding(
            id=f"{self.id}.cascade",
            severity="warning",
            title="Quality is known only where a cascade stopped",
            rows=np.flatnonzero(rows),
            models=tuple(table.models[m] for m in np.flatnonzero(known[rows].any(axis=0))),
            meaning=(
                f"Of each query only the answer that was taken has a score; {counted(unscored, 'answer')} that it turned down have none. "
                "A model's mean is over the queries on which the accept test took its answer, so means can't be compared, and the cascade "
                "can't be replayed with another threshold or order. Its own quality and cost, as it ran, are sound."
            ),
            choices={"keep": "read the cascade as a whole"},
        )


def _marked(table: OutcomeTable) -> NDArray[np.bool_]:
    """Return (n, M) whether a cell is known only from rows chosen by outcome."""
    signal = table.signals.get(SIGNAL)
    return np.zeros((len(table), len(table.models)), dtype=np.bool_) if signal is None else np.asarray(signal == 1.0)


def _depends(quality: NDArray[np.float32], ran: NDArray[np.bool_]) -> bool:
    """Whether the mean of one model differs, by 5 standard errors, between the queries where another was run and not."""
    inside, outside = quality[ran].astype(np.float64), quality[~ran].astype(np.float64)
    if min(len(inside), len(outside)) < _SEEN_LEAST:
        return False
    spread = float(quality.astype(np.float64).std())
    error = spread * math.sqrt(1 / len(inside) + 1 / len(outside))
    return error > 0 and abs(float(inside.mean() - outside.mean())) > _SIGMAS * error
