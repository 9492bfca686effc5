"""What confidence and foresight are worth: asked for, and measured on what was drawn."""

from dataclasses import replace

import numpy as np
import pytest

from data.simulator import Shift, SimModel, Topic, World, asked, measured, simulate
from data.simulator.moments import calibration_error, chance_error
from data.simulator.worth import Worth, overall

PAIR = World(
    n=40_000, topics=(Topic(name="easy"), Topic(name="hard", difficulty=3)),
    models=(SimModel(name="small", accuracy=0.6, overconfidence=0.15, confidence_auroc=0.75), SimModel(name="large", accuracy=0.85)),
)  # fmt: skip


def test_an_undisturbed_draw_is_worth_what_was_asked_for():
    """Both AUROCs, the mean confidence less accuracy and the calibration error, model by model."""
    for wanted, seen in zip(asked(PAIR), measured(simulate(PAIR)), strict=True):
        assert wanted.model == seen.model
        for name in ("foresight", "confidence", "gap", "ece"):
            assert getattr(seen, name) == pytest.approx(getattr(wanted, name), abs=0.012), name
    assert PAIR.moved_by == ()
    assert "calibration" not in simulate(PAIR).history[0].detail


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"judge_noise": 0.2}, "judge noise"),
        ({"shifts": (Shift(at=0.2, until=0.2, size=-2.0),)}, "drift"),
        ({"shifts": (Shift(kind="topic", topic="hard", at=0.2, size=9),)}, "topic shift"),
    ],
)
def test_what_moves_calibration_is_measured_and_said(changes, said):
    """Noise of the judge, drift and another mix of topics: the request stays, the draw differs, and the table's history says how far."""
    world = replace(PAIR, **changes)
    table = simulate(world)
    wanted, seen = asked(world), measured(table)
    assert world.moved_by == (said,)
    assert wanted == asked(PAIR)
    assert seen[1].ece > wanted[1].ece + 0.03
    assert abs(seen[1].gap - wanted[1].gap) > 0.03
    assert f"with {said} the measured calibration error" in table.history[0].detail
    assert f"large {calibration_error(table.quality(1), table.signals['confidence'][:, 1]):.2f} (0.00 without)" in table.history[0].detail


def test_prices_and_outages_move_no_calibration():
    """Other shifts leave confidence what it is: nothing is said, and calls without an answer are left out of the figures."""
    world = replace(PAIR, shifts=(Shift(kind="price", size=3), Shift(kind="outage", model="large", at=0.5, until=0.9)))
    assert world.moved_by == ()
    assert measured(simulate(world))[1].ece == pytest.approx(asked(world)[1].ece, abs=0.015)


def test_chance_alone_makes_a_calibration_error():
    """Of calibrated probabilities it is what they show on average; it falls with the root of their number and is 0 for certain ones."""
    rng = np.random.default_rng(0)
    says = rng.beta(2, 1, 1500)
    shown = [calibration_error((rng.random(1500) < says).astype(float), says) for _ in range(300)]
    assert chance_error(says) == pytest.approx(np.mean(shown), rel=0.05)
    assert chance_error(np.tile(says, 4)) == pytest.approx(chance_error(says) / 2)
    assert chance_error(np.array([0.0, 1.0, np.nan])) == 0
    assert np.isnan(chance_error(np.array([np.nan])))


def test_the_mean_over_models_leaves_out_what_is_not_known():
    """A model that is always right has no AUROC; where none has one, there is none."""
    one = Worth(model="a", foresight=0.6, confidence=0.8, gap=0.1, ece=0.1, chance=0.02)
    sure = replace(one, model="b", foresight=float("nan"), confidence=float("nan"), gap=0.0, ece=0.0)
    both = overall((one, sure))
    assert (both.confidence, both.gap, both.ece) == pytest.approx((0.8, 0.05, 0.05))
    assert np.isnan(overall((sure,)).foresight)
