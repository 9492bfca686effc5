"""CARROT: estimate quality and cost of every model, plug both into the trade; one fit serves every trade."""

from __future__ import annotations

from dataclasses import dataclass

from strategies.knobs import choice, knob
from strategies.predictors.expected import Arrays, ExpectingRouter
from strategies.predictors.learners import NEIGHBOURS, RIDGE, learn_by, said_by
from strategies.protocol import Card, Doubles, Floats


@dataclass(frozen=True, eq=False)
class Carrot(ExpectingRouter):
    """Plug-in rule: argmax (1 - mu) * q_hat - mu * c_hat, two estimators on the query (arXiv 2502.03261).

    Dividing by 1 - mu gives q_hat - lambda * c_hat with lambda = mu / (1 - mu): the same choices for every mu < 1, and a slider
    that is not crammed into the last thousandth when costs are fractions of a cent. `mu` says where lambda stands on the paper's
    scale, costs in the table's unit (the released code multiplies USD by 100 first). The paper predicts the length of the answer
    and prices it; a price is a constant factor, so for means over neighbours predicting the bill comes to the same.
    """

    card = Card(
        id="carrot",
        title="CARROT",
        family="router",
        source="arXiv 2502.03261 (CARROT; plug-in rule argmax (1 - mu) * q_hat - mu * c_hat)",
        rule="argmax_m q_hat_m(x) - lambda * c_hat_m(x), lambda = mu / (1 - mu)",
        idea="Estimate for each query not only how good each model will be but also how much it will cost, then take the best trade. "
        "One fit serves every price of quality.",
        reported="Stated to be minimax-rate optimal (arXiv 2502.03261). RouterArena's board: accuracy 67.21 at 2.06 USD per 1,000 queries, "
        "arena score 63.87 (arXiv 2510.00202).",
        limits="As good as its estimates: near-ties in quality are decided by their errors. The paper's second router fine-tunes RoBERTa; "
        "ours is a ridge regression on frozen embeddings. Cost is predicted as a bill, not as a length times a price.",
        needs=frozenset({"embedding"}),
    )
    k: int = knob(
        32, low=2, high=512, unit="queries", title="neighbours", whole=True,
        help="How many similar fit queries to ask, where the estimator is neighbours.", higher="smoother, less local",
    )  # fmt: skip
    estimator: str = choice(
        NEIGHBOURS, options=(NEIGHBOURS, RIDGE), title="estimator", help="What estimates quality and cost: the nearest queries, or a line.",
    )  # fmt: skip

    @property
    def mu(self) -> float:
        """Weight of cost on the paper's scale, 0 to 1: lambda / (1 + lambda)."""
        return self.lam / (1.0 + self.lam)

    def learned(self, x: Floats, y: Doubles) -> Arrays:
        """Return what the estimator keeps."""
        return learn_by(self.estimator, x, y, seed=self.seed)

    def predicted(self, x: Floats) -> Doubles:
        """Return both estimates."""
        return said_by(self.state, x, k=self.k)
