"""Routoo: foresee each model's performance, then upgrade queries where a unit of money buys most until the budget is spent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from strategies.knobs import choice, knob
from strategies.lagrangian import best
from strategies.predictors.expected import Arrays, Expecting, known
from strategies.predictors.learners import LEARNERS, NETWORK, learn_by, said_by
from strategies.predictors.upgrades import price_at, share_to_spend, upgrades
from strategies.protocol import Card, Decision, Doubles, Floats, Training, View, needs_fit


@dataclass(frozen=True, eq=False)
class Routoo(Expecting):
    """Maximise expected quality within a mean budget by greedy upgrades, best dq_hat / dc_hat first (arXiv 2401.13979).

    The paper's selector beyond its abstract was not to be found; this is the greedy rule on each query's hull, exact up to the one
    query that the budget splits. The budget is turned into a price on the fit part, from estimates by halves that were learnt
    without the query, so that each new query is decided by itself and the budget holds on average over queries like those.
    """

    card = Card(
        id="routoo",
        title="Routoo",
        family="router",
        source="arXiv 2401.13979 (performance predictor and cost-aware selector; greedy upgrades are our reading of the selector)",
        rule="start at the cheapest, take upgrades by dq_hat / dc_hat until mean c_hat = B: argmax q_hat - lambda(B) * c_hat",
        idea="Say what you want to spend on average. Every query starts at the cheapest model, and the money goes to the upgrades that "
        "promise most for it.",
        reported="MMLU: matches Mixtral-8x7B at one third lower cost, 75.9 % at Mixtral's cost (over 5 points better); with GPT-4 in the "
        "pool nearly GPT-4 at half the cost (arXiv 2401.13979).",
        limits="The budget is one of expected cost: where the fit part is small or the queries change, the bill is off by as much. "
        "Upgrades that promise the same are bought together or not at all. The paper's predictor is a language model with model "
        "embeddings, ours reads frozen embeddings; its cap on latency is left out.",
        needs=frozenset({"embedding"}),
    )
    budget: float = share_to_spend("budget")
    k: int = knob(
        32, low=2, high=512, unit="queries", title="neighbours", whole=True,
        help="How many similar fit queries to ask, where the learner is neighbours.", higher="smoother, less local",
    )  # fmt: skip
    learner: str = choice(NETWORK, options=LEARNERS, title="learner", help="What foresees quality: neighbours, a line, or a network.")

    def learn(self, training: Training) -> Self:
        """Keep the learner, and the fit part's upgrades with what each leaves spent."""
        x, y = training.feature("embedding"), known(training)
        side = np.random.default_rng(self.seed).permutation(len(x)) % 2 == 0
        foreseen = np.full(y.shape, np.nan)
        for half in (side, ~side):
            if half.any() and not half.all():
                foreseen[~half] = self.taught(training.models, x[half], y[half]).expected(x[~half])
        start, efficiency, spent = upgrades(*np.split(foreseen, 2, axis=1))
        fitted = self.taught(training.models, x, y)
        return fitted.with_state(**fitted.state, start=np.array(start), efficiency=efficiency, spent=spent)

    def learned(self, x: Floats, y: Doubles) -> Arrays:
        """Return what the learner keeps."""
        return learn_by(self.learner, x, y, seed=self.seed)

    def predicted(self, x: Floats) -> Doubles:
        """Return expected quality and cost."""
        return said_by(self.state, x, k=self.k)

    @property
    def price(self) -> float:
        """What a unit of cost has to bring in quality at this budget; inf = nothing is bought."""
        start, spent = float(needs_fit(self, "start")), self.state["spent"]
        end = float(spent[-1]) if len(spent) else start
        return price_at(start + self.budget * (end - start), start, self.state["efficiency"], spent)

    def decide(self, view: View) -> Decision:
        """Call the end of the upgrades that the price lets through, and return its answer."""
        if view.stage:
            return Decision(stop=True, answer=view.last)
        quality, cost = self.estimate(view)
        price = self.price
        cheapest = cost <= np.where(np.isnan(quality) | np.isnan(cost), np.inf, cost).min(axis=1, keepdims=True)
        value = quality - price * cost if np.isfinite(price) else np.where(cheapest, quality, np.nan)
        chosen = best(value, cost)
        return Decision(stop=False, call=chosen, score=quality[np.arange(len(chosen)), chosen].astype(np.float32))
