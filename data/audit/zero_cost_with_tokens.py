"""A cost of zero beside tokens that were used."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from data.audit.base import Check, Finding, at_rows, with_cells
from data.audit.evidence import counted
from data.audit.metering import Bools, bill_of, cells, choices, filled, nowhere, price_followed
from data.models import ModelCard, cost_from_card
from data.outcomes import OutcomeTable

_REPAIR = "cost from tokens and the model's price, else the one that its other costs follow; unknown where there is none"
_USED = ("tokens_in", "tokens_out", "tokens_total")


class ZeroCostWithTokens(Check):
    """Zero that means "not recorded" makes a model look free; a model whose card says that it is free is none.

    Nor is a zero that stands for less than the last recorded digit.
    """

    id = "zero_cost_with_tokens"

    def find(self, table: OutcomeTable) -> Iterator[Finding]:
        """Yield the rows in which a model that isn't declared free costs nothing though it used tokens."""
        wrong = _wrong(table)
        if not wrong.any():
            return
        free = [table.cards[m].short for m in range(len(table.models)) if wrong[:, m].any() and not (table.cost_usd(m) > 0).any()]
        always = f" {', '.join(free[:4])}: in every call." if free else ""
        yield Finding(
            id=self.id,
            severity="error",
            title="Zero cost with tokens",
            meaning=f"Looking free: {counted(int(wrong.sum()), 'call')}, so strategies that make them seem cheaper than they are.{always}",
            choices=choices(table, wrong, repair=_REPAIR, keep="they were free"),
            **cells(table, wrong),
        )

    def repair(self, table: OutcomeTable, finding: Finding) -> OutcomeTable:
        """Return the table with these costs from the card's price, else from the price that the model's other costs follow, or unknown."""
        wrong = _wrong(table) & at_rows(table, finding)
        cost = np.array(table.numbers["cost_usd"])
        for m, card in enumerate(table.cards):
            known = _priced(table, m, card)
            known = np.where(np.isnan(known) | (known == 0), _followed(table, m, wrong[:, m]), known)
            cost[wrong[:, m], m] = np.where(known == 0, np.float32(np.nan), known)[wrong[:, m]]
        return with_cells(table, {"cost_usd": cost})


def _wrong(table: OutcomeTable) -> Bools:
    """Return (n, M) whether a call is billed at zero though it used tokens and its model is not declared free."""
    wrong = nowhere(table)
    if not table.has("cost_usd") or table.cost_unit != "USD":  # a share or a relative price may well be zero
        return wrong
    for m, card in enumerate(table.cards):
        if not _free(card):
            used = np.zeros(len(table), dtype=np.bool_)
            for name in _USED:
                used |= table.column(name, m) > 0
            wrong[:, m] = (table.cost_usd(m) == 0) & used
            if card.tier != "unknown":  # free of one kind of tokens, and the call had no other
                wrong[:, m] &= _priced(table, m, card) != 0
            if wrong[:, m].any():
                wrong[:, m] &= ~_rounded_away(table, m, wrong[:, m])
    return wrong


def _priced(table: OutcomeTable, m: int, card: ModelCard) -> NDArray[np.float32]:
    return cost_from_card(card, table.column("tokens_in", m), table.column("tokens_out", m), table.latency_s(m))


def _followed(table: OutcomeTable, m: int, at: Bools) -> NDArray[np.float32]:
    """Return (n,) what calls cost by the price that the model's other costs follow, NaN where they follow none or tokens are missing."""
    costs = np.full(len(table), np.nan, dtype=np.float32)
    price = price_followed(bill_of(table, m), table.cards[m]) if at.any() else None
    if price is not None:
        tokens_in, tokens_out = table.column("tokens_in", m)[at], table.column("tokens_out", m)[at]
        costs[at] = tokens_in * price.usd_in + tokens_out * price.usd_out + price.usd_call
        costs[table.column("tokens_cached", m) > 0] = np.nan  # at a price of their own
    return costs


def _rounded_away(table: OutcomeTable, m: int, zero: Bools) -> Bools:
    """Return (n,) whether the price that the model's other costs follow makes a call cheaper than their last digit."""
    away = np.zeros(len(table), dtype=np.bool_)
    bill = bill_of(table, m)
    price = price_followed(bill, table.cards[m])
    if price is not None:
        rows = np.flatnonzero(zero)
        expected = filled(table, "tokens_in", m, rows) * price.usd_in + filled(table, "tokens_out", m, rows) * price.usd_out
        away[rows] = expected + price.usd_call < float(np.median(bill.tolerance))
    return away


def _free(card: ModelCard) -> bool:
    prices = (card.price_in_usd_per_mtok, card.price_out_usd_per_mtok, card.price_usd_per_query, card.price_usd_per_hour)
    known = [price for price in prices if not math.isnan(price)]
    return bool(known) and not any(known) and card.tier != "unknown"
