"""Boosted trees in RouterBench's predictive router (arXiv 2403.12031; Friedman 2001): two stumps by hand, and a corner."""

import numpy as np
import pytest

from strategies import find, replay
from strategies.predictors.trees import RATE, TREES
from tests.embedded import at_points, drawn_right, halves

BOOSTED = find("boosted-router")


def test_the_rule_by_hand():
    """q_a = 0.5 + 0.1 * (3 if x <= 0.25 else -3); q_b = 0.6; c = (1, 1.5): the stump decides, the threshold goes left."""
    nodes = np.zeros((4, TREES, 15))
    threshold, left, right, leaf = np.full_like(nodes, np.inf), nodes.astype(np.int8), nodes.astype(np.int8), nodes.copy()
    left[..., :] = right[..., :] = np.arange(15)
    threshold[0, 0, 0], left[0, 0, 0], right[0, 0, 0], leaf[0, 0, 1:3] = 0.25, 1, 2, (3.0, -3.0)
    policy = BOOSTED().with_state(
        names=np.array(["a", "b"]), mean=np.zeros(4), spread=np.ones(4), low=np.zeros(4), high=np.array([1, 1, 9, 9.0]),
        feature=nodes.astype(np.int32), threshold=threshold, left=left, right=right, leaf=leaf, base=np.array([0.5, 0.6, 1, 1.5]),
    )  # fmt: skip
    assert RATE == 0.1
    table = at_points([[0.25], [0.26]], [[1, 0]] * 2, cost=[[1, 1.5]] * 2)
    run = replay(policy, table)
    assert run.answer.tolist() == [0, 1]
    assert run.score(0) == pytest.approx([0.8, 0.6])
    assert replay(BOOSTED(lam=0.81, state=policy.state), table).answer.tolist() == [0, 0]  # b is worth 0.4 more at 0.5 more: up to 0.8


def cornered(points, seed):
    """Return a world where the cheap model fails in one corner only, which the dear one masters."""
    corner = (points[:, 0] > 0) & (points[:, 1] > 0)
    chance = np.stack([np.where(corner, 0.05, 0.9), np.where(corner, 0.95, 0.75)], axis=1)
    return at_points(points, drawn_right(chance, seed), cost=np.tile([1.0, 5.0], (len(points), 1)))


def test_it_finds_a_corner():
    """The corner's queries go to the dear model and hardly any others; the linear router cuts across."""
    fit, test = halves(cornered)
    corner = (test.features["embedding"] > 0).all(axis=1)
    boosted, line = (replay(find(kind)().fit(fit), test) for kind in ("boosted-router", "ridge-router"))
    assert (boosted.answer == 1)[corner].mean() > 0.9
    assert (boosted.answer == 0)[~corner].mean() > 0.85
    assert boosted.quality.mean() > line.quality.mean() + 0.02
