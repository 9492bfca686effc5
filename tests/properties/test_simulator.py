"""What is asked of a world is what its table shows, at a million queries."""

from dataclasses import replace

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.simulator import SimModel, Topic, World, promise, simulate

MILLION = 1_000_000
TOLERANCE = 0.01
shares = st.floats(0.1, 0.95)
aurocs = st.floats(0.5, 0.99)
few = settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def auroc(right, score):
    """Return the area under the ROC curve by ranks, ties counted half."""
    _, at, count = np.unique(score, return_inverse=True, return_counts=True)
    rank = (np.cumsum(count) - (count - 1) / 2)[at]
    good = right > 0.5
    return (rank[good].sum() - good.sum() * (good.sum() + 1) / 2) / (good.sum() * (~good).sum())


def calibration_error(right, says, bins=50):
    """Return the expected calibration error in bins of equal width."""
    at = np.minimum((says * bins).astype(int), bins - 1)
    size, good, said = (np.bincount(at, each, bins) for each in (np.ones(len(at)), right, says))
    return np.abs(good - said).sum() / size.sum()


def mean_phi(quality):
    """Return the mean correlation of right and wrong over pairs of models."""
    found = np.corrcoef(quality.T)
    return found[~np.eye(len(found), dtype=bool)].mean()


@st.composite
def worlds(draw, models=2):
    """Draw a world of a million queries with up to three topics and specialists."""
    topics = tuple(
        Topic(name=f"topic {k}", weight=draw(st.floats(0.2, 3)), difficulty=draw(st.floats(-2, 2))) for k in range(draw(st.integers(1, 3)))
    )
    made = tuple(
        SimModel(
            name=f"m{m}", accuracy=draw(shares), discrimination=draw(st.floats(0.3, 3)),
            strengths=tuple(draw(st.floats(-1.5, 1.5)) for _ in topics), confidence_auroc=draw(aurocs), ex_ante_auroc=draw(aurocs),
        )
        for m in range(models)
    )  # fmt: skip
    return World(
        n=MILLION, seed=draw(st.integers(0, 999)), topics=topics, models=made,
        difficulty_spread=draw(st.floats(0, 3)), difficulty_shape=draw(st.sampled_from(["one hump", "two humps", "even"])),
        post_hoc_difficulty=draw(st.sampled_from([0.0, 0.3, 0.9])),
        ex_ante_difficulty=draw(st.sampled_from([0.0, 0.5])),
    )  # fmt: skip


@few
@given(worlds())
def test_accuracy_and_auroc_are_those_asked_for(world):
    """Each model's accuracy, the AUROC of its confidence and of what is foreseen, each within 0.01."""
    table = simulate(world)
    for model in world.models:
        right = table.quality(model.name)
        assert abs(right.mean(dtype=np.float64) - model.accuracy) <= TOLERANCE
        assert abs(auroc(right, table.signal("confidence", model.name)) - model.confidence_auroc) <= TOLERANCE
        assert abs(auroc(right, table.features[f"predicted_quality:{model.name}"][:, 0]) - model.ex_ante_auroc) <= TOLERANCE


@few
@given(worlds(models=3), st.floats(0, 1))
def test_the_error_correlation_is_the_one_asked_for(world, part):
    """Any mean correlation between what is possible least and most is reached within 0.01."""
    low, high = (promise(_correlated(world, asked)).phi for asked in (-1.0, 1.0))
    low, high = (found[~np.eye(3, dtype=bool)].mean() for found in (low, high))
    asked = low + part * (high - low)
    table = simulate(_correlated(world, asked))
    assert abs(mean_phi(table.numbers["quality"].astype(np.float64)) - asked) <= TOLERANCE


@few
@given(worlds(models=1), st.floats(-0.3, 0.3), st.floats(0.4, 2.5))
def test_calibration_is_the_one_promised(world, overconfidence, temperature):
    """Mean confidence less accuracy is the overconfidence asked for, and the calibration error the one promised, within 0.01."""
    world = replace(world, models=(replace(world.models[0], overconfidence=overconfidence, temperature=temperature),))
    solved = promise(world)
    table = simulate(world, solved)
    right, says = table.quality(0).astype(np.float64), table.signal("confidence", 0).astype(np.float64)
    assert abs(says.mean() - right.mean() - solved.confidence[0].gap) <= TOLERANCE
    assert abs(calibration_error(right, says) - solved.confidence[0].ece) <= TOLERANCE
    if not any("overconfidence" in note for note in solved.notes):
        assert abs(solved.confidence[0].gap - overconfidence) <= TOLERANCE


@few
@given(worlds(models=1))
def test_an_honest_confidence_is_calibrated(world):
    """Without overconfidence at temperature 1 the calibration error is below 0.01, whatever the AUROC and whatever it leans on."""
    table = simulate(world)
    right = table.quality(0).astype(np.float64)
    assert calibration_error(right, table.signal("confidence", 0).astype(np.float64)) <= TOLERANCE
    assert calibration_error(right, table.features["predicted_quality:m0"][:, 0].astype(np.float64)) <= TOLERANCE


def _correlated(world, asked):
    return replace(world, correlation=asked)
