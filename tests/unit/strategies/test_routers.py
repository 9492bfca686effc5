"""The neighbours router and the lambda base that it stands on."""

from dataclasses import replace

import numpy as np
import pytest

from data.problems import ProblemError
from strategies import find, frontier, replay
from strategies.lagrangian import LambdaRouter, best
from strategies.proving import proving_parts
from tests.worlds import NAN, by_hand, proving_ground, unpriced, without

KNN = find("knn-router")
PARTS = proving_parts()


def told(quality, cost):
    """Return a router that expects these (n, M) matrices, and a table of the same shape with these as its facts."""

    class Told(LambdaRouter):
        card = replace(KNN.card, id="told", needs=frozenset())

        def estimate(self, view):
            return np.array(quality, dtype=float), np.array(cost, dtype=float)

    return Told, by_hand(np.clip(quality, 0, 1), cost=cost)


def test_at_zero_it_takes_the_best_estimate_and_at_infinity_the_cheapest():
    """Lambda = 0 gives argmax q-hat, a huge lambda argmin c-hat; ties go to the cheaper model."""
    kind, table = told([[0.9, 0.8, 0.1], [0.5, 0.5, 0.5], [0.1, 0.2, 0.9]], [[9, 3, 1], [2, 1, 3], [1, 2, 9]])
    assert replay(kind(), table).answer.tolist() == [0, 1, 2]
    assert replay(kind(lam=1e9), table).answer.tolist() == [2, 1, 0]
    assert replay(kind(lam=0.1), table).answer.tolist() == [1, 1, 0]


def test_what_has_no_estimate_is_no_choice():
    """A model of unknown quality or cost is never chosen, at 0 or above, on the curve or off it."""
    kind, table = told([[NAN, 0.5, 0.9], [0.9, 0.1, NAN]], [[1, 2, NAN], [3, 2, 1]])
    for lam in (0.0, 1.0, 1e9):
        assert replay(kind(lam=lam), table).answer.tolist()[0] == 1
    assert replay(kind(), table).answer.tolist() == [1, 0]
    assert replay(kind(lam=1e9), table).answer.tolist() == [1, 1]
    curve = frontier(kind(), table)
    assert curve.answered[:, 0].tolist() == [0.5, 0.5, 0]
    assert curve.answered[:, -1].tolist() == [0, 1, 0]


def test_the_score_is_the_value_of_the_chosen_model():
    """Shown beside the decision: estimated quality minus lambda times estimated cost."""
    kind, table = told([[0.9, 0.8]], [[9, 3]])
    assert replay(kind(lam=0.1), table).score(0) == pytest.approx([0.5])


def test_best_breaks_ties_by_cost_then_by_order():
    """Equal values go to the cheaper, equal costs to the first, nothing known to the cheapest."""
    value = np.array([[1.0, 1.0, 0.0], [1.0, 1.0, 1.0], [NAN, NAN, NAN], [NAN, 0.0, -np.inf]])
    cost = np.array([[2.0, 1.0, 0.0], [1.0, 1.0, NAN], [3.0, 2.0, NAN], [0.0, 1.0, 1.0]])
    assert best(value, cost).tolist() == [1, 0, 1, 1]


def test_with_all_neighbours_it_is_query_blind():
    """K = n: every query has the same expectations, the single models' means, so each lambda picks one vertex of the Zero router."""
    fit, test = PARTS.fit, PARTS.test
    policy = KNN(k=512).fit(fit)
    curve = frontier(policy, test)
    chosen = {tuple(np.flatnonzero(column > 0)) for column in curve.answered.T}
    assert all(len(who) == 1 for who in chosen)
    zero = find("zero-router")().fit(fit)
    assert {test.models[who[0]] for who in chosen} == {str(name) for name in zero.state["names"]}


def test_with_one_neighbour_and_perfect_likeness_it_is_the_oracle_of_the_fit_part():
    """K = 1 on the fit part itself finds each query's own outcomes: the cheapest of the best."""
    fit = PARTS.fit
    run = replay(KNN(k=1).fit(fit), fit)
    oracle = replay(find("oracle")(), fit)
    assert np.array_equal(run.quality, oracle.quality)
    assert np.array_equal(run.answer, oracle.answer)


def test_cost_and_expected_quality_fall_as_lambda_rises():
    """The expected cost of the choice and its expected quality never rise along the curve."""
    policy = KNN(k=12).fit(PARTS.fit)
    quality, cost = policy.estimate(view_of(PARTS.test))
    rows = np.arange(len(PARTS.test))
    spent = []
    for lam in frontier(policy, PARTS.test).setting:
        answer = replay(replace(policy, lam=float(lam)), PARTS.test).answer
        spent.append((cost[rows, answer].sum(), quality[rows, answer].sum()))
    falls = np.diff(np.array(spent), axis=0)
    assert (falls <= 1e-9).all()
    assert len(spent) > 10


def view_of(table):
    """Return the loop's view of all queries before any call."""
    from strategies.engines.loop import LoopView, State
    from strategies.engines.recorded import Columns

    return LoopView(State(Columns(table)), 0)


def test_neighbours_means_ignore_unknown_cells():
    """A hole is left out of its model's mean; a model unknown to all neighbours has no estimate."""
    table = by_hand([[1, NAN, 0], [0, NAN, 1], [0.5, NAN, NAN]], cost=[[1, 2, 3], [3, 2, NAN], [5, 2, 3]])
    table = table.with_feature("embedding", np.eye(3, dtype=np.float32)[[0, 0, 0]])
    quality, cost = KNN(k=3).fit(table).estimate(view_of(table))
    assert quality[0] == pytest.approx([0.5, NAN, 0.5], nan_ok=True)
    assert cost[0] == pytest.approx([3, 2, 3])


def test_what_the_router_lacks_is_said():
    """Embeddings, prompts to make them from, prices."""
    table = PARTS.fit
    assert KNN().missing(table) == ""
    assert "embeddings" in KNN().missing(without(table, "features"))
    assert "prompts" in KNN().missing(without(table, "features", "prompts"))
    assert "prices" in KNN().missing(unpriced(table))
    with pytest.raises(ProblemError, match="needs costs"):
        KNN().fit(unpriced(table))
    with pytest.raises(ProblemError, match="Compute the embeddings"):
        KNN().fit(without(table, "features"))


def test_neighbours_lift_a_router_above_the_random_mix():
    """On a world where prompts tell what is hard, the router's best chord gain over the Zero router is real."""
    table = proving_ground(900, 3, seed=5)
    parts = table.split(seed=0)
    curve = frontier(KNN(k=20).fit(parts.fit), parts.test)
    weak, strong = (replay(find(kind)().fit(parts.fit), parts.test).summary() for kind in ("cheapest", "priciest"))
    share = (curve.cost_usd - weak.cost_usd) / (strong.cost_usd - weak.cost_usd)
    assert (curve.quality - (weak.quality + share * (strong.quality - weak.quality))).max() > 0.03
