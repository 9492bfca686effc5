"""The boosted router: many small trees on the embedding, each mending what those before it left."""

from __future__ import annotations

from dataclasses import dataclass

from strategies.predictors.expected import Arrays, ExpectingRouter
from strategies.predictors.trees import learn_trees, trees
from strategies.protocol import Card, Doubles, Floats


@dataclass(frozen=True, eq=False)
class BoostedRouter(ExpectingRouter):
    """Expected quality and cost of each model = gradient-boosted trees on the embedding.

    The rule is that of predictive routers (arXiv 2403.12031: lambda' * P - cost), the regressor Friedman's stochastic gradient
    boosting (2001, 2002): squared error, so that a graded or a 0/1 quality is estimated by its conditional mean.
    """

    card = Card(
        id="boosted-router",
        title="Boosted-trees router",
        family="router",
        source="arXiv 2403.12031 (predictive routers: score = lambda' * P - cost), with gradient boosting (Friedman 2001) as the regressor",
        rule="argmax_m q_hat_m(e) - lambda * c_hat_m(e), each a sum of 40 trees of depth 3",
        idea="Forty small trees a model ask yes-or-no questions about the embedding. They find corners that a line cuts off.",
        reported="No figure: RouterBench has no boosted row. OptLLM (arXiv 2405.15130) uses tree ensembles for the same estimates.",
        limits="Trees split along single coordinates, and those of an embedding mean little alone: expect it near the linear router. "
        "Slower to fit than the others; probabilities are not calibrated.",
        needs=frozenset({"embedding"}),
    )

    def learned(self, x: Floats, y: Doubles) -> Arrays:
        """Return the trees of every column."""
        return learn_trees(x, y, seed=self.seed)

    def predicted(self, x: Floats) -> Doubles:
        """Return the sums of the trees."""
        return trees(self.state, x)
