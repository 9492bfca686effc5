"""Cache & Distil: a student answers or asks the teacher, within a budget of teacher calls, and learns from what the teacher says."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from data.outcomes import OutcomeTable
from data.problems import refuse
from strategies.incremental import Incremental
from strategies.knobs import choice, knob
from strategies.predictors.bandit import COLD, WARM
from strategies.predictors.components import LACKING, OPTIONS, describable, learn_components, projected, width
from strategies.predictors.pair import PairCascade
from strategies.predictors.student import FRONT, MARGIN, POLICIES, RANDOM, empty_student, lesson, schooled, sureness
from strategies.protocol import Card, Decision, Feedback, Training, View, unfitted

NO_ANSWERS = "It needs the answers of two models, to see where they say the same: this data has only scores."


@dataclass(frozen=True, eq=False)
class CacheDistil(Incremental, PairCascade):
    """Keep the student's answer, or ask the teacher by one of six selection policies while its calls last (arXiv 2310.13561, section 3)."""

    card = Card(
        id="cache-distil",
        title="Cache & Distil",
        family="online",
        source="arXiv 2310.13561, section 3 (neural caching with a student; selection policies)",
        rule="ask the teacher if calls are left and sureness(x) < h; sureness: margin, entropy, committee or likeness to what it answered",
        idea="A small student answers what it is sure of and asks the teacher about the rest. Whatever the teacher says is a lesson, so "
        "the same budget of calls goes further as time passes. What matters is which questions the calls are spent on.",
        reported="Margin and committee are the consistent winners over four classification tasks, coreset is weak (arXiv 2310.13561).",
        limits="The paper's student is a small language model that is trained on the teacher's answers. Here its answers are a cheap "
        "model's, which do not change, and what is distilled is where the teacher would say the same: a logistic regression on the "
        "query's components, told by the teacher's answers and never by the score. A budget is so many calls in every span of queries.",
        needs=frozenset({"embedding", "answers"}),
    )
    budget: float = knob(
        0.3, low=0, high=1, unit="share of queries", title="teacher calls",
        help="How many of a span's queries may go to the teacher.", higher="asks the teacher more: dearer, usually better",
    )  # fmt: skip
    h: float = knob(
        0.5, low=0, high=1, unit="sureness", title="sureness needed (h)",
        help="The teacher is asked where the student is less sure than this; front-loading and random do not look.",
        higher="asks about more queries, so the budget is used up sooner",
    )  # fmt: skip
    horizon: int = knob(
        200, low=10, high=100_000, unit="queries", title="span", whole=True, scale="log",
        help="Every so many queries the budget begins anew.", higher="freer to ask much at first",
    )  # fmt: skip
    period: int = knob(
        50, low=1, high=1000, unit="teacher answers", title="retrain after", whole=True, scale="log",
        help="After so many new teacher answers the student is trained again.", higher="learns later",
    )  # fmt: skip
    policy: str = choice(MARGIN, options=POLICIES, title="policy", help="How the queries are selected that go to the teacher.")
    dimensions: str = choice(
        "32", options=OPTIONS, title="components", help="How many principal components of the embedding are looked at, at most."
    )
    size: str = choice("1000", options=("100", "300", "1000", "3000"), title="memory", help="How many teacher answers are learnt from.")
    start: str = choice(
        WARM, options=(WARM, COLD), title="start", help="warm: the student has seen the teacher's answers to the fit part; cold: none."
    )

    def learn(self, training: Training) -> Self:
        """Resolve student and teacher among the models with answers; train the student on the fit part."""
        chain = self.chain or _answering(training)
        state = learn_components(training, int(self.dimensions))
        state |= empty_student(int(self.size), width(state)) | {"clock": np.zeros(2)}
        if self.start == WARM:
            ran = ~np.isnan(training.quality(chain[0]))  # whether it ran, not how well
            own, said = (training.table.answer_codes[ran, training.table.index(name)] for name in chain)
            schooled(state, projected(state, training)[ran], own, said)
        return replace(self, chain=chain).with_state(**state)

    def decide(self, view: View) -> Decision:
        """Let the student answer, then ask the teacher where the policy says so and a call is left."""
        if not self.chain or not self.state:
            raise unfitted(self)
        student, teacher = view.arms(self.chain)
        if view.stage == 0:
            return Decision(stop=False, call=student)
        if view.stage > 1:
            return Decision(stop=True, answer=teacher)
        left = self.state["clock"][1] < np.floor(self.budget * self.horizon)
        if self.policy in {FRONT, RANDOM}:
            score, least = view.uniform("ask the teacher"), self.budget if self.policy == RANDOM else np.inf
        else:
            score, least = sureness(self.policy, self.state, projected(self.state, view)).astype(np.float32), self.h
        return Decision(~((score < np.float32(least)) & left), student, teacher, score)

    def absorb(self, feedback: Feedback) -> None:
        """Count the call, keep the lesson, and train the student again when it is time."""
        clock, (student, teacher) = self.state["clock"], feedback.view.arms(self.chain)
        clock += (1, feedback.called[teacher])
        if clock[0] >= self.horizon:
            clock[:] = 0
        if feedback.called[teacher]:
            own, said = (feedback.view.answer(m) for m in (student, teacher))
            lesson(self.state, projected(self.state, feedback.view), own, said, self.period)

    def missing(self, table: OutcomeTable) -> str:
        """Say what is lacking: two models with answers, and something that is known of the queries."""
        if sum(name in table.answers for name in table.models) < 2:
            return NO_ANSWERS
        return "" if describable(table) else LACKING


def _answering(training: Training) -> tuple[str, str]:
    """Return the cheapest model with answers, and the best of the others with answers."""
    quality = training.table.mean("quality")
    able = [name for name in training.cheap_to_dear if name in training.table.answers]
    if len(able) < 2:
        raise refuse("a student and a teacher need answers of their own.", NO_ANSWERS)
    return able[0], max(able[1:], key=lambda name: -1.0 if np.isnan(quality[name]) else quality[name])
