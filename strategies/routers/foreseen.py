"""The router on foreseen quality: whoever made the table also says how good each model will be on each query."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from data.outcomes import OutcomeTable
from data.problems import refuse
from strategies.lagrangian import LambdaRouter
from strategies.protocol import Card, Doubles, Training, View, needs_fit

FEATURE = "predicted_quality:"  # and the model's name: one feature of shape (n, 1) a model, so that choosing models keeps them apart


@dataclass(frozen=True, eq=False)
class ForeseenRouter(LambdaRouter):
    """Expected quality is read from the table, expected cost is each model's mean on the fit part."""

    card = Card(
        id="foreseen-router",
        title="Router on given predictions",
        family="router",
        source="arXiv 2410.10347, section 2 (routing on given quality estimates)",
        rule="argmax_m predicted_quality_m[i] - lambda * mean cost of m",
        idea="Take a forecast of each model's quality as it comes with the data. It shows what routing is worth at a given foresight.",
        limits="The forecasts are the data's: in a simulated set they are as good as its slider says.",
        needs=frozenset({"predicted_quality"}),
    )

    def learn(self, training: Training) -> Self:
        """Keep the models' names and mean costs."""
        cost = np.array([training.table.mean("cost_usd")[name] for name in training.models])
        if np.isnan(cost).all():
            raise refuse("a router needs costs: none is known.", "Type prices, or relative prices, on the Data page.")
        return self.with_state(names=np.array(training.models), cost=cost)

    def estimate(self, view: View) -> tuple[Doubles, Doubles]:
        """Return (n, M) the table's predictions and the fit part's mean costs; a model new since the fit can't be chosen."""
        cost = dict(zip((str(name) for name in needs_fit(self, "names")), self.state["cost"].tolist(), strict=True))
        predicted = [view.feature(FEATURE + card.name)[:, 0].astype(np.float64) for card in view.models]
        known = np.array([cost.get(card.name, np.nan) for card in view.models])
        return np.stack(predicted, axis=1), np.broadcast_to(known, (len(view), len(known)))

    def missing(self, table: OutcomeTable) -> str:
        """Say what is lacking."""
        if not all(FEATURE + name in table.features for name in table.models):
            return "It needs predicted qualities that come with the data, as simulated worlds have them."
        return "" if table.has("cost_usd") else "It needs prices, or assumed relative prices."
