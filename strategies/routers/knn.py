"""The neighbours router: a query goes where queries like it were answered well."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from data.outcomes import OutcomeTable
from data.problems import refuse
from strategies.knobs import knob
from strategies.lagrangian import LambdaRouter
from strategies.predictors.neighbours import means_at, nearest, normed
from strategies.protocol import Card, Doubles, Floats, Ints, Training, View, needs_fit


@dataclass(frozen=True, eq=False)
class KnnRouter(LambdaRouter):
    """Expected quality and cost = means over the k nearest fit queries by cosine of the embeddings."""

    card = Card(
        id="knn-router",
        title="Nearest-neighbour router",
        family="router",
        source="arXiv 2403.12031 (kNN router); cost by neighbours as in arXiv 2502.03261",
        rule="argmax_m mean_{j in kNN(i)} q[j, m] - lambda * mean_{j in kNN(i)} c[j, m]",
        idea="Look up the most similar queries of the past and see which model did well on them. Pay more only where it paid before.",
        reported="Many published routers only tie with it on 21 data sets and 33 models (arXiv 2601.07206).",
        limits="Similar wording is not similar difficulty; queries unlike all of the fit part are guessed.",
        needs=frozenset({"embedding"}),
    )
    k: int = knob(
        40,
        low=1,
        high=512,
        unit="queries",
        title="neighbours",
        whole=True,
        help="How many similar fit queries to ask.",
        higher="smoother, less local",
    )

    def learn(self, training: Training) -> Self:
        """Keep the fit part's unit vectors, qualities and costs."""
        count = len(training.models)
        if not training.table.has("cost_usd"):
            raise refuse("the neighbours router needs costs: none is known.", "Type prices, or relative prices, on the Data page.")
        return self.with_state(
            base=normed(training.feature("embedding")),
            quality=np.stack([training.quality(m) for m in range(count)], axis=1),
            cost=np.stack([training.cost_usd(m) for m in range(count)], axis=1),
        )

    def estimate(self, view: View) -> tuple[Doubles, Doubles]:
        """Return (n, M) neighbour means over the cells that are known; a model unknown to all neighbours is no choice."""
        both = np.concatenate([needs_fit(self, "quality"), self.state["cost"]], axis=1)
        quality, cost = np.split(means_at(both, self.neighbours(view.feature("embedding"))), 2, axis=1)
        return quality, cost

    def neighbours(self, vectors: Floats) -> Ints:
        """Return (n, k) positions in the fit part, nearest first: also shown in the trace."""
        return nearest(vectors, needs_fit(self, "base"), self.k)

    def missing(self, table: OutcomeTable) -> str:
        """Say what is lacking."""
        if "embedding" not in table.features:
            return "It needs embeddings of the prompts." if table.queries.prompts is not None else "It needs prompts: this data has none."
        return "" if table.has("cost_usd") else "It needs prices, or assumed relative prices."
