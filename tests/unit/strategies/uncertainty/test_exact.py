"""Clopper-Pearson intervals against closed forms and published values."""

import math

import pytest

from data.problems import ProblemError
from strategies.uncertainty.exact import exact


@pytest.mark.parametrize("n", [1, 10, 99, 5_000])
def test_none_and_all_have_closed_forms(n):
    """0 of n ends at 1 - (alpha/2)^(1/n), and n of n mirrors it."""
    end = 1 - 0.025 ** (1 / n)
    assert (exact(0, n).low, exact(0, n).high) == pytest.approx((0, end), abs=1e-12)
    assert (exact(n, n).low, exact(n, n).high) == pytest.approx((1 - end, 1), abs=1e-12)


def test_five_of_ten():
    """The textbook row: 0.1871 to 0.8129."""
    found = exact(5, 10)
    assert (found.mean, found.low, found.high) == pytest.approx((0.5, 0.187086, 0.812914), abs=1e-6)
    assert (found.n, found.method) == (10, "exact")


@pytest.mark.parametrize(("k", "n", "level"), [(1, 20, 0.95), (37, 80, 0.9), (98, 99, 0.99)])
def test_each_end_leaves_its_tail(k, n, level):
    """At the low end k or more has probability alpha/2, at the high end k or fewer."""
    found = exact(k, n, level)
    at_least = sum(math.comb(n, j) * found.low**j * (1 - found.low) ** (n - j) for j in range(k, n + 1))
    at_most = sum(math.comb(n, j) * found.high**j * (1 - found.high) ** (n - j) for j in range(k + 1))
    assert (at_least, at_most) == pytest.approx(((1 - level) / 2, (1 - level) / 2), rel=1e-9)


def test_a_higher_level_is_wider_and_more_queries_narrower():
    """The interval grows with the level and shrinks with n."""
    width = {
        (k, n, level): exact(k, n, level).high - exact(k, n, level).low for k, n, level in [(5, 10, 0.9), (5, 10, 0.99), (50, 100, 0.9)]
    }
    assert width[5, 10, 0.99] > width[5, 10, 0.9] > width[50, 100, 0.9]


def test_no_queries_know_nothing():
    """0 of 0 is unknown, not 0."""
    found = exact(0, 0)
    assert math.isnan(found.mean)
    assert (found.n, found.method) == (0, "unknown")


@pytest.mark.parametrize(("k", "n"), [(3, 2), (-1, 2)])
def test_impossible_counts_are_refused(k, n):
    """A count lies between 0 and n."""
    with pytest.raises(ProblemError, match="0 <= k <= n"):
        exact(k, n)


@pytest.mark.parametrize("level", [0.0, 1.0, 95])
def test_levels_outside_zero_to_one_are_refused(level):
    """95 per cent is 0.95."""
    with pytest.raises(ProblemError, match="between 0 and 1"):
        exact(1, 2, level)
