"""MetaLLM (arXiv 2407.10834) and LinUCB (arXiv 1003.0146): steps by hand, Sherman-Morrison, and when looking at the query pays."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.linear_model import Ridge

from data.problems import ProblemError
from data.simulator import SimModel, Topic, World, simulate
from strategies import find, replay
from strategies.engines.online import stream
from tests.embedded import at_points, drawn_right, scattered, view_of
from tests.worlds import NAN, without

META = find("metallm")


def by_hand(**knobs):
    """Return a policy that knows nothing of two models, prices .1 and 1; x = (1, first entry of the embedding)."""
    eye = np.tile(np.eye(2), (2, 1, 1))
    return META(**knobs).with_state(
        names=np.array(["a", "b"]), price=np.array([0.1, 1.0]), component_of=np.array("embedding"), centre=np.zeros(2),
        components=np.array([[1.0, 0.0]]), a=eye, inverse=eye, right=np.zeros((2, 2)), paid=np.zeros((2, 2)),
    )  # fmt: skip


def test_steps_by_hand():
    """Three queries, alpha 1, p = 0.5; every number of the three decisions and of the lines after them.

    1: x = (1, 1). Nothing is known: both 0 + sqrt(2); the cheaper a. Right: r = 1 - 0.5 * 0.1 = 0.95.
       A_a = [[2, 1], [1, 2]], theta_a = (0.95, 0.95) [[2, -1], [-1, 2]] / 3 = (0.3167, 0.3167).
    2: x = (1, 0). a: 0.3167 + sqrt(2 / 3) = 1.1332; b: 0 + 1. a again, wrong: r = -0.05.
       A_a = [[3, 1], [1, 2]], b_a = (0.9, 0.95), theta_a = (0.9 * 2 - 0.95, 0.95 * 3 - 0.9) / 5 = (0.17, 0.39).
    3: x = (1, -1). a: 0.17 - 0.39 + sqrt((2 + 3 + 2) / 5) = 0.9632; b: sqrt(2) = 1.4142. b, right: r = 1 - 0.5 * 1 = 0.5.
    """
    table = at_points([[1, 0], [0, 0], [-1, 0]], [[1, 1], [0, 1], [0, 1]], cost=[[1, 10]] * 3)
    streamed = stream(by_hand(weight=0.5), table, order=np.arange(3))
    assert streamed.run.answer.tolist() == [0, 0, 1]
    assert streamed.run.score(0) == pytest.approx([np.sqrt(2), 0.95 / 3 + np.sqrt(2 / 3), np.sqrt(2)], abs=1e-6)
    state = streamed.policy.state
    assert state["a"].tolist() == [[[3, 1], [1, 2]], [[2, -1], [-1, 2]]]
    b = state["right"] - 0.5 * state["paid"]
    assert b == pytest.approx(np.array([[0.9, 0.95], [0.5, -0.5]]))
    assert np.linalg.solve(state["a"][0], b[0]) == pytest.approx([0.17, 0.39])
    assert META(weight=0.5, state=state).value(view_of(table))[2, 0] == pytest.approx(0.17 - 0.39 + np.sqrt(7 / 5))


def test_a_price_that_is_turned_is_the_price_that_was_learnt_with():
    """The two parts of b are kept apart: turning p on what was learnt gives the value that r = q - p * price would have given."""
    table = at_points([[1, 0], [0.5, 0]], [[1, 1], [1, 0]], cost=[[1, 10]] * 2)
    state = stream(by_hand(alpha=0.0), table, order=np.arange(2)).policy.state
    x = np.array([[1, 1], [1, 0.5]])
    rewards = np.array([1, 1]) - 2.0 * 0.1
    theta = np.linalg.solve(np.eye(2) + x.T @ x, x.T @ rewards)
    assert META(alpha=0.0, weight=2.0, state=state).value(view_of(table))[:, 0] == pytest.approx(x @ theta)


def test_sherman_morrison_is_the_direct_inverse():
    """After 1,000 updates the carried inverse equals the inverse of A to 1e-8; with a discount A keeps its ridge."""
    points = scattered(1000, 3, 12)
    table = at_points(points, drawn_right(np.full((1000, 2), 0.5), 4), cost=[[1, 2]] * 1000)
    fit = META(start="cold").fit(table.take(np.arange(200), "fit"))
    state = stream(fit, table, order=np.arange(1000)).policy.state
    assert state["a"][:, 0, 0].sum() == pytest.approx(2 + 1000)
    assert np.abs(state["inverse"] - np.linalg.inv(state["a"])).max() < 1e-8
    forgetful = stream(META(start="cold", gamma=0.9, state=fit.state), table, order=np.arange(1000)).policy.state
    assert np.linalg.eigvalsh(forgetful["a"]).min() > 1 - 1e-9
    assert forgetful["a"][:, 0, 0].max() == pytest.approx(1 + 10, abs=1e-6)
    assert np.abs(forgetful["inverse"] - np.linalg.inv(forgetful["a"])).max() < 1e-8


def test_without_hope_it_is_greedy_ridge():
    """With alpha = 0 it is scikit-learn's ridge without an intercept of its own, from a warm start over known cells only."""
    points = scattered(60, 1, 5)
    quality = drawn_right(np.full((60, 2), 0.5), 2)
    quality[7:20, 1] = NAN
    policy = META(alpha=0.0, ridge="12.94").fit(at_points(points, quality, cost=[[1, 2]] * 60, role="fit"))
    view = view_of(at_points(scattered(9, 5, 5), [[1, 1]] * 9, cost=[[1, 2]] * 9))
    from strategies.predictors.components import projected

    x = (points.astype(np.float32) - policy.state["centre"]) @ policy.state["components"].T
    x = np.column_stack([np.ones(60), x])
    assert (x[:, 1:] ** 2).sum(axis=1).mean() == pytest.approx(1, abs=1e-5)
    for m in (0, 1):
        known = ~np.isnan(quality[:, m])
        ridge = Ridge(alpha=12.94, fit_intercept=False).fit(x[known], quality[known, m])
        assert policy.value(view)[:, m] == pytest.approx(ridge.predict(projected(policy.state, view)), abs=1e-6)


def specialists(ex_ante, seed):
    """Return a simulated stream of two equally able models, each strong on one of two topics; `ex_ante` says what the query shows."""
    models = tuple(
        SimModel(name=name, ability=0.0, strengths=strong, price_in_usd_per_mtok=1, price_out_usd_per_mtok=1)
        for name, strong in (("left", (3.0, -3.0)), ("right", (-3.0, 3.0)))
    )
    world = World(
        name="two specialists", models=models, topics=(Topic(name="one"), Topic(name="two")), n=2000, seed=seed, ex_ante=ex_ante,
    )  # fmt: skip
    return simulate(world)


def one_for_all(seed):
    """Return a simulated stream on which one model is better everywhere, though queries show much."""
    models = (SimModel(name="weak", accuracy=0.4), SimModel(name="strong", accuracy=0.9))
    return simulate(World(name="one for all", models=models, n=2000, seed=seed, ex_ante=0.9))


def earned(name, table, **knobs):
    """Return the mean quality over the second half of the arrivals of a learner that starts with nothing."""
    parts = table.split(seed=0)
    policy = find(name)(start="cold", **knobs).fit(parts.fit)
    streamed = stream(policy, replace(parts.test, role="all"))
    late = streamed.order[len(streamed.order) // 2 :]
    return float(streamed.run.quality[late].mean(dtype=np.float64))


@pytest.mark.parametrize(
    ("make", "pays"),
    [(lambda seed: specialists(0.95, seed), True), (lambda seed: specialists(0.5, seed), False), (one_for_all, False)],
    ids=["context tells", "context is silent", "one model for all"],
)
def test_linucb_beats_context_free_learners_when_and_only_when_context_matters(make, pays):
    """With specialists and telling queries it earns 0.2 more than the best of the three; with silent queries or one best model, no more."""
    gaps = []
    for seed in range(2):
        table = make(seed)
        others = [earned("ucb", table), earned("thompson", table), earned("epsilon-greedy", table)]
        gaps.append(earned("metallm", table) - max(others))
    assert (np.mean(gaps) > 0.2) if pays else (np.mean(gaps) < 0.03), gaps


def test_a_discount_helps_under_drift_only():
    """Where the better model changes half way, forgetting earns more afterwards; where nothing changes it does not."""
    n = 1200
    points = scattered(n, 1)
    first = np.arange(n)[:, None] < n // 2
    for drifts in (True, False):
        chance = np.where(first | (not drifts), [[0.9, 0.3]], [[0.3, 0.9]])
        table = at_points(points, drawn_right(chance, 5), cost=[[1, 1]] * n)
        state = META(start="cold").fit(table.take(np.arange(n // 3), "fit")).state
        late = {}
        for gamma in (1.0, 0.95):
            run = stream(META(start="cold", gamma=gamma, state=state), table, order=np.arange(n)).run
            late[gamma] = run.quality[n // 2 :].mean()
        assert (late[0.95] - late[1.0] > 0.05) if drifts else (late[0.95] <= late[1.0]), late


def test_prices_come_off():
    """The dearer the dearest call is held, the less is spent; a model whose price is not known is no choice."""
    table = simulate(World(name="pair", models=(SimModel(name="small", accuracy=0.6), SimModel(
        name="large", accuracy=0.8, price_in_usd_per_mtok=10, price_out_usd_per_mtok=30)), n=1500, ex_ante=0.8))  # fmt: skip
    parts = table.split(seed=0)
    policy = META().fit(parts.fit)
    cost = [replay(replace(policy, weight=w), parts.test).summary().cost_usd for w in (0.0, 0.2, 1.0)]
    assert cost == sorted(cost, reverse=True)
    assert cost[-1] < 0.2 * cost[0]
    holed = replace(table, numbers={**table.numbers, "cost_usd": table.numbers["cost_usd"] * [1, np.nan]}, stored_fingerprint="")
    parts = holed.split(seed=0)
    assert (replay(META().fit(parts.fit), parts.test).answer == 0).all()


def test_what_is_lacking_is_said():
    """Neither prompts nor embeddings: nothing is known of a query; words serve where there are no embeddings."""
    from tests.worlds import proving_ground, unpriced

    ground = proving_ground(120)
    words = replace(ground, features={}, stored_fingerprint="")
    assert META().missing(words) == ""
    parts = words.split(seed=0)
    policy = META().fit(parts.fit)
    assert str(policy.state["component_of"]) == "text"
    assert (replay(policy, parts.test).answer >= 0).all()
    silent = without(words, "prompts")
    assert "prompts" in META().missing(silent)
    assert "prices" in META().missing(unpriced(ground))
    for table, what in ((silent, "nothing is known of a query"), (unpriced(ground), "needs costs")):
        with pytest.raises(ProblemError, match=what):
            META().fit(table.split(seed=0).fit)
