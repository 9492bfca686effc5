"""Every declared figure of one point: the same values as `measure`, intervals where there are any, and a reason where there is none."""

from dataclasses import replace

import numpy as np
import pytest

from data.energy import DEVICES
from data.outcomes import Origin, outcome_table
from data.queries import QuerySet
from strategies.metrics.declared import METRICS, measure, measure_curve, measure_pool
from strategies.registry import find
from strategies.study.curves import curves, fitted, shown
from strategies.study.figures import SMOOTH, completed, figures, point, resampled
from strategies.study.prepare import prepare
from strategies.study.spending import spending
from strategies.uncertainty.bootstrap import intervals_of
from strategies.uncertainty.resample import weights
from strategies.uncertainty.statistics import statistic

LATER = {"robustness", "router_latency"}


def table(n=1200, *, latency=True, names=("gpt-4o-mini", "mine", "gpt-4o")):
    """Three models, each better, dearer and slower than the one before, with a margin and two tasks."""
    rng = np.random.default_rng(0)
    quality = (rng.random((n, 3)) < [0.5, 0.7, 0.9]).astype(np.float32)
    noise = rng.lognormal(0, 0.3, (n, 3))
    fields = {"latency_s": np.array([0.2, 0.5, 1.5]) * noise} if latency else {}
    queries = QuerySet.build([f"q{i}" for i in range(n)], tasks=["sums", "law"] * (n // 2))
    signals = {"margin": np.clip(quality * 0.3 + rng.random((n, 3)), 0, 1)}
    tokens = {"tokens_in": np.full((n, 3), 50.0), "tokens_out": np.round(100 * noise)}
    cost = np.array([1e-4, 1e-3, 1e-2]) * noise
    return outcome_table(list(names), quality, cost_usd=cost, signals=signals, queries=queries, origin=Origin(name="t"), **fields, **tokens)


@pytest.fixture(scope="module")
def study():
    """A study with everything recorded."""
    return prepare(table())


@pytest.fixture(scope="module")
def cascade(study):
    """A cascade from the first to the last model."""
    return fitted(study, find("margin-cascade")(chain=("gpt-4o-mini", "gpt-4o"), thresholds=(0.8,), signal="margin"))


@pytest.fixture(scope="module")
def at(cascade):
    """The cascade's point, with the curve of its threshold."""
    return point(cascade, shown(cascade), curves(cascade, "t1").shown)


@pytest.fixture(scope="module")
def found(at):
    """Its figures by id."""
    return {each.metric.id: each for each in figures(at, {"saving": {"best": "gpt-4o"}})}


def test_every_metric_is_there_with_the_value_of_measure(study, cascade, at, found):
    """A row for each declared metric, in its order; whatever it is measured on, the value is that of the library's own call."""
    assert list(found) == list(METRICS)
    run, tested = shown(cascade).runs[0], study.tested
    for name, each in found.items():
        options = dict(each.options)
        if each.metric.of == "run" and each.metric.group != "Energy":
            wanted = measure(name, run, tested, **options)
        elif each.metric.of in {"pool", "curve"}:
            wanted = measure_pool(name, tested) if each.metric.of == "pool" else measure_curve(name, at.curve, tested)
        else:
            continue
        assert each.value == pytest.approx(wanted, nan_ok=True), name
        assert bool(each.why) == np.isnan(wanted)


def test_a_cards_interval_is_its_rows(study, cascade, found):
    """Quality and cost have the interval of the cards, which keeps the mix of tasks; a tail's lies around it."""
    run = shown(cascade)
    quality, cost = intervals_of(run.quality, run.cost, strata=study.strata)
    assert (found["quality"].low, found["quality"].high) == pytest.approx((quality.low, quality.high), abs=1e-6)  # float32 sums
    assert found["cost_per_1k"].low == pytest.approx(1000 * cost.low, rel=1e-5)
    assert found["latency_p95"].low < found["latency_p95"].value < found["latency_p95"].high
    assert found["saving"].spread == found["aiq"].spread == ""


def test_a_ratio_measured_anew_has_the_interval_of_its_means(study, cascade, at):
    """The saving's interval by resampling is that of 1 - a / b on the same resamples; other figures hold their value."""
    options = {"saving": {"best": "gpt-4o"}}
    ends = resampled(at, options, only={"saving", "pgr", "auroc", "brier", "ies"})
    counts = weights(len(study.rows), resamples=400, strata=study.strata)
    both = np.stack([shown(cascade).cost, study.tested.cost_usd("gpt-4o")], axis=1)
    wanted = statistic(both, lambda m: 1 - m[..., 0] / m[..., 1], w=counts)
    assert ends["saving"] == pytest.approx((wanted.low, wanted.high), rel=1e-4)
    whole = {each.metric.id: each for each in completed(figures(at, options), ends)}
    for name in ends:
        assert whole[name].spread == "interval"
        assert whole[name].low < whole[name].value < whole[name].high
    assert whole["quality"].spread == "interval"


def test_the_area_has_what_it_is_at_least(study, at):
    """AIQ is a hull through noisy points: no interval, a one-sided bound below it; without a curve there is none."""
    ends = resampled(at, {}, only={"aiq"})
    row = {e.metric.id: e for e in completed(figures(at, {}), ends)}["aiq"]
    assert row.spread == "bound"
    assert row.value - 0.1 < row.low < row.value
    assert np.isnan(row.high)
    assert resampled(replace(at, curve=None), {}, only={"aiq"}) == {}


def test_only_smooth_figures_are_resampled(at):
    """No maximum, hull or binned figure is among them; a stop leaves none half done."""
    assert not {name for name in SMOOTH if METRICS[name].of == "curve"} | ({"ece", "complementarity", "best_per_task"} & SMOOTH)
    import threading

    stopped = threading.Event()
    stopped.set()
    assert resampled(at, {}, stop=stopped) == {}
    told = []
    resampled(at, {}, only={"pgr"}, resamples=5, progress=lambda done, total: told.append((done, total)))
    assert told == [(k, 5) for k in range(1, 6)]


def test_what_is_missing_says_why(cascade):
    """No latency: what it needs; no curve of a policy without a knob; a mixture's ratios; two runs that wait until they are asked for."""
    bare = prepare(table(latency=False))
    single = fitted(bare, find("single")(model="mine"))
    found = {each.metric.id: each for each in figures(point(single, shown(single), None), {})}
    assert (found["latency"].why, found["latency"].lacks) == ("data", "It needs latencies.")
    assert found["aiq"].why == "no curve"
    assert found["auroc"].why == "no confidence"
    assert found["energy_per_1k"].why == "energy"
    assert {name for name, each in found.items() if each.why == "later"} == {"router_latency"}
    assert found["robustness"].why == "data"
    mix = fitted(cascade.study, find("random-mix")())
    mixed = {each.metric.id: each for each in figures(point(mix, shown(mix), curves(mix, "share").shown), {})}
    assert mixed["saving"].why == mixed["latency_p95"].why == "mixture"
    assert mixed["quality"].spread == "interval"
    assert resampled(point(mix, shown(mix), None), {}, only={"saving"}) == {}


def test_few_queries_have_no_curve_and_a_strange_score_no_brier(cascade):
    """Under 100 tested queries nothing of a curve; a confidence beyond 0 to 1 is no probability, and its order still counts."""
    small = prepare(table(60))
    fit = fitted(small, find("margin-cascade")(chain=("mine", "gpt-4o"), thresholds=(0.5,), signal="margin"))
    assert {e.metric.id: e for e in figures(point(fit, shown(fit), curves(fit, "t1").shown), {})}["aiq"].why == "few"
    there = point(cascade, shown(cascade), None)
    logs = replace(there, told=replace(there.told, score=np.log(there.told.score + 1e-9)))
    found = {each.metric.id: each for each in figures(logs, {})}
    assert found["brier"].why == found["ece"].why == "no probability"
    assert found["auroc"].value == pytest.approx({e.metric.id: e for e in figures(there, {})}["auroc"].value)


def test_energy_is_a_range_of_the_worst_tier(study, cascade, at):
    """Estimated where the called models are known; the metric on the middle of the range; a device names the rest as assumed."""
    spent = spending(shown(cascade), cascade)
    assert (spent.tier, spent.best_tier, spent.unknown) == ("estimated", "estimated", ())
    assert spent.kwh.low < spent.kwh.mid < spent.kwh.high
    each = np.stack([spending_of(study, m) for m in range(3)], axis=1)
    assert 1000 * spent.kwh.mid == pytest.approx(measure("energy_per_1k", shown(cascade).runs[0], study.tested, energy=each), rel=1e-5)
    row = {e.metric.id: e for e in figures(at, {}, spent)}["co2e_per_1k"]
    assert (row.spread, row.value) == ("range", pytest.approx(1000 * spent.kwh.mid * spent.grid.kg_co2e_per_kwh))
    assert [m.called for m in spent.models] == pytest.approx(shown(cascade).called.mean(axis=0).tolist())


def spending_of(study, m):
    """Return (n,) kWh of one model's calls, the middle of their range."""
    from data.energy import energies

    return energies(study.tested).of_model(m).mid


def test_energy_that_nobody_knows_is_unknown_and_named(study):
    """A model of one's own has no figure until a device is said; a mixture is its expectation, crossed folds are all there."""
    own = fitted(study, find("single")(model="mine"))
    spent = spending(shown(own), own)
    assert (spent.known, spent.tier, spent.unknown) == (False, "unknown", ("mine",))
    device = DEVICES["laptop-cpu"]
    named = spending(shown(own), own, device=device)
    seconds = study.tested.latency_s("mine").mean(dtype=np.float64)
    assert (named.tier, named.kwh.mid) == ("assumed", pytest.approx(seconds * device.kwh_per_second()[1], rel=1e-5))
    mix = fitted(study, find("random-mix")(pair=("gpt-4o-mini", "gpt-4o"), share=0.25))
    mixed = spending(shown(mix), mix)
    wanted = 0.75 * mixed.models[0].kwh.mid + 0.25 * mixed.models[2].kwh.mid
    assert mixed.kwh.mid == pytest.approx(wanted)
    crossed = prepare(table(400))
    whole = fitted(crossed, find("single")(model="gpt-4o"))
    assert spending(shown(whole), whole).kwh.mid == pytest.approx(spending(shown(whole), whole).best.mid, rel=1e-5)
