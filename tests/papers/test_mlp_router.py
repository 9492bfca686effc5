"""RouterBench's network router (arXiv 2403.12031): a network by hand, and a world that no line can read."""

import numpy as np
import pytest

from strategies import find, replay
from tests.embedded import at_points, drawn_right, halves

MLP = find("mlp-router")


def test_the_rule_by_hand():
    """With h = max(0, (x, -x)); q_a = 0.2 + 0.3 h1, q_b = 0.2 + 0.3 h2; c = (1, 2): each model has its side, lambda moves the border."""
    policy = MLP().with_state(
        names=np.array(["a", "b"]), mean=np.zeros(4), spread=np.ones(4), low=np.zeros(4), high=np.array([1, 1, 9, 9.0]),
        input_mean=np.zeros(1), input_spread=np.ones(1), w1=np.array([[1.0], [-1.0]]), b1=np.zeros(2),
        w2=np.array([[0.3, 0], [0, 0.3], [0, 0], [0, 0]]), b2=np.array([0.2, 0.2, 1, 2]),
    )  # fmt: skip
    table = at_points([[1.0], [-1.0], [-0.5]], [[1, 0]] * 3, cost=[[1, 2]] * 3)
    # x = -0.5: q = (0.2, 0.35). b is worth 0.15 more and costs 1 more: it is left above lambda = 0.15; x = -1: above 0.3.
    assert replay(policy, table).answer.tolist() == [0, 1, 1]
    assert replay(MLP(lam=0.2, state=policy.state), table).answer.tolist() == [0, 1, 0]
    assert replay(MLP(lam=0.31, state=policy.state), table).answer.tolist() == [0, 0, 0]
    assert replay(policy, table).score(0) == pytest.approx([0.5, 0.5, 0.35])


def crossed(points, seed):
    """Return a world where each of two models is right where x1 and x2 have equal (other: unequal) signs: no line tells."""
    equal = points[:, 0] * points[:, 1] > 0
    chance = np.stack([np.where(equal, 0.95, 0.1), np.where(equal, 0.1, 0.95)], axis=1)
    return at_points(points, drawn_right(chance, seed), cost=np.ones((len(points), 2)))


def test_it_bends_where_a_line_cannot():
    """On crossed halves the network is right nearly whenever a model is, the linear router no oftener than a coin."""
    fit, test = halves(crossed)
    network, line = (replay(find(kind)().fit(fit), test).quality.mean() for kind in ("mlp-router", "ridge-router"))
    assert network > 0.85
    assert line < 0.62
