"""The bases of strategies for two models: routers by a threshold before any call, cascades by one on the cheap model's answer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from data.outcomes import OutcomeTable
from data.problems import refuse
from strategies.knobs import arms, knob
from strategies.predictors.expected import lacking
from strategies.protocol import Card, Decision, Doubles, Floats, Strategy, Training, View, unfitted

WEAK, STRONG = 0, 1
NEEDS_PAIR = "It needs two models; this data has one."


@dataclass(frozen=True, eq=False)
class PairRouter(Strategy):
    """Subclasses give a score, and say who is called where it reaches the threshold; the strong model unless they say otherwise.

    Order: `learn` resolves the pair and calls `taught` once; `decide` asks `score`. Without a score (NaN) the strong model is asked, at
    any threshold: nothing speaks for the weak one.
    """

    reached: ClassVar[int] = STRONG
    threshold: float = knob(
        0.5, low=0, high=1.01, unit="chance", title="threshold (alpha)", cuts=0,
        help="The strong model answers where it wins with at least this chance; above 1 it never does.",
        higher="sends more to the weak model: cheaper, usually worse",
    )  # fmt: skip
    pair: tuple[str, ...] = arms((), least=2, most=2, help="The weak model, then the strong one.", title="weak, strong")

    def taught(self, training: Training) -> dict[str, NDArray[Any]]:
        """Return the fitted arrays; the pair is resolved."""
        raise NotImplementedError

    def score(self, view: View) -> Doubles:
        """Return (n,) what the threshold is compared with, in [0, 1], NaN = not known, row by row independent."""
        raise NotImplementedError

    def ready(self) -> bool:
        """Whether `decide` has all it needs: the pair, and what was taught."""
        return bool(self.pair and self.state)

    def learn(self, training: Training) -> Self:
        """Resolve an open pair, the cheapest model and the best of the others, and fit."""
        chosen = replace(self, pair=self.pair or cheap_and_strong(training, self.card))
        return chosen.with_state(**chosen.taught(training))

    def decide(self, view: View) -> Decision:
        """Call one of the two by the score, and return its answer."""
        if view.stage:
            return Decision(stop=True, answer=view.last)
        if not self.ready():
            raise unfitted(self)
        both = view.arms(self.pair)
        score = self.score(view).astype(np.float32)
        call = np.where(score >= np.float32(self.threshold), both[self.reached], both[1 - self.reached])
        call = np.where(np.isnan(score), both[STRONG], call)
        return Decision(stop=False, call=call.astype(np.int32), score=score)

    def missing(self, table: OutcomeTable) -> str:
        """Say what is lacking: two models, embeddings, prompts to make them from."""
        return NEEDS_PAIR if len(table.models) < 2 else lacking(table, costs=False)


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


def both_known(training: Training, pair: tuple[str, ...]) -> tuple[Floats, Doubles]:
    """Return (k, d) embeddings and (k, 2) qualities of the fit queries that both models answered; ProblemError if there is none."""
    quality = np.stack([training.quality(name) for name in map(training.table.index, pair)], axis=1).astype(np.float64)
    rows = ~np.isnan(quality).any(axis=1)
    if not rows.any():
        raise refuse(f"no query was answered by both {pair[0]} and {pair[1]}.", "Choose another pair.")
    return training.feature("embedding")[rows], quality[rows]


def cheap_and_strong(training: Training, card: Card, able: Iterable[str] | None = None) -> tuple[str, str]:
    """Return the cheapest model (of those `able` to score their answers, where given) and the best of the others.

    Raises ProblemError where there are no two such models.
    """
    if len(training.models) < 2:
        raise refuse(f"{card.id} needs two models; this data has one.", "Add a model's results.")
    fit = set(training.models if able is None else able)
    quality = training.table.mean("quality")
    small = next((name for name in training.cheap_to_dear if name in fit), None)
    rest = [name for name in training.cheap_to_dear if name != small and not np.isnan(quality[name])]
    if small is None or not rest:
        raise refuse(f"{card.id} needs two models: one whose answers can be scored, and one to ask in doubt.", "Choose another strategy.")
    return small, max(rest, key=lambda name: quality[name])
