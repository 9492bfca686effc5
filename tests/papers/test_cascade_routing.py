"""Cascade routing (Dekoninck et al., arXiv 2410.10347): the rule by hand, its two corners, and which estimate favours which."""

import numpy as np
import pytest

from data.simulator import SimModel, World, simulate
from strategies import Goal, frontier, replay
from strategies.cascades.cascade_routing import CascadeRouting
from strategies.metrics.plane import aiq, common_range
from strategies.predictors.supermodels import expected_best
from tests.worlds import by_hand


def known(names, cost, spread):
    """Return a fitted state: estimates before come with the data, an answer's estimate is its confidence."""
    return {
        "names": np.array(list(names)),
        "signals": np.array(["confidence"] * len(names)),
        "foreseen": np.array(True),
        "before_feature": np.array(""),
        "after": np.tile([0.0, 0.0, 1.0, 0.0], (len(names), 1)),
        "spread": np.array(spread),
        "cost": np.array(cost),
    }


def one(before, confidence, cost=(1, 10)):
    """Return a query of two models with these estimates before the call and these confidences after it."""
    table = by_hand([[1, 1]], cost=[list(cost)], confidence=[list(confidence)])
    for name, value in zip("ab", before, strict=True):
        table = table.with_feature(f"predicted_quality:{name}", np.array([[value]], np.float32))
    return table


def test_two_normal_draws_by_hand():
    """E max of two N(0.5, 0.2^2) is 0.5 + 0.2 / sqrt(pi) = 0.6128; against a sure 0.5 it is 0.5 + 0.2 / sqrt(2 pi) = 0.5798."""
    both = np.array([[True, True], [True, False], [False, False]])
    nothing, half = np.array([-np.inf]), np.array([0.5])
    mean, spread = np.array([[0.5, 0.5]]), np.array([0.2, 0.2])
    assert expected_best(nothing, mean, spread, both)[0, :2] == pytest.approx([0.6128, 0.5], abs=3e-3)
    # Both against a sure 0.5: 0.5 + 0.2 (1 / sqrt(2 pi) + 1 / (2 sqrt(pi))).
    assert expected_best(half, mean, spread, both)[0] == pytest.approx([0.6362, 0.5798, 0.5], abs=3e-3)


@pytest.mark.parametrize(
    ("confidence", "path", "answer"),
    [(0.9, (0,), 0), (0.3, (0, 1), 1), (0.62, (0,), 0), (0.58, (0, 1), 1)],
)
def test_a_step_by_hand(confidence, path, answer):
    """Estimates before are 0.65 and 0.8; a is free, b costs 10 at lambda = 0.02, so 0.2.

    Before any call {a} is worth 0.65, {b} and {a, b} 0.8 - 0.2 = 0.6: a is run. Then b is run on top where 0.6 is more than a's
    estimate after its call, here its confidence; with both run the better answer is returned.
    """
    weight = 0.2 / 1.2  # w / (1 - w) = 0.2 per cost of the dearest, 10: lambda = 0.02
    policy = CascadeRouting(chain=("a", "b"), weight=weight, state=known("ab", [0.0, 10.0], [0.0, 0.0]))
    run = replay(policy, one((0.65, 0.8), (confidence, 0.8), cost=(0, 10)))
    assert run.path == [path]
    assert run.answer.tolist() == [answer]


def test_the_best_answer_of_those_run_is_returned():
    """The strong model was asked and turned out worse: the first answer is given."""
    policy = CascadeRouting(chain=("a", "b"), weight=0.0, state=known("ab", [1.0, 10.0], [0.3, 0.3]))
    run = replay(policy, one((0.6, 0.8), (0.7, 0.2)))
    assert set(run.path[0]) == {0, 1}
    assert run.answer.tolist() == [0]


def test_routing_and_cascading_are_corners():
    """On one query with the same estimates: routing runs the single best set, cascading begins with the cheap one, the rule may skip it."""
    table = one((0.3, 0.9), (0.3, 0.9))
    state = known("ab", [1.0, 2.0], [0.05, 0.05])
    paths = {mode: replay(CascadeRouting(chain=("a", "b"), mode=mode, weight=0.1, state=state), table).path[0]
             for mode in ("routing", "cascading", "cascade-routing")}  # fmt: skip
    assert paths == {"routing": (1,), "cascading": (0, 1), "cascade-routing": (1,)}


def worth(ex_ante, post_hoc):
    """Return the area under each mode's curve on simulated models whose quality is known so well before and after the call."""
    models = tuple(
        SimModel(
            name=f"m{k}", accuracy=0.6 + 0.14 * k, price_in_usd_per_mtok=0.1 * 5.0**k, price_out_usd_per_mtok=0.3 * 5.0**k,
            tokens_spread=0.1,
        )
        for k in range(3)
    )  # fmt: skip
    parts = simulate(World(name="noise", n=1500, models=models, ex_ante=ex_ante, post_hoc=post_hoc, tokens_in_spread=0.1)).split(seed=0)
    cost, quality = (np.array(list(parts.test.mean(name).values())) for name in ("cost_usd", "quality"))
    found = {}
    for mode in ("routing", "cascading", "cascade-routing"):
        curve = frontier(CascadeRouting(mode=mode, signal="confidence").fit(parts.fit), parts.test, "weight", np.linspace(0, 1, 15))
        found[mode] = aiq(curve.cost_usd, curve.quality, **common_range(cost, quality)._asdict())
    return found


def test_poor_foresight_favours_cascading_and_poor_hindsight_routing():
    """The paper's message, and the rule that contains both follows the better one."""
    blind, rash = worth(0.6, 0.9), worth(0.9, 0.55)
    assert blind["cascading"] > blind["routing"] + 0.02
    assert rash["routing"] > rash["cascading"] + 0.004
    for found in (blind, rash):
        assert found["cascade-routing"] > max(found["routing"], found["cascading"]) - 0.01


def test_the_weight_is_found_for_a_budget():
    """The least weight whose mean cost is within the budget: any smaller one is dearer."""
    models = (SimModel(name="a", accuracy=0.6), SimModel(name="b", accuracy=0.9, price_in_usd_per_mtok=10, price_out_usd_per_mtok=30))
    parts = simulate(World(name="budget", n=600, models=models)).split(seed=0)
    budget = float(np.mean(list(parts.calibrate.mean("cost_usd").values())))
    policy = CascadeRouting(signal="confidence").fit(parts.fit).calibrate(parts.calibrate, Goal(budget=budget))
    cost = replay(policy, parts.calibrate).summary().cost_usd
    assert budget * 0.9 < cost <= budget
