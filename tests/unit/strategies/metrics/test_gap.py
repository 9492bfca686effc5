"""PGR, APGR, CPT and the cost-normalised three, by hand."""

import numpy as np
import pytest

from data.problems import ProblemError
from strategies.metrics.gap import apgr, apgr_routellm_11, cpt, napgr, ncpt, normalised_cost, npgr, optimal_curve, pgr

NAN = float("nan")
WEAK, STRONG = 0.6, 0.8
RANDOM = ([0, 0.5, 1], [0.6, 0.7, 0.8])
# Ten queries: the strong model helps on three, hurts on one.
WEAK_RIGHT = np.array([1, 1, 1, 1, 1, 1, 0, 0, 0, 0])
STRONG_RIGHT = np.array([1, 1, 1, 1, 1, 0, 1, 1, 1, 0])


def test_pgr_is_zero_at_the_weak_and_one_at_the_strong_model():
    """The scale runs from weak to strong and past both ends."""
    assert pgr(np.array([0.5, 0.6, 0.7, 0.8, 0.9]), WEAK, STRONG) == pytest.approx([-0.5, 0, 0.5, 1, 1.5])
    assert pgr(0.75, WEAK, STRONG) == pytest.approx(0.75)


@pytest.mark.parametrize(("weak", "strong"), [(0.8, 0.8), (0.8, 0.6), (NAN, 0.8), (0.6, NAN)])
def test_without_a_gap_everything_is_undefined(weak, strong):
    """If the strong model is no better, or unknown, there is no gap to recover."""
    share, quality = RANDOM
    assert np.isnan(pgr(0.7, weak, strong))
    assert np.isnan(pgr(np.array([0.7, 0.8]), weak, strong)).all()
    assert np.isnan(apgr(share, quality, weak, strong))
    assert np.isnan(apgr_routellm_11(share, quality, weak, strong))
    assert np.isnan(cpt(share, quality, weak, strong, 0.5))
    assert np.isnan(napgr(share, quality, weak, strong, low=0, high=1))
    assert np.isnan(ncpt(share, quality, weak, strong, low=0, high=1, level=0.5))


def test_random_has_half_the_area_and_needs_a_share_equal_to_the_level():
    """The anchor of every implementation: APGR 0.5, CPT(x) = x."""
    assert apgr(*RANDOM, WEAK, STRONG) == pytest.approx(0.5)
    assert apgr_routellm_11(*RANDOM, WEAK, STRONG) == pytest.approx(0.5)
    for level in (0.0, 0.2, 0.5, 0.8, 1.0):
        assert cpt(*RANDOM, WEAK, STRONG, level) == pytest.approx(level)


def test_apgr_of_a_bent_curve():
    """PGR 0 at 0, 1 at a quarter, flat: an eighth plus three quarters."""
    assert apgr([0, 0.25, 1], [0.6, 0.8, 0.8], WEAK, STRONG) == pytest.approx(0.125 + 0.75)


def test_the_published_eleven_points_miss_the_corner():
    """The same curve read at 0, 10, ... 100 %: 0, .4, .8 and eight ones, a trapezoid of 0.87 against 0.875."""
    assert apgr_routellm_11([0, 0.25, 1], [0.6, 0.8, 0.8], WEAK, STRONG) == pytest.approx(0.1 * (0.4 + 0.8 + 7 + 0.5))


def test_ends_are_added_where_the_curve_lacks_them():
    """Nobody sent is the weak model and all sent is the strong one, by definition."""
    assert apgr([0.5], [0.7], WEAK, STRONG) == pytest.approx(0.5)
    assert cpt([0.5], [0.7], WEAK, STRONG, 1.0) == pytest.approx(1.0)


def test_duplicated_shares_count_as_their_best_point_in_any_order():
    """Two settings at one share are one point of the curve."""
    assert apgr([0, 0.5, 0.5, 1], [0.6, 0.75, 0.7, 0.8], WEAK, STRONG) == pytest.approx(apgr([0, 0.5, 1], [0.6, 0.75, 0.8], WEAK, STRONG))
    assert apgr([1, 0.5, 0, 0.5], [0.8, 0.7, 0.6, 0.75], WEAK, STRONG) == pytest.approx(apgr([0, 0.5, 1], [0.6, 0.75, 0.8], WEAK, STRONG))


def test_a_falling_curve_keeps_the_first_share_that_reached_the_level():
    """0.75 is reached at share 0.3; a fall afterwards does not move it, and APGR still counts the fall."""
    share, quality = [0, 0.3, 0.6, 1], [0.6, 0.75, 0.65, 0.8]
    assert cpt(share, quality, WEAK, STRONG, 0.75) == pytest.approx(0.3)
    assert cpt(share, quality, WEAK, STRONG, 0.5) == pytest.approx(0.2)
    assert cpt(share, quality, WEAK, STRONG, 1.0) == pytest.approx(1.0)
    assert apgr(share, quality, WEAK, STRONG) < apgr(share, [0.6, 0.75, 0.75, 0.8], WEAK, STRONG)


def test_a_level_never_reached_is_nan():
    """No share reaches more than the best point."""
    assert np.isnan(cpt(*RANDOM, WEAK, STRONG, 1.2))


def test_a_level_reached_up_to_rounding_is_reached():
    """A strong model's mean summed in another order still has PGR 1."""
    assert cpt([0, 1], [0.6, 0.8 - 1e-16], WEAK, STRONG, 1.0) == pytest.approx(1.0)


def test_an_unknown_point_makes_the_curve_unknown():
    """A NaN is not skipped, nor is an empty curve a random one."""
    for share, quality in (([0, 0.5, 1], [0.6, NAN, 0.8]), ([0, NAN, 1], [0.6, 0.7, 0.8]), ([], [])):
        assert np.isnan(apgr(share, quality, WEAK, STRONG))
        assert np.isnan(apgr_routellm_11(share, quality, WEAK, STRONG))
        assert np.isnan(cpt(share, quality, WEAK, STRONG, 0.5))
        assert np.isnan(napgr(share, quality, WEAK, STRONG, low=0, high=1))
        assert np.isnan(ncpt(share, quality, WEAK, STRONG, low=0, high=1, level=0.5))


@pytest.mark.parametrize("share", [[-0.1, 1], [0, 50]])
def test_shares_outside_zero_to_one_are_refused(share):
    """Per cent and dollars are not shares."""
    with pytest.raises(ProblemError, match="fractions"):
        apgr(share, [0.6, 0.8], WEAK, STRONG)


def test_points_without_partners_are_refused():
    """One quality a share."""
    with pytest.raises(ProblemError, match="one of each a point"):
        cpt([0, 1], [0.6], WEAK, STRONG, 0.5)


def test_the_optimal_curve_rises_by_the_share_helped_and_stays():
    """0.6 at none, 0.9 from three of ten on; sending the hurt query is never needed."""
    share, quality = optimal_curve(WEAK_RIGHT, STRONG_RIGHT)
    assert share == pytest.approx([0, 0.3, 1])
    assert quality == pytest.approx([0.6, 0.9, 0.9])


def test_the_perfect_router_has_an_apgr_above_one():
    """The oracle beats the strong model, so 1 is not the ceiling: 0.15 x 1.5 + 0.7 x 1.5."""
    curve = optimal_curve(WEAK_RIGHT, STRONG_RIGHT)
    assert apgr(*curve, 0.6, 0.8) == pytest.approx(1.275)
    assert cpt(*curve, 0.6, 0.8, 0.5) == pytest.approx(0.1)
    assert cpt(*curve, 0.6, 0.8, 1.5) == pytest.approx(0.3)


def test_the_optimal_curve_of_graded_quality_takes_the_largest_gains_first():
    """Gains .8, .5, .1, 0, -.3 come as three rising steps and a flat end."""
    share, quality = optimal_curve([0.1, 0.5, 0.6, 0.5, 0.8], [0.2, 1.0, 0.3, 0.5, 1.6])
    assert share == pytest.approx([0, 0.2, 0.4, 0.6, 1])
    assert quality == pytest.approx([0.5, 0.66, 0.76, 0.78, 0.78])


def test_an_optimal_curve_that_needs_every_query_ends_at_one():
    """If the strong model helps everywhere there is no flat end, and no point twice."""
    share, quality = optimal_curve([0, 0], [1, 1])
    assert (share.tolist(), quality.tolist()) == ([0, 1], [0, 1])


def test_an_optimal_curve_without_any_help_is_flat():
    """A strong model that never helps leaves the weak one's quality."""
    share, quality = optimal_curve([1, 1], [0, 1])
    assert (share.tolist(), quality.tolist()) == ([0, 1], [1, 1])


@pytest.mark.parametrize(("weak", "strong"), [([0, NAN], [1, 1]), ([], [])])
def test_an_optimal_curve_over_holes_is_unknown(weak, strong):
    """A query that was not run makes the bound unknown; so do no queries."""
    share, quality = optimal_curve(weak, strong)
    assert share.tolist() == [0, 1]
    assert np.isnan(quality).all()


def test_models_with_different_queries_are_refused():
    """Qualities pair up by query."""
    with pytest.raises(ProblemError, match="the same queries"):
        optimal_curve([0, 1], [1])


def test_normalised_cost():
    """0 at the cheapest model, 1 at the priciest, and past both; unknown without a range."""
    assert normalised_cost([1, 2, 5, 7, 0], 1, 5) == pytest.approx([0, 0.25, 1, 1.5, -0.25])
    assert np.isnan(normalised_cost([1, 2], 3, 3)).all()


def test_with_two_fixed_prices_the_normalised_metrics_equal_the_share_ones():
    """A strong share of s costs 2 + 6 s: nAPGR and nCPT then are APGR and CPT."""
    share, quality = np.array([0, 0.3, 0.6, 1]), np.array([0.6, 0.72, 0.78, 0.8])
    ends = {"low": 2.0, "high": 8.0}
    assert napgr(2 + 6 * share, quality, WEAK, STRONG, **ends) == pytest.approx(apgr(share, quality, WEAK, STRONG))
    assert ncpt(2 + 6 * share, quality, WEAK, STRONG, **ends, level=0.75) == pytest.approx(cpt(share, quality, WEAK, STRONG, 0.75))
    assert npgr(quality, WEAK, STRONG) == pytest.approx(pgr(quality, WEAK, STRONG))


def test_napgr_starts_at_the_cheapest_model_and_is_flat_at_the_end():
    """One point half way, as good as the priciest: a rising half and a flat one."""
    assert napgr([3], [0.8], WEAK, STRONG, low=1, high=5) == pytest.approx(0.25 + 0.5)


def test_napgr_cuts_a_curve_that_runs_past_the_range():
    """A line from twice below to twice above the range has mean nPGR 0.5 inside it."""
    assert napgr([-3, 9], [0.3, 1.1], 0.5, 0.9, low=1, high=5) == pytest.approx(0.5)


def test_ncpt_of_a_cascade_can_exceed_one():
    """A cascade that must pay twice reaches the level beyond the priciest model's cost."""
    assert ncpt([2, 10], [0.6, 0.8], WEAK, STRONG, low=1, high=5, level=1.0) == pytest.approx(2.25)


def test_a_curve_that_ends_above_the_strong_model_stays_there():
    """A perfect router stops sending at three of ten; what is left need not go to the strong model and spoil it."""
    whole, ended = ([0, 0.3, 1], [0.6, 0.9, 0.9]), ([0, 0.3], [0.6, 0.9])
    assert apgr(*ended, WEAK, STRONG) == pytest.approx(apgr(*whole, WEAK, STRONG))
    assert apgr([0, 0.3], [0.6, 0.7], WEAK, STRONG) == pytest.approx(apgr([0, 0.3, 1], [0.6, 0.7, 0.8], WEAK, STRONG))
