"""EcoAssistant (arXiv 2310.03046): the rule by hand, what is remembered, and that it gets cheaper as it runs."""

from dataclasses import replace

import numpy as np
import pytest

from data.derived import SHOWN, taught
from data.derived.__main__ import main as command
from data.problems import ProblemError
from data.stores import home
from strategies import find, replay
from strategies.engines.online import stream
from strategies.predictors.memory import empty_memory, most_like, recalled, remember
from strategies.proving import bare
from tests.embedded import at_points
from tests.worlds import NAN, proving_ground

ECO = find("eco-assistant")
STRONG = "go to the strong model"
EAST, NORTH, WEST = [1.0, 0.0], [0.0, 1.0], [-1.0, 0.0]


def policy(table, **knobs):
    """Return a policy for the pair a, b that remembers nothing, on the margin."""
    return ECO(chain=("a", "b"), signal="margin", start="cold", **knobs).fit(replace(table, role="fit"))


def test_the_rule_by_hand():
    """Nothing solved: strong. Its success is remembered; like it: weak, kept if sure, escalated if not; where weak failed: strong.

    1 east: unknown -> b, right: remembered. 2 nearly east (cos .9): a, margin .9 >= .6, kept, right: remembered. 3 north: unknown -> b,
    wrong: not remembered. 4 north: still unknown -> b, right. 5 north: a, margin .2: b asked too, right, a was wrong: remembered as
    failed. 6 north: the nearest solved ones are 4 and 5, alike: the first of them, 4, where a did not fail -> a, kept. 7 like 5 only.
    """
    slant = [0.436, 0.9]  # nearer to the fifth query than to the fourth
    points = [EAST, [0.9, 0.436], NORTH, NORTH, [0.3, 0.954], NORTH, slant]
    table = at_points(
        points, [[1, 1], [1, 1], [0, 0], [0, 1], [0, 1], [1, 1], [1, 1]], cost=[[1, 10]] * 7,
        margin=[[0.9, 1], [0.9, 1], [0.9, 1], [0.9, 1], [0.2, 1], [0.7, 1], [0.9, 1]],
    )  # fmt: skip
    streamed = stream(policy(table, kappa=0.8, unknown=STRONG), table, order=np.arange(7))
    assert streamed.run.path == [(1,), (0,), (1,), (1,), (0, 1), (0,), (1,)]
    assert streamed.run.answer.tolist() == [1, 0, 1, 1, 1, 0, 1]
    assert streamed.run.score(0)[[0, 1]] == pytest.approx([-1, 0.9], abs=1e-3)
    assert streamed.run.score(1)[[1, 4]] == pytest.approx([0.9, 0.2])
    vectors, failed = recalled(streamed.policy.state)
    assert failed.tolist() == [0, 0, 0, 1, 0, 0]
    assert vectors[:2] == pytest.approx(np.array([EAST, [0.9, 0.436]]), abs=1e-3)


def test_the_papers_hierarchy_asks_the_weak_model_first():
    """What is like nothing solved goes to the weak model first; an unknown verdict is remembered as nothing."""
    table = at_points([EAST, NORTH, WEST], [[NAN, NAN]] * 3, cost=[[1, 10]] * 3, margin=[[0.9, 1], [0.1, 1], [NAN, 1]])
    streamed = stream(policy(table), table, order=np.arange(3))
    assert streamed.run.path == [(0,), (0, 1), (0, 1)]
    assert int(streamed.policy.state["remembered"]) == 0


def test_memory_is_a_ring():
    """The oldest gives way; nothing remembered is unlike everything; the nearest and its place come back."""
    state = empty_memory(2, 2)
    assert most_like(recalled(state)[0], np.array([EAST], np.float32))[0].tolist() == [-1]
    for vector, note in ((EAST, 1), (NORTH, 2), (WEST, 3)):
        remember(state, np.array(vector), note)
    vectors, notes = recalled(state)
    assert (vectors.tolist(), notes.tolist()) == ([WEST, NORTH], [3, 2])
    likeness, place = most_like(vectors, np.array([EAST, NORTH], np.float32))
    assert (likeness.tolist(), place.tolist()) == ([0, 1], [1, 1])


def test_a_warm_start_remembers_what_the_fit_part_solved():
    """Solved by either model; marked where the weak one failed."""
    table = at_points([EAST, NORTH, WEST], [[1, 0], [0, 1], [0, 0]], cost=[[1, 10]] * 3, margin=[[0.5, 1]] * 3, role="fit")
    vectors, failed = recalled(ECO(chain=("a", "b"), signal="margin").fit(table).state)
    assert (vectors.tolist(), failed.tolist()) == ([EAST, NORTH], [0, 1])


def crowds(n=900, seed=2):
    """Return a stream in 120 crowds: the weak model is able in 90 of them, the strong one nearly everywhere; confidence tells some."""
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(120, 24))
    crowd = rng.integers(0, 120, n)
    points = centres[crowd] + 0.3 * rng.normal(size=(n, 24))
    quality = (rng.random((n, 2)) < np.stack([np.where(crowd < 90, 0.95, 0.1), np.full(n, 0.97)], axis=1)).astype(float)
    margin = np.clip(0.35 * quality + 0.65 * rng.random((n, 2)), 0, 1)
    return at_points(points, quality, cost=[[1, 20]] * n, margin=margin)


def late(streamed):
    """Return mean cost and quality of the arrivals after the first third."""
    rows = streamed.order[300:]
    return streamed.run.cost_usd[rows].mean(dtype=np.float64), streamed.run.quality[rows].mean(dtype=np.float64)


def test_it_gets_cheaper_as_it_runs_where_only_what_is_known_goes_to_the_weak_model():
    """From nothing the last third costs less than 3/4 of the first, for each success brings its like within reach."""
    streamed = stream(policy(crowds(), t=0.4, kappa=0.7, unknown=STRONG), crowds())
    cost = streamed.run.cost_usd[streamed.order]
    assert cost[600:].mean() < 0.75 * cost[:300].mean()


def test_memory_beats_the_bare_hierarchy_at_equal_cost_where_failures_come_in_crowds():
    """Past the first third it earns 0.02 more than weak first without a memory (kappa = 1) at the same cost, by either choice."""
    table = crowds()
    bare_cost, bare_quality = zip(*(late(stream(policy(table, t=t, kappa=1.0), table)) for t in (0.2, 0.3, 0.4, 0.5)), strict=True)
    for unknown in ("ask the weak model", STRONG):
        cost, quality = late(stream(policy(table, t=0.3, kappa=0.7, unknown=unknown), table))
        assert bare_cost[0] < cost < bare_cost[-1]
        assert quality > np.interp(cost, bare_cost, bare_quality) + 0.02


def test_what_is_lacking_is_said():
    """Two models, something known of the queries, a confidence."""
    ground = proving_ground(60)
    assert ECO().missing(ground) == ""
    assert "two models" in ECO().missing(ground.select(("m0",)))
    assert "prompts" in ECO().missing(bare(ground))
    with pytest.raises(ProblemError, match="not fitted"):
        replay(ECO(), ground)


def test_a_demonstration_lifts_the_weak_model_by_hand(tmp_path, monkeypatch):
    """What is near a query that was solved before is lifted by .3 of what lacks, and a tenth dearer.

    1 east: nothing before it. 2 nearly east: 1 was solved by b: 0 + .3 (1 - 0). 3 north: nothing like it. 4 north: 3 was not solved.
    5 north: 4 was solved by a: 1 stays 1.
    """
    points = [EAST, [0.9, 0.436], NORTH, NORTH, NORTH]
    table = at_points(points, [[0, 1], [0, 0], [0, 0], [1, 0], [1, 1]], cost=[[1, 10]] * 5, latency=[[2, 3]] * 5)
    arm = taught(table, "a", "b", similarity=0.8, longer=0.1)
    assert arm.models[2] == "a taught by b (simulated)"
    assert arm.quality(2) == pytest.approx([0, 0.3, 0, 1, 1])
    assert arm.cost_usd(2) == pytest.approx([1, 1.1, 1, 1, 1.1])
    assert arm.signal(SHOWN, 2) == pytest.approx([NAN, 0, NAN, NAN, 3], nan_ok=True)
    assert (arm.origin.kind, arm.latency_s(2).tolist()) == ("simulated", [2] * 5)
    with pytest.raises(ProblemError, match="is none"):
        taught(table, "a", "b", lift=1.5)
    with pytest.raises(ProblemError, match="no embeddings"):
        taught(replace(table, features={}), "a", "b")
    monkeypatch.setenv("ROUTESCOPE_HOME", str(tmp_path))
    assert home.get(command(["taught", "everyday-2k", "prototype-minilm", "smollm2-135m"])).models[-1].endswith("(simulated)")
