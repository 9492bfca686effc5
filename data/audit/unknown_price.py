"""Models that ran, and of which nobody knows what they cost."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from data.audit.base import Check, Finding
from data.audit.evidence import counted
from data.audit.metering import cells, choices
from data.outcomes import OutcomeTable
from data.problems import listed

_MANY = 0.01


class UnknownPrice(Check):
    """Unknown isn't free: a model without a price has no place on an axis of cost.

    A table that has neither costs, prices nor tokens pretends nothing, so it is no finding: the price step asks for it all.
    """

    id = "unknown_price"

    def find(self, table: OutcomeTable) -> Iterator[Finding]:
        """Yield models without cost and price, models with a price but nothing to multiply it with, calls without cost among others."""
        if table.cost_unit != "USD":
            return
        ran = table.ran
        billed = ran & ~np.isnan(table.numbers["cost_usd"]) if table.has("cost_usd") else np.zeros_like(ran)
        some, priced = np.asarray(billed.any(axis=0)), np.array([card.priced for card in table.cards], dtype=np.bool_)
        metered = table.has("cost_usd") or table.has("tokens_in") or table.has("tokens_out") or bool(priced.any())
        nothing = np.asarray(ran.any(axis=0) & ~some & ~priced)
        if metered and nothing.any():
            yield self._models(table, nothing, some)
        unused = ran.any(axis=0) & ~some & priced
        if unused.any():
            yield self._unused(table, unused)
        holes = ran & ~billed & some
        if holes.any():
            yield self._calls(table, holes, float(holes.sum() / ran[:, some].sum()))

    def _models(self, table: OutcomeTable, nothing: NDArray[np.bool_], some: NDArray[np.bool_]) -> Finding:
        names = [table.cards[m].short for m in np.flatnonzero(nothing)]
        known = [table.cards[m].short for m in np.flatnonzero(some)]
        beside = f" They can't be compared by cost with {listed(known, 4)}, nor with each other." if known else ""
        return Finding(
            id=self.id,
            severity="warning" if known else "info",
            title="Models without a price",
            meaning=f"The cost of {listed(names, 6)} is unknown, not zero.{beside} Type a price, or look at quality alone.",
            choices={"keep": "leave it unknown"},
            **cells(table, table.ran & nothing),
        )

    def _unused(self, table: OutcomeTable, unused: NDArray[np.bool_]) -> Finding:
        names = [table.cards[m].short for m in np.flatnonzero(unused)]
        return Finding(
            id=f"{self.id}.tokens",
            severity="info",
            title="A price, but no tokens",
            meaning=(
                f"What {listed(names, 6)} cost a query is unknown: there is a price per token, but no count of tokens in and out. "
                "Comparing prices instead takes the same number of tokens for all models, which hidden reasoning breaks."
            ),
            choices={"keep": "leave it unknown"},
            **cells(table, table.ran & unused),
        )

    def _calls(self, table: OutcomeTable, holes: NDArray[np.bool_], share: float) -> Finding:
        return Finding(
            id=f"{self.id}.calls",
            severity="warning" if share > _MANY else "info",
            title="Calls without a cost",
            meaning=(
                f"{counted(int(holes.sum()), 'call')} ({share:.1%} of these models') without a cost: a strategy that makes them has an "
                "unknown bill, and comparisons by cost leave their queries out."
            ),
            choices=choices(table, holes, keep="leave it unknown"),
            **cells(table, holes),
        )
