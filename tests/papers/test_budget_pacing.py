"""Budget pacing: the dual step by hand, the bound on overspending, and a budget that holds when prices double."""

from dataclasses import replace

import numpy as np
import pytest

from strategies import find
from strategies.engines.online import stream
from tests.embedded import at_points, drawn_right, halves
from tests.worlds import NAN

PACING = find("budget-pacing")


def needed(points, seed):
    """Return a table: the small model is right where x1 is small, the large one nearly always, at ten times the cost."""
    small = 1 / (1 + np.exp(3 * points[:, 0]))
    quality = drawn_right(np.stack([small, np.full(len(points), 0.95)], axis=1), seed)
    return at_points(points, quality, cost=np.tile([1.0, 10.0], (len(points), 1)))


@pytest.fixture(scope="module")
def world():
    """Give the fit part and 1,200 queries."""
    fit, test = halves(needed)
    return replace(fit, role="fit"), test


def by_hand(**knobs):
    """Return a policy with two models at a flat 0.5 and 0.6, costs 1 and 10, and the one upgrade between them."""
    return PACING(**knobs).with_state(
        names=np.array(["a", "b"]), mean=np.array([0.5, 0.6, 1, 10]), spread=np.ones(4), low=np.array([0, 0, 1, 10.0]),
        high=np.array([1, 1, 1, 10.0]), coefficients=np.zeros((4, 1)), intercept=np.zeros(4), start=np.array(1.0),
        efficiency=np.array([0.1 / 9]), spent=np.array([10.0]), moved=np.zeros(()),
    )  # fmt: skip


def test_the_step_by_hand():
    """Range 1 to 10, B = 1 + 0.5 * 9 = 5.5, unit 10. Lambda begins at the upgrade's price, 0.1 / 9 * 10 = 0.1111, and moves by bills.

    At 0.1111 both are worth the same (0.5 - 0.0111 = 0.6 - 0.1111): the cheap a, bill 1, lambda 0.1111 + 0.1 (1 - 5.5) / 10 = 0.0661.
    Now b: 0.6 - 0.0661 > 0.5 - 0.0066. Bill 10, lambda 0.0661 + 0.1 * 4.5 / 10 = 0.1111. A bill that is not known moves nothing.
    """
    table = at_points(np.zeros((3, 1)), [[1, 1]] * 3, cost=[[1, 10], [1, 10], [NAN, 10]])
    policy = by_hand(eta=0.1)
    assert (policy.target, policy.unit, policy.price) == pytest.approx((5.5, 10, 1 / 9))
    one = stream(policy, table.take(np.array([0])))
    assert (one.run.answer.tolist(), one.policy.price) == ([0], pytest.approx(1 / 9 - 0.045))
    two = stream(one.policy, table.take(np.array([1])))
    assert (two.run.answer.tolist(), two.policy.price) == ([1], pytest.approx(1 / 9))
    dear = replace(two.policy, state={**two.policy.state, "moved": np.array(0.01)})
    three = stream(dear, table.take(np.array([2])))
    assert (three.run.answer.tolist(), three.policy.price) == ([0], pytest.approx(dear.price))


def test_lambda_never_falls_below_zero():
    """With a budget that nothing reaches money becomes free and stays so."""
    table = at_points(np.zeros((400, 1)), [[1, 1]] * 400, cost=[[1, 2]] * 400)
    assert stream(by_hand(eta=1.0, budget=1.0), table).policy.price == 0


@pytest.mark.parametrize("budget", [0.1, 0.3, 0.6])
@pytest.mark.parametrize("prices", [1.0, 2.0])
def test_the_budget_holds_whatever_prices_do(world, budget, prices):
    """Within 4 % of B at the fit part's prices and at twice these, where the price of money that was fitted spends far more.

    The mean bill is never above B + unit * (last lambda - first lambda) / (eta * n), and the sum of the steps says so exactly.
    """
    fit, test = world
    test = replace(test, numbers={**test.numbers, "cost_usd": test.numbers["cost_usd"] * np.float32(prices)}, stored_fingerprint="")
    policy = PACING(budget=budget, eta=0.05).fit(fit)
    streamed = stream(policy, test)
    spent = streamed.run.cost_usd.mean(dtype=np.float64)
    bound = policy.target + policy.unit * (streamed.policy.price - policy.price) / (policy.eta * len(test))
    assert spent <= bound * (1 + 1e-6)
    least = prices * 1.0
    if policy.target > least:
        assert spent == pytest.approx(policy.target, rel=0.04)
    if prices > 1 and budget > 0.1:
        still = stream(replace(policy, eta=0.001), test).run.cost_usd.mean(dtype=np.float64)
        assert still > 1.25 * policy.target


def test_money_goes_where_it_helps(world):
    """At the same spending the paced policy is well above calling the large model at random."""
    fit, test = world
    run = stream(PACING(budget=0.5).fit(fit), test).run
    small, large = (test.quality(m).mean(dtype=np.float64) for m in (0, 1))
    share = (run.cost_usd.mean(dtype=np.float64) - 1) / 9
    assert run.quality.mean(dtype=np.float64) > small + share * (large - small) + 0.08


def test_a_turned_budget_keeps_what_was_learnt(world):
    """What the bills moved stays when the budget is turned, and the first price is the turned budget's."""
    fit, test = world
    learnt = stream(PACING(budget=0.3).fit(fit), test).policy
    other = replace(learnt, budget=0.6)
    assert other.price - other.first == pytest.approx(learnt.price - learnt.first)
    assert other.first < learnt.first
