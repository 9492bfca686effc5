"""Resamples with strata, and what chance does to means."""

import numpy as np
import pytest

from data.problems import ProblemError
from strategies.uncertainty import resample
from strategies.uncertainty.bootstrap import bands, interval, intervals_of, paired
from strategies.uncertainty.resample import MANY, grouped, noise, spread_ratios, variances, weights

TASKS = np.repeat([7, 3, -1], [100, 60, 40])


def test_each_stratum_keeps_its_size():
    """In every resample as many queries of a task as there are, whatever their codes and order."""
    tasks = np.random.default_rng(0).permutation(TASKS)
    counts = weights(200, resamples=130, strata=tasks)
    for task, size in ((7, 100), (3, 60), (-1, 40)):
        assert (counts[:, tasks == task].sum(axis=1, dtype=int) == size).all()
        assert (counts[:, tasks == task] > 1).any()


def test_counts_within_a_stratum_are_those_of_drawing_with_replacement():
    """Within a stratum of 100: mean 1 for each query, variance 0.99, as without strata."""
    counts = weights(200, strata=TASKS)[:, TASKS == 7].astype(float)
    assert counts.var() == pytest.approx(0.99, rel=0.02)
    assert np.abs(counts.mean(axis=0) - 1).max() < 5 / np.sqrt(1000)


def test_small_strata_are_drawn_together():
    """Tasks of 5 and 18 queries become one stratum of 23; a lone one of 5 joins the smallest other; small ones alone are none."""
    sizes = [5, 18, 30, 50]
    assert np.bincount(grouped(np.repeat([0, 1, 2, 3], sizes), 103)).tolist() == [30, 50, 23]
    assert np.bincount(grouped(np.repeat([0, 2, 3], [5, 30, 50]), 85)).tolist() == [35, 50]
    assert grouped(np.arange(300) // 10, 300) is None
    assert grouped(np.zeros(50, dtype=int), 50) is None


def test_one_stratum_is_none():
    """A single task draws as no task does."""
    assert (weights(90, resamples=20, strata=np.ones(90, dtype=int)) == weights(90, resamples=20)).all()


def test_strata_are_part_of_what_is_kept():
    """Equal strata share their counts; other strata, or none, have others; a change of the caller's array changes nothing that is kept."""
    tasks = TASKS.copy()
    first = weights(200, resamples=10, strata=tasks)
    assert weights(200, resamples=10, strata=TASKS.astype(np.int16)) is first
    tasks[:50] = 3
    assert (weights(200, resamples=10, strata=tasks) != first).any()
    assert (weights(200, resamples=10) != first).any()
    assert weights(200, resamples=10, strata=TASKS) is first


@pytest.mark.parametrize("strata", [np.zeros(9, dtype=int), np.zeros(10), np.zeros((10, 1), dtype=int)])
def test_strata_that_do_not_fit_are_refused(strata):
    """One whole number a query."""
    with pytest.raises(ProblemError, match="strata of shape"):
        weights(10, strata=strata)


def test_blocks_do_not_change_the_counts(monkeypatch):
    """How many rows are drawn at a time is a matter of speed: counts stay the same."""
    whole = weights(301, resamples=70).copy(), weights(301, resamples=70, strata=np.arange(301) % 3).copy()
    monkeypatch.setattr(resample, "_CELLS", 1000)
    resample._drawn.cache_clear()
    assert (weights(301, resamples=70) == whole[0]).all()
    assert (weights(301, resamples=70, strata=np.arange(301) % 3) == whole[1]).all()
    resample._drawn.cache_clear()


def test_noise_equals_naive_resampling():
    """Standard errors and quantiles of resampled means are those of drawing rows with `rng.choice`, within Monte Carlo error."""
    rng = np.random.default_rng(1)
    x = np.column_stack([rng.random(400), rng.exponential(size=400)])
    naive = x[rng.choice(400, size=(4000, 400))].mean(axis=1) - x.mean(axis=0)
    ours = noise(x)
    error = naive.std(axis=0)
    assert ours.std(axis=0) == pytest.approx(error, rel=0.08)  # 1 / sqrt(2 x 1,000) twice over, three times
    at = [0.05, 0.5, 0.95]
    assert np.abs((np.quantile(ours, at, axis=0) - np.quantile(naive, at, axis=0)) / error).max() < 0.25
    assert np.corrcoef(ours.T)[0, 1] == pytest.approx(np.corrcoef(naive.T)[0, 1], abs=0.12)


def test_stratified_noise_equals_naive_resampling_within_tasks():
    """Tasks with means 0 and 1 alone: no resample moves the mean; with spread inside, only that spread counts."""
    tasks = np.repeat([0, 1], 200)
    assert np.abs(noise(tasks[:, None].astype(float), strata=tasks)).max() < 1e-6
    rng = np.random.default_rng(2)
    x = tasks + 0.1 * rng.random(400)
    naive = np.stack([x[np.concatenate([rng.integers(0, 200, 200), rng.integers(200, 400, 200)])].mean() for _ in range(2000)])
    assert noise(x[:, None], strata=tasks).std() == pytest.approx(naive.std(), rel=0.09)


def test_very_many_queries_have_normal_noise_with_their_covariance():
    """Above 50,000 queries: standard errors, correlation and strata as by the formula."""
    n = MANY + 2
    rng = np.random.default_rng(3)
    tasks = np.arange(n) % 2
    base = rng.random(n)
    x = np.column_stack([base, base + 0.5 * rng.random(n), tasks.astype(float)])
    plain, held = noise(x), noise(x, strata=tasks)
    assert plain.std(axis=0) == pytest.approx(x.std(axis=0) / np.sqrt(n), rel=0.08)
    assert np.corrcoef(plain[:, :2].T)[0, 1] == pytest.approx(np.corrcoef(x[:, :2].T)[0, 1], abs=0.03)
    assert np.abs(held[:, 2]).max() < 1e-9
    assert (spread_ratios(x) == 1).all()


def test_variances_within_strata_by_hand():
    """Values 0 2 | 10 14 have a variance of (1 + 1 + 4 + 4) / 4 within their strata of twenty copies, and 32.75 without."""
    x = np.repeat([0.0, 2, 10, 14], 20)[:, None]
    assert variances(x, x.mean(axis=0), np.repeat([0, 1], 40))[0] == pytest.approx(2.5)
    assert variances(x, x.mean(axis=0))[0] == pytest.approx(np.var(x))


def test_spread_ratios_by_hand():
    """Values 0 and 1: a resample of both has the whole spread, one of (3, 1) sqrt(3)/2 of it, one without a 1 the least there is."""
    w = np.array([[1, 1, 1, 1], [2, 1, 1, 0], [2, 2, 0, 0]], dtype=np.uint8)
    assert spread_ratios(np.array([[0.0], [0], [1], [1]]), w=w)[:, 0] == pytest.approx([1, np.sqrt(3) / 2, 0.5])


def test_unknown_columns_and_single_queries_have_no_noise():
    """NaN where there is nothing to resample; a list is no table."""
    x = np.ones((30, 2))
    x[3, 1] = np.nan
    assert np.isnan(noise(x)).all(axis=0).tolist() == [False, True]
    assert np.isnan(noise(np.ones((1, 2)))).all()
    with pytest.raises(ProblemError, match="no table"):
        noise(np.ones(3))


def test_strata_narrow_every_interval():
    """Right on one task, wrong on the other: with the mix held, half of all queries are right for sure, in every form of the interval."""
    tasks = np.repeat([0, 1], 150)
    right = tasks.astype(float)
    for found in (interval(right, strata=tasks), paired(right, 0 * right, strata=tasks), intervals_of(right, strata=tasks)[0]):
        assert (found.mean, found.low, found.high) == pytest.approx((0.5, 0.5, 0.5), abs=1e-6)
    assert interval(right).high > 0.55
    many = np.arange(MANY + 2) % 2
    held = bands(many[:, None].astype(float), strata=many)
    assert (held.low[0], held.high[0]) == pytest.approx((0.5, 0.5), abs=1e-9)
    assert held.method == "normal"
