"""Certified thresholds: Clopper-Pearson under fixed-sequence testing, conformal risk control (2208.02814), the floor (2606.29054)."""

import math

import numpy as np
import pytest

from strategies import Goal, replay
from strategies.cascades.certified import CertifiedCascade
from strategies.uncertainty.certificate import conformal, fixed_sequence, floor_among_kept, least_kept, levels
from tests.worlds import by_hand

TRIALS, N, ALPHA, DELTA = 500, 400, 0.2, 0.1


def binomial_tail(k, n, p):
    """Return P(Binomial(n, p) >= k)."""
    return math.fsum(math.comb(n, j) * p**j * (1 - p) ** (n - j) for j in range(k, n + 1))


def drawn(rng, n):
    """Return confidences, uniform, and errors: P(error | s) = 0.7 (1 - s), so 35 % of all, and 0.35 (1 - t) of those kept from t."""
    score = rng.random(n).astype(np.float32)
    return score, rng.random(n) < 0.7 * (1 - score)


def risk(threshold):
    """Return the true P(error | kept) from a threshold on; nothing kept, no risk."""
    return 0.0 if threshold >= 1 else 0.35 * (1 - threshold)


def test_certified_thresholds_break_the_risk_in_no_more_than_delta_of_500_calibration_sets():
    """A binomial test does not reject that at most 10 % of certificates are wrong; taking the data at their word is wrong in half."""
    rng = np.random.default_rng(0)
    wrong, naive, kept = 0, 0, []
    for _ in range(TRIALS):
        steps = levels(drawn(rng, 300)[0], N, ALPHA, DELTA)
        score, bad = drawn(rng, N)
        found = fixed_sequence(score, bad, steps, ALPHA, DELTA)
        wrong += risk(found.threshold) > ALPHA
        kept.append(found.kept / N)
        lucky = [t for t in steps if bad[score >= t].mean() <= ALPHA]
        naive += risk(min(lucky)) > ALPHA
    assert binomial_tail(wrong, TRIALS, DELTA) > 0.01
    assert binomial_tail(naive, TRIALS, DELTA) < 1e-6
    assert np.mean(kept) > 0.3  # of the 0.57 that could be kept if the risk were known: it does not hold by keeping nothing


def test_conformal_thresholds_hold_on_average():
    """E[kept and bad] over 500 calibration sets is at most alpha, and near it: the mean true rate, 0.35 (1 - t)^2."""
    rng = np.random.default_rng(1)
    rates = []
    for _ in range(TRIALS):
        score, bad = drawn(rng, N)
        rates.append(0.35 * (1 - min(conformal(score, bad.astype(np.float32), 0.1).threshold, 1)) ** 2)
    assert np.mean(rates) <= 0.1 + 3 * np.std(rates) / math.sqrt(TRIALS)
    assert np.mean(rates) > 0.09


def test_how_many_kept_answers_a_proof_needs():
    """45 without any error for 5 % at delta 0.1: 0.95^44 = 0.1047, 0.95^45 = 0.0994."""
    assert least_kept(0.05, 0.1) == 45
    assert (0.95**44 > 0.1, 0.95**45 <= 0.1) == (True, True)


def test_the_floor_by_hand():
    """40 of 100 wrong, 10 % allowed: the rule that knows the truth keeps 60 right ones and 6.67 wrong ones, a third goes on."""
    assert floor_among_kept(0.4, 0.1) == pytest.approx(1 / 3)
    wrong, kept = 0.4 - 1 / 3, 1 - 1 / 3
    assert wrong / kept == pytest.approx(0.1)
    assert floor_among_kept(0.05, 0.1) == 0


def test_a_fixed_sequence_by_hand():
    """Of 20, 40, 60 kept answers 0, 3, 12 are bad; the third is where it ends, at alpha 0.2 and delta 0.1.

    P(B(20) = 0) = 0.0115 and P(B(40) <= 3) = 0.0285 pass, P(B(60) <= 12) = 0.58 does not; the fourth is not looked at, although it
    would pass.
    """
    score = np.repeat(np.array([0.9, 0.7, 0.5, 0.3], np.float32), [20, 20, 20, 400])
    bad = np.zeros(460, dtype=bool)
    bad[[20, 21, 22, *range(40, 49)]] = True
    steps = np.array([0.9, 0.7, 0.5, 0.3], np.float32)
    found = fixed_sequence(score, bad, steps, 0.2, 0.1)
    assert (found.threshold, found.kept, found.loss) == (pytest.approx(0.7), 40, 3)
    assert 1 - binomial_tail(4, 40, 0.2) == pytest.approx(0.0285, abs=1e-4)
    assert 1 - binomial_tail(4, 40, found.bound) == pytest.approx(0.1, abs=1e-6)  # BetaInv(0.9; 4, 37)
    assert fixed_sequence(score, bad, steps[[0, 1, 3]], 0.2, 0.1).kept == 460


def test_conformal_by_hand():
    """Nine queries, alpha 0.25: (1 + bad) / 10 <= 0.25 allows one bad answer kept; the second one, at 0.4, is where it ends."""
    score = np.array([0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1], np.float32)
    loss = np.array([0, 0, 1, 0, 0, 1, 0, 0, 1], np.float32)
    found = conformal(score, loss, 0.25)
    assert 0.4 < found.threshold < 0.5
    assert (found.kept, found.loss, found.bound) == (5, 1, 0.2)


def test_the_cascade_keeps_its_word_on_new_queries():
    """Calibrated on 400 of 4,000 queries it keeps cheap answers, fewer than the allowed share of them wrong, and says so."""
    rng = np.random.default_rng(2)
    score, bad = drawn(rng, 4000)
    table = by_hand(np.stack([~bad, np.ones(4000)], axis=1), cost=[[1, 10]] * 4000, margin=np.stack([score, score], axis=1))
    fitted = CertifiedCascade(alpha=0.2, signal="margin").fit(table.take(np.arange(800)))
    policy = fitted.calibrate(table.take(np.arange(800, 1200), role="calibrate"), Goal(keep=1))
    run = replay(policy, table.take(np.arange(1200, 4000), role="test"))
    kept = run.answer == 0
    assert 0.2 < kept.mean() < 0.65
    assert (1 - run.quality[kept]).mean() <= 0.2
    assert "With 90% confidence at most 20.0% of the kept answers are wrong" in policy.words()
    assert "escalates at least" in policy.words()
