"""The figures of a confidence signal, declared: does it tell right from wrong, mean what it says, tell who should be asked again."""

from __future__ import annotations

from dataclasses import dataclass

from strategies.metrics.base import Metric, Option
from strategies.metrics.confidence import BINS, auroc, brier, ece, risk_coverage, usefulness
from strategies.metrics.facts import NAN
from strategies.protocol import Doubles, Floats, Ints


@dataclass(frozen=True, eq=False)
class Told:
    """A confidence and what came of it: score, quality (n,) of the answer, strong (n,) of the next model's, None = nobody is next."""

    score: Doubles | Floats
    quality: Doubles | Floats
    strong: Doubles | Floats | None = None

    def take(self, rows: Ints) -> Told:
        """Return the queries at (k,) positions, repeats allowed: a resample."""
        return Told(self.score[rows], self.quality[rows], None if self.strong is None else self.strong[rows])


_SCALE = "The score has to be a probability: bring a logarithm to its scale first."

METRICS = (
    Metric(
        id="auroc", title="Right from wrong", group="Confidence", of="signal", better="higher", low=0, high=1, unit="probability",
        formula="AUROC = P(s_i > s_j) + P(s_i = s_j) / 2, i right, j wrong", source="Hanley and McNeil, Radiology 143 (1982)",
        needs=frozenset({"confidence"}), also=("AUROC",), caution="0.5 tells nothing. NaN: all right, or all wrong.",
        compute=lambda told: auroc(told.score, told.quality),
    ),
    Metric(
        id="usefulness", title="Who should be asked again", group="Confidence", of="signal", better="higher", low=0, high=1,
        unit="probability", formula="AUROC of -s for 1[q_L > q_S]", source="arXiv 2404.10136 (what deferral needs)",
        needs=frozenset({"confidence"}), caution="What a cascade lives on: a hopeless query is unsure too, and escalating it is no use.",
        compute=lambda told: NAN if told.strong is None else usefulness(told.score, told.quality, told.strong),
    ),
    Metric(
        id="ece", title="Calibration error", group="Confidence", of="signal", better="lower", low=0, high=1, unit="probability",
        formula="ECE = sum_b n_b / n abs(mean q_b - mean s_b), bins of equal width", source="Guo et al., arXiv 1706.04599 (ECE)",
        needs=frozenset({"confidence"}), also=("ECE",), caution=_SCALE,
        options=(Option(name="bins", default=BINS, low=1, high=1000, unit="bins", help="Bins of equal width from 0 to 1."),),
        compute=lambda told, bins: ece(told.score, told.quality, bins=int(bins)),
    ),
    Metric(
        id="brier", title="Brier score", group="Confidence", of="signal", better="lower", low=0, high=1, formula="mean_i (s_i - q_i)^2",
        source="Brier, Monthly Weather Review 78 (1950)", needs=frozenset({"confidence"}), caution=_SCALE,
        compute=lambda told: brier(told.score, told.quality),
    ),
    Metric(
        id="risk_coverage", title="Area under risk and coverage", group="Confidence", of="signal", better="lower", low=0, high=1,
        unit="quality lost", formula="∫ mean (1 - q) of the surest share x of answers dx, x from 0 to 1", also=("AURC",),
        source="Geifman and El-Yaniv, arXiv 1805.08206 (area of risk and coverage)", needs=frozenset({"confidence"}),
        caution="Never below what a perfect order would lose, which depends on the quality.",
        compute=lambda told: risk_coverage(told.score, told.quality).area,
    ),
)  # fmt: skip
