"""Tabi (EuroSys 2023): the calibrated rule by hand, an honest threshold, and the latency saved."""

import numpy as np
import pytest

from data.simulator import SimModel, World, simulate
from strategies import Goal, replay
from strategies.cascades.tabi import Tabi
from strategies.predictors.temperature import tempered
from tests.worlds import by_hand


def test_the_rule_by_hand():
    """At T = 2 a confidence of 0.9 is sqrt(9) : 1 = 0.75 and 0.99 is sqrt(99) : 1 = 0.9087; from 0.8 on only the latter is kept."""
    assert tempered(np.array([0.9, 0.99, 0.5], np.float32), 2.0) == pytest.approx([0.75, 0.90868, 0.5], abs=1e-5)
    table = by_hand([[1, 1], [1, 1], [0, 1]], cost=[[1, 9]] * 3, margin=[[0.9, 0], [0.99, 0], [np.nan, 0]])
    policy = Tabi(chain=("a", "b"), tau=0.8, state={"signals": np.array(["margin"]), "temperature": np.array(2.0)})
    assert replay(policy, table).path == [(0, 1), (0,), (0, 1)]


@pytest.fixture(scope="module")
def parts():
    """Return an overconfident small model and a large one, six times as slow."""
    small = SimModel(
        name="small", accuracy=0.8, confidence_auroc=0.9, temperature=0.3, speed_tok_per_s=300, first_token_s=0.1, tokens_out=50,
    )  # fmt: skip
    large = SimModel(
        name="large", accuracy=0.86, price_in_usd_per_mtok=10, price_out_usd_per_mtok=30, speed_tok_per_s=50, first_token_s=0.6,
        tokens_out=50,
    )  # fmt: skip
    return simulate(World(name="tabi", n=6000, models=(small, large))).split(seed=0)


def calibration_error(confidence, quality):
    """Return the mean distance between confidence and share right in ten bins, weighted by their queries."""
    place = np.minimum((confidence * 10).astype(int), 9)
    return sum(abs((confidence - quality)[place == k].sum()) for k in range(10)) / len(quality)


def test_after_calibration_confidence_means_what_it_says(parts):
    """On unseen queries the error of the stated confidence is more than halved, by the temperature that made it too extreme."""
    policy = Tabi(signal="confidence").fit(parts.fit)
    temperature = float(policy.state["temperature"])
    stated, quality = parts.test.signal("confidence", "small"), parts.test.quality("small")
    assert temperature == pytest.approx(1 / 0.3, rel=0.15)
    assert calibration_error(stated, quality) > 0.06
    assert calibration_error(tempered(stated, temperature), quality) < calibration_error(stated, quality) / 2


def test_the_large_models_accuracy_at_a_lower_mean_latency(parts):
    """Tuned to 99 % of the large model's accuracy, the mean latency is lower by the reported 21 % or more, the tail by little."""
    policy = Tabi(signal="confidence").fit(parts.fit).calibrate(parts.calibrate, Goal(keep=0.99))
    run = replay(policy, parts.test).summary()
    large = parts.test.latency_s("large")
    assert run.quality > 0.97 * parts.test.mean("quality")["large"]
    assert run.latency_s < 0.79 * large.mean()
    assert run.latency_p95_s < 1.5 * np.quantile(large, 0.95)
