"""Ask a few cheap models at once; if they agree, that is the answer, else ask the strong one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from data.outcomes import OutcomeTable
from data.problems import refuse
from strategies.knobs import arms, knob
from strategies.protocol import Card, Decision, Floats, Ints, Strategy, Training, View, unfitted


@dataclass(frozen=True, eq=False)
class AgreementCascade(Strategy):
    """Stop if the share of the panel that gives the same answer reaches tau, else ask the last model of the chain."""

    card = Card(
        id="agreement-cascade",
        title="Agreement cascade",
        family="cascade",
        source="arXiv 2407.02348 (agreement-based cascading); arXiv 2310.03094 (vote)",
        rule="stop if max_a count(a) / K >= tau",
        idea="Cheap models that were trained apart rarely make the same mistake. If they agree, keep it; if not, ask the strong one.",
        reported="2 to 25 times lower cost in several settings (arXiv 2407.02348); a vote of one model's own samples: the quality of "
        "GPT-4 at 40 % of its cost on six reasoning sets (arXiv 2310.03094).",
        limits="The whole panel is paid for every query. Answers count as equal by their normalised text, so free text hardly agrees.",
        needs=frozenset({"answers"}),
    )
    chain: tuple[str, ...] = arms(
        (), least=3, help="The panel, asked at once, then the model that decides disagreements.", title="panel, then strong"
    )
    tau: float = knob(
        1.0, low=0, high=1.01, unit="share of the panel", title="agreement needed", cuts=1,
        help="Share of the panel that has to give the same answer; above 1 the strong model is always asked.",
        higher="escalates more often: dearer, usually better",
    )  # fmt: skip

    def learn(self, training: Training) -> Self:
        """Resolve an empty chain: the two cheapest with answers as panel, the best of the others to decide."""
        if self.chain:
            return self
        order = training.cheap_to_dear
        panel = [m for m in order if m in training.table.answers][:2]
        if len(order) < 3 or len(panel) < 2:
            raise refuse(
                "an agreement cascade needs three models: two whose answers can be compared and one to ask.", "Choose another strategy."
            )
        quality = training.table.mean("quality")
        rest = [m for m in order if m not in panel]
        return replace(self, chain=(*panel, max(rest, key=lambda m: -1.0 if np.isnan(quality[m]) else quality[m])))

    def decide(self, view: View) -> Decision:
        """Call the panel together, compare its answers, then stop or ask the last model."""
        if not self.chain:
            raise unfitted(self)
        *panel, strong = view.arms(self.chain)
        if view.stage == 0:
            together = np.zeros(len(view.models), dtype=np.bool_)
            together[panel] = True
            return Decision(stop=False, call=together)
        if view.stage > 1:
            return Decision(stop=True, answer=strong)
        share, speaker = _vote(np.stack([view.answer(m) for m in panel], axis=1), np.array(panel))
        return Decision(share >= np.float32(self.tau), speaker, strong, share)

    def missing(self, table: OutcomeTable) -> str:
        """Say what is lacking: three models and comparable answers of at least two."""
        if len(table.models) < 3:
            return "It needs three models: two cheap ones to compare and a strong one."
        if sum(model in table.answers for model in table.models) < 2:
            return "It needs the models' answers: this data has only scores."
        return ""


def _vote(answers: Ints, panel: Ints) -> tuple[Floats, Ints]:
    """Return (n,) share of the panel behind the commonest answer, and the first (cheapest) model that gave it.

    answers : (n, K) codes, -1 = no answer, which agrees with nothing.
    """
    same = (answers[:, :, None] == answers[:, None, :]) & (answers[:, :, None] >= 0)
    count = same.sum(axis=2)
    first = count.argmax(axis=1)
    share = (count[np.arange(len(answers)), first] / answers.shape[1]).astype(np.float32)
    return share, panel[first]
