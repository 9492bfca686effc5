"""The zero router: the best that mixing without looking can do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from data.problems import refuse
from strategies.blend import Blend, absent
from strategies.frontiers.hull import hull
from strategies.knobs import knob
from strategies.protocol import Card, Doubles, Training, needs_fit


@dataclass(frozen=True, eq=False)
class ZeroRouter(Blend):
    """Best query-blind mixing: along the hull of the single models of the fit part."""

    card = Card(
        id="zero-router",
        title="Zero router",
        family="baseline",
        source="arXiv 2403.12031 (Zero router, non-decreasing convex hull)",
        rule="mix the two hull models around the budget",
        idea="Mix the best-value single models at random to hit any budget. A router that stays below has learnt nothing.",
    )
    budget: float = knob(
        0.5, low=0, high=1, unit="share of the cost range", title="budget",
        help="Where between the cheapest and the dearest model to spend.",
        higher="spends more: dearer, never worse on the fit part",
    )  # fmt: skip

    def learn(self, training: Training) -> Self:
        """Keep the hull of the single models' fit means: their positions among `names`."""
        table = training.table
        cost = np.array([table.mean("cost_usd")[m] for m in table.models])
        quality = np.array([table.mean("quality")[m] for m in table.models])
        vertices = hull(cost, quality)
        if not len(vertices):
            raise refuse("the zero router needs costs: none is known.", "Type prices, or relative prices, on the Data page.")
        return self.with_state(names=np.array([table.models[int(v)] for v in vertices]), cost=cost[vertices])

    def weights(self, names: tuple[str, ...]) -> Doubles:
        """Return the two mixing weights of the hull models around the budget."""
        vertices = [str(name) for name in needs_fit(self, "names")]
        for name in vertices:
            if name not in names:
                raise absent(name, names)
        cost = self.state["cost"]
        weights = np.zeros(len(names))
        target = cost[0] + self.budget * (cost[-1] - cost[0])
        high = int(np.clip(np.searchsorted(cost, target), 1, max(len(cost) - 1, 1)))
        if len(cost) == 1:
            weights[names.index(vertices[0])] = 1.0
            return weights
        part = min((target - cost[high - 1]) / (cost[high] - cost[high - 1]), 1.0)
        weights[names.index(vertices[high - 1])] = 1.0 - part
        weights[names.index(vertices[high])] += part
        return weights
