"""Tabi: confidence made honest by a temperature before it decides whether the small model's answer is good enough."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from data.outcomes import OutcomeTable
from data.problems import refuse
from strategies.knobs import choice, knob
from strategies.predictors.confidence import LACKING, OPTIONS, confidence, confident, learn_confidence
from strategies.predictors.pair import PairCascade, cheap_and_strong
from strategies.predictors.temperature import fitted_temperature, tempered
from strategies.protocol import Card, Floats, Training, View, needs_fit


@dataclass(frozen=True, eq=False)
class Tabi(PairCascade):
    """Keep the small model's answer if its temperature-scaled confidence reaches tau.

    Tabi, EuroSys 2023: conf_T = 1 / (1 + exp(-logit(s) / T)), T by the likelihood of the fit part's right and wrong answers. A graded
    answer counts as right by its quality and as wrong by the rest.
    """

    card = Card(
        id="tabi",
        title="Tabi (calibrated confidence)",
        family="cascade",
        source="Tabi, EuroSys 2023 (calibrated confidence decides on re-routing); temperature scaling as in arXiv 1706.04599, section 4.2",
        rule="keep if 1 / (1 + exp(-logit(s) / T)) >= tau",
        idea=(
            "Models say 99 % and are right 80 % of the time. One number, learnt on past answers, cools or warms a model's confidence until "
            "it means what it says; then the threshold is simply the probability of being right that is asked for."
        ),
        reported="21 to 40 % lower mean latency with a similar tail, at the large model's accuracy targets (Tabi, EuroSys 2023, abstract).",
        limits=(
            "A temperature moves all confidences alike: it does not change which answers are kept before others. The paper also shortens "
            "what it sends on by pruning words: what that does to an answer was not recorded, so it needs a pruned arm, worked out by "
            "`python -m data.derived pruned` from an assumed ratio and marked simulated, as the second model. Mixing both levels' class "
            "probabilities is left out: outcome tables hold answers, not the probabilities of all classes."
        ),
        needs=frozenset({"confidence"}),
    )
    tau: float = knob(
        0.8, low=0, high=1.01, unit="calibrated confidence", title="threshold", cuts=1,
        help="The probability of being right from which an answer is kept; above 1 none is.",
        higher="escalates more often: dearer, usually better",
    )  # fmt: skip
    signal: str = choice(
        "auto", options=OPTIONS, free=True, title="confidence from",
        help="What tells how sure an answer is; auto takes the best one recorded, else predicts it from the texts.",
    )  # fmt: skip

    def learn(self, training: Training) -> Self:
        """Resolve chain and confidence; fit the temperature."""
        chain = tuple(self.chain) or cheap_and_strong(training, self.card)
        small = training.table.index(chain[0])
        state = learn_confidence(training, (small,), self.signal)
        score, quality = confidence(state, training, small, 0), training.quality(small)
        known = ~np.isnan(score) & ~np.isnan(quality)
        if not known.any():
            raise refuse(f"no answer of {chain[0]} has both a confidence and a score.", "Choose another confidence, or another model.")
        temperature = fitted_temperature(score[known], quality[known])
        return replace(self, chain=chain).with_state(**state, temperature=np.array(temperature))

    def keep(self, view: View, small: int) -> tuple[Floats, float]:
        """Return the calibrated confidences, and the threshold."""
        temperature = float(needs_fit(self, "temperature"))
        return tempered(confidence(self.state, view, small, 0), temperature), self.tau

    def signals(self) -> tuple[str, ...]:
        """Return the signal that is used."""
        return tuple(str(name) for name in needs_fit(self, "signals"))

    def lacking(self, table: OutcomeTable) -> str:
        """Say that a confidence is lacking."""
        return "" if confident(table) else LACKING
