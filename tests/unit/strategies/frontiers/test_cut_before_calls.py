"""Thresholds that cut before any call: the exact curve is every setting replayed."""

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from strategies import frontier, replay
from strategies.engines.trace import trace, ways
from strategies.knobs import knob, turned
from strategies.protocol import Card, Decision, Strategy
from tests.worlds import NAN, by_hand


@dataclass(frozen=True, eq=False)
class Told(Strategy):
    """Calls the first model where a told score reaches the knob, else the second."""

    card = Card(id="told", title="Told", family="router", source="a test", rule="as told", idea="A test.")
    t: float = knob(0.5, low=0, high=1.01, unit="score", help="Below it the second model is called.", cuts=0)

    def decide(self, view):
        """Read the score from a feature."""
        if view.stage:
            return Decision(stop=True, answer=view.last)
        score = view.feature("told")[:, 0]
        return Decision(stop=False, call=np.where(score >= np.float32(self.t), 0, 1), score=score)


def told(scores, seed=0):
    """Return a table of these scores with random outcomes."""
    rng = np.random.default_rng(seed)
    n = len(scores)
    table = by_hand(rng.integers(0, 2, (n, 2)), cost=rng.integers(1, 9, (n, 2)), latency=rng.random((n, 2)))
    return table.with_feature("told", np.array(scores, dtype=np.float32)[:, None])


def test_each_score_is_a_setting():
    """Scores 0.2, 0.5, 0.5, 1: at each setting those that reach it go one way; above all nobody does."""
    curve = frontier(Told(), told([0.2, 0.5, 0.5, 1.0]))
    assert curve.exact
    assert curve.setting == pytest.approx([0.2, 0.5, 1.0, 1.0], abs=1e-6)
    assert curve.answered[0].tolist() == [1, 0.75, 0.25, 0]
    assert curve.called.sum(axis=0).tolist() == [1] * 4


@settings(deadline=None)  # the first call imports
@given(scores=st.lists(st.sampled_from([0.0, 0.25, 0.3, 0.75, 1.0, NAN]), min_size=1, max_size=12), seed=st.integers(0, 99))
def test_the_curve_is_every_setting_replayed(scores, seed):
    """Quality, cost and shares at every setting; a query without a score never reaches the knob."""
    table = told(scores, seed)
    curve = frontier(Told(), table)
    for at, setting in enumerate(curve.setting):
        run = replay(turned(Told(), "t", float(setting)), table)
        assert curve.quality[at] == pytest.approx(run.quality.mean())
        assert curve.cost_usd[at] == pytest.approx(run.cost_usd.mean())
        assert curve.answered[1, at] == pytest.approx((run.answer == 1).mean())


def test_a_querys_two_ways_are_told_apart():
    """The trace of one query names both ways and where it turns."""
    table = told([0.25, 0.8])
    low, high = ways(Told(), table, 0)["t"]
    assert (low.answer, high.answer) == ("a", "b")
    assert low.high == pytest.approx(0.25)
    assert trace(Told(), table, 0).answer == "b"
    assert trace(Told(), table, 0).steps[0].threshold == 0.5
