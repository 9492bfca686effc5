"""RouterBench's cascade with a simulated judge (arXiv 2403.12031): the rule by hand, whom the judge may be asked by, the claim."""

from dataclasses import replace

import pytest

from data import load
from data.problems import NotCalledError, ProblemError
from strategies import frontier, replay
from strategies.baselines.zero_router import ZeroRouter
from strategies.cascades.judge_noise import JudgeNoise
from strategies.engines.live import run_live
from strategies.engines.loop import JudgedLoopView, State, view_for
from strategies.engines.recorded import Columns
from strategies.engines.source import Judge
from strategies.metrics.plane import aiq
from strategies.study.compare import comparable
from tests.worlds import NAN, by_hand

TABLE = by_hand([[1, 0, 0], [0, 1, 1], [0, 0, 1], [NAN, 0.4, 1]], cost=[[1, 2, 10], [1, 2, 10], [1, 2, 10], [1, 6, 10]])


def test_a_judge_without_error_stops_at_the_first_right_answer():
    """a, then b, then c; the last query's first answer is not known, so nothing accepts it, and .4 is not right."""
    run = replay(JudgeNoise(error=0, chain=("a", "b", "c")).fit(TABLE), TABLE)
    assert run.path == [(0,), (0, 1), (0, 1, 2), (0, 1, 2)]
    assert run.cost_usd.tolist() == [1, 3, 13, 17]
    assert replay(JudgeNoise(error=0, right=0.4, chain=("a", "b", "c")).fit(TABLE), TABLE).path[3] == (0, 1)


@pytest.mark.parametrize(
    ("cap", "paths"),
    [
        # Mean costs 1, 3 and 10, 14 in all. A bill of 1 and 3 more is 4 = 14 * .286; of 3 and 10 more 13 = 14 * .929.
        (0.28, [(0,), (0,), (0,), (0,)]),
        (0.29, [(0,), (0, 1), (0, 1), (0, 1)]),
        (0.92, [(0,), (0, 1), (0, 1), (0, 1)]),
        (0.93, [(0,), (0, 1), (0, 1, 2), (0, 1)]),  # the last query's b was dearer than usual: 1 + 6 + 10 = 17
        (1.0, [(0,), (0, 1), (0, 1, 2), (0, 1, 2)]),
    ],
)
def test_the_cap_is_on_the_bill_with_the_next_call(cap, paths):
    """The next model is asked only if the query's own bill and that model's mean cost stay within the cap; at 1 there is none."""
    assert replay(JudgeNoise(error=0, cap=cap, chain=("a", "b", "c")).fit(TABLE), TABLE).path == paths


def test_an_error_turns_its_share_of_verdicts_round_and_a_larger_one_the_same_and_more():
    """Of 4,000 right answers about a tenth is rejected; what is rejected at .1 is so at .2."""
    source = Columns(by_hand([[1]] * 4000))
    wrongly = {error: source.verdict(0, Judge(error, 0.5), 0) == 0 for error in (0.0, 0.1, 0.2, 0.8)}
    assert not wrongly[0.0].any()
    for error in (0.1, 0.2, 0.8):
        assert wrongly[error].mean() == pytest.approx(error, abs=0.02)
    assert not (wrongly[0.1] & ~wrongly[0.2]).any()
    assert (source.verdict(0, Judge(0.1, 0.5), 1) != source.verdict(0, Judge(0.1, 0.5), 0)).any()


def test_the_judge_speaks_of_called_models_and_to_declared_strategies_only():
    """No view but a declared one has the word, and that one refuses a model that was not paid for."""
    state = State(Columns(TABLE))
    policy = JudgeNoise(chain=("a", "b", "c")).fit(TABLE)
    view = view_for(policy, state)
    assert isinstance(view, JudgedLoopView)
    with pytest.raises(NotCalledError, match="verdict of a"):
        view.verdict(0, Judge(0.0, 0.5))
    assert not hasattr(view_for(ZeroRouter(), state), "verdict")
    assert not hasattr(view, "quality")


def test_it_never_runs_live_and_is_compared_with_nobody():
    """A live run has no truth to make verdicts from; a table of strategies that one can deploy leaves it out."""
    with pytest.raises(ProblemError, match="has to know the truth"):
        run_live(JudgeNoise(chain=("a", "b")).fit(TABLE), TABLE.queries, [], lambda *_: None)
    assert JudgeNoise not in comparable()
    assert JudgeNoise.card.judged


@pytest.fixture(scope="module")
def puzzles():
    """Return the split of the recorded puzzles, and its area under the zero router's curve."""
    parts = load("puzzles").split(seed=0)
    return parts, area(ZeroRouter().fit(parts.fit), parts.test, "budget")


def area(policy, test, knob):
    """Return the AIQ over the range of the single models' costs."""
    curve, cost, quality = frontier(policy, test, knob), test.mean("cost_usd"), test.mean("quality")
    cheapest = min(cost, key=cost.get)
    return aiq(curve.cost_usd, curve.quality, low=cost[cheapest], high=max(cost.values()), cheapest_quality=quality[cheapest])


def test_ahead_of_the_zero_router_up_to_a_tenth_of_errors_and_behind_above_a_fifth(puzzles):
    """The paper's claim on recorded puzzles, r1 to r4: area .906 at no error, .837 at .1, .771 at .2, .440 at .8; zero router .809."""
    parts, zero = puzzles
    found = {}
    for error in (0, 0.01, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8):
        policy = JudgeNoise(error=error, chain=("r1", "r2", "r3", "r4")).fit(parts.fit)
        found[error] = area(policy, parts.test, "cap")
    assert all(area > zero + 0.02 for error, area in found.items() if error <= 0.1)
    assert all(area < zero - 0.02 for error, area in found.items() if error >= 0.2)
    assert list(found.values()) == sorted(found.values(), reverse=True)
    assert found[0.8] < zero - 0.3


def test_a_longer_chain_needs_a_better_judge(puzzles):
    """Every model that is asked is one more chance to accept a wrong answer: with all eight arms the lead is gone at .1."""
    parts, zero = puzzles
    policy = JudgeNoise(error=0.05).fit(parts.fit)
    assert len(policy.chain) == 8
    assert area(policy, parts.test, "cap") > zero + 0.02
    assert area(replace(policy, error=0.1), parts.test, "cap") < zero
