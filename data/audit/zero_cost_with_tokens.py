"""A cost of zero beside tokens that were used."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from data.audit.base import Check, Finding, at_rows, with_cells
from data.models import ModelCard, cost_from_card
from data.outcomes import OutcomeTable


class ZeroCostWithTokens(Check):
    """Zero that means "not recorded" makes a model look free; a model whose card says that it is free is none."""

    id = "zero_cost_with_tokens"

    def find(self, table: OutcomeTable) -> Iterator[Finding]:
        """Yield the rows in which a model that isn't declared free costs nothing though it used tokens."""
        wrong = _wrong(table)
        if not wrong.any():
            return
        models = tuple(table.models[m] for m in np.flatnonzero(wrong.any(axis=0)))
        yield Finding(
            id=self.id,
            severity="error",
            title="Zero cost with tokens",
            rows=np.flatnonzero(wrong.any(axis=1)),
            models=models,
            meaning=f"{int(wrong.sum()):,} calls look free, so every strategy that makes them looks cheaper than it is.",
            choices={
                "repair": "cost from tokens and price, unknown where there is no price",
                "exclude": "leave these queries out for all models",
                "keep": "they were free",
            },
        )

    def repair(self, table: OutcomeTable, finding: Finding) -> OutcomeTable:
        """Return the table with these costs computed from the price, or unknown."""
        wrong = _wrong(table) & at_rows(table, finding)
        cost = np.array(table.numbers["cost_usd"])
        for m, card in enumerate(table.cards):
            known = cost_from_card(card, table.column("tokens_in", m), table.column("tokens_out", m), table.latency_s(m))
            cost[wrong[:, m], m] = known[wrong[:, m]]
        return with_cells(table, {"cost_usd": cost})


def _wrong(table: OutcomeTable) -> NDArray[np.bool_]:
    """Return (n, M) whether a call is billed at zero though it used tokens and its model is not declared free."""
    wrong = np.zeros((len(table), len(table.models)), dtype=np.bool_)
    for m, card in enumerate(table.cards):
        if not _free(card):
            tokens = np.nan_to_num(table.column("tokens_in", m)) + np.nan_to_num(table.column("tokens_out", m))
            wrong[:, m] = (table.cost_usd(m) == 0) & (tokens > 0)
    return wrong


def _free(card: ModelCard) -> bool:
    prices = (card.price_in_usd_per_mtok, card.price_out_usd_per_mtok, card.price_usd_per_query, card.price_usd_per_hour)
    known = [price for price in prices if not math.isnan(price)]
    return bool(known) and not any(known) and card.tier != "unknown"
