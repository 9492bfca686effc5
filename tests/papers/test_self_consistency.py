"""Answer consistency (Yue et al., arXiv 2310.03094): vote and verify by hand, and two ways of asking against one."""

import numpy as np
import pytest

from strategies import frontier, replay
from strategies.cascades.self_consistency import SelfConsistency
from tests.worlds import by_hand, sampled


def test_vote_by_hand():
    """Five samples: 3 of 5 agree, 2 of 5, none; at tau 0.6 only the first is kept, K c_S = 5 is paid by all, 100 by the others."""
    drawn = [[7, 3, 7, 7, 1], [2, 9, 2, 9, 1], [1, 2, 3, 4, 5]]
    table = sampled(by_hand([[0.6, 1], [0.4, 1], [0.2, 0]], cost=[[1, 100]] * 3, latency=[[2, 9]] * 3), {0: drawn}, right=[7, 9, 5])
    policy = SelfConsistency(k=5, tau=0.6).fit(table)
    run = replay(policy, table)
    assert policy.chain == ("a", "b")
    assert run.score(1) == pytest.approx([0.6, 0.4, 0.2])
    assert run.path == [(0,), (0, 1), (0, 1)]
    assert run.cost_usd.tolist() == [5, 105, 105]
    assert run.latency_s.tolist() == [4, 13, 13]  # the call, then four samples at once
    assert run.quality.tolist() == [1, 1, 0]  # the sample that won is returned, not the mean of all
    loose = replay(SelfConsistency(k=5, tau=0.4).fit(table), table)
    assert (loose.sample.tolist(), loose.quality.tolist()) == ([0, 0, -1], [1, 0, 0])  # a tie goes to the answer seen first


def test_verify_by_hand():
    """Two ways of asking, three samples each: kept only where both majorities are the same answer; no threshold is left to choose."""
    one, two = [[7, 7, 1], [7, 7, 1], [1, 2, 3]], [[7, 2, 7], [2, 2, 7], [-1, -1, -1]]
    table = sampled(by_hand([[1, 1, 1]] * 3, cost=[[1, 2, 100]] * 3), {0: one, 1: two}, right=[7, 7, 7])
    run = replay(SelfConsistency(chain=("a", "b", "c"), k=6, how="verify").fit(table), table)
    assert run.score(1).tolist() == [1, 0, 0]
    assert run.answer.tolist() == [0, 2, 2]
    assert run.cost_usd.tolist() == [9, 109, 109]


@pytest.fixture(scope="module")
def world():
    """Return 3,000 queries: each way of asking is misled on its own 15 %, always to the same wrong answer, and unsure on a third."""
    rng = np.random.default_rng(0)
    n, k = 3000, 10
    misled, unsure = rng.random((n, 2)) < 0.15, rng.random(n) < 1 / 3
    wrong = rng.integers(1, 4, (n, 2, k))
    clean = np.where(misled, rng.integers(1, 4, (n, 2)), 0)[:, :, None]
    code = np.where(unsure[:, None, None] & (rng.random((n, 2, k)) < 0.6), wrong, clean)
    right = (code == 0).mean(axis=2)
    quality = np.column_stack([right, rng.random(n) < 0.9])
    table = by_hand(quality, cost=[[1, 1, 200]] * n, models=("cot", "pot", "strong"))
    return sampled(table, {0: code[:, 0], 1: code[:, 1]}, right=np.zeros(n))


def test_what_a_model_wavers_on_is_worth_sending(world):
    """Vote reaches the strong model's accuracy for less than two thirds of its cost: consistency tells right from wrong."""
    curve = frontier(SelfConsistency(chain=("cot", "pot", "strong"), k=20).fit(world), world)
    strong = world.mean("quality")["strong"]
    enough = curve.cost_usd[curve.quality >= strong]
    assert enough.min() < 0.66 * 200
    assert curve.quality[0] < strong - 0.05


def test_two_ways_of_asking_beat_one_at_the_same_number_of_samples(world):
    """Ten samples in two representations against ten in one: both mislead, but seldom in the same way."""

    def at(chain, cost):
        curve = frontier(SelfConsistency(chain=chain, k=10).fit(world), world)
        return np.interp(cost, curve.cost_usd, curve.quality)

    assert at(("cot", "pot", "strong"), 90) > at(("cot", "strong"), 90) + 0.03
