"""HybridLLM (arXiv 2404.14618): labels, relaxation and rule by hand; what the transformation does where the gap is large."""

from dataclasses import replace

import numpy as np
import pytest

from data.problems import ProblemError
from data.samples import Samples
from strategies import find, frontier, replay
from strategies.predictors.gaps import hard, neighbour_gaps, relaxation, sampled_gaps, soft, spread
from tests.embedded import at_points, halves, scattered, view_of
from tests.worlds import NAN

HYBRID = find("hybrid-llm")


def test_the_three_labels_by_hand():
    """Gaps (0, -0.1), (-0.3, -0.5), (-0.2, -0.6): hard (of the first) 1, 0, 0; soft 0.5, 0, 0; at t = 0.3 soft 1, 0.5, 0.5."""
    gaps = np.array([[0.0, -0.1], [-0.3, -0.5], [-0.2, -0.6]])
    assert hard(gaps[:, 0]).tolist() == [1, 0, 0]
    assert soft(gaps).tolist() == [0.5, 0, 0]
    assert soft(gaps, 0.3).tolist() == [1, 0.5, 0.5]
    assert soft(np.array([[0.1, NAN, -0.1], [0.2, NAN, NAN]])).tolist() == [0.5, 1]


def test_the_relaxation_by_hand():
    """Spreads of the same gaps: t = 0: 2/9, t = 0.1: 4/9 (labels 1, 0, 0), t = 0.3: 2/9, t = 0.6: 0. So t* = 0.1."""
    gaps = np.array([[0.0, -0.1], [-0.3, -0.5], [-0.2, -0.6]])
    assert [spread(soft(gaps, t)) for t in (0.0, 0.1, 0.3, 0.6)] == pytest.approx([2 / 9, 4 / 9, 2 / 9, 0])
    assert relaxation(gaps) == pytest.approx(0.1)
    rng = np.random.default_rng(0)
    labels = rng.random(30)
    assert spread(labels) == pytest.approx(np.abs(labels[:, None] - labels).mean())


@pytest.mark.parametrize("lead", [0.6, 0.2, 0.0, -0.4])
def test_for_single_answers_it_is_the_median_of_the_gap(lead):
    """With hard labels the objective is 2 p (1 - p), so t* forgives the median lead: max(0, -median(H))."""
    gap = np.random.default_rng(1).normal(-lead, 0.1, 401)
    assert relaxation(gap[:, None]) == pytest.approx(max(0.0, -np.median(gap)), abs=0.01)


def test_repeated_answers_are_compared_in_pairs():
    """Answers (1, 0) against (0.5, 0.5, 0): gaps .5 .5 1 -.5 -.5 0; without repeated answers of any query there are none."""
    kept = Samples(
        query=np.array([0] * 5, np.int32), model=np.array([0, 0, 1, 1, 1], np.int32), quality=np.array([1, 0, 0.5, 0.5, 0], np.float32),
        code=np.full(5, -1, np.int32),
    )  # fmt: skip
    gaps = sampled_gaps(kept, 0, 1, np.array([True]))
    assert gaps.tolist() == [[0.5, 0.5, 1.0, -0.5, -0.5, 0.0]]
    assert soft(gaps).tolist() == [pytest.approx(4 / 6)]
    assert sampled_gaps(kept, 0, 1, np.array([True, True])) is None
    table = at_points([[1, 0]], [[0.5, 1 / 3]], cost=[[1, 2]])
    fitted = HYBRID(label="probabilistic", pair=("a", "b")).fit(replace(table, samples=kept, stored_fingerprint=""))
    assert fitted.score(view_of(table)) == pytest.approx([4 / 6], abs=0.02)


def test_neighbours_stand_in_for_repeated_answers():
    """Ten of each kind: each query gets the gaps of its own kind, its own among them."""
    x = np.repeat(np.eye(2, dtype=np.float32), 10, axis=0)
    gaps = neighbour_gaps(x, np.arange(20.0))
    assert sorted(gaps[3].tolist()) == list(range(10))
    assert sorted(gaps[14].tolist()) == list(range(10, 20))


def test_the_rule_by_hand():
    """With p = sigmoid(x1) = 0.731, 0.5, 0.269: at tau = 0.5 the small model takes the first two; the curve sends one by one."""
    policy = HYBRID(pair=("s", "l")).with_state(
        input_mean=np.zeros(2), input_spread=np.ones(2), w2=np.array([[1.0, 0.0]]), b2=np.zeros(1), relaxation=np.array(0.0)
    )
    table = at_points([[1, 0], [0, 3], [-1, 0]], [[1, 1], [0, 1], [0, 1]], cost=[[1, 9]] * 3, models=("s", "l"))
    run = replay(policy, table)
    assert run.score(0) == pytest.approx([0.731, 0.5, 0.269], abs=5e-4)
    assert run.answer.tolist() == [0, 0, 1]
    assert run.cost_usd.tolist() == [1, 1, 9]
    curve = frontier(policy, table)
    assert curve.exact
    assert curve.answered[0] == pytest.approx([1, 2 / 3, 1 / 3, 0])
    assert curve.quality == pytest.approx([1 / 3, 2 / 3, 1, 1])


def world(lead):
    """Return a maker of tables with graded quality: the small model is `lead` behind, more so on the left; the noise is small."""

    def make(points, seed):
        noise = 0.05 * np.random.default_rng(seed + 1000).normal(size=len(points))
        quality = np.stack([0.9 - lead + 0.2 * points[:, 0] + noise, np.full(len(points), 0.9)], axis=1)
        return at_points(points, np.clip(quality, 0, 1), cost=np.tile([1.0, 10.0], (len(points), 1)))

    return make


def lift(label, lead):
    """Return the quality gained over the random mix at half the queries each, and the relaxation."""
    fit, test = halves(world(lead), 800)
    policy = HYBRID(label=label).fit(fit)
    curve = frontier(policy, test)
    mix = curve.answered[0] * test.quality("a").mean() + curve.answered[1] * test.quality("b").mean()
    return float(np.interp(0.5, curve.answered[1], curve.quality - mix)), float(policy.state["relaxation"])


def test_the_transformation_matters_where_the_gap_is_large():
    """At a lead of 0.5 the small model never wins: hard labels are all 0 and rank by chance, transformed ones find the lesser evil."""
    transformed, relaxed = lift("transformed", 0.5)
    assert relaxed == pytest.approx(0.5, abs=0.05)
    assert transformed > 0.04
    assert transformed > lift("deterministic", 0.5)[0] + 0.03


def test_without_a_gap_it_changes_nothing():
    """Where the small model is as good on half the queries, t* = 0: the same policy as the probabilistic one, as good as the hard one."""
    transformed, relaxed = lift("transformed", -0.05)
    assert relaxed == 0
    assert transformed == lift("probabilistic", -0.05)[0]
    assert transformed == pytest.approx(lift("deterministic", -0.05)[0], abs=0.01)


def test_the_pair_is_the_cheapest_and_the_best_of_the_others():
    """Resolved at the fit and kept; a query that one of them missed is not learnt from; no common query is refused."""
    points = scattered(30, 0)
    quality = np.tile([0.9, 0.2, 0.7], (30, 1))
    quality[:10, 0] = NAN
    policy = HYBRID().fit(at_points(points, quality, cost=np.tile([5.0, 1.0, 2.0], (30, 1))))
    assert policy.pair == ("b", "a")
    quality[10:, 1] = NAN
    with pytest.raises(ProblemError, match="both b and a"):
        HYBRID(pair=("b", "a")).fit(at_points(points, quality, cost=np.tile([5.0, 1.0, 2.0], (30, 1))))


def test_what_is_lacking_is_said():
    """Two models and embeddings are needed, prices are not."""
    table = at_points([[0, 1]], [[1, 0]])
    assert HYBRID().missing(table) == ""
    assert "two models" in HYBRID().missing(table.select(("a",)))
    assert "prompts" in HYBRID().missing(replace(table, features={}))
    with pytest.raises(ProblemError, match="was not fitted"):
        replay(HYBRID(), table)
    with pytest.raises(ProblemError, match="this data has one"):
        HYBRID().fit(table.select(("a",)))
