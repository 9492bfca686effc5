"""The least a router has to beat: any model, drawn blindly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from strategies.blend import Blend
from strategies.protocol import Card, Doubles


@dataclass(frozen=True, eq=False)
class UniformRandom(Blend):
    """Any model with the same probability."""

    card = Card(
        id="uniform-random",
        title="Uniform random",
        family="baseline",
        source="arXiv 2403.12031 (baselines)",
        rule="P(answer = m) = 1 / M",
        idea="Throw a fair die for every query. A router below this point is doing harm.",
    )

    def weights(self, names: tuple[str, ...]) -> Doubles:
        """Return 1 / M for each."""
        return np.full(len(names), 1.0 / len(names))
