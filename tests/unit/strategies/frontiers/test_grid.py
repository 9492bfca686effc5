"""The grid of two thresholds: outcomes by hand, bins that are kept, what has no grid."""

import numpy as np
import pytest

from data.problems import ProblemError
from strategies import find, replay
from strategies.engines.loop import Force
from strategies.engines.recorded import Columns
from strategies.frontiers.bins import COUNT, binned, cutting, forget
from strategies.frontiers.grid import grid
from strategies.knobs import turned
from strategies.proving import proving_ground
from tests.worlds import NAN, by_hand

TABLE = by_hand(
    [[0, 0, 1], [1, 0, 0], [0, 1, 0], [0, 0, NAN]], cost=[[1, 10, 100]] * 4,
    margin=[[0.2, 0.4, 0], [0.8, 0.1, 0], [NAN, 0.9, 0], [0.2, 0.4, 0]]
)  # fmt: skip
POLICY = find("margin-cascade")(chain=("a", "b", "c"), signal="margin", thresholds=(0.5, 0.5))


def test_stages_can_be_forced_together():
    """With the first stage forced on, the second forced to stop, everybody gets the second model's answer."""
    run = replay(POLICY, TABLE, force=(Force(1, stop=False), Force(2, stop=True)))
    assert run.answer.tolist() == [1, 1, 1, 1]
    assert run.uniform == (1, frozenset({0, 1}))
    assert replay(POLICY, TABLE).uniform is None


def test_four_queries_by_hand():
    """Stop at the first, at the second, or not at all; the hole is unknown only where the last model is called on it."""
    found = grid(POLICY, TABLE, settings=(np.array([0.1, 0.5, 1.0]), np.array([0.3, 0.5, 1.0])))
    assert found.knobs == ("t1", "t2")
    assert found.cost_usd.tolist() == [[3.5, 3.5, 28.5], [8.5, 58.5, 83.5], [36, 86, 111]]
    assert found.quality == pytest.approx(np.array([[0.5, 0.5, 0.25], [0.5, NAN, NAN], [0.25, NAN, NAN]]), nan_ok=True)
    assert found.answered[:, 1, 0].tolist() == [0.25, 0.75, 0]
    assert found.called[:, 1, 1].tolist() == [1, 0.75, 0.5]
    assert (found.n, found.models) == (4, ("a", "b", "c"))


def test_bins_are_made_once_however_the_knobs_are_turned(monkeypatch):
    """The same table and policy have the same bins, whatever both thresholds are; another table or third knob has others."""
    forget()
    table = proving_ground(120, 4)
    policy = find("margin-cascade")(chain=("m0", "m1", "m2", "m3"), signal="margin")
    bins = binned(policy, table)
    assert binned(turned(turned(policy, "t1", 0.2), "t2", 0.9), table) is bins
    assert binned(turned(policy, "t3", 0.2), table) is not bins
    assert binned(policy, table.take(np.arange(60))) is not bins
    assert binned(policy, table, ("t2", "t3")).knobs == binned(policy, table, ("t3", "t2")).knobs == ("t2", "t3")
    monkeypatch.setattr("strategies.frontiers.bins.replay", None)
    assert grid(policy, table, ("t2", "t3")).n == 120


def test_by_default_the_grid_has_both_ends_and_quantiles_that_are_scores():
    """From "everybody stops at the first" to "everybody goes on", through scores that occur."""
    table = proving_ground(2000, 3)
    table = table.with_signal("fine", np.random.default_rng(0).random((2000, 3)).astype(np.float32))
    found = grid(find("margin-cascade")(chain=table.models, signal="fine"), table)
    assert found.quality.shape == (COUNT, COUNT)
    assert np.isin(found.settings[0][:-1], table.signal("fine", 0)).all()
    assert found.cost_usd[0, 0] == pytest.approx(table.mean("cost_usd")["m0"])
    assert found.called[:, -1, -1].tolist() == [1, 1, 1]


def test_a_stage_without_scores_has_one_setting():
    """Where no query comes to the second stage, or none has a score, its threshold changes nothing."""
    silent = by_hand([[0, 1, 1]] * 2, cost=[[1, 2, 3]] * 2, margin=[[0.5, NAN, 0]] * 2)
    found = grid(POLICY, silent)
    assert found.settings[1].tolist() == [0.0]
    assert found.cost_usd.ravel().tolist() == [1, 6]


def test_a_source_is_binned_without_being_kept():
    """What has no fingerprint is counted anew."""
    assert binned(POLICY, Columns(TABLE)) is not binned(POLICY, Columns(TABLE))


def test_one_threshold_has_no_grid():
    """One cutting knob, none, or twice the same is refused with the knobs that there are."""
    with pytest.raises(ProblemError, match="no two thresholds"):
        grid(find("agreement-cascade")(chain=("a", "b", "c")), TABLE)
    with pytest.raises(ProblemError, match="t1, t2"):
        grid(POLICY, TABLE, ("t1", "t1"))
    assert cutting(POLICY) == ("t1", "t2")
    assert cutting(find("knn-router")()) == ()
