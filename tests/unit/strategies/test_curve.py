"""Frontiers of any knob."""

import numpy as np
import pytest

from data.problems import ProblemError
from strategies import find, frontier, replay
from strategies.frontiers import curve as curves
from strategies.frontiers.curve import pooled
from strategies.knobs import knob, turned
from strategies.protocol import Decision
from strategies.proving import proving_parts
from tests.worlds import NAN, by_hand, proving_ground, scripted

PARTS = proving_parts()
MARGIN = find("margin-cascade")(chain=("m0", "m1", "m3"), signal="margin")


def test_a_cutting_knob_has_every_score_and_one_setting_above():
    """The curve starts where nobody escalates and ends where everybody does."""
    curve = frontier(MARGIN, PARTS.test)
    scores = np.unique(PARTS.test.signal("margin", "m0"))
    assert curve.setting[:-1].tolist() == scores.tolist()
    assert curve.called[1, 0] == 0
    assert curve.called[1, -1] == 1
    assert (curve.knob, curve.n, curve.exact, curve.models) == ("t1", len(PARTS.test), True, PARTS.test.models)
    assert (np.diff(curve.cost_usd) >= 0).all()


def test_a_threshold_equal_to_a_score_stops_in_float32():
    """Settings given in float64 cut where the policy, which compares in float32, cuts."""
    values = np.array([0.6, 0.1, 0.7], dtype=np.float32)
    table = by_hand([[0, 1]] * 3, cost=[[1, 2]] * 3, margin=[[v, NAN] for v in values])
    policy = find("margin-cascade")(chain=("a", "b"), signal="margin")
    around = float(values[0])
    settings = np.array([0.6, around, 0.60000003, np.nextafter(around, 1), np.nextafter(np.float32(around), np.float32(1)), 0.7])
    curve = frontier(policy, table, "t1", settings)
    for k, setting in enumerate(settings):
        assert curve.quality[k] == pytest.approx(replay(turned(policy, "t1", setting), table).summary().quality)
    assert curve.quality.round(3).tolist() == [0.333] * 4 + [0.667] * 2
    assert curve.per_query(settings, "quality").mean(axis=0, dtype=float) == pytest.approx(curve.quality)
    own = frontier(policy, table)
    assert [own.at(s) for s in settings] == [1, 1, 1, 1, 2, 2]


def test_scores_past_the_range_act_like_its_ends():
    """A knob from 0 to 1.01 over scores from -1 to 3: the ends are kept, with what they really do."""
    table = by_hand([[0, 1]] * 4, cost=[[1, 2]] * 4, mine=[[-1, 0], [0.5, 0], [0.7, 0], [3, 0]])
    curve = frontier(find("margin-cascade")(chain=("a", "b"), signal="mine"), table)
    assert curve.setting == pytest.approx([0, 0.5, 0.7, 1.01])
    assert curve.called[1].tolist() == [0.25, 0.25, 0.5, 0.75]


def test_queries_without_a_score_go_on_everywhere():
    """A silent model's queries escalate at every threshold, and a curve with silence only is a point."""
    table = by_hand([[0, 1]] * 4, cost=[[1, 2]] * 4, margin=[[NAN, 0], [0.5, 0], [NAN, 0], [0.9, 0]])
    curve = frontier(find("margin-cascade")(chain=("a", "b"), signal="margin"), table)
    assert curve.called[1].tolist() == [0.5, 0.75, 1]
    silent = by_hand([[0, 1]] * 2, cost=[[1, 2]] * 2, margin=[[NAN, 0]] * 2)
    assert frontier(find("margin-cascade")(chain=("a", "b"), signal="margin"), silent).called[1].tolist() == [1]


@pytest.mark.parametrize(("kind", "name"), [("margin-cascade", "t2"), ("agreement-cascade", "tau"), ("knn-router", "lam")])
def test_any_value_acts_like_the_setting_that_at_finds(kind, name):
    """Between two settings, below the first and above the last."""
    policy = find(kind)().fit(PARTS.fit)
    curve = frontier(policy, PARTS.test, name)
    rng = np.random.default_rng(0)
    values = [
        *rng.choice(curve.setting, 12),
        *(rng.uniform(0.8, 1.2, 12) * rng.choice(curve.setting, 12)),
        curve.setting[0],
        curve.setting[-1],
    ]
    for value in values if name == "lam" else np.minimum(values, 1.01):
        run = replay(turned(policy, name, value), PARTS.test).summary()
        at = curve.at(value)
        assert (curve.quality[at], curve.cost_usd[at]) == pytest.approx((run.quality, run.cost_usd), rel=1e-9)
    assert [curve.at(s) for s in curve.setting] == list(range(len(curve.setting)))


def test_a_long_curve_is_thinned_and_each_kept_point_is_exact(monkeypatch):
    """At most MOST points, both ends among them; values in between act like the next kept one."""
    whole = frontier(MARGIN, PARTS.test)
    monkeypatch.setattr(curves, "MOST", 10)
    thin = frontier(MARGIN, PARTS.test)
    assert len(thin.setting) == 10
    assert (thin.setting[0], thin.setting[-1]) == (whole.setting[0], whole.setting[-1])
    kept = np.isin(whole.setting, thin.setting)
    assert thin.quality.tolist() == whole.quality[kept].tolist()
    assert [thin.at(s) for s in thin.setting] == list(range(10))


def test_any_other_knob_is_swept():
    """The number of neighbours is replayed over its range in whole steps; nothing is claimed to be exact."""
    policy = find("knn-router")(lam=3.0).fit(PARTS.fit)
    curve = frontier(policy, PARTS.test, "k")
    assert not curve.exact
    assert (curve.setting[0], curve.setting[-1]) == (1, 512)
    assert (curve.setting == curve.setting.round()).all()
    at = curve.at(13.2)
    run = replay(turned(policy, "k", curve.setting[at]), PARTS.test)
    assert curve.quality[at] == run.summary().quality
    assert curve.answered[:, at] == pytest.approx(list(run.summary().answered.values()))
    assert np.array_equal(curve.per_query(curve.setting[at : at + 1], "cost")[:, 0], run.cost_usd)
    assert frontier(policy, PARTS.test, "k", np.array([3, 5])).setting.tolist() == [3, 5]


def test_a_plain_range_is_swept_evenly_and_an_open_one_is_refused():
    """Without `cuts` a knob is a grid from low to high; without an end there is no grid."""
    policy = scripted(Decision(stop=False, call=0), Decision(stop=True, answer=0))
    assert frontier(policy, PARTS.test).setting.tolist() == np.linspace(0, 1, 41).tolist()

    class Open(type(policy)):
        t: float = knob(0.5, low=0, high="data", unit="", help="Nothing.")

    from dataclasses import dataclass

    with pytest.raises(ProblemError, match="Give the settings to sweep"):
        frontier(dataclass(frozen=True, eq=False)(Open)(), PARTS.test)


def test_a_mixture_is_a_straight_line_in_closed_form():
    """Between two models cost and quality run along their chord; the shares are the weights."""
    policy = find("random-mix")(pair=("m0", "m3"))
    curve = frontier(policy, PARTS.test)
    mean = PARTS.test.mean("quality")
    assert curve.quality == pytest.approx(mean["m0"] + curve.setting * (mean["m3"] - mean["m0"]))
    assert curve.answered[3] == pytest.approx(curve.setting)
    assert [curve.at(v) for v in (0, 0.5, 0.504, 0.506, 1)] == [0, 50, 50, 51, 100]
    for field, means in (("quality", curve.quality), ("cost", curve.cost_usd), ("latency", curve.latency_s)):
        assert curve.per_query(curve.setting, field).mean(axis=0, dtype=float) == pytest.approx(means, rel=1e-5)


def test_what_cannot_be_turned_has_no_curve():
    """A strategy without knobs is one point; an unknown knob is refused."""
    with pytest.raises(ProblemError, match="no knob to turn"):
        frontier(find("oracle")(), PARTS.test)
    with pytest.raises(ProblemError, match="no knob 'x'"):
        frontier(MARGIN, PARTS.test, "x")


def test_folds_are_pooled_as_if_they_were_one_table():
    """At common settings the pooled curve is the curve of all queries, its values those of every query."""
    table = proving_ground(90, 3)
    settings = np.linspace(0, 1, 7)
    policy = find("margin-cascade")(chain=("m0", "m2"), signal="margin")
    cuts = [np.arange(0, 20), np.arange(20, 90)]
    both = pooled([frontier(policy, table.take(rows), "t1", settings) for rows in cuts])
    whole = frontier(policy, table, "t1", settings)
    for name in ("quality", "cost_usd", "latency_s", "answered", "called"):
        assert getattr(both, name) == pytest.approx(getattr(whole, name), rel=1e-6)
    assert both.n == 90
    assert np.array_equal(both.per_query(settings, "cost"), whole.per_query(settings, "cost"))
    assert [both.at(s) for s in settings] == list(range(7))


def test_holes_make_a_curve_unknown_only_where_they_are_called():
    """A mean over a hole is NaN; at settings that do not call it, it is known."""
    table = by_hand([[0, 1], [0, NAN]], cost=[[1, 2], [1, NAN]], margin=[[0.2, 0], [0.8, 0]])
    curve = frontier(find("margin-cascade")(chain=("a", "b"), signal="margin"), table)
    assert curve.quality == pytest.approx([0, 0.5, NAN], nan_ok=True)
    assert curve.cost_usd == pytest.approx([1, 2, NAN], nan_ok=True)
