"""Every query to one model: the dots that every strategy is compared with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Self

from strategies.knobs import arms
from strategies.protocol import Card, Decision, Strategy, Training, View, unfitted


@dataclass(frozen=True, eq=False)
class AlwaysOne(Strategy):
    """Every query to the chosen model."""

    card = Card(
        id="single",
        title="One model for all",
        family="baseline",
        source="arXiv 2403.12031 (baselines)",
        rule="answer = m",
        idea="Send every query to the same model. What every router has to beat.",
    )
    model: str = arms("", least=1, most=1, help="The model that answers everything.", title="model")

    def learn(self, training: Training) -> Self:
        """Resolve an empty choice to the best single model of the fit part."""
        return self if self.model else replace(self, model=best_single(training))

    def decide(self, view: View) -> Decision:
        """Call it, return its answer."""
        if not self.model:
            raise unfitted(self)
        (m,) = view.arms([self.model])
        return Decision(stop=view.stage > 0, answer=m, call=m)


@dataclass(frozen=True, eq=False)
class Cheapest(AlwaysOne):
    """Every query to the model with the least mean cost on the fit part."""

    card = replace(AlwaysOne.card, id="cheapest", title="Cheapest model", idea="The floor of the bill: everything to the cheapest model.")

    def learn(self, training: Training) -> Self:
        """Take the cheapest of the fit part."""
        return replace(self, model=training.cheap_to_dear[0])


@dataclass(frozen=True, eq=False)
class Priciest(AlwaysOne):
    """Every query to the model with the highest mean cost on the fit part."""

    card = replace(AlwaysOne.card, id="priciest", title="Priciest model", idea="What many do today: everything to the dearest model.")

    def learn(self, training: Training) -> Self:
        """Take the priciest of the fit part."""
        return replace(self, model=training.cheap_to_dear[-1])


@dataclass(frozen=True, eq=False)
class BestSingle(AlwaysOne):
    """Every query to the model with the best mean quality on the fit part."""

    card = replace(
        AlwaysOne.card,
        id="best-single",
        title="Best single model",
        idea="The one model you would keep if you could keep only one, picked on the fit part.",
    )

    def learn(self, training: Training) -> Self:
        """Take the best of the fit part, whatever was chosen."""
        return replace(self, model=best_single(training))


def best_single(training: Training) -> str:
    """Return the model with the best mean quality; the cheaper one among equals."""
    quality = training.table.mean("quality")
    order = training.cheap_to_dear
    # Unknown means lose every comparison; ties go to the cheaper model.
    score: Callable[[str], float] = lambda m: quality[m] if quality[m] == quality[m] else -1.0  # noqa: E731
    return max(order, key=lambda m: (score(m), -order.index(m)))
