"""UCB1: take the model with the best mean so far, plus a bonus for having been tried little."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from strategies.knobs import knob
from strategies.predictors.bandit import Tallied
from strategies.protocol import Card, Doubles, View, needs_fit


@dataclass(frozen=True, eq=False)
class Ucb(Tallied):
    """Take argmax_m mean_m + sqrt(alpha * ln(t) / n_m) - p * price_m (Auer et al. 2002, section 2; alpha = 2 there)."""

    card = Card(
        id="ucb",
        title="UCB without context",
        family="online",
        source="Auer, Cesa-Bianchi, Fischer, Machine Learning 47 (2002), UCB1; price as in arXiv 2407.10834",
        rule="argmax_m mean q_m + sqrt(alpha * ln(t) / n_m) - p * price_m",
        idea="Be hopeful about whoever was tried little: either the hope comes true, or it is soon corrected. "
        "It finds the one model that is best for the money, and stays with it.",
        reported="Regret grows with the logarithm of the number of queries (Auer et al. 2002); a guide that small models follow to "
        "explore better than large ones do unaided, with alpha = 0.5 (arXiv 2410.06238).",
        limits="It never looks at the query, so it ends with one model for all of them. It needs to be told whether an answer was right.",
    )
    alpha: float = knob(
        2.0, low=0, high=4, unit="bonus", title="hope (alpha)",
        help="How much is hoped of a model that was tried little; 0 takes the best mean.", higher="tries the others longer",
    )  # fmt: skip

    def hoped(self, view: View) -> Doubles:
        """Return (n, M) mean quality and bonus; of a model never judged everything is hoped."""
        count = needs_fit(self, "count")
        bonus = np.divide(self.alpha * np.log(max(count.sum(), 1.0)), count, out=np.full(len(count), np.inf), where=count > 0)
        return np.tile(self.mean() + np.sqrt(bonus), (len(view), 1))
