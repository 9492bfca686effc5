"""A judge in front of a live run, over real HTTP: its call is on the bill, and the table that is kept replays to the bit."""

import threading

import numpy as np
import pytest

from data.live.asker import Asker
from data.live.budget import Budget
from data.live.judge import Judge
from data.models import ModelCard
from data.problems import ProblemError
from data.scoring import find as find_scorer
from data.stores.columns import open_table, save
from strategies import find, replay
from strategies.engines.live import run_live
from strategies.engines.trace import trace
from tests.e2e.test_live_equals_replay import QUERIES, N, chance, said
from tests.stub_endpoint import Reply, StubEndpoint

NAMES = ("small", "large")
POLICY = find("routellm-causal")(pair=NAMES, threshold=0.5)
PROMPTS = QUERIES.prompts.filled()


def rated(prompt, model):
    """Answer as a model, or say as a judge: a digit with its log-probs, one without, nothing usable, or an error."""
    if model != "judge":
        return said(prompt, model)
    luck = chance(prompt, "judge")
    if luck < 0.15:
        return Reply(text="It depends.", usage=(90, 4))
    if luck < 0.3:
        return Reply(status=400, error={"message": "cannot"})
    label = 1 + int(5 * chance(prompt, "label"))
    top = {str(label): 0.6, str(1 + label % 5): 0.3, "The": 0.1}
    return Reply(text=str(label), top={} if luck < 0.5 else top, usage=(80 + len(prompt), 1))


def over_http(stub, ask, policy=POLICY, **how):
    """Return a live run of all queries, judged by the stub's judge."""
    endpoints = [
        stub.endpoint(name, card=ModelCard(name=name, price_in_usd_per_mtok=p, price_out_usd_per_mtok=2 * p), max_concurrency=8)
        for name, p in zip(NAMES, (1.0, 100.0), strict=True)
    ]
    judge = how.pop("judge", Judge(stub.endpoint("judge", max_concurrency=3), ask))
    return run_live(policy, QUERIES, endpoints, ask, judge=judge, scorers=find_scorer("exact"), **how)


@pytest.fixture(scope="module")
def live():
    """Give a live run, what arrived at the stub, and what was told of."""
    told = []
    with StubEndpoint(rated, shuffle_s=0.02) as stub, Asker() as asker:
        yield over_http(stub, asker.ask, on_step=told.append), stub.calls, told


def test_replay_equals_live_bill_included(live, tmp_path):
    """Scores, ways, bills and seconds, of usable opinions, useless ones and those that failed; also after a way over the disk."""
    run, _, _ = live
    assert (sorted(run.runs), run.ended) == (list(range(N)), "")
    for table in (run.table, open_table(save(run.table, tmp_path / "kept"))):
        again = replay(POLICY, table)
        for name in ("answer", "cost_usd", "latency_s", "quality", "called"):
            mine = np.concatenate([getattr(run.runs[row], name) for row in range(N)])
            assert np.array_equal(mine, getattr(again, name), equal_nan=name != "called"), name
        scores = np.concatenate([run.runs[row].score(0) for row in range(N)])
        assert np.array_equal(scores, again.score(0), equal_nan=True)
    assert np.isnan(scores).any()
    assert (scores == 0).any()
    assert ((scores > 0) & (scores < 1)).any()
    assert {int(each) for each in again.answer} == {0, 1}
    assert (again.answer[np.isnan(scores)] == 1).all()
    assert "judged first by judge" in run.table.history[-1].detail


def test_every_question_is_judged_once_and_paid(live):
    """One call of the judge a question; its price is the call's own, and the bill is the sum of both calls."""
    run, calls, told = live
    assert sorted(call.prompt for call in calls if call.model == "judge") == sorted({c.prompt for c in calls if c.model == "judge"})
    opinions = {each.row: each for each in told if each.judge}
    assert (sorted(opinions), len([each for each in told if each.judge])) == (list(range(N)), N)
    failed = {row for row, each in opinions.items() if each.answer is None}
    assert 0 < len(failed) == len([f for f in run.failures if f.judge])
    assert all("judge" in opinions[row].failure for row in failed)
    answers = {each.row: each.answer for each in told if not each.judge}
    for row, done in run.runs.items():
        both = (opinions[row].answer, answers[row])
        if None in both:
            assert np.isnan(done.cost_usd).all()
        else:
            assert done.cost_usd[0] == pytest.approx(both[0].cost_usd + both[1].cost_usd)
            assert done.latency_s[0] == pytest.approx(both[0].latency_s + both[1].latency_s)


def test_the_trace_shows_what_the_judge_cost(live):
    """The first step paid for the opinion, before it called."""
    run, _, told = live
    row = next(each.row for each in told if each.judge and each.answer is not None)
    (paid,) = trace(POLICY, run.table, row).steps[0].paid
    opinion = next(each.answer for each in told if each.judge and each.row == row)
    assert (paid.name, paid.model) == ("judge", "")
    assert (paid.cost, paid.latency_s) == pytest.approx((opinion.cost_usd, opinion.latency_s))


def test_without_a_judge_it_refuses_in_words():
    """Before anything is asked; a policy that needs none never calls the judge that it is given."""
    with StubEndpoint(rated) as stub, Asker() as asker:
        with pytest.raises(ProblemError, match=r"nobody judges.*run_live\(\.\.\., judge=Judge"):
            over_http(stub, asker.ask, judge=None)
        assert stub.calls == []
        plain = over_http(stub, asker.ask, find("single")(model="small"))
        assert {call.model for call in stub.calls} == {"small"}
        assert "judge" not in plain.table.features


def test_a_spent_budget_and_a_stop_end_the_judging_too():
    """No further opinion is asked for; what has arrived is kept."""
    stop = threading.Event()
    with StubEndpoint(rated) as stub, Asker(budget=Budget(1.0, max_calls=5)) as asker:
        spent = over_http(stub, asker.ask, concurrency=1)
        assert 0 < len(spent.runs) < N
        assert "cap of 5 calls" in spent.ended
    with StubEndpoint(rated) as stub, Asker() as asker:
        stopped = over_http(stub, asker.ask, concurrency=1, stop=stop, on_step=lambda each: stop.set() if each.judge else None)
        assert ([call.model for call in stub.calls], stopped.runs) == (["judge"], {})
        assert stopped.ended == "it was stopped"
        assert (~np.isnan(stopped.table.features["judge"]).all(axis=1)).sum() <= 1


def test_a_model_that_also_judges_keeps_its_limit():
    """An endpoint that answers and judges is asked no more at once than it allows."""
    with StubEndpoint(lambda prompt, model: Reply(text="1", delay_s=0.01)) as stub, Asker() as asker:
        both = stub.endpoint("large", max_concurrency=1)
        run_live(POLICY, QUERIES.take(np.arange(6)), [stub.endpoint("small"), both], asker.ask, judge=Judge(both, asker.ask), concurrency=6)
        assert (stub.most_at_once, len(stub.calls)) == (1, 12)
