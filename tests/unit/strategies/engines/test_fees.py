"""Signals and features that have a price: asking bills it, once a query, in the run and in the trace."""

from dataclasses import dataclass

import numpy as np
import pytest

from data.problems import LeakError
from strategies.conformance import ConformanceError, checks
from strategies.engines.fees import NOBODY
from strategies.engines.loop import replay
from strategies.engines.online import stream
from strategies.engines.trace import trace
from strategies.knobs import knob
from strategies.protocol import Card, Decision, Strategy
from tests.worlds import NAN, by_hand, sampled, scripted

YES, NO = True, False


def checked(**changed):
    """Return three queries and two models; a check of the first one's answer costs 0.5 and takes 4 seconds."""
    given = {
        "cost": [[1, 10]] * 3,
        "latency": [[1, 2]] * 3,
        "check": [[0.9, NAN], [0.2, NAN], [0.6, NAN]],
        "cost_usd:check": [[0.5, NAN]] * 3,
        "latency_s:check": [[4, NAN]] * 3,
    }
    return by_hand([[1, 1], [0, 1], [0, 1]], **{k: v for k, v in (given | changed).items() if v is not None})


def asking(*times):
    """Return a policy that calls the first model, asks for its check so often, then the second where that is below 0.5."""

    def decide(view):
        for _ in times:
            score = view.signal("check", 0)
        return Decision(score >= np.float32(0.5), 0, 1, score)

    return scripted(Decision(stop=False, call=0), decide, Decision(stop=True, answer=1))


@pytest.mark.parametrize("times", [1, 3])
def test_asking_is_billed_to_each_query_once(times):
    """Who is checked pays call and check, however often the same question is asked; the bill of a stop includes it."""
    run = replay(asking(*range(times)), checked())
    assert run.cost_usd.tolist() == [1.5, 11.5, 1.5]
    assert run.latency_s.tolist() == [5, 7, 5]
    assert [(fee.asked.stage, fee.rows.tolist()) for fee in run.fees] == [(1, [0, 1, 2])]


def test_only_those_who_ask_pay():
    """A part of the open queries may be checked; asking again of all bills the others only."""

    def some(view):
        view.where(np.array([NO, YES, NO])).signal("check", 0)
        bill = view.bill.tolist()
        view.signal("check", 0)
        return Decision(stop=True, answer=0, score=np.array(bill, np.float32))

    run = replay(scripted(Decision(stop=False, call=0), some), checked())
    assert run.score(1).tolist() == [1, 1.5, 1]
    assert run.cost_usd.tolist() == [1.5] * 3
    assert [fee.rows.tolist() for fee in run.fees] == [[1], [0, 2]]


def test_who_stopped_before_does_not_pay():
    """A check at a later stage bills the queries that came there."""
    stop = np.array([YES, NO, NO])

    def late(view):
        return Decision(stop=True, answer=1, score=view.signal("check", 0))

    run = replay(scripted(Decision(stop=False, call=0), Decision(stop=stop, answer=0, call=1), late), checked())
    assert run.cost_usd.tolist() == [1, 11.5, 11.5]


def test_a_signal_without_a_price_comes_with_the_call():
    """No recorded cost, no fee; a recorded cost without seconds makes the latency unknown, not zero."""
    run = replay(asking(1), checked(**{"cost_usd:check": None}))
    assert (run.cost_usd.tolist(), run.fees) == ([1, 11, 1], ())
    assert np.isnan(replay(asking(1), checked(**{"latency_s:check": None})).latency_s).all()


def test_an_unknown_price_makes_the_bill_unknown():
    """Not free: NaN, on that query only."""
    run = replay(asking(1), checked(**{"cost_usd:check": [[0.5, NAN], [NAN, NAN], [0.5, NAN]]}))
    assert np.isnan(run.cost_usd).tolist() == [NO, YES, NO]


def test_the_trace_shows_the_fee_where_it_was_paid():
    """The step that asked costs the check and what it then called; a step that asked and stopped the check alone."""
    went, stayed = (trace(asking(1), checked(), row).steps for row in (1, 0))
    assert [(s.cost, s.latency_s, s.bill) for s in went] == [(1, 1, 1), (10.5, 6, 11.5), (0, 0, 11.5)]
    assert [(s.cost, s.latency_s, s.bill) for s in stayed] == [(1, 1, 1), (0.5, 4, 1.5)]


def test_a_self_check_is_never_free():
    """Without a recorded price it costs what one more call of the model costs."""
    table = by_hand([[1, 1]], cost=[[3, 10]], latency=[[2, 2]], self_check=[[0.9, NAN]])
    run = replay(scripted(Decision(stop=False, call=0), lambda v: Decision(stop=v.signal("self_check", 0) < 2, answer=0, call=1)), table)
    assert (run.fees[0].cost.tolist(), run.fees[0].latency.tolist()) == ([3], [2])


@dataclass(frozen=True, eq=False)
class Checking(Strategy):
    """The first model, then the last where its own check is low."""

    card = Card(id="checking", title="Checking", family="cascade", source="a test", rule="none", idea="Asks for a paid signal.")
    t: float = knob(0.6, low=0, high=1.01, unit="check", help="Below it the last model is called.", cuts=1)

    def decide(self, view):
        """Cut at the check."""
        last = len(view.models) - 1
        if view.stage == 0:
            return Decision(stop=False, call=0)
        if view.stage == 2:
            return Decision(stop=True, answer=last)
        check = view.signal("self_check", 0)
        return Decision(check >= np.float32(self.t), 0, last, check)


def test_a_strategy_that_pays_for_signals_conforms():
    """Bills, holes, traces and exact curves hold with fees as they do without."""
    for _, check in checks(Checking):
        check()


def test_a_bill_that_forgets_the_fee_is_found(monkeypatch):
    """Were the loop to note a fee and not bill it, the suite would say so."""
    from strategies.engines import loop

    class Forgetful(loop.State):
        def pay(self, name, model):
            before = self.cost.copy()
            super().pay(name, model)
            self.cost[:] = before

    monkeypatch.setattr(loop, "State", Forgetful)
    with pytest.raises(ConformanceError, match="sum of all calls and paid signals"):
        dict(checks(Checking))["bills what it calls"]()


def priced_feature(**changed):
    """Return three queries, two models and a feature that costs 0.5 and takes 4 seconds to ask for."""
    given = {"hint": [[0.9], [0.2], [0.6]], "cost_usd:hint": [[0.5]] * 3, "latency_s:hint": [[4]] * 3} | changed
    table = by_hand([[1, 1], [0, 1], [0, 1]], cost=[[1, 10]] * 3, latency=[[1, 2]] * 3)
    for name, values in given.items():
        table = table if values is None else table.with_feature(name, np.array(values, np.float32))
    return table


def hinted(*, each, times=1):
    """Return a policy that asks for the feature before any call, so often; whom it calls differs by query with `each`."""

    def decide(view):
        for _ in range(times):
            hint = view.feature("hint")[:, 0]
        return Decision(stop=False, call=(hint < np.float32(0.5)).astype(np.int32) if each else 0, score=hint)

    return scripted(decide, lambda view: Decision(stop=True, answer=view.last, score=view.feature("hint")[:, 0]))


@pytest.mark.parametrize(("each", "cost", "latency"), [(True, [1.5, 10.5, 1.5], [5, 6, 5]), (False, [1.5] * 3, [5] * 3)])
def test_a_feature_may_have_a_price_before_any_call(each, cost, latency):
    """It is billed first, and the calls on top, whether queries differ in whom they call or not; once, however often it is asked."""
    run = replay(hinted(each=each, times=2), priced_feature())
    assert (run.cost_usd.tolist(), run.latency_s.tolist()) == (cost, latency)
    assert [(fee.asked, fee.rows.tolist()) for fee in run.fees] == [((0, NOBODY, "hint"), [0, 1, 2])]


def test_a_feature_without_a_price_is_free():
    """Most features are computed here: no recorded cost, no fee; a cost without seconds makes the latency unknown."""
    run = replay(hinted(each=True), priced_feature(**{"cost_usd:hint": None}))
    assert (run.cost_usd.tolist(), run.fees) == ([1, 10, 1], ())
    run = replay(hinted(each=True), priced_feature(**{"latency_s:hint": None}))
    assert (run.cost_usd.tolist(), np.isnan(run.latency_s).all()) == ([1.5, 10.5, 1.5], True)


def test_a_part_that_asks_before_any_call_pays_alone():
    """What is asked in a part of the view is billed to the whole's queries, and seen in the bill at once."""

    def some(view):
        view.where(np.array([NO, YES, NO])).feature("hint")
        return Decision(stop=False, call=0, score=view.bill)

    run = replay(scripted(some, Decision(stop=True, answer=0)), priced_feature())
    assert run.score(0).tolist() == [0, 0.5, 0]
    assert run.cost_usd.tolist() == [1, 1.5, 1]
    assert run.latency_s.tolist() == [1, 5, 1]


def test_a_paid_feature_draws_no_samples():
    """A fee that is nobody's answer does not let anybody return a repeated answer of the last model."""
    table = sampled(priced_feature(), {1: [[0, 0]] * 3}, [0] * 3)

    def cheat(view):
        view.feature("hint")
        return Decision(stop=True, answer=1, sample=0)

    with pytest.raises(LeakError, match="not drawn"):
        replay(scripted(Decision(stop=False, call=1), cheat), table)


def test_the_trace_shows_a_feature_where_it_was_paid():
    """The step that asked for it lists it beside its calls; a signal is listed with its model."""
    steps = trace(hinted(each=True), priced_feature(), 1).steps
    assert [(s.cost, s.latency_s, s.bill) for s in steps] == [(10.5, 6, 10.5), (0, 0, 10.5)]
    assert [s.paid for s in steps] == [(("hint", "", 0.5, 4.0),), ()]
    assert [s.paid for s in trace(asking(1), checked(), 0).steps] == [(), (("check", "a", 0.5, 4.0),)]


def test_a_stream_bills_a_feature_too():
    """Queries that arrive one at a time pay for what is asked before their call."""
    run = stream(hinted(each=True), priced_feature()).run
    assert run.cost_usd.tolist() == [1.5, 10.5, 1.5]
    assert [fee.rows.tolist() for fee in run.fees] == [[0, 1, 2]]
