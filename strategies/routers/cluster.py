"""The cluster router: a table of who does well on which kind of query, the kinds found by k-means."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from data.outcomes import OutcomeTable
from strategies.knobs import choice, knob
from strategies.lagrangian import LambdaRouter
from strategies.predictors.clusters import centres, cluster_means, distances, nearest_weights
from strategies.predictors.expected import by_name, known, lacking
from strategies.predictors.rowwise import product
from strategies.protocol import Card, Doubles, Training, View, needs_fit

AVENGERS, PLAIN = "avengers", "plain"


@dataclass(frozen=True, eq=False)
class ClusterRouter(LambdaRouter):
    """Expected quality and cost = means of the nearest k-means clusters, weighted by softmax(-beta * cosine distance).

    Avengers-Pro (arXiv 2508.12631) scores w * A + (1 - w) * (1 - C), accuracy A and cost C min-max scaled within each cluster.
    Dividing by w gives A - lambda * C with lambda = (1 - w) / w, so its whole curve is our exact curve of lambda: that is the
    scale "avengers". The scale "plain" leaves quality and cost in their own units, so that lambda means what it means elsewhere.
    A model that costs (or scores) the same as all others in a cluster has no range to scale: it counts as 0 there.
    """

    card = Card(
        id="cluster-router",
        title="Cluster router",
        family="router",
        source="arXiv 2505.19797 (Avengers), arXiv 2508.12631 (Avengers-Pro: w * A + (1 - w) * (1 - C))",
        rule="argmax_m sum_k p_k * (A[k, m] - lambda * C[k, m]), p = softmax(-beta * distance) over the nearest clusters",
        idea="Sort past queries into kinds by their embeddings and note how each model did on each kind. "
        "A new query goes by the notes of the kinds it is nearest to.",
        reported="Avengers-Pro, w to accuracy at total cost: 0 to 32.89 at 1.08 USD, 0.25 to 51.56 at 9.69, 0.53 to 62.66 at 35.05, "
        "1 to 66.66 at 47.13; the best single model 62.25 at 47.96 (readme of its reference code).",
        limits="Within a kind it is blind. The first paper's sampling and vote on the picked model is left out. Min-max scaling makes "
        "lambda incomparable with that of other routers and blows up small differences within a cluster.",
        needs=frozenset({"embedding"}),
    )
    near: int = knob(
        3, low=1, high=16, unit="clusters", title="clusters asked", whole=True,
        help="How many of the nearest clusters are asked.", higher="smoother, less local",
    )  # fmt: skip
    beta: float = knob(
        9.0, low=0, high=50, unit="per cosine distance", title="sharpness",
        help="How much more a nearer cluster counts; 0 counts them alike.", higher="closer to the nearest cluster alone",
    )  # fmt: skip
    clusters: str = choice(
        "25", options=("4", "8", "16", "25", "60", "120"), title="clusters", help="How many kinds of query k-means looks for.",
    )  # fmt: skip
    scale: str = choice(
        PLAIN, options=(PLAIN, AVENGERS), title="scale",
        help="Plain units, or accuracy and cost scaled to 0..1 within each cluster as in Avengers-Pro.",
    )  # fmt: skip

    def learn(self, training: Training) -> Self:
        """Keep the centres and each model's mean quality and cost by cluster."""
        y = known(training)
        centre, place = centres(training.feature("embedding"), int(self.clusters), seed=self.seed)
        means = cluster_means(y, place, len(centre))
        count = len(training.models)
        quality, cost = means[:, :count], means[:, count:]
        if self.scale == AVENGERS:
            quality, cost = min_max(quality), min_max(cost)
        return self.with_state(names=np.array(training.models), centres=centre, quality=quality, cost=cost)

    def estimate(self, view: View) -> tuple[Doubles, Doubles]:
        """Return (n, M) weighted means of the nearest clusters, scaled where the scale says so."""
        names = needs_fit(self, "names")
        weight = nearest_weights(distances(view.feature("embedding"), self.state["centres"]), self.near, self.beta)
        quality, cost = (by_name(product(weight, self.state[name].T), names, view) for name in ("quality", "cost"))
        return quality, cost

    def missing(self, table: OutcomeTable) -> str:
        """Say what is lacking: embeddings, prompts to make them from, prices."""
        return lacking(table)


def min_max(values: Doubles) -> Doubles:
    """Return (k, M) values scaled to 0..1 within each row; 0 where a row's known values are all equal, NaN stays."""
    low = np.where(np.isnan(values), np.inf, values).min(axis=1, keepdims=True)
    high = np.where(np.isnan(values), -np.inf, values).max(axis=1, keepdims=True)
    return np.asarray((values - low) / np.where(high > low, high - low, 1.0))
