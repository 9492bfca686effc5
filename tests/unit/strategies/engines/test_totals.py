"""Totals: block by block, the same decisions and the same means as a replay of the whole table."""

import numpy as np
import pytest

from data.problems import ProblemError
from strategies import find, replay
from strategies.engines.dense import Dense, Sparse
from strategies.engines.loop import play
from strategies.engines.recorded import Columns
from strategies.engines.totals import Block, blocks, totals
from strategies.knobs import turned
from strategies.protocol import Decision
from strategies.proving import Trap, proving_parts, with_holes
from tests.worlds import NAN, by_hand, scripted

PARTS = proving_parts()


def same(found, wanted):
    """Assert that totals are a summary, to 1e-9 and in shares exactly."""
    means = [[getattr(each, name) for name in ("quality", "cost_usd", "latency_s")] for each in (found, wanted)]
    assert means[0] == pytest.approx(means[1], rel=1e-9, nan_ok=True)
    assert (found.n, found.cost_unit, found.answered, found.called) == (wanted.n, wanted.cost_unit, wanted.answered, wanted.called)


@pytest.mark.parametrize("kind", [
    "margin-cascade", "agreement-cascade", "two-tier-uncertainty", "self-consistency", "knn-router", "cheapest", "uniform-random",
    "oracle", "hybrid-llm", "judge-noise-cascade", "automix",
])  # fmt: skip
@pytest.mark.parametrize("holes", [0.0, 0.1])
def test_blocks_add_up_to_the_summary(kind, holes):
    """Cascades, routers, ensembles and bounds, with and without holes: blocks of 37 queries are the table."""
    policy, table = find(kind)().fit(PARTS.fit), with_holes(PARTS.test, holes)
    same(totals(policy, table, block=37), replay(policy, table).summary())


@pytest.mark.parametrize("kind", ["forc-batch", "epsilon-greedy"])
def test_methods_that_see_all_queries_are_not_cut_up(kind, monkeypatch):
    """Batch and online methods get one block, whatever its size."""
    monkeypatch.setattr("strategies.engines.totals.blocks", None)
    few = PARTS.test.take(np.arange(30))
    policy = find(kind)().fit(PARTS.fit)
    same(totals(policy, few, block=7), replay(policy, few).summary())


def test_many_open_queries_are_a_mask(monkeypatch):
    """A cascade of recorded signals is played without looking for rows; its bills are those of a replay to the bit."""
    policy = find("margin-cascade")(chain=("m0", "m1", "m3"), signal="margin", thresholds=(0.9, 0.8))
    state, run = Dense(Columns(PARTS.test)), replay(policy, PARTS.test)
    answers, _ = play(policy, state)
    assert [part.rows is None or part.rows.dtype == np.bool_ for part in answers] == [True] * 3
    assert np.array_equal(state.cost, run.cost_usd)
    assert np.array_equal(state.latency, run.latency_s)
    masks = type(run)(
        policy=policy, source=run.source, cost=state.cost, latency=state.latency, events=tuple(state.events), answers=tuple(answers)
    )
    for name in ("answer", "quality", "called", "rounds", "stages"):
        assert np.array_equal(getattr(masks, name), getattr(run, name))
    monkeypatch.setattr("strategies.engines.totals.replay", None)
    same(totals(policy, PARTS.test, block=50), run.summary())


def test_rows_are_found_once_few_are_open_or_somebody_asks():
    """Under a fifth open, different calls, or an unknown cost: by row from there; a question with a price: from the start."""
    few = Dense(Columns(PARTS.test))
    answers, _ = play(find("margin-cascade")(chain=("m0", "m1", "m3"), signal="margin", thresholds=(0.1, 0.8)), few)
    assert few.found
    assert answers[-1].rows.dtype != np.bool_
    holes = Dense(Columns(with_holes(PARTS.test, 0.1)))
    play(find("margin-cascade")(chain=("m0", "m3"), signal="margin", t1=0.9), holes)
    assert holes.found
    asked = Dense(Columns(PARTS.test))
    with pytest.raises(Sparse):
        play(scripted(Decision(stop=False, call=0), lambda view: Decision(view.signal("self_check", 0) >= 0, answer=0, call=1)), asked)
    with pytest.raises(Sparse):
        asked.begun()


def test_two_calls_of_one_model_count_once():
    """The share of callers is of queries, not of calls; a model that is called in two rounds is paid twice."""
    run = replay(turned(find("margin-cascade")(chain=("a", "b"), signal="margin"), "t1", 0.5), by_hand(
        [[0, 1]] * 4, cost=[[1, 2]] * 4, margin=[[0.1, 0], [0.9, 0], [0.2, 0], [NAN, 0]]
    ))  # fmt: skip
    assert run.sums.called.tolist() == run.called.sum(axis=0).tolist() == [4, 3]
    assert run.sums.answered.tolist() == [1, 3]
    twice = type(run)(policy=run.policy, source=run.source, cost=run.cost, latency=run.latency, events=run.events * 2, answers=run.answers)
    assert twice.sums.called.tolist() == [4, 3]


def test_a_block_is_a_window_on_its_source():
    """Columns, features, texts, draws, samples and calls are those of its rows."""
    source = Columns(PARTS.test)
    first, second, *_ = blocks(source, 40)
    assert isinstance(second, Block)
    assert (first.size, second.size, second.names, second.models, second.cost_unit) == (40, 40, source.names, source.models, "USD")
    for ask in (
        lambda s: s.cost(1), lambda s: s.latency(1), lambda s: s.quality(1), lambda s: s.signal("margin", 1), lambda s: s.answers(1),
        lambda s: s.feature("embedding"), lambda s: s.uniform("x", 0), lambda s: np.array(s.texts(None)), lambda s: s.samples(1)[1],
    ):  # fmt: skip
        assert np.array_equal(ask(second), ask(source)[40:80], equal_nan=ask(second).dtype.kind == "f")
    assert second.texts(np.array([0, 3])) == source.texts(np.array([40, 43]))
    assert second.reward(2, [0, 1]).tolist() == source.reward(42, [0, 1]).tolist()
    assert second.whole(0) is True
    assert second.price("margin", 0) is None
    assert second.price("self_check", 0)[0].tolist() == source.price("self_check", 0)[0][40:80].tolist()


def test_a_source_that_is_called_is_told_of_the_blocks_rows():
    """Whoever counts calls sees each query once, at its place in the whole."""
    trap = Trap(PARTS.test)
    trap.spring()
    found = totals(find("margin-cascade")(chain=("m0", "m3"), signal="margin", t1=0.5), trap, block=64)
    assert trap._paid.mean(axis=0) == pytest.approx([found.called[name] for name in trap.names])


def test_errors_are_those_of_a_replay():
    """A model that isn't there is refused, block or not."""
    with pytest.raises(ProblemError, match="no model 'x'"):
        totals(find("margin-cascade")(chain=("m0", "x"), signal="margin"), PARTS.test, block=10)
