"""RouteLLM by a causal language model: a judge foresees how good the weak model's answer would be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.live.judge import JUDGE, LABELS
from data.outcomes import OutcomeTable
from strategies.predictors.pair import NEEDS_PAIR, PairRouter
from strategies.protocol import Card, Doubles, Training, View

GOOD = 4  # from this label on the weak model's answer is good enough


@dataclass(frozen=True, eq=False)
class RouteLlmCausal(PairRouter):
    """Strong iff 1 - P(weak good) >= alpha, P(weak good) = p_4 + p_5 of a judge's five labels (arXiv 2406.18665, causal LLM classifier).

    Nothing is learnt here: with a pair it runs without `fit`. The judge's call is in the bill.
    """

    card = Card(
        id="routellm-causal",
        title="RouteLLM, judge in front",
        family="router",
        source="arXiv 2406.18665 (causal LLM classifier, five labels)",
        rule="strong if 1 - sum(p_k(x), k >= 4) >= alpha",
        idea="Ask a language model how well the weak model would answer, from 1 to 5, before anybody answers. "
        "The strong model is paid where a 4 or a 5 is unlikely.",
        reported="GSM8K: half the quality gap closed (CPT50) with 33.64 % strong calls, APGR .622; overhead 5.23 USD per million requests "
        "at 42 a second (arXiv 2406.18665, as quoted in a reading note).",
        limits="The paper fine-tunes an 8 B model that has a token for each label; here a model behind an endpoint is asked as it is, in "
        "our words, and is not told which the weak model is. Each question is judged live, from Python: run_live(..., judge=...). The "
        "pages ask no judge: they replay a table that was judged so and kept among your sets (data.stores.home.add). Where the judge says "
        "nothing usable, the strong model is asked. Its call costs money and time on every question, in the bill here: a judge nearly as "
        "dear as the strong model saves nothing.",
        needs=frozenset({JUDGE}),
    )

    def taught(self, training: Training) -> dict[str, NDArray[Any]]:  # noqa: ARG002 - a judge is asked, not taught
        """Return nothing: the judge has learnt elsewhere."""
        return {}

    def ready(self) -> bool:
        """Whether the pair is known."""
        return bool(self.pair)

    def score(self, view: View) -> Doubles:
        """Return (n,) 1 - P(weak good); NaN where the judge said nothing usable."""
        # As the mass of the labels below: in float32, one minus the rest falls short of a threshold that it should reach.
        return np.asarray(view.feature(JUDGE)[:, : GOOD - 1].sum(axis=1, dtype=np.float64))

    def missing(self, table: OutcomeTable) -> str:
        """Say what is lacking: two models, what a judge said of each question."""
        if len(table.models) < 2:
            return NEEDS_PAIR
        said = table.features.get(JUDGE)
        if said is not None and said.shape[1] == LABELS:
            return ""
        return (
            "It needs what a judge said of each question before anybody answered: the probabilities of five labels. A live run from Python "
            "asks one, run_live(..., judge=Judge(endpoint, ask)), and the table that it returns has them and can be replayed."
        )
