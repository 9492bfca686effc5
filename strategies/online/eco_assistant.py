"""EcoAssistant: the weak model first, unless the most similar query of a memory of solved ones says that it fails there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from data.outcomes import OutcomeTable
from strategies.incremental import Incremental
from strategies.knobs import choice, knob
from strategies.predictors.bandit import COLD, WARM
from strategies.predictors.calibrated import query_feature
from strategies.predictors.components import LACKING as NO_QUERY
from strategies.predictors.components import describable
from strategies.predictors.confidence import LACKING, OPTIONS, confidence, confident, learn_confidence
from strategies.predictors.memory import empty_memory, most_like, recalled, remember
from strategies.predictors.neighbours import normed
from strategies.predictors.pair import STRONG, WEAK, PairCascade, cheap_and_strong
from strategies.protocol import Card, Decision, Feedback, Training, View, needs_fit, unfitted

SOLVED = 0.5  # graded quality counts as solved from here on
TO_STRONG, TO_WEAK = "go to the strong model", "ask the weak model"


@dataclass(frozen=True, eq=False)
class EcoAssistant(Incremental, PairCascade):
    """Ask the weak model unless it failed on the nearest solved query with cosine >= kappa; keep its answer if sure, else escalate.

    arXiv 2310.03046, sections 2.2 and 2.3: assistants from cheap to dear, and a store of solved queries that is searched by embedding.
    """

    card = Card(
        id="eco-assistant",
        title="EcoAssistant",
        family="online",
        source="arXiv 2310.03046, sections 2.2 (assistant hierarchy) and 2.3 (solution demonstration)",
        rule="weak first, unless it failed at argmax_j cos(e, e_j) >= kappa over solved j; escalate if confidence < t",
        idea="Remember which questions were solved, and on which of them the weak model had failed. It is asked first, unless the new "
        "question is like one of those; by choice also unless it is like none that was solved. What it is unsure of goes on.",
        reported="About 10 points above GPT-4's success at less than half its cost; by people's judgement 80 against 59 successes of a "
        "mixed set at 5.90 against 13.77 USD (arXiv 2310.03046).",
        limits="In the paper a remembered solution is shown to the weak model, which lifts its success. No recorded table holds those "
        "answers and none is invented here: memory only decides who is asked. An arm with an assumed lift, marked simulated, is made by "
        "`python -m data.derived taught`. The paper's judge of failure is a person or a model; here "
        "it is the confidence, and what was solved is told by the score afterwards. It needs to be told whether an answer was right.",
        needs=frozenset({"embedding", "confidence"}),
    )
    t: float = knob(
        0.6, low=0, high=1.01, unit="share right", title="confidence needed (t)",
        help="A weak answer less sure than this is a failure and the strong model is asked.",
        higher="escalates more: dearer, usually better",
    )  # fmt: skip
    kappa: float = knob(
        0.6, low=-1, high=1, unit="cosine", title="likeness needed (kappa)",
        help="How like a solved query a new one has to be to count as known.", higher="trusts the memory less",
    )  # fmt: skip
    unknown: str = choice(
        TO_WEAK, options=(TO_WEAK, TO_STRONG), title="without a solved neighbour",
        help="Who is asked about a query that is like nothing solved; asking the weak model first is the paper's hierarchy.",
    )  # fmt: skip
    signal: str = choice("auto", options=OPTIONS, free=True, title="signal", help="The confidence in the weak model's answer.")
    size: str = choice("1000", options=("100", "300", "1000", "3000"), title="memory", help="How many solved queries are remembered.")
    start: str = choice(
        WARM, options=(WARM, COLD), title="start", help="warm: what was solved on the fit part is remembered; cold: nothing is."
    )

    def learn(self, training: Training) -> Self:
        """Resolve the pair, learn the confidence, and remember what the fit part solved."""
        chosen = replace(self, chain=self.chain or cheap_and_strong(training, self.card))
        weak, strong = (training.table.index(name) for name in chosen.chain)
        feature = query_feature(training)
        x = normed(training.feature(feature))
        state = learn_confidence(training, (weak,), self.signal) | empty_memory(int(self.size), x.shape[1])
        if self.start == WARM:
            own, other = training.quality(weak), training.quality(strong)
            for i in np.flatnonzero((own >= SOLVED) | (other >= SOLVED)):
                remember(state, x[i], float(own[i] < SOLVED))
        return chosen.with_state(**state, memory_of=np.array(feature))

    def decide(self, view: View) -> Decision:
        """Ask the weak model where memory says so; keep what it is sure of; the strong model answers the rest."""
        if not self.chain or not self.state:
            raise unfitted(self)
        pair = view.arms(self.chain)
        if view.stage == 0:
            solved, noted = recalled(self.state)
            score, place = most_like(solved, normed(view.feature(str(self.state["memory_of"]))))
            near = score >= np.float32(self.kappa)
            failed = near & (noted[place] > 0) if len(noted) else near
            weak_first = ~failed & (near if self.unknown == TO_STRONG else True)
            return Decision(stop=False, call=np.where(weak_first, pair[WEAK], pair[STRONG]).astype(np.int32), score=score)
        if view.stage > 1:
            return Decision(stop=True, answer=pair[STRONG])
        alone = ~view.called[:, pair[STRONG]]
        score = np.full(len(view), np.nan, dtype=np.float32)
        if alone.any():
            score[alone] = confidence(self.state, view.where(alone), pair[WEAK], 0)
        return Decision(~alone | (score >= np.float32(self.t)), np.where(alone, pair[WEAK], pair[STRONG]), pair[STRONG], score)

    def absorb(self, feedback: Feedback) -> None:
        """Remember a query whose answer turned out right, and whether the weak model had failed on it."""
        if feedback.quality[feedback.answer] >= SOLVED:
            weak = feedback.view.arms(self.chain)[WEAK]
            vector = normed(feedback.view.feature(str(needs_fit(self, "memory_of"))))[0]
            remember(self.state, vector, float(feedback.quality[weak] < SOLVED))

    def lacking(self, table: OutcomeTable) -> str:
        """Say what is lacking: something that is known of the queries, a confidence."""
        return NO_QUERY if not describable(table) else "" if confident(table) else LACKING
