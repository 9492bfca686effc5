"""From a study to the picture."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from dashboard import compute, scenes
from dashboard.scenes import Look, Placed
from data.audit import apply
from strategies.proving import proving_ground
from strategies.registry import find
from strategies.study.curves import fitted
from strategies.study.prepare import prepare

LOOK = Look(axis="cost", scale="", selected="a", knob="", monthly=1e5)


def test_a_picture_depends_on_who_is_left_out_and_why():
    """The same models in play, chosen or by default: the dots of those seen in part differ, and so does the key of the picture."""
    table = proving_ground(1200)
    quality = np.array(table.numbers["quality"])
    quality[:600, 1] = np.nan
    holed = replace(table, numbers={**table.numbers, "quality": quality}, stored_fingerprint="")
    drawn = [prepare(holed), prepare(holed, pool=("m0", "m2", "m3"))]
    assert drawn[0].pool == drawn[1].pool
    counts = [len(scenes.scene(study, [], LOOK).dots) for study in drawn]
    assert counts[0] == counts[1] + 1
    assert scenes.scene_key(drawn[0], [], LOOK) != scenes.scene_key(drawn[1], [], LOOK)


def test_a_set_saved_again_has_its_new_name_and_choices():
    """The same numbers under another name, with a finding settled: nothing old is shown."""
    quality = np.array(proving_ground(240).numbers["quality"])
    quality[0, 0] = np.nan
    table = replace(proving_ground(240), numbers={"quality": quality}, stored_fingerprint="")
    key = compute.save(table, name="First")
    assert compute.table(key).origin.name == "First"
    open_ones = [f for f in compute.findings(key) if f.id == "missing_cells" and not f.settled]
    assert len(open_ones) == 1
    assert compute.save(apply(table, open_ones[0], "keep"), name="Second") == key
    assert compute.table(key).origin.name == "Second"
    assert [f.settled for f in compute.findings(key) if f.id == "missing_cells"] == ["keep"]


def test_along_latency_the_interval_is_that_of_the_latency():
    """The x interval of a curve belongs to what stands on the axis, and it is not a point."""
    study = prepare(proving_ground(1200))
    fit = fitted(study, find("margin-cascade")(chain=("m0", "m3")))
    scene = scenes.scene(study, [Placed(letter="a", fit=fit, first=fit, colour=0)], replace(LOOK, axis="latency"))
    curve = scene.strategies[0].curves[0]
    mean = np.interp(curve.bands.setting, curve.setting, curve.latency_s)
    assert np.all((curve.bands.x_low < mean) & (mean < curve.bands.x_high))


def test_a_mixture_claims_no_tail():
    """The p95 of expected latencies is not the p95 of calls: for a random mix it is not known, for a cascade it is that of its run."""
    study = prepare(proving_ground(1200))
    mix, cascade = (fitted(study, find(name)()) for name in ("random-mix", "margin-cascade"))
    assert np.isnan(scenes.exact(study, mix, "cost").latency_p95_s)
    assert np.isnan(compute.knob_band(mix, "share").latency_p95_s).all()
    assert scenes.exact(study, cascade, "cost").latency_p95_s == np.quantile(compute.decided(cascade).latency, 0.95, method="inverted_cdf")
