"""Numbers that stand for "not recorded", and numbers that can't be."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from data.audit.base import Check, Finding, at_rows, with_cells
from data.audit.evidence import counted
from data.audit.metering import cells, choices, unknown_at
from data.outcomes import FIELDS, OutcomeTable
from data.texts import Texts

_NINES = tuple(10.0**digits - 1 for digits in range(3, 13))
# The largest int32, uint32, int64 and float32; to float32 they are powers of two that no count or time reaches by itself.
_ENDS = (2.0**31, 2.0**32, 2.0**63, float(np.finfo(np.float32).max))
_FAR, _ALONE_FAR = 5.0, 100.0
_WORDS = {
    "quality": "score", "cost_usd": "cost", "latency_s": "latency", "tokens_in": "count of prompt tokens", "tokens_out": "count of tokens",
    "tokens_total": "count of tokens in all", "tokens_reasoning": "count of reasoning tokens", "tokens_cached": "count of cached tokens",
    "propensity": "probability",
}  # fmt: skip
_GRAVE = ("quality", "cost_usd", "propensity")


class Sentinels(Check):
    """-1, 999 and the like enter every mean; a score outside 0..1 does too, and a probability of zero divides by it."""

    id = "sentinels"

    def find(self, table: OutcomeTable) -> Iterator[Finding]:
        """Yield a finding a field: values out of range, nines far above the rest, a type's largest number, zero tokens for a text."""
        for name in FIELDS:
            wrong = _wrong(table, name)
            if not wrong.any():
                continue
            values = np.unique(table.numbers[name][wrong])
            shown = ", ".join(f"{value:g}" for value in values[:3]) + (" ..." if len(values) > 3 else "")
            yield Finding(
                id=f"{self.id}.{name}",
                severity="error" if name in _GRAVE else "warning",
                title=f"A {_WORDS[name]} that is none ({shown})",
                meaning=_meaning(name, int(wrong.sum())),
                choices=choices(table, wrong, repair="mark these cells as not known", keep="the values are right"),
                **cells(table, wrong),
            )

    def repair(self, table: OutcomeTable, finding: Finding) -> OutcomeTable:
        """Return the table with these cells unknown; a call whose score is unknown is taken as not run."""
        name = finding.id.split(".", 1)[1]
        return with_cells(table, unknown_at(table, _wrong(table, name) & at_rows(table, finding), name))


def _meaning(name: str, count: int) -> str:
    if name == "propensity":
        return f"{counted(count, 'call')} with a probability outside 0..1, or made at one of 0: estimates that divide by it are void."
    return f"{counted(count, 'cell')} shifting the means, percentiles and curves of these models."


def _wrong(table: OutcomeTable, name: str) -> NDArray[np.bool_]:
    values = table.numbers.get(name)
    if values is None:
        return np.zeros((len(table), len(table.models)), dtype=np.bool_)
    wrong = np.asarray(values < 0)
    if name == "quality":
        return np.asarray(wrong | (values > 1))
    if name == "propensity":
        return np.asarray(wrong | (values > 1) | ((values == 0) & table.ran))
    wrong = wrong | np.isin(values, np.array(_ENDS, dtype=np.float32)) | _nines(values)
    return wrong | _zeros(table, name) if name in ("tokens_in", "tokens_out") else wrong


def _nines(values: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Return (n, M) where 999, 9999 ... lies far above all else, of the table or of its model; farther, where it occurs once."""
    nines = np.isin(values, np.array(_NINES, dtype=np.float32))
    wrong = np.zeros_like(nines)
    if not nines.any():
        return wrong
    rest = np.where(nines | np.isnan(values), -np.inf, values).max(axis=0, initial=-np.inf)
    for m in np.flatnonzero(nines.any(axis=0)):
        for most, again in ((rest.max(), nines.sum()), (rest[m], nines[:, m].sum())):
            if np.isfinite(most):
                wrong[:, m] |= nines[:, m] & (values[:, m] > (_FAR if again >= 2 else _ALONE_FAR) * most)
    return wrong


def _zeros(table: OutcomeTable, name: str) -> NDArray[np.bool_]:
    """Return (n, M) where a model that counts tokens elsewhere has none for a text that is there."""
    values = table.numbers[name]
    wrong = np.zeros(values.shape, dtype=np.bool_)
    for m, model in enumerate(table.models):
        zero, counted = values[:, m] == 0, values[:, m] > 0
        if zero.any() and counted.sum() > zero.sum():
            wrong[:, m] = zero & _written(table.queries.prompts if name == "tokens_in" else table.responses.get(model), len(table))
    return wrong


def _written(texts: Texts | None, size: int) -> NDArray[np.bool_]:
    if texts is None:
        return np.zeros(size, dtype=np.bool_)
    import pyarrow.compute as pc

    filled = pc.greater(pc.utf8_length(texts.arrow()), 0).fill_null(False)
    return np.array(filled.to_pylist(), dtype=np.bool_)
