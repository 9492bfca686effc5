"""Thompson sampling: draw how good each model might be, and believe the draw for one query."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from strategies.predictors.bandit import Tallied
from strategies.protocol import Card, Doubles, View, needs_fit

_DIGITS = 2**24  # a view's draws are multiples of one part in so many


@dataclass(frozen=True, eq=False)
class Thompson(Tallied):
    """Take argmax_m draw_m - p * price_m, draw_m ~ Beta(1 + sum q_m, 1 + sum (1 - q_m)) (arXiv 1111.1797, algorithm 1).

    A graded quality counts as q right and 1 - q wrong. A query's draws hang on the query and the seed, not on those beside it.
    """

    card = Card(
        id="thompson",
        title="Thompson sampling without context",
        family="online",
        source="Thompson, Biometrika 25 (1933); arXiv 1111.1797, algorithm 1; price as in arXiv 2407.10834",
        rule="argmax_m draw_m - p * price_m, draw_m ~ Beta(1 + sum q_m, 1 + sum (1 - q_m))",
        idea="Keep a belief about every model. For each query draw one possible truth from the beliefs and act on it: a model is tried "
        "as often as it may yet be the best.",
        reported="Regret grows with the logarithm of the number of queries (arXiv 1111.1797).",
        limits="It never looks at the query, so it ends with one model for all of them. It needs to be told whether an answer was right.",
    )

    def hoped(self, view: View) -> Doubles:
        """Return (n, M) one draw of each model's quality."""
        total, count = needs_fit(self, "total"), self.state["count"]
        wrong = np.maximum(count - total, 0.0)
        seeds = (view.uniform("thompson").astype(np.float64) * _DIGITS).astype(np.int64)
        return np.stack([np.random.default_rng(int(own)).beta(1 + total, 1 + wrong) for own in seeds])
