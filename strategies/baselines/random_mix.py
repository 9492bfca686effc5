"""Two models mixed at random: what spending more buys without looking at the query."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from data.problems import refuse
from strategies.blend import Blend, absent
from strategies.knobs import arms, knob
from strategies.protocol import Card, Doubles, Training


@dataclass(frozen=True, eq=False)
class RandomMix(Blend):
    """The strong model with probability `share`, else the weak one: a straight line in the plane."""

    card = Card(
        id="random-mix",
        title="Random mix of two",
        family="baseline",
        source="arXiv 2406.18665 (random router)",
        rule="P(answer = strong) = share",
        idea="Send a share of the queries to the strong model without looking at them. The line that a router must lift itself above.",
    )
    pair: tuple[str, ...] = arms((), least=2, most=2, help="The weak and the strong model.", title="weak and strong")
    share: float = knob(
        0.5, low=0, high=1, unit="share to the strong model", title="share", help="Share of queries sent to the strong model.",
        higher="sends more to the strong model: dearer, usually better",
    )  # fmt: skip

    def learn(self, training: Training) -> Self:
        """Resolve an empty pair to cheapest and priciest."""
        order = training.cheap_to_dear
        return self if self.pair else replace(self, pair=(order[0], order[-1]))

    def weights(self, names: tuple[str, ...]) -> Doubles:
        """Return 1 - share for the weak, share for the strong model."""
        weights = np.zeros(len(names))
        if len(self.pair) != 2:
            raise refuse("random-mix needs exactly two models.", "Fit it, or give pair=(weak, strong).", column="pair")
        for name, weight in zip(self.pair, (1.0 - self.share, self.share), strict=True):
            if name not in names:
                raise absent(name, names)
            weights[names.index(name)] += weight
        return weights
