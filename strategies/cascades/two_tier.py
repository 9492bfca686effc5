"""Two tiers by the margin of the first token: ask the large model about the share of queries that the small one is least sure of."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

import numpy as np

from data.outcomes import OutcomeTable
from data.problems import refuse
from data.signals import known, lacking, signals
from strategies.knobs import choice, knob
from strategies.predictors.pair import PairCascade, cheap_and_strong
from strategies.predictors.ranks import levels, ranked
from strategies.predictors.recorded import RECORDED
from strategies.protocol import Card, Doubles, Floats, Training, View, needs_fit

_LACKING = "It needs the signal {name}: map the column on the Data page, or choose a signal that this data has."


@dataclass(frozen=True, eq=False)
class TwoTier(PairCascade):
    """Ask the large model if the margin's rank among the last margins seen is below the budget.

    arXiv 2405.02134, section 3: margin = p(1) - p(2) of the first token; the threshold is the running quantile of the margins at the
    budgeted share of large calls. The window begins with the last of the fit part. Replaying a set holds it still, so that a query's
    way does not hang on its neighbours; `moved_on` slides it, and `replay` of the next queries goes by it.
    """

    card = Card(
        id="two-tier-uncertainty",
        title="Two tiers by margin",
        family="cascade",
        source="arXiv 2405.02134, section 3 (margin of the first token, threshold at a running quantile)",
        rule="ask the large model if F_window(p(1) - p(2)) < budget",
        idea=(
            "The gap between the two likeliest first words says how sure a model is before it has said anything. The least sure share of "
            "the queries, as large as the budget allows, goes to the large model; what is least sure is told by the queries just seen."
        ),
        reported="Best of the routing and cascading rules compared in 25 of 27 set-ups, 9 tasks and 3 pairs of models (arXiv 2405.02134).",
        limits=(
            "The first token says little where an answer begins with words that hang on nothing. In a stream whose difficulty changes the "
            "window has to move on; replayed sets are decided by the fit part's window."
        ),
        needs=frozenset({"margin"}),
    )
    budget: float = knob(
        0.3, low=0, high=1, unit="share of queries", title="share to the large model", cuts=1,
        help="Which share of the queries, the least sure ones, may go to the large model.", higher="escalates more: dearer, usually better",
    )  # fmt: skip
    window: int = knob(
        1000, low=10, high=100_000, unit="queries", title="window", whole=True, scale="log",
        help="How many of the last margins the quantile is taken of.", higher="steadier, slower to follow",
    )  # fmt: skip
    signal: str = choice(
        "margin", options=RECORDED, free=True, title="margin",
        help="The gap between the first token's two best probabilities; another confidence can take its place.",
    )  # fmt: skip

    def learn(self, training: Training) -> Self:
        """Resolve the chain; the window begins with the small model's margins on the fit part."""
        table = training.table
        if why := self.missing(table):
            raise refuse(f"{self.card.id} cannot be fitted: {why}", "Choose another strategy.")
        able = [name for m, name in enumerate(training.models) if not np.isnan(training.signal(self.signal, m)).all()]
        chain = tuple(self.chain) or cheap_and_strong(training, self.card, able)
        if chain[0] not in able:
            raise refuse(f"{chain[0]} has no {self.signal} on the fit part.", "Choose another small model.")
        return replace(self, chain=chain).with_state().moved_on(training.signal(self.signal, table.index(chain[0])))

    def moved_on(self, margins: Floats) -> Self:
        """Return a copy whose window has slid over these (n,) margins, in the order in which they came; NaN are left out."""
        before = self.state.get("recent", np.empty(0, dtype=np.float32))
        known = margins[~np.isnan(margins)].astype(np.float32)
        return self.with_state(recent=np.concatenate([before, known])[-self.window :])

    def keep(self, view: View, small: int) -> tuple[Floats, float]:
        """Return the margins' ranks in the window, and the budget."""
        distinct, below = self._levels
        return ranked(view.signal(self.signal, small), distinct, below), self.budget

    def lacking(self, table: OutcomeTable) -> str:
        """Say which column is lacking, and what could stand in."""
        if self.signal in signals():
            return lacking(table, self.signal)
        return "" if known(table, self.signal) else _LACKING.format(name=self.signal)

    @cached_property
    def _levels(self) -> tuple[Floats, Doubles]:
        return levels(needs_fit(self, "recent")[-self.window :])
