"""Setting knobs on calibrate."""

import numpy as np
import pytest

from data.problems import LeakError, ProblemError
from strategies import Goal, find, frontier, replay, tune
from strategies.frontiers.tune import pick
from strategies.knobs import setting, turns
from strategies.proving import proving_parts
from tests.worlds import by_hand, proving_ground, unpriced

PARTS = proving_parts()
BEST = max(PARTS.calibrate.mean("quality").values())


def two(**given):
    """Return a cascade of two models."""
    return find("margin-cascade")(chain=("m0", "m3"), signal="margin", **given)


def test_nothing_is_tuned_on_test():
    """The test part is refused, by `tune` and by `calibrate`."""
    with pytest.raises(LeakError, match="never on test"):
        tune(two(), PARTS.test, Goal(keep=0.9))
    with pytest.raises(LeakError):
        two().calibrate(PARTS.test, Goal(budget=1))


@pytest.mark.parametrize("given", [{}, {"keep": 0.9, "budget": 1.0}])
def test_a_goal_is_one_thing(given):
    """A share of quality or a budget, not none and not both."""
    with pytest.raises(ProblemError, match=r"keep=0\.98 or budget"):
        Goal(**given)


@pytest.mark.parametrize("keep", [0.5, 0.8, 0.95, 1.0])
def test_keep_is_the_cheapest_setting_that_keeps_it(keep):
    """Of all settings of the exact curve with enough quality the least cost; none that is cheaper has enough."""
    curve = frontier(two(), PARTS.calibrate)
    run = replay(tune(two(), PARTS.calibrate, Goal(keep=keep)), PARTS.calibrate).summary()
    enough = curve.quality >= keep * BEST
    assert run.quality >= keep * BEST
    assert run.cost_usd == pytest.approx(curve.cost_usd[enough].min())


@pytest.mark.parametrize("share", [0.0, 0.3, 0.8, 1.0])
def test_a_budget_buys_the_best_quality_within_it(share):
    """Of all settings within the budget the best; its cost stays within."""
    curve = frontier(two(), PARTS.calibrate)
    budget = float(curve.cost_usd[0] + share * (curve.cost_usd[-1] - curve.cost_usd[0]))
    run = replay(tune(two(), PARTS.calibrate, Goal(budget=budget)), PARTS.calibrate).summary()
    assert run.cost_usd <= budget * (1 + 1e-9)
    assert run.quality == pytest.approx(curve.quality[curve.cost_usd <= budget].max())


def test_what_cannot_be_reached_falls_back():
    """More quality than there is: the highest; less money than it costs: the cheapest."""
    curve = frontier(two(), PARTS.calibrate)
    assert curve.quality[pick(curve, PARTS.calibrate, Goal(keep=2.0))] == curve.quality.max()
    assert curve.cost_usd[pick(curve, PARTS.calibrate, Goal(budget=0.0))] == curve.cost_usd.min()


@pytest.mark.parametrize(
    ("kind", "goal"), [("margin-cascade", Goal(keep=0.9)), ("margin-cascade", Goal(budget=0.003)), ("knn-router", Goal(keep=0.9))]
)
def test_several_thresholds_are_no_worse_than_where_they_started(kind, goal):
    """A chain of four is searched over all its thresholds and meets the goal at no more cost than any single knob would."""
    policy = find(kind)().fit(PARTS.fit)
    tuned = tune(policy, PARTS.calibrate, goal)
    found = replay(tuned, PARTS.calibrate).summary()
    for each in turns(policy):
        if each.cuts is None and each.name != "lam":
            assert setting(tuned, each.name) == setting(policy, each.name)
            continue
        curve = frontier(policy, PARTS.calibrate, each.name)
        at = pick(curve, PARTS.calibrate, goal)
        if goal.keep is not None:
            assert found.quality >= goal.keep * BEST
            if curve.quality[at] >= goal.keep * BEST:
                assert found.cost_usd <= curve.cost_usd[at] * 1.02
        else:
            assert found.cost_usd <= goal.budget
            assert found.quality >= curve.quality[at] - 0.02


def test_a_mixtures_share_is_tuned_too():
    """The share that keeps enough quality, from the closed form."""
    mix = tune(find("random-mix")(pair=("m0", "m3")), PARTS.calibrate, Goal(keep=0.8))
    assert 0 < mix.share < 1
    assert mix.expected(PARTS.calibrate).quality >= 0.8 * BEST


def test_what_has_no_knob_stays():
    """A single model is what it is."""
    policy = find("single")(model="m1")
    assert tune(policy, PARTS.calibrate, Goal(keep=0.9)) is policy


def test_without_costs_or_qualities_something_sensible_is_picked():
    """No price: the highest quality; nothing known: some setting, without an error."""
    table = unpriced(PARTS.calibrate)
    curve = frontier(two(), table)
    assert curve.quality[pick(curve, table, Goal(keep=0.5))] == curve.quality.max()
    assert len(tune(find("margin-cascade")(chain=("m0", "m1", "m2"), signal="margin"), table, Goal(keep=0.9)).thresholds) == 2
    blind = by_hand(np.full((5, 2), np.nan), cost=[[1, 2]] * 5, margin=[[0.1 * i, 0] for i in range(5)])
    assert tune(find("margin-cascade")(chain=("a", "b"), signal="margin"), blind, Goal(keep=0.9)).chain == ("a", "b")


def test_long_chains_are_searched_coarsely():
    """Five models have four thresholds: still tuned within a moment, and the goal is met."""
    table = proving_ground(120, 5, seed=3)
    policy = find("margin-cascade")(signal="margin").fit(table)
    tuned = tune(policy, table, Goal(keep=0.9))
    assert len(tuned.thresholds) == 4
    assert replay(tuned, table).summary().quality >= 0.9 * max(table.mean("quality").values())
