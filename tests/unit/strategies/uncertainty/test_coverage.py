"""Simulated data sets: intervals hold the truth as often as they say; what is one-sided or corrected, at least as often."""

import math

import numpy as np
import pytest

from strategies.metrics.plane import aiq
from strategies.uncertainty.areas import aiq_bound, aiq_errors, hull_band
from strategies.uncertainty.bootstrap import bands
from strategies.uncertainty.resample import weights
from strategies.uncertainty.several import at_least, may_be_best, simultaneous
from strategies.uncertainty.statistics import quantile, statistics
from strategies.uncertainty.winner import unflattered, winner

SETS, FEWER = 1_000, 300
N = 300


def covered(found, truth):
    """Return the share of the data sets, one a column, whose interval holds the truth."""
    return float(np.mean((found.low <= truth) & (truth <= found.high)))


def at_least_often(hits, sets, level=0.95):
    """Whether so few hits are not even a one in a hundred chance if each data set holds with the level: P(Binomial <= hits) > 0.01."""
    p = sum(math.comb(sets, k) * level**k * (1 - level) ** (sets - k) for k in range(hits + 1))
    return p > 0.01


DRAWS = {
    "graded": (lambda rng, shape: rng.random(shape), 0.5),
    "0/1 at 0.9": (lambda rng, shape: rng.random(shape) < 0.9, 0.9),
    "skewed costs": (lambda rng, shape: rng.exponential(size=shape), 1.0),
}


@pytest.mark.parametrize("kind", DRAWS)
def test_intervals_of_means_hold_the_truth_in_95_of_100(kind):
    """93 to 97 % of 1,000 data sets of 300 queries."""
    draw, truth = DRAWS[kind]
    assert 0.93 <= covered(bands(draw(np.random.default_rng(1), (N, SETS)).astype(np.float32)), truth) <= 0.97


def test_intervals_of_paired_differences_hold_the_truth_in_95_of_100():
    """A is right on 0.8 of the queries, B on the same ones but for those that it loses or gains: 0.75 in all."""
    rng = np.random.default_rng(2)
    a = rng.random((N, SETS)) < 0.8
    b = np.where(rng.random((N, SETS)) < 0.2, rng.random((N, SETS)) < 0.55, a)
    assert 0.93 <= covered(bands(a.astype(np.float32) - b), 0.05) <= 0.97


def test_stratified_intervals_hold_the_truth_in_95_of_100():
    """Tasks of 20, 60, 100 and 120 queries at 0.1 to 0.9: the mix's own mean; without strata the intervals are far too wide for it."""
    sizes, shares = np.array([20, 60, 100, 120]), np.array([0.1, 0.2, 0.7, 0.9])
    tasks = np.repeat(np.arange(4), sizes)
    right = (np.random.default_rng(3).random((N, SETS)) < shares[tasks][:, None]).astype(np.float32)
    truth = float(sizes @ shares) / N
    assert 0.93 <= covered(bands(right, strata=tasks), truth) <= 0.97
    assert covered(bands(right), truth) > 0.97


def test_intervals_of_a_saving_hold_the_truth_in_95_of_100():
    """One less a ratio of two correlated mean costs."""
    rng = np.random.default_rng(4)
    base = rng.exponential(size=(N, SETS))
    costs = np.concatenate([0.4 * base * rng.random((N, SETS)), base], axis=1)
    found = statistics(costs, lambda m: 1 - m[..., :SETS] / m[..., SETS:], w=weights(N, resamples=400))
    assert 0.93 <= covered(found, 0.8) <= 0.97


def test_intervals_of_p95_hold_the_truth_at_least_as_often_as_they_say():
    """Exponential latencies, p95 is ln 20 seconds: order statistics hold at least as often as they say; resamples not by much less."""
    drawn = np.random.default_rng(5).exponential(size=(SETS, N))
    exact, drawn = ([quantile(x, 0.95, w=w) for x in drawn] for w in (None, weights(N, resamples=200)))
    held = [sum(one.low <= math.log(20) <= one.high for one in found) for found in (exact, drawn)]
    assert at_least_often(held[0], SETS)
    assert held[0] <= 0.98 * SETS
    assert held[1] >= 0.92 * SETS


AREAS = {
    "all settings tie": (np.linspace(1, 1.5, 8), np.full(8, 0.9)),
    "each setting is a vertex": (np.linspace(1, 8, 8), 0.6 + 0.3 * np.sqrt(np.linspace(0, 1, 8))),
    "settings on one line": (np.linspace(1, 8, 8), np.linspace(0.5, 0.9, 8)),
}


@pytest.mark.parametrize("kind", AREAS)
def test_lower_bounds_of_aiq_and_hull_hold_at_least_as_often_as_they_say(kind):
    """By a binomial test over 300 data sets; the shown area is too high more often than not, the corrected one is not."""
    cost, quality = AREAS[kind]
    ends = {"low": 0.5, "high": 8.0}
    truth = aiq(cost, quality, **ends, cheapest_quality=0.5)
    hull_truth = np.interp(4.0, np.append(cost, 99), np.append(quality, quality[-1]))
    rng, w = np.random.default_rng(6), weights(N, resamples=200)
    below, flattered, corrected, hulls = 0, 0, 0, 0
    for _ in range(FEWER):
        right = (rng.random((N, 8)) < quality).astype(float)
        paid = cost * rng.lognormal(-0.02, 0.2, (N, 1))
        found = aiq_bound(paid, right, cheapest=(rng.random(N) < 0.5).astype(float), **ends, w=w)
        below += found.bound <= truth
        flattered += found.shown > truth
        corrected += found.corrected <= truth
        hulls += hull_band(paid, right, [4.0], w=w).low[0] <= hull_truth
    assert at_least_often(below, FEWER)
    assert at_least_often(hulls, FEWER)
    assert at_least_often(corrected, FEWER, 0.5)
    assert flattered > FEWER / 2


CANDIDATES = {"ties": np.full(10, 0.9), "close": np.linspace(0.6, 0.65, 6), "one leads": np.array([0.9, 0.7, 0.5])}


@pytest.mark.parametrize("kind", CANDIDATES)
def test_bounds_of_the_best_of_many_hold_at_least_as_often_as_they_say(kind):
    """By a binomial test over 300 data sets: the winner's own truth, and all at once; corrected figures are not too high."""
    truth = CANDIDATES[kind]
    rng, w = np.random.default_rng(7), weights(N, resamples=300)
    bound, together, shown, corrected = 0, 0, [], []
    for _ in range(FEWER):
        right = (rng.random((N, len(truth))) < truth).astype(np.float32)
        found, every = winner(right, w=w), simultaneous(right, w=w)
        bound += found.bound <= truth[found.index]
        together += bool(((every.low <= truth) & (truth <= every.high)).all())
        shown.append(found.shown - truth[found.index])
        corrected.append(found.corrected - truth[found.index])
    assert at_least_often(bound, FEWER)
    assert at_least_often(together, FEWER)
    assert np.mean(corrected) < 3 * np.std(corrected) / math.sqrt(FEWER)
    if kind != "one leads":
        assert np.mean(shown) > 10 * np.std(shown) / math.sqrt(FEWER)
        assert abs(np.mean(corrected)) < 0.25 * np.mean(shown)


@pytest.mark.parametrize("gains", [np.zeros(4), np.linspace(0, 0.06, 4)], ids=["all level", "some ahead"])
def test_leads_over_a_hull_of_models_hold_for_all_at_once_as_often_as_they_say(gains):
    """Four strategies against three models: in 80 data sets no lead's bound is too high, and the best is among those that may be."""
    sets, settings, cheap = 80, np.linspace(0, 1, 5), {"low": 1.0, "high": 8.0}
    base = np.interp(1 + 7 * settings, [1, 3, 8], [0.6, 0.75, 0.85])
    shares = [base + 4 * gain * settings * (1 - settings) for gain in gains]
    zero = aiq(np.array([1.0, 3, 8]), np.array([0.6, 0.75, 0.85]), **cheap, cheapest_quality=0.6)
    truth = np.array([aiq(1 + 7 * settings, share, **cheap, cheapest_quality=0.6) for share in shares])
    rng, w = np.random.default_rng(8), weights(N, resamples=150)
    held, inside, flattered, corrected = 0, 0, [], []
    for _ in range(sets):
        price, common = rng.lognormal(-0.02, 0.2, (N, 1)), rng.random((N, 1))
        models = (np.where(rng.random((N, 1)) < 0.5, common, rng.random((N, 3))) < [0.6, 0.75, 0.85]).astype(float)
        ends = {**cheap, "cheapest": models[:, 0], "w": w}
        blind = aiq_errors(price * [1, 3, 8], models, **ends)
        found = [
            aiq_errors(
                price * (1 + 7 * settings), (np.where(rng.random((N, 1)) < 0.5, common, rng.random((N, 5))) < share).astype(float), **ends
            )
            for share in shares
        ]
        shown, most, least = (np.stack([getattr(each, name) for each in found], axis=-1) for name in ("shown", "most", "least"))
        _, bounds = at_least(shown - blind.shown, most - blind.least[:, None])
        held += bool((bounds <= truth - zero + 1e-12).all())
        inside += bool(may_be_best(shown, most, least)[np.argmax(truth)])
        first = int(np.argmax(shown))
        flattered.append(shown[first] - truth[first])
        corrected.append(unflattered(shown, most) - truth[first])
    assert at_least_often(held, sets)
    assert at_least_often(inside, sets)
    assert np.mean(flattered) > 3 * np.std(flattered) / math.sqrt(sets)
    assert np.mean(corrected) < 3 * np.std(corrected) / math.sqrt(sets)
