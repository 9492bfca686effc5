"""Saving at equal quality, quality at equal cost, dollars a month."""

import numpy as np
import pytest

from data.problems import ProblemError
from strategies.metrics.saving import best_within, cheapest_reaching, iso, monthly_usd, quality_at_equal_cost, saving_at_equal_quality

NAN = float("nan")
COST, QUALITY = [1.0, 2.0, 3.0, 8.0], [0.50, 0.70, 0.80, 0.85]


def test_the_cheapest_point_as_good_as_the_reference_sets_the_saving():
    """A reference of 0.8 at 10 is reached at 3: 70 % saved."""
    assert saving_at_equal_quality(COST, QUALITY, 10, 0.8) == pytest.approx(0.7)
    assert cheapest_reaching(COST, QUALITY, 0.8) == 2


def test_a_tolerance_gives_up_quality_for_money():
    """Giving up a tenth is enough for the point at 2."""
    assert saving_at_equal_quality(COST, QUALITY, 10, 0.8, tolerance=0.1 + 1e-9) == pytest.approx(0.8)


def test_a_dearer_point_saves_a_negative_share():
    """Reaching 0.85 costs 8 against 4: minus 100 %."""
    assert saving_at_equal_quality(COST, QUALITY, 4, 0.85) == pytest.approx(-1.0)


@pytest.mark.parametrize(("cost", "quality"), [(10, 0.9), (0, 0.5), (NAN, 0.5), (10, NAN)])
def test_no_saving_without_a_point_or_a_priced_reference(cost, quality):
    """Out of reach, free and unknown references have no saving."""
    assert np.isnan(saving_at_equal_quality(COST, QUALITY, cost, quality))


def test_unknown_points_never_qualify():
    """A point without cost or quality is neither free nor good."""
    assert cheapest_reaching([NAN, 2, 3], [0.9, NAN, 0.8], 0.7) == 2
    assert best_within([NAN, 2, 3], [0.9, NAN, 0.8], 10) == 2
    assert cheapest_reaching([NAN], [NAN], 0.1) is None
    assert best_within(COST, QUALITY, NAN) is None


def test_ties_go_to_the_better_the_cheaper_and_the_first():
    """Equal costs are settled by quality, equal qualities by cost, equal points by order."""
    assert cheapest_reaching([1, 1, 1], [0.5, 0.6, 0.6], 0.5) == 1
    assert best_within([2, 1, 1], [0.6, 0.6, 0.6], 5) == 1


def test_the_best_point_no_dearer_than_the_reference():
    """At 3 the curve has 0.8; a tolerance on cost opens the next point; under 1 there is none."""
    assert quality_at_equal_cost(COST, QUALITY, 3) == pytest.approx(0.8)
    assert quality_at_equal_cost(COST, QUALITY, 2.9) == pytest.approx(0.7)
    assert quality_at_equal_cost(COST, QUALITY, 2.9, tolerance=0.1) == pytest.approx(0.8)
    assert np.isnan(quality_at_equal_cost(COST, QUALITY, 0.5))


def test_iso_holds_both_comparisons_and_their_points():
    """A reference of 0.7 at 4: half the cost at equal quality, ten points more at equal cost."""
    found = iso(COST, QUALITY, 4, 0.7)
    assert (found.at_equal_quality, found.at_equal_cost) == (1, 2)
    assert (found.saving, found.gain) == pytest.approx((0.5, 0.1))


def test_iso_of_an_unreachable_reference_is_unknown():
    """Nothing qualifies: no positions and no numbers."""
    found = iso(COST, QUALITY, 0.5, 0.99)
    assert (found.at_equal_quality, found.at_equal_cost) == (None, None)
    assert np.isnan([found.saving, found.gain]).all()


def test_points_without_partners_are_refused():
    """One quality a cost."""
    with pytest.raises(ProblemError, match="one cost and one quality"):
        cheapest_reaching([1, 2], [0.5], 0.4)


def test_a_monthly_bill():
    """0.4 cents a query and a million queries are 4,000 dollars; an unknown price stays unknown."""
    assert monthly_usd(0.004, 1_000_000) == pytest.approx(4_000)
    assert np.isnan(monthly_usd(NAN, 1_000_000))


def test_a_negative_volume_is_refused():
    """Nobody asks fewer than no queries."""
    with pytest.raises(ProblemError, match="volume of 0 or more"):
        monthly_usd(0.004, -1)
