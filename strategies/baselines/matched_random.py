"""The cost-matched control: another policy's shares, dealt at random."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from strategies.blend import Blend, absent
from strategies.protocol import Card, Doubles, Training, needs_fit


@dataclass(frozen=True, eq=False)
class MatchedRandom(Blend):
    """The cost-matched control: the model shares of another policy, dealt to the queries at random."""

    card = Card(
        id="matched-random",
        title="Same shares, at random",
        family="baseline",
        source="own: a permutation control, in closed form",
        rule="P(answer = m) = share of m in the policy",
        idea="Keep a policy's model shares but shuffle who gets them. What is left above this point is the policy's own insight.",
    )

    @classmethod
    def of(cls, shares: dict[str, float], seed: int = 0) -> MatchedRandom:
        """Return the control of a policy that answers with these shares (model -> share, summing to one)."""
        total = sum(shares.values())
        names = np.array(list(shares))
        return cls(seed=seed, state={"names": names, "shares": np.array([shares[str(n)] / total for n in names])})

    def learn(self, training: Training) -> Self:
        """Without another policy's shares: all models alike."""
        if self.state:
            return self
        count = len(training.models)
        return self.with_state(names=np.array(training.models), shares=np.full(count, 1.0 / count))

    def weights(self, names: tuple[str, ...]) -> Doubles:
        """Return the kept shares in this order."""
        known = {str(n): float(s) for n, s in zip(needs_fit(self, "names"), self.state["shares"], strict=True)}
        for name, share in known.items():
            if share > 0 and name not in names:
                raise absent(name, names)
        return np.array([known.get(name, 0.0) for name in names])
