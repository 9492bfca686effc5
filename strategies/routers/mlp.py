"""The network router: one hidden layer between the embedding and every model's quality and cost."""

from __future__ import annotations

from dataclasses import dataclass

from strategies.predictors.expected import Arrays, ExpectingRouter
from strategies.predictors.learners import learn_network
from strategies.predictors.network import outputs
from strategies.protocol import Card, Doubles, Floats


@dataclass(frozen=True, eq=False)
class MlpRouter(ExpectingRouter):
    """Expected quality and cost of each model = outputs of one network on the embedding (arXiv 2403.12031, MLP router).

    Loss: squared error, summed over the cells that are known. RouterBench trains a network a model; here they share the hidden
    layer, so that a model with few answers gains from what the others show of the queries.
    """

    card = Card(
        id="mlp-router",
        title="Network router",
        family="router",
        source="arXiv 2403.12031 (MLP router: score = lambda' * P - cost)",
        rule="argmax_m q_hat_m(e) - lambda * c_hat_m(e), both outputs of max(0, W e + a)",
        idea="A small network reads the embedding and says how good and how dear each model will be. It can bend where a line cannot.",
        reported="RouterBench's AIQ of Zero / kNN / MLP router: MMLU 0.763 / 0.773 / 0.769, ARC-C 0.877 / 0.871 / 0.875, "
        "RAG 0.632 / 0.695 / 0.675 (arXiv 2403.12031, as quoted in a reading note; not reproducible from the public zero-shot file).",
        limits="With a few hundred queries it learns noise: look at the linear router beside it. "
        "Unlike RouterBench the models share one hidden layer of 64, and cost is predicted for each query.",
        needs=frozenset({"embedding"}),
    )

    def learned(self, x: Floats, y: Doubles) -> Arrays:
        """Return the network's weights."""
        return learn_network(x, y, seed=self.seed)

    def predicted(self, x: Floats) -> Doubles:
        """Return the network's outputs."""
        return outputs(self.state, x)
