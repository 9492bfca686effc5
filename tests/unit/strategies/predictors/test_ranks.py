"""Ranks of scores among those of the fit part."""

import numpy as np
import pytest

from strategies.predictors.ranks import levels, ranked

NAN = float("nan")


def test_a_rank_is_the_share_below():
    """Ties share a rank, unknown values have none, values between two levels lie between their ranks, those outside at the ends."""
    distinct, below = levels(np.array([3, 1, NAN, 1, 2], np.float32))
    assert distinct.tolist() == [1, 2, 3]
    assert below.tolist() == [0, 0.5, 0.75]
    found = ranked(np.array([0, 1, 1.5, 2, 3, 9, NAN], np.float32), distinct, below)
    assert found[:6].tolist() == [0, 0, 0.25, 0.5, 0.75, 0.75]
    assert np.isnan(found[6])
    assert found.dtype == np.float32


def test_a_threshold_on_the_rank_is_a_share():
    """Whatever the scale, a tenth of the scores has a rank below 0.1."""
    values = np.exp(np.random.default_rng(0).normal(size=1000)).astype(np.float32)
    rank = ranked(values, *levels(values))
    for rate in (0.1, 0.5, 0.93):
        assert (rank < np.float32(rate)).mean() == pytest.approx(rate, abs=0.0011)
