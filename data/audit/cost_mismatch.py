"""Costs that are not tokens times price."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from data.audit.base import Check, Finding, Severity, at_rows, with_cells
from data.audit.evidence import counted
from data.audit.metering import (
    OTHER,
    Bill,
    Bools,
    Doubles,
    Price,
    bill_of,
    card_price,
    cells,
    choices,
    exact_fit,
    kinds,
    nowhere,
    own_price,
    times,
    with_cached,
)
from data.models import ModelCard
from data.outcomes import OutcomeTable
from data.problems import listed

_FACTORS = {1e-6: "1,000,000 times too low", 1e-3: "1,000 times too low", 1e-2: "100 times too low"}
_FACTORS |= {1e2: "100 times too high: in cents?", 1e3: "1,000 times too high: priced per 1,000 tokens?"}
_FACTORS |= {1e6: "1,000,000 times too high: priced per token?"}
_NEAR = 0.01
# USD per million tokens. The dearest and the cheapest model with a price per token in genai-prices 0.2 lie well within.
_PLAUSIBLE = (0.002, 2_000.0)
_LONG_PROMPT = 128_000.0  # above it several makers ask more; a card holds the first step only
_GRAVE = 0.05


@dataclass
class _Found:
    """What is collected over models: wrong cells, costs set right, words about each model, the gravest severity."""

    wrong: Bools
    cost: Doubles
    said: list[str] = field(default_factory=list)
    severities: set[Severity] = field(default_factory=set)

    def add(self, bill: Bill, at: Bools, right: Doubles, *, m: int, words: str, severity: Severity) -> None:
        """Add some calls of one model, `at` (k,), with what they should cost, `right` (k,)."""
        self.wrong[bill.rows[at], m] = True
        self.cost[bill.rows[at], m] = right[at]
        self.said.append(words)
        self.severities.add(severity)


class CostMismatch(Check):
    """A recorded cost should follow from the tokens and the price, to the digits it was written with.

    The price is the card's (recorded, listed or typed); without one it is the price that 95 % of the model's own costs follow.
    Costs that reasoning or cached tokens explain are left to `unbilled_tokens`, costs of zero to `zero_cost_with_tokens`.
    """

    id = "cost_mismatch"

    def find(self, table: OutcomeTable) -> Iterator[Finding]:
        """Yield costs off by a power of ten, costs that follow another price than the card's, and single costs off the price."""
        if not (table.has("cost_usd") and table.has("tokens_in") and table.has("tokens_out")):
            return
        found = _mismatches(table)
        if found["unit"].said:
            yield self._unit(table, found["unit"])
        if found["price"].said:
            yield self._price(table, found["price"])
        if found[""].said:
            yield self._rows(table, found[""])

    def repair(self, table: OutcomeTable, finding: Finding) -> OutcomeTable:
        """Return the table with these costs divided by the factor, or computed from tokens and price."""
        found = _mismatches(table)[finding.id.partition(".")[2]]
        cost = np.where(found.wrong & at_rows(table, finding), found.cost, table.numbers["cost_usd"])
        return with_cells(table, {"cost_usd": cost.astype(np.float32)})

    def _unit(self, table: OutcomeTable, found: _Found) -> Finding:
        return Finding(
            id=f"{self.id}.unit",
            severity="error",
            title="Costs in another unit",
            meaning=f"{listed(found.said, 4)}. Beside the other models these look far too cheap or far too dear.",
            choices={"repair": "divide them by this factor", "keep": "they are in USD per query"},
            **cells(table, found.wrong),
        )

    def _price(self, table: OutcomeTable, found: _Found) -> Finding:
        return Finding(
            id=f"{self.id}.price",
            severity="warning" if "warning" in found.severities else "info",
            title="Costs follow another price than the one stated",
            meaning=f"{listed(found.said, 3)}. Prices fall over the years: compare models at prices of one day.",
            choices={"repair": "cost from tokens at the price stated", "keep": "the recorded costs are what was paid"},
            **cells(table, found.wrong),
        )

    def _rows(self, table: OutcomeTable, found: _Found) -> Finding:
        return Finding(
            id=self.id,
            severity="error" if "error" in found.severities else "warning",
            title="Costs that are not tokens times price",
            meaning=(
                f"{counted(int(found.wrong.sum()), 'cost')} off by more than rounding: {listed(found.said, 4)}. "
                "Either their tokens, or their costs, or the price is wrong, and means by cost are shifted by as much."
            ),
            choices=choices(table, found.wrong, repair="cost from tokens and price", keep="the recorded costs are right"),
            **cells(table, found.wrong),
        )


def _mismatches(table: OutcomeTable) -> dict[str, _Found]:
    found = {kind: _Found(nowhere(table), np.array(table.numbers["cost_usd"], dtype=np.float64)) for kind in ("unit", "price", "")}
    for m, card in enumerate(table.cards):
        bill = bill_of(table, m)
        if len(bill.rows):
            stated = card_price(card)
            if stated is not None:
                _against_card(found, bill, with_cached(stated, bill, card.name), card, m)
            else:
                _against_own(found, bill, card, m)
    return found


def _against_card(found: dict[str, _Found], bill: Bill, price: Price, card: ModelCard, m: int) -> None:
    """Compare one model's costs with its card's price; where most depart look for a factor, then for another price."""
    other = (kinds(bill, price) == OTHER) & ~((bill.tokens_in > _LONG_PROMPT) & (card.tier == "list"))
    if not other.any():
        return
    if float(other.mean()) > 0.5:
        factor = _factor(bill, bill.plain(price))
        if factor:
            found["unit"].add(bill, other, bill.cost / factor, m=m, words=f"{card.short}: {_FACTORS[factor]}", severity="error")
            return
        own = own_price(bill, card.name)
        if own is not None:
            words = f"{card.short}: {own.words}, stated {price.words}"
            found["price"].add(bill, other, bill.plain(price), m=m, words=words, severity="info" if card.tier == "list" else "warning")
            _single(found[""], bill, own, card, m=m)
            return
    _single(found[""], bill, price, card, m=m, other=other)


def _against_own(found: dict[str, _Found], bill: Bill, card: ModelCard, m: int) -> None:
    """Compare one model's costs with the price that nearly all of them follow, if there is one."""
    own = own_price(bill, card.name)
    if own is None:
        return
    factor = _implausible(own)
    if factor:
        everywhere = np.ones(len(bill.rows), dtype=np.bool_)
        words = f"{card.short}: {own.words}, which no model costs; {_FACTORS[factor]}"
        found["unit"].add(bill, everywhere, bill.cost / factor, m=m, words=words, severity="error")
        return
    _single(found[""], bill, own, card, m=m)


def _single(found: _Found, bill: Bill, price: Price, card: ModelCard, *, m: int, other: Bools | None = None) -> None:
    """Add the calls that depart from a price; a listed price is that of one day, so a departure from it is less grave."""
    other = kinds(bill, price) == OTHER if other is None else other
    if not other.any():
        return
    right = bill.plain(price)
    before, after = float(bill.cost.sum()), float(bill.cost[~other].sum() + right[other].sum())
    grave = (price.own or card.tier != "list") and (after <= 0 or abs(before / after - 1) > _GRAVE)
    words = f"{card.short} {int(other.sum()):,} of {len(other):,}, its cost in all {times(before, after)}"
    found.add(bill, other, right, m=m, words=words, severity="error" if grave else "warning")


def _factor(bill: Bill, expected: Doubles) -> float:
    """Return the power of ten by which nearly all costs are off, 0.0 if there is none."""
    paid = expected > 0
    if not paid.any():
        return 0.0
    ratio = float(np.median(bill.cost[paid] / expected[paid]))
    near = next((factor for factor in _FACTORS if abs(ratio / factor - 1) < _NEAR), 0.0)
    if not near:
        return 0.0
    met = exact_fit(expected[:, None], bill.cost, bill.tolerance + _NEAR * bill.cost)
    return near if met is not None else 0.0


def _implausible(price: Price) -> float:
    """Return by which power of ten a price per token must be off to be one, 0.0 if some model might cost as much, or none would."""
    low, high = _PLAUSIBLE
    most = max(price.usd_in, price.usd_out) * 1e6
    if most <= 0 or low <= most <= high:
        return 0.0
    able = [factor for factor in _FACTORS if factor not in (1e2, 1e-2) and low <= most / factor <= high]
    return min(able, key=lambda factor: abs(math.log10(most / factor)), default=0.0)
