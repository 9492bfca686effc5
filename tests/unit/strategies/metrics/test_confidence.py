"""AUROC, usefulness, ECE, Brier, risk-coverage: by hand, against the definition, and what never changes them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.problems import ProblemError
from strategies.metrics.confidence import auroc, brier, confidence_quality, ece, reliability, risk_coverage, usefulness

NAN = float("nan")
QUARTERS = st.integers(0, 4).map(lambda step: step / 4)
SETS = st.lists(st.tuples(QUARTERS | st.floats(0, 1, width=32), QUARTERS), min_size=2, max_size=25).map(lambda rows: np.array(rows).T)


def pairwise(score, right):
    """The definition of AUROC: every right answer against every wrong one, a tie is half."""
    won = (score[:, None] > score[None, :]) + 0.5 * (score[:, None] == score[None, :])
    weight = right[:, None] * (1 - right[None, :])
    return (won * weight).sum() / weight.sum() if weight.sum() > 0 else NAN


def test_auroc_by_hand():
    """Right at 0.9 and 0.4, wrong at 0.5 and 0.1: three of four pairs stand right; a tie counts half."""
    assert auroc([0.9, 0.4, 0.5, 0.1], [1, 1, 0, 0]) == 0.75
    assert auroc([0.9, 0.5, 0.5, 0.1], [1, 1, 0, 0]) == 0.875
    assert auroc([0.5, 0.5, 0.5], [1, 0, 1]) == 0.5


def test_graded_quality_counts_as_so_much_right_and_wrong():
    """Half right at the top beats what is wrong below it and half of itself; worked by hand."""
    # Rights: 0.5 at 0.9 and 1 at 0.2. Wrongs: 0.5 at 0.9 and 1 at 0.1. 0.5 x (0.25 + 1) + 1 x 1 = 1.625 of 1.5 x 1.5.
    assert auroc([0.9, 0.2, 0.1], [0.5, 1, 0]) == pytest.approx(1.625 / 2.25)


@pytest.mark.parametrize("label", [[1, 1, 1], [0, 0, 0], [NAN, NAN, NAN], [1, NAN, 1]])
def test_one_class_has_no_auroc(label):
    """Where nothing is wrong, or nothing right, there is nothing to tell apart."""
    assert np.isnan(auroc([0.1, 0.2, 0.3], label))
    assert np.isnan(auroc([], []))


@given(SETS)
def test_auroc_is_its_definition(rows):
    """One sort gives what all pairs give, with ties and graded quality; single precision the same."""
    assert auroc(*rows) == pytest.approx(pairwise(*rows), nan_ok=True)
    single = rows.astype(np.float32)
    assert auroc(*single) == pytest.approx(pairwise(*single), nan_ok=True)


def test_usefulness_asks_who_is_worth_escalating():
    """A query that both get wrong is no gain: the unsure one that the strong model solves counts alone."""
    cheap, strong = [1, 0, 0, 1], [1, 0, 1, 0]
    assert usefulness([0.9, 0.2, 0.1, 0.8], cheap, strong) == 1.0
    assert usefulness([0.9, 0.1, 0.2, 0.8], cheap, strong) == pytest.approx(2 / 3)
    assert auroc([0.9, 0.1, 0.2, 0.8], cheap) == 1.0
    assert np.isnan(usefulness([0.9, 0.1], [0, 0], [1, 1]))
    assert usefulness([0.1, 0.9, 0.5], [0, 1, NAN], [1, 1, 1]) == 1.0


def test_calibration_by_hand():
    """Two of fifteen bins: 0.9 said and 0.5 right, 0.1 said and 0 right: 2/3 x 0.4 + 1/3 x 0.1; Brier is the mean square."""
    score, quality = [0.9, 0.9, 0.1], [1, 0, 0]
    assert ece(score, quality) == pytest.approx(2 / 3 * 0.4 + 1 / 3 * 0.1)
    assert brier(score, quality) == pytest.approx((0.01 + 0.81 + 0.01) / 3)
    assert ece([0.2, 0.4], [0, 1], bins=1) == pytest.approx(0.2)


def test_bins_hold_their_upper_end():
    """A score on an edge belongs below it, in single precision too; 0 belongs to the first bin; empty bins know nothing."""
    for kind in (np.float32, np.float64):
        found = reliability(np.array([0, 0.2, 0.4, 0.41, 1], dtype=kind), [0, 1, 1, 0, 1], bins=5)
        assert found.count.tolist() == [2, 1, 1, 0, 1]
        assert found.quality[[0, 1, 2, 4]] == pytest.approx([0.5, 1, 0, 1])
        assert np.isnan(found.confidence[3])
        assert np.isnan(found.quality[3])
        assert found.low[1] == found.high[0] == pytest.approx(0.2)


def test_a_calibrated_forecast_of_graded_quality_is_perfect():
    """Who says 0.7 of answers that are 0.7 right errs nowhere."""
    assert ece([0.7, 0.7, 0.2], [0.7, 0.7, 0.2]) == pytest.approx(0)
    assert brier([0.7, 0.7, 0.2], [0.7, 0.7, 0.2]) == 0


def test_risk_coverage_by_hand():
    """Right, wrong, right from sure to unsure: risks 0, 1/2, 1/3; the published area is their mean."""
    found = risk_coverage([0.9, 0.5, 0.1], [1, 0, 1])
    assert found.coverage == pytest.approx([1 / 3, 2 / 3, 1])
    assert found.risk == pytest.approx([0, 1 / 2, 1 / 3])
    assert found.published == pytest.approx((0 + 1 / 2 + 1 / 3) / 3)
    # Loss x - 1 over x from 1 to 2, then 1 over x to 3: (1 - ln 2 + ln 1.5) / 3.
    assert found.area == pytest.approx((1 - np.log(2) + np.log(1.5)) / 3)


def test_equal_scores_keep_a_random_part():
    """Without any order the risk is the same at every coverage, and so are both areas."""
    found = risk_coverage([0.5] * 4, [1, 1, 1, 0])
    assert found.coverage.tolist() == [1]
    assert found.risk == found.area == found.published == pytest.approx(0.25)


def test_the_exact_area_is_what_the_published_sum_tends_to():
    """At 20,000 queries the two agree to three digits; the area is the trapezoid of a fine curve."""
    random = np.random.default_rng(0)
    score = random.random(20_000)
    found = risk_coverage(score, random.random(20_000) < score)
    assert found.area == pytest.approx(found.published, abs=1e-3)
    assert found.area == pytest.approx(1 / 4, abs=0.01)  # the surest share c is wrong c / 2 of the time


@given(SETS, st.randoms(use_true_random=False))
def test_neither_order_nor_number_of_copies_matters(rows, random):
    """Permuting the queries, or taking each three times, changes no figure (but the published sum, which hangs on n)."""
    order = random.sample(range(rows.shape[1]), rows.shape[1])
    one, strong = confidence_quality(*rows, rows[1][::-1]), rows[1][::-1]
    for again in (order, order * 3):
        other = confidence_quality(*rows[:, again], strong[again])
        for name in ("auroc", "usefulness", "ece", "brier", "mean_score", "quality"):
            assert getattr(one, name) == pytest.approx(getattr(other, name), nan_ok=True)
        assert one.risk_coverage.area == pytest.approx(other.risk_coverage.area)
        assert one.risk_coverage.risk == pytest.approx(other.risk_coverage.risk)


@given(SETS)
def test_every_figure_stays_in_its_bounds(rows):
    """Shares lie between 0 and 1, the curve ends at the mean loss, turning the score round turns the AUROC round."""
    found = confidence_quality(*rows)
    for value in (found.auroc, found.ece, found.brier, found.risk_coverage.area):
        assert np.isnan(value) or -1e-12 <= value <= 1 + 1e-12
    assert found.risk_coverage.risk[-1] == pytest.approx(1 - rows[1].mean())
    assert auroc(-rows[0], rows[1]) == pytest.approx(1 - found.auroc, nan_ok=True)


def test_missing_scores_are_left_out_and_counted():
    """One silent answer and one that nobody graded: the silent one is told, neither counts."""
    found = confidence_quality([0.9, NAN, 0.1, 0.5], [1, 1, 0, NAN])
    assert (found.n, found.missing) == (2, 1)
    assert found.auroc == 1
    assert found.quality == 0.5
    assert np.isnan(found.usefulness)
    nothing = confidence_quality([NAN, NAN], [1, 0])
    assert (nothing.n, nothing.missing) == (0, 2)
    assert np.isnan([nothing.auroc, nothing.ece, nothing.brier, nothing.risk_coverage.area, nothing.mean_score]).all()


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: brier([-2.0, 0.5], [1, 0]), "run from -2"),
        (lambda: auroc([0.1, 0.2], [1]), "do not pair up"),
        (lambda: auroc([0.1, 0.2], [1, 3]), "qualities run from 1 to 3"),
        (lambda: reliability([0.1], [1], bins=0), "0 bins"),
        (lambda: usefulness([0.1, 0.2], [1, 0], [1]), "do not pair up"),
    ],
)
def test_what_cannot_be_measured_is_refused(call, words):
    """Logarithms, lengths that differ and other scales are refused with the way out."""
    with pytest.raises(ProblemError, match=words):
        call()
