"""The pool's references, fronts, benefit per cost, deferral and regret at their edges; accounting of calls in a row and at once."""

import itertools

import numpy as np
import pytest

from data.problems import ProblemError
from strategies import replay
from strategies.metrics.benchmarks import pareto_distance, undominated
from strategies.metrics.choice import choice_entropy, kinds
from strategies.metrics.declared import measure, measure_pool
from strategies.metrics.deferral import audc, qnc
from strategies.metrics.facts import pool_of
from strategies.metrics.ibc import ibc, ibc_lift, ibc_lift_regions
from strategies.metrics.outcome import latency_quantile
from strategies.metrics.reference import best_per_task, chance, complementarity, noisy_oracle
from strategies.metrics.regret import budget_oracle
from strategies.protocol import Decision
from tests.worlds import NAN, by_hand, scripted

WEAK, STRONG = (1.0, 0.5), (3.0, 0.7)


def test_the_matrix_of_who_is_right_where_another_is_wrong():
    """Rows are better than columns on so many of the queries that both ran; never run together is unknown."""
    matrix = complementarity(np.array([[1, 0, NAN], [1, 0, NAN], [0, 1, NAN], [1, 1, 1]], dtype=np.float32))
    assert matrix == pytest.approx(np.array([[0, 0.5, 0], [0.25, 0, 0], [0, 0, 0]]), nan_ok=True)
    assert np.isnan(complementarity(np.array([[1, NAN], [NAN, 1]], dtype=np.float32))[0, 1])


def test_the_noisy_oracle_runs_from_chance_to_the_oracle():
    """At p = 0 a random model of those that ran, at 1 the best of them, a straight line between."""
    pool = pool_of(by_hand([[1, 0, NAN], [0, 0, 1]]))
    assert noisy_oracle(pool, 0.0) == pytest.approx([1 / 2, 1 / 3])
    assert noisy_oracle(pool, 1.0) == pytest.approx([1, 1])
    assert noisy_oracle(pool, 0.25) == pytest.approx(0.75 * noisy_oracle(pool, 0.0) + 0.25)
    assert chance(pool) == pytest.approx(5 / 12)
    assert np.isnan(noisy_oracle(pool_of(by_hand([[NAN, NAN]])), 0.5))


def test_the_best_of_each_task_counts_by_its_queries():
    """Task x of three queries has a best of 2/3, y of one has 1: 3/4. A task that nobody ran is unknown, so is one without labels."""
    rows = [[1, 0], [1, 1], [0, 0], [0, 1]]
    assert measure_pool("best_per_task", by_hand(rows, tasks=["x", "x", "x", "y"])) == pytest.approx(0.75)
    assert np.isnan(best_per_task(pool_of(by_hand(rows))))
    assert np.isnan(measure_pool("best_per_task", by_hand([[1, 0], [NAN, NAN]], tasks=["x", "y"])))


def test_a_query_has_one_kind():
    """Easy, helpable, hopeless; only the named helper counts where one is named; unknown where it has to be known."""
    pool = pool_of(by_hand([[1, 0, 0], [0, 0, 1], [0, 0, 0], [NAN, 1, 1], [0, NAN, 1]], cost=[[1, 2, 3]] * 5))
    assert np.stack(kinds(pool, 0.5), axis=1)[[0, 1, 2, 4]].tolist() == [[1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 1, 0]]
    assert np.isnan(kinds(pool, 0.5)[0][3])
    assert kinds(pool, 0.5, helper="b")[1] == pytest.approx([0, 0, 0, NAN, NAN], nan_ok=True)
    assert kinds(pool, 0.5, weak="c")[0] == pytest.approx([0, 1, 0, 1, 1])


def test_entropy_counts_who_answered():
    """Two models alike are one bit, one model none, abstained queries count in no share; nobody at all is unknown."""
    assert choice_entropy(np.array([0, 1, 0, 1, -1]), 3) == pytest.approx(1)
    assert choice_entropy(np.array([2, 2]), 3) == 0
    assert np.isnan(choice_entropy(np.array([-1]), 3))


def test_undominated_is_what_nobody_beats():
    """Against all pairs on a coarse grid; unknown points are out."""
    rng = np.random.default_rng(0)
    for _ in range(30):
        cost, quality = rng.integers(0, 5, (2, rng.integers(1, 12))).astype(float)
        below = [
            any((c <= x and q >= y) and (c < x or q > y) for c, q in zip(cost, quality, strict=True))
            for x, y in zip(cost, quality, strict=True)
        ]
        assert undominated(cost, quality).tolist() == [not b for b in below]
    assert undominated([1, NAN, 2], [1, 2, NAN]).tolist() == [True, False, False]


def test_distance_to_the_joint_front():
    """On the front it is 0; (1, 0) in a box with (0, 0) and (1, 1) is 1 from either; half of two points that far is .5."""
    assert pareto_distance([0, 1], [0, 1], [1], [0]) == 0
    assert pareto_distance([10], [0], [0, 10], [0, 5]) == pytest.approx(1)
    assert pareto_distance([0, 10], [0, 0], [10], [5]) == pytest.approx(0.5)
    assert pareto_distance([1, 2], [0.5, 0.5], [], []) == pytest.approx(0.5)  # quality tells nobody apart
    assert np.isnan(pareto_distance([NAN], [1], [1], [1]))
    with pytest.raises(ProblemError, match="do not pair up"):
        pareto_distance([1], [1], [1, 2], [1])


def test_benefit_per_cost_is_greyed_out_near_the_weak_model():
    """.1 for 1 is as steep as random mixing, .1 for .5 twice as steep; under 2 % of the range nothing is said."""
    assert ibc(2.0, 0.6, WEAK, STRONG) == pytest.approx(0.1)
    assert ibc_lift(2.0, 0.6, WEAK, STRONG) == pytest.approx(0)
    assert ibc_lift(1.5, 0.6, WEAK, STRONG) == pytest.approx(100)
    assert ibc_lift(2.0, 0.4, WEAK, STRONG) == pytest.approx(-200)
    assert np.isnan(ibc(1.03, 0.6, WEAK, STRONG))
    assert ibc(1.05, 0.6, WEAK, STRONG) == pytest.approx(2)
    assert np.isnan(ibc(1.0, 0.6, WEAK, STRONG, grey=0.0))


@pytest.mark.parametrize("strong", [(3.0, 0.5), (3.0, 0.4), (1.0, 0.7), (NAN, 0.7), (3.0, NAN)])
def test_without_a_better_dearer_model_there_is_no_lift(strong):
    """Nothing to be steeper than."""
    assert np.isnan(ibc_lift(2.0, 0.6, WEAK, strong))
    assert np.isnan(ibc_lift_regions([1.0, 2.0], [0.5, 0.6], WEAK, strong))


def test_random_mixing_has_no_lift_anywhere():
    """The models' own line has lift 0 in each region; a curve flat at the strong model's quality from half way has .25, .75 ... of it."""
    assert ibc_lift_regions([3.0, 1.0], [0.7, 0.5], WEAK, STRONG) == pytest.approx(0)
    lifts = [100, 100, 100, 100 * (1 / 0.7 - 1), 100 * (1 / 0.9 - 1)]
    assert ibc_lift_regions([2.0], [0.7], WEAK, STRONG) == pytest.approx(np.mean(lifts))


def test_the_area_by_cost_starts_at_the_cheapest_model():
    """One setting half way: the chord to it, then flat; a curve that lacks a price is unknown."""
    assert audc([2.0], [0.7], 0.5, low=1, high=3) == pytest.approx(0.5 * 0.6 + 0.5 * 0.7)
    assert audc([1.0, 3.0], [0.5, 0.7], NAN, low=1, high=3) == pytest.approx(0.6)
    assert np.isnan(audc([NAN], [0.7], 0.5, low=1, high=3))
    assert np.isnan(audc([2.0], [0.7], 0.5, low=3, high=3))


def test_the_cost_that_loses_no_quality():
    """Mixing reaches it between two settings; never reached, free or unknown is unknown."""
    assert qnc([1.0, 2.0], [0.5, 0.9], 4.0, 0.7) == pytest.approx(1.5 / 4)
    assert qnc([1.0], [0.8], 4.0, 0.7) == pytest.approx(0.25)
    assert np.isnan(qnc([1.0], [0.5], 4.0, 0.7))
    assert np.isnan(qnc([1.0], [0.8], 0.0, 0.7))


def test_a_tail_is_an_observed_latency():
    """Nearest rank: of 1..20 the 95th percentile is 19, whatever their order; one unknown makes it unknown."""
    values = np.random.default_rng(0).permutation(np.arange(1, 21)).astype(np.float32)
    assert [latency_quantile(values, level) for level in (0.5, 0.95, 0.99)] == [10, 19, 20]
    assert latency_quantile(np.repeat(values, 3), 0.95) == 19
    assert np.isnan(latency_quantile(np.append(values, np.float32(NAN)), 0.5))
    assert np.isnan(latency_quantile(values[:0], 0.5))


def test_the_oracle_of_a_budget_bounds_every_assignment():
    """Against all 3^4 assignments: never below one within the budget, and less than an upgrade above; flat past the last upgrade."""
    rng = np.random.default_rng(0)
    for _ in range(10):
        quality, cost = rng.integers(0, 5, (4, 3)) / 4, rng.integers(1, 9, (4, 3)).astype(float)
        every = np.array(list(itertools.product(range(3), repeat=4)))
        spent, won = (values[np.arange(4), every].mean(axis=1) for values in (cost, quality))
        for budget in np.linspace(cost.min(axis=1).mean(), 9, 6):
            best = won[spent <= budget + 1e-9].max()
            assert best - 1e-9 <= budget_oracle(quality, cost, budget) < best + 0.25 + 1e-9
        assert budget_oracle(quality, cost, 9.0) == pytest.approx(quality.max(axis=1).mean())
        assert np.isnan(budget_oracle(quality, cost, cost.min(axis=1).mean() - 0.1))
    assert np.isnan(budget_oracle([[NAN, NAN]], [[1.0, 1.0]], 2.0))


def test_calls_in_a_row_add_up_and_calls_at_once_count_with_the_slowest():
    """The same two calls: the bill is the same, the wait is 1 + 3 or 3; all but the answer's own call is beside it."""
    table = by_hand([[1, 0]], cost=[[2, 6]], latency=[[1, 3]])
    row = replay(scripted(Decision(stop=False, call=0), Decision(stop=False, call=1), Decision(stop=True, answer=0)), table)
    once = replay(scripted(Decision(stop=False, call=np.array([True, True])), Decision(stop=True, answer=0)), table)
    for run, wait in ((row, 4), (once, 3)):
        assert measure("cost_per_1k", run, table) == 8000
        assert measure("latency", run, table) == measure("latency_p99", run, table) == wait
        assert measure("calls", run, table) == 2
        assert measure("overhead_share", run, table) == 0.75
