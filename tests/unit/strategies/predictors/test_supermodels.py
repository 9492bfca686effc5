"""Sets of models, and what the best of their answers is expected to be."""

import numpy as np
import pytest

from strategies.predictors.supermodels import DEPTH, expected_best, sets_of


def test_the_sets_of_each_mode():
    """Singles, prefixes, all; above six models no more than three at once; smaller ones first."""
    assert sets_of(3, "routing").sum(axis=1).tolist() == [1, 1, 1]
    assert sets_of(3, "cascading").tolist() == [[True, False, False], [True, True, False], [True, True, True]]
    assert len(sets_of(4, "cascade-routing")) == 15
    many = sets_of(7, "cascade-routing").sum(axis=1)
    assert (len(many), many.max()) == (7 + 21 + 35, DEPTH)
    assert (np.diff(many) >= 0).all()


def test_the_integral_is_what_drawing_gives():
    """Against 200,000 draws: sharp and wide errors, with and without an answer already there."""
    rng = np.random.default_rng(0)
    mean, spread = rng.random((3, 4)), np.array([0.3, 0.01, 0.2, 0.1])
    floor, sets = np.array([-np.inf, 0.5, 0.9]), sets_of(4, "cascade-routing")
    drawn = mean[:, :, None] + spread[None, :, None] * rng.normal(size=(3, 4, 200_000))
    wanted = [[np.maximum(floor[i], drawn[i, members].max(axis=0)).mean() for members in sets] for i in range(3)]
    assert expected_best(floor, mean, spread, sets) == pytest.approx(np.array(wanted), abs=0.004)


def test_without_error_it_is_the_maximum():
    """Known exactly: the largest mean, or the floor; nothing more to run is worth the floor."""
    mean = np.array([[0.2, 0.7]])
    sets = np.array([[True, False], [True, True], [False, False]])
    assert expected_best(np.array([0.5]), mean, np.zeros(2), sets)[0] == pytest.approx([0.5, 0.7, 0.5], abs=1e-4)
    assert expected_best(np.array([0.5]), mean, np.zeros(2), sets[2:]).tolist() == [[0.5]]
