"""Tabi: its confidence, and what is lacking."""

import pytest

from data.problems import ProblemError
from strategies import replay
from strategies.cascades.tabi import Tabi
from tests.worlds import NAN, bare, by_hand, proving_ground, without


def test_it_takes_the_best_confidence_or_predicts_one():
    """Recorded margins on the proving ground; texts where nothing was recorded."""
    table = proving_ground(60)
    assert Tabi().fit(table).signals() == ("margin",)
    plain = without(table, "signals")
    fitted = Tabi().fit(plain)
    assert fitted.signals() == ("predicted",)
    assert (replay(fitted, plain).answer == 0).any()


def test_what_it_lacks_is_said():
    """Confidence; scored answers with one; a fit."""
    table = proving_ground(20)
    assert Tabi().missing(table) == ""
    assert "live run with log-probabilities" in Tabi().missing(bare(table))
    assert "two models" in Tabi().missing(table.select(["m0"]))
    apart = by_hand([[NAN, 1], [1, 1]], cost=[[1, 2]] * 2, margin=[[0.5, 1], [NAN, 1]])
    with pytest.raises(ProblemError, match="both a confidence and a score"):
        Tabi(signal="margin", chain=("a", "b")).fit(apart)
    with pytest.raises(ProblemError, match="was not fitted"):
        replay(Tabi(chain=("m0", "m1")), table)
