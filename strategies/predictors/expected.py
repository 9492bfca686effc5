"""Routers that learn every model's quality and cost from the embedding of the query: what they share.

A learner is two functions: `learned(x, y)` gives named arrays, `predicted(x)` reads them. `y` has a column of quality and
one of cost for each model, standardised, NaN where a model was not run: a hole is left out of the learning, never filled.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from data.outcomes import OutcomeTable
from data.problems import refuse
from strategies.lagrangian import LambdaRouter
from strategies.predictors.remembered import remembered
from strategies.protocol import Doubles, Floats, Strategy, Training, View, needs_fit

Arrays = dict[str, NDArray[Any]]


@dataclass(frozen=True, eq=False)
class Expecting(Strategy):
    """The base: `learned` and `predicted` are the subclass's, scales, limits and names are kept here."""

    def learned(self, x: Floats, y: Doubles) -> Arrays:
        """Return the fitted arrays; x (n, d) embeddings, y (n, 2M) standardised qualities, then costs, NaN = not run."""
        raise NotImplementedError

    def predicted(self, x: Floats) -> Doubles:
        """Return (n, 2M) standardised qualities, then costs, of (n, d) embeddings, row by row independent."""
        raise NotImplementedError

    def learn(self, training: Training) -> Self:
        """Keep the models' names, the scale and the range of every column, and what the learner learns."""
        return self.taught(training.models, training.feature("embedding"), known(training))

    def taught(self, names: Sequence[str], x: Floats, y: Doubles) -> Self:
        """Return a copy fitted on (n, d) embeddings and (n, 2M) qualities, then costs, NaN = unknown, of the named models."""
        mean, spread, low, high = scales(y)
        state = self.learned(x, (y - mean) / spread)
        return self.with_state(names=np.array(names), mean=mean, spread=spread, low=low, high=high, **state)

    def estimate(self, view: View) -> tuple[Doubles, Doubles]:
        """Return (n, M) expected quality and cost, each held within what is possible: [0, 1], and the costs seen on fit."""
        names, x = needs_fit(self, "names"), view.feature("embedding")
        quality, cost = np.split(self.expected(x), 2, axis=1)
        return by_name(quality, names, view), by_name(cost, names, view)

    def expected(self, x: Floats) -> Doubles:
        """Return (n, 2M) expected qualities, then costs, of (n, d) embeddings; kept, so that a slider does not ask again."""

        def make() -> Doubles:
            both = self.predicted(x) * self.state["spread"] + self.state["mean"]
            return np.asarray(np.clip(both, self.state["low"], self.state["high"]))

        if len(x) == 1:
            return make()
        # A knob that the learner reads is part of the name.
        return remembered(f"{self.card.id} {getattr(self, 'k', '')}", (x, *self.state.values()), make)

    def missing(self, table: OutcomeTable) -> str:
        """Say what is lacking: embeddings, prompts to make them from, prices."""
        return lacking(table)


@dataclass(frozen=True, eq=False)
class ExpectingRouter(Expecting, LambdaRouter):
    """The same, choosing by quality minus lambda times cost."""


def known(training: Training) -> Doubles:
    """Return (n, 2M) qualities, then costs, of the fit part; ProblemError where no cost is known."""
    if not training.table.has("cost_usd"):
        raise refuse("a router needs costs: none is known.", "Type prices, or relative prices, on the Data page.")
    models = range(len(training.models))
    columns = [*(training.quality(m) for m in models), *(training.cost_usd(m) for m in models)]
    return np.stack(columns, axis=1).astype(np.float64)


def scales(y: Doubles) -> tuple[Doubles, Doubles, Doubles, Doubles]:
    """Return (2M,) mean, spread, least and most of (n, 2M) qualities, then costs; all NaN for a column that is unknown everywhere."""
    count = y.shape[1] // 2
    there = ~np.isnan(y)
    many = np.maximum(there.sum(axis=0), 1)
    mean = np.where(there, y, 0.0).sum(axis=0) / many
    spread = np.sqrt(np.where(there, (y - mean) ** 2, 0.0).sum(axis=0) / many)
    spread = np.where(spread > 0, spread, 1.0)
    low, high = np.where(there, y, np.inf).min(axis=0), np.where(there, y, -np.inf).max(axis=0)
    low[:count], high[:count] = 0.0, 1.0
    return (*(np.where(there.any(axis=0), values, np.nan) for values in (mean, spread, low, high)),)  # type: ignore[return-value]


def by_name(values: Doubles, names: NDArray[Any], view: View) -> Doubles:
    """Return (n, M) columns in the view's order of models; a model that is new since the fit has none: NaN."""
    place = {str(name): at for at, name in enumerate(names)}
    wanted = [place.get(card.name, -1) for card in view.models]
    if wanted == list(range(len(names))):
        return values
    return np.concatenate([values, np.full((len(values), 1), np.nan)], axis=1)[:, wanted]


def lacking(table: OutcomeTable, *, costs: bool = True) -> str:
    """Return in words what a table lacks for a router on embeddings, or an empty string."""
    if "embedding" not in table.features:
        return "It needs embeddings of the prompts." if table.queries.prompts is not None else "It needs prompts: this data has none."
    return "" if table.has("cost_usd") or not costs else "It needs prices, or assumed relative prices."


def patterns(there: NDArray[np.bool_]) -> list[tuple[NDArray[np.bool_], NDArray[np.intp]]]:
    """Return (rows, columns) of the (n, k) cells that are there: columns known on the same rows are learnt together."""
    kinds, place = np.unique(there, axis=1, return_inverse=True)
    return [(kinds[:, k], np.flatnonzero(place == k)) for k in range(kinds.shape[1]) if kinds[:, k].any()]
