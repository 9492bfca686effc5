"""RouteLLM by classifier: strong wins, tie or weak wins, foreseen from the query."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from strategies.predictors.network import outputs, softmax, train
from strategies.predictors.pair import PairRouter, both_known
from strategies.protocol import Card, Doubles, Ints, Training, View, needs_fit


@dataclass(frozen=True, eq=False)
class RouteLlmClassifier(PairRouter):
    """Strong iff P >= alpha, P = 1 - (p_tie + p_weak) of a three-way classifier (arXiv 2406.18665, BERT classifier).

    The label of a query: strong wins, tie, weak wins by the recorded qualities; loss: cross-entropy.
    """

    card = Card(
        id="routellm-classifier",
        title="RouteLLM, classifier",
        family="router",
        source="arXiv 2406.18665 (BERT classifier on the query, three-way label)",
        rule="strong if 1 - (p_tie(x) + p_weak(x)) >= alpha",
        idea="Teach a classifier to foresee who would win, or whether it would be a tie. "
        "The strong model is paid only where it would win outright.",
        reported="MT-Bench: half the quality gap closed (CPT50) with 19.58 % strong calls, random 49.03 %; overhead 3.19 USD per million "
        "requests at 70 a second (arXiv 2406.18665, as quoted in a reading note).",
        limits="The paper fine-tunes BERT on preference votes; ours is a linear softmax on frozen embeddings, taught by recorded "
        "qualities. Trained on one kind of query it is near random on others until some labels of theirs are added.",
        needs=frozenset({"embedding"}),
    )

    def taught(self, training: Training) -> dict[str, NDArray[Any]]:
        """Return the classifier of strong wins, tie, weak wins."""
        x, quality = both_known(training, self.pair)
        label = np.eye(3)[1 - np.sign(quality[:, 1] - quality[:, 0]).astype(int)]

        def slope(said: Doubles, rows: Ints) -> Doubles:
            return np.asarray(softmax(said) - label[rows])

        return train(x, 3, slope, seed=self.seed)

    def score(self, view: View) -> Doubles:
        """Return (n,) 1 - (p_tie + p_weak)."""
        needs_fit(self, "w2")
        return np.asarray(softmax(outputs(self.state, view.feature("embedding")))[:, 0])
