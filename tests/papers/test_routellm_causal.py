"""RouteLLM's causal-LM classifier (arXiv 2406.18665): the rule by hand, who pays for the judge, and what a replay needs."""

import numpy as np
import pytest

from data.live.judge import Opinion, judged
from data.problems import ProblemError
from strategies import find, frontier, replay
from strategies.proving import bare, proving_parts
from tests.worlds import NAN, by_hand

CAUSAL = find("routellm-causal")
ALIKE = (0.1, 0.2, 0.3, 0.3, 0.1)


def table(*said, cost=0.5, latency=0.25):
    """Return a table of a weak and a strong model with a judge's chances of each question, at a price a question."""
    opinions = {row: Opinion(chances=chances, cost_usd=cost, latency_s=latency) for row, chances in enumerate(said)}
    return judged(by_hand([[0, 1]] * len(said), models=("w", "s"), cost=[[1, 10]] * len(said), latency=[[1, 2]] * len(said)), opinions)


@pytest.mark.parametrize(("alpha", "who"), [(0.6, 1), (0.59, 1), (0.61, 0)])
def test_the_rule_by_hand(alpha, who):
    """Labels .1 .2 .3 .3 .1: the weak model is good with .3 + .1, so 1 - .4 = .6 is compared; at .6 strong, above weak."""
    run = replay(CAUSAL(pair=("w", "s"), threshold=alpha), table(ALIKE))
    assert run.score(0) == pytest.approx([0.6])
    assert run.answer.tolist() == [who]


def test_both_ends():
    """A judge that is sure of a 5 or a 4 scores 0, one that is sure of a 3 scores 1."""
    run = replay(CAUSAL(pair=("w", "s")), table((0, 0, 0, 0, 1), (0, 0, 0, 1, 0), (0, 0, 1, 0, 0)))
    assert run.score(0).tolist() == [0, 0, 1]
    assert run.answer.tolist() == [0, 0, 1]


def test_the_judge_is_on_every_bill():
    """Whoever answers, the judge was asked: its price and its seconds come on top, once."""
    run = replay(CAUSAL(pair=("w", "s")), table((0, 0, 0, 0, 1), (1, 0, 0, 0, 0)))
    assert run.cost_usd.tolist() == [1.5, 10.5]
    assert run.latency_s.tolist() == [1.25, 2.25]
    curve = frontier(CAUSAL(pair=("w", "s")), table((0, 0, 0, 0, 1), (1, 0, 0, 0, 0)))
    assert (min(curve.cost_usd), max(curve.cost_usd)) == (1.5, 10.5)


@pytest.mark.parametrize("alpha", [0.0, 0.5, 1.01])
def test_without_a_usable_opinion_the_strong_model_is_asked(alpha):
    """At any threshold; the judge is paid all the same, and an unknown price makes the bill unknown."""
    run = replay(CAUSAL(pair=("w", "s"), threshold=alpha), table((NAN,) * 5))
    assert (run.answer.tolist(), run.cost_usd.tolist()) == ([1], [10.5])
    assert np.isnan(replay(CAUSAL(pair=("w", "s"), threshold=alpha), table((NAN,) * 5, cost=NAN)).cost_usd).all()


def test_a_recorded_opinion_without_a_price_is_not_free():
    """The feature alone, as a file may hold it: the price of asking is not known, so the bill is not."""
    alone = by_hand([[0, 1]], models=("w", "s"), cost=[[1, 10]]).with_feature("judge", np.array([ALIKE], np.float32))
    assert np.isnan(replay(CAUSAL(pair=("w", "s")), alone).cost_usd).all()


def test_fit_resolves_the_pair_and_nothing_else():
    """It learns nothing of the fit part, which needs no judge; without a pair it says that it was not fitted."""
    fit = by_hand([[0, 1, 1], [1, 1, 0]], models=("w", "s", "t"), cost=[[1, 10, 5]] * 2)
    policy = CAUSAL().fit(fit)
    assert (policy.pair, dict(policy.state)) == (("w", "s"), {})
    with pytest.raises(ProblemError, match="not fitted"):
        replay(CAUSAL(), table(ALIKE))


def test_it_says_what_is_missing_and_who_provides_it():
    """One model; no opinion; an opinion of another shape; nothing."""
    judge = by_hand([[0, 1]]).with_feature("judge", np.zeros((1, 3), np.float32))
    assert "two models" in CAUSAL().missing(by_hand([[1]]))
    for lacking in (by_hand([[0, 1]]), judge, bare(table(ALIKE))):
        assert "run_live(..., judge=Judge(endpoint, ask))" in CAUSAL().missing(lacking)
    assert CAUSAL().missing(table(ALIKE)) == ""
    with pytest.raises(ProblemError, match="no feature 'judge'"):
        replay(CAUSAL(pair=("a", "b")), by_hand([[0, 1]]))


def test_an_opinion_that_tells_something_beats_chance():
    """On the proving ground, where the judge sees through the hardness of most questions, the curve lies above a random mix."""
    parts = proving_parts()
    policy = CAUSAL().fit(parts.fit)
    curve = frontier(policy, parts.test)
    weak, strong = (parts.test.quality(name).mean() for name in policy.pair)
    share = curve.answered[parts.test.models.index(policy.pair[1])]
    gain = np.asarray(curve.quality) - (weak + share * (strong - weak))
    assert gain.max() > 0.08
