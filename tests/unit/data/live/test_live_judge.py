"""A judge in front, over HTTP: what it is asked, how its reply is read, and what of it a table keeps."""

import math
from dataclasses import replace

import numpy as np
import pytest

from data.live.asker import Asker
from data.live.budget import Budget
from data.live.call import Answer, ask_sync
from data.live.endpoints import Endpoint
from data.live.judge import Judge, Opinion, judged, opinion_of, said_label
from data.problems import BudgetError, EndpointError, ProblemError
from data.stores.columns import open_table, save
from tests.stub_endpoint import Reply, StubEndpoint
from tests.worlds import by_hand

SILENT = Opinion().chances


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("4", 4), (" 3\n", 3), ("**5**", 5), ("Rating: 2.", 2), ("4/5", 4), ("1 out of 5", 1), ("I'd say 4. Yes, 4.", 4), ("5/5", 5),
        ("", None), ("good", None), ("0", None), ("6", None), ("45", None), ("3.5", None), ("3,5", None), ("3 or 4", None), ("-", None),
        ("10/5", None), ("4/50", None), ("4/5.5", None),
    ],
)  # fmt: skip
def test_the_label_that_a_reply_names(text, label):
    """One whole number from 1 to 5, however dressed; another, several or none is no label."""
    assert said_label(text) == label


def test_chances_are_the_labels_shares_of_the_first_token():
    """Digits with and without white space add up, other words are left out, and what is left sums to 1."""
    likely = {"4": 0.3, " 4": 0.1, "3": 0.2, "The": 0.3, "7": 0.05, "44": 0.05}
    answer = Answer(text="4", alternatives=tuple((token, math.log(p)) for token, p in likely.items()))
    assert opinion_of(answer).chances == pytest.approx((0, 0, 1 / 3, 2 / 3, 0))


@pytest.mark.parametrize("alternatives", [(), (("Rating", -0.1), ("3", -3.0)), (("<think>", 0.0),)])
def test_without_the_said_digit_among_the_alternatives_all_mass_is_on_it(alternatives):
    """No log-probs, or a first token that is a word or a mark: they tell nothing about the digit that comes later."""
    assert opinion_of(Answer(text="Rating: 2", alternatives=alternatives)).chances == (0, 1, 0, 0, 0)


def test_a_reply_without_a_label_is_paid_and_says_nothing():
    """Its chances are not known, its price is; log-probs cannot mend it."""
    answer = Answer(text="It depends", cost_usd=0.25, latency_s=2.0, alternatives=(("4", -0.1),))
    opinion = opinion_of(answer)
    assert (opinion.chances, opinion.cost_usd, opinion.latency_s) == (SILENT, 0.25, 2.0)
    assert np.isnan(opinion.chances).all()


def asked(reply, *, question="What is one?", **stub):
    """Return the opinion of a stub that replies so, and the calls that arrived."""
    with StubEndpoint(reply, **stub) as judge:
        return opinion_of(Judge(judge.endpoint("j", extra={"stop": ["."]}), ask_sync).asked(question)), judge.calls


def test_over_http():
    """One call: the question in our words, more alternatives than usual, the endpoint's own fields; probabilities and price back."""
    top = {"5": 0.5, "4": 0.25, "3": 0.125, "2": 0.0625, "1": 0.03125, "I": 0.03}
    opinion, calls = asked(Reply(text="5", top=top, usage=(100, 1)))
    assert opinion.chances == pytest.approx([float(each) / 31 for each in (1, 2, 4, 8, 16)], rel=1e-6)
    assert opinion.cost_usd == pytest.approx(102e-6)
    assert opinion.latency_s > 0
    (call,) = calls
    assert "What is one?" in call.prompt
    assert "one digit from 1 to 5" in call.prompt
    assert (call.body["logprobs"], call.body["top_logprobs"], call.body["stop"]) == (True, 5, ["."])


def test_an_endpoint_that_refuses_log_probs_says_a_digit_only():
    """They are left out, and the alternatives with them; all mass on the digit. Prices that nobody gave stay unknown."""
    opinion, calls = asked(Reply(text="3", usage=None, top={"3": 0.9, "4": 0.1}), refuses=("logprobs",))
    assert opinion.chances == (0, 0, 1, 0, 0)
    assert math.isnan(opinion.cost_usd)
    assert [("top_logprobs" in call.body, "logprobs" in call.body) for call in calls] == [(True, True), (False, False)]


def test_braces_in_a_question_are_a_question():
    """A question may hold what looks like a format."""
    _, calls = asked("4", question="What does {question} {0} {} mean?")
    assert "What does {question} {0} {} mean?" in calls[0].prompt


def test_alternatives_are_kept_only_where_they_are_asked_for():
    """An ordinary call asks for two and keeps none."""
    with StubEndpoint(Reply(text="5", top={"5": 0.5, "4": 0.25, "3": 0.125})) as stub:
        plain, told = (ask_sync(stub.endpoint("m", extra=extra), "x") for extra in ({}, {"top_logprobs": 3}))
        assert [call.body["top_logprobs"] for call in stub.calls] == [2, 3]
    assert plain.alternatives == ()
    assert [token for token, _ in told.alternatives] == ["5", "4", "3"]
    assert plain.signals["margin"] == told.signals["margin"] == pytest.approx(0.25)


def test_the_budget_counts_the_judge_too():
    """The cap refuses the call before it is made; what fails at the endpoint is its error."""
    with StubEndpoint("4") as stub, Asker(budget=Budget(1.0, max_calls=1)) as asker:
        judge = Judge(stub.endpoint("j"), asker.ask)
        judge.asked("one")
        with pytest.raises(BudgetError):
            judge.asked("two")
        assert len(stub.calls) == 1
    with StubEndpoint(Reply(status=400, error={"message": "cannot"})) as stub, pytest.raises(EndpointError):
        Judge(stub.endpoint("j"), ask_sync).asked("one")


def test_one_alternative_is_refused():
    """Nothing could be compared."""
    with pytest.raises(ProblemError, match="at least 2 alternatives"):
        Judge(Endpoint(name="j", base_url="http://localhost:1/v1", model_id="j"), ask_sync, alternatives=1)


def test_a_table_keeps_the_opinions(tmp_path):
    """As three features, NaN where nobody was asked; they come back from disk as they were."""
    table = judged(by_hand([[0, 1]] * 2), {1: Opinion(chances=(0, 0.25, 0.25, 0.5, 0), cost_usd=0.5, latency_s=2.0)})
    again = open_table(save(table, tmp_path / "kept"))
    for kept in (table, again):
        assert kept.features["judge"][1].tolist() == [0, 0.25, 0.25, 0.5, 0]
        assert (kept.features["cost_usd:judge"][1], kept.features["latency_s:judge"][1]) == (0.5, 2.0)
        assert kept.fingerprint == table.fingerprint
        assert all(np.isnan(kept.features[name][0]).all() for name in ("judge", "cost_usd:judge", "latency_s:judge"))


def test_a_judged_table_is_another_table():
    """What a judge said and took are facts: caches and kept sets tell the tables apart. What follows from the queries is none."""
    plain = by_hand([[0, 1]] * 2)
    opinions = [{}, {0: Opinion(chances=(0, 0, 0, 0, 1))}, {0: Opinion(chances=(0, 0, 0, 0, 1), cost_usd=0.5)}]
    tables = [plain, *(judged(plain, said) for said in opinions)]
    assert len({table.fingerprint for table in tables}) == 4
    assert judged(tables[3], opinions[1]).fingerprint == tables[2].fingerprint
    vectors = np.ones((2, 3), np.float32)
    assert plain.with_feature("embedding", vectors).fingerprint == plain.fingerprint
    assert replace(plain, features={"embedding": vectors}, stored_fingerprint="").fingerprint == plain.fingerprint
