"""Calls from ordinary code."""

import pytest

from data.live.asker import Asker
from data.live.budget import Budget
from data.live.call import Answer
from data.problems import BudgetError, EndpointBusyError, EndpointNotFoundError
from tests.stub_endpoint import Reply, StubEndpoint


def test_answers_come_back_in_the_order_of_the_requests():
    """Several at once, completing in any order, each in its place; a failure stands in its own."""

    def answer(prompt, _model):
        return Reply(status=404) if prompt == "5" else Reply(text=prompt)

    with StubEndpoint(answer, shuffle_s=0.03, seed=1) as stub, Asker(concurrency=4, retries=0) as asker:
        found = asker.ask_all([(stub.endpoint(), str(i)) for i in range(10)])
        assert stub.completed != sorted(stub.completed)
        assert 1 < stub.most_at_once <= 4
    assert [a.text if isinstance(a, Answer) else type(a) for a in found] == [
        "0",
        "1",
        "2",
        "3",
        "4",
        EndpointNotFoundError,
        "6",
        "7",
        "8",
        "9",
    ]


def test_one_question_is_asked_and_failures_are_raised():
    """`ask` returns the answer, passes the seed on, and raises what went wrong."""
    with StubEndpoint("fine", first=[Reply(status=500)]) as stub, Asker(retries=0) as asker:
        with pytest.raises(EndpointBusyError):
            asker.ask(stub.endpoint(), "?")
        assert asker.ask(stub.endpoint(), "?", seed=3).text == "fine"
        assert stub.calls[-1].body["seed"] == 3
        asker.close()
        asker.close()


def test_its_budget_holds_for_all_calls():
    """Calls over the cap come back as the budget's refusal."""
    budget = Budget(1.0, max_calls=2)
    with StubEndpoint("fine") as stub, Asker(budget=budget) as asker:
        found = asker.ask_all([(stub.endpoint(), "?")] * 3)
        assert len(stub.calls) == 2
    assert sum(isinstance(a, BudgetError) for a in found) == 1
    assert budget.calls == 2
