"""Two tiers by margin (arXiv 2405.02134): the running quantile by hand, and the budget that it holds when queries change."""

import numpy as np
import pytest

from strategies import find, frontier, replay
from strategies.cascades.two_tier import TwoTier
from tests.worlds import by_hand


def told(margin, right=None, seed=0):
    """Return a small model with these margins, right as often as they say, and a strong one that is right nine times in ten."""
    rng = np.random.default_rng(seed)
    margin = np.asarray(margin, dtype=float)
    quality = np.stack([rng.random(len(margin)) < margin if right is None else right, rng.random(len(margin)) < 0.9], axis=1)
    return by_hand(quality.astype(float), cost=[[1, 10]] * len(margin), margin=np.stack([margin, margin], axis=1))


def test_the_running_quantile_by_hand():
    """The window (.1 .3 .5 .7 .9): at a budget of 0.4 what lies below .5 escalates; three sure answers later also .5 does."""
    fit = told([0.1, 0.3, 0.5, 0.7, 0.9])
    policy = TwoTier(budget=0.4, window=10).fit(fit)
    queries = told([0.29, 0.45, 0.5, 0.6])
    assert (replay(policy, queries).answer == 1).tolist() == [True, True, False, False]
    assert replay(policy, queries).score(1) == pytest.approx([0.19, 0.35, 0.4, 0.5])
    later = policy.moved_on(np.array([0.8, 0.8, 0.9], np.float32))  # ranks of .1 .3 .5 .7: 0, 1/8, 2/8, 3/8, of .8: 4/8
    assert replay(later, queries).score(1)[2] == pytest.approx(0.25)
    assert (replay(later, queries).answer == 1).tolist() == [True, True, True, True]


def test_the_budget_holds_when_the_queries_get_harder():
    """Margins fall by half in a stream: a fixed threshold sends nearly three quarters instead of 30 %, the running quantile keeps to it."""
    rng = np.random.default_rng(1)
    policy = TwoTier(budget=0.3, window=500).fit(told(rng.random(500)))
    hard = told(rng.random(3000) * 0.5)
    still = (replay(policy, hard).answer == 1).mean()
    sent = []
    for start in range(0, 3000, 100):
        block = hard.take(np.arange(start, start + 100))
        sent.append((replay(policy, block).answer == 1).mean())
        policy = policy.moved_on(block.signal("margin", 0))
    assert still > 0.55
    assert np.mean(sent[5:]) == pytest.approx(0.3, abs=0.03)


def test_margins_beat_sending_a_random_share():
    """At each budget the least sure queries are worth more to send than any others."""
    table = told(np.random.default_rng(2).random(4000))
    parts = table.split(seed=0)
    curve = frontier(TwoTier().fit(parts.fit), parts.test)
    at = curve.at(0.4)
    small, strong = parts.test.mean("quality").values()
    share = curve.answered[1][at]
    assert share == pytest.approx(0.4, abs=0.04)
    assert curve.quality[at] > small + share * (strong - small) + 0.1
    assert find("two-tier-uncertainty") is TwoTier
