"""RouteLLM by similarity: past comparisons count the more, the more alike their queries are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from strategies.predictors.neighbours import normed
from strategies.predictors.pair import PairRouter, both_known
from strategies.predictors.remembered import remembered
from strategies.predictors.rowwise import products
from strategies.protocol import Card, Doubles, Floats, Training, View, needs_fit

GAMMA = 10.0


@dataclass(frozen=True, eq=False)
class RouteLlmSw(PairRouter):
    """Strong iff P(strong wins | x) >= alpha, P by Bradley-Terry on weighted battles (arXiv 2406.18665, similarity-weighted ranking).

    Battle i weighs 10 * 10^(cos_i / max cos); a tie counts half for each; P = 1 / (1 + 10^((E_w - E_s) / 400)). Between two
    models the maximum of the weighted Bradley-Terry likelihood has a closed form, P = W_s / (W_s + W_w) with W the weighted
    wins, so nothing is refitted per query. Where no battle is alike at all (max cos <= 0) all weigh the same: the released
    code divides by a negative number there, and then the least alike count most.
    """

    card = Card(
        id="routellm-sw",
        title="RouteLLM, similarity-weighted",
        family="router",
        source="arXiv 2406.18665 (similarity-weighted ranking: weights gamma^(1 + S), gamma = 10, Bradley-Terry)",
        rule="strong if W_s / (W_s + W_w) >= alpha, W = sum_i 10^(1 + cos_i / max cos) * (win, tie half)",
        idea="Look back at every query on which both models were compared and let the alike ones speak louder. "
        "The strong model is asked where it would probably win.",
        reported="Overhead 39.26 USD per million requests at 2.9 requests a second, the dearest of the four learners (arXiv 2406.18665, "
        "as quoted in a reading note).",
        limits="Weights span a factor of ten only, so distant queries always speak too and the useful range of alpha is narrow. "
        "Battles are made of recorded qualities of the two chosen models, not of votes over tiers of 64.",
        needs=frozenset({"embedding"}),
    )

    def taught(self, training: Training) -> dict[str, NDArray[Any]]:
        """Return the queries of the battles as unit vectors, and the strong model's wins, a tie being half a win."""
        x, quality = both_known(training, self.pair)
        return {"base": normed(x), "wins": (1.0 + np.sign(quality[:, 1] - quality[:, 0])) / 2.0}

    def score(self, view: View) -> Doubles:
        """Return (n,) P(strong wins)."""
        x, base, wins = view.feature("embedding"), needs_fit(self, "base"), self.state["wins"]
        return remembered("similarity-weighted", (x, base, wins), lambda: win_share(x, base, wins))


def win_share(x: Floats, base: Floats, wins: Doubles) -> Doubles:
    """Return (n,) W_s / (W_s + W_w) of (n, d) queries; base (b, d) unit vectors of battles, wins (b,) of the strong model."""
    share = np.empty(len(x))
    for at, cosine in products(x, base, unit=True):
        most = cosine.max(axis=1, keepdims=True)
        alike = np.where(most > 0, cosine / np.where(most > 0, most, 1.0), 0.0)
        weight = GAMMA ** (1.0 + alike)
        share[at] = (weight * wins).sum(axis=1) / weight.sum(axis=1)
    return share
