"""Avengers-Pro (arXiv 2508.12631): the rule by hand, w against lambda, and specialists that together beat the best single model."""

from dataclasses import replace

import numpy as np
import pytest

from strategies import find, replay
from strategies.routers.cluster import AVENGERS, min_max
from tests.embedded import at_points, drawn_right, halves, view_of

CLUSTER = find("cluster-router")
QUALITY, COST = np.array([[0.8, 0.6, 0.4], [0.2, 0.6, 1.0]]), np.array([[1, 2, 5.0], [2, 2, 6.0]])


def by_the_rule(quality, cost, **knobs):
    """Return the policy of two clusters around (1, 0) and (0, 1) with these (2, M) tables."""
    return CLUSTER(**knobs).with_state(names=np.array(["a", "b", "c"]), centres=np.eye(2, dtype=np.float32), quality=quality, cost=cost)


def test_the_rule_by_hand():
    """With cos = (0.8, 0.6): weights softmax(-9 * (0.2, 0.4)) = (0.858, 0.142); q = 0.858 * first row + 0.142 * second."""
    table = at_points([[4, 3]], [[1, 0, 1]], cost=[[1, 2, 5]])
    quality, cost = by_the_rule(QUALITY, COST, near=2).estimate(view_of(table))
    near = 1 / (1 + np.exp(-1.8))
    assert near == pytest.approx(0.858, abs=5e-4)
    assert quality[0] == pytest.approx([0.8 * near + 0.2 * (1 - near), 0.6, 0.4 * near + (1 - near)])
    assert cost[0] == pytest.approx([near + 2 * (1 - near), 2, 5 * near + 6 * (1 - near)])
    assert by_the_rule(QUALITY, COST, near=1).estimate(view_of(table))[0][0] == pytest.approx([0.8, 0.6, 0.4])
    assert by_the_rule(QUALITY, COST, beta=0).estimate(view_of(table))[0][0] == pytest.approx([0.5, 0.6, 0.7])


def test_each_cluster_is_scaled_by_itself():
    """(0.8, 0.6, 0.4) becomes (1, 0.5, 0), (2, 2, 6) becomes (0, 0, 1); equal values become 0, a hole stays a hole."""
    assert min_max(QUALITY) == pytest.approx(np.array([[1, 0.5, 0], [0, 0.5, 1]]))
    assert min_max(COST) == pytest.approx(np.array([[0, 0.25, 1], [0, 0, 1]]))
    assert min_max(np.array([[3.0, 3.0, np.nan], [np.nan] * 3])) == pytest.approx(np.array([[0, 0, np.nan], [np.nan] * 3]), nan_ok=True)


@pytest.mark.parametrize("w", [0.25, 0.39, 0.45, 0.53, 0.8, 1.0])
def test_lambda_is_one_minus_w_over_w(w):
    """The argmax of w * A + (1 - w) * (1 - C) is what the router does at lambda = (1 - w) / w, for every query."""
    points = np.random.default_rng(0).normal(size=(50, 2))
    table = at_points(points, np.zeros((50, 3)), cost=np.ones((50, 3)))
    policy = by_the_rule(min_max(QUALITY), min_max(COST), near=2, lam=(1 - w) / w)
    accuracy, cost = policy.estimate(view_of(table))
    assert np.array_equal(replay(policy, table).answer, (w * accuracy + (1 - w) * (1 - cost)).argmax(axis=1))


def kinds(points, seed):
    """Return a world of two kinds of query with a cheap specialist for each, and a dear generalist."""
    first = points[:, 0] > 0
    chance = np.stack([np.where(first, 0.95, 0.3), np.where(first, 0.3, 0.95), np.full(len(points), 0.8)], axis=1)
    vectors = np.stack([np.where(first, 1.0, -1.0), np.ones(len(points))], axis=1) + 0.2 * points
    return at_points(vectors, drawn_right(chance, seed), cost=np.tile([1.0, 1.2, 9.0], (len(points), 1)))


@pytest.mark.parametrize("scale", ["plain", AVENGERS])
def test_specialists_together_beat_the_best_single_model_for_less(scale):
    """The claim of Avengers-Pro: above the best single model's quality at w = 1, at a fraction of its cost; w near 0 is the cheapest."""
    fit, test = halves(kinds)
    policy = CLUSTER(clusters="8", scale=scale).fit(fit)
    run, best = replay(policy, test), max(test.mean("quality").values())
    assert run.quality.mean() > best + 0.1
    assert run.cost_usd.mean() < 0.2 * test.cost_usd("c").mean()
    assert (replay(replace(policy, lam=1e6), test).answer == 0).all()
