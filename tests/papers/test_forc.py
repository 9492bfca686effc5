"""FORC (arXiv 2308.06077): thresholds, preferences and fallbacks by hand; the largest model's quality for less."""

import numpy as np
import pytest

from strategies import find, frontier, replay
from tests.embedded import at_points, drawn_right, halves

FORC = find("forc")


def told(**knobs):
    """Return a policy that expects p = (0.4, 0.7, 0.9) at costs (1, 3, 10) of every query, and a table of one query."""
    policy = FORC(learner="ridge", **knobs).with_state(
        names=np.array(["s", "m", "l"]), mean=np.array([0, 0, 0, 1, 3, 10.0]), spread=np.ones(6), low=np.zeros(6),
        high=np.array([1, 1, 1, 99, 99, 99.0]), coefficients=np.zeros((6, 2)), intercept=np.array([0.4, 0.7, 0.9, 0, 0, 0]),
    )  # fmt: skip
    return policy, at_points([[0, 1]], [[1, 1, 1]], cost=[[1, 3, 10]], models=("s", "m", "l"))


@pytest.mark.parametrize(
    ("knobs", "chosen"),
    [
        ({"theta": 0.0}, "s"),
        ({"theta": 0.39}, "s"),
        ({"theta": 0.4}, "m"),  # above, not at
        ({"theta": 0.8}, "l"),
        ({"theta": 0.95}, "l"),  # none will do: the biggest
        ({"theta": 0.95, "fallback": "cheapest"}, "s"),
        ({"theta": 0.95, "fallback": "likeliest"}, "l"),
        ({"theta": 0.4, "prefer": "biggest"}, "l"),
    ],
)
def test_the_rule_by_hand(knobs, chosen):
    """The cheapest (or biggest) of those above theta, else the fallback."""
    policy, table = told(**knobs)
    run = replay(policy, table)
    assert table.models[run.answer[0]] == chosen
    assert run.score(0) == pytest.approx([{"s": 0.4, "m": 0.7, "l": 0.9}[chosen]])


def test_a_model_without_an_estimate_never_passes():
    """A model that is new since the fit is no choice, neither by the rule nor as the fallback."""
    policy, _ = told(theta=0.95)
    table = at_points([[0, 1]], [[1, 1, 1]], cost=[[1, 3, 10]], models=("s", "m", "new"))
    assert replay(policy, table).answer.tolist() == [1]


def easy_and_hard(points, seed):
    """Return a world where the small model masters three quarters of the queries as well as the large one does all."""
    hard = (points[:, 0] > 0) & (points[:, 1] > 0)
    chance = np.stack([np.where(hard, 0.05, 0.92), np.full(len(points), 0.92)], axis=1)
    return at_points(points, drawn_right(chance, seed), cost=np.tile([1.0, 10.0], (len(points), 1)))


def test_the_largest_models_quality_for_much_less():
    """The paper's claim in small: within a point of the largest model at less than half of its cost."""
    fit, test = halves(easy_and_hard)
    run = replay(FORC().fit(fit), test)
    assert run.quality.mean() > test.quality("b").mean() - 0.02
    assert run.cost_usd.mean() < 0.45 * test.cost_usd("b").mean()


def test_a_higher_threshold_never_costs_less():
    """From all at the cheapest to all at the biggest, the cost of two models only rises with theta."""
    fit, test = halves(easy_and_hard, 400)
    curve = frontier(FORC(learner="ridge").fit(fit), test, "theta")
    assert (np.diff(curve.cost_usd) >= -1e-9).all()
    assert curve.answered[1, -1] == 1
