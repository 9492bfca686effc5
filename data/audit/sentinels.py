"""Numbers that stand for "not recorded", and numbers that can't be."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from data.audit.base import Check, Finding, at_rows, with_cells
from data.outcomes import FIELDS, OutcomeTable

_SENTINELS = (999.0, 9999.0, 99999.0, 999999.0, 9999999.0)
_FAR = 5.0
_WORDS = {
    "quality": "score", "cost_usd": "cost", "latency_s": "latency", "tokens_in": "count of prompt tokens", "tokens_out": "count of tokens",
}  # fmt: skip


class Sentinels(Check):
    """-1, 999 and the like enter every mean; a score outside 0..1 does too."""

    id = "sentinels"

    def find(self, table: OutcomeTable) -> Iterator[Finding]:
        """Yield a finding for each field with values below 0, scores above 1, or repeated nines far above the rest."""
        for name in FIELDS:
            wrong = _wrong(table, name)
            if not wrong.any():
                continue
            values = np.unique(table.numbers[name][wrong])
            shown = ", ".join(f"{value:g}" for value in values[:3]) + (" ..." if len(values) > 3 else "")
            yield Finding(
                id=f"{self.id}.{name}",
                severity="error" if name in ("quality", "cost_usd") else "warning",
                title=f"A {_WORDS[name]} that is none ({shown})",
                rows=np.flatnonzero(wrong.any(axis=1)),
                models=tuple(table.models[m] for m in np.flatnonzero(wrong.any(axis=0))),
                meaning=f"{int(wrong.sum()):,} cells shift the means, percentiles and curves of these models.",
                choices={
                    "repair": "mark these cells as not known",
                    "exclude": "leave these queries out for all models",
                    "keep": "the values are right",
                },
            )

    def repair(self, table: OutcomeTable, finding: Finding) -> OutcomeTable:
        """Return the table with these cells unknown; a call whose score is unknown is taken as not run."""
        name = finding.id.split(".", 1)[1]
        wrong = _wrong(table, name) & at_rows(table, finding)
        return with_cells(table, {name: np.where(wrong, np.float32(np.nan), table.numbers[name])})


def _wrong(table: OutcomeTable, name: str) -> NDArray[np.bool_]:
    values = table.numbers.get(name)
    if values is None:
        return np.zeros((len(table), len(table.models)), dtype=np.bool_)
    wrong = values < 0
    if name == "quality":
        return np.asarray(wrong | (values > 1))
    nines = np.isin(values, np.array(_SENTINELS, dtype=np.float32))
    rest = values[~nines & ~np.isnan(values)]
    if nines.sum() >= 2 and len(rest):
        wrong = wrong | (nines & (values > _FAR * rest.max()))
    return np.asarray(wrong)
