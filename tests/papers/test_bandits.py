"""Bandits without context: their rules by hand, and how their regret grows (arXiv 2410.06238; Auer et al. 2002; arXiv 1111.1797)."""

from dataclasses import replace

import numpy as np
import pytest

from data.problems import ProblemError
from strategies import find, replay
from strategies.engines.online import stream
from strategies.metrics.regret import cumulative_regret, growth
from tests.embedded import at_points, drawn_right, view_of
from tests.worlds import NAN, by_hand, unpriced

TALLY = {"names": np.array(["a", "b"]), "price": np.array([0.1, 1.0]), "count": np.array([4.0, 6.0]), "total": np.array([2.0, 4.5])}
TWO = by_hand([[1, 0]] * 5, cost=[[1, 10]] * 5)


def test_ucb_by_hand():
    """Means 0.5 and 0.75, t = 10: bonuses sqrt(2 ln 10 / 4) = 1.0730 and sqrt(2 ln 10 / 6) = 0.8761; p = 0.2 takes 0.02 and 0.2 off."""
    value = find("ucb")(weight=0.2, state=TALLY).value(view_of(TWO))
    assert value[0] == pytest.approx([0.5 + 1.0730 - 0.02, 0.75 + 0.8761 - 0.2], abs=1e-4)
    assert replay(find("ucb")(weight=0.2, state=TALLY), TWO).answer[0] in (0, 1)
    assert find("ucb")(alpha=0.0, state=TALLY).value(view_of(TWO))[0] == pytest.approx([0.5, 0.75])


def test_thompson_draws_from_the_beliefs():
    """Beta(3, 3) and Beta(5.5, 2.5): means 0.5 and 0.6875 over 4,000 queries, deviations by the Beta's formula; the same again."""
    many = by_hand([[1, 0]] * 4000, cost=[[1, 10]] * 4000)
    policy = find("thompson")(state=TALLY)
    drawn = policy.value(view_of(many))
    assert drawn.mean(axis=0) == pytest.approx([0.5, 0.6875], abs=0.01)
    spread = [np.sqrt(a * b / ((a + b) ** 2 * (a + b + 1))) for a, b in ((3, 3), (5.5, 2.5))]
    assert drawn.std(axis=0) == pytest.approx(spread, abs=0.005)
    assert np.array_equal(drawn, policy.value(view_of(many)))
    assert not np.array_equal(drawn, policy.value(view_of(many, seed=1)))


def test_epsilon_greedy_by_hand():
    """The better mean but for a share epsilon, half of which falls on either model; falling divides it by sqrt(10 answers)."""
    many = by_hand([[1, 0]] * 8000, cost=[[1, 10]] * 8000)
    for decay, share in (("constant", 0.4), ("falling", 0.4 / np.sqrt(10))):
        chosen = find("epsilon-greedy")(epsilon=0.4, decay=decay, state=TALLY).decide(view_of(many)).call
        assert (chosen == 0).mean() == pytest.approx(share / 2, abs=0.01)
    assert (find("epsilon-greedy")(epsilon=0.0, weight=1.0, state=TALLY).decide(view_of(many)).call == 0).all()
    assert not np.isin(
        find("epsilon-greedy")(epsilon=0.5, state={**TALLY, "price": np.array([0.1, np.nan])}).decide(view_of(many)).call, 1
    ).any()


@pytest.mark.parametrize("name", ["ucb", "epsilon-greedy"])
def test_each_model_is_tried_once_the_cheapest_first(name):
    """From a cold start the first arrivals go round; a reward that is not known is no try."""
    table = by_hand([[0, 0, 0]] * 3 + [[NAN, 1, 1]], cost=[[3, 1, 2]] * 4)
    policy = find(name)(start="cold", **({"epsilon": 0.0} if name != "ucb" else {})).fit(table.take(np.arange(4), "fit"))
    streamed = stream(policy, table, order=np.arange(4))
    assert streamed.run.answer[:3].tolist() == [1, 2, 0]
    assert stream(policy, table.take(np.array([3, 0])), order=np.arange(2)).policy.state["count"].sum() == 2
    hidden = stream(policy, by_hand([[NAN] * 3] * 2, cost=[[3, 1, 2]] * 2), order=np.arange(2))
    assert hidden.run.answer.tolist() == [1, 1]
    assert hidden.policy.state["count"].sum() == 0


def test_a_warm_start_is_the_fit_part():
    """Counts and sums of the known cells; without costs there is no bandit, and it says so."""
    table = by_hand([[1, 0.5], [0, NAN], [1, 1]], cost=[[1, 4]] * 3, role="fit")
    state = find("ucb")().fit(table).state
    assert (state["count"].tolist(), state["total"].tolist(), state["price"].tolist()) == ([3, 2], [2, 1.5], [0.25, 1])
    assert "prices" in find("ucb")().missing(unpriced(table))
    with pytest.raises(ProblemError, match="needs costs"):
        find("ucb")().fit(unpriced(table))


def test_regret_by_hand():
    """Losses 0.2, 0, 0.2 add up; t^0.5 and t are found again, and nothing lost has no growth."""
    assert cumulative_regret([0.5, 0.7, 0.5], 0.7) == pytest.approx([0.2, 0.2, 0.4])
    t = np.arange(1, 5001)
    assert growth(3 * np.sqrt(t)) == pytest.approx((3, 0.5))
    assert growth(0.1 * t).b == pytest.approx(1)
    assert growth(np.maximum(t, 1000), since=0.5).b == pytest.approx(1)
    assert growth(np.maximum(t, 1000)).b < 0.9
    assert np.isnan(growth(np.zeros(500))).all()
    with pytest.raises(ProblemError, match="too few"):
        growth(np.ones(99))


@pytest.fixture(scope="module")
def two_arms():
    """Give 6,000 queries on two models right with chances 0.5 and 0.7, at the same price."""
    n = 6000
    return at_points(np.zeros((n, 1)), drawn_right(np.tile([0.5, 0.7], (n, 1)), 7), cost=[[1, 1]] * n)


def exponent(table, name, **knobs):
    """Return b of the pseudo-regret a * t^b of a learner that starts with nothing."""
    policy = find(name)(start="cold", **knobs).fit(table.take(np.arange(10), "fit"))
    streamed = stream(policy, table)
    expected = np.array([0.5, 0.7])[streamed.run.answer[streamed.order]]
    return growth(cumulative_regret(expected, 0.7), since=0.25).b


def test_regret_grows_slower_than_time_for_those_that_stop_trying(two_arms):
    """D12, gap 0.2: b < 0.8 for Thompson and UCB, 1 for a constant epsilon, below it when epsilon falls."""
    slow = {name: exponent(two_arms, name) for name in ("thompson", "ucb")}
    assert max(slow.values()) < 0.8, slow
    constant = exponent(two_arms, "epsilon-greedy", epsilon=0.2)
    assert constant == pytest.approx(1, abs=0.1)
    assert exponent(two_arms, "epsilon-greedy", epsilon=0.2, decay="falling") < constant - 0.2


def test_models_that_are_new_since_the_fit_are_left_alone(two_arms):
    """A table with a further model, in another order, is decided by names; what the new one does is not learnt."""
    policy = find("ucb")().fit(two_arms.take(np.arange(300), "fit"))
    table = by_hand([[1, 1, 0]] * 40, models=("new", "b", "a"), cost=[[0.1, 1, 1]] * 40)
    streamed = stream(policy, table)
    assert set(streamed.run.answer.tolist()) <= {1, 2}
    counts = policy.state["count"] + np.bincount(streamed.run.answer, minlength=3)[[2, 1]]
    assert streamed.policy.state["count"].tolist() == counts.tolist()
    assert replace(policy, seed=1).fit(two_arms.take(np.arange(300), "fit")).state["count"].tolist() == policy.state["count"].tolist()
