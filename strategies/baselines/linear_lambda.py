"""The linear trade on true outcomes: the curve that every lambda router would draw if it foresaw everything."""

from __future__ import annotations

from dataclasses import dataclass

from data.outcomes import OutcomeTable
from strategies.lagrangian import LambdaRouter
from strategies.predictors.truth import truth
from strategies.protocol import Card, Doubles, View


@dataclass(frozen=True, eq=False)
class LinearLambda(LambdaRouter):
    """Quality minus lambda times cost, both as they were recorded: a bound for all that choose a model before any call.

    RouterBench's score lambda' q - c (arXiv 2403.12031) with lambda = 1 / lambda'. At 0 it is the per-query oracle that takes the
    cheapest among the best; its hull is the best that any mean budget can buy (strategies/baselines/budget_oracle.py).
    """

    card = Card(
        id="linear-lambda",
        title="Lambda router on true outcomes",
        family="baseline",
        source="arXiv 2403.12031 (linear willingness to pay), with recorded instead of predicted quality and cost",
        rule="argmax_m q[i, m] - lambda * c[i, m]",
        idea=(
            "All routers with a cost weight make the same linear trade and differ only in how well they foresee. This one foresees "
            "perfectly: what lies between it and a router is what better predictions could still win."
        ),
        limits="Nobody can know the outcomes before the call. The same trade with a straight line's predictions is the linear router.",
        bound=True,
    )

    def estimate(self, view: View) -> tuple[Doubles, Doubles]:
        """Return (n, M) recorded quality and cost, NaN = not run: no choice."""
        return truth(view)

    def missing(self, table: OutcomeTable) -> str:
        """Say that costs are lacking."""
        return "" if table.has("cost_usd") else "It needs prices, or assumed relative prices."
