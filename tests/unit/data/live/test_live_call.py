"""One call over real HTTP: answers, signals, bills, and every way to fail."""

import asyncio
import json
import logging
import math
from types import SimpleNamespace

import pytest
from openai.types.chat import ChatCompletion

from data.live.budget import Budget
from data.live.call import Caller, _guard, _tokens, ask, ask_sync, cost_usd, read
from data.live.endpoints import KeyRing
from data.live.errors import mapped
from data.models import ModelCard
from data.problems import (
    BudgetError,
    EndpointAnswerError,
    EndpointAuthError,
    EndpointBusyError,
    EndpointError,
    EndpointNotFoundError,
    EndpointTimeoutError,
)
from tests.stub_endpoint import Reply, StubEndpoint

SECRET = "sk-very-secret-123"  # noqa: S105 - a made-up one


class Naps:
    """A sleep that is over at once and remembers how long it was asked to be."""

    def __init__(self):
        self.asked = []

    async def __call__(self, seconds):
        """Note how long it should be."""
        self.asked.append(seconds)


def ask_once(stub, *, retries=0, naps=None, budget=None, keys=None, **changes):
    """Return one answer of the stub, without waiting between tries."""

    async def go():
        async with Caller(keys, retries=retries, sleep=naps or Naps()) as caller:
            return await caller.ask(stub.endpoint(**changes), "How much is it?", budget=budget)

    return asyncio.run(go())


def test_an_answer_carries_text_tokens_cost_latency_and_signals():
    """Everything that is measured lands in the answer, with the cost at the endpoint's card."""
    with StubEndpoint(Reply(text="four", usage=(100, 10), margin=0.6, logprob=-0.2, delay_s=0.05)) as stub:
        answer = ask_sync(stub.endpoint(extra={"stop": ["."]}), "2 + 2?")
    assert (answer.text, answer.tokens_in, answer.tokens_out, answer.finish_reason, answer.tries) == ("four", 100, 10, "stop", 1)
    assert answer.cost_usd == pytest.approx(100e-6 + 20e-6)
    assert 0.05 <= answer.latency_s < 3
    assert answer.signals == pytest.approx({"margin": 0.6, "mean_logprob": -0.2, "sum_logprob": -0.2, "min_logprob": -0.2})
    body = stub.calls[0].body
    assert (body["stop"], body["max_tokens"], body["temperature"], body["logprobs"], body["top_logprobs"]) == (["."], 16, 0.0, True, 2)
    assert "seed" not in body


def test_without_logprobs_there_are_no_signals():
    """An endpoint that sends no log-probs gives an answer without signals, not zeros."""
    with StubEndpoint("yes") as stub:
        assert ask_sync(stub.endpoint(), "?").signals == {}


def test_alternatives_without_a_log_prob_are_left_out_of_the_margin():
    """A server that sends an alternative without its log-prob, or one over 0, gives an answer all the same, which was paid for."""

    def margin(*logprobs):
        others = [SimpleNamespace(logprob=logprob) for logprob in logprobs]
        token = SimpleNamespace(logprob=-0.1, top_logprobs=others)
        choice = SimpleNamespace(message=SimpleNamespace(content="x"), finish_reason="stop", logprobs=SimpleNamespace(content=[token]))
        with StubEndpoint("x") as stub:
            return read(SimpleNamespace(choices=[choice]), stub.endpoint(), 1.0).signals.get("margin")

    assert margin(math.log(0.6), None, math.log(0.4)) == pytest.approx(0.2)
    assert margin(1e6, math.log(0.25)) == pytest.approx(0.75)
    assert margin(math.log(0.6), None) is None


def test_log_probs_that_are_no_objects_are_unknown():
    """A server that sends words, numbers or nothing in the place of tokens gives an answer without the signals that would need them."""

    def signals(content, **usage):
        choice = SimpleNamespace(message=SimpleNamespace(content="x"), finish_reason="stop", logprobs=SimpleNamespace(content=content))
        completion = SimpleNamespace(choices=[choice], usage=SimpleNamespace(**usage))
        with StubEndpoint("x") as stub:
            answer = read(completion, stub.endpoint(), 1.0)
        assert len(_tokens(completion)) == (len(content) if isinstance(content, list) else 0)
        return answer.signals

    good = SimpleNamespace(logprob=-0.5, top_logprobs=[SimpleNamespace(logprob=-0.5), "b", 7, SimpleNamespace(logprob=-1.5)])
    assert signals(["a", 7, None, [-0.5]]) == {}
    for content in ("words", 7, {"token": -0.5}, True):
        assert signals(content) == {}
    assert signals(["a", good]) == {"mean_logprob": -0.5}
    margin = math.exp(-0.5) - math.exp(-1.5)
    assert signals([good, None]) == pytest.approx({"mean_logprob": -0.5, "margin": margin})
    assert signals([good]) == pytest.approx({"mean_logprob": -0.5, "sum_logprob": -0.5, "min_logprob": -0.5, "margin": margin})
    odd = [SimpleNamespace(logprob=logprob, top_logprobs="ab") for logprob in (10**400, -math.inf, math.nan, True, "-0.5")]
    assert signals(odd, prompt_tokens=10**400, completion_tokens=math.inf) == {}


def test_odd_log_probs_over_the_wire_cost_no_answer():
    """What the openai package makes of such an answer is read all the same."""
    body = {"id": "x", "object": "chat.completion", "created": 0, "model": "m"}
    choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "four"}}
    for content in (["a", 7, None], "words", [{"token": "a"}], [{"token": "a", "logprob": -1, "top_logprobs": ["b"]}]):
        made = ChatCompletion.construct(**body, choices=[{**choice, "logprobs": {"content": content}}])
        with StubEndpoint("x") as stub:
            answer = read(made, stub.endpoint(), 1.0)
        assert answer.text == "four"
        assert "margin" not in answer.signals


def test_hidden_reasoning_is_billed_once():
    """Reasoning tokens inside the completion are not added again; those beside it are."""
    with StubEndpoint(Reply(text="x", usage=(1, 50), reasoning_tokens=40)) as stub:
        assert ask_sync(stub.endpoint(), "?").tokens_out == 50
    with StubEndpoint(Reply(text="x", usage=(1, 5), reasoning_tokens=40)) as stub:
        answer = ask_sync(stub.endpoint(), "?")
    assert (answer.tokens_out, answer.tokens_reasoning) == (45, 40)


def test_unknown_price_and_missing_usage_make_an_unknown_cost():
    """What is not known is NaN and never zero; a flat price needs no tokens."""
    with StubEndpoint(Reply(text="x", usage=None)) as stub:
        assert math.isnan(ask_sync(stub.endpoint(), "?").cost_usd)
        assert ask_sync(stub.endpoint(card=ModelCard(name="a", price_usd_per_query=0.5)), "?").cost_usd == 0.5
    with StubEndpoint("x") as stub:
        assert math.isnan(ask_sync(stub.endpoint(card=ModelCard(name="a")), "?").cost_usd)


def test_hours_are_billed_by_measured_seconds():
    """A rented machine costs its rate times the latency."""
    assert cost_usd(ModelCard(name="a", price_usd_per_hour=3600.0), math.nan, math.nan, 0.25) == pytest.approx(0.25)


@pytest.mark.parametrize(
    ("reply", "kind", "words"),
    [
        (Reply(status=401, error={"message": "bad key"}), EndpointAuthError, "refused the key (401)"),
        (Reply(status=403), EndpointAuthError, "(403)"),
        (Reply(status=404, error={"message": "no model"}), EndpointNotFoundError, "It says: no model"),
        (Reply(status=429), EndpointBusyError, "fewer calls"),
        (Reply(status=500), EndpointBusyError, "trouble of its own"),
        (Reply(status=400, error={"message": "odd"}), EndpointAnswerError, "refused the request (400). Check"),
        (Reply(status=302, headers={"Location": "http://127.0.0.1:9/v1"}, raw="moved"), EndpointAnswerError, "not followed"),
        (Reply(raw="{not json"), EndpointAnswerError, "format"),
        (Reply(raw="plain", headers={"Content-Type": "text/plain"}), EndpointAnswerError, "without choices"),
        (Reply(no_choices=True), EndpointAnswerError, "without choices"),
    ],
)
def test_each_failure_has_its_error_and_a_way_out(reply, kind, words):
    """Every failure of the openai package becomes one of this project's errors, naming the endpoint."""
    with StubEndpoint(reply) as stub, pytest.raises(kind) as caught:
        ask_once(stub)
    assert words in str(caught.value)
    assert stub.base_url in str(caught.value)
    assert type(caught.value) is kind


def test_no_answer_in_time_is_a_timeout():
    """A call that takes longer than allowed is a timeout that says how long it waited."""
    with StubEndpoint(Reply(text="late", delay_s=0.6)) as stub, pytest.raises(EndpointTimeoutError, match=r"within 0.1 s"):
        ask_once(stub, timeout_s=0.1)


def test_an_address_where_nobody_listens_cannot_be_reached():
    """A refused connection is said as such, and nothing is booked for it."""
    with StubEndpoint() as stub:
        endpoint = stub.endpoint()
    budget = Budget(1.0)
    with pytest.raises(EndpointTimeoutError, match="cannot be reached"):
        ask_sync(endpoint, "?", budget=budget, retries=0)
    assert (budget.spent_usd, budget.calls, budget.in_flight) == (0.0, 0, 0)


def test_unforeseen_errors_of_the_package_are_mapped_too():
    """An error of the openai package that nobody thought of is still an EndpointError."""
    import openai

    with StubEndpoint() as stub:
        endpoint = stub.endpoint()
    assert isinstance(mapped(openai.OpenAIError("odd"), endpoint), EndpointAnswerError)


def test_busy_endpoints_are_asked_again_after_the_time_they_name():
    """A 429 is tried again after its retry-after, in seconds or milliseconds, then with growing pauses."""
    naps = Naps()
    first = [
        Reply(status=429, headers={"retry-after": "7"}),
        Reply(status=503, headers={"retry-after-ms": "250"}),
        Reply(status=500, headers={"retry-after": "soon"}),
    ]
    with StubEndpoint("fine", first=first) as stub:
        answer = ask_once(stub, retries=3, naps=naps)
    assert (answer.text, answer.tries, len(stub.calls)) == ("fine", 4, 4)
    assert naps.asked[:2] == [7.0, 0.25]
    assert 1.0 <= naps.asked[2] <= 3.0


def test_retries_end_and_are_not_made_where_they_cannot_help():
    """The last error is raised after the last try; a refused key and a wait beyond a minute are not tried again."""
    with StubEndpoint(Reply(status=500)) as stub:
        with pytest.raises(EndpointBusyError):
            ask_once(stub, retries=2)
        assert len(stub.calls) == 3
    with StubEndpoint(Reply(status=401)) as stub:
        with pytest.raises(EndpointAuthError):
            ask_once(stub, retries=2)
        assert len(stub.calls) == 1
    with StubEndpoint(Reply(status=429, headers={"retry-after": "3600"})) as stub:
        with pytest.raises(EndpointBusyError):
            ask_once(stub, retries=2)
        assert len(stub.calls) == 1


@pytest.mark.parametrize(
    ("refused", "gone", "instead"),
    [("logprobs", "top_logprobs", None), ("temperature", "temperature", None), ("max_tokens", "max_tokens", "max_completion_tokens")],
)
def test_a_refused_parameter_is_left_out_from_then_on(refused, gone, instead):
    """An endpoint that refuses log-probs, a temperature or max_tokens is asked without, and this is remembered for it."""

    async def twice(endpoint):
        async with Caller(retries=0) as caller:
            first = await caller.ask(endpoint, "a")
            await caller.ask(endpoint, "b")
            return first, caller.refused(endpoint)

    with StubEndpoint("fine", refuses=[refused]) as stub:
        first, remembered = asyncio.run(twice(stub.endpoint()))
    assert first.text == "fine"
    assert remembered == {refused}
    assert len(stub.calls) == 3
    assert gone not in stub.calls[-1].body
    assert instead is None or stub.calls[-1].body[instead] == 16


def test_the_key_goes_to_its_endpoint_and_into_no_text(monkeypatch, caplog):
    """The typed key is sent, headers of other services are not, and neither logs nor errors repeat it."""
    monkeypatch.setenv("OPENAI_ORG_ID", "org-of-another-service")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-another-service")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "X-Private: of-another-service")
    caplog.set_level(logging.DEBUG)
    keys = KeyRing()
    with StubEndpoint("fine", key=SECRET) as stub:
        keys.put(stub.endpoint(), SECRET)
        answer = ask_once(stub, keys=keys)
        assert stub.calls[0].headers["authorization"] == f"Bearer {SECRET}"
        assert "another-service" not in json.dumps(dict(stub.calls[0].headers))
    with StubEndpoint(Reply(status=401, error={"message": f"wrong key {SECRET}"})) as stub:
        keys.put(stub.endpoint(), SECRET)
        with pytest.raises(EndpointAuthError) as caught:
            ask_once(stub, keys=keys)
    assert "[key]" in str(caught.value)
    assert SECRET not in str(caught.value) + repr(answer) + caplog.text


def test_no_key_means_no_authorization():
    """An endpoint without a key gets none, not even one from the environment."""
    with StubEndpoint("fine") as stub:
        ask_once(stub)
    assert "authorization" not in stub.calls[0].headers


def test_a_call_to_another_address_is_stopped():
    """The guard lets no request to a foreign address leave."""
    import httpx2

    with StubEndpoint() as stub:
        endpoint = stub.endpoint()
    with pytest.raises(EndpointAnswerError, match="stopped"):
        asyncio.run(_guard(endpoint, SECRET)(httpx2.Request("POST", "https://elsewhere.example.com/v1")))


def test_the_budget_books_what_a_call_cost():
    """A settled call is booked at its cost, a refused one not at all, one without an answer at its worst case."""
    budget = Budget(1.0)
    with StubEndpoint(Reply(text="x", usage=(100, 10))) as stub:
        ask_once(stub, budget=budget)
    assert (budget.spent_usd, budget.calls) == (pytest.approx(120e-6), 1)
    with StubEndpoint(Reply(status=429)) as stub, pytest.raises(EndpointBusyError):
        ask_once(stub, budget=budget)
    assert (budget.spent_usd, budget.calls) == (pytest.approx(120e-6), 1)
    with StubEndpoint(Reply(delay_s=0.5)) as stub, pytest.raises(EndpointTimeoutError):
        ask_once(stub, budget=budget, timeout_s=0.1)
    with StubEndpoint(Reply(no_choices=True)) as stub, pytest.raises(EndpointAnswerError):
        ask_once(stub, budget=budget)
    assert budget.spent_usd > 240e-6
    assert (budget.calls, budget.in_flight) == (3, 0)


def test_a_call_over_the_cap_is_not_sent():
    """A call whose worst case is above what is left is refused before anything is sent."""
    with StubEndpoint() as stub:
        with pytest.raises(BudgetError, match="cap"):
            ask_once(stub, budget=Budget(0.0))
        assert stub.calls == []


def test_the_short_forms_ask_too():
    """`ask` does inside a loop what `ask_sync` does outside."""
    with StubEndpoint("fine") as stub:
        assert asyncio.run(ask(stub.endpoint(), "?")).text == "fine"


def test_every_error_says_whether_another_try_makes_sense():
    """Busy and late are worth another try, the rest is not."""
    worth = {kind for kind in EndpointError.__subclasses__() if kind.retryable}
    assert worth == {EndpointBusyError, EndpointTimeoutError}
