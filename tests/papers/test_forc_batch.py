"""FORC over a batch (arXiv 2308.06077): every assignment by hand and against all assignments; what the programs promise."""

import itertools
from dataclasses import replace

import numpy as np
import pytest

from data.live.endpoints import Endpoint
from data.problems import ProblemError
from strategies import find, frontier, replay
from strategies.batch import only, reaching, weighing, within
from strategies.engines.live import run_live
from strategies.frontiers.tune import Goal
from strategies.knobs import turned
from strategies.lagrangian import best
from strategies.predictors import assignments
from strategies.predictors.assignments import first_come, likeliest, most, one_for_all
from strategies.predictors.upgrades import climb
from strategies.study.curves import sweepable
from tests.embedded import at_points, drawn_right, halves, view_of
from tests.worlds import NAN

FORC = find("forc-batch")
ASSIGNMENTS = ("linear program", "integer program", "first come", "likeliest", "one for all")
OBJECTIVES = ("most right within a budget", "least cost for a share right", "weighed")

# Three queries, models at 1, 3 and 10. Upgrades, gain per cost: A to m .20, B to m .15, C to m .05; C to l .05 (.35 / 7), A to l .01
# (.10 / 7 = .014), B none. Start: 3 money, .9 right.
V = np.array([[0.3, 0.7, 0.8], [0.5, 0.8, 0.75], [0.1, 0.2, 0.6]])
C = np.tile([1.0, 3.0, 10.0], (3, 1))


def total(values, chosen):
    """Return the sum of the (n, M) values at the chosen models."""
    return float(values[np.arange(len(values)), chosen].sum())


def every(n, count):
    """Return all assignments of n queries to so many models, (count ** n, n)."""
    return np.array(list(itertools.product(range(count), repeat=n)))


def drawn_batch(seed, n=6, count=3, *, coarse=False):
    """Return expectations of a batch, costs rising with the model; coarse: on a grid, so that ties are common."""
    rng = np.random.default_rng(seed)
    v, c = rng.random((n, count)), np.sort(rng.random((n, count)), axis=1)
    return (v.round(1), c.round(1)) if coarse else (v, c)


def test_the_upgrades_of_the_batch_by_hand():
    """C goes straight to the large model: by way of the middle one its first step would buy less than the whole."""
    up = climb(V, C)
    assert [(int(r), int(t)) for r, t in zip(up.row, up.to, strict=True)] == [(0, 1), (1, 1), (2, 2), (0, 2)]
    assert up.efficiency == pytest.approx([0.2, 0.15, 0.5 / 9, 0.1 / 7])
    assert up.spent * 3 == pytest.approx([3, 5, 7, 16, 23])
    assert up.reached * 3 == pytest.approx([0.9, 1.3, 1.6, 2.1, 2.2])
    assert up.models(0).tolist() == [0, 0, 0]
    assert up.models(3).tolist() == [1, 1, 2]


@pytest.mark.parametrize(
    ("budget", "relaxed", "exact", "greedy", "single"),
    [
        (0.5, [0, 0, 0], [0, 0, 0], [0, 0, 0], 0),  # not even the cheapest: they are called all the same
        (1.0, [0, 0, 0], [0, 0, 0], [0, 0, 0], 0),
        (5 / 3, [1, 0, 0], [1, 0, 0], [0, 1, 0], 0),  # A's likeliest costs 9 more, B's 2
        (3.0, [1, 1, 0], [1, 1, 1], [0, 1, 0], 1),  # the program also finds C's small step, which is on no hull
        (14 / 3, [1, 1, 0], [1, 0, 2], [2, 1, 0], 1),  # 14: A at 3, B at 1, C at 10 are 1.8 right; the greedy spends it on A and B
        (16 / 3, [1, 1, 2], [1, 1, 2], [2, 1, 0], 1),
        (10.0, [2, 1, 2], [2, 1, 2], [2, 1, 2], 2),
    ],
)
def test_within_a_budget_by_hand(budget, relaxed, exact, greedy, single):
    """Mean budgets of the three queries; one model for all counts its mean cost."""
    policy = FORC(budget=budget)
    for assignment, wanted in zip(ASSIGNMENTS, (relaxed, exact, greedy, [2, 1, 2], [single] * 3), strict=True):
        assert replace(policy, assignment=assignment).assigned(V, C).tolist() == wanted, assignment


@pytest.mark.parametrize(
    ("floor", "relaxed", "exact", "greedy", "single"),
    [
        (0.0, [0, 0, 0], [0, 0, 0], [0, 0, 0], 0),
        (0.4, [1, 0, 0], [1, 0, 0], [2, 0, 0], 1),  # 1.2 of 3
        (1.35 / 3, [1, 1, 0], [1, 0, 1], [2, 0, 0], 1),  # .7 + .5 + .2 = 1.4 costs 7, as much as .7 + .8 + .1 = 1.6
        (0.6, [1, 1, 2], [0, 1, 2], [2, 1, 2], 2),
        (1.0, [2, 1, 2], [2, 1, 2], [2, 1, 2], 2),  # out of reach: as good as it gets
    ],
)
def test_a_share_right_by_hand(floor, relaxed, exact, greedy, single):
    """The least money for a mean quality; where it cannot be reached, the most quality."""
    policy = FORC(floor=floor, objective=OBJECTIVES[1])
    for assignment, wanted in zip(ASSIGNMENTS, (relaxed, exact, greedy, [2, 1, 2], [single] * 3), strict=True):
        found = replace(policy, assignment=assignment).assigned(V, C)
        if assignment == "integer program":  # several cost the same
            assert total(C, found) == total(C, wanted)
            assert total(V, found) >= min(floor * 3, 2.2) - 1e-9
        else:
            assert found.tolist() == wanted, assignment


@pytest.mark.parametrize(
    ("alpha", "together", "single"),
    [(0.0, [0, 0, 0], 0), (0.3, [0, 0, 0], 0), (0.5, [1, 1, 0], 1), (0.7, [1, 1, 2], 1), (0.9, [2, 1, 2], 2), (1.0, [2, 1, 2], 2)],
)
def test_weighed_by_hand(alpha, together, single):
    """Costs count as shares of the dearest, 10: an upgrade is taken where alpha * gain exceeds (1 - alpha) * extra / 10.

    That is a gain per cost above .1 (1 - alpha) / alpha: .233 at .3, .1 at .5, .043 at .7, .011 at .9.
    """
    policy = FORC(alpha=alpha, objective=OBJECTIVES[2]).with_state(mean=np.array([0.3, 0.6, 0.7, 1, 3, 10.0]))
    assert policy.scale == 10
    for assignment, wanted in zip(ASSIGNMENTS, [together] * 3 + [[2, 1, 2], [single] * 3], strict=True):
        assert replace(policy, assignment=assignment).assigned(V, C).tolist() == wanted, assignment
    worth = alpha * V - (1 - alpha) * C / 10
    assert together == best(worth, C).tolist()


@pytest.mark.parametrize("coarse", [False, True])
@pytest.mark.parametrize("seed", range(6))
def test_the_integer_program_equals_brute_force(seed, coarse):
    """Of all 3^6 assignments none within the limit is better, for budgets and for shares right, with and without ties."""
    v, c = drawn_batch(seed, coarse=coarse)
    plans = every(6, 3)
    right, money = (values[np.arange(6), plans].sum(axis=1) for values in (v, c))
    for budget in np.quantile(money, [0.02, 0.2, 0.5, 0.9]):
        found = most(v, c, float(budget))
        assert total(c, found) <= budget + 1e-9
        assert total(v, found) == pytest.approx(right[money <= budget + 1e-9].max(), abs=1e-6)
    for floor in np.quantile(right, [0.1, 0.5, 0.8, 0.98]):
        found = most(-c, -v, -float(floor))
        assert total(v, found) >= floor - 1e-9
        assert total(c, found) == pytest.approx(money[right >= floor - 1e-9].min(), abs=1e-6)


def test_the_integer_program_keeps_to_known_models():
    """A model without an expectation is no choice; a query without any stays with the first and costs the others nothing."""
    v, c = drawn_batch(3)
    v[0, 1], c[1, 2], v[2] = NAN, NAN, NAN
    plans = every(6, 3)
    plans = plans[(plans[:, 0] != 1) & (plans[:, 1] != 2) & (plans[:, 2] == 0)]
    keep = np.array([0, 1, 3, 4, 5])
    right, money = (values[keep, plans[:, keep]].sum(axis=1) for values in (v, c))
    for budget in np.quantile(money, [0.1, 0.5, 0.9]):
        found = most(v, c, float(budget))
        assert found[2] == 0
        assert total(v[keep], found[keep]) == pytest.approx(right[money <= budget + 1e-9].max(), abs=1e-6)


@pytest.mark.parametrize("seed", range(3))
def test_the_bound_of_the_linear_program_is_met_within_one_query(seed):
    """The relaxation, solved by HiGHS, lies above its rounding by less than the upgrade that it splits, and so does the optimum."""
    from scipy.optimize import linprog

    n, count = 60, 4
    v, c = drawn_batch(seed, n, count)
    up = climb(v, c)
    once = np.kron(np.eye(n), np.ones(count))
    for budget in np.linspace(up.spent[0], up.spent[-1], 7)[1:-1]:
        relaxed = linprog(-v.ravel(), A_ub=c.reshape(1, -1), b_ub=[budget * n], A_eq=once, b_eq=np.ones(n), bounds=(0, 1))
        split = int(((relaxed.x > 1e-6) & (relaxed.x < 1 - 1e-6)).reshape(n, count).any(axis=1).sum())
        rounded, exact = within(up).models(budget), most(v, c, budget * n)
        gap = -relaxed.fun - total(v, rounded)
        assert split <= 1
        assert -1e-6 <= gap <= up.gain.max()
        assert total(v, rounded) - 1e-9 <= total(v, exact) <= -relaxed.fun + 1e-6
        assert max(total(c, rounded), total(c, exact)) <= budget * n + 1e-9


@pytest.mark.parametrize("seed", range(3))
def test_the_integer_program_is_never_below_the_others(seed):
    """At one budget of expected money: first come and one for all keep it and reach less, the linear program less by a query."""
    v, c = drawn_batch(seed, 80, 4, coarse=seed == 2)
    up = climb(v, c)
    for budget in np.linspace(up.spent[0], up.spent[-1], 6):
        optimum = total(v, most(v, c, budget * 80))
        for other in (first_come(v, c, budget=budget), one_for_all(v, c, budget=budget), up.models(0), within(up).models(budget)):
            if total(c, other) <= budget * 80 + 1e-9:
                assert total(v, other) <= optimum + 1e-6
        assert total(c, first_come(v, c, budget=budget)) <= budget * 80 * (1 + 1e-6)
    assert likeliest(v, c).tolist() == [int(min(np.flatnonzero(row == row.max()), key=lambda m: k[m])) for row, k in zip(v, c, strict=True)]


def test_the_ends_are_the_best_and_the_cheapest_and_money_only_helps():
    """Identity of the price: free of charge each gets its best, at any price its cheapest; between them both only rise.

    Reproducible identity D1. Weighed, each alpha is the price (1 - alpha) / alpha of a lambda router.
    """
    v, c = drawn_batch(7, 40, 5)
    up = climb(v, c)
    for plan in (within(up), reaching(up), weighing(up, 2.0)):
        assert (plan.models(0.0) == c.argmin(axis=1)).all()
        assert (plan.models(plan.end) == v.argmax(axis=1)).all()
        chosen = [plan.models(s) for s in plan.settings]
        assert (np.diff([total(c, each) for each in chosen]) >= -1e-12).all()
        assert (np.diff([total(v, each) for each in chosen]) >= -1e-12).all()
    for alpha in (0.2, 0.5, 0.8):
        price = (1 - alpha) / alpha / 2.0
        assert (weighing(up, 2.0).models(alpha) == best(v - price * c, c)).all()


def test_with_the_truth_for_a_forecast_the_curve_is_the_budget_oracle():
    """Every point lies on the hull of all assignments (identity D2); free of charge it is the best answer at its least cost."""
    rng = np.random.default_rng(5)
    right, c = (rng.random((6, 3)) < 0.6).astype(float), np.sort(rng.random((6, 3)), axis=1)
    plan, plans = within(climb(right, c)), every(6, 3)
    gained, money = (values[np.arange(6), plans].sum(axis=1) for values in (right, c))
    for setting in plan.settings:
        chosen = plan.models(setting)
        assert total(right, chosen) == gained[money <= total(c, chosen) + 1e-12].max()
    last = plan.models(plan.end)
    assert total(c, last) == pytest.approx(np.where(right == right.max(axis=1, keepdims=True), c, np.inf).min(axis=1).sum())


def test_a_plan_may_stop_at_some_of_its_moves_only():
    """Moves between two stops wait for the second."""
    up = climb(V, C)
    plan, coarse = within(up), only(within(up), np.array([0, 3]))
    assert coarse.models(6.99 / 3).tolist() == [0, 0, 0]
    assert coarse.models(16 / 3).tolist() == plan.models(16 / 3).tolist() == [1, 1, 2]
    assert coarse.models(22.9 / 3).tolist() == [1, 1, 2]
    assert coarse.models(23 / 3).tolist() == plan.models(23 / 3).tolist()


def graded(points, seed):
    """Return three models of rising price, each better the further right a query lies, the dear ones steeply so."""
    x = points[:, 0]
    chance = np.clip(np.stack([0.6 - 0.2 * x, 0.6 + 0.2 * x, 0.55 + 0.4 * x], axis=1), 0, 1)
    return at_points(points, drawn_right(chance, seed), cost=np.array([1.0, 3.0, 9.0]) * (1 + 0.3 * points[:, 1:2]))


@pytest.fixture(scope="module")
def world():
    """Return (fitted policy, tested table of 300 queries) of simulated data."""
    fit, test = halves(graded, 300)
    return FORC(learner="ridge").fit(fit), test


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_the_curve_in_one_pass_is_every_replay(world, objective):
    """Each objective drags its own knob; the linear program's curve is exact, its edges say where it moves."""
    policy, test = world
    policy = replace(policy, objective=objective)
    name = policy.drags
    assert sweepable(policy) == (name,)
    curve = frontier(policy, test, name)
    assert curve.exact
    assert len(curve.setting) > 50
    for at in np.linspace(0, len(curve.setting) - 1, 9).round().astype(int):
        run = replay(turned(policy, name, curve.setting[at]), test)
        assert run.summary().quality == pytest.approx(curve.quality[at], rel=1e-9)
        assert run.summary().cost_usd == pytest.approx(curve.cost_usd[at], rel=1e-9)
        single = turned(policy, name, float(np.float32(curve.setting[at])))  # what a page's slider can say
        assert (replay(single, test).answer == run.answer).all()
        assert curve.at(curve.setting[at]) == at
        assert curve.per_query(curve.setting[[at]], "cost")[:, 0] == pytest.approx(run.cost_usd)
    for at in (0, len(curve.edges) // 2, len(curve.edges) - 1):
        below, above = (replay(turned(policy, name, value), test) for value in (curve.edges[at], np.nextafter(curve.edges[at], np.inf)))
        assert (below.answer != above.answer).any()


def test_what_is_solved_anew_is_swept_and_kept(world, monkeypatch):
    """An integer program is solved once a setting, intervals included; its likeliest models have no knob to drag."""
    policy, test = world
    asked = []
    monkeypatch.setattr("strategies.routers.forc_batch.most", lambda *given: asked.append(1) or most(*given))
    exact = replace(policy, assignment="integer program")
    curve = frontier(exact, test, "budget")
    assert not curve.exact
    assert (curve.setting[0], len(curve.setting)) == (0.0, len(asked))
    assert 10 < len(asked) <= 13
    assert curve.per_query(curve.setting[:3], "cost").mean(axis=0) == pytest.approx(curve.cost_usd[:3])
    assert len(asked) == len(curve.setting)
    assert sweepable(replace(policy, assignment="likeliest")) == ()
    assert sweepable(replace(exact, objective="weighed")) == ("alpha",)
    assert frontier(replace(exact, objective="weighed"), test, "alpha").exact


@pytest.mark.parametrize(("objective", "knob"), [*zip(OBJECTIVES, ("budget", "floor", "alpha"), strict=True)])
def test_the_objectives_knob_is_tuned(world, objective, knob):
    """On calibrate the dragged knob, and no other, is set to what a goal asks: nearly the best model's quality for less."""
    policy, test = world
    part = replace(test, role="calibrate")
    goal = Goal(keep=0.98)
    tuned = replace(policy, objective=objective).calibrate(part, goal)
    assert {name for name, value in tuned.settings().items() if value != replace(policy, objective=objective).settings()[name]} == {knob}
    assert replay(tuned, part).summary().quality >= 0.98 * max(part.mean("quality").values())


@pytest.mark.parametrize("objective", OBJECTIVES[:2])
def test_a_curve_of_integer_programs_searches_nothing(world, monkeypatch, objective):
    """Where it is drawn, at breakpoints of the upgrades, the linear program is integral: its value is the optimum's, at once."""
    policy, test = world

    def refused(*_given):
        raise AssertionError("a search was started")

    monkeypatch.setattr(assignments, "_solved", refused)
    exact = replace(policy, assignment="integer program", objective=objective)
    curve = frontier(exact, test, exact.drags)
    assert len(curve.setting) > 10
    v, c = exact.estimate(view_of(test))
    for at in (2, 5, 9):
        chosen = turned(exact, exact.drags, curve.setting[at]).assigned(v, c)
        rounded = turned(policy, "budget", total(c, chosen) / len(test)).assigned(v, c)
        assert (chosen == rounded).all()
        assert curve.answered[:, at] == pytest.approx(np.bincount(chosen, minlength=3) / len(test))


def test_too_many_queries_for_an_integer_program_get_the_linear_one(world, monkeypatch):
    """Above the limit the two are the same assignment, as the card says."""
    policy, test = world
    monkeypatch.setattr("strategies.routers.forc_batch.MOST_EXACT", len(test) - 1)
    budget = {"budget": 3.0}
    relaxed, exact = (replay(replace(policy, assignment=a, **budget), test) for a in ("linear program", "integer program"))
    assert (relaxed.answer == exact.answer).all()


def test_a_solver_without_an_answer_leaves_the_rounding(monkeypatch):
    """With no search allowed the bettered rounding may be returned: within the budget, and no worse than the linear program's."""
    v, c = drawn_batch(1, 60, 4)
    up = climb(v, c)
    budget = float(np.mean(up.spent))
    monkeypatch.setattr(assignments, "NODES", 0)
    found = most(v, c, budget * 60)
    assert total(c, found) <= budget * 60 + 1e-9
    assert total(v, found) >= total(v, within(up).models(budget))


def test_it_beats_the_random_mix_within_its_budget(world):
    """The bill follows the budget of expected cost within a tenth, and the quality lies above mixing the ends at random."""
    policy, test = world
    curve = frontier(policy, test, "budget")
    low, high = curve.cost_usd[0], curve.cost_usd[-1]
    spent = np.clip(curve.setting, low, None)
    assert np.abs(curve.cost_usd - spent).max() < 0.1 * (high - low)
    mix = np.interp(curve.cost_usd, [low, high], [curve.quality[0], curve.quality[-1]])
    assert (curve.quality - mix).max() > 0.03


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
@pytest.mark.parametrize("objective", OBJECTIVES)
def test_small_and_odd_batches(assignment, objective):
    """One query, two equal models, nothing to pay: everyone is answered, without a warning."""
    for table in (
        at_points([[0, 1], [1, 0]], [[1, 1], [0, 0]], cost=[[2, 2], [2, 2]]),
        at_points([[0, 1], [1, 0]], [[1, 0], [0, 1]], cost=[[0, 0], [0, 0]]),
        at_points([[0, 1], [1, 0], [1, 1]], [[1, NAN], [0, 1], [1, 0]], cost=[[1, NAN], [1, 2], [1, 3]]),
    ):
        policy = FORC(assignment=assignment, objective=objective, budget=1.5, learner="ridge").fit(table)
        for batch in (table, table.take(np.array([0]))):
            run = replay(policy, batch)
            assert np.isin(run.answer, [0, 1]).all()
            if policy.drags:
                curve = frontier(policy, batch, policy.drags)
                assert curve.answered.sum(axis=0) == pytest.approx(np.ones(len(curve.setting)))


def test_a_live_page_is_refused_in_words(world):
    """One prompt alone is no batch."""
    policy, test = world
    with pytest.raises(ProblemError, match="forc-batch cannot run live: it decides over all queries at once"):
        run_live(policy, test.queries, [Endpoint(name="a", base_url="http://localhost:1/v1", model_id="a")], lambda *_: None)
