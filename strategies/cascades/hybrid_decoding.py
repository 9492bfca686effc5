"""Hybrid decoding: the small model writes, and the strong one supplies the tokens that it finds unlikely. Illustrative."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from data.derived import BELOW
from data.outcomes import OutcomeTable
from data.problems import refuse
from strategies.knobs import knob
from strategies.protocol import Card, Decision, Strategy, Training, View, needs_fit

_LACKING = (
    "It needs arms that were worked out from token log-probabilities: `python -m data.derived hybrid puzzles r1 r4` keeps such a set, "
    "and data.derived.hybrid makes one of your own tokens."
)


@dataclass(frozen=True, eq=False)
class HybridDecoding(Strategy):
    """Take a token from the strong model if its probability under the small one lies below tau, at the derived arm nearest below tau.

    arXiv 2409.13757, whose score of a token is a reward model's; here it is the token's own probability. No table holds the outcome of
    such a mix, so it is an arm derived on the table for each of a few levels, marked simulated: h = mean_t 1[exp(l_t) < tau],
    cost c_S + h c_L kappa, quality q_S + g(h) (q_L - q_S) with a concave g. This strategy chooses among these arms.
    """

    card = Card(
        id="hybrid-decoding",
        title="Hybrid decoding (illustrative)",
        family="ensemble",
        source="arXiv 2409.13757 (reward-based token modelling with selective cloud assistance; that the survey means it is our reading)",
        rule="token t from the strong model if p_t < tau; cost c_S + h c_L kappa, quality q_S + g(h) (q_L - q_S)",
        idea=(
            "A small model writes at home and asks the large one in the cloud only for the words that it finds hard. The share of words "
            "that it asks about is counted in recorded tokens; what they do to the answer is assumed."
        ),
        reported="A large drop in cloud traffic at a small loss of quality (arXiv 2409.13757, abstract; no figure recovered).",
        limits=(
            "Simulated: cost and quality of the mix follow from two recorded answers and a curve that was chosen, not measured. A token "
            "that is supplied changes all that follow it, which nothing here knows, and latency hangs on the network. It cannot say which "
            "of two thresholds is better, only how much of an answer each would send away."
        ),
        needs=frozenset({"token_shares"}),
    )
    tau: float = knob(
        0.5, low=0, high=1, unit="token probability", title="ask the cloud below",
        help="Tokens less likely than this come from the strong model; the nearest level below it that was worked out counts.",
        higher="asks for more tokens: dearer, usually better",
    )  # fmt: skip

    def learn(self, training: Training) -> Self:
        """Note which arm stands for which level."""
        table = training.table
        found = [(_level(table, name), name) for name in training.models]
        known = sorted((level, name) for level, name in found if not np.isnan(level))
        if not known:
            raise refuse(f"{self.card.id} cannot be fitted: {_LACKING}", "Choose another strategy.")
        return self.with_state(levels=np.array([level for level, _ in known]), names=np.array([name for _, name in known]))

    def decide(self, view: View) -> Decision:
        """Call the arm of the level, and return its answer."""
        levels = needs_fit(self, "levels")
        at = max(int(np.searchsorted(levels, self.tau + 1e-6, side="right")) - 1, 0)
        (arm,) = view.arms([str(self.state["names"][at])])
        return Decision(stop=view.stage > 0, answer=arm, call=arm)

    def missing(self, table: OutcomeTable) -> str:
        """Say how such arms are made."""
        return "" if table.has(BELOW) else _LACKING


def _level(table: OutcomeTable, name: str) -> float:
    """Return the level of an arm, NaN for one that is no mix."""
    values = table.signal(BELOW, name) if BELOW in table.signals else np.full(1, np.nan)
    known = values[~np.isnan(values)]
    return float(known[0]) if len(known) else float("nan")
