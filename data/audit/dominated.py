"""Models for which nobody would pay: dearer than another one and no better."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data.audit.base import Check, Finding
from data.audit.evidence import SIGMAS, counted
from data.outcomes import OutcomeTable
from data.problems import listed

_COMMON_LEAST = 30
_Z = 1.96  # two-sided 95 %
_NAMED = 4
_PAIRS_FROM, _SLACK = 64, 1e-9


class Dominated(Check):
    """A model that another one beats in both mean quality and mean cost has no place on the frontier of single models."""

    id = "dominated"

    def find(self, table: OutcomeTable) -> Iterator[Finding]:
        """Yield the models that are dearer, and at 95 % no better, than another one on the queries that both ran."""
        if table.cost_unit != "USD" or not table.has("cost_usd"):
            return
        pairs = _likely(table)
        losses = [loss for m in range(len(table.models)) if (loss := _worst(table, m, pairs[m])) is not None]
        if not losses:
            return
        rows = np.zeros(len(table), dtype=np.bool_)
        for loss in losses:
            rows |= loss.common
        words = listed([loss.words(table) for loss in losses], _NAMED)
        yield Finding(
            id=self.id,
            severity="info",
            title="Dearer and no better",
            rows=np.flatnonzero(rows),
            models=tuple(table.models[loss.model] for loss in losses),
            meaning=(f"{words}. Alone such a model is never the best choice at its price; a router gains from it only where it is better."),
            choices={"repair": "leave these models out of the table", "keep": "keep them: a router may use them where they are right"},
        )

    def repair(self, table: OutcomeTable, finding: Finding) -> OutcomeTable:
        """Return the table without the dominated models."""
        return table.select([model for model in table.models if model not in finding.models])


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class _Loss:
    """Model `model` loses against `by`: how far on average, and on which (n,) queries."""

    model: int
    by: int
    gain: float
    ratio: float
    better: float
    common: NDArray[np.bool_]

    def words(self, table: OutcomeTable) -> str:
        mine, other = table.cards[self.model].short, table.cards[self.by].short
        times = f"costs {self.ratio:.3g} times as much as" if self.ratio < math.inf else "costs money, unlike"
        common = counted(int(self.common.sum()), "query", "queries")
        return f"{mine} {times} {other} and is no better ({100 * self.gain:+.1f} points on {common}, better on {self.better:.1%})"


def _likely(table: OutcomeTable) -> NDArray[np.bool_]:
    """Return (M, M) which models may lose against which: by sums over all pairs at once where there are many, so that few are looked at."""
    size = len(table.models)
    if size <= _PAIRS_FROM:
        return ~np.eye(size, dtype=np.bool_)
    both = np.isfinite(table.numbers["quality"]) & np.isfinite(table.numbers["cost_usd"])
    known = both.astype(np.float64)
    count = known.T @ known
    (gain, shaky), (extra, rough) = (_paired(np.where(both, table.numbers[name], 0.0), known, count) for name in ("quality", "cost_usd"))
    return (count >= _COMMON_LEAST) & (gain + _Z * shaky <= _SLACK) & (extra >= SIGMAS * rough) & ~np.eye(size, dtype=np.bool_)


def _paired(
    values: NDArray[np.float64], known: NDArray[np.float64], count: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return (M, M) mean differences of two models on the queries that both ran, and slightly less than their standard errors."""
    values = values.astype(np.float64)
    some = np.maximum(count, 1.0)
    sums, squares = values.T @ known, (values * values).T @ known
    mean = (sums - sums.T) / some
    total = squares + squares.T
    variance = (total - 2 * (values.T @ values)) / some - mean * mean - _SLACK * total / some  # what is lost to rounding is no spread
    return mean, np.sqrt(np.maximum(variance, 0.0) / some) * (1 - _SLACK)


def _worst(table: OutcomeTable, model: int, others: NDArray[np.bool_]) -> _Loss | None:
    """Return the loss against the best of those that dominate a model, among others, (M,)."""
    found = [loss for other in np.flatnonzero(others).tolist() if (loss := _loss(table, model, other)) is not None]
    return min(found, key=lambda loss: (loss.gain, -loss.ratio)) if found else None


def _loss(table: OutcomeTable, model: int, other: int) -> _Loss | None:
    """Return how a model loses against another, None where it doesn't.

    The upper end of the 95 % interval of the paired difference in quality is at most 0, and its cost is higher by 4 standard errors.
    """
    columns = [field(m) for m in (model, other) for field in (table.quality, table.cost_usd)]
    common = np.logical_and.reduce([np.isfinite(column) for column in columns])
    count = int(common.sum())
    if count < _COMMON_LEAST:
        return None
    better = table.quality(model)[common].astype(np.float64) - table.quality(other)[common]
    dearer = table.cost_usd(model)[common].astype(np.float64) - table.cost_usd(other)[common]
    gain, extra = float(better.mean()), float(dearer.mean())
    if gain + _Z * float(better.std(ddof=1)) / math.sqrt(count) > 0 or extra <= SIGMAS * float(dearer.std(ddof=1)) / math.sqrt(count):
        return None
    cheap = float(table.cost_usd(other)[common].mean(dtype=np.float64))
    ratio = (cheap + extra) / cheap if cheap > 0 else math.inf
    return _Loss(model=model, by=other, gain=gain, ratio=ratio, better=float((better > 0).mean()), common=common)
