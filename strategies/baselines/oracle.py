"""The per-query oracle: a bound, never a strategy to deploy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from strategies.predictors.truth import truth
from strategies.protocol import Card, Decision, Strategy, View


@dataclass(frozen=True, eq=False)
class Oracle(Strategy):
    """For each query the cheapest among the best answers; over holes it is the oracle of what was seen."""

    card = Card(
        id="oracle",
        title="Per-query oracle",
        family="baseline",
        source="arXiv 2403.12031 (oracle, the cheapest among the best)",
        rule="answer = cheapest of argmax_m q[i, m]",
        idea="Look at all answers first and pick the cheapest right one. Nobody can; it shows how much there is to win.",
        bound=True,
    )

    def decide(self, view: View) -> Decision:
        """Choose by the true quality; ties go to the cheaper model, else the oracle's cost means nothing."""
        if view.stage:
            return Decision(stop=True, answer=view.last)
        quality, cost = truth(view)
        seen = np.where(np.isnan(quality), -np.inf, quality)
        dear = np.where(np.isnan(cost), np.inf, cost)
        best = seen >= seen.max(axis=1, keepdims=True)
        # Among equals the cheapest; where no cost is known the first of them.
        return Decision(stop=False, call=np.argmin(np.where(best, np.where(np.isinf(dear), 1e30, dear), np.inf), axis=1).astype(np.int32))
