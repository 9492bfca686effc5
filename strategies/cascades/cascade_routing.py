"""Cascade routing: at every step choose the set of models that is worth running, be it one, a prefix of a chain, or any."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np

from data.outcomes import OutcomeTable
from data.problems import LeakError, refuse
from strategies.engines.loop import replay
from strategies.engines.recorded import draws
from strategies.knobs import arms, choice, knob
from strategies.predictors.chains import Wish
from strategies.predictors.confidence import LACKING, OPTIONS, confident
from strategies.predictors.estimates import after, before, learn_estimates
from strategies.predictors.pair import NEEDS_PAIR
from strategies.predictors.supermodels import best_set
from strategies.protocol import Bools, Card, Decision, Doubles, Ints, Strategy, Training, View, needs_fit, unfitted

_MOST_MODELS = 12
_OPEN = 6  # models where none are named: 63 sets, so that a curve is there in a second or two
_HALVINGS = 40
_GRID = 41
_MIXED = "mixed"  # the draw by which a query gets the dearer of two weights


@dataclass(frozen=True, eq=False)
class CascadeRouting(Strategy):
    """Run one more model of the best set S among those that contain the set h already run, or stop where the best is h.

    arXiv 2410.10347, sections 3 and 4: S maximises E[max_{m in S} q_m] - lambda sum_{m in S} c_m, models already run at their estimate
    after the call, the others normally around their estimate before it. Routing allows single models, cascading prefixes cheap to
    dear. Within S the model with the best q - lambda c before its call is run next; the released code always takes the first. One
    lambda for all steps, every set looked at; of equally good sets the smallest is taken. A budget between two settings is met by
    the dearer one on a share gamma = (B - C_cheap) / (C_dear - C_cheap) of the queries, drawn by their keys.
    """

    card = Card(
        id="cascade-routing",
        title="Cascade routing",
        family="cascade",
        source="arXiv 2410.10347, sections 3 and 4 (optimal routing, cascading and cascade routing)",
        rule="run on towards argmax_{S >= h} E[max_{m in S} q_m] - lambda sum_{m in S} c_m; stop if it is h",
        idea=(
            "A router picks one model before any answer, a cascade asks in a fixed order and looks at each answer. This rule does both: "
            "before every step it weighs all sets of models against their price, with what the answers so far have shown."
        ),
        reported=(
            "Area under quality and cost on RouterBench, 11 models, low / medium / high noise: routing 83.25 / 74.63 / 72.67, threshold "
            "cascade 84.48 / 73.64 / 69.79, cascade routing 87.24 / 77.57 / 74.40; 0.0 to 1.3 points with learnt estimators (2410.10347)."
        ),
        limits=(
            "Lives on its two estimates: poor ones before the call favour cascading, poor ones after it routing. Each model more doubles "
            "the sets that are weighed. Errors count as independent; each step has the same lambda."
        ),
        needs=frozenset({"confidence", "cost"}),
    )
    weight: float = knob(
        0.3, low=0, high=1, unit="share of the weight", title="weight on cost",
        help="How much cost weighs against quality: lambda = w / (1 - w) per cost of the dearest model.",
        higher="runs fewer and cheaper models: cheaper, usually worse",
    )  # fmt: skip
    mode: str = choice(
        "cascade-routing", options=("cascade-routing", "routing", "cascading"), title="sets allowed",
        help="Any set of models; single models only, which is routing; or the first ones cheap to dear, which is cascading.",
    )  # fmt: skip
    chain: tuple[str, ...] = arms(
        (), least=2, most=_MOST_MODELS, title="models", help="The models that may be run, cheap to dear; left open, six of them."
    )
    signal: str = choice(
        "auto", options=OPTIONS, free=True, title="confidence from",
        help="What tells after a call how good its answer is; auto takes the best one recorded for each model, else predicts it.",
    )  # fmt: skip

    def learn(self, training: Training) -> Self:
        """Resolve the models, fit their estimates before and after the call, keep their mean costs."""
        quality, cost = (training.table.mean(name) for name in ("quality", "cost_usd"))
        able = [name for name in training.cheap_to_dear if not np.isnan(quality[name] + cost[name])]
        names = self.chain or tuple(able[i] for i in np.unique(np.linspace(0, len(able) - 1, _OPEN).round().astype(int)) if able)
        if len(names) < 2 or any(np.isnan(cost[name]) for name in names):
            raise refuse(f"{self.card.id} needs two models whose costs are known.", "Type prices, or relative prices, on the Data page.")
        state = learn_estimates(training, names, self.signal, self.seed)
        return replace(self, chain=names).with_state(**state, cost=np.array([cost[name] for name in names]))

    def calibrate(self, part: OutcomeTable, goal: Any) -> Self:
        """Set the weight for the goal: for a budget the least within it, mixed with the next one, else the best of a grid and around it."""
        if part.role == "test":
            raise LeakError("weights are tuned on calibrate, never on test: give parts.calibrate.")
        if goal.budget is not None:
            return self._within(part, goal.budget)
        wish, low, high = Wish(quality=goal.keep * max(part.mean("quality").values())), 0.0, 1.0
        for _ in range(2):
            tried = np.linspace(low, high, _GRID)
            facts = [replay(replace(self, weight=float(w)), part).summary() for w in tried]
            best = wish.first(np.array([f.quality for f in facts]), np.array([f.cost_usd for f in facts]))
            low, high = float(tried[max(best - 1, 0)]), float(tried[min(best + 1, _GRID - 1)])
        return replace(self, weight=float(tried[best]))

    def decide(self, view: View) -> Decision:
        """Weigh the sets of every query, with what its answers so far have shown."""
        if not self.chain:
            raise unfitted(self)
        models = np.array(view.arms(self.chain))
        ran = view.called[:, models]
        ante = before(self.state, view)
        price = self._weights(view)[:, None] * (self.state["cost"] / (self.state["cost"].max() or 1))
        alone = ante - price
        if self.mode == "routing":
            chosen = np.nan_to_num(alone, nan=-np.inf).argmax(axis=1)
            return (
                Decision(stop=True, answer=view.last) if view.stage else Decision(stop=False, call=models[chosen], score=alone.max(axis=1))
            )
        reached = np.where(ran, self._after(view, models, ran, ante), -np.inf)
        cascading = self.mode == "cascading"
        more, worth = best_set(reached.max(axis=1), ante, self.state["spread"], price, ran, any_set=not cascading)
        # A cascade goes in its order; else whoever is worth most alone comes first.
        order = -np.arange(len(models)) if cascading else np.nan_to_num(alone, nan=-np.inf)
        call = models[np.where(more, order, -np.inf).argmax(axis=1)]
        stop = np.asarray(~more.any(axis=1))
        return Decision(stop if view.stage else False, models[reached.argmax(axis=1)], call, worth.astype(np.float32))

    def missing(self, table: OutcomeTable) -> str:
        """Say what is lacking: two models, costs, and a confidence."""
        if len(table.models) < 2:
            return NEEDS_PAIR
        if not table.has("cost_usd"):
            return "It needs prices, or assumed relative prices: type them on the Data page."
        return "" if confident(table) else LACKING

    def signals(self) -> tuple[str, ...]:
        """Return the signal used after each model's call."""
        return tuple(str(name) for name in needs_fit(self, "signals"))

    def _after(self, view: View, models: Ints, ran: Bools, ante: Doubles) -> Doubles:
        """Return (n, k) estimates: of models that were run those after the call, else those before it."""
        estimate = ante.copy()
        for k in np.flatnonzero(ran.any(axis=0)):
            mine = ran[:, k]
            estimate[mine, k] = after(self.state, view if mine.all() else view.where(mine), int(models[k]), int(k), ante[mine, k])
        return estimate

    def _weights(self, view: View) -> Doubles:
        """Return (n,) quality that the dearest model's cost has to bring: w / (1 - w), of two weights where a budget lies between."""
        weight = np.full(len(view), self.weight)
        tuned, dearer, share = self.state.get("mixed", np.full(3, np.nan))
        if tuned == self.weight:  # turned by hand, it is not the calibrated one any more
            weight[view.uniform(_MIXED) < share] = dearer
        return np.asarray(weight / np.maximum(1 - weight, 1e-9))

    def _within(self, part: OutcomeTable, budget: float) -> Self:
        """Return the policy with the least weight within a budget, found by halving, and the share of queries of the weight below it.

        The share is gamma, less what its own draws on this part would spend too much.
        """
        plain = self.with_state(**{name: values for name, values in self.state.items() if name != "mixed"})
        low, high = 0.0, 1.0
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            inside = replay(replace(plain, weight=middle), part).summary().cost_usd <= budget
            low, high = (low, middle) if inside else (middle, high)
        cheap, dear = (replay(replace(plain, weight=w), part).cost_usd.astype(np.float64) for w in (high, low))
        toss = draws(part.queries.keys, _MIXED, self.seed)
        first = np.argsort(toss)
        spent = cheap.mean() + np.cumsum((dear - cheap)[first]) / max(len(first), 1)
        over = np.flatnonzero(spent > budget)
        share = float(toss[first[over[0]]]) if len(over) and cheap.mean() <= budget else 0.0
        return replace(plain, weight=high).with_state(**plain.state, mixed=np.array([high, low, share]))
