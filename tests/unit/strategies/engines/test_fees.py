"""Signals that have a price: asking bills it, once a query, in the run and in the trace."""

from dataclasses import dataclass

import numpy as np
import pytest

from strategies.conformance import ConformanceError, checks
from strategies.engines.loop import replay
from strategies.engines.trace import trace
from strategies.knobs import knob
from strategies.protocol import Card, Decision, Strategy
from tests.worlds import NAN, by_hand, scripted

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
