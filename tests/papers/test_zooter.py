"""ZOOTER (arXiv 2311.08692): labels by hand, the slopes of both divergences, and what tags do against noisy rewards."""

import numpy as np
import pytest

from data.problems import ProblemError
from strategies import find, replay
from strategies.predictors.distilled import rewarded, router_first, smoothed, target_first
from strategies.predictors.network import softmax
from tests.embedded import at_points, view_of
from tests.worlds import NAN

ZOOTER = find("zooter")


def test_the_labels_by_hand():
    """Shares softmax(1, 0) = (.731, .269); with its tag's mean (.5, .5) and beta = 0.3 the target is 0.3 * .731 + 0.7 * .5 = .569."""
    shares = rewarded(np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]]), 1.0)
    assert shares == pytest.approx(np.array([[0.731, 0.269], [0.269, 0.731], [0.731, 0.269]]), abs=5e-4)
    target = smoothed(shares, np.array([4, 4, 9]), 0.3)
    assert target == pytest.approx(np.array([[0.569, 0.431], [0.431, 0.569], [0.731, 0.269]]), abs=5e-4)
    assert smoothed(shares, np.array([4, 4, 9]), 1.0) == pytest.approx(shares)
    assert smoothed(shares, np.array([4, 4, 9]), 0.0)[0] == pytest.approx([0.5, 0.5])


def test_distributions_are_mixed_not_rewards():
    """The mean of softmax(10, 0) and softmax(0, 1) is not the softmax of the mean reward (5, 0.5)."""
    reward = np.array([[10.0, 0.0], [0.0, 1.0]])
    mixed = smoothed(rewarded(reward, 1.0), np.zeros(2, int), 0.0)[0]
    assert mixed == pytest.approx((softmax(reward)).mean(axis=0))
    assert abs(mixed - softmax(reward.mean(axis=0, keepdims=True))[0]).max() > 0.3


@pytest.mark.parametrize(
    ("slope", "loss"),
    [
        (router_first, lambda p, s: (p * np.log(p / s)).sum()),
        (target_first, lambda p, s: (s * np.log(s / p)).sum()),
    ],
)
def test_the_slopes_are_those_of_the_divergences(slope, loss):
    """KL(p || s) and KL(s || p), by the numerical slope in the scores."""
    z, s = np.array([[0.3, -0.2, 1.0]]), np.array([[0.2, 0.5, 0.3]])
    found = slope(s)(z, np.array([0]))[0]
    for at in range(3):
        step = np.zeros((1, 3))
        step[0, at] = 1e-6
        assert found[at] == pytest.approx((loss(softmax(z + step), s) - loss(softmax(z - step), s)) / 2e-6, abs=1e-6)


def test_the_rule_by_hand():
    """Scores (x1, 0, x2): the greatest share wins; lambda takes the mean cost off the share."""
    policy = ZOOTER().with_state(
        names=np.array(["a", "b", "c"]), cost=np.array([1.0, 2, 3]), input_mean=np.zeros(2), input_spread=np.ones(2),
        w2=np.array([[1.0, 0], [0, 0], [0, 1]]), b2=np.zeros(3),
    )  # fmt: skip
    table = at_points([[1, 0.5], [-1, 2], [-1, -1]], [[1, 1, 1]] * 3, cost=[[1, 2, 3]] * 3)
    assert replay(policy, table).answer.tolist() == [0, 2, 1]
    e = np.exp
    total = e(1) + 1 + e(0.5)
    assert policy.estimate(view_of(table))[0][0] == pytest.approx([e(1) / total, 1 / total, e(0.5) / total])
    # The second query's shares are (0.042, 0.114, 0.844): c leads a by 0.802 at a price of 2 more, so a takes over at 0.401.
    assert replay(ZOOTER(lam=0.395, state=policy.state), table).answer.tolist()[1] == 2
    assert replay(ZOOTER(lam=0.405, state=policy.state), table).answer.tolist()[1] == 0


def judged(noise, seed, n=80, dimensions=40):
    """Return a table whose rewards are noisy, whose tags (tasks) say who is best, and whose embeddings say it amid much else."""
    rng = np.random.default_rng(seed)
    tag = rng.integers(0, 4, n)
    truth = np.where(tag[:, None] == np.arange(4), 0.65, 0.45)
    vectors = rng.normal(size=(n, dimensions))
    vectors[:, :4] += 2.0 * (tag[:, None] == np.arange(4))
    reward = np.clip(truth + noise * rng.normal(size=(n, 4)), 0, 1)
    return at_points(vectors, reward, cost=np.ones((n, 4)), tasks=[f"t{t}" for t in tag]), tag


def found(beta, noise, **choices):
    """Return how often the best model of the tag is chosen, over eight noisy fits."""
    share = []
    for seed in range(8):
        fit, _ = judged(noise, seed)
        test, tag = judged(0.0, 100 + seed, n=300)
        share.append((replay(ZOOTER(smoothing=beta, **choices).fit(fit), test).answer == tag).mean())
    return np.mean(share)


@pytest.mark.parametrize("divergence", ["router first", "target first"])
def test_tags_help_against_noisy_rewards(divergence):
    """The paper's ablation in small: smoothing by tags finds the best model oftener where rewards are noisy."""
    assert found("0.3", 0.3, divergence=divergence) > found("1", 0.3, divergence=divergence) + 0.05


def test_only_complete_queries_are_learnt_from():
    """A model that never ran is left out and no choice; where no query is complete, the fit is refused."""
    quality = [[1, 0, NAN], [0, 1, NAN], [NAN, 1, NAN], [1, 0, NAN]]
    table = at_points([[1, 0], [0, 1], [0, 1], [1, 0.1]], quality, cost=[[1, 1, 1]] * 4)
    shares = ZOOTER(temperature="0.05").fit(table).estimate(view_of(table))[0]
    assert np.isnan(shares[:, 2]).all()
    assert shares[:, :2].argmax(axis=1).tolist() == [0, 1, 1, 0]
    with pytest.raises(ProblemError, match="answered by every model"):
        ZOOTER().fit(at_points([[1, 0], [0, 1]], [[1, NAN], [NAN, 1]], cost=[[1, 1]] * 2))
