"""RouteLLM by matrix factorisation: a vector a model, a projection of the query, one score for both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.problems import refuse
from strategies.predictors.factors import leads, learn_factors
from strategies.predictors.neighbours import normed
from strategies.predictors.network import sigmoid
from strategies.predictors.pair import PairRouter
from strategies.protocol import Card, Doubles, Training, View, needs_fit


@dataclass(frozen=True, eq=False)
class RouteLlmMf(PairRouter):
    """Strong iff sigmoid(s(strong, x) - s(weak, x)) >= alpha (arXiv 2406.18665, matrix factorisation).

    s(m, x) = w . (v_m / |v_m| * W^T (e(x) + noise)), noise of scale 0.1 while training, no bias; loss -log sigmoid(s_win - s_lose)
    over battles, ties dropped. Battles are made of all models in the data, so the pair gains from those of others.
    """

    card = Card(
        id="routellm-mf",
        title="RouteLLM, matrix factorisation",
        family="router",
        source="arXiv 2406.18665 (matrix factorisation; dimension 128, Adam, decay 1e-5, batch 64)",
        rule="strong if sigmoid(w . ((v_s - v_w) * W^T e(x))) >= alpha",
        idea="Give each model a vector of skills and each query a vector of demands, learnt from who beat whom. "
        "The strong model is asked where its skills fit better by enough.",
        reported="MT-Bench, the best of four learners: CPT50 13.40 %, CPT80 31.31 % strong calls, APGR 0.802 (random CPT50 49.03 %); "
        "overhead 3.32 USD per million requests at 155 a second (arXiv 2406.18665, as quoted in a reading note).",
        limits="Without a bias, who is better overall has to be read off the mean direction of the embeddings; ties are dropped, so the "
        "chance is that of winning where somebody wins. Four epochs at the rate 0.003 (500 to "
        "2,000 steps) instead of 100 at 0.0003; battles are recorded qualities, not votes.",
        needs=frozenset({"embedding"}),
    )

    def taught(self, training: Training) -> dict[str, NDArray[Any]]:
        """Return the factors learnt from the battles of all models."""
        quality = np.stack([training.quality(m) for m in range(len(training.models))], axis=1).astype(np.float64)
        factors = learn_factors(normed(training.feature("embedding")), quality, seed=self.seed)
        if factors is None:
            raise refuse("no model ever beat another on a query, so nothing tells them apart.", "Choose another strategy.")
        return {"names": np.array(training.models), **factors}

    def score(self, view: View) -> Doubles:
        """Return (n,) P(strong wins)."""
        names = [str(name) for name in needs_fit(self, "names")]
        weak, strong = (names.index(name) for name in self.pair)
        return sigmoid(leads(self.state, view.feature("embedding"), strong, weak))
