"""Cache & Distil (arXiv 2310.13561): the six selection policies by hand, the budget, and what a look at the student's doubt is worth."""

from dataclasses import replace

import numpy as np
import pytest

from data.problems import ProblemError
from strategies import find, replay
from strategies.engines.online import stream
from strategies.predictors.logistic import chances, learn_logistic
from strategies.predictors.student import empty_student, lesson, schooled, sureness
from tests.embedded import at_points, scattered
from tests.worlds import NAN, without

CACHE = find("cache-distil")
POLICIES = ("margin", "entropy", "committee", "coreset", "random", "front-loading")


def test_sureness_by_hand():
    """Weights (0, w) at x = (1, 1) with chances .8, .6, .4, .7, .3: margin .6, entropy 1 - H(.8) = .2781, two of four hold with it."""
    state = empty_student(4, 2)
    state["students"][:, 1] = np.log([0.8 / 0.2, 0.6 / 0.4, 0.4 / 0.6, 0.7 / 0.3, 0.3 / 0.7])
    x = np.array([[1.0, 1.0], [1.0, -1.0]])
    assert sureness("margin", state, x) == pytest.approx([0.6, -0.6])
    assert sureness("entropy", state, x) == pytest.approx([0.2781, 0.0], abs=1e-4)
    assert sureness("committee", state, x).tolist() == [0.5, 0.5]
    assert sureness("coreset", state, x).tolist() == [-1, -1]
    schooled(state, np.array([[1.0, 3.0]]), np.array([1]), np.array([1]))
    assert sureness("coreset", state, x).tolist() == [1, -1]


def test_lessons_by_hand():
    """The same answer is a 1, another or none of the student's a 0; no answer of the teacher's is no lesson; students move down a place."""
    state = empty_student(3, 1)
    for own, said in ((5, 5), (5, 6), (-1, 6), (5, -1)):
        lesson(state, np.ones((1, 1)), np.array([own]), np.array([said]), period=2)
    assert (state["noted"].tolist(), int(state["remembered"])) == ([1, 0, 0], 3)
    # Two lessons, 1 and 0: the weight stays 0, and trained at the second only.
    assert state["students"].tolist() == [[0]] * 5
    lesson(state, np.ones((1, 1)), np.array([5]), np.array([6]), period=2)
    assert state["noted"].tolist() == [0, 0, 0]
    assert state["students"][0, 0] < -0.5
    assert state["students"][1:].tolist() == [[0]] * 4


def test_the_logistic_regression_is_the_usual_one():
    """Weights equal scikit-learn's with C = 1 / ridge and no intercept; one label only gives a finite weight."""
    from sklearn.linear_model import LogisticRegression

    x = np.column_stack([np.ones(200), scattered(200, 3, 4)])
    y = (np.random.default_rng(1).random(200) < 1 / (1 + np.exp(-2 * x[:, 1]))).astype(float)
    mine = learn_logistic(x, y, ridge=0.5)
    theirs = LogisticRegression(C=2.0, fit_intercept=False, tol=1e-10, max_iter=1000).fit(x, y).coef_[0]
    assert mine == pytest.approx(theirs, abs=1e-5)
    alone = learn_logistic(100 * x, np.ones(200))
    assert np.isfinite(alone).all()
    assert chances(alone, 100 * x).min() > 0.9


def world(tells, n=1600, seed=1):
    """Return a stream: the student says what the teacher says with chance .95 or .3, by where the query lies if that `tells`."""
    points = scattered(n, seed, 4)
    rng = np.random.default_rng(seed + 50)
    easy = points[:, 0] > 0 if tells else rng.random(n) < 0.5
    right = rng.random(n) < np.where(easy, 0.95, 0.3)
    answers = [["yes" if ok else "no", "yes"] for ok in right]
    quality = np.stack([right, np.ones(n)], axis=1).astype(float)
    return at_points(points, quality, cost=np.tile([1.0, 20.0], (n, 1)), answers=answers)


def taught(table, **knobs):
    """Return a policy that begins with nothing but the pair and the components."""
    return CACHE(start="cold", **knobs).fit(table.take(np.arange(300), "fit"))


@pytest.mark.parametrize("policy", POLICIES)
def test_the_budget_holds_in_every_span(policy):
    """No policy makes more than budget x span teacher calls in a span of arrivals; front-loading makes the first ones."""
    table = world(tells=True, n=450)
    streamed = stream(taught(table, policy=policy, budget=0.25, horizon=100, h=0.9), table)
    asked = streamed.run.called[streamed.order, 1]
    spans = [asked[k : k + 100] for k in range(0, 450, 100)]
    assert all(span.sum() <= 25 for span in spans)
    assert asked.any()
    if policy == "front-loading":
        assert all(span[:25].all() and not span[25:].any() for span in spans)
    if policy == "random":
        assert spans[1].sum() > 10
        assert not spans[1][:10].all()
    assert streamed.run.called[:, 0].all()


def test_doubt_beats_chance_where_it_separates_and_only_there():
    """Where queries tell, margin and committee earn 0.06 and entropy 0.03 more than random calls within the same budget; else none do."""
    for tells in (True, False):
        table = world(tells)
        found = {}
        for policy in ("margin", "entropy", "committee", "random", "front-loading"):
            run = stream(taught(table, policy=policy, budget=0.4), table).run
            found[policy] = (run.quality.mean(dtype=np.float64), run.called[:, 1].mean())
        assert max(calls for _, calls in found.values()) <= 0.4
        for policy, least in (("margin", 0.06), ("entropy", 0.03), ("committee", 0.06)):
            gap = found[policy][0] - found["random"][0]
            assert (gap > least) if tells else gap < 0.02, found


def test_it_improves_as_it_runs():
    """In the last third of the stream more of the teacher calls fall on answers that were wrong than in the first third."""
    table = world(tells=True)
    streamed = stream(taught(table, budget=0.4), table)
    wrong = table.quality(0)[streamed.order] < 0.5
    asked = streamed.run.called[streamed.order, 1]
    thirds = [np.arange(0, 533), np.arange(1067, 1600)]
    share = [wrong[t][asked[t]].mean() for t in thirds]
    assert share[1] > share[0] + 0.02


def test_it_learns_from_answers_and_never_from_the_score():
    """With every quality unknown the teacher is asked about the same queries, bit by bit."""
    table = world(tells=True, n=500)
    policy = taught(table)
    blind = replace(table, numbers={**table.numbers, "quality": np.full((500, 2), NAN, np.float32)}, stored_fingerprint="")
    one, other = replay(policy, table), replay(policy, blind)
    assert np.array_equal(one.called, other.called)
    assert np.array_equal(one.score(1), other.score(1))


def test_the_pair_has_answers():
    """The cheapest model with answers is the student, the best other one with answers the teacher; without two it is refused."""
    table = world(tells=True, n=300)
    wide = at_points(table.features["embedding"], np.column_stack([np.ones(300), table.numbers["quality"]]), cost=[[0.1, 1, 20]] * 300)
    wide = replace(wide, answers=dict(zip("bc", table.answers.values(), strict=True)), stored_fingerprint="")
    assert CACHE().fit(replace(wide, role="fit")).chain == ("b", "c")
    assert CACHE().missing(wide) == ""
    bare = without(wide, "answers")
    assert "answers" in CACHE().missing(bare)
    with pytest.raises(ProblemError, match="answers of their own"):
        CACHE().fit(replace(bare, role="fit"))
    warm = CACHE().fit(replace(wide, role="fit"))
    assert int(warm.state["remembered"]) == 300
    assert np.abs(warm.state["students"][0]).max() > 0.1
