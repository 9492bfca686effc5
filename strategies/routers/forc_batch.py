"""FORC over a batch: foresee each model's chance of success on every query, then assign all of them together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from strategies.batch import BatchRouter, Plan, expected_budget, reaching, weighing, within
from strategies.knobs import choice, knob
from strategies.predictors.assignments import MOST_EXACT, NODES, first_come, likeliest, most, one_for_all
from strategies.predictors.expected import Arrays, Expecting
from strategies.predictors.learners import LEARNERS, NETWORK, learn_by, said_by
from strategies.predictors.upgrades import climb
from strategies.protocol import Card, Doubles, Floats, Ints

RELAXED, EXACT, GREEDY, LIKELIEST, SINGLE = "linear program", "integer program", "first come", "likeliest", "one for all"
WITHIN, REACHING, WEIGHING = "most right within a budget", "least cost for a share right", "weighed"


@dataclass(frozen=True, eq=False)
class ForcBatch(Expecting, BatchRouter):
    """Assign a batch of queries to models by expected quality v and cost c (arXiv 2308.06077, all assignments but the threshold).

    Objectives: max sum v within a mean cost; min sum c for a mean v; max alpha * v - (1 - alpha) * c, which falls apart into
    queries. "linear program": its relaxation, rounded down where one query is split; "first come": the released greedy, which
    walks through the queries as they stand. Costs beside alpha are shares of the dearest model's mean cost on the fit part: in
    USD, as in the released code, every alpha but the last thousandths would ignore them. Every query is answered: the loop has no
    way to abstain, so the paper's penalty for a query left out, and leaving it out, have no counterpart.
    """

    card = Card(
        id="forc-batch",
        title="FORC, whole batch",
        family="router",
        source="arXiv 2308.06077 (cost-effective model choice by predicted performance: single, maximum, greedy, integer program)",
        rule="max sum_i v_i x_i subject to sum_i c_i x_i <= B; or min cost subject to quality; or alpha * v - (1 - alpha) * c",
        idea="Foresee how likely each model is to solve each query, and what it will cost. Then look at all queries together and spend "
        "the budget where it buys the most right answers.",
        reported="The largest model's performance at 63 % lower cost, over 14 data sets of 5 tasks and 4 models (arXiv 2308.06077).",
        limits="It needs all queries before the first call. The budget is one of expected cost; the bill differs as the forecasts do. "
        f"The integer program is solved for up to {MOST_EXACT:,} queries (in a search of at most {NODES:,} branches); beyond, the linear "
        "program is taken, which is at most one query away. No query is skipped: with less money than the cheapest models need, all go "
        "there. The paper's meta-model is a small language model told the model's name; ours reads frozen embeddings.",
        needs=frozenset({"embedding"}),
        batch=True,
    )
    budget: float = expected_budget()
    floor: float = knob(
        0.8, low=0, high=1, unit="expected share right", title="share right",
        help="Mean quality to expect of the batch, where the least cost is sought for it.", higher="dearer, usually better",
    )  # fmt: skip
    alpha: float = knob(
        0.5, low=0, high=1, unit="weight of quality", title="weight of quality (alpha)",
        help="How much quality counts against cost, where the two are weighed; at 0 only cost does.", higher="dearer, usually better",
    )  # fmt: skip
    k: int = knob(
        32, low=2, high=512, unit="queries", title="neighbours", whole=True,
        help="How many similar fit queries to ask, where the learner is neighbours.", higher="smoother, less local",
    )  # fmt: skip
    assignment: str = choice(
        RELAXED, options=(RELAXED, EXACT, GREEDY, LIKELIEST, SINGLE), title="assignment",
        help="How the batch is assigned: by a linear or an integer program, each its likeliest while the money lasts, each its likeliest "
        "whatever it costs, or one model for all.",
    )  # fmt: skip
    objective: str = choice(WITHIN, options=(WITHIN, REACHING, WEIGHING), title="objective", help="What is sought, and what limits it.")
    learner: str = choice(NETWORK, options=LEARNERS, title="learner", help="What foresees success: neighbours, a line, or a network.")
    dragged: ClassVar = {WITHIN: "budget", REACHING: "floor", WEIGHING: "alpha"}

    def learned(self, x: Floats, y: Doubles) -> Arrays:
        """Return what the learner keeps."""
        return learn_by(self.learner, x, y, seed=self.seed)

    def predicted(self, x: Floats) -> Doubles:
        """Return expected quality and cost."""
        return said_by(self.state, x, k=self.k)

    @property
    def drags(self) -> str:
        """The objective's own knob; none where each query just gets its likeliest model."""
        return "" if self.assignment == LIKELIEST else self.dragged[self.objective]

    @property
    def stepwise(self) -> bool:
        """Whether upgrades one after the other are the assignment: always where queries do not compete."""
        return self.assignment == RELAXED or (self.objective == WEIGHING and self.assignment in {EXACT, GREEDY})

    @property
    def scale(self) -> float:
        """What a cost of one stands for beside alpha: the dearest model's mean cost on the fit part."""
        return float(np.nanmax(np.split(self.state["mean"], 2)[1]))

    def plan(self, quality: Doubles, cost: Doubles) -> Plan:
        """Return the upgrades, best first, with the setting of the objective's knob from which on each is taken."""
        up = climb(quality, cost)
        if self.objective == WEIGHING:
            return weighing(up, self.scale)
        return within(up) if self.objective == WITHIN else reaching(up)

    def assigned(self, quality: Doubles, cost: Doubles) -> Ints:
        """Return (n,) who is called."""
        limit = {"budget": self.budget} if self.objective == WITHIN else {"floor": self.floor}
        if self.assignment == LIKELIEST:
            return likeliest(quality, cost)
        if self.assignment == SINGLE and self.objective == WEIGHING:
            return one_for_all(self.alpha * quality - (1 - self.alpha) * cost / (self.scale or 1.0), cost)
        if self.assignment == SINGLE:
            return one_for_all(quality, cost, **limit)
        if self.stepwise or (self.assignment == EXACT and len(quality) > MOST_EXACT):
            return super().assigned(quality, cost)
        if self.assignment == GREEDY:
            return first_come(quality, cost, **limit)
        known = climb(quality, cost).known
        return most(quality, cost, self.budget * known) if self.objective == WITHIN else most(-cost, -quality, -self.floor * known)
