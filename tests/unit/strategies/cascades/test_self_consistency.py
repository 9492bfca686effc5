"""The self-consistency cascade: samples are drawn, paid, compared and returned; what is lacking is said."""

import numpy as np
import pytest

from data.problems import LeakError, NotCalledError, ProblemError
from strategies import replay
from strategies.cascades.self_consistency import SelfConsistency
from strategies.knobs import turned
from strategies.protocol import Decision
from tests.worlds import bare, by_hand, proving_ground, sampled, scripted

TABLE = sampled(by_hand([[0.5, 1], [0.5, 1]], cost=[[1, 9]] * 2), {0: [[1, 1, 2, 2, 2, 2], [3, 3, 3, 3, 1, 1]]}, right=[2, 3])


def test_no_more_is_drawn_than_was_recorded_and_k_can_be_turned():
    """Six are there: ten are asked for, six are paid; three give another majority for less."""
    fitted = SelfConsistency(tau=0.5).fit(TABLE)
    assert fitted.counts() == [6]
    run = replay(fitted, TABLE)
    assert (run.cost_usd.tolist(), run.quality.tolist(), run.sample.tolist()) == ([6, 6], [1, 1], [2, 0])
    fewer = replay(turned(fitted, "k", 3), TABLE)
    assert (fewer.cost_usd.tolist(), fewer.quality.tolist()) == ([3, 3], [0, 1])


def test_one_arm_is_verified_in_two_halves():
    """1 1 2 against 2 2 2 differ, 3 3 3 and 3 1 1 too; with four samples 3 3 and 3 3 are the same."""
    fitted = SelfConsistency(how="verify", k=6).fit(TABLE)
    assert replay(fitted, TABLE).answer.tolist() == [1, 1]
    assert replay(turned(fitted, "k", 4), TABLE).answer.tolist() == [1, 0]


def test_a_sample_has_to_be_drawn_before_it_is_returned():
    """Drawn for a called model, and as many as the one that is returned."""
    call, back = Decision(stop=False, call=0), Decision(stop=True, answer=0, sample=2)

    def drawing(count):
        def decide(view):
            view.samples(0, count)
            return back

        return decide

    with pytest.raises(LeakError, match="not drawn"):
        replay(scripted(call, back), TABLE)
    with pytest.raises(LeakError, match="not drawn"):
        replay(scripted(call, drawing(2)), TABLE)
    assert replay(scripted(call, drawing(3)), TABLE).quality.tolist() == [1, 1]
    with pytest.raises(NotCalledError, match="further answer"):
        replay(scripted(Decision(stop=False, call=1), drawing(3)), TABLE)


def test_beyond_what_was_recorded_there_is_nothing():
    """A seventh sample is no answer, and its quality unknown."""
    seen = []

    def decide(view):
        seen.append(view.samples(0, 7))
        return Decision(stop=True, answer=0, sample=np.array([6, -1]))

    run = replay(scripted(Decision(stop=False, call=0), decide), TABLE)
    assert seen[0][:, 6].tolist() == [-1, -1]
    assert np.isnan(run.quality).tolist() == [True, False]
    assert run.quality[1] == 0.5  # -1 is the main answer


def test_what_it_lacks_is_said():
    """Samples: a column, or a live run with several; three at least."""
    table = proving_ground(40)
    assert SelfConsistency().missing(table) == ""
    for word in ("three recorded answers", "Data page", "several samples"):
        assert word in SelfConsistency().missing(bare(table))
    pairs = sampled(by_hand([[1, 1]] * 3, cost=[[1, 2]] * 3), {0: [[1, 1]] * 3}, right=[1] * 3)
    assert "three recorded answers" in SelfConsistency().missing(pairs)
    assert "two models" in SelfConsistency().missing(table.select(["m0"]))
    with pytest.raises(ProblemError, match="three recorded answers"):
        SelfConsistency().fit(bare(table))
    with pytest.raises(ProblemError, match="b has no repeated answers"):
        SelfConsistency(chain=("b", "a")).fit(TABLE)
    with pytest.raises(ProblemError, match="was not fitted"):
        replay(SelfConsistency(), table)
    with pytest.raises(ProblemError, match="has no repeated answers"):
        replay(SelfConsistency().fit(TABLE), by_hand([[1, 1]], cost=[[1, 2]]))
