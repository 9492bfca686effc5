"""The budget oracle: the most quality that a mean budget can buy by choosing one model a query, the outcomes being known."""

from __future__ import annotations

from dataclasses import dataclass

from data.outcomes import OutcomeTable
from strategies.batch import BatchRouter, Plan, within
from strategies.knobs import knob
from strategies.predictors.truth import truth
from strategies.predictors.upgrades import climb
from strategies.protocol import Card, Doubles, View


@dataclass(frozen=True, eq=False)
class BudgetOracle(BatchRouter):
    """Every query at its cheapest model, then the upgrades with the most true quality per true cost while the mean budget lasts.

    The integer program of FORC (arXiv 2308.06077) on recorded outcomes, solved by its linear relaxation and rounded down: less than
    one query's upgrade below its optimum. Where several upgrades are worth the same, as they are for right and wrong at flat prices,
    a budget can stop between any two of them, which no cost weight can.
    """

    card = Card(
        id="budget-oracle",
        title="Oracle within a budget",
        family="baseline",
        source="arXiv 2403.12031 (oracle) within a mean budget; upgrades as in arXiv 2401.13979, on true outcomes",
        rule="max sum_i q[i, m_i] subject to mean_i c[i, m_i] <= B",
        idea=(
            "Someone who knows every answer beforehand spends each cent where it turns most wrong answers right. What lies between this "
            "and a router at the same cost is what better predictions could still win."
        ),
        limits="A bound: nobody knows the outcomes. It chooses one model a query; a cascade pays for what it tries and is no better.",
        bound=True,
        batch=True,
    )
    budget: float = knob(
        0.0, low=0, high="data", scale="log", unit="cost per query", title="budget",
        help="Mean cost that may be spent on a query; below the cheapest models' it buys those.", higher="dearer, never worse",
    )  # fmt: skip

    def estimate(self, view: View) -> tuple[Doubles, Doubles]:
        """Return (n, M) recorded quality and cost."""
        return truth(view)

    def plan(self, quality: Doubles, cost: Doubles) -> Plan:
        """Return the upgrades, best first."""
        return within(climb(quality, cost))

    def missing(self, table: OutcomeTable) -> str:
        """Say that costs are lacking."""
        return "" if table.has("cost_usd") else "It needs prices, or assumed relative prices."
