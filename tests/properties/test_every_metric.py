"""What holds for every declared metric on any data: bounds, and what permuting, doubling and pricing anew do to it."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from strategies.metrics.declared import METRICS
from strategies.metrics.facts import Curve, Done, Pool, mean
from strategies.metrics.signals import Told

SETTINGS = 5
OPTIONS = {"quality_at_spend": {"spend": 3.0}, "spend_at_quality": {"level": 0.5}, "hypervolume": {"axes": "quality-cost-latency"}}
ARRAYS = {"ies": {"weight_energy": 0.5, "weight_memory": 0.2}, "energy_per_1k": {}, "co2e_per_1k": {}}  # what (n, M) or (M,) arrays bring


def drawn(seed, n, models, *, holes):
    """Return a pool, a run that sometimes escalates, a curve of runs by query, and a signal: coarse numbers, so that ties are common."""
    rng = np.random.default_rng(seed)
    shape = (n, models)
    quality = (rng.integers(0, 3, shape) / 2).astype(np.float32)
    cost = (rng.integers(0, 5, shape) * 2.0 ** np.arange(-12, models - 12)).astype(np.float32)
    latency, tokens = (rng.integers(1, 9, shape).astype(np.float32) for _ in range(2))
    if holes:
        hole = rng.random(shape) < 0.1
        quality, cost, latency = (np.where(hole, np.float32(np.nan), values) for values in (quality, cost, latency))
    pool = Pool(tuple("abcd"[:models]), quality, cost, latency, tokens, rng.integers(0, 2, n), "USD")
    runs = [run_of(pool, rng) for _ in range(SETTINGS)]
    told = Told(rng.integers(0, 5, n) / 4.0, quality[:, 0].astype(np.float64), quality[:, -1].astype(np.float64))
    return {"pool": pool, "run": runs[0], "curve": runs, "signal": told}


def run_of(pool, rng):
    """Return a run that asks a first model and now and then a second one, which then answers."""
    n, models = pool.quality.shape
    rows = np.arange(n)
    first, second = rng.integers(0, models, (2, n))
    second = np.where(rng.random(n) < 0.5, first, second)
    called = np.zeros((n, models), dtype=np.bool_)
    called[rows, first] = called[rows, second] = True
    cost, latency = (np.where(called, values, 0).sum(axis=1, dtype=np.float32) for values in (pool.cost, pool.latency))
    return Done(pool, pool.quality[rows, second], cost, latency, second, called)


def curve_of_runs(runs):
    """Return the curve of several runs over one pool."""
    pool, models = runs[0].pool, len(runs[0].pool.models)
    means = [np.array([mean(getattr(run, name)) for run in runs]) for name in ("cost", "quality", "latency")]
    answered = np.stack([np.bincount(run.answer, minlength=models) / len(run.answer) for run in runs], axis=1)
    return Curve(pool, *means, answered, np.stack([run.called.mean(axis=0) for run in runs], axis=1))


def value(metric, facts):
    """Return a metric's figure of drawn facts, with options that make it defined."""
    options = metric.chosen(OPTIONS.get(metric.id, {}))
    if metric.id in ARRAYS:
        pool = facts["pool"]
        # Like tokens: read off the pool, so that they follow every change of it; and one number a model.
        arrays = {"energy": pool.tokens / 2, "memory": np.arange(1.0, len(pool.models) + 1)}
        options |= ARRAYS[metric.id] | {name: values for name, values in arrays.items() if name in options}
    thing = curve_of_runs(facts["curve"]) if metric.of == "curve" else facts[metric.of]
    found = metric.compute(thing, **options)
    return mean(found) if metric.mean else float(found)


def taken(facts, rows):
    """Return the same facts of some queries, repeats allowed."""
    pool = facts["pool"].take(rows)
    runs = [replace(run.take(rows), pool=pool) for run in facts["curve"]]
    return {"pool": pool, "run": runs[0], "curve": runs, "signal": facts["signal"].take(rows)}


def priced(facts, factor):
    """Return the same facts with every price multiplied."""
    pool = replace(facts["pool"], cost=facts["pool"].cost * np.float32(factor))
    runs = [replace(run, pool=pool, cost=run.cost * np.float32(factor)) for run in facts["curve"]]
    return {**facts, "pool": pool, "run": runs[0], "curve": runs}


def near(expected):
    """Return what a figure has to equal, NaN included."""
    return pytest.approx(expected, rel=1e-5, abs=1e-5, nan_ok=True)


@pytest.mark.parametrize("metric", [m for m in METRICS.values() if m.of != "policy"], ids=lambda m: m.id)
@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), n=st.integers(1, 30), models=st.integers(2, 4), holes=st.booleans())
def test_bounds_order_doubling_and_prices(metric, seed, n, models, holes):
    """It stays within its bounds or is NaN; neither order nor doubling of the queries moves it; prices do what is declared."""
    facts = drawn(seed, n, models, holes=holes)
    before = value(metric, facts)
    assert np.isnan(before) or metric.low - 1e-6 <= before <= metric.high + 1e-6
    order = np.random.default_rng(seed).permutation(n)
    assert value(metric, taken(facts, order)) == near(before)
    assert value(metric, taken(facts, np.concatenate([order, order]))) == near(before)
    after = value(metric, priced(facts, 4))
    expected = {"invariant": before, "scales": 4 * before, "inverse": before / 4}
    if metric.prices in expected:
        assert after == near(expected[metric.prices])


def test_every_metric_is_defined_somewhere():
    """No metric is NaN on everything that is drawn: the property above says something of each."""
    every = [drawn(seed, 30, 2 + seed % 2, holes=False) for seed in range(40)]
    for metric in METRICS.values():
        if metric.of != "policy":
            assert not all(np.isnan(value(metric, facts)) for facts in every), metric.id


def test_prices_that_are_said_to_matter_do():
    """A figure declared to depend on the prices, or to scale with them, is moved by them somewhere; no other is."""
    every = [drawn(seed, 30, 2, holes=False) for seed in range(20)]
    moved = {
        metric.id
        for metric in METRICS.values()
        if metric.of != "policy" and any(value(metric, priced(facts, 4)) != near(value(metric, facts)) for facts in every)
    }
    assert moved == {metric.id for metric in METRICS.values() if metric.prices != "invariant"}
