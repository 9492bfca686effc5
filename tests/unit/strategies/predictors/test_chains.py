"""The search of chains and thresholds against trying everything one query at a time."""

import itertools

import numpy as np
import pytest

from strategies.predictors.chains import NEVER, Wish, improvement, search


def one_by_one(scores, quality, cost, wish):
    """Return (quality, cost) of the best chain, each tried by walking through it query by query."""
    tried = []
    order = np.argsort(cost.mean(axis=0), kind="stable")
    better = improvement(quality)
    for depth in (2, 3):
        for chain in itertools.combinations(order, depth):
            if any(better[b, a] < 0.01 for a, b in itertools.pairwise(chain)):
                continue
            for cuts in itertools.product(*[[*np.unique(scores[:, m]), NEVER] for m in chain[:-1]]):
                got, paid = 0.0, 0.0
                for i in range(len(scores)):
                    for m, cut in itertools.zip_longest(chain, cuts, fillvalue=-1.0):
                        paid += cost[i, m]
                        if scores[i, m] >= cut:
                            got += quality[i, m]
                            break
                tried.append((got / len(scores), paid / len(scores)))
    quality, cost = np.array(tried).T
    return tried[wish.first(quality, cost)]


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("wish", [Wish(quality=0.7), Wish(budget=12.0), Wish(quality=1.1), Wish(budget=0.0)], ids=str)
def test_it_finds_what_trying_everything_finds(seed, wish):
    """The same quality and cost, reachable wish or not; ties of scores included."""
    rng = np.random.default_rng(seed)
    scores = (rng.integers(0, 6, (10, 4)) / 8).astype(np.float32)
    quality = rng.integers(0, 3, (10, 4)).astype(np.float32) / 2
    cost = (rng.random((10, 4)) * 3.0 ** np.arange(4)).astype(np.float32)
    found = search(scores, quality, cost, wish)
    assert (found.quality, found.cost) == pytest.approx(one_by_one(scores, quality, cost, wish))


SCORES = np.array([[0.9, 0.5], [0.2, 0.5], [0.8, 0.5], [0.1, 0.5]], np.float32)
QUALITY = np.array([[1, 1], [0, 1], [1, 0], [0, 1]], np.float32)
COST = np.tile(np.array([1, 9], np.float32), (4, 1))


def test_a_search_by_hand():
    """Keeping scores from 0.8 is right four times at (1 + 10 + 1 + 10) / 4; a budget of 1 leaves the first model alone."""
    found = search(SCORES, QUALITY, COST, Wish(quality=1.0))
    assert (found.models, found.thresholds) == ((0, 1), pytest.approx((0.8,)))
    assert (found.quality, found.cost) == (1.0, 5.5)
    cheap = search(SCORES, QUALITY, COST, Wish(budget=1.0))
    assert (cheap.quality, cheap.cost) == (0.5, 1.0)
    assert cheap.thresholds == pytest.approx((0.1,))


def test_a_given_chain_keeps_its_order():
    """Dear before cheap, if a person wants it: only the threshold is looked for."""
    found = search(SCORES, QUALITY, COST, Wish(quality=1.0), (1, 0))
    assert found.models == (1, 0)
    assert found.cost >= 9


def test_a_model_that_is_never_better_does_not_follow():
    """The third model, right only where the first one is, is in no chain after it."""
    quality = np.column_stack([QUALITY, [1, 0, 0, 0]]).astype(np.float32)
    assert improvement(quality)[2].tolist() == [0, 0, 0]
    assert improvement(quality)[1].tolist() == [0.5, 0, 0.5]
    scores, cost = np.column_stack([SCORES, SCORES[:, :1]]), np.column_stack([COST, [2, 2, 2, 2]]).astype(np.float32)
    assert search(scores, quality, cost, Wish(quality=1.0)).models == (0, 1)


def test_where_nobody_is_ever_better_cost_alone_orders():
    """Equal models still make a chain."""
    found = search(SCORES, np.ones((4, 2), np.float32), COST, Wish(quality=1.0))
    assert (found.models, found.cost) == ((0, 1), 1.0)
