"""Intervals of ratios, of other functions of means, and of quantiles."""

import math

import numpy as np
import pytest

from data.problems import ProblemError
from strategies.uncertainty.resample import MANY, weights
from strategies.uncertainty.statistics import quantile, quantile_difference, resampled_quantile, statistic, statistics

SAVING = lambda m: 1 - m[..., 0] / m[..., 1]  # noqa: E731


def test_a_saving_by_hand():
    """Costs (1, 2) and (3, 4), four given resamples: savings 1/2, 1/3, 1/3, 1/4; the whole's is 1/3, its quartiles .3125 and .375."""
    w = np.array([[2, 0], [1, 1], [1, 1], [0, 2]], dtype=np.uint8)
    found = statistic(np.array([[1.0, 2], [3, 4]]), SAVING, level=0.5, w=w)
    assert (found.mean, found.low, found.high) == pytest.approx((1 / 3, 0.3125, 0.375))
    assert (found.n, found.method) == (2, "bootstrap")


def test_several_figures_share_their_resamples():
    """Each of S figures has the interval that it has alone; the mean itself has that of `interval`."""
    x = np.random.default_rng(0).random((300, 2)) + 0.5
    both = statistics(x, lambda m: np.stack([SAVING(m), m[..., 1]], axis=-1))
    alone = statistic(x, SAVING)
    assert (both.low[0], both.high[0]) == (alone.low, alone.high)
    assert both.mean[1] == pytest.approx(x[:, 1].mean())


def test_an_undefined_resample_lies_beyond_both_ends():
    """One of four resamples divides by nothing: at level 0.9 both ends are open; at 0.4 neither is reached by it."""
    w = np.array([[2, 0], [1, 1], [1, 1], [0, 2]], dtype=np.uint8)
    x = np.array([[1.0, 0], [1, 1]])
    wide, narrow = (statistic(x, lambda m: m[..., 0] / m[..., 1], level=level, w=w) for level in (0.9, 0.2))
    assert wide.mean == 2
    assert (wide.low, wide.high) == (-math.inf, math.inf)
    assert (narrow.low, narrow.high) == (1, 2)


@pytest.mark.parametrize("x", [np.array([[1.0, 0], [2, 0]]), np.array([[1.0, np.nan], [2, 1]]), np.array([[1.0, 2]])])
def test_what_is_not_known_has_no_interval(x):
    """Nothing to divide by, a missing value, a single query."""
    found = statistic(x, SAVING)
    assert np.isnan([found.low, found.high]).all()
    assert found.method == "unknown"


def test_very_many_queries_have_normal_draws():
    """Above 50,000 queries a ratio's interval is that of the delta method, to a tenth."""
    rng = np.random.default_rng(1)
    x = np.column_stack([rng.random(MANY + 1), 1 + rng.random(MANY + 1)])
    found = statistic(x, SAVING)
    ratio = x[:, 0].mean() / x[:, 1].mean()
    error = (x[:, 0] - ratio * x[:, 1]).std() / x[:, 1].mean() / math.sqrt(len(x))
    assert found.high - found.low == pytest.approx(2 * 1.96 * error, rel=0.1)
    assert found.method == "normal"


def test_strata_hold_the_mix():
    """Costs that differ between tasks only make a sure ratio once the mix is held."""
    tasks = np.repeat([0, 1], 100)
    found = statistic(np.column_stack([1.0 + tasks, np.full(200, 4.0)]), SAVING, strata=tasks)
    assert (found.low, found.high) == pytest.approx((0.625, 0.625))


def test_shapes_that_do_not_belong_together_are_refused():
    """A figure for each resample, of a table."""
    with pytest.raises(ProblemError, match="do not belong"):
        statistics(np.ones((5, 2)), lambda m: m.sum())
    with pytest.raises(ProblemError, match="no table"):
        statistic(np.ones(5), SAVING)


@pytest.mark.parametrize("q", [0.05, 0.5, 0.95, 0.99])
@pytest.mark.parametrize("n", [3, 40, 301])
def test_resampled_quantiles_are_those_of_repeated_values(n, q):
    """Exactly `np.quantile` of each resample written out, ties and all."""
    x = np.random.default_rng(2).integers(0, 30, n).astype(float)
    w = weights(n, resamples=60)
    assert resampled_quantile(x, q, w) == pytest.approx([np.quantile(np.repeat(x, row), q) for row in w])


def test_resampled_quantiles_of_uneven_counts():
    """Counts that no bootstrap would draw are counted from the start."""
    x, w = np.arange(400.0), np.zeros((2, 400), dtype=np.uint8)
    w[0, 3], w[0, 5], w[1, 399] = 200, 200, 255
    w[1, 0] = 145
    assert resampled_quantile(x, 0.95, w).tolist() == [5, 399]


def test_the_interval_of_a_median_by_hand():
    """Of 6 values the least and the greatest enclose the median with 1 - 2 / 64; of 5 nothing does with 95 %."""
    found = quantile([6.0, 1, 2, 5, 3, 4], 0.5)
    assert (found.mean, found.low, found.high, found.method) == (3.5, 1, 6, "exact")
    assert (quantile(np.arange(5.0), 0.5).low, quantile(np.arange(5.0), 0.5).high) == (-math.inf, math.inf)


def test_few_queries_do_not_bound_a_p95_from_above():
    """0.95^71 is more than 2.5 %, 0.95^72 is not."""
    assert quantile(np.arange(71.0)).high == math.inf
    assert quantile(np.arange(72.0)).high == 71
    assert quantile(-np.arange(72.0), 0.05).low == -71


def test_both_ways_to_a_p95_agree():
    """Order statistics and resamples of 3,000 latencies end within a third of a width of each other; so do those of very many."""
    x = np.random.default_rng(3).exponential(size=3000)
    exact, drawn = quantile(x), quantile(x, w=weights(3000))
    assert [drawn.low, drawn.high] == pytest.approx([exact.low, exact.high], abs=(exact.high - exact.low) / 3)
    assert drawn.method == "bootstrap"
    many = np.random.default_rng(4).random(MANY + 1)
    found = quantile(many)
    assert found.high - found.low == pytest.approx(2 * 1.96 * math.sqrt(0.95 * 0.05 / MANY), rel=0.15)


def test_the_difference_of_two_p95_is_paired():
    """A that is a second slower on every query has a p95 one second higher, for sure, though each p95 is not."""
    x = np.random.default_rng(5).exponential(size=300)
    found = quantile_difference(x + 1, x)
    assert (found.mean, found.low, found.high) == pytest.approx((1, 1, 1))
    assert quantile(x).high - quantile(x).low > 0.5


def test_quantiles_that_are_not_known():
    """A missing latency, one query, none; very many without counts to pair."""
    for x in ([1.0, np.nan, 2], [1.0], []):
        found = quantile(x)
        assert np.isnan([found.low, found.high]).all()
        assert found.method == "unknown"
        assert quantile_difference(x, x).method == "unknown"
    many = np.zeros(MANY + 1)
    assert quantile_difference(many, many).method == "unknown"


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: quantile([1.0, 2], 1.0), "quantile"),
        (lambda: quantile([1.0, 2], 95), "quantile"),
        (lambda: quantile(np.ones((2, 2))), "no list"),
        (lambda: quantile_difference([1.0, 2], [1.0]), "do not pair up"),
        (lambda: quantile([1.0, 2], level=1.0), "between 0 and 1"),
        (lambda: resampled_quantile([1.0, 2], 0.5, weights(3)), "do not fit"),
    ],
)
def test_what_makes_no_quantile_is_refused(call, said):
    """Shares outside (0, 1), tables, unequal lengths, other levels and other counts."""
    with pytest.raises(ProblemError, match=said):
        call()
