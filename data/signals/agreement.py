"""How many of a model's repeated answers say the same."""

from __future__ import annotations

import numpy as np

from data.outcomes import Floats, OutcomeTable
from data.problems import refuse
from data.samples import Samples
from data.signals.base import Price, Signal


class Agreement(Signal):
    """Self-consistency: the commonest answer's share of all that the model drew (arXiv 2203.11171; as a signal 2310.03094).

    It needs no log-probabilities, so it stands in for them at endpoints that give none; it costs the further draws.
    """

    id = "agreement"
    title = "agreement of repeated answers"
    help = "Share of its repeated answers that give the commonest one. Computed from samples, it costs every further draw."
    rank = 5
    column = "agreement, or repeated answers (a sample column)"
    live = "a live run with several samples a question"
    substitutes = ("margin", "sum_logprob", "mean_logprob", "min_logprob", "confidence")

    def told(self, table: OutcomeTable) -> bool:
        """Whether any model was asked more than once."""
        return table.samples is not None

    def derive(self, table: OutcomeTable) -> Floats:
        """Return the commonest answer's share of two or more draws; an empty answer agrees with none."""
        return _shares(_drawn(table), len(table), len(table.models))

    def price(self, table: OutcomeTable) -> Price | None:
        """Return one call's cost for each draw but the first, which was the call; drawn at once they take one call's time."""
        if table.samples is None or table.has(self.id):
            return None
        further = np.maximum(_counts(table.samples, len(table), len(table.models)) - 1, 0)
        cost, latency = (np.column_stack([table.column(name, m) for m in range(len(table.models))]) for name in ("cost_usd", "latency_s"))
        return Price(further * cost, np.where(further > 0, latency, np.float32(0)))


def _drawn(table: OutcomeTable) -> Samples:
    if table.samples is None:
        raise refuse(f"{table.origin.name!r} has no repeated answers.", "Map a sample column on the Data page.")
    return table.samples


def _counts(samples: Samples, rows: int, models: int) -> Floats:
    cell = samples.query.astype(np.int64) * models + samples.model
    return np.bincount(cell, minlength=rows * models).reshape(rows, models).astype(np.float32)


def _shares(samples: Samples, rows: int, models: int) -> Floats:
    """Return (n, M) the largest group of equal codes over the number of draws; NaN for fewer than two."""
    counts = _counts(samples, rows, models)
    cell = samples.query.astype(np.int64) * models + samples.model
    said = samples.code >= 0
    groups, sizes = np.unique(np.stack([cell[said], samples.code[said]]), axis=1, return_counts=True)
    most = np.zeros(rows * models, dtype=np.float32)
    np.maximum.at(most, groups[0], sizes.astype(np.float32))
    shares = np.full((rows, models), np.nan, dtype=np.float32)
    return np.divide(most.reshape(rows, models), counts, out=shares, where=counts >= 2)
