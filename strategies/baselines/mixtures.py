"""Random mixtures: what spending more buys without looking at the query."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from data.problems import ProblemError, refuse
from strategies.blend import Blend
from strategies.frontiers.hull import hull
from strategies.knobs import arms, knob
from strategies.protocol import Card, Doubles, Training, needs_fit


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
                raise _absent(name, names)
            weights[names.index(name)] += weight
        return weights


@dataclass(frozen=True, eq=False)
class ZeroRouter(Blend):
    """Best query-blind mixing: along the hull of the single models of the fit part."""

    card = Card(
        id="zero-router",
        title="Zero router",
        family="baseline",
        source="arXiv 2403.12031 (Zero router, non-decreasing convex hull)",
        rule="mix the two hull models around the budget",
        idea="Mix the best-value single models at random to hit any budget. A router that stays below has learnt nothing.",
    )
    budget: float = knob(
        0.5, low=0, high=1, unit="share of the cost range", title="budget",
        help="Where between the cheapest and the dearest model to spend.",
        higher="spends more: dearer, never worse on the fit part",
    )  # fmt: skip

    def learn(self, training: Training) -> Self:
        """Keep the hull of the single models' fit means: their positions among `names`."""
        table = training.table
        cost = np.array([table.mean("cost_usd")[m] for m in table.models])
        quality = np.array([table.mean("quality")[m] for m in table.models])
        vertices = hull(cost, quality)
        if not len(vertices):
            raise refuse("the zero router needs costs: none is known.", "Type prices, or relative prices, on the Data page.")
        return self.with_state(names=np.array([table.models[int(v)] for v in vertices]), cost=cost[vertices])

    def weights(self, names: tuple[str, ...]) -> Doubles:
        """Return the two mixing weights of the hull models around the budget."""
        vertices = [str(name) for name in needs_fit(self, "names")]
        for name in vertices:
            if name not in names:
                raise _absent(name, names)
        cost = self.state["cost"]
        weights = np.zeros(len(names))
        target = cost[0] + self.budget * (cost[-1] - cost[0])
        high = int(np.clip(np.searchsorted(cost, target), 1, max(len(cost) - 1, 1)))
        if len(cost) == 1:
            weights[names.index(vertices[0])] = 1.0
            return weights
        part = min((target - cost[high - 1]) / (cost[high] - cost[high - 1]), 1.0)
        weights[names.index(vertices[high - 1])] = 1.0 - part
        weights[names.index(vertices[high])] += part
        return weights


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
                raise _absent(name, names)
        return np.array([known.get(name, 0.0) for name in names])


def _absent(name: str, names: tuple[str, ...]) -> ProblemError:
    return refuse(f"there is no model {name!r} in this data.", f"Models: {', '.join(names)}.")
