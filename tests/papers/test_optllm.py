"""OptLLM (arXiv 2405.15130): robust values and the front by hand; what alpha does; the front against every assignment."""

import itertools
from dataclasses import replace

import numpy as np
import pytest

from data.problems import ProblemError
from strategies import find, frontier, replay
from strategies.engines.live import run_live
from strategies.knobs import turned
from strategies.predictors.forests import DEPTH, TREES, forests, learn_forests
from strategies.predictors.upgrades import climb
from strategies.routers.optllm import front
from strategies.study.curves import sweepable
from tests.embedded import at_points, drawn_right, halves, scattered, view_of
from tests.worlds import NAN

OPTLLM = find("optllm")


def told(*votes, counts=None, **knobs):
    """Return a policy whose forests say these (k,) shares of everything: trees of one leaf; costs are 1, 3, 10 ... throughout."""
    votes = np.array(votes, dtype=np.float32)
    bootstraps, many = votes.shape
    nodes = np.arange(bootstraps * TREES, dtype=np.int32)
    cost = np.array([1.0, 3.0, 10.0])[:many]
    return OPTLLM(**knobs).with_state(
        names=np.array(list("abc")[:many]), mean=np.zeros(many), spread=np.ones(many), low=cost, high=cost,
        coefficients=np.zeros((many, 2)), intercept=cost, feature=np.zeros_like(nodes), threshold=np.full(len(nodes), np.inf),
        left=nodes, right=nodes, leaf=np.repeat(votes, TREES, axis=0), root=nodes, counts=np.ones_like(votes) if counts is None else counts,
    )  # fmt: skip


def test_the_robust_value_by_hand():
    """Two forests say .2 and .6 of the first model, .5 and .5 of the second: means .4 and .5, deviations .2 and 0."""
    table = at_points([[0, 1]], [[1, 1]], cost=[[1, 3]])
    for alpha, wanted in ((-1, [0.2, 0.5]), (0, [0.4, 0.5]), (0.5, [0.5, 0.5]), (1, [0.6, 0.5])):
        quality, cost = told([0.2, 0.5], [0.6, 0.5], alpha=alpha).estimate(view_of(table))
        assert quality[0] == pytest.approx(wanted)
        assert cost[0] == pytest.approx([1, 3])
    weighed = told([0.2, 0.5], [0.6, 0.5], alpha=0, counts=np.array([[0.9, 0.9], [0.3, 0.3]]))
    assert weighed.estimate(view_of(table))[0][0] == pytest.approx([0.3, 0.5])  # .75 * .2 + .25 * .6


def test_caution_and_optimism_choose_otherwise():
    """Of a sure .55 and a doubtful .5 with deviation .3 caution takes the sure one, optimism the doubtful one."""
    table = at_points([[0, 1]], [[1, 1]], cost=[[1, 3]])
    for alpha, wanted in ((-1, 0), (0, 0), (0.5, 1), (1, 1)):
        assert replay(told([0.55, 0.2], [0.55, 0.8], alpha=alpha, budget=9.0), table).answer.tolist() == [wanted]


# Four queries. Upgrades, gain for extra cost: B .3 for 1 (.3 each), A .4 for 8 (.05), C .16 for 4 (.04), D .06 for 2 (.03).
V = np.array([[0.1, 0.5], [0.1, 0.4], [0.1, 0.26], [0.1, 0.16]])
C = np.array([[1.0, 9.0], [1.0, 2.0], [1.0, 5.0], [1.0, 3.0]])


def test_the_front_by_hand():
    """Two steps of the range. Down: half of 15 money is saved by A alone (8), so three upgrades stay, the best three.

    Up: half of .92 gain takes A's .4 and B's .3, so two are taken. Nothing but the corners with one step.
    """
    up = climb(V, C)
    assert up.row.tolist() == [1, 0, 2, 3]
    assert front(up, 1).tolist() == [0, 4]
    assert front(up, 2).tolist() == [0, 2, 3, 4]
    assert front(up, 200).tolist() == [0, 1, 2, 3, 4]


def test_the_budget_takes_the_dearest_that_fits():
    """Members cost 4, 13, 17 and 19 in all: in between the money waits."""
    policy = OPTLLM(grid=2)
    for budget, dear in ((0.0, []), (12.9, []), (13, [0, 1]), (16.9, [0, 1]), (17, [0, 1, 2]), (19, [0, 1, 2, 3]), (99, [0, 1, 2, 3])):
        chosen = replace(policy, budget=budget / 4).assigned(V, C)
        assert np.flatnonzero(chosen).tolist() == dear, budget


def exchanged(v, c, taken):
    """Return how many upgrades remain after exchanging, one at a time, the worst that is taken for the best that is missing."""
    up = climb(v, c)
    steps = [np.flatnonzero(up.row == row) for row in range(len(v))]
    have = [int(k) for k in taken]
    while True:
        can = [(up.efficiency[s[k]], row) for row, (s, k) in enumerate(zip(steps, have, strict=True)) if k < len(s)]
        may = [(up.efficiency[s[k - 1]], row) for row, (s, k) in enumerate(zip(steps, have, strict=True)) if k]
        if not can or not may or max(can)[0] <= min(may)[0]:
            return np.array(have)
        have[max(can)[1]] += 1
        have[min(may)[1]] -= 1


@pytest.mark.parametrize("seed", range(5))
def test_rebuilding_is_where_the_exchanges_end(seed):
    """The paper's loop, played exchange by exchange from any destroyed assignment, ends at the best upgrades of the same number."""
    rng = np.random.default_rng(seed)
    v, c = rng.random((8, 4)), np.sort(rng.random((8, 4)), axis=1)
    up = climb(v, c)
    most = np.bincount(up.row, minlength=8)
    taken = rng.integers(0, most + 1)
    assert exchanged(v, c, taken).tolist() == np.bincount(up.row[: taken.sum()], minlength=8).tolist()


@pytest.mark.parametrize("seed", range(4))
def test_no_member_of_the_front_is_dominated(seed):
    """By none of all 3^6 assignments; the most accurate (at its least cost) and the cheapest (at its best) are among them."""
    rng = np.random.default_rng(seed)
    v, c = rng.random((6, 3)), np.sort(rng.random((6, 3)), axis=1)
    up, plans, rows = climb(v, c), np.array(list(itertools.product(range(3), repeat=6))), np.arange(6)
    right, money = v[rows, plans].sum(axis=1), c[rows, plans].sum(axis=1)
    counts = front(up, 5)
    members = [up.models(int(count)) for count in counts]
    assert len(members) >= 4
    assert (members[0] == c.argmin(axis=1)).all()
    assert (members[-1] == v.argmax(axis=1)).all()
    for member in members:
        value, cost = v[rows, member].sum(), c[rows, member].sum()
        assert not ((right > value + 1e-9) & (money <= cost + 1e-9)).any()
        assert not ((right >= value - 1e-9) & (money < cost - 1e-9)).any()


def world(points, seed, *, skill):
    """Return three models of this skill (log odds), all better to the right."""
    odds = skill + 2.0 * points[:, :1] + np.array([-0.3, 0.0, 0.9])
    return at_points(points, drawn_right(1 / (1 + np.exp(-odds)), seed), cost=np.array([1.0, 3.0, 9.0]) * (1 + 0.3 * points[:, 1:2]))


def hit_rate(policy, table):
    """Return the share of queries for which every model's outcome is foreseen: the released code's accuracy, threshold a half."""
    said = policy.estimate(view_of(table))[0] > 0.5
    right = np.stack([table.quality(m) for m in range(3)], axis=1) > 0.5
    return float((said == right).all(axis=1).mean())


@pytest.mark.parametrize(("skill", "direction"), [(2.0, 1), (-2.5, -1)])
def test_optimism_helps_where_models_are_mostly_right(skill, direction):
    """The published hit rates rise over alpha = -1 ... +1 (.089 to .271), and so do ours on simulated models that are mostly right.

    That is no law of the method: where they are mostly wrong, the same term costs hits.
    """
    fit, test = halves(lambda points, seed: world(points, seed, skill=skill), 800)
    policy = OPTLLM(bootstraps=12).fit(fit)
    rates = [hit_rate(replace(policy, alpha=alpha), test) for alpha in (-1, -0.5, 0, 0.5, 1)]
    assert direction * (rates[4] - rates[0]) > 0.03
    assert direction * (rates[2] - rates[0]) > 0
    assert direction * (rates[4] - rates[2]) > 0


def graded(points, seed):
    """Return three models of rising price: the cheap one is better to the left, the dear ones to the right."""
    x = points[:, 0]
    chance = np.clip(np.stack([0.6 - 0.2 * x, 0.6 + 0.2 * x, 0.55 + 0.4 * x], axis=1), 0, 1)
    return at_points(points, drawn_right(chance, seed), cost=np.array([1.0, 3.0, 9.0]) * (1 + 0.3 * points[:, 1:2]))


@pytest.fixture(scope="module")
def fitted():
    """Return (policy, tested table) on simulated models that are good at different queries."""
    fit, test = halves(graded, 400)
    return OPTLLM(bootstraps=6).fit(fit), test


def test_the_curve_is_the_front(fitted):
    """One setting a member, both corners, exact; it follows the budget and lies above the random mix of its ends."""
    policy, test = fitted
    assert sweepable(policy) == ("budget",)
    curve = frontier(policy, test, "budget")
    up = climb(*policy.estimate(view_of(test)))
    assert curve.exact
    assert len(curve.setting) == len(front(up, 50)) > 40
    for at in (0, 1, len(curve.setting) // 2, len(curve.setting) - 1):
        run = replay(turned(policy, "budget", curve.setting[at]), test)
        assert (run.summary().quality, run.summary().cost_usd) == pytest.approx((curve.quality[at], curve.cost_usd[at]))
    low, high = curve.cost_usd[0], curve.cost_usd[-1]
    assert len(frontier(replace(policy, grid=4), test, "budget").setting) < 10
    mix = np.interp(curve.cost_usd, [low, high], [curve.quality[0], curve.quality[-1]])
    assert (curve.quality - mix).max() > 0.03


def test_as_good_as_the_best_model_for_less(fitted):
    """The paper's claim in small: the accuracy of the best single model for less, and more of it for as much."""
    policy, test = fitted
    curve = frontier(policy, test, "budget")
    best = max(test.models, key=test.mean("quality").__getitem__)
    quality, cost = test.mean("quality")[best], test.mean("cost_usd")[best]
    assert curve.cost_usd[curve.quality >= quality].min() < 0.75 * cost
    assert curve.quality[curve.cost_usd <= cost].max() > quality + 0.02


def test_fewer_queries_are_learnt_from_when_asked():
    """A tenth of the fit part makes smaller trees and other lines, the same ones each time; a part of nothing is two queries."""
    fit, _ = halves(graded, 200)
    part = OPTLLM(bootstraps=2, learnt=10).fit(fit)
    whole = OPTLLM(bootstraps=2).fit(fit)
    assert len(part.state["leaf"]) < len(whole.state["leaf"])
    assert part.state["intercept"] != pytest.approx(whole.state["intercept"])
    assert part == OPTLLM(bootstraps=2, learnt=10).fit(fit)
    assert len(replay(OPTLLM(bootstraps=2, learnt=1).fit(fit.take(np.arange(20))), fit).answer) == 200


def test_forests_are_scikit_learns():
    """The arrays say what the forests say, to rounding, and each row by itself; the weights are shares of queries left out."""
    from sklearn.ensemble import RandomForestRegressor

    x, y = scattered(80, 1, 6).astype(np.float32), drawn_right(np.full((80, 2), 0.6), 3)
    state = learn_forests(x, y, bootstraps=3, seed=0)
    rng, said = np.random.default_rng(0), []
    for b in range(3):
        drawn = rng.integers(80, size=80)
        forest = RandomForestRegressor(
            n_estimators=TREES, max_depth=DEPTH, max_features="sqrt", min_samples_leaf=3, random_state=int(rng.integers(2**31))
        ).fit(x[drawn], y[drawn])
        said.append(forest.predict(x))
        out = np.setdiff1d(np.arange(80), drawn)
        assert state["counts"][b] == pytest.approx(((said[b][out] > 0.5) == (y[out] > 0.5)).mean())
    mean, std = forests(state, x)
    assert mean == pytest.approx(np.average(said, axis=0, weights=state["counts"][:, 0]), abs=1e-6)
    assert std == pytest.approx(np.std(said, axis=0), abs=1e-6)
    alone = forests(state, x[[17]])
    assert (alone[0][0] == mean[17]).all()
    assert (alone[1][0] == std[17]).all()


def test_holes_are_left_out_and_a_model_that_never_ran_is_no_choice():
    """Models run on other queries have trees of their own; one without any outcome is NaN and never called."""
    x = scattered(40, 2, 3)
    y = drawn_right(np.full((40, 3), 0.7), 1)
    y[::3, 1], y[:, 2] = NAN, NAN
    state = learn_forests(x.astype(np.float32), y, bootstraps=2, seed=0)
    mean, _ = forests(state, x.astype(np.float32))
    assert np.isnan(mean[:, 2]).all()
    assert not np.isnan(mean[:, :2]).any()
    assert len(state["root"]) == 2 * 2 * TREES
    nothing = learn_forests(x.astype(np.float32), np.full((40, 1), NAN), bootstraps=2, seed=0)
    assert np.isnan(forests(nothing, x.astype(np.float32))[0]).all()
    table = at_points(x, y, cost=np.tile([1.0, 2.0, NAN], (40, 1)))
    assert set(replay(OPTLLM(bootstraps=2, budget=5.0).fit(table), table).answer.tolist()) <= {0, 1}


def test_small_and_odd_batches():
    """One query, two equal models, nothing to pay, one vector for all: everyone is answered, without a warning."""
    for table in (
        at_points([[0, 1], [1, 0]], [[1, 1], [0, 0]], cost=[[2, 2], [2, 2]]),
        at_points([[0, 1], [1, 0]], [[1, 0], [0, 1]], cost=[[0, 0], [0, 0]]),
        at_points(np.zeros((24, 3)), drawn_right(np.full((24, 2), 0.5), 2), cost=np.tile([1.0, 2.0], (24, 1))),
    ):
        policy = OPTLLM(bootstraps=3, budget=1.5).fit(table)
        for batch in (table, table.take(np.array([0]))):
            assert np.isin(replay(policy, batch).answer, [0, 1]).all()
            assert len(frontier(policy, batch, "budget").setting) >= 1


def test_a_live_page_is_refused_in_words(fitted):
    """One prompt alone is no batch."""
    policy, test = fitted
    with pytest.raises(ProblemError, match="optllm cannot run live: it decides over all queries at once"):
        run_live(policy, test.queries, [], lambda *_: None)
