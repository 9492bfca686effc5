"""Sets of models, what the best of their answers is expected to be, and which set is worth most."""

import itertools

import numpy as np
import pytest
from scipy.special import log_ndtr

from strategies.predictors.supermodels import LEAST, best_set, expected_best

NOTHING = np.array([-np.inf])


def members(count):
    """Return (2^count, count) who is in a set: model m where bit m is 1."""
    return (np.arange(1 << count)[:, None] >> np.arange(count)) % 2 == 1


def asked(mean, price, *, spread=0.0, floor=NOTHING, run=None, any_set=True):
    """Return who is to be run for one query, and what that is worth."""
    mean, price = np.array([mean], dtype=float), np.array([price], dtype=float)
    run = np.zeros(mean.shape, dtype=bool) if run is None else np.array([run])
    more, worth = best_set(np.asarray(floor), mean, np.full(mean.shape[1], spread), price, run, any_set=any_set)
    return np.flatnonzero(more[0]).tolist(), worth[0]


def test_the_integral_is_what_drawing_gives():
    """Against 200,000 draws: sharp and wide errors, with and without an answer already there, odd and even numbers of models."""
    rng = np.random.default_rng(0)
    for spread in (np.array([0.3, 0.01, 0.2, 0.1]), np.array([0.3, 0.3, 0.3]), np.array([0.2])):
        count = len(spread)
        mean, floor = rng.random((3, count)), np.array([-np.inf, 0.5, 0.9])
        drawn = mean[:, :, None] + spread[None, :, None] * rng.normal(size=(3, count, 200_000))
        sets = members(count)[1:]
        wanted = [[np.maximum(floor[i], drawn[i, inside].max(axis=0)).mean() for inside in sets] for i in range(3)]
        assert expected_best(floor, mean, spread)[:, 1:] == pytest.approx(np.array(wanted), abs=0.006)


def test_without_error_it_is_the_maximum():
    """Known exactly: the largest mean, or the floor; nothing more to run is worth the floor."""
    found = expected_best(np.array([0.5]), np.array([[0.2, 0.7]]), np.zeros(2))
    assert found[0] == pytest.approx([0.5, 0.5, 0.7, 0.7], abs=1e-4)


def test_eleven_models_are_searched_as_by_hand():
    """No set of all 2,047 is worth more by a fine integral, with answers there or none; nobody's set depends on who stands beside."""
    rng = np.random.default_rng(1)
    mean, spread, run = rng.random((8, 11)), rng.uniform(0.1, 0.4, 11), rng.random((8, 11)) < 0.2
    run[:4] = False
    floor = np.where(run.any(axis=1), rng.random(8), -np.inf)
    price = np.geomspace(0.001, 0.3, 11) * np.ones((8, 1))
    more, worth = best_set(floor, mean, spread, price, run, any_set=True)
    sets, points = members(11), np.linspace(-1.5, 2.5, 801)
    for i in range(8):
        at = np.maximum(points, floor[i])
        logs = log_ndtr((at - mean[i][:, None]) / spread[:, None])
        value = at[-1] - np.trapezoid(np.exp(sets @ logs), at, axis=1) - sets @ (price[i] + LEAST)
        value[(sets & run[i]).any(axis=1)] = -np.inf
        value[0] = floor[i]
        assert worth[i] == pytest.approx(value.max(), abs=0.003)
        assert value[(more[i] * (1 << np.arange(11))).sum()] > value.max() - 0.003
    alone = [best_set(floor[[i]], mean[[i]], spread, price[[i]], run[[i]], any_set=True) for i in range(8)]
    assert np.array_equal(more, np.concatenate([found for found, _ in alone]))
    assert np.array_equal(worth, np.concatenate([found for _, found in alone]))


def test_prices_decide():
    """Of two sure answers the dearer is taken where it brings more than it costs more; a free one that adds nothing is left out."""
    assert asked([0.5, 0.8], [0.0, 0.2])[0] == [1]
    assert asked([0.5, 0.8], [0.0, 0.4]) == ([0], pytest.approx(0.5, abs=2e-4))
    assert asked([0.8, 0.5], [0.0, 0.0])[0] == [0]
    assert asked([0.5, 0.5], [0.0, 0.0], spread=0.2)[0] == [0, 1]


def test_nothing_more_is_run_where_the_answer_is_good():
    """Against an answer of 0.9 another of 0.5 is not worth a price; without any answer something has to be run, be it dear."""
    kept = asked([0.9, 0.5], [0.1, 0.1], spread=0.1, floor=[0.9], run=[True, False])
    assert kept == ([], pytest.approx(0.9, abs=1e-3))
    assert asked([0.9, 0.5], [5.0, 4.0]) == ([1], pytest.approx(-3.5, abs=1e-3))


def test_a_cascade_takes_the_first_ones_only():
    """The best of the firsts: the third is reached through the second; what was run is not paid again; against every chain by hand."""
    assert asked([0.1, 0.2, 0.9], [0.01, 0.01, 0.1], any_set=False)[0] == [0, 1, 2]
    assert asked([0.1, 0.2, 0.9], [5, 0.01, 0.1], floor=[0.1], run=[True, False, False], any_set=False)[0] == [1, 2]
    rng = np.random.default_rng(2)
    for mean, spread in itertools.product(rng.random((5, 4)), (0.05, 0.3)):
        price = np.array([0.01, 0.05, 0.05, 0.1])
        firsts = [(1 << k) - 1 for k in range(1, 5)]
        value = expected_best(NOTHING, mean[None], np.full(4, spread))[0, firsts] - np.cumsum(price + LEAST)
        found, worth = asked(mean, price, spread=spread, any_set=False)
        assert found == list(range(int(value.argmax()) + 1))
        assert worth == pytest.approx(value.max(), abs=1e-5)


def test_a_model_of_unknown_quality_is_no_choice():
    """It adds nothing, so it is never paid."""
    assert asked([np.nan, 0.3, 0.6], [0.0, 0.0, 0.1], spread=0.2)[0] == [1, 2]
