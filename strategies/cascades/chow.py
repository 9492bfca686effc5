"""Chow's rule for language models: defer the answers whose tokens were the least probable, by one of three summaries of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Self

import numpy as np

from data.outcomes import OutcomeTable
from data.problems import refuse
from strategies.knobs import choice, knob
from strategies.predictors.pair import PairCascade, cheap_and_strong
from strategies.predictors.ranks import levels, ranked
from strategies.predictors.tokens import TO_RECORD, columns, lacking, recorded
from strategies.protocol import Card, Doubles, Floats, Training, View, needs_fit


@dataclass(frozen=True, eq=False)
class ChowDeferral(PairCascade):
    """Defer if the rank of the answer's log-probability score among those of the fit part is below the deferral rate.

    arXiv 2404.10136, section 3: with l_1 .. l_T the log-probabilities of an answer's tokens, Chow-Sum is sum_t l_t, Chow-Average
    (1/T) sum_t l_t, Chow-Quantile(a) the a-quantile of {l_t}. The threshold is the fit part's quantile of the score, so that the
    knob is the share deferred. A quantile between two recorded levels is read off the straight line between them.
    """

    card = Card(
        id="chow-deferral",
        title="Deferral on token probabilities",
        family="cascade",
        source="arXiv 2404.10136, section 3 (Chow-Sum, Chow-Average, Chow-Quantile)",
        rule="ask the strong model if F_fit(s) < rate, s = sum l_t, mean l_t, or the a-quantile of {l_t}",
        idea=(
            "A model that is unsure gives its words low probabilities. Add them up and long answers look unsure, average them and they "
            "look sure; the weakest word says where it began to guess. Answers that score lowest are handed to the strong model."
        ),
        reported=(
            "Area under the deferral curve, FLAN-T5 base to large, Chow-Sum / Chow-Average: MNLI .627 / .642, TriviaQA .073 / .087, "
            "WMT DE-FR .390 / .392; the plain sum wins on TyDiQA-SW, TyDiQA-ID and Lambada (notes on arXiv 2404.10136)."
        ),
        limits=(
            "Right only where the strong model is about equally good everywhere: the score knows nothing of it. The paper's learned rule "
            "on a vector of quantiles is not here. Quantiles other than the weakest word need columns of their own."
        ),
        needs=frozenset({"logprobs"}),
    )
    rate: float = knob(
        0.3, low=0, high=1, unit="share of fit queries", title="deferral rate", cuts=1,
        help="Which share of the answers, the least sure ones, goes to the strong model.", higher="defers more: dearer, usually better",
    )  # fmt: skip
    score: str = choice(
        "average", options=("sum", "average", "quantile"), title="summary of the tokens",
        help="Sum penalises long answers, average forgives them, quantile looks at the weakest words.",
    )  # fmt: skip
    a: float = knob(
        0.0, low=0, high=1, unit="quantile of the tokens", title="quantile",
        help="Which quantile of the tokens' log-probabilities counts, for the summary quantile; 0 is the weakest token.",
        higher="looks at surer tokens",
    )  # fmt: skip

    def learn(self, training: Training) -> Self:
        """Resolve the chain; keep the fit part's scores of the small model, on every summary that was recorded."""
        table = training.table
        if why := self.missing(table):
            raise refuse(f"{self.card.id} cannot be fitted: {why}", "Choose another summary of the tokens, or another strategy.")
        names = recorded(table)
        wanted = [name for name, _ in columns(names, self.score, self.a)]
        able = [m for m in training.models if not any(np.isnan(table.signal(name, m)).all() for name in wanted)]
        chain = self.chain or cheap_and_strong(training, self.card, able)
        small = table.index(chain[0])
        if chain[0] not in able:
            raise refuse(f"{chain[0]} has no {' and '.join(wanted)} on the fit part.", TO_RECORD)
        kept = np.stack([training.signal(name, small) for name in names], axis=1)
        return replace(self, chain=tuple(chain)).with_state(names=np.array(names), fit=kept)

    def keep(self, view: View, small: int) -> tuple[Floats, float]:
        """Return the ranks of the answers' scores, and the deferral rate."""
        distinct, below = self._levels
        parts = [(view.signal(name, small), weight) for name, weight in self._used]
        return ranked(_mixed(parts), distinct, below), self.rate

    def lacking(self, table: OutcomeTable) -> str:
        """Say which column the summary needs."""
        return lacking(table, self.score, self.a)

    @cached_property
    def _used(self) -> list[tuple[str, float]]:
        return columns([str(name) for name in needs_fit(self, "names")], self.score, self.a)

    @cached_property
    def _levels(self) -> tuple[Floats, Doubles]:
        names = [str(name) for name in needs_fit(self, "names")]
        return levels(_mixed([(self.state["fit"][:, names.index(name)], weight) for name, weight in self._used]))


def _mixed(parts: list[tuple[Any, float]]) -> Floats:
    """Return the weighted sum of (n,) columns."""
    return np.asarray(sum(values * np.float32(weight) for values, weight in parts), dtype=np.float32)
