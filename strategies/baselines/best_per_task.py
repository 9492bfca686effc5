"""The best model of each category: what knowing the kind of a query is worth, and nothing else of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from data.outcomes import OutcomeTable
from data.problems import refuse
from strategies.lagrangian import best
from strategies.predictors.tasks import LABEL, means_by_task
from strategies.protocol import Card, Decision, Strategy, Training, View, needs_fit


@dataclass(frozen=True, eq=False)
class BestPerTask(Strategy):
    """Every query to the model with the best mean on its labelled task in the fit part; the cheaper one among equals.

    RouterBench's "dataset oracle" (arXiv 2403.12031) picks the best by the tested queries themselves; here the fit part picks. A task
    that the fit part does not have goes to the best model over all.
    """

    card = Card(
        id="best-per-task",
        title="Best model per task",
        family="baseline",
        source="arXiv 2403.12031 (the best model of each data set)",
        rule="answer = argmax_m mean of q_m over the fit queries of the same task",
        idea="Look up which model was best on this kind of question. A router that stays below has learnt less than the label says.",
        limits=(
            "It is told the label, which seldom comes with a question, and cost has no say but between equals. The task router guesses the "
            "label from the words instead, and weighs cost."
        ),
        needs=frozenset({"tasks"}),
    )

    def learn(self, training: Training) -> Self:
        """Keep the best model of each task, and the best of all for a task that is new."""
        queries, models = training.table.queries, range(len(training.models))
        if queries.tasks is None:
            raise refuse("the best model per task needs tasks.", "Map a task column on the Data page.")
        codes, place = np.unique(queries.tasks, return_inverse=True)
        alone = np.zeros_like(place)
        quality, cost = [training.quality(m) for m in models], [training.cost_usd(m) for m in models]
        chosen = best(means_by_task(quality, place, len(codes)), means_by_task(cost, place, len(codes)))
        (fallback,) = best(means_by_task(quality, alone, 1), means_by_task(cost, alone, 1))
        names = np.array(training.models)
        tasks = np.array([queries.task_names[code] for code in codes], dtype=np.str_)
        return self.with_state(tasks=tasks, models=names[chosen], fallback=names[fallback])

    def decide(self, view: View) -> Decision:
        """Call the model of the query's task, and return its answer."""
        if view.stage:
            return Decision(stop=True, answer=view.last)
        (first,) = view.arms([str(needs_fit(self, "fallback"))])
        chosen = np.full(len(view), first, dtype=np.int32)
        for task, model in zip(self.state["tasks"], view.arms([str(name) for name in self.state["models"]]), strict=True):
            chosen[view.feature(f"{LABEL}{task}")[:, 0] > 0] = model
        return Decision(stop=False, call=chosen)

    def missing(self, table: OutcomeTable) -> str:
        """Say that tasks are lacking."""
        labelled = table.queries.tasks is not None and len(table.queries.task_names) > 1
        return "" if labelled else "It needs a column with the task of each query, with at least two tasks."
