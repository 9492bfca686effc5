"""Certificates at their edges: too few queries, silent scores, ties, no risk at all."""

import math

import numpy as np
import pytest

from strategies.uncertainty.certificate import LEVELS, conformal, fixed_sequence, levels

NAN = float("nan")


def test_levels_are_fixed_by_other_scores_and_start_where_a_proof_is_possible():
    """Strict to permissive; the first keeps a fifth, or what 5 % at delta 0.1 needs: 45 and two deviations of 200; none for 50."""
    scores = np.linspace(0, 1, 1001, dtype=np.float32)
    easy, hard = levels(scores, 1000, 0.2, 0.1), levels(scores, 200, 0.05, 0.1)
    assert len(easy) == LEVELS
    assert (np.diff(easy) < 0).all()
    assert (easy[0], easy[-1]) == (pytest.approx(0.8), 0)
    assert hard[0] == pytest.approx(1 - (45 + 2 * math.sqrt(45)) / 200, abs=0.002)
    assert len(levels(scores, 50, 0.05, 0.1)) == 0
    assert len(levels(np.full(9, NAN, np.float32), 1000, 0.2, 0.1)) == 0
    assert levels(np.array([1, 1, 1, NAN, 0.5], np.float32), 1000, 0.2, 0.1).tolist() == [1, 0.5]


def test_too_few_queries_are_refused_in_words():
    """Nothing is kept and the sentence says how many it takes."""
    found = fixed_sequence(np.ones(30, np.float32), np.zeros(30, bool), np.empty(0, np.float32), 0.05, 0.1)
    assert (found.threshold, found.kept) == (math.inf, 0)
    assert "30 calibration queries are too few: at least 45" in found.refused
    few = conformal(np.ones(8, np.float32), np.zeros(8, np.float32), 0.1)
    assert (few.threshold, few.refused) == (math.inf, "8 calibration queries are too few: at least 9 are needed")
    assert conformal(np.ones(9, np.float32), np.zeros(9, np.float32), 0.1).refused == ""


def test_a_risk_that_is_too_high_from_the_start_is_refused_in_words():
    """Half of the surest are bad: the bound is said, nothing is kept, and the floor stays."""
    bad = np.arange(100) % 2 == 0
    found = fixed_sequence(np.linspace(0, 1, 100, dtype=np.float32), bad, np.array([0.6, 0.0], np.float32), 0.1, 0.1)
    assert (found.threshold, found.base, found.floor) == (math.inf, 0.5, pytest.approx(0.4 / 0.9))
    assert "of the 40 surest answers 20 are bad" in found.refused


def test_an_answer_without_confidence_is_never_kept():
    """It counts as a query, not as a kept one."""
    score = np.array([*[0.9] * 50, *[NAN] * 50], np.float32)
    bad = np.repeat([False, True], 50)
    found = fixed_sequence(score, bad, np.array([0.5], np.float32), 0.2, 0.1)
    assert (found.n, found.kept, found.base) == (100, 50, 0.5)
    assert (conformal(score, bad.astype(np.float32), 0.2).kept, conformal(score, bad.astype(np.float32), 0.2).loss) == (50, 0)


def test_conformal_keeps_ties_together_and_all_where_nothing_is_bad():
    """Equal scores are kept or not as one; without loss every score is kept, whatever comes."""
    score = np.repeat(np.array([0.9, 0.5], np.float32), [10, 9])
    loss = np.zeros(19, np.float32)
    assert conformal(score, loss, 0.1).threshold == -math.inf
    loss[10:12] = 1
    found = conformal(score, loss, 0.1)
    assert (found.kept, found.loss) == (10, 0)
    assert np.float32(found.threshold) > np.float32(0.5)


def test_without_queries_nothing_is_known():
    """No data, no risk, no floor."""
    none = np.empty(0, np.float32)
    for found in (fixed_sequence(none, none.astype(bool), none, 0.1, 0.1), conformal(none, none, 0.1)):
        assert found.refused
        assert math.isnan(found.base)
        assert math.isnan(found.floor)
