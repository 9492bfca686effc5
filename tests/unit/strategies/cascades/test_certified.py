"""The certified cascade: what it certifies on, how knobs turn the proof, what it says."""

import numpy as np
import pytest

from data.problems import LeakError, ProblemError
from strategies import Goal, replay
from strategies.cascades.certified import CertifiedCascade
from strategies.knobs import turned
from tests.worlds import bare, by_hand, proving_ground


def telling(n=600, seed=0):
    """Return a cheap model whose margin is its chance of being right, and a strong one that is right nine times in ten."""
    rng = np.random.default_rng(seed)
    margin = rng.random(n)
    quality = np.stack([rng.random(n) < margin, rng.random(n) < 0.9], axis=1).astype(float)
    return by_hand(quality, cost=[[1, 9]] * n, margin=np.stack([margin, margin], axis=1))


def test_more_risk_keeps_more_and_the_proof_follows_the_knob():
    """Alpha and delta are turned after the fit; each setting has its own certificate."""
    table = telling()
    fitted = CertifiedCascade(signal="margin").fit(table)
    kept = [(replay(turned(fitted, "alpha", alpha), table).answer == 0).mean() for alpha in (0.02, 0.15, 0.25, 0.35)]
    assert kept[0] == 0
    assert 0 < kept[1] < kept[2] < kept[3]
    sure, unsure = (turned(turned(fitted, "alpha", 0.3), "delta", delta).certificate.kept for delta in (0.01, 0.2))
    assert sure < unsure


def test_the_fit_part_is_halved_and_calibrate_certifies_anew():
    """No query both makes the confidence and proves it; calibrate replaces the proof, whatever the goal, and not on test."""
    table = telling()
    fitted = CertifiedCascade(signal="margin", alpha=0.3).fit(table)
    assert fitted.certificate.n == 300
    assert len(fitted.state["elsewhere"]) == 300
    assert not np.isin(fitted.state["scores"], fitted.state["elsewhere"]).any()
    other = telling(seed=1)
    again = fitted.calibrate(other, Goal(budget=1))
    assert again.certificate.n == 600
    assert again.alpha == 0.3
    assert np.array_equal(again.state["elsewhere"], fitted.state["elsewhere"])
    with pytest.raises(LeakError, match="on test"):
        fitted.calibrate(other.take(np.arange(9), role="test"), Goal(budget=1))
    with pytest.raises(ProblemError, match="was not fitted"):
        CertifiedCascade().calibrate(other, Goal(budget=1))


def test_what_counts_as_bad_can_be_chosen():
    """Where the strong model is never right, no kept answer is worse than its; graded answers are right from where one says."""
    table = telling()
    hopeless = by_hand(np.stack([table.quality(0), np.zeros(600)], axis=1), cost=[[1, 9]] * 600, margin=table.signals["margin"])
    worse = CertifiedCascade(signal="margin", loss="worse", alpha=0.05).fit(hopeless)
    assert worse.certificate.base == 0
    assert (replay(worse, hopeless).answer == 0).mean() > 0.95
    graded = by_hand([[0.6, 1.0]] * 200, cost=[[1, 9]] * 200, margin=[[0.5, 0.5]] * 200)
    policy = CertifiedCascade(signal="margin").fit(graded)
    assert (policy.certificate.base, turned(policy, "right", 0.7).certificate.base) == (0.0, 1.0)


def test_conformal_bounds_kept_and_bad_on_average():
    """The rate among all queries, which allows more than the same rate among the kept."""
    table = telling()
    among_kept, of_all = (CertifiedCascade(signal="margin", method=m, alpha=0.2).fit(table) for m in ("clopper-pearson", "conformal"))
    assert of_all.certificate.kept > among_kept.certificate.kept
    assert of_all.certificate.bound <= 0.2
    assert of_all.words().startswith("On average at most 20.0% of all queries get a kept answer that is wrong")


def test_a_refusal_is_said_in_words_and_everybody_is_escalated():
    """Too few queries for so small a risk: the floor, what to do, and where all go."""
    table = telling(80)
    policy = CertifiedCascade(signal="margin", alpha=0.05).fit(table)
    assert "40 calibration queries are too few: at least 45" in policy.words()
    assert "Every query goes to b; allow more risk, or calibrate on more queries." in policy.words()
    assert "Any rule of this risk escalates at least" in policy.words()
    assert (replay(policy, table).answer == 1).all()


def test_queries_that_were_not_run_prove_nothing():
    """Only known qualities count."""
    table = telling(400)
    quality = table.quality(0).copy()
    quality[::2] = np.nan
    holed = by_hand(np.stack([quality, table.quality(1)], axis=1), cost=[[1, 9]] * 400, margin=table.signals["margin"])
    fitted = CertifiedCascade(signal="margin", alpha=0.3).fit(holed)
    assert fitted.certificate.n == int((~np.isnan(fitted.state["quality"][:, 0])).sum()) < 200


def test_without_confidence_it_is_predicted_or_refused():
    """The proving ground has margins; texts alone are enough; scores alone are not."""
    table = proving_ground(60)
    assert CertifiedCascade().fit(table).signals() == ("margin",)
    assert CertifiedCascade(signal="predicted").fit(table).signals() == ("predicted",)
    assert "It needs a confidence signal" in CertifiedCascade().missing(bare(table))
    with pytest.raises(ProblemError, match="leaves the range"):
        CertifiedCascade(signal="odd").fit(by_hand([[1, 0]] * 8, cost=[[1, 2]] * 8, odd=[[3, 3]] * 8))
