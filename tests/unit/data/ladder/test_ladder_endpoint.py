"""The ladder as endpoints: priced, keyless, asked by `Caller` and `collect` like any other."""

import asyncio
import os
import socket

import numpy as np
import pytest

from data.ladder import card
from data.ladder.endpoint import endpoint
from data.ladder.scoring import SCORERS
from data.live import call
from data.live.budget import Budget
from data.live.call import Caller, ask_sync
from data.live.collect import collect
from data.live.endpoints import Endpoint
from data.problems import EndpointAnswerError, EndpointNotFoundError, ProblemError
from data.queries import QuerySet
from tests.fake_ladder import FakeModel, shelf

SUM = "What is 82 plus 42?"


@pytest.fixture
def fakes(monkeypatch):
    """R1 and R4 as models without weights."""
    models = {"r1": FakeModel(delay_s=0.002), "r4": FakeModel(can_think=True, delay_s=0.002)}
    monkeypatch.setattr("data.live.call._transport", lambda _endpoint: shelf(**models))
    return models


def test_an_endpoint_is_priced_local_and_needs_no_key():
    """Its card is the ladder's under the arm's name, its address is none on any network, and it survives being kept."""
    made = endpoint("r4")
    assert (made.name, made.model_id, made.local, made.in_process, made.key_env) == ("r4", "r4", True, True, None)
    assert made.card == card("r4")
    assert made.origin == "http://ladder.invalid:80"
    assert Endpoint.from_json(made.to_json()) == made
    with pytest.raises(socket.gaierror):
        socket.getaddrinfo("ladder.invalid", 80)


def test_the_other_way_is_an_arm_of_its_own():
    """Asked for its answer alone, R4 has another name; asked for what it does anyway, the same."""
    direct = endpoint("r4", think=False)
    assert (direct.name, direct.card.name, direct.card.title, direct.model_id) == ("r4-direct", "r4-direct", "R4 direct", "r4")
    assert direct.extra["reasoning_effort"] == "none"
    assert endpoint("r4", think=True).name == "r4"
    assert endpoint("r1", think=False).name == "r1"
    with pytest.raises(ProblemError, match="R1 has not learnt to write its working"):
        endpoint("r1", think=True)
    with pytest.raises(ProblemError, match="no model 'r9'"):
        endpoint("r9")


def test_fields_can_be_changed():
    """Temperature, length and further fields are the caller's."""
    made = endpoint("r4", think=False, temperature=0.7, max_tokens=5, extra={"n": 1})
    assert (made.temperature, made.max_tokens, dict(made.extra)) == (0.7, 5, {"reasoning_effort": "none", "n": 1})


def test_an_answer_has_working_and_signals_over_all_tokens(fakes):
    """The working's text is kept apart; sum and least log-prob are over working, marks, answer and end."""
    answer = ask_sync(endpoint("r4"), "say ab")
    assert (answer.text, answer.reasoning, answer.tokens_out, answer.tokens_reasoning) == ("ab", "so it", 6, 3)
    expected = {"sum_logprob": -2.625, "min_logprob": -0.75, "mean_logprob": -2.625 / 6}
    assert {name: answer.signals[name] for name in expected} == pytest.approx(expected)
    made = card("r4")
    assert answer.cost_usd == pytest.approx((3 * made.price_in_usd_per_mtok + 6 * made.price_out_usd_per_mtok) * 1e-6)
    assert answer.tokens == ()
    assert ask_sync(endpoint("r4", think=False), "say ab").reasoning == ""


def test_tokens_are_kept_on_request(fakes):
    """A caller that is told to keeps every token with its log-prob, in order."""

    async def go():
        async with Caller(tokens=True) as caller:
            return await caller.ask(endpoint("r4"), "say a")

    tokens = asyncio.run(go()).tokens
    assert tokens == ((" so", -0.125), (" it", -0.25), ("<so>", -0.375), (" a", -0.5), ("<end>", -0.625))


def test_a_batch_of_calls_becomes_a_table(fakes):
    """`collect` asks the ladder like any endpoint: equal answers however many calls are under way, and batches where there are many."""
    queries = QuerySet.build(
        [str(i) for i in range(40)],
        prompts=[f"say {i}" for i in range(40)],
        references=[str(i) for i in range(40)],
        tasks=["add"] * 40,
    )
    arms = [endpoint("r1"), endpoint("r4"), endpoint("r4", think=False)]
    many, one = (collect(queries, arms, SCORERS, Budget(1.0), concurrency=n) for n in (32, 1))
    assert many.report.ending == "finished"
    assert {key: answer.text for key, answer in many.answers.items()} == {key: answer.text for key, answer in one.answers.items()}
    assert np.array_equal(many.table.quality("r4"), np.ones(40, np.float32))
    assert {"margin", "mean_logprob", "min_logprob", "sum_logprob"} <= set(many.table.signals)
    assert max(fakes["r1"].batches) > 1


def test_samples_have_their_own_seeds(fakes):
    """The k-th sample of a question is drawn with seed k."""
    queries = QuerySet.build(["0"], prompts=["say a"], references=["a"], tasks=["string"])
    found = collect(queries, [endpoint("r1", temperature=0.7)], SCORERS, Budget(1.0), samples=3)
    assert [found.answers[0, 0, k].text for k in range(3)] == ["a0", "a1", "a2"]


def test_what_goes_wrong_is_said(monkeypatch):
    """A model that isn't here, and a field that isn't taken, are errors of the endpoint in words."""
    monkeypatch.setattr("data.live.call._transport", lambda _endpoint: shelf(r1=FakeModel()))
    with pytest.raises(EndpointNotFoundError, match="There are: r1"):
        ask_sync(endpoint("r2"), SUM)
    with pytest.raises(EndpointAnswerError, match="'stop' is not supported"):
        ask_sync(endpoint("r1", extra={"stop": ["x"]}), SUM)


def test_only_what_the_call_needs_reaches_the_ladder(fakes, monkeypatch):
    """The guard on headers holds here too: nothing from the environment, no made-up key."""
    seen = []
    transport = call._transport(endpoint("r1"))
    handle = transport.handle_async_request

    async def note(request):
        seen.append(dict(request.headers))
        return await handle(request)

    transport.handle_async_request = note
    monkeypatch.setattr("data.live.call._transport", lambda _endpoint: transport)
    monkeypatch.setenv("OPENAI_ORG_ID", "org-secret")
    assert ask_sync(endpoint("r1"), "say a").text == "a"
    assert "authorization" not in seen[0]
    assert "org-secret" not in str(seen)


def test_the_shipped_model_answers_without_a_network(monkeypatch):
    """The shipped R1 adds two numbers through `Caller`, with every socket but loopback's own closed and a proxy in the way."""

    def closed(*_):
        raise AssertionError("a socket was opened")

    monkeypatch.setitem(os.environ, "HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setattr(socket.socket, "connect", closed)
    monkeypatch.setattr(socket, "getaddrinfo", closed)
    answer = ask_sync(endpoint("r1"), SUM)
    assert answer.text == "124"
    assert answer.signals["sum_logprob"] <= answer.signals["min_logprob"] <= 0
    assert 0 < answer.cost_usd < 1e-4


def test_another_host_keeps_the_network():
    """Only the ladder's own address is answered in this process."""
    assert call._transport(Endpoint(name="a", base_url="http://ladder.invalid.example/v1", model_id="r1")) is None
    assert call._transport(endpoint("r1")) is not None
