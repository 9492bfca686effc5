"""The one loop: what is billed, what is seen, what is refused."""

import numpy as np
import pytest

from data.problems import LeakError, NotCalledError, ProblemError
from strategies.engines.loop import MOST_STAGES, Force, replay
from strategies.engines.recorded import Columns, draws
from strategies.protocol import Decision
from strategies.proving import Trap
from tests.worlds import NAN, by_hand, proving_ground, scripted

YES, NO = True, False
ONE_BY_ONE = (
    Decision(stop=False, call=0),
    Decision(stop=np.array([YES, NO, NO]), answer=0, call=1, score=np.array([0.9, 0.1, 0.2], np.float32)),
    Decision(stop=np.array([YES, NO]), answer=1, call=2),
    Decision(stop=True, answer=2),
)


def three(**changed):
    """Return three queries and three models whose costs and latencies are powers of ten."""
    given = {"cost": [[1, 10, 100]] * 3, "latency": [[1, 2, 4]] * 3, "margin": [[0.9, 0.5, NAN]] * 3} | changed
    return by_hand([[1, 0, 0], [0, 1, 0], [0, 0, 1]], **given)


def test_a_bill_includes_every_failed_step_and_latencies_add_up():
    """Who escalates twice pays three models and waits for all three."""
    run = replay(scripted(*ONE_BY_ONE), three())
    assert run.cost_usd.tolist() == [1, 11, 111]
    assert run.latency_s.tolist() == [1, 3, 7]
    assert run.answer.tolist() == [0, 1, 2]
    assert run.quality.tolist() == [1, 1, 1]
    assert run.path == [(0,), (0, 1), (0, 1, 2)]
    assert run.called.sum(axis=1).tolist() == [1, 2, 3]
    assert run.score(1) == pytest.approx([0.9, 0.1, 0.2])
    assert np.isnan(run.score(7)).all()


def test_models_called_at_once_cost_their_sum_and_last_as_long_as_the_slowest():
    """In a panel money adds up, time does not; a later call adds time again."""
    panel = Decision(stop=False, call=np.array([YES, NO, YES]))
    run = replay(scripted(panel, Decision(stop=False, call=1), Decision(stop=True, answer=2)), three())
    assert run.cost_usd.tolist() == [111] * 3
    assert run.latency_s.tolist() == [6] * 3
    assert run.path == [(0, 2, 1)] * 3


def test_queries_may_call_different_models_and_several_each():
    """(n, M) booleans and (n,) positions bill each query for its own calls."""
    each = Decision(stop=False, call=np.array([[YES, NO, NO], [YES, YES, NO], [NO, NO, YES]]))
    run = replay(scripted(each, Decision(stop=False, call=np.array([1, 2, 0])), lambda v: Decision(stop=True, answer=v.last)), three())
    assert run.cost_usd.tolist() == [11, 111, 101]
    assert run.latency_s.tolist() == [3, 6, 5]
    assert run.answer.tolist() == [1, 2, 0]
    assert run.path == [(0, 1), (0, 1, 2), (2, 0)]


@pytest.mark.parametrize("share", [0.0, 0.05, 0.6, 1.0])
@pytest.mark.parametrize("hole", [False, True])
def test_the_loops_short_cuts_change_no_bit(share, hole):
    """Masked whole columns, gathered rows and columns with holes give the sums of the plain formula."""
    rng = np.random.default_rng(5)
    numbers = {name: rng.random((400, 3)).astype(np.float32) for name in ("cost", "latency")}
    if hole:
        numbers["cost"][::7, 1] = NAN
    onward = rng.random(400) < share
    table = by_hand(rng.integers(0, 2, (400, 3)), **numbers)
    run = replay(scripted(Decision(stop=False, call=0), Decision(stop=~onward, answer=0, call=1), Decision(stop=True, answer=1)), table)
    for values, shown in ((numbers["cost"], run.cost_usd), (numbers["latency"], run.latency_s)):
        assert np.array_equal(shown, np.where(onward, values[:, 0] + values[:, 1], values[:, 0]), equal_nan=True)
    assert np.array_equal(run.answer, onward.astype(int))


def test_unknown_stays_unknown_through_every_sum():
    """A call of a hole makes that query's bill and the means NaN; a hole that is not called does not."""
    table = three(cost=[[1, NAN, NAN]] * 3)
    run = replay(scripted(*ONE_BY_ONE), table)
    assert run.cost_usd[0] == 1
    assert np.isnan(run.cost_usd[1:]).all()
    summary = run.summary()
    assert np.isnan(summary.cost_usd)
    assert summary.latency_s == pytest.approx(11 / 3)
    assert replay(scripted(Decision(stop=False, call=0), Decision(stop=True, answer=0)), table).summary().cost_usd == 1


def test_a_table_without_latency_has_unknown_latency_not_zero():
    """What nobody recorded is NaN for every query, its 95th percentile too."""
    table = by_hand([[1, 0, 0], [0, 1, 0], [0, 0, 1]], cost=[[1, 10, 100]] * 3)
    run = replay(scripted(*ONE_BY_ONE), table)
    assert np.isnan(run.latency_s).all()
    assert np.isnan(run.summary().latency_p95_s)
    assert run.cost_usd.tolist() == [1, 11, 111]


def test_a_summary_gives_means_and_shares():
    """Means over all queries, who answered, who was paid."""
    summary = replay(scripted(*ONE_BY_ONE), three()).summary()
    assert (summary.n, summary.quality, summary.cost_usd) == (3, 1.0, 41.0)
    assert summary.answered == pytest.approx({"a": 1 / 3, "b": 1 / 3, "c": 1 / 3})
    assert summary.called == pytest.approx({"a": 1, "b": 2 / 3, "c": 1 / 3})
    assert (summary.latency_p95_s, summary.cost_unit) == (7.0, "USD")


def test_a_table_without_queries_gives_an_empty_run():
    """Nothing is asked and nothing is known."""
    run = replay(scripted(*ONE_BY_ONE), three().take(np.array([], dtype=int)))
    assert (run.n, run.path) == (0, [])
    assert np.isnan(run.summary().quality)
    assert len(run.cost_usd) == len(run.latency_s) == len(run.quality) == 0


CALL = Decision(stop=False, call=0)


@pytest.mark.parametrize(
    ("decisions", "words"),
    [
        ((Decision(stop=False),), "without saying whom to call"),
        ((CALL, Decision(stop=True)), "without saying whose answer"),
        ((CALL, Decision(stop=np.ones(2, bool), answer=0)), "decided for"),
        ((CALL, Decision(stop=np.ones(3), answer=0)), "float64"),
        ((CALL, Decision(stop=True, answer=np.zeros(2, int))), "answers for"),
        ((CALL, Decision(stop=True, answer=3)), "of 3"),
        ((CALL, Decision(stop=True, answer=-1)), "of 3"),
        ((CALL, Decision(stop=True, answer=np.array([0, 0, 9]))), "of 3"),
        ((Decision(stop=False, call=-1),), "of 3"),
        ((Decision(stop=False, call=np.array([0, 1, 3])),), "of 3"),
        ((Decision(stop=False, call=np.array([0, 1])),), "calls for"),
        ((Decision(stop=False, call=np.ones((3, 2), bool)),), "calls for"),
        ((Decision(stop=False, call=np.zeros(3, bool)),), "without calling anybody"),
        ((Decision(stop=False, call=np.array([[YES, NO, NO], [NO, NO, NO], [NO, YES, NO]])),), "without calling anybody"),
    ],
)
def test_a_decision_that_makes_no_sense_is_refused_in_words(decisions, words):
    """Wrong shapes, positions out of range, nobody called, nobody's answer: a ProblemError with the strategy's id."""
    with pytest.raises(ProblemError, match=words) as caught:
        replay(scripted(*decisions), three())
    assert "scripted" in str(caught.value)


def test_a_strategy_without_end_is_stopped():
    """After a number of rounds the loop gives up in words."""
    with pytest.raises(ProblemError, match=str(MOST_STAGES)):
        replay(scripted(CALL), three())


@pytest.mark.parametrize(
    "decisions",
    [
        (Decision(stop=True, answer=0),),
        (Decision(stop=True, answer=np.array([0, 0, 0])),),
        (CALL, Decision(stop=True, answer=1)),
        (CALL, Decision(stop=True, answer=np.array([0, 0, 2]))),
        (Decision(stop=False, call=np.array([0, 1, 1])), Decision(stop=True, answer=0)),
        (Decision(stop=False, call=np.array([0, 1, 1])), Decision(stop=np.array([YES, NO, YES]), answer=0, call=0)),
    ],
)
def test_an_answer_that_was_not_paid_for_is_a_leak(decisions):
    """Returning a model's answer to any query on which it was not called raises LeakError."""
    with pytest.raises(LeakError, match="never called"):
        replay(scripted(*decisions), three())


def test_those_who_go_on_may_carry_any_answer():
    """Only the answer of a query that stops has to be paid for."""
    run = replay(
        scripted(CALL, Decision(stop=np.array([YES, NO, YES]), answer=np.array([0, 2, 0]), call=2), Decision(stop=True, answer=2)), three()
    )
    assert run.answer.tolist() == [0, 2, 0]


def test_a_trap_explodes_at_the_first_look_at_quality():
    """The trap source is a trap: quality before the end raises LeakError, and after it is what was recorded."""
    trap = Trap(three())
    with pytest.raises(LeakError):
        replay(scripted(lambda view: Decision(stop=False, call=view._state.source.quality(0).astype(int))), trap)
    trap.spring()
    assert trap.quality(0).tolist() == [1, 0, 0]


@pytest.mark.parametrize("look", [lambda v: v.signal("margin", 1), lambda v: v.answer(1)])
@pytest.mark.parametrize("call", [0, np.array([0, 1, 0])])
def test_what_was_not_paid_for_cannot_be_seen(look, call):
    """A signal or an answer of a model that any open query has not called raises NotCalledError with the model's name."""
    with pytest.raises(NotCalledError, match="of b"):
        replay(scripted(Decision(stop=False, call=call), look), three())


def test_a_narrowed_view_sees_what_its_own_rows_paid_for():
    """`where` keeps the vocabulary and looks at its own rows only."""
    seen = {}

    def look(view):
        part = view.where(np.array([NO, YES, NO]))
        seen.update(n=len(part), margin=part.signal("margin", 1), called=part.called, last=part.last, bill=part.bill, stage=part.stage)
        seen["nested"] = part.where(np.array([YES])).signal("margin", 1)
        return Decision(stop=True, answer=view.last)

    replay(scripted(Decision(stop=False, call=np.array([0, 1, 0])), look), three())
    assert (seen["n"], seen["stage"], seen["last"].tolist(), seen["bill"].tolist()) == (1, 1, [1], [10])
    assert seen["margin"].tolist() == seen["nested"].tolist() == [0.5]
    assert seen["called"].tolist() == [[NO, YES, NO]]


def test_a_view_knows_the_open_queries_only():
    """Length, bill, calls, texts, features, draws and answers are those of the queries still open, in their order."""
    table = proving_ground(6, 2)
    seen = []

    def look(view):
        seen.append(
            (len(view), view.bill, view.called, view.texts, view.feature("embedding"), view.uniform("x"), view.answer(0), view.last)
        )
        return Decision(stop=np.arange(len(view)) % 2 == 0, answer=0, call=1) if view.stage == 1 else Decision(stop=True, answer=1)

    replay(scripted(CALL, look), table)
    (_, bill, called, texts, vectors, uniform, answers, last), late = seen
    assert (len(texts), last, late[7]) == (6, 0, 1)
    assert bill == pytest.approx(table.cost_usd(0))
    assert (called.tolist(), late[2].tolist()) == ([[YES, NO]] * 6, [[YES, YES]] * 3)
    assert late[0] == 3
    assert late[1] == pytest.approx((table.cost_usd(0) + table.cost_usd(1))[1::2])
    assert late[3] == texts[1::2]
    for all_of_them, rest in ((vectors, late[4]), (uniform, late[5]), (answers, late[6])):
        assert np.array_equal(rest, all_of_them[1::2])


def test_what_a_view_hands_out_cannot_change_the_bill():
    """A strategy that writes into its view's bill changes nothing."""

    def greedy(view):
        view.bill[:] = 0
        return Decision(stop=True, answer=0)

    assert replay(scripted(CALL, greedy), three()).cost_usd.tolist() == [1, 1, 1]


def test_before_any_call_the_bill_is_zero_and_nobody_was_called():
    """At stage 0 nothing was spent."""
    seen = {}

    def first(view):
        seen.update(bill=view.bill, called=view.called, last=view.last)
        return CALL

    replay(scripted(first, Decision(stop=True, answer=0)), three())
    assert seen["bill"].tolist() == [0, 0, 0]
    assert not seen["called"].any()
    assert seen["last"] == -1


def test_models_are_found_by_name_or_refused_with_the_names_there_are():
    """`arms` gives positions; a stranger is a ProblemError."""
    with pytest.raises(ProblemError, match=r"'x' in this data.*a, b, c"):
        replay(scripted(lambda view: Decision(stop=False, call=view.arms(["b", "x"])[0])), three())


def test_draws_depend_on_query_tag_and_seed_only():
    """Uniform draws lie in [0, 1) in float32, look uniform, and differ by tag (anagrams too) and by seed."""
    table = proving_ground(1000, 2)
    source = Columns(table)
    base = source.uniform("ad", 0)
    assert abs(base.mean() - 0.5) < 0.05
    assert base.astype(np.float32).max() < 1
    assert np.array_equal(base, base.astype(np.float32))
    assert np.array_equal(source.uniform("ad", 0)[::-1], Columns(table.take(np.arange(1000)[::-1])).uniform("ad", 0))
    for other in (source.uniform("cc", 0), source.uniform("ad", 1), source.uniform("ad", -1)):
        assert abs(np.corrcoef(base, other)[0, 1]) < 0.15
    assert draws(np.array([2**64 - 1], dtype=np.uint64), "", 0)[0] < 1


def test_forcing_a_stage_keeps_the_score_and_sends_everybody_one_way():
    """`Force` is what exact frontiers are made of."""
    stops = replay(scripted(*ONE_BY_ONE), three(), force=Force(1, stop=True))
    assert stops.answer.tolist() == [0, 0, 0]
    assert stops.score(1) == pytest.approx([0.9, 0.1, 0.2])
    onward = (CALL, ONE_BY_ONE[1], Decision(stop=True, answer=1))
    assert replay(scripted(*onward), three(), force=Force(1, stop=False)).answer.tolist() == [1, 1, 1]


@pytest.mark.parametrize(("name", "words"), [("embedding", "Compute the embeddings"), ("shoe size", "does without")])
def test_a_feature_that_is_not_there_is_refused_with_a_way_out(name, words):
    """Recorded sources name the table and what to do."""
    with pytest.raises(ProblemError, match=words):
        Columns(three()).feature(name)
    with pytest.raises(ProblemError, match="no prompts"):
        Columns(three()).texts(None)
    assert not Columns(three()).has_feature(name)
