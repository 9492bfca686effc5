"""The base of cascades of two models: a cheap answer is kept where its score reaches a threshold, else a strong model is asked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from data.outcomes import OutcomeTable
from data.problems import refuse
from strategies.knobs import arms
from strategies.protocol import Card, Decision, Floats, Strategy, Training, View, unfitted

NEEDS_PAIR = "It needs two models; this data has one."


@dataclass(frozen=True, eq=False)
class PairCascade(Strategy):
    """Subclasses say how an answer scores (`keep`); the way through two models is here.

    Their `learn` fills in an empty chain by `cheap_and_strong`.
    """

    chain: tuple[str, ...] = arms((), least=2, most=2, help="The model that is always asked, then the one that is asked in doubt.")

    def keep(self, view: View, small: int) -> tuple[Floats, float]:
        """Return the (n,) scores of the small model's answers, and the threshold from which they are kept; NaN goes on."""
        raise NotImplementedError

    def decide(self, view: View) -> Decision:
        """Ask the small model; keep what scores enough, ask the strong one about the rest."""
        if not self.chain:
            raise unfitted(self)
        small, strong = view.arms(self.chain)
        if view.stage == 0:
            return Decision(stop=False, call=small)
        if view.stage > 1:
            return Decision(stop=True, answer=strong)
        score, threshold = self.keep(view, small)
        score = np.asarray(score, dtype=np.float32)
        return Decision(score >= np.float32(threshold), small, strong, score)

    def missing(self, table: OutcomeTable) -> str:
        """Say what is lacking: two models, and what the subclass's score is made of."""
        return NEEDS_PAIR if len(table.models) < 2 else self.lacking(table)

    def lacking(self, table: OutcomeTable) -> str:  # noqa: ARG002 - the default needs nothing more
        """Return in words what the score lacks in this data, or an empty string."""
        return ""


def cheap_and_strong(training: Training, card: Card, able: Iterable[str] | None = None) -> tuple[str, str]:
    """Return the cheapest model (of those `able` to score their answers, where given) and the best of the others.

    Raises ProblemError where there are no two such models.
    """
    fit = set(training.models if able is None else able)
    quality = training.table.mean("quality")
    small = next((name for name in training.cheap_to_dear if name in fit), None)
    rest = [name for name in training.cheap_to_dear if name != small and not np.isnan(quality[name])]
    if small is None or not rest:
        raise refuse(f"{card.id} needs two models: one whose answers can be scored, and one to ask in doubt.", "Choose another strategy.")
    return small, max(rest, key=lambda name: quality[name])
