"""CARROT (arXiv 2502.03261): the plug-in rule by hand, costs that differ by query, and risk that falls with data."""

import numpy as np
import pytest

from strategies import find, replay
from tests.embedded import at_points, drawn_right, view_of

CARROT = find("carrot")


def test_the_rule_by_hand():
    """Two neighbours say q = (0.5, 1), c = (1, 5): the trade turns at lambda = 0.5 / 4, which is mu = 1 / 9."""
    fit = at_points([[1, 0], [0.9, 0.4], [0, 1], [-1, 0]], [[0, 1], [1, 1], [1, 0], [0, 0]], cost=[[1, 4], [1, 6], [3, 2], [9, 9]])
    query = at_points([[1, 0.1]], [[0, 1]], cost=[[1, 5]])
    policy = CARROT(k=2).fit(fit)
    quality, cost = policy.estimate(view_of(query))
    assert quality[0] == pytest.approx([0.5, 1.0])
    assert cost[0] == pytest.approx([1.0, 5.0])
    for mu, chosen in ((0.0, 1), (0.11, 1), (0.112, 0), (0.9, 0)):
        there = CARROT(k=2, lam=mu / (1 - mu), state=policy.state)
        assert there.mu == pytest.approx(mu)
        assert replay(there, query).answer.tolist() == [chosen] == [int(((1 - mu) * quality[0] - mu * cost[0]).argmax())]


def around(n, seed):
    """Return (n, 2) points around the circle and their angles."""
    angle = np.random.default_rng(seed).uniform(0, 2 * np.pi, n)
    return np.stack([np.cos(angle), np.sin(angle)], axis=1), angle


@pytest.mark.parametrize("estimator", ["neighbours", "ridge"])
def test_costs_that_differ_by_query_are_worth_predicting(estimator):
    """The better model costs 1 on one side and 10 on the other: what it is worth there is seen by no rule on mean costs."""
    points, _ = around(900, 0)
    dear = np.where(points[:, 0] > 0, 10.0, 1.0)
    table = at_points(points, drawn_right(np.tile([0.6, 0.9], (900, 1)), 0), cost=np.stack([np.ones(900), dear], axis=1))
    lam = 0.06
    run = replay(CARROT(lam=lam, estimator=estimator, k=100).fit(table.take(np.arange(450))), table.take(np.arange(450, 900)))
    rest = table.take(np.arange(450, 900))
    by_means = max(rest.quality(m).mean() - lam * rest.cost_usd(m).mean() for m in range(2))
    assert (run.quality - lam * run.cost_usd).mean() > by_means + 0.05


def test_the_excess_risk_falls_with_data():
    """Against the best rule, that knows every chance and cost: a hundred times the data leaves less than a third of the loss."""
    lam, loss = 0.05, []
    points, angle = around(2000, 99)

    def truth(angle):
        chance = np.stack([0.5 + 0.4 * np.cos(angle), 0.5 + 0.4 * np.sin(angle)], axis=1)
        return chance, np.stack([np.ones_like(angle), 2 + np.sin(2 * angle)], axis=1)

    chance, cost = truth(angle)
    worth = chance - lam * cost
    test = at_points(points, drawn_right(chance, 7), cost=cost)
    for n in (40, 400, 4000):
        excess = []
        for seed in range(4):
            where, turn = around(n, seed)
            fit = at_points(where, drawn_right(truth(turn)[0], seed), cost=truth(turn)[1])
            answer = replay(CARROT(lam=lam, k=int(2 * n**0.5)).fit(fit), test).answer
            excess.append((worth.max(axis=1) - worth[np.arange(2000), answer]).mean())
        loss.append(np.mean(excess))
    assert loss[0] > loss[1] > loss[2] > 0
    assert loss[2] < loss[0] / 3
