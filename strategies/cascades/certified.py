"""A cascade whose threshold comes with a proof: at most so many of the kept answers are bad, or nothing is kept."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Self

import numpy as np

from data.outcomes import OutcomeTable
from data.problems import LeakError
from strategies.knobs import choice, knob
from strategies.predictors.confidence import LACKING, OPTIONS, confidence, confident, learn_confidence
from strategies.predictors.pair import PairCascade, cheap_and_strong
from strategies.predictors.parts import halves, rows_of
from strategies.protocol import Card, Floats, Training, View, needs_fit
from strategies.uncertainty.certificate import Certificate, conformal, fixed_sequence, levels


@dataclass(frozen=True, eq=False)
class CertifiedCascade(PairCascade):
    """Keep the cheap answer if its confidence reaches the most permissive threshold that is certified, else ask the strong model.

    clopper-pearson : with probability 1 - delta over calibration sets, P(bad | kept) <= alpha; the thresholds that are tested, strict
    to permissive until the first failure, are quantiles of scores from elsewhere, fixed before the calibration queries are seen.
    conformal : E[kept and bad] <= alpha (arXiv 2208.02814, equation 4). `fit` learns the confidence on one half of its queries and
    certifies on the other; `calibrate` certifies anew on its part, whatever its goal: alpha and delta are the goal.
    """

    card = Card(
        id="certified-cascade",
        title="Certified cascade",
        family="cascade",
        source="arXiv 2208.02814, equation 4; Clopper-Pearson limits under fixed-sequence testing (arXiv 2110.01052); arXiv 2606.29054",
        rule="keep if s >= t*, t* = the last t of a fixed sequence with BetaInv(1 - delta; k + 1, n_t - k) <= alpha",
        idea=(
            "A threshold that looks safe on past queries may have been lucky. Here a threshold counts only if the past errors above it "
            "prove, at the chosen odds, that the risk is low enough. Where nothing can be proved, every query goes to the strong model."
        ),
        reported=(
            "A conformal gate of this form held its risk on GSM8K and MMLU with Mixtral and GPT-4 for alpha from 0.05 to 0.50 "
            "(ACL-SRW 2026, abstract)."
        ),
        limits=(
            "Holds for queries like the calibration ones only. It wants 200 of them or more: below ln(delta) / ln(1 - alpha) kept answers "
            "even no error proves nothing. It knows nothing of the strong model's errors, unless the loss is *worse than the strong one*."
        ),
        needs=frozenset({"confidence"}),
    )
    alpha: float = knob(
        0.1, low=0.01, high=0.5, unit="share of answers", title="risk allowed", help="At most this share may be bad.",
        higher="keeps more cheap answers: cheaper, riskier",
    )  # fmt: skip
    delta: float = knob(
        0.1, low=0.01, high=0.2, unit="probability", title="chance of being wrong", help="How often the certificate itself may fail.",
        higher="is content with weaker proof",
    )  # fmt: skip
    method: str = choice(
        "clopper-pearson", options=("clopper-pearson", "conformal"), title="certificate",
        help="clopper-pearson bounds the risk among the kept with high probability, conformal that of kept and bad among all on average.",
    )  # fmt: skip
    loss: str = choice(
        "wrong", options=("wrong", "worse"), title="what counts as bad",
        help="wrong: the kept answer is not right; worse: the strong model's would have been better.",
    )  # fmt: skip
    right: float = knob(
        0.5, low=0.01, high=1, unit="quality", title="right from", help="From which quality on an answer counts as right.",
        higher="counts fewer answers as right",
    )  # fmt: skip
    signal: str = choice(
        "auto", options=OPTIONS, free=True, title="confidence from",
        help="What tells how sure an answer is; auto takes the best one recorded, else predicts it from the texts.",
    )  # fmt: skip

    def learn(self, training: Training) -> Self:
        """Resolve chain and confidence on one half of the queries, certify on the other."""
        chain = tuple(self.chain) or cheap_and_strong(training, self.card)
        half, rest = next(halves(training, self.seed))
        small = training.table.index(chain[0])
        state = learn_confidence(half, (small,), self.signal)
        fitted = replace(self, chain=chain).with_state(**state, elsewhere=confidence(state, half, small, 0))
        return fitted.certified(rows_of(training, rest))

    def calibrate(self, part: OutcomeTable, goal: Any) -> Self:  # noqa: ARG002 - the risk is the goal
        """Certify on this part instead, which is larger and was not seen by `fit`."""
        if part.role == "test":
            raise LeakError("a certificate on test proves nothing about it: give parts.calibrate.")
        from strategies.engines.recorded import Columns

        needs_fit(self, "elsewhere")
        return self.certified(Training(part, Columns(part)))

    def certified(self, training: Training) -> Self:
        """Return a copy that certifies on these queries, none of which may have made the confidence."""
        small, strong = (training.table.index(name) for name in self.chain)
        quality = np.stack([training.quality(small), training.quality(strong)], axis=1)
        return self.with_state(**{**self.state, "scores": confidence(self.state, training, small, 0), "quality": quality})

    def keep(self, view: View, small: int) -> tuple[Floats, float]:
        """Return the answers' confidence, and the certified threshold."""
        return confidence(self.state, view, small, 0), self.certificate.threshold

    @cached_property
    def certificate(self) -> Certificate:
        """What is proved at this alpha and delta, and why nothing is where nothing is."""
        scores, (cheap, strong) = needs_fit(self, "scores"), self.state["quality"].T
        loss = (cheap < np.float32(self.right)).astype(np.float32) if self.loss == "wrong" else np.maximum(strong - cheap, 0)
        known = ~np.isnan(cheap) & ~np.isnan(loss)
        if self.method == "conformal":
            return conformal(scores[known], loss[known], self.alpha)
        steps = levels(self.state["elsewhere"], int(known.sum()), self.alpha, self.delta)
        return fixed_sequence(scores[known], loss[known] > 0, steps, self.alpha, self.delta)

    def words(self) -> str:
        """Return the certificate in words: what holds, or why nothing can be promised, and the share that must go on in any case."""
        found, bad = self.certificate, "wrong" if self.loss == "wrong" else "worse than the strong model's"
        floor = f" Any rule of this risk escalates at least {found.floor:.0%}." if found.floor > 0 else ""
        if found.refused:
            way = f"Every query goes to {self.chain[1]}; allow more risk, or calibrate on more queries."
            return f"No certificate: {found.refused}. {way}{floor}"
        if self.method == "conformal":
            return f"On average at most {self.alpha:.1%} of all queries get a kept answer that is {bad}: {_kept(found)}.{floor}"
        sure = f"With {1 - self.delta:.0%} confidence at most {self.alpha:.1%} of the kept answers are {bad}"
        return f"{sure}: {_kept(found)}, {found.loss:.0f} of them bad, bound {found.bound:.1%}.{floor}"

    def signals(self) -> tuple[str, ...]:
        """Return the signal that is used."""
        return tuple(str(name) for name in needs_fit(self, "signals"))

    def lacking(self, table: OutcomeTable) -> str:
        """Say that a confidence is lacking."""
        return "" if confident(table) else LACKING


def _kept(found: Certificate) -> str:
    level = "every answer is kept" if math.isinf(found.threshold) else f"answers from {found.threshold:.3f} are kept"
    return f"{level} ({found.kept} of {found.n} calibration queries)"
