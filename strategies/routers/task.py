"""The task router: tell the task from the prompt, then send it where that task is answered well."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from data.outcomes import OutcomeTable
from data.problems import refuse
from strategies.lagrangian import LambdaRouter
from strategies.predictors.rowwise import product
from strategies.predictors.tasks import means_by_task
from strategies.protocol import Card, Doubles, Training, View, needs_fit


@dataclass(frozen=True, eq=False)
class TaskRouter(LambdaRouter):
    """Expected quality and cost = means by task, weighted with how probable each task is for the prompt.

    The task's label is seen on the fit part only: a query's own is guessed from its words, as it would have to be when it comes in.
    """

    card = Card(
        id="task-router",
        title="Task router",
        family="router",
        source="the best model per dataset (arXiv 2403.12031), the dataset guessed by multinomial logistic regression",
        rule="argmax_m sum_t P(t | prompt) * (mean quality of m on t - lambda * mean cost of m on t)",
        idea="Guess what kind of question it is, and send it to the model that is worth its price on that kind.",
        limits="Within a kind of question all queries go the same way, hard ones and easy ones.",
        needs=frozenset({"prompts", "tasks"}),
    )

    def learn(self, training: Training) -> Self:
        """Fit the classifier of tasks and each model's means by task; a task that a model never ran keeps its overall mean."""
        codes = training.table.queries.tasks
        if codes is None or not training.table.has("cost_usd"):
            raise refuse("the task router needs tasks and costs.", "Map a task column, and type prices, on the Data page.")
        kinds, place = np.unique(codes, return_inverse=True)
        models = range(len(training.models))
        quality = means_by_task([training.quality(m) for m in models], place, len(kinds))
        cost = means_by_task([training.cost_usd(m) for m in models], place, len(kinds))
        return self.with_state(quality=quality, cost=cost, **_classifier(training.feature("text"), place, len(kinds)))

    def estimate(self, view: View) -> tuple[Doubles, Doubles]:
        """Return (n, M) means over the tasks, weighted by their probability."""
        weight = needs_fit(self, "weight")
        scores = product(view.feature("text"), weight) + self.state["bias"]
        scores = np.exp(scores - scores.max(axis=1, keepdims=True))
        share = scores / scores.sum(axis=1, keepdims=True)
        return share @ self.state["quality"], share @ self.state["cost"]

    def missing(self, table: OutcomeTable) -> str:
        """Say what is lacking."""
        if table.queries.prompts is None:
            return "It needs prompts: this data has none."
        if table.queries.tasks is None or len(table.queries.task_names) < 2:
            return "It needs a column with the task of each query, with at least two tasks."
        return "" if table.has("cost_usd") else "It needs prices, or assumed relative prices."


def _classifier(features: NDArray[np.float32], place: NDArray[np.intp], kinds: int) -> dict[str, Any]:
    """Return weight (T, d) and bias (T,) of the logistic regression; zeros where there is one task only."""
    from sklearn.linear_model import LogisticRegression

    if kinds == 1:
        return {"weight": np.zeros((1, features.shape[1])), "bias": np.zeros(1)}
    with np.errstate(invalid="ignore"):  # some BLAS kernels raise the flag on lanes that hold no number of ours
        fitted = LogisticRegression(C=30.0, max_iter=300).fit(features, place)
    if kinds == 2:  # sklearn keeps one row for two classes: the log-odds of the second
        return {"weight": np.vstack([np.zeros_like(fitted.coef_), fitted.coef_]), "bias": np.array([0.0, fitted.intercept_[0]])}
    return {"weight": fitted.coef_.astype(np.float64), "bias": fitted.intercept_.astype(np.float64)}
