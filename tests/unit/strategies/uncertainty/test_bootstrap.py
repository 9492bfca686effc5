"""Bootstrap, paired and normal intervals."""

import math

import numpy as np
import pytest

from data.problems import ProblemError
from strategies.uncertainty import bootstrap, resample
from strategies.uncertainty.bootstrap import bands, interval, intervals, intervals_of, paired, weights

NAN = float("nan")


@pytest.fixture
def quality():
    """(400, 3) graded qualities, float32 as in a table."""
    return np.random.default_rng(1).random((400, 3), dtype=np.float32)


@pytest.mark.parametrize(("n", "resamples"), [(1, 3), (7, 50), (300, 120)])
def test_every_resample_has_n_queries(n, resamples):
    """Counts of each row sum to n, in full blocks and in a last short one."""
    counts = weights(n, resamples=resamples)
    assert (counts.shape, counts.dtype) == ((resamples, n), np.uint8)
    assert (counts.sum(axis=1, dtype=np.int64) == n).all()


def test_counts_are_those_of_drawing_with_replacement():
    """Mean 1, variance 1 - 1/n, and about 1/e of the queries missing from each resample."""
    counts = weights(500).astype(np.float64)
    assert counts.var() == pytest.approx(1 - 1 / 500, rel=0.01)
    assert (counts == 0).mean() == pytest.approx(math.exp(-1), rel=0.01)


def test_counts_depend_on_the_seed_only():
    """A seed gives its counts again, another seed others; they are shared, so nobody can write into them."""
    assert weights(60, seed=3) is weights(60, seed=3)
    first = weights(60, seed=3).copy()
    resample._drawn.cache_clear()
    assert (weights(60, seed=3) == first).all()
    assert (weights(60, seed=4) != first).any()
    assert not weights(60, seed=3).flags.writeable


def test_very_many_queries_have_no_weights():
    """Above 50,000 queries nothing is drawn."""
    assert weights(bootstrap.MANY + 1) is None


@pytest.mark.parametrize(("n", "resamples"), [(0, 10), (10, 0)])
def test_no_queries_or_resamples_are_refused(n, resamples):
    """There is nothing to draw from, or nothing to draw."""
    with pytest.raises(ProblemError, match="cannot be drawn"):
        weights(n, resamples=resamples)


def test_a_bootstrap_by_hand():
    """Two queries 0.2 and 0.4 and four given resamples: means .2 .3 .3 .4, whose quartiles are .275 and .325."""
    w = np.array([[2, 0], [1, 1], [1, 1], [0, 2]], dtype=np.uint8)
    found = interval([0.2, 0.4], level=0.5, w=w)
    assert (found.mean, found.low, found.high) == pytest.approx((0.3, 0.275, 0.325))
    assert (found.n, found.method) == (2, "bootstrap")


def test_the_width_is_that_of_a_mean(quality):
    """On 400 values the interval is as wide as the normal one, to a tenth, and holds the mean."""
    found = interval(quality[:, 0])
    assert found.low < found.mean < found.high
    assert found.high - found.low == pytest.approx(2 * 1.96 * quality[:, 0].std() / 20, rel=0.1)


def test_an_unknown_value_makes_the_whole_unknown():
    """A NaN never becomes a silently smaller n."""
    found = interval([0.5, NAN, 0.25])
    assert np.isnan([found.mean, found.low, found.high]).all()
    assert (found.n, found.method) == (3, "unknown")


def test_few_right_or_wrong_answers_have_the_exact_interval():
    """99 queries of 0/1 go to Clopper-Pearson; graded ones, 100 queries and given weights do not."""
    right = np.repeat([1.0, 0.0], [60, 39])
    assert interval(right).method == "exact"
    assert interval(np.append(right, 1.0)).method == "bootstrap"
    assert interval(np.append(right[1:], 0.5)).method == "bootstrap"
    assert interval(right, w=weights(99)).method == "bootstrap"


def test_all_right_is_not_certain():
    """20 of 20 right leaves the low end at 0.832, where a bootstrap would say 1."""
    assert interval(np.ones(20)).low == pytest.approx(0.025 ** (1 / 20))


def test_one_value_and_none_have_no_interval():
    """A mean of one query has no spread to show; no query has no mean."""
    one, none = interval([0.4]), interval([])
    assert (one.mean, one.n, one.method) == (0.4, 1, "unknown")
    assert np.isnan([one.low, one.high, none.mean, none.low, none.high]).all()
    assert (none.n, none.method) == (0, "unknown")


def test_very_many_queries_have_the_normal_interval():
    """Above 50,000 queries: mean plus and minus 1.96 standard errors, close to the bootstrap at 50,000."""
    values = np.random.default_rng(2).random(bootstrap.MANY + 1)
    found = interval(values)
    assert found.method == "normal"
    assert (found.high - found.mean, found.mean - found.low) == pytest.approx([1.959964 * values.std() / math.sqrt(len(values))] * 2)
    assert found.high - found.low == pytest.approx(np.ptp(intervals(values[:-1, None])), rel=0.1)


def test_columns_share_their_resamples(quality):
    """Each column of a matrix has the interval that it has alone."""
    low, high = intervals(quality)
    for k in range(3):
        alone = interval(quality[:, k])
        assert (low[k], high[k]) == pytest.approx((alone.low, alone.high), abs=1e-7)


def test_an_unknown_column_leaves_the_others_alone(quality):
    """Only the column with the NaN loses its ends."""
    quality[5, 1] = NAN
    low, high = intervals(quality)
    assert np.isnan(low).tolist() == np.isnan(high).tolist() == [False, True, False]


@pytest.mark.parametrize("n", [120, bootstrap.MANY + 1])
def test_an_infinite_value_is_unknown_too(n):
    """No interval comes from infinity, by either method, and none warns."""
    values = np.ones((n, 3))
    values[0] = np.inf, NAN, 0
    values[1, 0] = -np.inf
    found = bands(values)
    for ends in (found.mean, found.low, found.high):
        assert np.isnan(ends).tolist() == [True, True, False]


def test_bands_hold_their_means(quality):
    """A band has the mean of each setting between its ends."""
    found = bands(quality)
    assert found.mean == pytest.approx(quality.mean(axis=0, dtype=np.float64))
    assert ((found.low < found.mean) & (found.mean < found.high)).all()
    assert (found.n, found.method) == (400, "bootstrap")


def test_whole_numbers_are_values_too():
    """Integers and booleans are taken as numbers."""
    assert bands(np.array([[1, 2], [3, 4]])).mean.tolist() == [2, 3]
    assert interval(np.arange(200) % 2 == 0).mean == pytest.approx(0.5)


def test_small_costs_keep_their_digits():
    """Costs of a millionth of a dollar on top of a dollar are not lost in float32."""
    spread = np.random.default_rng(3).random(300) * 1e-4
    found, alone = interval(1 + spread), interval(spread)
    assert found.high - found.low == pytest.approx(alone.high - alone.low, rel=0.01)


def test_pairing_cancels_the_queries_own_spread():
    """A policy better by 0.01 on every query is better by just that, though each mean is uncertain by more."""
    rng = np.random.default_rng(4)
    a = rng.random(400)
    found = paired(a + 0.01, a)
    assert (found.low, found.mean, found.high) == pytest.approx((0.01, 0.01, 0.01), abs=1e-6)
    assert interval(a).high - interval(a).low > 0.02


def test_paired_is_antisymmetric_and_never_exact():
    """Swapping two policies mirrors the interval; differences of 0 and 1 are no counts."""
    a, b = np.array([1.0, 1, 0, 1, 1, 0]), np.array([1.0, 0, 0, 1, 0, 0])
    there, back = paired(a, b), paired(b, a)
    assert there.method == "bootstrap"
    assert (there.mean, there.low, there.high) == pytest.approx((-back.mean, -back.high, -back.low))


@pytest.mark.parametrize("n", [60, 400])
def test_a_cards_difference_is_a_paired_one_however_few(n):
    """Against itself a policy differs by nothing, for sure: no count of zeros is made of it."""
    x = np.random.default_rng(5).integers(0, 2, n).astype(float)
    quality, gap = intervals_of(x, against=x)
    assert quality.method == ("exact" if n < 100 else "bootstrap")
    assert (gap.mean, gap.low, gap.high, gap.method) == (0, 0, 0, "bootstrap")
    other = np.roll(x, 1)
    assert intervals_of(x, against=other)[1].mean == pytest.approx(paired(x, other).mean, abs=1e-7)


def test_unequal_lengths_do_not_pair():
    """Two policies are compared on the same queries."""
    with pytest.raises(ProblemError, match="same queries"):
        paired([1.0, 0.5], [1.0])


@pytest.mark.parametrize("call", [lambda: interval(np.ones((2, 2))), lambda: bands(np.ones(3)), lambda: interval([0.1, 0.2], w=weights(3))])
def test_shapes_that_do_not_fit_are_refused(call):
    """A list where a table is due, and weights of another n, are told apart."""
    with pytest.raises(ProblemError, match="shape"):
        call()


@pytest.mark.parametrize("call", [lambda: interval([0.1, 0.2], level=95), lambda: intervals(np.ones((3, 1)), level=0)])
def test_levels_outside_zero_to_one_are_refused(call):
    """95 per cent is 0.95."""
    with pytest.raises(ProblemError, match="between 0 and 1"):
        call()
