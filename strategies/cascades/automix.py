"""AutoMix: the small model checks its own answer, and a second, very small model decides what the noisy check is worth."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Self

import numpy as np

from data.outcomes import OutcomeTable
from data.problems import LeakError, refuse
from data.signals import known, scaled
from strategies.engines.loop import replay
from strategies.engines.recorded import SELF_CHECK
from strategies.frontiers.tune import tune
from strategies.knobs import choice, knob, turned
from strategies.predictors.chains import Wish
from strategies.predictors.gain import binned, by_bins, by_kernel
from strategies.predictors.pair import PairCascade, cheap_and_strong
from strategies.predictors.recorded import RECORDED, best_recorded, in_range
from strategies.protocol import Card, Doubles, Floats, Training, View, needs_fit

_GRID = np.linspace(0, 1, 101)
_KEPT = 2.0  # above every threshold: kept in any case
_LOWS = np.linspace(0, 0.5, 11)
LACKING = (
    "It needs the signal self_check, the share of its own checks that called the answer right (and cost_usd:self_check, else each is "
    "billed as one more call), or another confidence: map the column on the Data page. A live run returns log-probabilities only."
)


@dataclass(frozen=True, eq=False)
class AutoMix(PairCascade):
    """Keep the small model's answer if its worth of keeping, a function of the self-check v, reaches the threshold t.

    arXiv 2310.12963, sections 3 and 4. threshold : v itself. double : v, and kept in any case below `low`, where the query is taken
    to be hopeless. pomdp : (1 - g) / 2 with g = E[q_L - q_S | v], the belief over the models' performance being uniform over the fit
    queries and updated by a Gaussian kernel on v; with one step left, the reward P - lambda C is largest if one escalates where
    g > lambda C_L, that is t = (1 - lambda C_L) / 2. greedy : the same with g averaged in bins of v and smoothed. The released
    library differs: its "POMDP" is the best of four such rules by lift on the fit data, and its categories leave queries undefined.
    """

    card = Card(
        id="automix",
        title="AutoMix",
        family="cascade",
        source="arXiv 2310.12963, sections 3 (self-verification) and 4 (meta-verifier: threshold, POMDP)",
        rule="keep if worth(v) >= t; pomdp: worth = (1 - E[q_L - q_S | v]) / 2",
        idea=(
            "The small model answers and then checks itself several times. The check is noisy: a poor one may mean that the large model "
            "would do better, or that the question is hopeless for both. Past queries tell which, and hopeless ones are kept cheap."
        ),
        reported=(
            "Lift of incremental benefit per cost over the random mix in %, threshold / POMDP: Mistral-7B on QASPER 67.9 / 69.3, on "
            "QUALITY 33.6 / 51.6; the plain threshold is within 5 points of the POMDP in 10 of 15 cases (arXiv 2310.12963)."
        ),
        limits=(
            "Two models, one step. A self-check is one more call of the small model, billed as such where its price is not recorded; with "
            "another confidence in its place nothing more is billed, and it is no longer the paper's."
        ),
        needs=frozenset({"self_check"}),
    )
    t: float = knob(
        0.45, low=0, high=1.01, unit="worth of keeping", title="keep from", cuts=1,
        help="The worth from which an answer is kept: the check itself, or for pomdp and greedy (1 - expected gain) / 2.",
        higher="escalates more often: dearer, usually better",
    )  # fmt: skip
    meta: str = choice(
        "pomdp", options=("threshold", "double", "pomdp", "greedy"), title="meta-verifier",
        help="How the check becomes a worth: as it is, with hopeless queries kept, or by what escalating gained on past queries.",
    )  # fmt: skip
    low: float = knob(
        0.2, low=0, high=1, unit="self-check", title="hopeless below", help="For double: below it the cheap answer is kept in any case.",
        higher="gives up on more queries: cheaper",
    )  # fmt: skip
    bins: int = knob(
        8, low=2, high=50, unit="bins", title="bins", whole=True, help="For greedy: how many bins of the check.", higher="finer, noisier"
    )
    signal: str = choice(
        "auto", options=("auto", SELF_CHECK, *RECORDED), free=True, title="check",
        help="What plays the self-check; auto takes self_check, else the best recorded confidence.",
    )  # fmt: skip

    def learn(self, training: Training) -> Self:
        """Resolve chain and check; keep the checks of the fit queries and what the strong model would have added."""
        chain = tuple(self.chain) or cheap_and_strong(training, self.card)
        small, strong = (training.table.index(name) for name in chain)
        name = self._resolved(training, small)
        seen, gain = scaled(name, training.signal(name, small)), training.quality(strong) - training.quality(small)
        known = ~np.isnan(seen) & ~np.isnan(gain)
        if not known.any() or not in_range(seen):
            raise refuse(f"the check {name!r} of {chain[0]} is not there, or leaves the range 0 to 1.", "Choose another check.")
        return replace(self, chain=chain).with_state(signals=np.array([name]), seen=seen[known], gain=gain[known])

    def calibrate(self, part: OutcomeTable, goal: Any) -> Self:
        """Set the threshold for the goal; for the double threshold also where hopeless begins, from a few tries."""
        if self.meta != "double":
            return tune(self, part, goal)
        if part.role == "test":
            raise LeakError("thresholds are tuned on calibrate, never on test: give parts.calibrate.")
        tried = [tune(turned(self, "low", float(low)), part, goal) for low in _LOWS]
        facts = [replay(policy, part).summary() for policy in tried]
        best = max(part.mean("quality").values())
        wish = Wish(budget=goal.budget) if goal.keep is None else Wish(quality=goal.keep * best)
        return tried[wish.first(np.array([f.quality for f in facts]), np.array([f.cost_usd for f in facts]))]

    def keep(self, view: View, small: int) -> tuple[Floats, float]:
        """Return the worth of keeping each answer, and the threshold; asking for the check is billed."""
        name = self.signals()[0]
        return self.worth(scaled(name, view.signal(name, small))), self.t

    def worth(self, check: Floats) -> Floats:
        """Return (n,) what keeping an answer with this check is worth; NaN where there is no check."""
        if self.meta == "threshold":
            return check
        if self.meta == "double":
            return np.where(check < np.float32(self.low), np.float32(_KEPT), check)
        if self.meta == "pomdp":
            return np.asarray(np.interp(check.astype(np.float64), _GRID, self._strip), dtype=np.float32)
        return np.where(np.isnan(check), np.float32(np.nan), self._strip[binned(check, self.bins)].astype(np.float32))

    def signals(self) -> tuple[str, ...]:
        """Return the signal that plays the self-check."""
        return tuple(str(name) for name in needs_fit(self, "signals"))

    def lacking(self, table: OutcomeTable) -> str:
        """Say that a check is lacking."""
        if self.signal == SELF_CHECK:
            return "" if table.has(SELF_CHECK) else LACKING
        return "" if any(known(table, name) for name in (SELF_CHECK, *RECORDED)) else LACKING

    @cached_property
    def _strip(self) -> Doubles:
        """(k,) the worth of keeping over the range of the check: at 101 points, or in each bin."""
        seen, gain = needs_fit(self, "seen"), self.state["gain"]
        return np.asarray((1 - (by_kernel(_GRID, seen, gain) if self.meta == "pomdp" else by_bins(self.bins, seen, gain))) / 2)

    def _resolved(self, training: Training, small: int) -> str:
        if self.signal != "auto":
            return self.signal
        if training.has_signal(SELF_CHECK) and not np.isnan(training.signal(SELF_CHECK, small)).all():
            return SELF_CHECK
        found = best_recorded(training, small) or next((name for name in RECORDED if known(training.table, name)), "")
        if not found:
            raise refuse(LACKING, "Choose another strategy.")
        return found
