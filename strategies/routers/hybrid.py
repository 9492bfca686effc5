"""HybridLLM: foresee whether the small model is good enough, and call the large one only where it is not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from strategies.knobs import choice, knob
from strategies.predictors.gaps import hard, neighbour_gaps, relaxation, sampled_gaps, soft
from strategies.predictors.network import outputs, sigmoid, train
from strategies.predictors.pair import WEAK, PairRouter, both_known
from strategies.protocol import Card, Doubles, Ints, Training, View, needs_fit

DETERMINISTIC, PROBABILISTIC, TRANSFORMED = "deterministic", "probabilistic", "transformed"


@dataclass(frozen=True, eq=False)
class HybridLlm(PairRouter):
    """Small if p(x) >= tau, else large; p by cross-entropy on labels of the gap H = q_S - q_L (arXiv 2404.14618).

    deterministic: y = 1[H >= 0] of one answer each. probabilistic: y = Pr[H >= 0] over pairs of repeated answers. transformed:
    y = Pr[H >= -t*], t* the relaxation at which the labels differ most among the queries: for a small model so weak that
    nearly all other labels would be 0. Where no repeated answers were recorded, the gaps of the ten nearest fit queries
    stand in for them.
    """

    card = Card(
        id="hybrid-llm",
        title="HybridLLM",
        family="router",
        source="arXiv 2404.14618 (r_det, r_prob, r_trans; t* = argmax_t (1/N^2) sum_ij |y_i(t) - y_j(t)|)",
        rule="small if p(x) >= tau, else large; p near Pr[q_S(x) >= q_L(x) - t]",
        idea="Learn on which queries the small model is about as good as the large one, before either is asked. "
        "The threshold says how sure of that one wants to be.",
        reported="Up to 40 % fewer calls of the large model without a drop in quality (arXiv 2404.14618); about 0.036 s a query for the "
        "router, and the transformation matters where the gap is large (a reading note).",
        limits="Two models only. The paper fine-tunes DeBERTa on ten answers a model; ours is a logistic regression on frozen embeddings, "
        "and without repeated answers its soft labels come from neighbours. With 0/1 quality there is little to relax.",
        needs=frozenset({"embedding"}),
    )
    reached = WEAK
    threshold: float = knob(
        0.5, low=0, high=1.01, unit="chance", title="threshold", cuts=0,
        help="The small model answers where it is good enough with at least this chance; above 1 it never does.",
        higher="sends more to the large model: dearer, usually better",
    )  # fmt: skip
    label: str = choice(
        TRANSFORMED, options=(DETERMINISTIC, PROBABILISTIC, TRANSFORMED), title="label",
        help="What the router is taught: one comparison, its chance, or its chance with the large model's lead forgiven.",
    )  # fmt: skip

    def taught(self, training: Training) -> dict[str, NDArray[Any]]:
        """Return the logistic regression on the labels, and the relaxation t* that they were made with."""
        x, quality = both_known(training, self.pair)
        gap = quality[:, 0] - quality[:, 1]
        gaps = gap[:, None] if self.label == DETERMINISTIC else self._gaps(training)
        gaps = neighbour_gaps(x, gap) if gaps is None else gaps
        relaxed = relaxation(gaps) if self.label == TRANSFORMED else 0.0
        label = hard(gap) if self.label == DETERMINISTIC else soft(gaps, relaxed)

        def slope(said: Doubles, rows: Ints) -> Doubles:
            return np.asarray(sigmoid(said) - label[rows][:, None])

        return {**train(x, 1, slope, seed=self.seed), "relaxation": np.array(relaxed)}

    def score(self, view: View) -> Doubles:
        """Return (n,) the chance that the small model is good enough."""
        needs_fit(self, "w2")
        return sigmoid(outputs(self.state, view.feature("embedding"))[:, 0])

    def _gaps(self, training: Training) -> Doubles | None:
        table = training.table
        if table.samples is None:
            return None
        small, large = map(table.index, self.pair)
        rows = ~np.isnan(training.quality(small)) & ~np.isnan(training.quality(large))
        return sampled_gaps(table.samples, small, large, rows)
