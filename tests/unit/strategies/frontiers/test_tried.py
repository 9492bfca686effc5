"""What is looked at when several thresholds are set together."""

import numpy as np
import pytest

from strategies import find, replay
from strategies.frontiers import tried as looking
from strategies.frontiers.tried import over_all, tried, with_settings
from strategies.proving import proving_ground

TABLE = proving_ground(120, 4)
FOUR = find("margin-cascade")(chain=("m0", "m1", "m2", "m3"), signal="margin")


def test_a_line_of_the_grid_is_the_curve_of_the_last_threshold():
    """At every setting of each line the figures are those of the exact curve with the others held there."""
    names = ["t1", "t2", "t3"]
    lines = tried((FOUR,), (TABLE,), names)
    assert len(lines) > 20
    for line in lines[:: len(lines) // 6]:
        (held,) = with_settings((FOUR,), names, line.held)
        curve = over_all((held,), (TABLE,), "t3", line.setting)
        assert line.quality == pytest.approx(curve.quality, rel=1e-9)
        assert line.cost_usd == pytest.approx(curve.cost_usd, rel=1e-9)
        own = over_all((held,), (TABLE,), "t3")
        assert np.isin(own.setting[:-1], line.setting).all(), "no breakpoint of its own is left out"


def test_parts_are_looked_at_together():
    """Two folds' lines are means over the queries of both."""
    folds = [TABLE.take(np.arange(0, 50)), TABLE.take(np.arange(50, 120))]
    policy = find("margin-cascade")(chain=("m0", "m1", "m3"), signal="margin")
    (line, *_) = tried((policy, policy), folds, ["t2", "t1"])
    (held,) = with_settings((policy,), ["t2", "t1"], (*line.held, float(line.setting[3])))
    assert line.cost_usd[3] == pytest.approx(replay(held, TABLE).summary().cost_usd, rel=1e-9)


def test_other_knobs_have_a_curve_for_each_setting(monkeypatch):
    """A share or a lambda beside a threshold, or one knob alone, is searched by curves: no grid is made."""
    monkeypatch.setattr(looking, "grid", None)
    (line,) = tried((FOUR,), (TABLE,), ["t1"])
    assert line.setting.tolist() == over_all((FOUR,), (TABLE,), "t1").setting.tolist()
    assert line.held == ()
