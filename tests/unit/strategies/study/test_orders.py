"""Intervals over the order of arrival."""

import numpy as np
import pytest

from data.problems import ProblemError
from strategies import find, replay
from strategies.proving import proving_ground, with_holes
from strategies.study.orders import over_orders


def test_orders_move_a_cold_learner_and_hold_the_mean():
    """The interval spans what single orders give; the policy's own order is one of them, and all cost lies between the models'."""
    parts = proving_ground(400).split(seed=0)
    policy = find("ucb")(start="cold").fit(parts.fit)
    found = over_orders(policy, parts.test, orders=8, level=0.999)
    own = replay(policy, parts.test).summary()
    assert found.quality.low < found.quality.mean < found.quality.high
    assert found.quality.low - 0.01 <= own.quality <= found.quality.high + 0.01
    assert found.cost.low - 1e-4 <= own.cost_usd <= found.cost.high + 1e-4
    assert found.quality.n == len(parts.test)
    assert over_orders(policy, parts.test, orders=8).quality.high <= found.quality.high
    assert over_orders(policy, parts.test, orders=8) == over_orders(policy, parts.test, orders=8)


def test_unknown_stays_unknown():
    """A hole that was called leaves no number behind."""
    parts = proving_ground(300).split(seed=0)
    policy = find("epsilon-greedy")().fit(parts.fit)
    assert np.isnan(over_orders(policy, with_holes(parts.test), orders=2).quality.mean)


def test_what_has_no_order_is_refused():
    """A strategy that does not learn online, and a single order."""
    ground = proving_ground(60)
    with pytest.raises(ProblemError, match="does not learn online"):
        over_orders(find("uniform-random")(), ground)
    with pytest.raises(ProblemError, match="have no interval"):
        over_orders(find("ucb")(), ground, orders=1)
