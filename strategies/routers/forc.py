"""FORC ("Fly-swat or cannon"): foresee each model's chance of success, and take the smallest that will do."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from strategies.knobs import choice, knob
from strategies.predictors.expected import Arrays, Expecting
from strategies.predictors.learners import LEARNERS, NETWORK, learn_by, said_by
from strategies.protocol import Card, Decision, Doubles, Floats, Ints, View

CHEAPEST, BIGGEST, LIKELIEST = "cheapest", "biggest", "likeliest"


@dataclass(frozen=True, eq=False)
class Forc(Expecting):
    """Among models with p_hat > theta the cheapest (or the biggest); if none passes, a fallback (arXiv 2308.06077, thresholding).

    Cheapest and biggest are by the cost expected of this query, as in the released code. The paper's other assignments, over a
    batch (single, maximum, greedy, integer program), are in forc_batch.py.
    """

    card = Card(
        id="forc",
        title="FORC",
        family="router",
        source="arXiv 2308.06077 (cost-effective model choice by predicted performance: thresholding)",
        rule="argmin c_hat_m over {m: p_hat_m(x) > theta}, else the fallback",
        idea="Foresee how likely each model is to solve the query. Take the cheapest that is likely enough, "
        "a cannon only where no fly-swat will do.",
        reported="The largest model's performance at 63 % lower cost, over 14 data sets of 5 tasks and 4 models (arXiv 2308.06077).",
        limits="It needs chances that mean what they say: a threshold compares them with a number, not with each other. The paper's "
        "meta-model is a small language model told the model's name; ours reads frozen embeddings. It cannot skip a query that no "
        "model will solve, as the paper's integer program can.",
        needs=frozenset({"embedding"}),
    )
    theta: float = knob(
        0.5, low=0, high=1, unit="share right", title="threshold (theta)",
        help="A model will do if its expected share of right answers on such queries lies above this; at 1 none does.",
        higher="asks for surer models: dearer, usually better",
    )  # fmt: skip
    k: int = knob(
        32, low=2, high=512, unit="queries", title="neighbours", whole=True,
        help="How many similar fit queries to ask, where the learner is neighbours.", higher="smoother, less local",
    )  # fmt: skip
    prefer: str = choice(
        CHEAPEST, options=(CHEAPEST, BIGGEST), title="of those that will do", help="Which of the models that pass is taken."
    )
    fallback: str = choice(
        BIGGEST, options=(BIGGEST, CHEAPEST, LIKELIEST), title="if none will do", help="Whom to ask where no model passes.",
    )  # fmt: skip
    learner: str = choice(NETWORK, options=LEARNERS, title="learner", help="What foresees success: neighbours, a line, or a network.")

    def learned(self, x: Floats, y: Doubles) -> Arrays:
        """Return what the learner keeps."""
        return learn_by(self.learner, x, y, seed=self.seed)

    def predicted(self, x: Floats) -> Doubles:
        """Return expected quality and cost."""
        return said_by(self.state, x, k=self.k)

    def decide(self, view: View) -> Decision:
        """Call the model that passes and is preferred, else the fallback, and return its answer."""
        if view.stage:
            return Decision(stop=True, answer=view.last)
        chance, cost = self.estimate(view)
        known = ~np.isnan(chance) & ~np.isnan(cost)
        passes = known & (chance > self.theta)
        preferred = _least(cost if self.prefer == CHEAPEST else -cost, passes)
        other = _least({BIGGEST: -cost, CHEAPEST: cost, LIKELIEST: -chance}[self.fallback], known)
        chosen = np.where(passes.any(axis=1), preferred, other).astype(np.int32)
        return Decision(stop=False, call=chosen, score=chance[np.arange(len(chosen)), chosen].astype(np.float32))


def _least(values: Doubles, allowed: np.ndarray) -> Ints:
    """Return (n,) the allowed column with the least value; the first among equals, and where none is allowed."""
    return np.asarray(np.where(allowed, values, np.inf).argmin(axis=1))
