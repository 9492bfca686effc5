"""One query's way, step by step, and where it would have gone the other way."""

import numpy as np
import pytest

from strategies import find, replay
from strategies.engines.trace import trace, ways
from strategies.knobs import turned
from strategies.protocol import Decision
from strategies.proving import proving_parts
from tests.worlds import NAN, by_hand, scripted


def chained(**changed):
    """Return a margin cascade over three models and one query: sure 0.5 then 0.7."""
    fields = {"cost": [[1, 10, 100]], "latency": [[1, 2, 4]], "margin": [[0.5, 0.7, NAN]]} | changed
    return find("margin-cascade")(chain=("a", "b", "c"), thresholds=(0.6, 0.6), signal="margin"), by_hand([[0, 1, 1]], **fields)


def test_a_trace_shows_every_step_with_score_threshold_and_running_bill():
    """First call, escalation, stop: what was compared, what each step cost, what was spent by then."""
    found = trace(*chained(), 0)
    assert found.path == ("a", "b")
    assert (found.answer, found.quality, found.cost, found.latency_s) == ("b", 1.0, 11.0, 3.0)
    first, second, third = found.steps
    assert (first.stage, first.stop, first.called, first.cost, first.bill, first.answer) == (0, False, ("a",), 1.0, 1.0, "")
    assert np.isnan([first.score, first.threshold]).all()
    assert (second.called, second.score, second.threshold, second.cost, second.latency_s, second.bill) == (
        ("b",),
        0.5,
        0.6,
        10.0,
        2.0,
        11.0,
    )
    assert (third.stop, third.called, third.answer, third.bill, third.cost) == (True, (), "b", 11.0, 0.0)
    assert third.score == pytest.approx(0.7)
    assert found.weights == {}


def test_flips_say_at_which_threshold_it_goes_the_other_way():
    """Up to its own score a query stops, above it goes on; each knob has its flip."""
    policy, table = chained()
    first, second = trace(policy, table, 0).flips
    assert (first.knob, first.setting, first.current) == ("t1", 0.5, 0.6)
    assert (first.below, first.answer_below, first.above, first.answer_above) == (("a",), "a", ("a", "b"), "b")
    assert (second.knob, second.above) == ("t2", ("a", "b", "c"))
    for flip in (first, second):
        below, above = (trace(turned(policy, flip.knob, flip.setting + by), table, 0) for by in (0, 1e-6))
        assert (below.path, above.path) == (flip.below, flip.above)


def test_a_silent_score_never_flips():
    """Without a score the query goes on at any threshold."""
    policy, table = chained(margin=[[NAN, NAN, NAN]])
    found = trace(policy, table, 0)
    assert found.path == ("a", "b", "c")
    assert found.flips == ()


def test_models_called_at_once_are_one_step():
    """A panel, however it is written, is one round: its sum of money, its slowest time, unknown if one is."""
    _, table = chained(latency=[[1, 2, NAN]])
    for panel in (np.array([True, True, False]), np.array([[True, True, False]])):
        found = trace(scripted(Decision(stop=False, call=panel), Decision(stop=False, call=2), Decision(stop=True, answer=2)), table, 0)
        first, second, last = found.steps
        assert (first.called, first.cost, first.latency_s, first.bill) == (("a", "b"), 11.0, 2.0, 11.0)
        assert (second.called, second.bill, last.bill) == (("c",), 111.0, 111.0)
        assert np.isnan(second.latency_s)
    assert np.isnan(
        trace(scripted(Decision(stop=False, call=np.array([False, True, True])), Decision(stop=True, answer=1)), table, 0).latency_s
    )


def test_a_router_shows_what_it_expected_of_every_model():
    """Expected quality and cost of each model, and the lambdas at which the query would go elsewhere."""
    parts = proving_parts()
    policy = find("knn-router")(k=9).fit(parts.fit)
    found = trace(policy, parts.test, 3)
    assert set(found.weights) == set(parts.test.models)
    assert found.flips
    for flip in found.flips:
        sides = [trace(turned(policy, "lam", flip.setting * by), parts.test, 3).answer for by in (1 - 1e-6, 1 + 1e-6)]
        assert sides == [flip.answer_below, flip.answer_above]


def test_a_trace_is_of_the_policy_itself():
    """Watching changes neither the policy nor its class's name on the card."""
    policy, table = chained()
    key = policy.key
    trace(policy, table, 0)
    assert policy.key == key
    assert type(policy).__name__ == "MarginCascade"


def test_a_batch_methods_trace_is_what_it_decided_among_all():
    """Who is last in the batch goes on to the second model, and only the later half answers a second time: alone each would be first."""
    table = by_hand(np.ones((4, 3)), cost=np.tile([1.0, 10.0, 100.0], (4, 1)))

    def onward(view):
        place = np.arange(len(view))
        return Decision(place < len(view) // 2, 0, np.where(place == len(view) - 1, 2, 1), place.astype(np.float32))

    policy = scripted(Decision(stop=False, call=0), onward, Decision(stop=True, answer=np.array([1, 2])), batch=True)
    assert [trace(policy, table, row).path for row in range(4)] == [("a",), ("a",), ("a", "b"), ("a", "c")]
    last = trace(policy, table, 3)
    assert (last.answer, last.cost, [step.bill for step in last.steps]) == ("c", 101.0, [1.0, 101.0, 101.0])
    assert last.steps[1].score == 3
    sets = scripted(
        Decision(stop=False, call=np.array([[True, False, False], [True, True, False], [False, False, True], [True, True, True]])),
        Decision(stop=True, answer=np.array([0, 1, 2, 2])), batch=True,
    )  # fmt: skip
    assert [trace(sets, table, row).path for row in range(4)] == [("a",), ("a", "b"), ("c",), ("a", "b", "c")]
    parts = proving_parts()
    router = find("forc-batch")(budget=0.002, learner="ridge").fit(parts.fit)
    run = replay(router, parts.test)
    assert len(set(run.answer[:12].tolist())) > 1
    assert [trace(router, parts.test, row).answer for row in range(12)] == [run.models[m] for m in run.answer[:12]]
    assert trace(router, parts.test, 0).flips == ()


def test_ways_cover_a_knobs_whole_range():
    """From the low end to the high end, each way is what the policy does there; knobs that change nothing are left out."""
    policy, table = chained()
    found = ways(policy, table, 0)
    assert [(w.low, w.high, w.path, w.answer) for w in found["t1"]] == [(0, 0.5, ("a",), "a"), (0.5, 1.01, ("a", "b"), "b")]
    assert [w.cost for w in found["t2"]] == [11, 111]
    assert [w.quality for w in found["t1"]] == [0, 1]
    silent, blank = chained(margin=[[NAN, NAN, NAN]])
    assert ways(silent, blank, 0) == {}
    parts = proving_parts()
    router = find("knn-router")(k=9).fit(parts.fit)
    for way in ways(router, parts.test, 3)["lam"]:
        there = way.low * 1.5 + 1e-9 if np.isinf(way.high) else (way.low + way.high) / 2
        assert trace(turned(router, "lam", there), parts.test, 3).answer == way.answer
