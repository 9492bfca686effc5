"""Temperature scaling."""

import numpy as np
import pytest

from strategies.predictors.temperature import fitted_temperature, tempered


def test_the_temperature_that_made_the_confidences_is_found():
    """Honest confidences sharpened by 1/3 need T = 3; graded qualities are learnt as shares of right."""
    honest = np.random.default_rng(0).uniform(0.05, 0.95, 20_000)
    sharp = tempered(honest.astype(np.float32), 1 / 3)
    assert fitted_temperature(sharp, honest.astype(np.float32)) == pytest.approx(3, rel=0.01)
    right = (np.random.default_rng(1).random(20_000) < honest).astype(np.float32)
    assert fitted_temperature(sharp, right) == pytest.approx(3, rel=0.06)


def test_order_ends_and_silence_stay():
    """A certain answer stays the surest, one half stays one half, NaN stays NaN."""
    found = tempered(np.array([0, 0.3, 0.5, 0.9, 1, np.nan], np.float32), 1.7)
    assert (np.diff(found[:5]) > 0).all()
    assert found[2] == 0.5
    assert np.isnan(found[5])
    assert found.dtype == np.float32


def test_what_no_temperature_can_mend_ends_at_the_range():
    """Confidence that is worse than none is cooled as far as it goes; one that is always right is warmed as far."""
    sure = np.array([0.9, 0.8, 0.7], np.float32)
    assert fitted_temperature(sure, np.zeros(3, np.float32)) == pytest.approx(20, rel=0.01)
    assert fitted_temperature(sure, np.ones(3, np.float32)) == pytest.approx(0.05, rel=0.01)
