"""Hulls and AIQ with what can be claimed of them; how often that holds is in test_coverage.py."""

import numpy as np
import pytest

from data.problems import ProblemError
from strategies.metrics.plane import aiq
from strategies.uncertainty.areas import aiq_bound, aiq_errors, hull_band
from strategies.uncertainty.resample import MANY, weights

W = np.array([[2, 0], [1, 1], [1, 1], [0, 2]], dtype=np.uint8)


def test_one_sure_curve_is_what_it_is():
    """Without any spread the area, its corrected figure and its bound are the same: two points (1, .5) and (3, .9) from 1 to 3."""
    cost, quality = np.tile([1.0, 3.0], (50, 1)), np.tile([0.5, 0.9], (50, 1))
    found = aiq_bound(cost, quality, cheapest=np.full(50, 0.5), low=1, high=3)
    assert (found.shown, found.corrected, found.bound) == pytest.approx((0.7, 0.7, 0.7))
    assert (found.n, found.level, found.method) == (50, 0.95, "intersection")


def test_one_point_has_the_bound_of_its_mean():
    """A flat hull through one setting: its errors are .5 less by hand, -1/2 0 0 1/2 over spreads of at least a half."""
    found = hull_band(np.ones((2, 1)), np.array([[0.0], [1.0]]), [1.0, 5.0, 0.5], level=0.75, w=W)
    assert found.shown.tolist()[:2] == [0.5, 0.5]
    assert found.corrected[0] == 0.5
    # Errors over spread ratios: -1 0 0 1, whose 75 % quantile is 0.25.
    assert found.low[0] == found.low[1] == pytest.approx(0.25)
    assert np.isnan([found.shown[2], found.corrected[2], found.low[2]]).all()


def test_two_that_tie_are_corrected_by_the_larger_error():
    """Two settings of one cost whose errors are opposite: the larger one counts, so the corrected figure lies below the shown one."""
    w = weights(200, resamples=300)
    right = np.random.default_rng(0).permutation(np.repeat([0.0, 1.0], 100))
    found = hull_band(np.ones((200, 2)), np.column_stack([right, 1 - right]), [1.0], w=w)
    alone = hull_band(np.ones((200, 1)), right[:, None], [1.0], w=w)
    assert found.shown[0] == alone.shown[0] == 0.5
    error = np.abs(w @ (right - 0.5)) / 200
    assert found.shown[0] - found.corrected[0] == pytest.approx(np.median(error), rel=0.02)
    assert alone.corrected[0] == pytest.approx(0.5, abs=0.005)
    assert found.low[0] < alone.low[0]


def test_a_setting_far_behind_does_not_matter():
    """A setting that is worse by far more than chance leaves the figures as they were; one that is dearer for nothing too."""
    rng = np.random.default_rng(1)
    good, bad = rng.random(300) < 0.9, rng.random(300) < 0.2
    cost = np.tile([1.0, 1.0, 4.0], (300, 1))
    found = hull_band(cost, np.column_stack([good, bad, good]).astype(float), [1.0])
    alone = hull_band(cost[:, :1], good[:, None].astype(float), [1.0])
    assert (found.corrected[0], found.low[0]) == pytest.approx((alone.corrected[0], alone.low[0]))


def test_an_error_of_the_cost_counts_by_the_slope():
    """Quality is sure, the dear setting's cost is not: between the two the hull is unsure by slope x error x how much of it is mixed in."""
    rng = np.random.default_rng(2)
    cost = np.column_stack([np.ones(400), 2 + 2 * rng.random(400)])
    quality = np.tile([0.5, 0.9], (400, 1))
    low = cost[:, 1].mean()
    middle = (1 + low) / 2
    found = hull_band(cost, quality, [middle], w=weights(400))
    slope = 0.4 / (low - 1)
    assert found.shown[0] - found.low[0] == pytest.approx(1.645 * slope * 0.5 * cost[:, 1].std() / 20, rel=0.12)


def test_the_shown_area_is_that_of_the_metric():
    """`aiq` itself; costs in another unit, queries in another order and a duplicate setting change nothing that is claimed."""
    rng = np.random.default_rng(3)
    cost, quality = np.linspace(1, 4, 5) * rng.lognormal(0, 0.1, (300, 1)), (rng.random((300, 5)) < np.linspace(0.5, 0.8, 5)).astype(float)
    cheapest, w = (rng.random(300) < 0.5).astype(float), weights(300, resamples=200)
    found = aiq_bound(cost, quality, cheapest=cheapest, low=0.8, high=4, w=w)
    means = cost.mean(axis=0), quality.mean(axis=0)
    assert found.shown == pytest.approx(aiq(*means, low=0.8, high=4, cheapest_quality=cheapest.mean()))
    assert found.bound < found.corrected < found.shown
    cents = aiq_bound(100 * cost, quality, cheapest=cheapest, low=80, high=400, w=w)
    twice = aiq_bound(
        np.column_stack([cost, cost[:, 2]]), np.column_stack([quality, quality[:, 2]]), cheapest=cheapest, low=0.8, high=4, w=w
    )
    order = rng.permutation(300)
    moved = aiq_bound(cost[order], quality[order], cheapest=cheapest[order], low=0.8, high=4, w=w[:, order])
    for other in (cents, twice, moved):
        assert (other.corrected, other.bound) == pytest.approx((found.corrected, found.bound), abs=1e-5)


def test_more_queries_make_a_closer_bound():
    """Above 50,000 queries by normal draws: a bound within a hundredth."""
    rng = np.random.default_rng(4)
    cost, quality = np.tile([1.0, 2.0], (MANY + 1, 1)), (rng.random((MANY + 1, 2)) < [0.5, 0.8]).astype(np.float32)
    found = aiq_bound(cost, quality, cheapest=quality[:, 0], low=1, high=2)
    assert 0.0005 < found.shown - found.bound < 0.01


def test_unknown_settings_are_left_out():
    """As in `aiq`; without a known setting, cheapest model, range or second query all is unknown."""
    cost, quality = np.tile([1.0, 2.0], (60, 1)), np.random.default_rng(5).random((60, 2))
    more = aiq_bound(
        np.column_stack([cost, cost[:, 0]]), np.column_stack([quality, np.full(60, np.nan)]), cheapest=quality[:, 0], low=1, high=2
    )
    assert more == aiq_bound(cost, quality, cheapest=quality[:, 0], low=1, high=2)
    for unknown in (
        aiq_bound(cost, quality, cheapest=np.full(60, np.nan), low=1, high=2),
        aiq_bound(cost, quality, cheapest=quality[:, 0], low=np.nan, high=2),
        aiq_bound(cost[:1], quality[:1], cheapest=quality[:1, 0], low=1, high=2),
    ):
        assert np.isnan([unknown.shown, unknown.corrected, unknown.bound]).all()
        assert unknown.method == "unknown"
    nothing = hull_band(cost, np.full((60, 2), np.nan), [1.0])
    assert np.isnan(nothing.low).all()
    assert nothing.method == "unknown"


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: aiq_bound(np.ones(3), np.ones(3), cheapest=np.ones(3), low=0, high=1), "no curve"),
        (lambda: hull_band(np.ones((3, 1)), np.ones((3, 2)), [1]), "no curve"),
        (lambda: aiq_bound(np.ones((3, 1)), np.ones((3, 1)), cheapest=np.ones(2), low=0, high=1), "do not fit"),
        (lambda: aiq_bound(np.ones((3, 1)), np.ones((3, 1)), cheapest=np.ones(3), low=1, high=1), "cost range"),
        (lambda: hull_band(np.ones((3, 1)), np.ones((3, 1)), [1], level=0), "between 0 and 1"),
    ],
)
def test_what_makes_no_area_is_refused(call, said):
    """Shapes that do not fit, an empty range and other levels."""
    with pytest.raises(ProblemError, match=said):
        call()


def test_errors_of_an_area_by_hand():
    """A hull from .5 at 1 to .9 at 3, where two settings have opposite errors: at most half the larger one, at least half of one's."""
    w = weights(100, resamples=50)
    right = np.random.default_rng(6).permutation(np.repeat([0.8, 1.0], 50))
    cost, quality = np.tile([1.0, 3.0, 3.0], (100, 1)), np.column_stack([np.full(100, 0.5), right, 1.8 - right])
    found = aiq_errors(cost, quality, cheapest=np.full(100, 0.5), low=1, high=3, w=w)
    error = w @ (right - 0.9) / 100
    assert found.shown == pytest.approx(0.7)
    assert found.most == pytest.approx(np.abs(error) / 2, abs=1e-6)
    assert np.abs(found.least) == pytest.approx(np.abs(error) / 2, abs=1e-6)
    assert (found.most >= found.least - 1e-9).all()
    assert found.each.mean() == pytest.approx(found.shown)


def test_curves_that_are_not_looked_at_together_share_their_resamples():
    """The same curve twice has the same errors, above 50,000 queries too; there they are as large as those of so many queries."""
    rng = np.random.default_rng(7)
    n = 4 * MANY
    cost, quality = np.tile([1.0, 2.0], (n, 1)), (rng.random((n, 2)) < [0.5, 0.8]).astype(np.float32)
    first, second = (aiq_errors(cost, quality, cheapest=quality[:, 0], low=1, high=2) for _ in range(2))
    assert np.array_equal(first.most, second.most)
    assert first.least.std() == pytest.approx(first.each.std() / np.sqrt(n), rel=0.1)
