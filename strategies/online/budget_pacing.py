"""Budget pacing: after every bill the price of money is moved towards where the budget holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from strategies.incremental import Incremental
from strategies.knobs import knob
from strategies.lagrangian import best
from strategies.predictors.expected import Arrays, Expecting, known
from strategies.predictors.ridge import learn_ridge
from strategies.predictors.upgrades import price_at, share_to_spend, upgrades
from strategies.protocol import Card, Decision, Doubles, Feedback, Floats, Training, View, needs_fit


@dataclass(frozen=True, eq=False)
class BudgetPacing(Expecting, Incremental):
    """Call argmax_m q_hat_m - lambda * c_hat_m, then lambda <- max(0, lambda + eta * (cost - B)) with the cost that was billed.

    The step is the dual one of a mean budget (online multiple-choice knapsack; arXiv 2508.21141 paces its bandit so), on ridge
    estimates. Costs are counted in units of the dearest sensible mean cost, so that eta means the same on every price list. The sum of
    the steps bounds the overspending: mean cost - B <= (last lambda - first lambda) / (eta * queries), in those units.
    """

    card = Card(
        id="budget-pacing",
        title="Budget pacing",
        family="online",
        source="dual step of a mean budget; budget policy beside a bandit: arXiv 2508.21141",
        rule="argmax_m q_hat_m - lambda * c_hat_m; after each bill lambda <- max(0, lambda + eta * (cost - B))",
        idea="Say what a query may cost on average. After each bill that was higher money counts a little more, after each that was lower "
        "a little less, so the budget holds even when prices or queries change.",
        reported="A bandit with an online knapsack policy for its budget is the nearest published relative (arXiv 2508.21141).",
        limits="Only the spending is learnt online, the estimates of quality and cost are the fit part's. The budget holds over many "
        "queries, not from the first; a bill that is not known moves nothing.",
        needs=frozenset({"embedding"}),
    )
    budget: float = share_to_spend("budget (B)")
    eta: float = knob(
        0.02, low=0.001, high=1, scale="log", unit="quality per cost, an overspent query", title="step (eta)",
        help="How far one bill moves the price of money.", higher="follows sooner, wavers more",
    )  # fmt: skip

    def learn(self, training: Training) -> Self:
        """Keep the estimates, and the fit part's upgrades, which say what price of money a budget begins with."""
        fitted = super().learn(training)
        foreseen = fitted.expected(training.feature("embedding")) if len(known(training)) else np.empty((0, 2))
        start, efficiency, spent = upgrades(*np.split(foreseen, 2, axis=1))
        own = {"start": np.array(start), "efficiency": efficiency, "spent": spent, "moved": np.zeros(())}
        return fitted.with_state(**fitted.state, **own)

    def learned(self, x: Floats, y: Doubles) -> Arrays:
        """Return one line a column."""
        return learn_ridge(x, y)

    def predicted(self, x: Floats) -> Doubles:
        """Return the lines' heights, dot product by dot product: a stream asks for one row at a time."""
        return np.asarray(np.vecdot(x[:, None, :].astype(np.float64), self.state["coefficients"]) + self.state["intercept"])

    @property
    def target(self) -> float:
        """The mean cost that the budget allows."""
        start, spent = float(needs_fit(self, "start")), self.state["spent"]
        return start + self.budget * (self.unit - start) if len(spent) else start

    @property
    def unit(self) -> float:
        """The mean cost with every upgrade taken: what costs are measured in."""
        spent = self.state["spent"]
        return float(spent[-1]) if len(spent) else float(self.state["start"]) or 1.0

    @property
    def first(self) -> float:
        """Lambda before any bill, in quality per `unit`: the price that meets the budget on the fit part."""
        efficiency = self.state["efficiency"]
        if not len(efficiency):
            return 0.0
        price = price_at(self.target, float(self.state["start"]), efficiency, self.state["spent"])
        return min(price, float(efficiency[0])) * self.unit

    @property
    def price(self) -> float:
        """Lambda now, in quality per `unit`."""
        return self.first + float(needs_fit(self, "moved"))

    def decide(self, view: View) -> Decision:
        """Call the best trade at the price of now, and return its answer."""
        if view.stage:
            return Decision(stop=True, answer=view.last)
        quality, cost = self.estimate(view)
        value = quality - self.price * cost / self.unit
        chosen = best(value, cost)
        return Decision(stop=False, call=chosen, score=value[np.arange(len(chosen)), chosen].astype(np.float32))

    def absorb(self, feedback: Feedback) -> None:
        """Move the price by what was spent too much or too little; `moved` is kept, so that the budget can still be turned."""
        if not np.isnan(feedback.cost):
            step = self.eta * (feedback.cost - self.target) / self.unit
            self.state["moved"][...] = max(0.0, self.price + step) - self.first
