"""What holds for every strategy on any table: ties, holes, silent scores, graded quality, chains of two to four."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from strategies import find, frontier, replay
from strategies.engines.run import exact_mean
from strategies.knobs import turned
from strategies.protocol import Decision
from strategies.proving import Trap, scrambled
from tests.worlds import drawn, scripted

ENOUGH = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
thresholds = st.sampled_from([0.0, 0.2, 0.5, 0.5000001, 0.6, 1.0, 1.01]) | st.floats(0, 1.01)


@st.composite
def cascades(draw, *, holes=True):
    """Draw a table and a margin cascade over some of its models in some order."""
    table = draw(drawn(holes=holes))
    chain = draw(st.permutations(table.models).flatmap(lambda order: st.integers(2, len(order)).map(lambda k: tuple(order[:k]))))
    levels = tuple(draw(thresholds) for _ in chain[1:])
    return table, find("margin-cascade")(chain=chain, thresholds=levels, signal="margin")


def by_brute_force(policy, table):
    """Return (quality, cost, latency, answer) of a margin cascade query by query, in plain Python."""
    chain = [table.index(name) for name in policy.chain]
    found = []
    for i in range(len(table)):
        cost = latency = np.float32(0)
        for k, m in enumerate(chain):
            cost, latency = cost + table.cost_usd(m)[i], latency + table.latency_s(m)[i]
            if k == len(chain) - 1 or table.signal("margin", m)[i] >= np.float32(policy.thresholds[k]):
                found.append((table.quality(m)[i], cost, latency, m))
                break
    return tuple(np.array(column, dtype=np.float32) for column in zip(*found, strict=True))


def facts(run):
    """Return the float64 means of a run."""
    return [exact_mean(values) for values in (run.quality, run.cost_usd, run.latency_s)]


@ENOUGH
@given(cascades())
def test_a_replay_is_the_plain_loop(case):
    """Every query's quality, bill, latency and answer equal those of a query-by-query simulation."""
    table, policy = case
    run = replay(policy, table)
    for shown, wanted in zip((run.quality, run.cost_usd, run.latency_s, run.answer), by_brute_force(policy, table), strict=True):
        assert np.array_equal(shown, wanted, equal_nan=True)


@ENOUGH
@given(cascades(), st.data())
def test_a_frontier_is_brute_force(case, data):
    """At every setting of a cascade's curve the replay has the same sums to 1e-9 and the same shares; the end escalates all."""
    table, policy = case
    stage = data.draw(st.integers(1, len(policy.thresholds)))
    curve = frontier(policy, table, f"t{stage}")
    for k, setting in enumerate(curve.setting):
        run = replay(turned(policy, f"t{stage}", setting), table)
        assert [curve.quality[k], curve.cost_usd[k], curve.latency_s[k]] == pytest.approx(facts(run), rel=1e-9, abs=1e-12, nan_ok=True)
        summary = run.summary()
        assert curve.answered[:, k] == pytest.approx(list(summary.answered.values()), abs=1e-6)
        assert curve.called[:, k] == pytest.approx(list(summary.called.values()), abs=1e-6)
    came = len(run.score(stage)[~np.isnan(run.score(stage))])
    onward = sum(table_size(event.rows, table) for event in run.events if event.stage == stage)
    assert onward >= came


def table_size(rows, table):
    """Return how many queries these rows are."""
    return len(table) if rows is None else len(rows)


@ENOUGH
@given(cascades(), thresholds)
def test_any_setting_between_breakpoints_is_on_the_curve(case, value):
    """A threshold typed by hand has the figures of the curve's point that acts like it."""
    table, policy = case
    curve = frontier(policy, table, "t1")
    at = curve.at(value)
    run = replay(turned(policy, "t1", value), table)
    assert [curve.quality[at], curve.cost_usd[at], curve.latency_s[at]] == pytest.approx(facts(run), rel=1e-9, abs=1e-12, nan_ok=True)


@ENOUGH
@given(cascades(holes=False), thresholds, st.data())
def test_escalating_more_never_saves_money(case, value, data):
    """A higher threshold at any stage never lowers any query's bill or latency."""
    table, policy = case
    name = f"t{data.draw(st.integers(1, len(policy.thresholds)))}"
    low, high = (replay(turned(policy, name, v), table) for v in sorted((value, data.draw(thresholds))))
    assert (low.cost_usd <= high.cost_usd).all()
    assert (low.latency_s <= high.latency_s).all()
    assert (low.called <= high.called).all()


@ENOUGH
@given(cascades(), st.randoms(use_true_random=False))
def test_rows_are_decided_on_their_own(case, random):
    """Any subset in any order is decided as it is among all."""
    table, policy = case
    rows = np.array([i for i in random.sample(range(len(table)), len(table)) if random.random() < 0.7], dtype=int)
    run, part = replay(policy, table), replay(policy, table.take(rows))
    for name in ("answer", "cost_usd", "latency_s", "quality", "called"):
        assert np.array_equal(getattr(run, name)[rows], getattr(part, name), equal_nan=name != "called")


@ENOUGH
@given(cascades(), st.integers(0, 99))
def test_decisions_do_not_hang_on_what_was_not_called(case, seed):
    """Scrambling every outcome that was not paid for leaves every decision, and quality is never touched before the end."""
    table, policy = case
    trap = Trap(table)
    run = replay(policy, trap)
    trap.spring()
    again = replay(policy, scrambled(table, ~run.called, seed))
    for name in ("answer", "cost_usd", "latency_s", "called", "quality"):
        assert np.array_equal(getattr(run, name), getattr(again, name), equal_nan=name != "called")


@ENOUGH
@given(drawn(holes=False), thresholds)
def test_an_agreement_frontier_is_brute_force(table, tau):
    """A panel of all but the last model: the curve's every setting equals its replay, and a typed tau lies on it."""
    if len(table.models) < 3:
        return
    policy = find("agreement-cascade")(chain=table.models)
    curve = frontier(policy, table)
    for k, setting in [*enumerate(curve.setting), (curve.at(tau), tau)]:
        run = replay(turned(policy, "tau", setting), table)
        assert [curve.quality[k], curve.cost_usd[k], curve.latency_s[k]] == pytest.approx(facts(run), rel=1e-9, abs=1e-12)


@ENOUGH
@given(drawn(), st.integers(1, 4), st.integers(0, 2**32 - 1))
def test_a_lambda_frontier_is_brute_force(table, k, seed):
    """A neighbours router on coarse embeddings (many ties): every setting of the curve equals its replay, cost never rises."""
    vectors = np.random.default_rng(seed).integers(-1, 2, (len(table), 3)).astype(np.float32)
    policy = find("knn-router")(k=k).fit(table.with_feature("embedding", vectors)) if table.has("cost_usd") else None
    if policy is None:
        return
    seen = table.with_feature("embedding", vectors)
    curve = frontier(policy, seen)
    for at, setting in enumerate(curve.setting):
        run = replay(turned(policy, "lam", setting), seen)
        assert [curve.quality[at], curve.cost_usd[at], curve.latency_s[at]] == pytest.approx(facts(run), rel=1e-9, abs=1e-12, nan_ok=True)
        assert curve.answered[:, at] == pytest.approx(list(run.summary().answered.values()), abs=1e-6)


@ENOUGH
@given(drawn(), st.floats(0, 1), st.integers(0, 5))
def test_mixtures_lie_between_their_ends(table, share, seed):
    """Expected cost and quality of a random mix lie between the two models', every draw on one of the two."""
    pair = table.models[:2]
    policy = find("random-mix")(pair=pair, share=share, seed=seed)
    expected = policy.expected(table)
    ends = [find("random-mix")(pair=pair, share=s).expected(table) for s in (0.0, 1.0)]
    for name in ("quality", "cost_usd"):
        low, high = sorted(getattr(end, name) for end in ends)
        assert np.isnan([low, high]).any() or low - 1e-9 <= getattr(expected, name) <= high + 1e-9
    assert set(replay(policy, table).answer.tolist()) <= {0, 1}


@ENOUGH
@given(drawn(holes=False))
def test_the_oracle_is_never_below_anything(table):
    """No strategy beats it on any query, and no cheaper model is as good."""
    best = replay(find("oracle")(), table)
    for m in range(len(table.models)):
        assert (best.quality >= table.quality(m)).all()
        assert (best.cost_usd <= table.cost_usd(m))[table.quality(m) == best.quality].all()


@ENOUGH
@given(drawn(), st.data())
def test_panels_cost_their_sum_and_last_as_long_as_the_slowest(table, data):
    """However a set of models is written down, money adds up, time is the maximum, and unknown stays unknown."""
    many = len(table.models)
    member = np.array(data.draw(st.lists(st.booleans(), min_size=many, max_size=many).filter(any)))
    who = np.flatnonzero(member)
    one = replay(scripted(Decision(stop=False, call=member), Decision(stop=True, answer=int(who[-1]))), table)
    each = replay(scripted(Decision(stop=False, call=np.tile(member, (len(table), 1))), Decision(stop=True, answer=int(who[-1]))), table)
    cost = np.stack([table.cost_usd(m) for m in who])
    latency = np.stack([table.latency_s(m) for m in who])
    for run in (one, each):
        assert run.cost_usd == pytest.approx(cost.sum(axis=0), nan_ok=True)
        assert np.array_equal(run.latency_s, np.max(latency, axis=0), equal_nan=True)
        assert np.array_equal(run.called, np.tile(member, (len(table), 1)))
