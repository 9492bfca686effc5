"""AIQ, the Zero router and the random control, by hand."""

import numpy as np
import pytest

from data.problems import ProblemError
from strategies.metrics.plane import aiq, common_range, control, zero_router

NAN = float("nan")


def test_aiq_of_a_triangle():
    """A straight line from 0 to 1 encloses a triangle: its mean height is one half, whatever the costs."""
    assert aiq([1, 3], [0, 1], low=1, high=3, cheapest_quality=0) == pytest.approx(0.5)
    assert aiq([1e-6, 3e-6], [0, 1], low=1e-6, high=3e-6, cheapest_quality=0) == pytest.approx(0.5)


def test_aiq_of_a_bent_curve():
    """(0, 0.2), (1, 0.6), (4, 0.8): a trapezoid of mean 0.4 over a quarter and one of mean 0.7 over the rest."""
    assert aiq([0, 1, 4], [0.2, 0.6, 0.8], low=0, high=4, cheapest_quality=0.2) == pytest.approx(0.4 / 4 + 0.7 * 3 / 4)


def test_aiq_takes_the_hull_not_the_curve():
    """A point under the chord and a fall at the end change nothing."""
    plain = aiq([0, 2], [0.2, 0.8], low=0, high=4, cheapest_quality=0.2)
    assert aiq([0, 1, 2, 4], [0.2, 0.3, 0.8, 0.1], low=0, high=4, cheapest_quality=0.2) == pytest.approx(plain)


def test_one_point_is_extended_on_both_sides():
    """One point at (2, 0.8): a chord from the cheapest model on the left, flat on the right."""
    assert aiq([2], [0.8], low=0, high=4, cheapest_quality=0.4) == pytest.approx((0.6 + 0.8) / 2)


def test_points_outside_the_common_range_only_help_by_their_chords():
    """The curve is cut where it crosses the range: (0, 0) to (4, 1) has mean 0.5 between 1 and 3."""
    assert aiq([0, 4], [0, 1], low=1, high=3, cheapest_quality=0) == pytest.approx(0.5)


def test_a_curve_below_the_cheapest_model_counts_as_the_cheapest_model():
    """Everybody can always call the cheapest model, so AIQ is never below its quality."""
    assert aiq([1, 2], [0.1, 0.2], low=0, high=4, cheapest_quality=0.5) == pytest.approx(0.5)


def test_duplicated_costs_do_not_break_aiq():
    """Two points at one cost count as the better one."""
    twice = aiq([0, 2, 2], [0.2, 0.5, 0.8], low=0, high=4, cheapest_quality=0.2)
    assert twice == pytest.approx(aiq([0, 2], [0.2, 0.8], low=0, high=4, cheapest_quality=0.2))


def test_aiq_divides_by_the_range_not_by_the_highest_cost():
    """A constant quality has that AIQ; the public code's division by the highest cost would shrink it to a quarter."""
    assert aiq([3, 4], [0.8, 0.8], low=3, high=4, cheapest_quality=0.8) == pytest.approx(0.8)


def test_aiq_of_the_zero_router_is_the_area_under_the_hull_of_single_models():
    """Reading the Zero router densely gives the same area as its vertices."""
    cost, quality = np.array([1.0, 2.0, 3.0, 5.0]), np.array([0.3, 0.7, 0.6, 0.9])
    span = common_range(cost, quality)._asdict()
    vertices = zero_router(cost, quality)
    dense = np.linspace(1, 5, 4001)
    assert aiq(*vertices, **span) == pytest.approx(np.interp(dense, *vertices).mean(), abs=1e-4)
    assert aiq(cost, quality, **span) == pytest.approx(aiq(*vertices, **span))


@pytest.mark.parametrize("missing", ["low", "high", "cheapest_quality"])
def test_an_unknown_range_makes_aiq_unknown(missing):
    """A NaN among the ends is not a zero."""
    ends = {"low": 0.0, "high": 4.0, "cheapest_quality": 0.4} | {missing: NAN}
    assert np.isnan(aiq([1, 2], [0.5, 0.6], **ends))


def test_aiq_ignores_unknown_points_and_is_unknown_without_known_ones():
    """A NaN setting is left out; nothing but NaN is unknown, not the cheapest model."""
    ends = {"low": 0.0, "high": 4.0, "cheapest_quality": 0.4}
    assert aiq([2, 3], [0.8, NAN], **ends) == pytest.approx(0.7)
    assert np.isnan(aiq([2, 3], [NAN, NAN], **ends))
    assert np.isnan(aiq([], [], **ends))


@pytest.mark.parametrize("high", [1.0, 0.5])
def test_a_range_without_width_is_refused(high):
    """Models of one cost have no plane."""
    with pytest.raises(ProblemError, match="differ in cost"):
        aiq([1], [0.5], low=1.0, high=high, cheapest_quality=0.5)


def test_common_range():
    """Cheapest and priciest known model; of the cheapest the best quality; models not known are left out."""
    assert common_range([2, 1, 1, NAN, 0.5], [0.8, 0.4, 0.5, 0.9, NAN]) == (1.0, 2.0, 0.5)
    assert np.isnan(common_range([NAN], [0.5])).all()


def test_zero_router_leaves_out_dominated_and_unknown_models():
    """Of five models the dominated and the two unknown ones are no vertices."""
    cost, quality = zero_router([1, 2, 3, NAN, 4], [0.3, 0.7, 0.6, 0.9, NAN])
    assert (cost.tolist(), quality.tolist()) == ([1, 2], [0.3, 0.7])


def test_control_of_a_router():
    """A quarter of the queries to a model of 0.8 at 4, the rest to one of 0.4 at 1."""
    cost, quality = control([0.75, 0.25], [0.75, 0.25], [1, 4], [0.4, 0.8])
    assert (float(cost), float(quality)) == pytest.approx((1.75, 0.5))


def test_control_of_a_cascade_pays_for_every_failed_step():
    """All queries call the cheap model and a quarter also the strong one: the bill has both, the answers only the last."""
    cost, quality = control([0.75, 0.25], [1.0, 0.25], [1, 4], [0.4, 0.8])
    assert (float(cost), float(quality)) == pytest.approx((2.0, 0.5))


def test_control_of_many_settings_equals_each_alone():
    """(M, K) shares give (K,) points, equal to K calls of one setting; one setting gives plain numbers."""
    answered, called = np.array([[1, 0.5, 0], [0, 0.5, 1.0]]), np.array([[1, 1, 1], [0, 0.5, 1.0]])
    cost, quality = control(answered, called, [1, 4], [0.4, 0.8])
    for k in range(3):
        assert control(answered[:, k], called[:, k], [1, 4], [0.4, 0.8]) == pytest.approx((cost[k], quality[k]))
    assert f"{control([1, 0], [1, 0], [1, 4], [0.4, 0.8])[0]:.2f}" == "1.00"


def test_control_is_the_mean_over_permutations():
    """Dealing the shares to random queries many times comes to the closed form."""
    rng = np.random.default_rng(0)
    quality, picked = rng.random((400, 3)), rng.choice(3, size=400, p=[0.5, 0.3, 0.2])
    share = np.bincount(picked, minlength=3) / 400
    dealt = np.mean([quality[np.arange(400), rng.permutation(picked)].mean() for _ in range(400)])
    assert float(control(share, share, np.ones(3), quality.mean(axis=0))[1]) == pytest.approx(dealt, abs=3e-3)


def test_an_unknown_model_that_nobody_used_does_not_poison_the_control():
    """Share 0 of a NaN mean is nothing; any other share of it is unknown."""
    cost, quality = control([[1, 0.5], [0, 0.5]], [[1, 1], [0, 0.5]], [1, NAN], [0.4, NAN])
    assert (cost[0], quality[0]) == (1, 0.4)
    assert np.isnan([cost[1], quality[1]]).all()


@pytest.mark.parametrize("shares", [[1.0], np.ones((3, 2)), np.ones((2, 1, 1))])
def test_shares_that_do_not_fit_the_models_are_refused(shares):
    """One share a model, or a column of them a setting."""
    with pytest.raises(ProblemError, match="one share and one mean a model"):
        control(shares, shares, [1, 4], [0.4, 0.8])
