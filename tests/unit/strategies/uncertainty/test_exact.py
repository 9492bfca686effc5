"""Clopper-Pearson intervals against closed forms and published values; exact intervals of differences of counts."""

import itertools
import math

import numpy as np
import pytest

from data.problems import ProblemError
from strategies.uncertainty.exact import exact, exact_difference


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


def test_an_exact_difference_by_hand():
    """One query, won: the low end is where the tail less what it pays for the shares is the chance to win, d = p: .0225; the high end 1."""
    found = exact_difference(1, 0, 1)
    paid = 0.1 * 0.025
    # Its share of queries that differ lies between paid / 2 and 1; with all differing, a win of chance p makes a difference of 2p - 1.
    assert found.low == pytest.approx(2 * (0.025 - paid) - 1, abs=1e-6)
    assert (found.mean, found.high, found.method) == (1, 1, "exact")
    level = exact_difference(0, 0, 40)
    assert level.low == pytest.approx(-level.high)
    swapped, straight = exact_difference(9, 2, 40), exact_difference(2, 9, 40)
    assert (swapped.low, swapped.high) == pytest.approx((-straight.high, -straight.low))


def test_exact_differences_hold_the_truth_whatever_it_is():
    """By adding up the chances of all outcomes of 16 queries: at least 95 % at every truth of a grid, and not nearly always."""
    n = 16
    outcomes = [(w, lost) for w in range(n + 1) for lost in range(n + 1 - w)]
    found = {pair: exact_difference(*pair, n) for pair in outcomes}
    held = {}
    for up, down in itertools.product(np.linspace(0, 0.9, 10), repeat=2):
        if up + down > 1:
            continue
        truth, rest = up - down, max(1 - up - down, 0.0)
        held[up, down] = sum(
            math.comb(n, w) * math.comb(n - w, lost) * up**w * down**lost * rest ** (n - w - lost)
            for (w, lost), each in found.items()
            if each.low - 1e-9 <= truth <= each.high + 1e-9
        )
    assert min(held.values()) >= 0.95
    assert min(held.values()) < 0.985


@pytest.mark.parametrize("counts", [(3, 3, 5), (-1, 0, 5)])
def test_counts_that_cannot_be_are_refused(counts):
    """More wins and losses than queries, or fewer than none; of no queries nothing is known."""
    with pytest.raises(ProblemError, match="no counts"):
        exact_difference(*counts)
    assert math.isnan(exact_difference(0, 0, 0).low)
