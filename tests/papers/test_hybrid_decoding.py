"""Hybrid decoding (arXiv 2409.13757), illustrative: the derived arms by hand, what they are called, and the share sent away."""

import numpy as np
import pytest

from data import load
from data.derived import BELOW, LEVELS, SHARE, cloud_shares, hybrid, pruned, recorded_shares
from data.derived.__main__ import main
from data.history import export
from data.history import replay as replayed
from data.problems import ProblemError
from data.stores import home
from strategies import Goal, frontier, replay
from strategies.cascades.hybrid_decoding import HybridDecoding
from strategies.cascades.tabi import Tabi
from tests.worlds import NAN, by_hand

TABLE = by_hand([[0, 1], [1, 1], [0.5, 0]], cost=[[1, 100], [2, 200], [4, 100]], latency=[[1, 10]] * 3)
# Tokens of the small model: .9 .5 | .99 .99 .2 .05 | none recorded
TOKENS = (np.array([0, 0, 1, 1, 1, 1]), np.log([0.9, 0.5, 0.99, 0.99, 0.2, 0.05]))


def test_the_shares_by_hand():
    """Below .1: 0 of 2, 1 of 4. Below .6: 1 of 2, 2 of 4. Below 1: all. A query without tokens is not known."""
    assert np.array_equal(cloud_shares(*TOKENS, 3, (0.0, 0.1, 0.6, 1.0)), [[0, 0, 0.5, 1], [0, 0.25, 0.5, 1], [NAN] * 4], equal_nan=True)


def test_cost_and_quality_of_an_arm_by_hand():
    """With h = .25, overhead 2: cost 1 + .25 * 100 * 2 = 51; quality 0 + sqrt(.25) * (1 - 0) = .5; bent by 1, .25."""
    shares = np.array([[0.25], [0.25], [0.25]], np.float32)
    table = hybrid(TABLE, "a", "b", shares, (0.6,), overhead=2.0)
    assert table.models == ("a", "b", "a + b below 0.6 (simulated)")
    assert table.cost_usd(2).tolist() == [51, 102, 54]
    assert table.quality(2).tolist() == [0.5, 1.0, 0.25]  # the third: .5 + .5 * (0 - .5), for the strong model is worse there
    assert hybrid(TABLE, "a", "b", shares, (0.6,), bend=1.0).quality(2).tolist() == [0.25, 1.0, 0.375]
    assert np.isnan(table.latency_s(2)).all()
    assert table.signal(SHARE, 2).tolist() == [0.25] * 3
    assert table.signal(BELOW, 2) == pytest.approx([0.6] * 3)
    assert np.isnan(table.signal(BELOW, 0)).all()


def test_what_is_derived_is_called_simulated_and_the_recorded_stays():
    """Set, arm, its card and the history say so; the columns of the recorded models are as they were, and a replay says why it skips it."""
    table = pruned(TABLE, "b", 0.3, 0.1)
    assert (table.origin.kind, table.origin.name) == ("simulated", "unnamed (simulated)")
    assert table.models[2] == "b pruned by 30% (simulated)"
    assert table.cards[2].note.startswith("simulated: ")
    assert (table.cards[2].tier, table.history[-1].action) == ("assumed", "arms derived")
    assert np.array_equal(table.numbers["quality"][:, :2], TABLE.numbers["quality"])
    assert table.fingerprint != TABLE.fingerprint
    assert [step.status for step in replayed(export(table), TABLE).steps] == ["derived"]


@pytest.mark.parametrize("wrong", [{"overhead": 0.5}, {"bend": 0.0}, {"bend": 1.5}])
def test_what_is_no_mix_is_refused(wrong):
    """Tokens for less than their price, and curves that are not concave."""
    with pytest.raises(ProblemError, match="is none"):
        hybrid(TABLE, "a", "b", np.zeros((3, 1), np.float32), (0.5,), **wrong)


@pytest.mark.parametrize(("ratio", "penalty"), [(1.0, 0.0), (-0.1, 0.0), (0.3, 1.5)])
def test_what_is_no_pruning_is_refused(ratio, penalty):
    """Nothing left of the work, more work than before, more quality lost than there is."""
    with pytest.raises(ProblemError, match="is none"):
        pruned(TABLE, "b", ratio, penalty)


def test_two_arms_of_one_name_are_refused():
    """The same arm twice is the same name twice."""
    with pytest.raises(ProblemError, match="share a name"):
        pruned(pruned(TABLE, "b", 0.3), "b", 0.3)


@pytest.fixture(scope="module")
def mixed():
    """Return the puzzles with the mixes of r1 and r4 by their recorded tokens."""
    table = load("puzzles")
    return hybrid(table.select(["r1", "r4"]), "r1", "r4", recorded_shares("puzzles", table, "r1"))


def test_each_threshold_takes_the_level_at_or_below_it(mixed):
    """At .5 the arm of .5, just below it that of .3, at 0 no token is sent and all is as r1 does it."""
    parts = mixed.split(seed=0)
    policy = HybridDecoding().fit(parts.fit)

    def arm(tau):
        (name,) = {parts.test.models[m] for m in replay(HybridDecoding(tau=tau, state=policy.state), parts.test).answer}
        return name

    assert [arm(tau) for tau in (0.5, 0.499, 0.95, 1.0)] == [f"r1 + r4 below {level} (simulated)" for level in (0.5, 0.3, 0.95, 1)]
    run = replay(HybridDecoding(tau=0.0, state=policy.state), parts.test)
    assert np.array_equal(run.quality, parts.test.quality("r1"))
    assert np.array_equal(run.cost_usd, parts.test.cost_usd("r1"))


def test_the_tokens_that_are_sent_away_lie_in_the_wrong_answers(mixed):
    """Recorded, not assumed: below .5 r1 sends away 34 % of the tokens of its wrong answers and 9 % of those of its right ones."""
    levels, share = [], []
    for m in range(2, len(mixed.models)):
        levels.append(round(float(mixed.signal(BELOW, m)[0]), 2))
        share.append(mixed.signal(SHARE, m))
    assert tuple(levels) == LEVELS
    means = [float(np.mean(column)) for column in share]
    assert means == sorted(means)
    wrong = mixed.quality("r1") < 0.5
    middle = share[levels.index(0.5)]
    assert middle[wrong].mean() > 3 * middle[~wrong].mean()


def test_the_curve_rises_with_the_threshold_and_can_be_tuned(mixed):
    """More tokens from the strong model: dearer and, by the curve that was chosen, better; a goal picks a threshold on calibrate."""
    parts = mixed.split(seed=0)
    curve = frontier(HybridDecoding().fit(parts.fit), parts.test)
    assert (np.diff(curve.cost_usd) >= 0).all()
    assert (np.diff(curve.quality) >= 0).all()
    assert HybridDecoding().missing(load("puzzles")).startswith("It needs arms")
    with pytest.raises(ProblemError, match="cannot be fitted"):
        HybridDecoding().fit(load("puzzles").split(seed=0).fit)
    assert isinstance(HybridDecoding().fit(parts.fit).calibrate(parts.calibrate, Goal(keep=0.7)), HybridDecoding)


def test_tabi_re_routes_to_a_pruned_arm():
    """Tabi's shortened re-route: the strong model's bill less 30 %, the small model's unchanged."""
    table = pruned(by_hand([[0, 1], [1, 1]], cost=[[1, 10]] * 2, latency=[[1, 10]] * 2, margin=[[0.1, NAN], [0.9, NAN]]), "b", 0.3)
    policy = Tabi(chain=("a", table.models[2]), tau=0.5, state={"signals": np.array(["margin"]), "temperature": np.array(1.0)})
    run = replay(policy, table)
    assert run.path == [(0, 2), (0,)]
    assert run.cost_usd == pytest.approx([1 + 7, 1])
    assert run.latency_s == pytest.approx([1 + 7, 1])


def test_the_command_keeps_the_set(capsys, tmp_path, monkeypatch):
    """It is then one of the app's own sets, called simulated; a set without tokens is refused with the way out."""
    monkeypatch.setenv("ROUTESCOPE_HOME", str(tmp_path))
    kept = main(["hybrid", "puzzles", "r1", "r4", "--overhead", "1.5"])
    assert kept in capsys.readouterr().out
    table = home.get(kept)
    assert (table.origin.kind, len(table.models)) == ("simulated", 2 + len(LEVELS))
    assert HybridDecoding().missing(table) == ""
    assert home.get(main(["pruned", "puzzles", "r4", "0.3"])).models[-1] == "r4 pruned by 30% (simulated)"
    for wrong, said in ((["everyday-2k", "r1", "r4"], "without token log-probabilities"), (["puzzles", "tool", "r4"], "no model 'tool'")):
        with pytest.raises(ProblemError, match=said):
            main(["hybrid", *wrong])
