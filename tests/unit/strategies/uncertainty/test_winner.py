"""The best of many, and several comparisons at once; how often they hold is in test_coverage.py."""

import numpy as np
import pytest

from data.problems import ProblemError
from strategies.uncertainty.bootstrap import bands
from strategies.uncertainty.exact import exact
from strategies.uncertainty.resample import MANY, weights
from strategies.uncertainty.several import at_least, bonferroni, bonferroni_p, holm_p, may_be_best, simultaneous
from strategies.uncertainty.winner import winner

NAN = float("nan")


def right(n, shares, seed=0):
    """(n, K) answers that are right with these probabilities."""
    return (np.random.default_rng(seed).random((n, len(shares))) < shares).astype(np.float32)


def test_a_winner_by_hand():
    """Two queries, candidates (0, .75) and (.25, .5), means .375: resamples (2,0) (1,1) (0,2) choose the second, the first, the first.

    Beside resample (2, 0) the second has .25, .125 below its mean, so .5 is left; beside (0, 2) the first has .75, so 0 is left.
    """
    w = np.array([[2, 0], [1, 1], [0, 2]], dtype=np.uint8)
    found = winner(np.array([[0.0, 0.25], [0.75, 0.5]]), w=w)
    assert (found.index, found.shown, found.candidates, found.n) == (0, 0.375, 2, 2)
    assert found.corrected == pytest.approx((0.5 + 0.375 + 0.0) / 3)
    assert found.optimism == pytest.approx(0.375 - 0.875 / 3)


def test_the_correction_is_that_of_the_queries_left_out():
    """The mean over resamples of what the chosen candidate has on the queries that were not drawn (BBC-CV), within Monte Carlo error."""
    x = right(200, [0.7, 0.72, 0.71, 0.69, 0.7])
    w = weights(200, resamples=3000)
    chosen = np.argmax(w @ x, axis=1)
    out = (w == 0).astype(float)
    left_out = ((out @ x) / out.sum(axis=1, keepdims=True))[np.arange(len(w)), chosen]
    assert winner(x, w=w).corrected == pytest.approx(left_out.mean(), abs=4 * left_out.std() / np.sqrt(len(w)))


def test_a_clear_winner_needs_no_correction():
    """Alone, or ahead by far: what is shown stays, and the bound is that of one mean, or of a few."""
    alone, ahead = winner(right(300, [0.8])), winner(right(300, [0.8, 0.3, 0.2]))
    assert alone.corrected == pytest.approx(alone.shown, abs=0.003)
    assert ahead.corrected == pytest.approx(ahead.shown, abs=0.003)
    graded = np.random.default_rng(6).random((300, 1))
    assert winner(graded).shown - winner(graded).bound == pytest.approx(1.645 * graded.std() / np.sqrt(300), rel=0.1)
    assert ahead.index == 0


def test_the_more_candidates_the_more_is_taken_off():
    """Of candidates that are all the same, the best of 40 is corrected by more, and bounded lower, than the best of 4."""
    few, many = (winner(right(300, [0.6] * k)) for k in (4, 40))
    assert many.optimism > few.optimism > 0
    assert many.shown - many.bound > few.shown - few.bound


def test_the_cheapest_of_many_is_the_mirror():
    """The least cost is flattered downwards: corrected upwards, with an upper bound."""
    x = np.random.default_rng(1).exponential(size=(300, 8))
    cheap, mirrored = winner(x, lowest=True), winner(-x)
    assert (cheap.index, cheap.shown, cheap.corrected, cheap.bound) == pytest.approx(
        (mirrored.index, -mirrored.shown, -mirrored.corrected, -mirrored.bound)
    )
    assert cheap.shown < cheap.corrected < cheap.bound
    assert cheap.optimism < 0


def test_few_or_nearly_all_right_answers_are_counted():
    """40 queries, or 297 of 300 right: Clopper-Pearson at a level that pays for the candidates; graded ones are not counted."""
    few = winner(right(40, [0.7, 0.5]))
    assert few.method == "exact"
    assert few.bound == pytest.approx(exact(round(few.shown * 40), 40, 0.95).low)  # 1 - 0.05 / 2, one-sided
    nearly = np.ones((300, 3), dtype=np.float32)
    nearly[:3, 0], nearly[:90, 1:] = 0, 0
    assert winner(nearly).bound == pytest.approx(exact(297, 300, 1 - 2 * 0.05 / 3).low)
    assert winner(nearly, lowest=True).method == "max-t"
    assert winner(1 - nearly, lowest=True).bound == pytest.approx(1 - exact(297, 300, 1 - 2 * 0.05 / 3).low)
    assert winner(right(40, [0.7, 0.5]) * 0.5).method == "max-t"


def test_unknown_candidates_are_left_out():
    """The best of those that are known, by its own column; none, or one query: unknown."""
    x = right(200, [0.5, 0.9, 0.7])
    x[3, 1] = NAN
    found = winner(x)
    assert (found.index, found.candidates) == (2, 2)
    for nothing in (winner(np.full((200, 2), NAN)), winner(x[:1]), winner(np.empty((0, 2)))):
        assert (nothing.index, nothing.method) == (-1, "unknown")
        assert np.isnan([nothing.shown, nothing.corrected, nothing.bound]).all()


def test_very_many_queries_work_too():
    """Above 50,000 queries by normal draws; ties are still corrected."""
    found = winner(right(MANY + 1, [0.6] * 6))
    assert 0 < found.optimism < 0.01
    assert found.bound < found.corrected


def test_simultaneous_intervals_pay_for_how_many_but_not_for_copies():
    """Ten that move apart are wider than each alone and a little narrower than Bonferroni's; ten copies of one are as that one."""
    x = np.random.default_rng(2).random((400, 10))
    each, together, paid = bands(x), simultaneous(x), bonferroni(x)
    width = [float((found.high - found.low).mean()) for found in (each, together, paid)]
    assert width[1] == pytest.approx(width[0] * 2.80 / 1.96, rel=0.1)  # 2.80: the normal quantile at 0.9974
    assert width[1] == pytest.approx(width[2], rel=0.12)
    copies, one = simultaneous(np.repeat(x[:, :1], 10, axis=1)), simultaneous(x[:, :1])
    assert copies.low == pytest.approx(np.repeat(one.low, 10), abs=1e-6)
    assert (together.method, paid.method) == ("max-t", "bonferroni")


def test_columns_without_spread_or_value_cost_nothing():
    """A constant has no error; an unknown column has no ends and leaves the others alone."""
    x = np.random.default_rng(3).random((200, 3))
    x[:, 1] = 0.4
    x[0, 2] = NAN
    found = simultaneous(x)
    assert (found.low[1], found.high[1]) == pytest.approx((0.4, 0.4))
    assert np.isnan(found.low).tolist() == [False, False, True]
    assert found.low[0] == pytest.approx(simultaneous(x[:, :2]).low[0])
    assert simultaneous(x[:1]).method == "unknown"
    assert bonferroni(x[:1]).method == "unknown"


def test_holm_by_hand():
    """Of .01 .04 .03: .03, then 2 x .03 = .06, and .04 is not below the one before; Bonferroni triples all."""
    assert holm_p([0.01, 0.04, 0.03]).tolist() == pytest.approx([0.03, 0.06, 0.06])
    assert bonferroni_p([0.01, 0.04, 0.5]).tolist() == pytest.approx([0.03, 0.12, 1.0])


def test_unknown_p_values_are_not_counted():
    """Two known ones are two, wherever the unknown one stands."""
    assert holm_p([NAN, 0.01, 0.04])[1:].tolist() == pytest.approx([0.02, 0.04])
    assert bonferroni_p([0.01, NAN, 0.04])[[0, 2]].tolist() == pytest.approx([0.02, 0.08])
    assert np.isnan([holm_p([NAN])[0], bonferroni_p([NAN])[0]]).all()
    assert len(holm_p([])) == 0


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: holm_p([0.5, 1.5]), "no p-values"),
        (lambda: bonferroni_p([[0.5]]), "no p-values"),
        (lambda: winner(np.ones(5)), "no table"),
        (lambda: bonferroni(np.ones(5)), "no table"),
        (lambda: winner(np.ones((5, 2)), level=95), "between 0 and 1"),
        (lambda: winner(np.ones((5, 2)), w=weights(4)), "do not fit"),
    ],
)
def test_what_cannot_be_compared_is_refused(call, said):
    """Numbers that are no probabilities, lists for tables, other levels and counts."""
    with pytest.raises(ProblemError, match=said):
        call()


def test_figures_with_errors_to_one_side_by_hand():
    """Errors 0 1 2 3 of one figure, none of another: less the median, and less the largest error; a figure without errors is unknown."""
    errors = np.column_stack([[0.0, 1, 2, 3], np.zeros(4), np.full(4, NAN)])
    corrected, bound = at_least([10.0, 5.0, 7.0], errors, level=0.999999)
    assert corrected[:2] == pytest.approx([8.5, 5])
    assert bound[:2] == pytest.approx([7, 5], abs=1e-4)
    assert np.isnan([corrected[2], bound[2]]).all()
    assert np.isnan(at_least([1.0], np.empty((0, 1)))[1]).all()
    with pytest.raises(ProblemError, match="do not fit"):
        at_least([1.0, 2.0], np.zeros((3, 1)))


def test_one_is_the_best_unless_another_surely_leads_it():
    """Three leaders that tie, one that is far behind, one that is unknown; one that is the leader's own copy is as good as it."""
    drawn = np.random.default_rng(2).normal(0, 0.01, (400, 5))
    drawn[:, 4] = drawn[:, 0]
    found = may_be_best([0.8, 0.795, 0.7, NAN, 0.8], drawn, drawn)
    assert found.tolist() == [True, True, False, False, True]
    assert may_be_best([0.8, 0.799], np.zeros((10, 2)), np.zeros((10, 2))).tolist() == [True, False]
