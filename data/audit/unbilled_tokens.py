"""Reasoning and cached tokens that were used, but not counted or not billed at their price."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from data.audit.base import Check, Finding, Severity, at_rows, with_cells
from data.audit.evidence import counted
from data.audit.metering import (
    CACHED_FREE,
    CACHED_IN_FULL,
    OTHER,
    REASONING_LEFT_OUT,
    Bill,
    Bools,
    Doubles,
    Price,
    bill_of,
    cells,
    choices,
    kinds,
    nowhere,
    price_followed,
    times,
)
from data.audit.token_totals import added, gaps
from data.outcomes import OutcomeTable
from data.problems import listed

_OUTSIDE = {"out": ("tokens_reasoning", "tokens_out"), "in": ("tokens_cached", "tokens_in")}
_ALL_SHARE = 0.2
_KINDS = {"reasoning": REASONING_LEFT_OUT, "cached": CACHED_FREE, "cached_full": CACHED_IN_FULL}
_TITLES = {
    "out": "More reasoning tokens than tokens of the answer",
    "in": "More cached tokens than tokens of the prompt",
    "reasoning": "Reasoning tokens are not billed",
    "cached": "Cached tokens are not billed",
    "cached_full": "Cached tokens are billed in full",
}
_MEANINGS = {
    "reasoning": "The provider bills hidden reasoning as answer tokens; without it the models that think look cheaper than they are.",
    "cached": "Tokens read from a cache have a price, too, mostly a tenth to a half of the full one; here they cost nothing.",
    "cached_full": (
        "The maker's list has a lower price for them, so what was paid is less than this. "
        "Which tokens are cached depends on the order of calls: the full price is the fairer one when calls are routed elsewhere."
    ),
}
_REPAIRS = {
    "reasoning": "bill them at the price of answer tokens",
    "cached": "bill them at the price for cached tokens, where one is known",
    "cached_full": "bill them at the price for cached tokens",
}
_KEEPS = {"reasoning": "the costs are right", "cached": "they were free", "cached_full": "compare at full prices"}


@dataclass
class _Found:
    """What is collected over models: wrong cells, by how much each model's cost is off, the costs set right."""

    wrong: Bools
    cost: Doubles
    said: list[str] = field(default_factory=list)
    known: bool = False


class UnbilledTokens(Check):
    """Hidden reasoning is most of what a thinking model costs; where it isn't billed every comparison by cost is wrong."""

    id = "unbilled_tokens"

    def find(self, table: OutcomeTable) -> Iterator[Finding]:
        """Yield parts greater than their whole, and costs that leave reasoning or cached tokens out, or bill the latter in full."""
        for kind, (part, whole) in _OUTSIDE.items():
            wrong = _outside(table, part, whole)
            if wrong.any():
                yield self._part(table, kind, wrong)
        if not table.has("cost_usd") or not (table.has("tokens_reasoning") or table.has("tokens_cached")):
            return
        for kind, found in _unbilled(table).items():
            if found.wrong.any():
                yield self._cost(table, kind, found)

    def repair(self, table: OutcomeTable, finding: Finding) -> OutcomeTable:
        """Return the table with the part added to its whole, or with the costs billed as the finding says."""
        kind = finding.id.partition(".")[2]
        if kind in _OUTSIDE:
            return with_cells(table, added(table, _outside(table, *_OUTSIDE[kind]) & at_rows(table, finding), *_OUTSIDE[kind]))
        found = _unbilled(table)[kind]
        cost = np.where(found.wrong & at_rows(table, finding), found.cost, table.numbers["cost_usd"])
        return with_cells(table, {"cost_usd": cost.astype(np.float32)})

    def _part(self, table: OutcomeTable, kind: str, wrong: Bools) -> Finding:
        what, side = ("Reasoning", "answer") if kind == "out" else ("Cached tokens", "prompt")
        return Finding(
            id=f"{self.id}.{kind}",
            severity="error",
            title=_TITLES[kind],
            meaning=(
                f"{what} can't be part of the {side}'s tokens in {counted(int(wrong.sum()), 'call')}, so the {side}'s tokens leave them "
                "out: a cost computed from them is too low."
            ),
            choices=choices(table, wrong, repair=f"add them to the {side}'s tokens", keep=f"the {side}'s tokens are right"),
            **cells(table, wrong),
        )

    def _cost(self, table: OutcomeTable, kind: str, found: _Found) -> Finding:
        severity: dict[str, Severity] = {"reasoning": "error", "cached": "warning", "cached_full": "info"}
        return Finding(
            id=f"{self.id}.{kind}",
            severity=severity[kind],
            title=_TITLES[kind],
            meaning=f"The cost of these calls: {listed(found.said, 4)}. {_MEANINGS[kind]}",
            choices=choices(table, found.wrong, repair=_REPAIRS[kind] if found.known else "", keep=_KEEPS[kind]),
            **cells(table, found.wrong),
        )


def _outside(table: OutcomeTable, part: str, whole: str) -> Bools:
    """Return (n, M) where a part is greater than its whole, and the model's other calls where that is no rare slip.

    Cells whose total explains it already are left to that check.
    """
    wrong = nowhere(table)
    if not (table.has(part) and table.has(whole)):
        return wrong
    told = gaps(table)["reasoning" if part == "tokens_reasoning" else "cached"] if table.has("tokens_total") else wrong
    for m in range(len(table.models)):
        parts, wholes = table.column(part, m), table.column(whole, m)
        has = (parts > 0) & (wholes >= 0) & ~told[:, m]
        over = has & (parts > wholes + 0.5)
        wrong[:, m] = has if over.sum() >= max(1.0, _ALL_SHARE * has.sum()) else over
    return wrong


def _unbilled(table: OutcomeTable) -> dict[str, _Found]:
    """Return kind -> the cells whose cost is explained by not billing such tokens, or billing them in full."""
    found = {kind: _Found(nowhere(table), np.array(table.numbers["cost_usd"], dtype=np.float64)) for kind in _KINDS}
    beside = _outside(table, *_OUTSIDE["out"])
    if table.has("tokens_total"):
        beside |= gaps(table)["reasoning"]
    for m in range(len(table.models)):
        bill = bill_of(table, m)
        if not (bill.reasoning.any() or bill.cached.any()):
            continue
        price = price_followed(bill, table.cards[m])
        if price is None:
            continue
        kind = kinds(bill, price)
        plain = np.abs(bill.cost - bill.plain(price)) <= bill.tolerance
        out_lacks = beside[bill.rows, m]  # then the plain product is what leaves reasoning out
        kind[out_lacks & (kind == REASONING_LEFT_OUT)] = OTHER
        kind[out_lacks & plain & (bill.reasoning * price.usd_out > bill.tolerance)] = REASONING_LEFT_OUT
        for name, code in _KINDS.items():
            at = kind == code
            if at.any():
                _collect(found[name], bill, at, _more(bill, price, code), m=m, name=table.cards[m].short)
    return found


def _more(bill: Bill, price: Price, code: int) -> Doubles:
    """Return (k,) what has to be added to each cost, NaN where the price for it isn't known."""
    if code == REASONING_LEFT_OUT:
        return bill.reasoning * price.usd_out
    return bill.cached * (price.usd_cached if code == CACHED_FREE else price.usd_cached - price.usd_in)


def _collect(found: _Found, bill: Bill, at: Bools, more: Doubles, *, m: int, name: str) -> None:
    rows, before, missing = bill.rows[at], bill.cost[at], more[at]
    found.wrong[rows, m] = True
    if np.isnan(missing).any():
        found.said.append(f"{name} understated, by how much isn't known")
        return
    found.known = True
    found.cost[rows, m] = before + missing
    found.said.append(f"{name} {times(float(before.sum()), float((before + missing).sum()))}")
