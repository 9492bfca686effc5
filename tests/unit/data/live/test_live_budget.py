"""The cap holds, whatever happens at once."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.live.budget import Budget, worst_case_usd
from data.live.collect import collect
from data.live.endpoints import Endpoint
from data.live.estimate import estimate, require_prices
from data.models import ModelCard
from data.problems import BudgetError, ProblemError
from data.queries import QuerySet
from data.scoring.base import find
from tests.stub_endpoint import Reply, StubEndpoint


def endpoint(**card):
    """Return an endpoint with this price."""
    return Endpoint(
        name="m", base_url="http://127.0.0.1:1/v1", model_id="m", card=ModelCard(name="m", **card), max_tokens=10, timeout_s=36.0
    )


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1), st.sampled_from(["settle", "release", "keep"])), max_size=40), st.floats(0, 3))
def test_spent_and_reserved_never_pass_the_cap(calls, limit):
    """Whatever is reserved, settled at or below its worst case, or released: spent + reserved stays within the cap."""
    budget = Budget(limit)
    for worst, share, end in calls:
        try:
            ticket = budget.reserve(worst)
        except BudgetError:
            continue
        if end == "settle":
            budget.settle(ticket, worst * share)
        elif end == "release":
            budget.release(ticket)
        assert budget.spent_usd + budget.reserved_usd <= limit + 1e-9


@settings(max_examples=8, deadline=None)
@given(st.integers(1, 6), st.floats(0.00002, 0.001), st.integers(0, 3))
def test_a_batch_never_spends_more_than_its_cap(concurrency, limit, seed):
    """Many calls at once over HTTP, completing in any order, stop below the cap and leave holes."""
    queries = QuerySet.build([str(i) for i in range(12)], prompts=[f"question {i}" for i in range(12)], references=["ok"] * 12)
    with StubEndpoint(Reply(text="ok", usage=(40, 16)), shuffle_s=0.01, seed=seed) as stub:
        budget = Budget(limit)
        found = collect(queries, [stub.endpoint(max_concurrency=6)], find("exact"), budget, concurrency=concurrency)
        billed = len(stub.calls) * (40 + 32) * 1e-6
    assert budget.spent_usd == pytest.approx(billed)
    assert billed <= limit + 1e-12
    assert found.report.ending == ("budget" if found.report.not_reached else "finished")
    assert int(sum(math.isnan(q) for q in found.table.quality(0))) == found.report.not_reached == 12 - len(stub.calls)


def test_the_worst_case_is_at_least_what_any_price_rule_bills():
    """Tokens, hours and flat prices each give a bound; no price gives NaN."""
    assert worst_case_usd(endpoint(price_in_usd_per_mtok=1.0, price_out_usd_per_mtok=10.0), "é" * 5) == pytest.approx(
        (10 + 64 + 100) * 1e-6
    )
    assert worst_case_usd(endpoint(price_usd_per_hour=100.0), "x") == pytest.approx(1.0)
    assert worst_case_usd(endpoint(price_usd_per_query=0.25), "x") == 0.25
    assert math.isnan(worst_case_usd(endpoint(), "x"))


def test_a_cap_by_calls_allows_unknown_prices():
    """Without a price only a cap by calls lets calls through, and their cost stays unknown."""
    with pytest.raises(BudgetError, match="not known"):
        Budget(1.0).reserve(math.nan)
    budget = Budget(1.0, max_calls=1)
    budget.settle(budget.reserve(math.nan), math.nan)
    assert (budget.spent_usd, budget.unknown, budget.calls) == (0.0, 1, 1)
    with pytest.raises(BudgetError, match="cap of 1 calls"):
        budget.reserve(0.0)


def test_a_cost_that_stays_unknown_is_booked_at_its_worst_case():
    """A priced call without a bill counts as the most that it can have cost."""
    budget = Budget(1.0)
    budget.settle(budget.reserve(0.4), math.nan)
    assert budget.spent_usd == 0.4


def test_a_call_is_settled_once():
    """Settling a call twice is a mistake in the program and is said so."""
    budget = Budget(1.0)
    ticket = budget.reserve(0.1)
    budget.settle(ticket, 0.1)
    with pytest.raises(RuntimeError, match="settled before"):
        budget.settle(ticket, 0.1)


@pytest.mark.parametrize("arguments", [{"limit_usd": -1.0}, {"limit_usd": math.nan}, {"max_calls": -1}])
def test_a_negative_cap_is_refused(arguments):
    """A cap below zero, or none at all by NaN, is refused."""
    with pytest.raises(ProblemError):
        Budget(**arguments)


def test_the_estimate_counts_calls_tokens_and_dollars():
    """Calls and tokens add up, low assumes one token an answer, high the longest answers."""
    queries = QuerySet.build(["a", "b"], prompts=["x" * 40, "y" * 41])
    found = estimate(queries, [endpoint(price_in_usd_per_mtok=1.0, price_out_usd_per_mtok=2.0)], samples=3)
    part = found.endpoints[0]
    assert (part.calls, part.tokens_in, part.tokens_out_bound) == (6, 63, 60)
    assert found.low_usd == pytest.approx((63 + 2 * 6) * 1e-6)
    assert found.high_usd == pytest.approx((63 + 2 * 60) * 1e-6)
    assert found.calls == 6
    assert found.sentence() == "6 calls, about $0.0001 to $0.0002."


def test_the_estimate_says_what_it_does_not_know():
    """An unknown price makes an unknown sum; hours have an upper bound only; no prompts cost nothing."""
    queries = QuerySet.build(["a"], prompts=["x"])
    assert estimate(queries, [endpoint()]).unknown == ("m",)
    assert estimate(queries, [endpoint()]).sentence() == "1 calls; the price of m is not known."
    hours = estimate(queries, [endpoint(price_usd_per_hour=100.0)])
    assert math.isnan(hours.low_usd)
    assert hours.high_usd == pytest.approx(1.0)
    assert hours.sentence() == "1 calls, about $1.0000."
    assert estimate(QuerySet.build(["a"]), [endpoint(price_usd_per_query=1.0)]).high_usd == 0.0


def test_no_price_no_start():
    """Spending does not start on an unknown price, unless the calls are capped."""
    with pytest.raises(ProblemError, match="cap by calls"):
        require_prices([endpoint()], Budget(1.0))
    require_prices([endpoint()], Budget(1.0, max_calls=5))
    require_prices([endpoint(price_usd_per_query=0.0)], Budget(1.0))
