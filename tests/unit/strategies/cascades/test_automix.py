"""AutoMix: which check is used, how it is tuned, what it lacks."""

import numpy as np
import pytest

from data.problems import LeakError, ProblemError
from strategies import Goal, replay
from strategies.cascades.automix import AutoMix
from tests.worlds import NAN, bare, by_hand, proving_ground, without

CHECKS = [0.0, 0.1, 0.4, 0.5, 0.9, 1.0] * 4


def checked(**signals):
    """Return 24 queries: both wrong, then the strong one alone right, then both right, with these signals of the cheap model."""
    columns = {name: [[v, NAN] for v in values] for name, values in signals.items()}
    return by_hand([[0, 0], [0, 0], [0, 1], [0, 1], [1, 1], [1, 1]] * 4, cost=[[1, 9]] * 24, **columns)


def test_the_self_check_is_taken_where_there_is_one():
    """Else the best recorded confidence, which comes with the call and is not billed."""
    both = checked(self_check=CHECKS, margin=CHECKS)
    assert AutoMix().fit(both).signals() == ("self_check",)
    assert AutoMix(signal="margin").fit(both).signals() == ("margin",)
    silent = checked(self_check=[NAN] * 24, margin=CHECKS)
    fitted = AutoMix(t=0).fit(silent)
    assert fitted.signals() == ("margin",)
    assert replay(fitted, silent).cost_usd.tolist() == [1] * 24


@pytest.mark.parametrize("meta", ["threshold", "double", "pomdp", "greedy"])
def test_a_query_without_a_check_goes_on(meta):
    """Nothing known, nothing kept; and the check is asked of nobody twice."""
    table = checked(self_check=CHECKS)
    holed = checked(self_check=[NAN, *CHECKS[1:]])
    run = replay(AutoMix(meta=meta, t=0.1).fit(table), holed)
    assert run.path[0] == (0, 1)
    assert len(run.fees) == 1


@pytest.mark.parametrize("meta", ["threshold", "double", "pomdp"])
def test_calibrating_meets_the_goal(meta):
    """The strong model's quality; those that know hopeless queries get it for less."""
    table = checked(self_check=CHECKS)
    run = replay(AutoMix(meta=meta).fit(table).calibrate(table, Goal(keep=1.0)), table).summary()
    assert run.quality == pytest.approx(16 / 24)
    assert run.cost_usd == pytest.approx(2 + 9 * (16 if meta == "threshold" else 8) / 24)


def test_the_double_threshold_keeps_to_a_budget_and_off_the_test_part():
    """Within the budget, and never tuned on test."""
    table = checked(self_check=CHECKS)
    fitted = AutoMix(meta="double").fit(table)
    run = replay(fitted.calibrate(table, Goal(budget=3.6)), table).summary()
    assert (run.cost_usd, run.quality) == (pytest.approx(2 + 9 * 4 / 24), pytest.approx(12 / 24))
    with pytest.raises(LeakError):
        fitted.calibrate(table.take(np.arange(9), role="test"), Goal(budget=3.6))


def test_what_it_lacks_is_said():
    """The column, its price, and that a live run does not give it."""
    table = proving_ground(40)
    assert AutoMix().missing(table) == ""
    for lacking in (AutoMix().missing(bare(table)), AutoMix(signal="self_check").missing(without(table, "signals"))):
        assert "self_check" in lacking
        assert "cost_usd:self_check" in lacking
        assert "live run" in lacking
    assert "two models" in AutoMix().missing(table.select(["m0"]))
    with pytest.raises(ProblemError, match="self_check"):
        AutoMix().fit(bare(table))
    with pytest.raises(ProblemError, match="leaves the range"):
        AutoMix(signal="odd").fit(checked(odd=[3.0] * 24))
    with pytest.raises(ProblemError, match="was not fitted"):
        replay(AutoMix(chain=("m0", "m1")), table)
