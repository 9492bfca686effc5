"""OptLLM: foresee success with a spread, then search the front of assignments of the batch, and take the one that meets a budget."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from strategies.batch import BatchRouter, Plan, expected_budget, only, within
from strategies.knobs import knob
from strategies.predictors.expected import Expecting, known, scales
from strategies.predictors.forests import forests, learn_forests
from strategies.predictors.parts import some
from strategies.predictors.remembered import remembered
from strategies.predictors.ridge import learn_ridge, ridge
from strategies.predictors.upgrades import Climb, climb
from strategies.protocol import Card, Doubles, Floats, Ints, Training

MOST = 4000  # queries learnt from; the paper learns from 1 % of its data, 30 to 1,000 queries


@dataclass(frozen=True, eq=False)
class OptLLM(Expecting, BatchRouter):
    """Robust value p~ = p_bar + alpha * std over bagged forests; destroy and rebuild from both corners (arXiv 2405.15130).

    The spread is added, as in the released code, so alpha above 0 is optimism about what the forests disagree on, below 0 caution;
    the paper is noted with 0.5, the code runs 1. One front, on p~; the code walks up on p_bar and down on p~ and compares the two.
    Budget mode: the dearest assignment of the front that is expected to fit.
    """

    card = Card(
        id="optllm",
        title="OptLLM",
        family="router",
        source="arXiv 2405.15130 (prediction with uncertainty; destruction and reconstruction of assignments)",
        rule="p_m(x) = mean_b p_{b,m}(x) + alpha * std_b p_{b,m}(x); of the front the dearest with mean c_hat <= B",
        idea="Let many forests foresee each model's success: their mean is the forecast, their disagreement its uncertainty. Then take "
        "the best assignment of the batch apart and put it together again, cheaper each time, and let the budget choose among these.",
        reported="2 to 49 % cheaper at the best single model's accuracy, over AGNews, CoQA, Headlines, SciQ and log parsing; better than "
        "evolutionary search at equal cost (arXiv 2405.15130).",
        limits="It needs all queries before the first call, and the budget is one of expected cost. Turning up alpha helps where models "
        "are mostly right and hurts where they are mostly wrong. Fewer and smaller forests than the paper's (100 of 100 trees), one tree "
        f"for all models, at most {MOST:,} queries learnt from; costs come from a line on the embedding.",
        needs=frozenset({"embedding"}),
        batch=True,
    )
    budget: float = expected_budget()
    alpha: float = knob(
        0.5, low=-1, high=1, unit="standard deviations", title="optimism (alpha)",
        help="What an uncertain forecast is worth: below 0 doubt counts against a model (caution), above 0 for it (optimism).",
        higher="trusts uncertain models more",
    )  # fmt: skip
    bootstraps: int = knob(
        20, low=2, high=100, unit="forests", title="bootstraps", whole=True,
        help="How many forests, each on its own draw of the queries; their disagreement is the uncertainty.", higher="steadier, slower",
    )  # fmt: skip
    grid: int = knob(
        50, low=1, high=200, unit="steps", title="steps of the front", whole=True,
        help="In how many steps the range of cost, and that of quality, is walked through.", higher="a finer front",
    )  # fmt: skip
    learnt: float = knob(
        100, low=1, high=100, unit="% of the fit part", title="learnt from",
        help="How much of the fit part is learnt from: what labels for fewer queries would do.", higher="better forecasts, more labels",
    )  # fmt: skip

    def learn(self, training: Training) -> Self:
        """Keep forests of quality and lines of cost, learnt from a seeded part of the queries."""
        part = some(training, max(min(MOST, round(len(training) * self.learnt / 100)), 2), self.seed)
        return self.taught(part.models, part.feature("embedding"), known(part))

    def taught(self, names: Sequence[str], x: Floats, y: Doubles) -> Self:
        """Return a copy fitted on (n, d) embeddings and (n, 2M) qualities, then costs, NaN = unknown, of the named models."""
        count = len(names)
        mean, spread, low, high = (values[count:] for values in scales(y))
        lines = learn_ridge(x, (y[:, count:] - mean) / spread)
        trees = learn_forests(x, y[:, :count], bootstraps=self.bootstraps, seed=self.seed)
        return self.with_state(names=np.array(names), mean=mean, spread=spread, low=low, high=high, **lines, **trees)

    def expected(self, x: Floats) -> Doubles:
        """Return (n, 2M) robust values, then expected costs; what the forests said is kept, so that alpha does not ask them again."""

        def make() -> Doubles:
            cost = np.clip(ridge(self.state, x) * self.state["spread"] + self.state["mean"], self.state["low"], self.state["high"])
            return np.concatenate([*forests(self.state, x), cost], axis=1)

        mean, std, cost = np.split(make() if len(x) == 1 else remembered(self.card.id, (x, *self.state.values()), make), 3, axis=1)
        return np.concatenate([mean + self.alpha * std, cost], axis=1)

    def plan(self, quality: Doubles, cost: Doubles) -> Plan:
        """Return the front's members, each from the mean cost on that it is expected to have."""
        up = climb(quality, cost)
        return only(within(up), front(up, self.grid))


def front(up: Climb, grid: int) -> Ints:
    """Return the non-dominated assignments found, as (F,) counts of the best upgrades that each has taken; both corners are there.

    Down from the most accurate: destroy, the queries that save most go to their cheapest model until a step of the cost range is
    saved; rebuild, the worst upgrade that is left is exchanged for the best that is missing while that helps. Each exchange keeps
    the number of upgrades, so it ends at the best ones of that number, which is what is computed. Up from the cheapest likewise:
    the queries that gain most go to their best model until a step of the quality range is gained.
    """
    every, n = len(up.row), len(up.start)
    found = [0, every]
    for worth, downward in ((up.extra, True), (up.gain, False)):
        taken, step = every if downward else 0, float(worth.sum()) / grid
        for _ in range(grid - 1):
            part = slice(taken) if downward else slice(taken, None)
            moves, value = np.bincount(up.row[part], minlength=n), np.bincount(up.row[part], weights=worth[part], minlength=n)
            first = np.argsort(-value)  # not stable on purpose: five times as fast, and equals may go in any order
            changed = int(moves[first[: int(np.searchsorted(np.cumsum(value[first]), step)) + 1]].sum())
            taken += -changed if downward else changed
            if not changed or taken in {0, every}:
                break
            found.append(taken)
    return np.unique(found)
