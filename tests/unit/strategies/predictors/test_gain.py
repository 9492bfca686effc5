"""Expected gain by kernel and by bins."""

import numpy as np
import pytest

from strategies.predictors.gain import binned, by_bins, by_kernel


def test_a_kernel_mean_lies_between_what_was_seen():
    """Near a seen value it is that value's gain; equal values are one with their mean; far away the nearest counts."""
    seen = np.array([0.1, 0.1, 0.9, 0.9], np.float32)
    gain = np.array([0, 1, 1, 1], np.float32)
    found = by_kernel(np.array([0.1, 0.5, 0.9]), seen, gain)
    assert found[0] < 0.6
    assert found[1] == pytest.approx(0.75)
    assert found[2] > 0.9
    assert by_kernel(np.array([1e3]), seen, gain) == pytest.approx([1.0])


def test_one_query_is_enough_for_a_kernel():
    """Without spread the bandwidth is the narrowest one; the gain is that query's everywhere."""
    assert by_kernel(np.array([0.0, 1.0]), np.array([0.5], np.float32), np.array([-1.0], np.float32)).tolist() == [-1, -1]


def test_bins_are_weighted_by_their_queries_and_empty_ones_borrow():
    """Four bins; three queries gain in the first, one loses in the third: weights exp(-d^2 / 8)."""
    seen = np.array([0.0, 0.1, 0.2, 0.6], np.float32)
    found = by_bins(4, seen, np.array([1, 1, 1, -1], np.float32))
    one, two, three = np.exp([-1 / 8, -4 / 8, -9 / 8])
    heavy, light = np.array([1, one, two, three]), np.array([two, one, 1, one])
    assert found == pytest.approx((3 * heavy - light) / (3 * heavy + light))


def test_the_ends_of_the_range_belong_to_the_end_bins():
    """One and what lies beyond falls into the last bin, what is not known into the first."""
    assert binned(np.array([0, 0.49, 0.5, 1, 1.2, np.nan], np.float32), 2).tolist() == [0, 0, 1, 1, 1, 0]
