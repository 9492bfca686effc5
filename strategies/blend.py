"""Query-blind mixtures of single models: totals in closed form, a path only for one seeded draw."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data.outcomes import OutcomeTable
from data.problems import ProblemError, refuse
from strategies.engines.run import exact_mean
from strategies.protocol import Decision, Doubles, Strategy, View


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """Expected means of a mixture: no draw, so no noise. weights : (M,) probability of each model."""

    quality: float
    cost_usd: float
    latency_s: float
    weights: Doubles


@dataclass(frozen=True, eq=False)
class Blend(Strategy):
    """A strategy that draws a model for each query from fixed probabilities; subclasses say which.

    `decide` makes one seeded draw, so `replay` shows one possible path; the expected figures come from `expected`.
    """

    def weights(self, names: tuple[str, ...]) -> Doubles:
        """Return (M,) probabilities of the models in this order; they sum to one."""
        raise NotImplementedError

    def decide(self, view: View) -> Decision:
        """Draw once for each query and return that model's answer."""
        if view.stage:
            return Decision(stop=True, answer=view.last)
        edges = np.cumsum(self.weights(tuple(card.name for card in view.models)))
        drawn = np.searchsorted(edges, view.uniform(self.card.id), side="right")
        return Decision(stop=False, call=np.minimum(drawn, len(edges) - 1).astype(np.int32))

    def expected(self, table: OutcomeTable) -> Expected:
        """Return the expected means over a table: sums of the models' means; unknown where a used model is."""
        weights = self.weights(table.models)
        used = np.flatnonzero(weights > 0)

        def mixed(name: str) -> float:
            return float(sum(weights[m] * exact_mean(table.column(name, int(m))) for m in used))

        return Expected(quality=mixed("quality"), cost_usd=mixed("cost_usd"), latency_s=mixed("latency_s"), weights=weights)


def absent(name: str, names: tuple[str, ...]) -> ProblemError:
    """Return (not raise) the error of a mixture whose model this data does not have."""
    return refuse(f"there is no model {name!r} in this data.", f"Models: {', '.join(names)}.")
