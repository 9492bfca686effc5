"""Routers between a weak and a strong model by a threshold before any call: what they share."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from data.outcomes import OutcomeTable
from data.problems import refuse
from strategies.knobs import arms
from strategies.predictors.expected import lacking
from strategies.protocol import Decision, Doubles, Floats, Strategy, Training, View, unfitted

WEAK, STRONG = 0, 1


@dataclass(frozen=True, eq=False)
class PairRouter(Strategy):
    """The base. A subclass declares `threshold` (cuts=0), says who is called where the score reaches it, and gives the score.

    Order: `learn` resolves the pair and calls `taught` once; `decide` asks `score`.
    """

    reached: ClassVar[int] = STRONG
    threshold: float = 0.5
    pair: tuple[str, ...] = arms((), least=2, most=2, help="The weak model, then the strong one.", title="weak, strong")

    def taught(self, training: Training) -> dict[str, NDArray[Any]]:
        """Return the fitted arrays; the pair is resolved."""
        raise NotImplementedError

    def score(self, view: View) -> Doubles:
        """Return (n,) what the threshold is compared with, in [0, 1], row by row independent."""
        raise NotImplementedError

    def learn(self, training: Training) -> Self:
        """Resolve an open pair, the cheapest model and the best of the others, and fit."""
        if not self.pair and len(training.models) < 2:
            raise refuse(f"{self.card.id} routes between two models; this data has one.", "Add a model's results.")
        chosen = replace(self, pair=self.pair or _ends(training))
        return chosen.with_state(**chosen.taught(training))

    def decide(self, view: View) -> Decision:
        """Call one of the two by the score, and return its answer."""
        if view.stage:
            return Decision(stop=True, answer=view.last)
        if not self.pair or not self.state:
            raise unfitted(self)
        both = view.arms(self.pair)
        score = self.score(view).astype(np.float32)
        call = np.where(score >= np.float32(self.threshold), both[self.reached], both[1 - self.reached])
        return Decision(stop=False, call=call.astype(np.int32), score=score)

    def missing(self, table: OutcomeTable) -> str:
        """Say what is lacking: two models, embeddings, prompts to make them from."""
        return "It needs two models; this data has one." if len(table.models) < 2 else lacking(table, costs=False)


def both_known(training: Training, pair: tuple[str, ...]) -> tuple[Floats, Doubles]:
    """Return (k, d) embeddings and (k, 2) qualities of the fit queries that both models answered; ProblemError if there is none."""
    quality = np.stack([training.quality(name) for name in map(training.table.index, pair)], axis=1).astype(np.float64)
    rows = ~np.isnan(quality).any(axis=1)
    if not rows.any():
        raise refuse(f"no query was answered by both {pair[0]} and {pair[1]}.", "Choose another pair.")
    return training.feature("embedding")[rows], quality[rows]


def _ends(training: Training) -> tuple[str, str]:
    order, quality = training.cheap_to_dear, training.table.mean("quality")
    return order[0], max(order[1:], key=lambda m: -1.0 if np.isnan(quality[m]) else quality[m])
