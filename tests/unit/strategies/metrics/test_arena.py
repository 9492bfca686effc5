"""The arena score, by hand and at its edges. The board's rows are among the papers' tests."""

import numpy as np
import pytest

from data.problems import ProblemError
from strategies.metrics.arena import CHEAPEST_USD_PER_1K, PRICIEST_USD_PER_1K, arena_score, cheapness


def test_cheapness_runs_from_one_to_zero_on_a_log_scale():
    """The cheapest cost is 1, the priciest 0, their geometric mean one half."""
    middle = np.sqrt(CHEAPEST_USD_PER_1K * PRICIEST_USD_PER_1K)
    assert cheapness([CHEAPEST_USD_PER_1K, middle, PRICIEST_USD_PER_1K]) == pytest.approx([1, 0.5, 0])


def test_the_clamp_is_ours_and_can_be_left_out():
    """Beyond both ends the clamped cheapness stays in [0, 1]; the published one does not."""
    assert cheapness([CHEAPEST_USD_PER_1K / 2, 400]).tolist() == [1, 0]
    assert cheapness(CHEAPEST_USD_PER_1K / 2, clamp=False) > 1
    assert cheapness(400, clamp=False) < 0


def test_a_score_by_hand():
    """A = 0.5 and C = 0.5 give 0.5; A = 1 and C = 0.5 give 1.1 x 0.5 / 0.6."""
    middle = np.sqrt(CHEAPEST_USD_PER_1K * PRICIEST_USD_PER_1K)
    assert arena_score(0.5, middle) == pytest.approx(0.5)
    assert arena_score(1.0, middle) == pytest.approx(0.55 / 0.6)
    assert arena_score([0.5, 1.0], middle) == pytest.approx([0.5, 0.55 / 0.6])


def test_costs_are_per_thousand_queries():
    """A cost per query passed by mistake looks like a free router and scores higher."""
    assert arena_score(0.6, 0.56) < arena_score(0.6, 0.00056)


def test_a_free_router():
    """Free is the best cheapness when clamped, infinitely cheap when not; both are finite scores."""
    assert arena_score(0.6, 0.0) == pytest.approx(1.1 * 0.6 / 1.06)
    assert arena_score(0.6, 0.0, clamp=False) == pytest.approx(1.1 * 0.6)


def test_the_worst_corner_is_zero_not_undefined():
    """No accuracy at the highest cost scores 0, and so does any accuracy there."""
    assert arena_score([0.0, 0.9], PRICIEST_USD_PER_1K).tolist() == [0, 0]


def test_unknown_stays_unknown():
    """A NaN accuracy or cost has no score, even at the worst corner."""
    assert np.isnan(arena_score([np.nan, 0.5, np.nan], [1.0, np.nan, PRICIEST_USD_PER_1K])).all()


def test_a_negative_cost_is_refused():
    """Nobody is paid for being asked."""
    with pytest.raises(ProblemError, match="negative"):
        arena_score(0.5, -1.0)
