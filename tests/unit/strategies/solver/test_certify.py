"""Proofs hold at the promised rate: p-values at finite n, sequences of tests, the whole path from search to certificate."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from scipy.stats import binom, binomtest

from strategies.solver.answer import MISSES
from strategies.solver.certify import betting, binomial, needed, needed_count, sequence
from strategies.solver.shortlist import Points, path

SETS, DELTA = 1_000, 0.1


def _rarely(failures: int, sets: int, delta: float) -> bool:
    """Whether so many failures are compatible with a rate of delta at most."""
    return binomtest(failures, sets, delta, alternative="greater").pvalue > 1e-3


def _margins(rng, n, sets, mean=0.0):
    """Skewed margins in [-1, 1/9] of a given mean: nine times of ten the high end, at mean 0."""
    return np.where(rng.random((n, sets)) < 0.9 + 0.9 * mean, 1 / 9, -1.0)


def test_betting_is_worked_by_hand():
    """One stake for all: the p-value is one over the most money that was ever held."""
    x = np.array([[0.5], [0.5], [-1.0]])
    stake = min(np.sqrt(2 * np.log(1 / 0.2) / 3) / 2.0, 0.9)
    assert betting(x, np.array([-1.0]), np.array([2.0]), 0.2)[0] == pytest.approx((1 + stake / 2) ** -2)


@pytest.mark.parametrize("spread", [0.05, 1 / 3, 3.0])
def test_a_true_null_is_rarely_rejected(spread):
    """At mean 0 p <= delta happens in a share of delta of the data sets at most, whatever the stake was guessed from."""
    x = _margins(np.random.default_rng(1), 150, SETS)
    p = betting(x, np.full(SETS, -1.0), np.full(SETS, spread), DELTA)
    assert _rarely(int((p <= DELTA).sum()), SETS, DELTA)


def test_what_is_unknown_or_out_of_bounds_proves_nothing():
    """A missing margin, one below what was assumed, no query at all: p = 1."""
    x = np.full((500, 3), 0.5)
    x[7, 0], x[7, 1] = np.nan, -1.2
    p = betting(x, np.full(3, -1.0), np.full(3, 0.5), DELTA)
    assert p[0] == p[1] == 1.0
    assert p[2] < 1e-6
    assert betting(np.empty((0, 2)), np.full(2, -1.0), np.full(2, 0.5), DELTA).tolist() == [1.0, 1.0]
    assert binomial(np.array([0.0]), 0, 0.05)[0] == 1.0


def test_the_binomial_tail_is_exact():
    """P(at most k failures) as SciPy's distribution has it."""
    k = np.arange(0, 40, 3)
    assert np.allclose(binomial(k, 400, 0.05), binom.cdf(k, 400, 0.05))


def test_a_sequence_ends_at_its_last_failure():
    """With one miss the first failure ends it; with two, each is tested at half the level and the second failure ends it."""
    p = np.array([0.001, 0.04, 0.2, 0.001, 0.3, 0.0])
    assert sequence(p, 0.05).tolist() == [True, True, False, False, False, False]
    assert sequence(p, 0.05, misses=2).tolist() == [True, False, False, False, False, False]
    assert sequence(np.array([0.2, 0.001, 0.3, 0.0]), 0.05, misses=2).tolist() == [False, True, False, False]


def test_the_number_needed_is_enough():
    """With as many queries as are said to be needed, a policy as good as it looked is proved about four times of five."""
    rng = np.random.default_rng(2)
    mean, spread = 0.02, float(_margins(rng, 100_000, 1, 0.02).std())
    n = int(needed(mean, spread, DELTA))
    x = _margins(rng, n, 300, mean)
    assert 0.72 < float((betting(x, np.full(300, -1.0), np.full(300, spread), DELTA) <= DELTA).mean()) < 0.97
    assert needed(0.0, 0.3, DELTA) == np.inf
    n = int(needed_count(0.03, 0.05, DELTA))
    assert 0.72 < float((binomial(rng.binomial(n, 0.03, 2_000), n, 0.05) <= DELTA).mean()) < 0.97
    assert needed_count(0.05, 0.05, DELTA) == np.inf


def _points(seen, aim, n):
    """The searched candidates of one data set: shares of failures on n queries against a rate of 0.2, and objectives."""
    mean = 0.2 - seen
    spread = np.sqrt(seen * (1 - seen) + 1 / n)
    count = np.arange(len(seen), dtype=np.float64)
    return Points(line=0 * count, k=count, aim=aim, safety=mean / spread * np.sqrt(n), reach=mean, spread=spread[:, None])


@pytest.mark.parametrize("candidates", [1, 20, 500])
@pytest.mark.parametrize("gap", [0.0, 0.02])
def test_the_certificate_holds_as_promised(candidates, gap):
    """Of 1,000 data sets, the share in which anything certified breaks its limit is at most delta, however many were searched.

    The hardest case: no candidate, or every second one, keeps the limit, by nothing or by a little, and the objective prefers the
    worse ones; what is tested is what the search half makes of it, in its order.
    """
    rng, n = np.random.default_rng(3 + candidates), 200
    rates = 0.2 + np.where(np.arange(candidates) % 2, -gap, gap)
    aim, lines = -rates + rng.normal(0, 0.01, (SETS, candidates)), SimpleNamespace(lines=[None])
    searched, counts = (rng.binomial(n, rates, (SETS, candidates)) for _ in range(2))
    broken = 0
    for seen, aims, failures in zip(searched / n, aim, counts, strict=True):
        ks = np.array([place.k for place in path(_points(seen, aims, n), lines)], dtype=int)
        passed = sequence(binomial(failures[ks], n, 0.2), DELTA, MISSES)
        broken += bool((rates[ks][passed] >= 0.2).any())
    assert _rarely(broken, SETS, DELTA)


@pytest.mark.parametrize("candidates", [1, 20])
def test_the_certificate_holds_by_betting_too(candidates):
    """The same for margins that are no counts: every policy breaks its limit by nothing, and all of them are tested in turn."""
    x = _margins(np.random.default_rng(5), 150, SETS * candidates)
    p = betting(x, np.full(SETS * candidates, -1.0), np.full(SETS * candidates, 1 / 3), DELTA / MISSES).reshape(SETS, candidates)
    assert _rarely(int(sequence(p, DELTA, MISSES).any(axis=1).sum()), SETS, DELTA)
    assert sequence(p, DELTA, MISSES).any(axis=1).mean() > 0.01  # the promise is made use of
