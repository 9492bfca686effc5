"""RouteLLM's matrix factorisation (arXiv 2406.18665): score by hand, slopes, and a pair that never met."""

import numpy as np
import pytest

from data.problems import ProblemError
from strategies import find, replay
from strategies.predictors.factors import battles, slopes
from tests.embedded import at_points, drawn_right, halves
from tests.worlds import NAN

MF = find("routellm-mf")


def test_the_rule_by_hand():
    """Models (3, 4) and (0, 2) have unit vectors (.6, .8), (0, 1); w = (2, 1), W the identity: s_s - s_w = 1.2 x1 - 0.2 x2."""
    policy = MF(pair=("w", "s")).with_state(
        names=np.array(["s", "w"]), models=np.array([[3.0, 4], [0, 2]]), projection=np.eye(2), head=np.array([2.0, 1]),
    )  # fmt: skip
    table = at_points([[5, 0], [0, 1], [-3, 0]], [[1, 0]] * 3, cost=[[1, 9]] * 3, models=("w", "s"))
    run = replay(policy, table)
    assert run.score(0) == pytest.approx(1 / (1 + np.exp(-np.array([1.2, -0.2, -1.2]))))
    assert run.answer.tolist() == [1, 0, 0]
    assert replay(MF(pair=("w", "s"), threshold=0.4, state=policy.state), table).answer.tolist() == [1, 1, 0]


def test_ties_and_holes_are_no_battles():
    """Of (1, 0, 0), (0.5, 0.5, NaN), (NaN, 0.2, 0.7): a beats b and c on the first, c beats b on the last."""
    fought = battles(np.array([[1, 0, 0], [0.5, 0.5, NAN], [NAN, 0.2, 0.7]]))
    assert sorted(map(tuple, fought.tolist())) == [(0, 0, 1), (0, 0, 2), (2, 2, 1)]
    with pytest.raises(ProblemError, match="no model ever beat another"):
        MF().fit(at_points([[1, 0]], [[1, 1]], cost=[[1, 2]]))


def test_the_slopes_are_those_of_the_loss():
    """Mean of -log sigmoid(s_win - s_lose), by the numerical slope in every weight."""
    rng = np.random.default_rng(0)
    weights = {"models": rng.normal(size=(3, 4)), "projection": rng.normal(size=(4, 5)), "head": rng.normal(size=4)}
    x, winner, loser = rng.normal(size=(6, 5)), np.array([0, 1, 2, 0, 1, 2]), np.array([1, 2, 0, 2, 0, 1])

    def loss():
        unit = weights["models"] / np.linalg.norm(weights["models"], axis=1, keepdims=True)
        score = np.einsum("bk,mk,k->bm", x @ weights["projection"].T, unit, weights["head"])
        rows = np.arange(6)
        return np.log1p(np.exp(-(score[rows, winner] - score[rows, loser]))).mean()

    for name, slope in slopes(weights, x, winner, loser).items():
        for at in np.ndindex(slope.shape):
            weights[name][at] += 1e-6
            up = loss()
            weights[name][at] -= 2e-6
            down = loss()
            weights[name][at] += 1e-6
            assert slope[at] == pytest.approx((up - down) / 2e-6, abs=1e-7), (name, at)


def sided(points, seed):
    """Return three models: the weak one is right on the left, the middle one nearly everywhere, the strong one on the right."""
    left = points[:, 0] < 0
    chance = np.stack([np.where(left, 0.95, 0.1), np.full(len(points), 0.6), np.where(left, 0.1, 0.95)], axis=1)
    return at_points(points, drawn_right(chance, seed), cost=np.tile([1.0, 3.0, 9.0], (len(points), 1)))


def test_a_pair_that_never_met_is_told_apart_through_others():
    """Weak and strong have no common query: their battles with the middle one teach the router all the same."""
    fit, test = halves(sided)
    quality = fit.numbers["quality"].copy()
    quality[::2, 0] = NAN
    quality[1::2, 2] = NAN
    apart = at_points(fit.features["embedding"], quality, cost=fit.numbers["cost_usd"])
    run = replay(MF(pair=("a", "c")).fit(apart), test)
    left = test.features["embedding"][:, 0] < 0
    assert (run.answer == 0)[left].mean() > 0.9
    assert (run.answer == 2)[~left].mean() > 0.9
    with pytest.raises(ProblemError, match="answered by both"):
        find("routellm-sw")(pair=("a", "c")).fit(apart)
