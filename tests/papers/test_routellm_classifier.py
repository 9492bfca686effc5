"""RouteLLM's classifier (arXiv 2406.18665): the three-way rule by hand, and why ties are a class of their own."""

import numpy as np
import pytest

from strategies import find, frontier, replay
from strategies.metrics.gap import apgr
from tests.embedded import at_points, drawn_right, halves

CLASSIFIER = find("routellm-classifier")


def test_the_rule_by_hand():
    """Scores (x1, x2, 0): shares e : e : 1 of strong, tie, weak at (1, 1): P = 0.422, although weak wins with 0.155 only."""
    policy = CLASSIFIER(pair=("w", "s")).with_state(
        input_mean=np.zeros(2), input_spread=np.ones(2), w2=np.array([[1.0, 0], [0, 1], [0, 0]]), b2=np.zeros(3)
    )
    table = at_points([[1, 1], [2, 0]], [[1, 1], [0, 1]], cost=[[1, 9]] * 2, models=("w", "s"))
    e = np.e
    assert replay(policy, table).score(0) == pytest.approx([e / (2 * e + 1), e**2 / (e**2 + 2)])
    assert e / (2 * e + 1) == pytest.approx(0.422, abs=5e-4)
    assert replay(policy, table).answer.tolist() == [0, 1]


def tied(points, seed):
    """Return a world where both models are right on the left (a tie), and the weak one fails in the upper right quarter."""
    hard = (points[:, 0] > 0) & (points[:, 1] > 0)
    chance = np.stack([np.where(hard, 0.1, 0.97), np.full(len(points), 0.97)], axis=1)
    return at_points(points, drawn_right(chance, seed), cost=np.tile([1.0, 10.0], (len(points), 1)))


def test_ties_go_to_the_weak_model():
    """Three quarters are ties: they are spared the strong model, and the quarter that needs it gets it."""
    fit, test = halves(tied)
    hard = (test.features["embedding"] > 0).all(axis=1)
    run = replay(CLASSIFIER(threshold=0.4).fit(fit), test)
    assert (run.answer == 1)[hard].mean() > 0.8
    assert (run.answer == 0)[~hard].mean() > 0.85


def test_the_curve_lies_above_random_in_domain():
    """APGR well above the random router's 0.5, and both ends are the single models."""
    fit, test = halves(tied)
    curve = frontier(CLASSIFIER().fit(fit), test)
    weak, strong = (test.quality(m).mean() for m in ("a", "b"))
    assert curve.answered[1][[0, -1]].tolist() == [1, 0]
    assert curve.quality[[0, -1]] == pytest.approx([strong, weak])
    assert apgr(curve.answered[1][::-1], curve.quality[::-1], weak, strong) > 0.8
