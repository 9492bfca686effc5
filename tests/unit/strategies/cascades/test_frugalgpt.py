"""The searched cascade: what is searched when, and what stays as a person set it."""

import pytest

from data.problems import LeakError, ProblemError
from strategies import Goal, replay
from strategies.cascades.frugalgpt import FrugalCascade
from tests.worlds import bare, by_hand, proving_ground, unpriced


def test_an_open_chain_is_searched_and_searched_again_for_a_goal():
    """`fit` finds one for the best model's quality, `calibrate` one for its goal, cheaper where the goal is lower."""
    parts = proving_ground(600, 4).split(seed=0)
    fitted = FrugalCascade().fit(parts.fit)
    assert 2 <= len(fitted.chain) <= 3
    assert len(fitted.thresholds) == len(fitted.chain) - 1
    low, high = (fitted.calibrate(parts.calibrate, Goal(keep=keep)) for keep in (0.7, 1.0))
    cost = [replay(policy, parts.calibrate).summary().cost_usd for policy in (low, high)]
    assert cost[0] < cost[1]
    best = max(parts.calibrate.mean("quality").values())
    assert replay(high, parts.calibrate).summary().quality >= best - 1e-6
    budget = fitted.calibrate(parts.calibrate, Goal(budget=cost[0]))
    assert replay(budget, parts.calibrate).summary().cost_usd <= cost[0] * (1 + 1e-6)


def test_a_given_chain_stays_and_its_thresholds_are_tuned():
    """Dear first, if a person wants it; a short list of thresholds is filled up, a long one cut."""
    parts = proving_ground(300, 4).split(seed=0)
    fitted = FrugalCascade(chain=("m2", "m0", "m3"), thresholds=(0.4,)).fit(parts.fit)
    assert (fitted.chain, fitted.thresholds) == (("m2", "m0", "m3"), (0.4, 0.4))
    found = fitted.calibrate(parts.calibrate, Goal(keep=0.9))
    assert found.chain == ("m2", "m0", "m3")
    assert found.thresholds != (0.4, 0.4)
    assert FrugalCascade(chain=("m0", "m1"), thresholds=(0.1, 0.2)).thresholds == (0.1,)
    assert found.signals() == ("predicted", "predicted")


def test_without_prices_the_order_is_all_there_is():
    """No cost, nothing to search: first, middle and last by quality, thresholds as declared."""
    fitted = FrugalCascade().fit(unpriced(proving_ground(60, 5)))
    assert len(fitted.chain) == 3
    assert fitted.thresholds == (0.6, 0.6)
    assert FrugalCascade(chain=("m0", "m1")).fit(unpriced(proving_ground(60, 5))).chain == ("m0", "m1")


def test_what_it_lacks_is_said():
    """One model; nothing to read; not fitted; the test part."""
    table = proving_ground(40)
    assert "two models" in FrugalCascade().missing(table.select(["m0"]))
    assert "map a prompt column, or the responses" in FrugalCascade().missing(bare(table))
    with pytest.raises(ProblemError, match="nothing to predict from"):
        FrugalCascade().fit(bare(table))
    for policy in (FrugalCascade(), FrugalCascade(chain=("m0", "m1"))):
        with pytest.raises(ProblemError, match="was not fitted"):
            replay(policy, table)
    with pytest.raises(LeakError, match="never on test"):
        FrugalCascade().fit(table).calibrate(table.split(seed=0).test, Goal(keep=0.9))


def test_a_very_small_fit_part_still_gives_a_policy():
    """One query teaches nothing, and breaks nothing."""
    table = by_hand([[1, 0]], cost=[[1, 2]], prompts=["what is one"])
    assert FrugalCascade().fit(table).chain == ("a", "b")
