"""Cascade routing: what it resolves, tunes and lacks."""

from dataclasses import replace

import pytest

from data.problems import LeakError, ProblemError
from strategies import Goal, replay
from strategies.cascades.cascade_routing import CascadeRouting
from strategies.knobs import turned
from tests.worlds import bare, proving_ground, unpriced, with_holes, without


def test_six_models_are_taken_cheap_to_dear_unless_some_are_named():
    """Both ends among them; a named list stays."""
    assert CascadeRouting().fit(proving_ground(60, 9)).chain == ("m0", "m2", "m3", "m5", "m6", "m8")
    assert CascadeRouting(chain=("m2", "m0")).fit(proving_ground(60, 4)).chain == ("m2", "m0")


def test_all_weight_on_cost_calls_the_cheapest_and_none_runs_for_quality():
    """The two ends of the knob."""
    table = proving_ground(120)
    fitted = CascadeRouting().fit(table)
    cheap, good = (replay(turned(fitted, "weight", w), table) for w in (1.0, 0.0))
    assert cheap.path == [(0,)] * 120
    assert good.summary().quality > cheap.summary().quality + 0.2
    assert good.summary().cost_usd > cheap.summary().cost_usd


def test_a_share_of_quality_is_kept_at_less_cost():
    """Tuned on calibrate, checked there; on test it is refused."""
    parts = proving_ground(400).split(seed=0)
    fitted = CascadeRouting().fit(parts.fit)
    kept = replay(fitted.calibrate(parts.calibrate, Goal(keep=0.97)), parts.calibrate).summary()
    best = max(parts.calibrate.mean("quality").values())
    assert kept.quality >= 0.97 * best - 1e-6
    assert kept.cost_usd < parts.calibrate.mean("cost_usd")["m3"]
    with pytest.raises(LeakError, match="never on test"):
        fitted.calibrate(parts.test, Goal(keep=0.97))


def test_holes_are_lived_with():
    """Models that were not run on some fit queries are learnt on the others; texts are enough where no confidence was recorded."""
    table = proving_ground(120)
    assert len(CascadeRouting().fit(with_holes(table)).chain) == 4
    plain = without(table, "signals", "features")
    assert set(CascadeRouting().fit(plain).signals()) == {"predicted"}


def test_what_it_lacks_is_said():
    """Two models, prices, a confidence, a fit."""
    table = proving_ground(30)
    assert CascadeRouting().missing(table) == ""
    assert "two models" in CascadeRouting().missing(table.select(["m0"]))
    assert "prices" in CascadeRouting().missing(unpriced(table))
    mute = replace(without(table, "signals", "features", "responses", "answers", "prompts"), samples=None, stored_fingerprint="")
    assert "confidence signal" in CascadeRouting().missing(mute)
    assert CascadeRouting().missing(bare(table))
    with pytest.raises(ProblemError, match="costs are known"):
        CascadeRouting().fit(unpriced(table))
    with pytest.raises(ProblemError, match="was not fitted"):
        replay(CascadeRouting(), table)
