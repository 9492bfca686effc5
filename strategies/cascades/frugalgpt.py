"""FrugalGPT's cascade: a learned scorer reads question and answer; chain and thresholds are searched together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np

from data.outcomes import OutcomeTable
from data.problems import LeakError
from strategies.frontiers.curve import frontier
from strategies.frontiers.tune import Goal, pick
from strategies.knobs import arms, knob, turned, turns
from strategies.predictors.calibrated import learn_predictor, predict, predictable
from strategies.predictors.chains import Wish, along, search, thinned
from strategies.predictors.pair import NEEDS_PAIR
from strategies.predictors.parts import halves, some
from strategies.protocol import Card, Decision, Floats, Strategy, Training, View, needs_fit, unfitted

_MOST_ROWS = 6000  # enough for a linear scorer; more of them only take longer
_MOST_MODELS = 24
_DEPTH = 3


@dataclass(frozen=True, eq=False)
class FrugalCascade(Strategy):
    """Keep the j-th model's answer y to x if the scorer g(x, y) reaches the j-th threshold; the last model's answer always.

    arXiv 2305.05176, section 3: max over lists L and thresholds tau of E[quality] s.t. E[cost] <= b. The scorer is one logistic
    regression a model, on features of the query and of the answer, where the paper fine-tunes DistilBERT; the search is exhaustive
    on a grid of each model's score quantiles, then every threshold is set exactly. `fit` searches for the best single model's
    quality at the least cost, on scores of scorers that did not see the query; `calibrate` searches again for its goal.
    """

    card = Card(
        id="frugalgpt",
        title="FrugalGPT cascade",
        family="cascade",
        source="arXiv 2305.05176, section 3 (LLM cascade: list and thresholds under a budget)",
        rule="keep the answer of L_j if g(x, y_j) >= tau_j; (L, tau) = argmax quality s.t. cost <= budget, |L| <= 3",
        idea=(
            "A small learned judge reads the question and an answer and says how probably it is right. Up to three models are asked in "
            "turn until the judge is content. Which three, in which order, and how content it has to be is searched on past questions."
        ),
        reported=(
            "Cost saved at the accuracy of the best single model: 98.3 % (HEADLINES), 73.3 % (OVERRULING), 59.2 % (COQA); or about 4 "
            "points above GPT-4 at equal cost (notes on arXiv 2305.05176)."
        ),
        limits=(
            "Only as good as the judge: where answers do not show that they are wrong, it pays for models in vain. The judge is "
            "linear. The paper's other two levers, shorter prompts and a completion cache, are arms of their own: `python -m data.derived`."
        ),
        needs=frozenset({"prompts", "responses"}),
    )
    chain: tuple[str, ...] = arms(
        (), least=2, most=_DEPTH, title="chain", help="The models in the order in which they are asked; left open, it is searched."
    )
    thresholds: tuple[float, ...] = knob(
        (0.6, 0.6), low=0, high=1.01, unit="scorer's P(right)", title="threshold", cuts="stage", vector=True,
        help="Below it the next model is asked as well; above 1 it always is.", higher="escalates more often: dearer, usually better",
    )  # fmt: skip

    def __post_init__(self) -> None:
        if self.chain:
            wanted, own = len(tuple(self.chain)) - 1, tuple(self.thresholds) or (0.6,)
            object.__setattr__(self, "thresholds", (*own, *[own[-1]] * wanted)[:wanted])
        super().__post_init__()

    def learn(self, training: Training) -> Self:
        """Fit a scorer of each model that may be asked; where the chain was left open, search it on scores of unseen queries."""
        names = self.chain or _candidates(training)
        models = tuple(training.table.index(name) for name in names)
        training = some(training, _MOST_ROWS, self.seed)
        state = learn_predictor(training, models)
        fitted = self.with_state(**state, open=np.array(not self.chain))
        if self.chain:
            return fitted
        scores = np.empty((len(training), len(models)), dtype=np.float32)
        for rest, rows in halves(training, self.seed):
            judged = learn_predictor(rest, models)
            scores[rows] = np.stack([predict(judged, training, m, column) for column, m in enumerate(models)], axis=1)[rows]
        return fitted.searched(training, names, scores, Goal(keep=1.0))

    def calibrate(self, part: OutcomeTable, goal: Any) -> Self:
        """Search chain (where it was left open) and thresholds for the goal on the calibrate part, then set each threshold exactly."""
        if part.role == "test":
            raise LeakError("thresholds are tuned on calibrate, never on test: give parts.calibrate.")
        from strategies.engines.recorded import Columns

        training = Training(part, Columns(part))
        judged = tuple(str(name) for name in needs_fit(self, "models"))
        names = judged if self.state["open"] else self.chain
        columns = [predict(self.state, training, part.index(name), judged.index(name)) for name in names]
        found = self.searched(training, names, np.stack(columns, axis=1), goal)
        for each in turns(found):
            curve = frontier(found, part, each.name)
            found = turned(found, each.name, float(curve.setting[pick(curve, part, goal)]))
        return found

    def decide(self, view: View) -> Decision:
        """Compare the scorer's probability that the last answer is right with its stage's threshold."""
        if not self.chain or "models" not in self.state:
            raise unfitted(self)
        names = [str(name) for name in self.state["models"]]
        return along(view, self.chain, self.thresholds, lambda k, m: predict(self.state, view, m, names.index(self.chain[k])))

    def missing(self, table: OutcomeTable) -> str:
        """Say what is lacking: two models, and something for the scorer to read."""
        if len(table.models) < 2:
            return NEEDS_PAIR
        return (
            "" if predictable(table) else "Its scorer reads questions and answers: map a prompt column, or the responses, on the Data page."
        )

    def signals(self) -> tuple[str, ...]:
        """Return the signal used at each stage."""
        return ("predicted",) * len(self.thresholds)

    def searched(self, training: Training, names: tuple[str, ...], scores: Floats, goal: Goal) -> Self:
        """Return a copy with the best chain of these models, or the best thresholds of its own, by their (n, k) scores.

        Only the queries on which every quality and cost is known count; where there are none, cheap to dear is the only order there is.
        """
        quality, cost = (np.stack([read(name) for name in names], axis=1) for read in (training.quality, training.cost_usd))
        known = ~np.isnan(quality + cost).any(axis=1)
        if not known.any():
            return self if self.chain else replace(self, chain=thinned(names, _DEPTH))
        best = float(quality[known].mean(axis=0, dtype=np.float64).max())
        wish = Wish(budget=goal.budget) if goal.keep is None else Wish(quality=goal.keep * best)
        fixed = None if self.state["open"] else tuple(range(len(names)))
        found = search(scores[known], quality[known], cost[known], wish, fixed)
        return replace(self, chain=tuple(names[m] for m in found.models), thresholds=found.thresholds)


def _candidates(training: Training) -> tuple[str, ...]:
    """Return the models that may be chained: all that were run, cheap to dear, evenly thinned where they are many."""
    quality = training.table.mean("quality")
    return thinned(tuple(name for name in training.cheap_to_dear if not np.isnan(quality[name])), _MOST_MODELS)
