"""Routoo (arXiv 2401.13979): greedy upgrades by hand and against every assignment; a budget that is kept."""

import itertools
from dataclasses import replace

import numpy as np
import pytest

from strategies import find, frontier, replay
from strategies.predictors.upgrades import price_at, upgrades
from tests.embedded import at_points, drawn_right, halves
from tests.worlds import NAN

ROUTOO = find("routoo")


def test_the_upgrades_by_hand():
    """Query 1: 0.3 at 1, 0.6 at 2, 0.7 at 4; query 2: 0.5 at 1, 0.4 at 2, 0.9 at 5. Gains a unit: 0.3, 0.05 and 0.1 (past the dent)."""
    quality, cost = np.array([[0.3, 0.6, 0.7], [0.5, 0.4, 0.9]]), np.array([[1, 2, 4], [1, 2, 5.0]])
    start, efficiency, spent = upgrades(quality, cost)
    assert start == 1
    assert efficiency == pytest.approx([0.3, 0.1, 0.05])
    assert spent == pytest.approx([1.5, 3.5, 4.5])
    assert price_at(1.0, start, efficiency, spent) == np.inf
    assert 0.1 < price_at(1.5, start, efficiency, spent) < 0.3
    assert price_at(3.49, start, efficiency, spent) == price_at(1.5, start, efficiency, spent)
    assert 0.05 < price_at(3.5, start, efficiency, spent) < 0.1
    assert price_at(4.5, start, efficiency, spent) < 0.05


def test_what_is_unknown_is_no_upgrade():
    """A model without quality or cost is passed over; of two at one price the better is where a query starts."""
    start, efficiency, spent = upgrades(np.array([[0.3, NAN, 0.5], [0.2, 0.6, 0.9]]), np.array([[1, 2, 3.0], [1, 1, NAN]]))
    assert (start, efficiency.tolist(), spent.tolist()) == (1, [pytest.approx(0.1)], [2])
    assert upgrades(np.full((2, 2), NAN), np.ones((2, 2)))[0] == 0
    assert price_at(5.0, 1.0, np.empty(0), np.empty(0)) == np.inf


@pytest.mark.parametrize("seed", range(4))
def test_no_assignment_within_the_same_money_is_better(seed):
    """Of all 3^6 assignments none that costs no more has more quality: greedy on hulls is optimal at its own spending."""
    rng = np.random.default_rng(seed)
    quality, cost = rng.random((6, 3)), np.sort(rng.random((6, 3)), axis=1)
    start, efficiency, spent = upgrades(quality, cost)
    for step, money in enumerate(spent):
        price = price_at(money, start, efficiency, spent)
        chosen = (quality - price * cost).argmax(axis=1)
        rows = np.arange(6)
        assert cost[rows, chosen].mean() == pytest.approx(money), step
        best = max(
            quality[rows, list(a)].mean() for a in itertools.product(range(3), repeat=6) if cost[rows, list(a)].mean() <= money + 1e-12
        )
        assert quality[rows, chosen].mean() == pytest.approx(best)


def graded(points, seed):
    """Return three models of rising price, each better the further right a query lies, the dear ones steeply so."""
    x = points[:, 0]
    chance = np.clip(np.stack([0.6 - 0.2 * x, 0.6 + 0.2 * x, 0.55 + 0.4 * x], axis=1), 0, 1)
    cost = np.array([1.0, 3.0, 9.0]) * (1 + 0.3 * points[:, 1:2])
    return at_points(points, drawn_right(chance, seed), cost=cost)


def test_the_budget_is_kept_on_new_queries_and_beats_mixing():
    """Spending follows the budget from end to end, within a tenth of the range; quality lies above the random mix of the ends."""
    fit, test = halves(graded, 1500)
    policy = ROUTOO(learner="ridge").fit(fit)
    curve = frontier(policy, test, "budget")
    low, high = curve.cost_usd[0], curve.cost_usd[-1]
    assert np.abs((curve.cost_usd - low) / (high - low) - curve.setting).max() < 0.1
    assert (np.diff(curve.cost_usd) >= -1e-9).all()
    mix = np.interp(curve.cost_usd, [low, high], [curve.quality[0], curve.quality[-1]])
    assert (curve.quality - mix).max() > 0.04


def test_no_money_is_the_cheapest_and_all_of_it_every_gain():
    """At 0 each query is at its cheapest model; at 1 at its best expectation."""
    fit, test = halves(graded, 400)
    policy = ROUTOO(learner="neighbours", k=40).fit(fit)
    assert (replay(replace(policy, budget=0.0), test).answer == 0).all()
    assert policy.price < np.inf
    greedy = replay(replace(policy, budget=1.0), test)
    assert np.mean(greedy.score(0)) >= np.mean(replay(policy, test).score(0))
