"""RouteLLM's similarity-weighted ranking (arXiv 2406.18665): weights and closed form by hand, and the need for alike battles."""

import numpy as np
import pytest

from data.problems import ProblemError
from strategies import find, frontier, replay
from strategies.metrics.gap import apgr
from strategies.predictors.neighbours import normed
from strategies.routers.routellm_sw import win_share
from tests.embedded import at_points, drawn_right

SW = find("routellm-sw")


def test_the_rule_by_hand():
    """Cosines 1, 0, -1 weigh 100, 10, 1; won, tied, lost: P = (100 + 5) / 111. With the nearest at 0.5 the weights are the same."""
    base = np.array([[1, 0], [0, 1], [-1, 0]], dtype=np.float32)
    wins = np.array([1.0, 0.5, 0.0])
    assert win_share(np.array([[2.0, 0]], dtype=np.float32), base, wins) == pytest.approx([105 / 111])
    half = np.array([[0.5, 0, 0.5**0.5], [0.25, 0, 0.5], [-0.5, 0, 0.2]])
    turned = np.array([[1.0, 0, 0]], dtype=np.float32)
    cosine = normed(half.astype(np.float32)) @ turned[0]
    weight = 10 ** (1 + cosine / cosine.max())
    assert win_share(turned, normed(half.astype(np.float32)), wins) == pytest.approx([(weight * wins).sum() / weight.sum()])


def test_the_closed_form_is_the_bradley_terry_fit():
    """The ratings that maximise the weighted likelihood, found by search, give the same chance of a win."""
    rng = np.random.default_rng(0)
    weight, wins = rng.random(40), rng.choice([0.0, 0.5, 1.0], 40)
    apart = np.linspace(-1000, 1000, 200_001)  # E_s - E_w
    chance = 1 / (1 + 10 ** (-apart / 400))
    won, lost = (weight * wins).sum(), (weight * (1 - wins)).sum()
    best = apart[(won * np.log(chance) + lost * np.log1p(-chance)).argmax()]
    assert 1 / (1 + 10 ** (-best / 400)) == pytest.approx(won / (won + lost), abs=1e-4)


def test_where_nothing_is_alike_all_battles_count_the_same():
    """Cosines -1 and -0.1, greatest below 0: dividing by it would make the least alike count most."""
    base = np.array([[-1, 0], [-0.1, 0.995]], dtype=np.float32)
    assert win_share(np.array([[1.0, 0]], dtype=np.float32), base, np.array([1.0, 0.0])) == pytest.approx([0.5])


def test_the_threshold_by_hand():
    """P = 105/111 = 0.946 and 6/111 = 0.054 for the two sides: strong where P reaches alpha."""
    table = at_points([[1, 0], [0, 1], [-1, 0]], [[0, 1], [1, 1], [1, 0]], cost=[[1, 9]] * 3)
    policy = SW().fit(table)
    assert replay(policy, table).score(0)[[0, 2]] == pytest.approx([105 / 111, 6 / 111])
    assert replay(policy, table).answer.tolist()[0] == 1
    for alpha, strong in ((0.0, 3), (0.06, 2), (0.94, 1), (1.01, 0)):
        assert (replay(SW(threshold=alpha, state=policy.state, pair=policy.pair), table).answer == 1).sum() == strong


def topics(n, seed, *, share):
    """Return a world of two topics: in the first hardness lies along one axis, in the second along another; `share` are of the second."""
    rng = np.random.default_rng(seed)
    second = rng.random(n) < share
    hard = rng.choice([-1.0, 1.0], n)
    axis = np.where(second[:, None], [0, 0, 1, 0], [1, 0, 0, 0]) * hard[:, None]
    home = np.where(second[:, None], [0, 0, 0, 1.0], [0, 1.0, 0, 0])
    chance = np.stack([np.where(hard > 0, 0.1, 0.85), np.full(n, 0.9)], axis=1)
    return at_points(axis + home + 0.1 * rng.normal(size=(n, 4)), drawn_right(chance, seed), cost=np.tile([1.0, 10.0], (n, 1)))


def area(fit, test):
    """Return the APGR of the router's exact curve."""
    curve = frontier(SW().fit(fit), test)
    return apgr(curve.answered[1][::-1], curve.quality[::-1], test.quality("a").mean(), test.quality("b").mean())


def test_out_of_domain_it_is_near_random_until_labels_of_the_domain_are_added():
    """The paper's finding: taught on one topic only, APGR on another is near 0.5; a tenth of labels from it lifts it clearly."""
    test = topics(1500, 9, share=1.0)
    alone, mixed, own = (area(topics(600, 1, share=s), test) for s in (0.0, 0.1, 1.0))
    assert alone == pytest.approx(0.5, abs=0.1)
    assert mixed > alone + 0.1
    assert own > 0.68  # perfect is 0.75: half the queries carry all the gain


def test_costs_are_not_needed_but_common_queries_are():
    """A pair is compared where both answered; without any such query the fit is refused."""
    assert SW().missing(at_points([[0, 1]], [[1, 0]])) == ""
    with pytest.raises(ProblemError, match="answered by both"):
        SW(pair=("a", "b")).fit(at_points([[0, 1], [1, 0]], [[1, np.nan], [np.nan, 0]]))
