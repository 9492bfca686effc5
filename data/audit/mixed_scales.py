"""Scores of some models, tasks or rows on another scale than the others'."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from data.audit.base import Check, Finding, at_rows, with_cells
from data.audit.evidence import counted
from data.audit.metering import Bools, cells, choices
from data.outcomes import OutcomeTable
from data.problems import listed

_LEAST = 20
_NONZERO_LEAST = 5
_WHOLE = 0.5  # a model or task that reaches this uses the whole scale
_EDGE = 1 + 1e-5
_BETWEEN_SHARE = 0.005
_TENTHS_LEAST = 0.05


class MixedScales(Check):
    """Pass and fail as 0 and 1 among scores of 0 to 100 end up as 0 and 0.01: that model, or that part, looks hopeless.

    Flags beside continuous scores are on one scale and no finding.
    """

    id = "mixed_scales"

    def find(self, table: OutcomeTable) -> Iterator[Finding]:
        """Yield models whose scores end at a hundredth or a tenth of the others', then tasks and rows within a model."""
        models = _models(table)
        if models.any():
            names = [f"{card.short} (x {factor:.0f})" for card, factor in zip(table.cards, models, strict=True) if factor]
            wrong = ~np.isnan(table.numbers["quality"]) & (models > 0)
            yield Finding(
                id=f"{self.id}.models",
                severity="error",
                title="Scores on another scale than the other models'",
                meaning=f"{listed(names, 4)} seem to have been scored on a shorter scale. As they are, these models look hopeless.",
                choices={"repair": "multiply them by this factor", "keep": "they are that low"},
                **cells(table, wrong),
            )
        rows = _rows(table, models)
        if rows.any():
            yield Finding(
                id=f"{self.id}.rows",
                severity="error",
                title="Some scores on another scale than the rest",
                meaning=(
                    f"In the lowest hundredth or tenth of the scale: {counted(int((rows > 0).sum()), 'score')}, with nothing between them "
                    "and the others. As they are, right answers count as wrong there."
                ),
                choices=choices(table, rows > 0, repair="multiply them by 100 or 10", keep="they are that low"),
                **cells(table, rows > 0),
            )

    def repair(self, table: OutcomeTable, finding: Finding) -> OutcomeTable:
        """Return the table with these scores on the others' scale."""
        models = _models(table)
        factors = np.broadcast_to(models, table.numbers["quality"].shape) if finding.id.endswith(".models") else _rows(table, models)
        wrong = (factors > 0) & at_rows(table, finding)
        scaled = np.minimum(table.numbers["quality"] * np.where(wrong, factors, 1), np.where(wrong, 1, np.inf))
        return with_cells(table, {"quality": scaled.astype(np.float32)})


def _factor(values: NDArray[np.float32]) -> int:
    """Return by which factor some known scores would fill the scale: 100, 10, or 0 where they may well be what they are.

    A tenth is believed only of 1 to 10 in steps of one (0.01 to 0.1 after 0..100): really poor scores are not so regular.
    """
    if len(values) < _LEAST or np.count_nonzero(values > 0) < _NONZERO_LEAST:
        return 0
    most = float(values.max())
    if most <= 0.01 * _EDGE:
        return 100
    if not _TENTHS_LEAST < most <= 0.1 * _EDGE or float(values.min()) < 0.01 / _EDGE:
        return 0
    steps = values.astype(np.float64) * 100
    return 10 if bool(np.all(np.abs(steps - np.round(steps)) < 1e-4)) else 0


def _known(values: NDArray[np.float32]) -> NDArray[np.float32]:
    return values[~np.isnan(values)]


def _models(table: OutcomeTable) -> NDArray[np.int64]:
    """Return (M,) the factor of each model whose scores are on a shorter scale, 0 elsewhere; there has to be one on the whole scale."""
    found = np.zeros(len(table.models), dtype=np.int64)
    most = np.nan_to_num(np.fmax.reduce(table.numbers["quality"], axis=0, initial=np.float32(-1)), nan=-1.0)
    if (most >= _WHOLE).any():
        for m in np.flatnonzero((most > 0) & (most <= 0.1 * _EDGE)):
            found[m] = _factor(_known(table.quality(int(m))))
    return found


def _rows(table: OutcomeTable, models: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return (n, M) the factor of scores that are on a shorter scale within a model that uses the whole one elsewhere."""
    found = np.zeros((len(table), len(table.models)), dtype=np.int64)
    for m in np.flatnonzero(models == 0):
        values = table.quality(int(m))
        if len(table) and np.nan_to_num(values).max() >= _WHOLE:
            found[:, m] = _by_task(table, values)
            left = np.where(found[:, m] > 0, np.float32(np.nan), values)
            found[_by_gap(left), m] = 100
    return found


def _by_task(table: OutcomeTable, values: NDArray[np.float32]) -> NDArray[np.int64]:
    """Return (n,) the factor of the scores of each task that lies wholly in the lowest part of the scale."""
    found = np.zeros(len(table), dtype=np.int64)
    tasks = table.queries.tasks
    if tasks is None or len(table.queries.task_names) < 2:
        return found
    most = np.full(len(table.queries.task_names), -1, dtype=np.float32)
    np.fmax.at(most, tasks, values)
    for task in np.flatnonzero((most > 0) & (most <= 0.1 * _EDGE)):
        at = np.flatnonzero((tasks == task) & ~np.isnan(values))
        found[at] = _factor(values[at])
    return found


def _by_gap(values: NDArray[np.float32]) -> Bools:
    """Return (n,) the scores above 0 in the lowest hundredth, if there are many and hardly any in the nine hundredths above it."""
    low = (values > 0) & (values <= 0.01 * _EDGE)
    above = (values > 0.01 * _EDGE) & (values < 0.1)
    high = values >= 0.1
    enough = low.sum() >= _LEAST and low.sum() >= 0.02 * high.sum() and (values >= _WHOLE).any()
    return low if enough and above.sum() <= _BETWEEN_SHARE * (low.sum() + high.sum()) else np.zeros(len(values), dtype=np.bool_)
