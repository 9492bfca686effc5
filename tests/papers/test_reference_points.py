"""Reference points of RouterBench (arXiv 2403.12031): the best model per task, the linear trade and the budget on true outcomes."""

import numpy as np
import pytest

from data import load
from data.models import ModelCard
from data.problems import ProblemError
from data.queries import QuerySet
from strategies import frontier, replay
from strategies.baselines.best_per_task import BestPerTask
from strategies.baselines.budget_oracle import BudgetOracle
from strategies.baselines.linear_lambda import LinearLambda
from strategies.baselines.oracle import Oracle
from strategies.baselines.single import BestSingle
from strategies.engines.calling import LiveSource
from strategies.frontiers.hull import hull
from strategies.metrics.plane import aiq
from strategies.routers.ridge import RidgeRouter
from tests.worlds import NAN, by_hand, unpriced

TASKS = ["sums", "sums", "words", "words", "words"]
FIT = by_hand([[1, 0, 0], [1, 1, 1], [0, 1, 0], [0, 1, 1], [0, 0, 1]], cost=[[9, 1, 3]] * 5, tasks=TASKS)


def test_each_task_goes_to_its_best_model_the_cheaper_among_equals():
    """Sums: means 1, .5, .5, so a. Words: 0, 2/3, 2/3, so b, which costs less than c."""
    policy = BestPerTask().fit(FIT)
    assert replay(policy, FIT).answer.tolist() == [0, 0, 1, 1, 1]
    assert policy.state["tasks"].tolist() == ["sums", "words"]


def test_a_task_that_is_new_goes_to_the_best_of_all():
    """Means over all five: .4, .6, .6: b. Tasks are known by name, whatever their codes in another table."""
    other = by_hand([[1, 1, 1]] * 3, cost=[[1, 1, 1]] * 3, tasks=["dates", "words", "sums"])
    assert replay(BestPerTask().fit(FIT), other).answer.tolist() == [1, 1, 0]


def test_a_model_that_never_ran_on_a_task_counts_there_with_its_mean():
    """Model c ran on words only, with mean 1: it counts as 1 on sums too, where a has .5."""
    table = by_hand([[1, NAN], [0, NAN], [0, 1]], cost=[[1, NAN], [1, NAN], [1, 5]], tasks=["sums", "sums", "words"])
    assert replay(BestPerTask().fit(table), table).answer.tolist() == [1, 1, 1]


def test_a_live_query_is_known_by_its_label_and_refused_without_one():
    """The same feature, live; a query that nobody labelled cannot be sent by its label."""
    policy, cards = BestPerTask().fit(FIT), [ModelCard(name=name) for name in "abc"]
    assert replay(policy, LiveSource(QuerySet.build(["q"], tasks=["sums"]), cards, lambda _: None)).answer.tolist() == [0]
    with pytest.raises(ProblemError, match="no feature 'task:sums'"):
        replay(policy, LiveSource(QuerySet.build(["q"]), cards, lambda _: None))


@pytest.fixture(scope="module")
def puzzles():
    """Return the split of the recorded puzzles."""
    return load("puzzles").split(seed=0)


def test_the_label_alone_halves_the_bill_of_the_best_model_on_puzzles(puzzles):
    """Specialists are best in their field: .969 at half the cost of r4, which has .979 and is the best model overall."""
    label, single = (replay(kind().fit(puzzles.fit), puzzles.test).summary() for kind in (BestPerTask, BestSingle))
    assert single.quality - 0.015 < label.quality < single.quality
    assert label.cost_usd < 0.55 * single.cost_usd


def test_the_linear_trade_by_hand():
    """Quality less lambda times cost of (1, 9), (1, 1), (0, .5): b at 0, the cheaper right one; c above (1 - 0) / (1 - .5) = 2."""
    table = by_hand([[1, 1, 0], [1, 0, 0]], cost=[[9, 1, 0.5], [9, 1, 0.5]])
    answers = [replay(LinearLambda(lam=lam), table).answer.tolist() for lam in (0, 0.1, 0.2, 1.9, 2.1)]
    # The second query: a is worth 1 - 9 lambda, c -.5 lambda: a until lambda = 1 / 8.5 = .1176.
    assert answers == [[1, 0], [1, 0], [1, 2], [1, 2], [2, 2]]
    curve = frontier(LinearLambda(), table)
    assert curve.quality.tolist() == [1, 0.5, 0]
    assert curve.cost_usd.tolist() == [5, 0.75, 0.5]


def test_at_zero_it_is_the_per_query_oracle(puzzles):
    """Lambda 0 takes the cheapest among the best: the same answers, query by query."""
    mine, oracle = (replay(kind(), puzzles.test) for kind in (LinearLambda, Oracle))
    assert np.array_equal(mine.answer, oracle.answer)


def test_no_router_lies_above_it(puzzles):
    """With predictions instead of the truth the same trade has less area; the bound's is above every single model's best."""
    cost, quality = puzzles.test.mean("cost_usd"), puzzles.test.mean("quality")
    cheapest = min(cost, key=cost.get)

    def area(policy):
        curve = frontier(policy.fit(puzzles.fit), puzzles.test, "lam")
        return aiq(curve.cost_usd, curve.quality, low=cost[cheapest], high=max(cost.values()), cheapest_quality=quality[cheapest])

    bound = area(LinearLambda())
    assert bound > area(RidgeRouter()) + 0.02
    assert bound < max(replay(Oracle(), puzzles.test).quality.mean(), 1.0)


def test_it_is_concave_and_needs_costs(puzzles):
    """Every point of its curve lies on its own hull; without costs it says what is missing."""
    curve = frontier(LinearLambda(), puzzles.test)
    at = hull(curve.cost_usd, curve.quality)
    on_hull = np.interp(curve.cost_usd, curve.cost_usd[at], curve.quality[at])
    assert curve.quality == pytest.approx(on_hull, abs=1e-6)
    assert "prices" in LinearLambda().missing(unpriced(puzzles.test))


THREE = by_hand([[0, 1, 1], [0, 0, 1], [1, 1, 1]], cost=[[1, 3, 9], [1, 3, 9], [1, 3, 9]])


@pytest.mark.parametrize(("budget", "paths"), [(0, [0, 0, 0]), (1.6, [0, 0, 0]), (1.67, [1, 0, 0]), (4.3, [1, 0, 0]), (4.34, [1, 2, 0])])
def test_a_budget_buys_the_best_upgrades_first(budget, paths):
    """All at a: mean 1. The first query's a to b gains 1 for 2 (mean 5/3), the second's a to c 1 for 8 (mean 13/3); c is no gain else."""
    assert replay(BudgetOracle(budget=budget), THREE).answer.tolist() == paths


def test_equal_upgrades_can_be_bought_one_by_one():
    """Four alike queries, 1 more right for 1 more each: every count of them is on the curve, where a cost weight knows none or all."""
    table = by_hand([[0, 1]] * 4, cost=[[1, 2]] * 4)
    assert frontier(BudgetOracle(), table).quality.tolist() == [0, 0.25, 0.5, 0.75, 1]
    assert frontier(LinearLambda(), table).quality.tolist() == [1, 0]


def test_it_is_the_best_assignment_within_every_budget():
    """Against all 3^5 assignments of five graded queries: never above the optimum, and less than one upgrade below it."""
    rng = np.random.default_rng(0)
    for _ in range(10):
        quality, cost = rng.integers(0, 5, (5, 3)) / 4, rng.integers(1, 9, (5, 3)).astype(float)
        table = by_hand(quality, cost=cost)
        every = np.stack(np.meshgrid(*[range(3)] * 5, indexing="ij"), axis=-1).reshape(-1, 5)
        spent, won = (values[np.arange(5), every].mean(axis=1) for values in (cost, quality))
        for budget in np.linspace(cost.min(axis=1).mean(), cost.max(axis=1).mean(), 9):
            run = replay(BudgetOracle(budget=float(budget)), table)
            optimum = won[spent <= budget + 1e-9].max()
            assert run.cost_usd.mean() <= budget + 1e-6
            assert optimum - 1 / 5 < run.quality.mean() <= optimum + 1e-6


def test_the_hulls_of_both_bounds_are_one(puzzles):
    """With true outcomes the lambda sweep's hull is the budget oracle's, and its end the per-query oracle at its cheapest."""
    test = puzzles.test
    weighed, bought = frontier(LinearLambda(), test), frontier(BudgetOracle(), test)
    assert bought.exact
    between = np.interp(weighed.cost_usd, bought.cost_usd, bought.quality)
    assert weighed.quality == pytest.approx(between, abs=1e-6)
    oracle = replay(Oracle(), test).summary()
    assert (bought.quality[-1], bought.cost_usd[-1]) == pytest.approx((oracle.quality, oracle.cost_usd))
    assert "prices" in BudgetOracle().missing(unpriced(test))
