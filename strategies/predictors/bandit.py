"""The base of bandits: one model is asked a query, and how right it was, less what it costs, is all that is learnt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from data.outcomes import OutcomeTable
from data.problems import refuse
from strategies.incremental import Incremental
from strategies.knobs import choice, knob
from strategies.lagrangian import best
from strategies.predictors.expected import by_name
from strategies.protocol import Decision, Doubles, Feedback, Strategy, Training, View, needs_fit

COLD, WARM = "cold", "warm"


@dataclass(frozen=True, eq=False)
class Bandit(Incremental):
    """Subclasses value every model (`value`) and learn from one answer (`update`); prices, the choice and the start are here.

    Reward (arXiv 2407.10834): r = quality - p * price / greatest price, a model's price being its mean cost on the fit part.
    """

    weight: float = knob(
        0.0, low=0, high=100, scale="log", unit="share of a right answer", title="price weight (p)",
        help="What a call of the dearest model costs, measured in right answers; the others cost as much less as they are cheaper.",
        higher="sends more to cheap models: cheaper, usually worse",
    )  # fmt: skip
    start: str = choice(
        WARM, options=(WARM, COLD), title="start",
        help="warm: what the fit part tells of every model is known before the first query; cold: nothing is known.",
    )  # fmt: skip

    def begun(self, training: Training) -> dict[str, NDArray[Any]]:
        """Return the arrays of a learner that has seen nothing."""
        raise NotImplementedError

    def update(self, arm: int, quality: float, view: View) -> None:
        """Learn in place that this arm, by its place in the state, answered a view of one so well."""
        raise NotImplementedError

    def warmed(self, training: Training) -> None:
        """Learn in place from every known answer of the fit part, all models on all queries."""
        raise NotImplementedError

    def value(self, view: View) -> Doubles:
        """Return (n, M) what the models of the state are worth, price taken off."""
        raise NotImplementedError

    def learn(self, training: Training) -> Self:
        """Keep names and prices; start with what the fit part tells, or with nothing."""
        cost = np.array([training.table.mean("cost_usd")[name] for name in training.models])
        if np.isnan(cost).all():
            raise refuse("a bandit needs costs: none is known.", "Type prices, or relative prices, on the Data page.")
        price = cost / (np.nanmax(cost) or 1.0)
        fresh = self.with_state(names=np.array(training.models), price=price, **self.begun(training))
        if self.start == WARM:
            fresh = fresh.opened()
            fresh.warmed(training)
        return fresh

    def decide(self, view: View) -> Decision:
        """Call the model that is worth most, the cheapest of equals, and return its answer."""
        if view.stage:
            return Decision(stop=True, answer=view.last)
        names = needs_fit(self, "names")
        value = by_name(self.value(view), names, view)
        chosen = best(value, by_name(np.tile(self.state["price"], (len(view), 1)), names, view))
        return Decision(stop=False, call=chosen, score=value[np.arange(len(chosen)), chosen].astype(np.float32))

    def absorb(self, feedback: Feedback) -> None:
        """Learn from the models that were called and judged."""
        place = places(self, feedback.view)
        for model in np.flatnonzero(feedback.called & ~np.isnan(feedback.quality)):
            if place[model] >= 0:
                self.update(place[model], float(feedback.quality[model]), feedback.view)

    def missing(self, table: OutcomeTable) -> str:
        """Say what is lacking: prices."""
        return "" if table.has("cost_usd") else "It needs prices, or assumed relative prices."


@dataclass(frozen=True, eq=False)
class Tallied(Bandit):
    """A bandit without context: all that it keeps of a model is how often it was judged and the sum of its qualities."""

    def begun(self, training: Training) -> dict[str, NDArray[Any]]:
        """Return empty tallies."""
        return {"count": np.zeros(len(training.models)), "total": np.zeros(len(training.models))}

    def update(self, arm: int, quality: float, view: View) -> None:  # noqa: ARG002 - whatever the query was
        """Add one answer."""
        self.state["count"][arm] += 1
        self.state["total"][arm] += quality

    def warmed(self, training: Training) -> None:
        """Add the fit part's answers."""
        for arm in range(len(training.models)):
            quality = training.quality(arm).astype(np.float64)
            self.state["count"][arm] += (~np.isnan(quality)).sum()
            self.state["total"][arm] += np.nansum(quality)

    def mean(self) -> Doubles:
        """Return (M,) mean quality of each model; of one never judged 1, so that each is tried once."""
        count = needs_fit(self, "count")
        return np.asarray(np.divide(self.state["total"], count, out=np.ones(len(count)), where=count > 0))

    def value(self, view: View) -> Doubles:
        """Return (n, M) what the queries' models are worth: `hoped` less the price."""
        return np.asarray(self.hoped(view) - self.weight * needs_fit(self, "price"))

    def hoped(self, view: View) -> Doubles:
        """Return (n, M) or (M,) the quality that the method reckons with."""
        raise NotImplementedError


def places(policy: Strategy, view: View) -> list[int]:
    """Return for each of the view's models its place among the names of a state, -1 = new since the fit."""
    place = {name: at for at, name in enumerate(needs_fit(policy, "names").tolist())}
    return [place.get(card.name, -1) for card in view.models]
