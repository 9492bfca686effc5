"""The base of lambda routers: choose the model with the best estimated quality minus lambda times estimated cost.

Source: the Lagrangian of a mean budget; RouterBench's willingness to pay (arXiv 2403.12031) is 1 / lambda.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from strategies.knobs import knob
from strategies.protocol import Decision, Doubles, Ints, Strategy, View


@dataclass(frozen=True, eq=False)
class LambdaRouter(Strategy):
    """Subclasses say what they expect (`estimate`); the choice and its exact frontier are here."""

    lam: float = knob(
        0.0, low=0, high="data", scale="log", unit="quality per cost", title="cost weight",
        help="How much quality a unit of cost has to buy; 0 ignores cost.", higher="sends more to cheap models: cheaper, usually worse",
    )  # fmt: skip

    def estimate(self, view: View) -> tuple[Doubles, Doubles]:
        """Return (n, M) expected quality and cost before any call; NaN = this model cannot be chosen."""
        raise NotImplementedError

    def decide(self, view: View) -> Decision:
        """Call the best trade once and return its answer."""
        if view.stage:
            return Decision(stop=True, answer=view.last)
        quality, cost = self.estimate(view)
        value = quality - self.lam * cost
        chosen = best(value, cost)
        return Decision(stop=False, call=chosen, score=value[np.arange(len(chosen)), chosen].astype(np.float32))


def best(value: Doubles, cost: Doubles) -> Ints:
    """Return (n,) the column with the highest value, the cheapest among equals; NaN never wins."""
    worth = np.where(np.isnan(value), -np.inf, value)
    top = worth >= worth.max(axis=1, keepdims=True)
    chosen = np.where(top, np.where(np.isnan(cost), np.inf, cost), np.inf).argmin(axis=1)
    return np.asarray(chosen, dtype=np.int32)
