"""ZOOTER: distil a reward model's verdicts on all models into one small classifier."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from data.outcomes import OutcomeTable
from data.problems import refuse
from strategies.knobs import choice
from strategies.lagrangian import LambdaRouter
from strategies.predictors.clusters import centres
from strategies.predictors.distilled import rewarded, router_first, smoothed, target_first
from strategies.predictors.expected import by_name, known, lacking
from strategies.predictors.network import outputs, softmax, train
from strategies.protocol import Card, Doubles, Ints, Training, View, needs_fit

ROUTER_FIRST, TARGET_FIRST = "router first", "target first"
_CLUSTERS = 16


@dataclass(frozen=True, eq=False)
class Zooter(LambdaRouter):
    """Route by argmax_m p(m | x), p trained by KL divergence to smoothed soft labels (arXiv 2311.08692).

    Labels: s_i = softmax_m(r_i / T); for a query with tag t, s*_i = beta * s_i + (1 - beta) * mean of s over the queries with tag
    t. Distributions are mixed, after the softmax, not rewards. Loss: KL(p || s*), the router's distribution first, as the paper
    writes it; the usual KL(s* || p) is a choice. A price comes off the share, not off its logarithm, so that both terms have a scale
    that can be read beside other routers' estimates; at lambda = 0 it is the paper's rule either way.
    """

    card = Card(
        id="zooter",
        title="ZOOTER",
        family="router",
        source="arXiv 2311.08692 (reward distillation with tag-based label enhancement)",
        rule="argmax_m log p_m(x) - lambda * mean cost of m; p near beta * softmax(r / T) + (1 - beta) * mean over the tag",
        idea="Let a reward model judge every model's answer once, turn the scores into shares, and teach a small classifier to foresee "
        "them. Queries of one kind lend each other their shares, so that one odd verdict counts less.",
        reported="mDeBERTa-v3-base (86 M) over six 13B models: first on 44 % of 26 subsets, mean task rank 1.94 against 2.23 for the best "
        "single model (arXiv 2311.08692); beta = 0.3 called best in a reading note.",
        limits="Shares say who is better, not by how much it matters. The reward is this table's quality; the temperature is ours, for "
        "quality lies in 0..1 (the paper takes rewards as they come), and so is the price term. A query has one tag (its task, else "
        "its k-means cluster) instead of several. Only queries that every model answered are learnt from.",
        needs=frozenset({"embedding"}),
    )
    smoothing: str = choice(
        "0.3", options=("0", "0.1", "0.3", "0.5", "0.7", "1"), title="own share (beta)",
        help="How much a query's own label counts beside its tag's mean; 0 is the tag's mean only, 1 no smoothing.",
    )  # fmt: skip
    temperature: str = choice(
        "0.2", options=("0.02", "0.05", "0.1", "0.2", "0.5", "1", "2"), title="temperature",
        help="Divides the rewards before the softmax: low gives all to the best model, high makes models alike; 1 is the paper's.",
    )  # fmt: skip
    divergence: str = choice(
        ROUTER_FIRST, options=(ROUTER_FIRST, TARGET_FIRST), title="divergence",
        help="Which distribution comes first in the KL divergence: the router's as in the paper, or the target as in most distillation.",
    )  # fmt: skip

    def learn(self, training: Training) -> Self:
        """Keep the classifier, the names of the models that ran, and their mean costs."""
        y = known(training)
        count = len(training.models)
        ran = np.flatnonzero(~np.isnan(y[:, :count]).all(axis=0))
        rows = np.flatnonzero(~np.isnan(y[:, ran]).any(axis=1))
        if not len(rows):
            raise refuse("no query was answered by every model, so no shares can be learnt.", "Take fewer models into play.")
        x = training.feature("embedding")[rows]
        target = smoothed(rewarded(y[rows][:, ran], float(self.temperature)), self._tags(training, rows), float(self.smoothing))
        slope = router_first(target) if self.divergence == ROUTER_FIRST else target_first(target)
        cost = np.array([training.table.mean("cost_usd")[training.models[m]] for m in ran])
        return self.with_state(names=np.array(training.models)[ran], cost=cost, **train(x, len(ran), slope, seed=self.seed))

    def estimate(self, view: View) -> tuple[Doubles, Doubles]:
        """Return (n, M) shares, in the place of quality, and each model's mean cost."""
        names = needs_fit(self, "names")
        shares = softmax(outputs(self.state, view.feature("embedding")))
        return by_name(shares, names, view), by_name(np.tile(self.state["cost"], (len(view), 1)), names, view)

    def missing(self, table: OutcomeTable) -> str:
        """Say what is lacking: embeddings, prompts to make them from, prices."""
        return lacking(table)

    def _tags(self, training: Training, rows: Ints) -> Ints:
        codes = training.table.queries.tasks
        if codes is not None and len(np.unique(codes[rows])) > 1:
            return np.asarray(codes[rows])
        return centres(training.feature("embedding")[rows], _CLUSTERS, seed=self.seed)[1]
