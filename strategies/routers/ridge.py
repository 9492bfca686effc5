"""The linear router: what each model's quality and cost will be, read off the embedding by a straight line."""

from __future__ import annotations

from dataclasses import dataclass

from strategies.predictors.expected import Arrays, ExpectingRouter
from strategies.predictors.ridge import learn_ridge, ridge
from strategies.protocol import Card, Doubles, Floats


@dataclass(frozen=True, eq=False)
class RidgeRouter(ExpectingRouter):
    """Expected quality and cost of each model = ridge regression on the embedding (arXiv 2403.12031, predictive routers).

    The paper scores lambda' * q_hat - cost with a model's own cost; dividing by lambda' gives our q_hat - lambda * c_hat with
    lambda = 1 / lambda', and our cost is predicted for the query, as arXiv 2502.03261 does.
    """

    card = Card(
        id="ridge-router",
        title="Linear router",
        family="router",
        source="arXiv 2403.12031 (predictive routers: score = lambda' * P - cost); cost by prediction as in arXiv 2502.03261",
        rule="argmax_m (w_m . e + b_m) - lambda * (v_m . e + d_m)",
        idea="Draw one straight line a model from the embedding to its quality, another to its cost, and take the best trade. "
        "What a fancier router has to beat.",
        reported="No figure of its own: LLMRouterBench (arXiv 2601.07206) finds that many published routers tie with simple predictors.",
        limits="It sees only what is linear in the embedding, so a region where a model fails by itself is missed. "
        "Unlike RouterBench we regress the cost as well, and each line's strength is chosen by leaving one query out.",
        needs=frozenset({"embedding"}),
    )

    def learned(self, x: Floats, y: Doubles) -> Arrays:
        """Return one line a column."""
        return learn_ridge(x, y)

    def predicted(self, x: Floats) -> Doubles:
        """Return the lines' heights."""
        return ridge(self.state, x)
