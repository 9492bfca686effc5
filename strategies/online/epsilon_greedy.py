"""Epsilon-greedy: the model with the best mean so far, and now and then any."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from strategies.knobs import choice, knob
from strategies.predictors.bandit import Tallied
from strategies.protocol import Card, Doubles, View, needs_fit

CONSTANT, FALLING = "constant", "falling"


@dataclass(frozen=True, eq=False)
class EpsilonGreedy(Tallied):
    """Take argmax_m mean_m - p * price_m, with probability epsilon a model at random (Sutton and Barto, section 2.2).

    falling: epsilon / sqrt(t), t the number of answers learnt from. Every model is tried once before a mean counts.
    """

    card = Card(
        id="epsilon-greedy",
        title="Epsilon-greedy without context",
        family="online",
        source="Sutton and Barto, Reinforcement Learning (2nd ed.), section 2.2; stateless Q as in arXiv 2412.12170",
        rule="argmax_m mean q_m - p * price_m, with probability epsilon any m",
        idea="Stay with whoever did best for the money so far, but spend a small share of the queries on a blind try of the others.",
        reported="A stateless learner of this kind, rewarded for accuracy, price and latency, cost about 60 % less than the dearest model "
        "(arXiv 2412.12170, by a reading note).",
        limits="A constant share of blind tries goes on for ever: its regret grows in proportion to the queries. It never looks at the "
        "query, so it ends with one model for all of them.",
    )
    epsilon: float = knob(
        0.1, low=0, high=0.5, unit="chance", title="blind tries (epsilon)",
        help="Which share of the queries goes to a model at random.", higher="learns faster, and wastes more",
    )  # fmt: skip
    decay: str = choice(
        CONSTANT, options=(CONSTANT, FALLING), title="over time",
        help="constant: the share stays; falling: it is divided by the square root of the number of answers learnt from.",
    )  # fmt: skip

    def hoped(self, view: View) -> Doubles:
        """Return (n, M) the models' mean qualities; a blind try hopes everything of the model that it falls on."""
        mean = np.tile(self.mean(), (len(view), 1))
        share = self.epsilon if self.decay == CONSTANT else self.epsilon / np.sqrt(max(self.state["count"].sum(), 1.0))
        able = np.flatnonzero(~np.isnan(needs_fit(self, "price")))  # a model without a price is no choice
        blind = np.flatnonzero(view.uniform("try blindly") < share)
        whom = able[(view.uniform("try whom")[blind] * len(able)).astype(np.intp)]
        mean[blind, whom] = np.inf
        return mean
