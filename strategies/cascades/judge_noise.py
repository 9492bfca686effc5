"""RouterBench's cascade: models from cheap to dear until a judge accepts, and the judge errs as often as one says."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self, cast

import numpy as np

from data.outcomes import OutcomeTable
from data.problems import refuse
from strategies.engines.loop import JudgedLoopView
from strategies.engines.source import Judge
from strategies.knobs import arms, knob
from strategies.predictors.pair import NEEDS_PAIR
from strategies.protocol import Card, Decision, Strategy, Training, View, needs_fit, unfitted

_NO_COST = "It needs prices, or assumed relative prices: its cap is one of cost."


@dataclass(frozen=True, eq=False)
class JudgeNoise(Strategy):
    """Keep an answer if the simulated judge accepts it, or if the next call would exceed the cap on the query's bill.

    arXiv 2403.12031, section on cascading routers. The judge accepts an answer of a quality of at least `right` and says the opposite
    with probability `error`; the paper's errors are 0, .01, .05, .1, .2, .4, .6 and .8. A draw is the query's and the model's own and
    the same at every error, so that errors only ever grow. What a call will cost is not known before it is made: the next model's
    mean cost on the fit part stands for it. The first model is asked at any cap.
    """

    card = Card(
        id="judge-noise-cascade",
        title="Cascade with a simulated judge",
        family="cascade",
        source="arXiv 2403.12031 (cascading routers with a judge of error epsilon and a cap on each query's cost)",
        rule="stop if judge(q_k; epsilon) accepts, or bill + mean c_(k+1) > cap",
        idea=(
            "What would a cascade be worth if something could tell right answers from wrong ones? A judge is simulated from the truth and "
            "made to err as often as you say: it shows how good a real check has to be before a cascade is worth building."
        ),
        reported=(
            "On RouterBench ahead of all routers compared while the judge errs in at most 10 % of its verdicts, and far behind above 20 % "
            "(notes on arXiv 2403.12031)."
        ),
        limits=(
            "Nobody has this judge: it reads the recorded truth of the answers that were paid for, costs nothing and takes no time. Its "
            "errors fall on all answers alike, where a real check errs on the hard ones. It cannot run live."
        ),
        judged=True,
    )
    cap: float = knob(
        1.0, low=0, high=1, unit="share of the whole chain's cost", title="cost cap", scale="log",
        help="No further model is asked where its mean cost would take the query's bill above this; at 1 there is no cap.",
        higher="asks more models: dearer, usually better",
    )  # fmt: skip
    error: float = knob(
        0.1, low=0, high=0.8, unit="share of verdicts", title="judge error", help="How often the judge says the opposite of the truth.",
        higher="keeps more wrong answers and pays for more right ones twice",
    )  # fmt: skip
    right: float = knob(
        0.5, low=0.01, high=1, unit="quality", title="right from", help="From which quality on an answer counts as right.",
        higher="counts fewer answers as right",
    )  # fmt: skip
    chain: tuple[str, ...] = arms((), least=2, title="chain", help="The models in the order in which they are asked.")

    def learn(self, training: Training) -> Self:
        """Resolve an open chain to all models that were run, cheap to dear; keep their mean costs."""
        quality, cost = training.table.mean("quality"), training.table.mean("cost_usd")
        chain = self.chain or tuple(m for m in training.cheap_to_dear if not np.isnan(quality[m]) and not np.isnan(cost[m]))
        means = np.array([cost[training.models[training.table.index(name)]] for name in chain])
        if len(chain) < 2 or np.isnan(means).any():
            raise refuse(f"{self.card.id} needs two models of known cost.", "Type prices, or relative prices, on the Data page.")
        return replace(self, chain=chain).with_state(cost=means)

    def decide(self, view: View) -> Decision:
        """Ask the judge about the last answer, and the next model where it objects and the cap allows."""
        if not self.chain:
            raise unfitted(self)
        k, models, cost = view.stage, view.arms(self.chain), needs_fit(self, "cost")
        if k == 0:
            return Decision(stop=False, call=models[0])
        if k == len(models):
            return Decision(stop=True, answer=models[-1])
        verdict = cast("JudgedLoopView", view).verdict(models[k - 1], Judge(self.error, self.right))
        limit = self.cap * cost.sum() if self.cap < 1 else np.inf
        return Decision((verdict > 0) | (view.bill + cost[k] > limit), models[k - 1], models[k], verdict)

    def missing(self, table: OutcomeTable) -> str:
        """Say what is lacking: two models, and costs for the cap."""
        if len(table.models) < 2:
            return NEEDS_PAIR
        return "" if table.has("cost_usd") else _NO_COST
