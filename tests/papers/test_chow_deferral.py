"""Deferral on token probabilities (Gupta et al., arXiv 2404.10136): the three summaries by hand, and their biases of length."""

import numpy as np
import pytest

from strategies import frontier, replay
from strategies.cascades.chow import ChowDeferral
from tests.worlds import by_hand

TOKENS = ([-0.1] * 10, [-0.05, -0.9], [-0.3, -0.3, -0.3])


def spoken(tokens, quality, strong):
    """Return a table of a small model with these tokens' log-probabilities and a strong one without any."""
    nothing = np.full(len(tokens), np.nan)
    said = {
        "sum_logprob": [sum(t) for t in tokens],
        "mean_logprob": [np.mean(t) for t in tokens],
        "min_logprob": [min(t) for t in tokens],
        "logprob_q50": [np.median(t) for t in tokens],
    }
    pairs = {name: np.stack([values, nothing], axis=1) for name, values in said.items()}
    return by_hand(np.stack([quality, strong], axis=1), cost=[[1, 10]] * len(tokens), **pairs)


@pytest.mark.parametrize(
    ("summary", "a", "deferred"),
    [
        ("sum", 0.0, 0),  # -1.00 against -0.95 and -0.90: the long answer looks worst, sure as its words are
        ("average", 0.0, 1),  # -0.10, -0.475, -0.30
        ("quantile", 0.0, 1),  # the weakest words: -0.1, -0.9, -0.3
        ("quantile", 0.25, 1),  # half way to the medians: -0.1, -0.6875, -0.3
    ],
)
def test_the_three_rules_by_hand(summary, a, deferred):
    """At a rate of one third, exactly the answer with the lowest score goes to the strong model."""
    table = spoken(TOKENS, [0, 0, 0], [1, 1, 1])
    policy = ChowDeferral(score=summary, a=a, rate=1 / 3).fit(table)
    run = replay(policy, table)
    assert policy.chain == ("a", "b")
    assert np.flatnonzero(run.answer == 1).tolist() == [deferred]
    assert run.cost_usd[deferred] == 11
    assert sorted(run.score(1).tolist()) == pytest.approx([0, 1 / 3, 2 / 3])


@pytest.fixture(scope="module")
def world():
    """Return answers of 2 to 60 words, right or wrong whatever their length; a wrong one has a single very weak word."""
    rng = np.random.default_rng(0)
    n = 1500
    right = rng.random(n) < 0.6
    length = rng.integers(2, 61, n)
    tokens = []
    for i in range(n):
        words = -rng.exponential(0.15, length[i])
        words[rng.integers(length[i])] -= rng.exponential(0.3) if right[i] else rng.exponential(2.0)
        tokens.append(words)
    return spoken(tokens, right.astype(float), np.full(n, 0.9) > rng.random(n)), length


def test_the_sum_defers_the_long_and_the_average_the_short(world):
    """Section 3's two opposite biases: at the same rate, sums send away long answers and means short ones."""
    table, length = world
    sent = {s: replay(ChowDeferral(score=s, rate=0.3).fit(table), table).answer == 1 for s in ("sum", "average")}
    assert all(mask.mean() == pytest.approx(0.3, abs=0.001) for mask in sent.values())
    assert length[sent["sum"]].mean() > length.mean() + 10
    assert length[sent["average"]].mean() < length.mean() - 5


def test_where_one_word_tells_the_quantile_has_the_larger_area(world):
    """The area under quality against the share deferred is larger with the weakest word than with either summary of all words."""
    table, _ = world

    def area(summary):
        curve = frontier(ChowDeferral(score=summary).fit(table), table)
        return np.trapezoid(curve.quality, curve.answered[1])

    small, strong = table.mean("quality").values()
    assert area("quantile") > max(area("sum"), area("average")) + 0.005
    assert min(area("sum"), area("average")) > (small + strong) / 2  # and all three beat deferring at random
