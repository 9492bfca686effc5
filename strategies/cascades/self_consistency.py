"""Ask a weak model several times; if its answers agree, the commonest is the answer, else ask the strong one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from data.outcomes import OutcomeTable
from data.problems import refuse
from strategies.knobs import arms, choice, knob
from strategies.predictors.pair import NEEDS_PAIR
from strategies.predictors.votes import recorded_samples, vote
from strategies.protocol import Card, Decision, Strategy, Training, View, needs_fit, unfitted

LACKING = (
    "It needs at least three recorded answers of a model to each question: map the column that numbers the samples on the Data page, "
    "or run the model live with several samples a question. A routed live run asks each model once."
)


@dataclass(frozen=True, eq=False)
class SelfConsistency(Strategy):
    """Stop if the commonest of K sampled answers has a share of tau (vote), or if two groups have the same commonest one (verify).

    arXiv 2310.03094, section 3. The groups are two ways of asking (chain and program of thought, two prompts) where the chain has two
    weak arms, else the first and the second half of one arm's samples. A tie goes to the answer seen first. What is returned is a
    sample that gave the winning answer; every sample is billed as a call of its own, the input too.
    """

    card = Card(
        id="self-consistency",
        title="Self-consistency cascade",
        family="cascade",
        source="arXiv 2310.03094, section 3 (mixture of thought: vote and verify)",
        rule="vote: stop if max_a count(a) / K >= tau; verify: stop if argmax_a count_1(a) = argmax_a count_2(a)",
        idea=(
            "A model that knows gives the same answer when asked again; one that guesses does not. The weak model is asked several times, "
            "best in two ways; if it agrees with itself its answer stands, and only what it wavers on is paid for twice."
        ),
        reported=(
            "GPT-4-level results at 40 % of its cost on six reasoning sets (arXiv 2310.03094). On DATE two representations by vote at tau "
            ".6 reach .8916 with 29.5 % escalated, the strong model alone .8862."
        ),
        limits=(
            "Agreement is no proof: a model can be wrong the same way every time. No more samples are drawn than were recorded, and one "
            "arm in two halves is weaker than two ways of asking. Answers have to be comparable."
        ),
        needs=frozenset({"samples"}),
    )
    chain: tuple[str, ...] = arms(
        (), least=2, most=3, title="weak (one or two ways), then strong", help="One or two arms that are sampled, then the strong model."
    )
    tau: float = knob(
        0.6, low=0, high=1.01, unit="share of the samples", title="agreement needed", cuts=1,
        help="Share of the samples that has to give the same answer; verify knows 0 and 1 only.",
        higher="escalates more often: dearer, usually better",
    )  # fmt: skip
    k: int = knob(
        10, low=3, high=40, unit="samples", title="samples", whole=True, help="How many answers are sampled of all weak arms together.",
        higher="surer, and dearer",
    )  # fmt: skip
    how: str = choice(
        "vote", options=("vote", "verify"), title="check", help="vote: enough samples agree; verify: two groups have the same majority."
    )

    def learn(self, training: Training) -> Self:
        """Resolve the chain: the cheapest model that was sampled, the best of the others; note how many samples there are."""
        sampled = recorded_samples(training.table)
        quality = training.table.mean("quality")
        chain = self.chain
        if not chain:
            weak = next((name for name in training.cheap_to_dear if name in sampled), None)
            rest = [name for name in training.cheap_to_dear if name != weak and not np.isnan(quality[name])]
            if weak is None or not rest:
                raise refuse(f"{self.card.id} cannot be fitted: {LACKING}", "Choose another strategy.")
            chain = (weak, max(rest, key=lambda name: quality[name]))
        if missing := [name for name in chain[:-1] if name not in sampled]:
            raise refuse(f"{missing[0]} has no repeated answers on the fit part.", LACKING)
        return replace(self, chain=chain).with_state(recorded=np.array([sampled[name] for name in chain[:-1]]))

    def decide(self, view: View) -> Decision:
        """Sample the weak arms, vote, and ask the strong model where they waver."""
        if not self.chain:
            raise unfitted(self)
        *weak, strong = view.arms(self.chain)
        if view.stage == 0:
            together = np.zeros(len(view.models), dtype=np.bool_)
            together[weak] = True
            return Decision(stop=False, call=together)
        if view.stage > 1:
            return Decision(stop=True, answer=strong)
        counts = self.counts()
        groups = [view.samples(m, count) for m, count in zip(weak, counts, strict=True)]
        arm = np.repeat(weak, counts)
        place = np.concatenate([np.arange(count) for count in counts])
        share, first, _ = vote(np.concatenate(groups, axis=1))
        if self.how == "verify":
            one, other = groups if len(groups) > 1 else (groups[0][:, : counts[0] // 2], groups[0][:, counts[0] // 2 :])
            (_, first, said), (_, _, again) = vote(one), vote(other)
            share = np.where((said == again) & (said >= 0), 1.0, 0.0)
        score = share.astype(np.float32)
        return Decision(score >= np.float32(self.tau), arm[first], strong, score, place[first])

    def counts(self) -> list[int]:
        """Return how many samples are drawn of each weak arm: its share of k, no more than were recorded."""
        each = -(-self.k // (len(self.chain) - 1))
        return [min(each, int(count)) for count in needs_fit(self, "recorded")]

    def missing(self, table: OutcomeTable) -> str:
        """Say what is lacking: two models, and repeated answers of one."""
        if len(table.models) < 2:
            return NEEDS_PAIR
        return "" if max(recorded_samples(table).values(), default=0) >= 3 else LACKING
