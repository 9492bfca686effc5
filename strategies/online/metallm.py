"""MetaLLM: a bandit that looks at the query (LinUCB), rewarded for right answers less their price."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.outcomes import OutcomeTable
from strategies.knobs import choice, knob
from strategies.predictors.bandit import Bandit
from strategies.predictors.components import LACKING, OPTIONS, describable, learn_components, projected, width
from strategies.protocol import Card, Doubles, Training, View, needs_fit


@dataclass(frozen=True, eq=False)
class MetaLLM(Bandit):
    """Take argmax_m theta_m . x + alpha * sqrt(x A_m^-1 x), theta_m = A_m^-1 b_m (LinUCB, arXiv 1003.0146; MetaLLM, arXiv 2407.10834).

    A_m = ridge * I + sum x x', b_m = sum r x over the queries that m answered; r = quality - p * price / greatest price. The two parts
    of b are kept apart, so that p can be turned on a fitted policy. Without discount A^-1 is carried along by Sherman-Morrison. With
    one, A <- gamma A + (1 - gamma) ridge I + x x': the released code lets the ridge fade with the rest, and the bonus of a
    direction not seen for long then grows without bound; here the ridge stays.
    """

    card = Card(
        id="metallm",
        title="MetaLLM (LinUCB)",
        family="online",
        source="arXiv 2407.10834 (contextual bandit over models); LinUCB: arXiv 1003.0146, algorithm 1",
        rule="argmax_m theta_m . x + alpha * sqrt(x' A_m^-1 x), r = 1[right] - p * price_m / price_max",
        idea="Each model has a line that foretells its reward from the query, and a sense of how well the line is known there. The "
        "highest hopeful guess is asked, and only its line learns from what came of it.",
        reported="About +0.5 to +1.3 points over the best single model with up to 60 % lower spend at one provider and about 10 % at "
        "another (arXiv 2407.10834, by a reading note).",
        limits="A line sees only what is linear in the query's components, and every model costs tries in every direction. The paper's "
        "embedding comes as it is; ours is reduced to its principal components and a constant. With a discount the released code "
        "fades the ridge as well; ours stays.",
        needs=frozenset({"embedding"}),
    )
    alpha: float = knob(
        1.0, low=0, high=3, unit="bonus", title="hope (alpha)",
        help="How much is hoped where a model's line is little known; 0 takes the best guess.", higher="tries the others longer",
    )  # fmt: skip
    gamma: float = knob(
        1.0, low=0.9, high=1, unit="weight kept an answer", title="discount (gamma)",
        help="What an older answer of the same model counts beside the newest; 1 forgets nothing.", higher="remembers longer",
    )  # fmt: skip
    ridge: str = choice(
        "1", options=("0.1", "1", "12.94", "100"), title="ridge",
        help="How strongly a line is held to zero before anything is known; the paper's script uses 12.94, its class 1.",
    )  # fmt: skip
    dimensions: str = choice(
        "32", options=OPTIONS, title="components", help="How many principal components of the embedding are looked at, at most."
    )

    def begun(self, training: Training) -> dict[str, NDArray[Any]]:
        """Return the components, and lines about which nothing is known."""
        state = learn_components(training, int(self.dimensions))
        count, d, ridge = len(training.models), width(state), float(self.ridge)
        eye = np.tile(np.eye(d), (count, 1, 1))
        return state | {"a": eye * ridge, "inverse": eye / ridge, "right": np.zeros((count, d)), "paid": np.zeros((count, d))}

    def warmed(self, training: Training) -> None:
        """Learn every model's line from its known answers, all at once."""
        x = projected(self.state, training)
        for arm in range(len(training.models)):
            quality = training.quality(arm).astype(np.float64)
            seen = x[~np.isnan(quality)]
            self.state["a"][arm] += seen.T @ seen
            self.state["right"][arm] += quality[~np.isnan(quality)] @ seen
            self.state["paid"][arm] += self.state["price"][arm] * seen.sum(axis=0)
        self.state["inverse"][:] = np.linalg.inv(self.state["a"])

    def update(self, arm: int, quality: float, view: View) -> None:
        """Move one model's line by one answer."""
        x, gamma = projected(self.state, view)[0], self.gamma
        a, inverse = self.state["a"][arm], self.state["inverse"][arm]
        if gamma < 1:
            a *= gamma
            a[np.diag_indices_from(a)] += (1 - gamma) * float(self.ridge)
            a += np.outer(x, x)
            inverse[:] = np.linalg.inv(a)
        else:
            a += np.outer(x, x)
            ahead = inverse @ x
            inverse -= np.outer(ahead, ahead / (1 + x @ ahead))
        for name, reward in (("right", quality), ("paid", self.state["price"][arm])):
            self.state[name][arm] = gamma * self.state[name][arm] + reward * x

    def value(self, view: View) -> Doubles:
        """Return (n, M) hopeful guesses of the reward."""
        inverse = needs_fit(self, "inverse")
        x = projected(self.state, view)
        theta = np.matmul(inverse, (self.state["right"] - self.weight * self.state["paid"])[:, :, None])[:, :, 0]
        spread = (np.matmul(inverse, x.T) * x.T).sum(axis=1).T
        return np.asarray(x @ theta.T + self.alpha * np.sqrt(np.maximum(spread, 0.0)))

    def missing(self, table: OutcomeTable) -> str:
        """Say what is lacking: something that is known of the queries, and prices."""
        return super().missing(table) or ("" if describable(table) else LACKING)
