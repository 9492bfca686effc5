"""What scenarios change: money scales, outages use nobody who is down, weights are counts, a queue only ever makes it slower."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.problems import ProblemError
from strategies.engines.loop import replay
from strategies.frontiers.tune import Goal
from strategies.proving import proving_ground, scrambled
from strategies.registry import find
from strategies.study.curves import fitted
from strategies.study.prepare import prepare
from strategies.whatif.conditions import JudgeError, Latency, Load, Mix, Outage, Removal
from strategies.whatif.measure import Effect, gap
from strategies.whatif.prices import Batch, BillFactor, HourPrice, PricesOf, TokenPrices
from strategies.whatif.queue import erlang_c, queue
from strategies.whatif.replayed import effect, outcome, refitted
from strategies.whatif.scenario import Scenario, apply, scenario

_FAST = (
    "margin-cascade",
    "random-mix",
    "agreement-cascade",
    "automix",
    "routellm-causal",
    "self-consistency",
    "judge-noise-cascade",
)


@pytest.mark.parametrize("name", _FAST)
def test_twice_the_prices_twice_the_bill(name):
    """Every bill of every kind of strategy scales with the prices: calls, samples, self-checks, judges."""
    fit = fitted(prepare(proving_ground(120)), find(name)())
    before, after = effect(fit, scenario(BillFactor(factor=4.0))).before, effect(fit, scenario(BillFactor(factor=4.0))).after
    assert np.array_equal(after.cost, 4 * before.cost)
    assert np.array_equal(after.quality, before.quality)


@given(factor=st.floats(0, 1000))
@settings(max_examples=20, deadline=None)
def test_scaling_all_prices_scales_all_costs(cascade, factor):
    """A factor on all prices is a factor on the mean cost, and leaves savings where they are."""
    found = effect(cascade, scenario(BillFactor(factor=factor)))
    assert found.after.figure("cost").mean == pytest.approx(factor * found.before.figure("cost").mean, rel=1e-5)
    if factor > 0.01:
        assert found.after.figure("saving").mean == pytest.approx(found.before.figure("saving").mean, abs=1e-5)


def test_unknown_prices_stay_unknown(study):
    """A model without a price has none at twice the price either, and a price of nobody known is refused."""
    nameless = replace(study.table, numbers={**study.table.numbers, "cost_usd": np.full((len(study.table), 4), np.nan)})
    assert np.isnan(apply(scenario(BillFactor(factor=2.0)), nameless).cost_usd("m0")).all()
    holed = study.table.numbers["cost_usd"].copy()
    holed[:7, 1] = np.nan
    some = replace(study.table, numbers={**study.table.numbers, "cost_usd": holed})
    assert np.array_equal(np.isnan(apply(scenario(BillFactor(factor=2.0)), some).cost_usd("m1")), np.isnan(holed[:, 1]))
    with pytest.raises(ProblemError, match="no price on"):
        apply(scenario(PricesOf(day="2026-01-01")), study.table)


def test_token_prices_bill_each_kind_apart(study):
    """Cached and reasoning tokens cost what they are said to, the others what they did."""
    table = study.table
    bill = apply(scenario(TokenPrices(model="m2", input=1.0, cached=0.25, reasoning=16.0)), table).cost_usd("m2").astype(float)
    read, written, cached, thought = (table.column(f"tokens_{name}", "m2").astype(float) for name in ("in", "out", "cached", "reasoning"))
    worked = ((read - cached) * 1.0 + cached * 0.25 + (written - thought) * 8.0 + thought * 16.0) * 1e-6
    assert np.allclose(bill, worked, rtol=1e-6)
    assumed = apply(scenario(TokenPrices(model="m2", cached=0.0, cached_share=1.0)), table).cost_usd("m2")
    assert np.allclose(assumed, written * 8.0e-6, rtol=1e-6)


def test_the_card_s_own_prices_change_nothing(study):
    """To say what a model costs already is no change."""
    assert apply(scenario(TokenPrices(model="m2", input=2.0, output=8.0)), study.table) is study.table


def test_an_hour_costs_its_seconds(study):
    """An own machine costs its measured seconds; batches cost less and come later."""
    table = study.table
    own = apply(scenario(HourPrice(model="m1", usd=3.6)), table)
    assert np.allclose(own.cost_usd("m1"), table.latency_s("m1") * 1e-3, rtol=1e-6)
    batch = apply(scenario(Batch(model="m1", rebate=0.5, wait_h=2.0)), table)
    assert np.array_equal(batch.cost_usd("m1"), table.cost_usd("m1") / 2)
    assert set(batch.latency_s("m1")) == {7200.0}
    assert np.isnan(apply(scenario(Batch(rebate=0.5)), table).latency_s("m1")).all()


@pytest.mark.parametrize("down", ["m0", "m2", "m3"])
@pytest.mark.parametrize("which", ["cascade", "router"])
def test_an_outage_never_uses_the_model(request, study, which, down):
    """Whatever a model that is down would have said, cost or taken, the outcome is the same to the bit."""
    fit = request.getfixturevalue(which)
    cells = np.zeros((len(study.table), 4), dtype=bool)
    cells[:, study.table.index(down)] = True
    other = replace(study, parts=tuple(replace(p, test=scrambled(p.test, cells[: len(p.test)], 1)) for p in study.parts))
    honest, blind = (outcome(replace(fit, study=each), scenario(Outage(model=down))) for each in (study, other))
    assert not honest.called[:, study.table.index(down)].any()
    for name in ("quality", "cost", "latency"):
        assert getattr(honest, name).tobytes() == getattr(blind, name).tobytes()


def test_who_answered_already_is_not_asked_again(study, single):
    """A cascade whose last model is down ends at the one before: its answer is there and not paid twice."""
    through = fitted(study, find("margin-cascade")(chain=("m0", "m2", "m3"), thresholds=(1.01, 1.01), signal="margin"))
    down = outcome(through, scenario(Outage(model="m3")))
    plain = outcome(fitted(study, find("margin-cascade")(chain=("m0", "m2"), thresholds=(1.01,), signal="margin")), Scenario())
    assert np.allclose(down.cost, plain.cost, rtol=1e-5)
    assert np.allclose(down.latency, plain.latency, rtol=1e-5)
    assert np.array_equal(down.quality, plain.quality)


def test_savings_are_counted_against_the_best_one_as_if_it_were_up(study, cascade):
    """The reference of a saving keeps its own bill while it is down; its prices move as assumed."""
    found = outcome(cascade, scenario(Outage(model=study.best), BillFactor(model=study.best, factor=2.0)))
    assert np.array_equal(found.reference_cost, 2 * outcome(cascade, Scenario()).reference_cost)


def test_a_longer_outage_meets_more_queries(study, single):
    """A single model that is down for a share of the queries answers the others itself, and time is lost on each failure only."""
    whole, half = (outcome(single("m3"), scenario(Outage(model="m3", share=share, lost_s=5.0))) for share in (1.0, 0.5))
    assert 0.4 < half.called[:, 3].mean() < 0.6
    assert not whole.called[:, 3].any()
    alone = outcome(single("m2"), Scenario())
    assert np.allclose(whole.latency, alone.latency + 5)
    assert np.array_equal(half.quality[half.called[:, 3]], outcome(single("m3"), Scenario()).quality[half.called[:, 3]])


def test_what_is_gone_is_learnt_around(study, cascade, router):
    """A removal learns and tunes again: the chain without the model, no call of it, and the outcome says so."""
    for fit in (cascade, router):
        after = outcome(fit, scenario(Removal(model="m2")))
        assert after.refitted
        assert "m2" not in after.models
        assert len(after.models) == 3
    assert refitted(cascade, scenario(Removal(model="m2"))).policy.chain == ("m0", "m3")
    assert outcome(cascade, scenario(Removal(model=study.best))).reference != study.best


def test_refitting_follows_the_goal(cascade):
    """A strategy that is tuned again for another goal is another one; without refit it stays."""
    stay = outcome(cascade, scenario(BillFactor(model="m3", factor=2.0)))
    again = [outcome(cascade, Scenario(refit=True), goal=Goal(keep=keep)).figure("cost").mean for keep in (0.7, 1.0)]
    assert again[0] < again[1]
    assert not stay.refitted


@given(weights=st.tuples(st.integers(0, 4), st.integers(1, 4)))
@settings(max_examples=10, deadline=None)
def test_whole_weights_are_copies(study, cascade, weights):
    """A task that counts three times has the figures of a table in which each of its queries stands three times."""
    names = study.tested.queries.task_names
    mixed = outcome(cascade, scenario(*(Mix(task=name, weight=float(w)) for name, w in zip(names, weights, strict=True))))
    plain = outcome(cascade, Scenario())
    rows = np.repeat(np.arange(len(plain)), np.array(weights)[study.tested.queries.tasks])
    copies = replace(
        plain, quality=plain.quality[rows], cost=plain.cost[rows], latency=plain.latency[rows], reference_cost=plain.reference_cost[rows]
    )
    for measure in ("quality", "cost", "latency", "saving"):
        assert mixed.figure(measure).mean == pytest.approx(copies.figure(measure).mean, rel=1e-9)
    assert mixed.effective <= len(plain) + 1e-9
    assert mixed.figure("quality").n == len(plain)


def test_weights_widen_the_interval(study, cascade):
    """Where one task is all, the interval is that of its queries alone, within what linearising and resampling differ by."""
    only = outcome(cascade, scenario(Mix(task="sums", weight=0.0)))
    rows = study.tested.queries.tasks == study.tested.queries.task_names.index("proofs")
    plain = outcome(cascade, Scenario())
    alone = replace(
        plain, quality=plain.quality[rows], cost=plain.cost[rows], latency=plain.latency[rows], reference_cost=plain.reference_cost[rows]
    )
    wide, own = only.figure("quality"), alone.figure("quality")
    assert only.effective == rows.sum()
    assert wide.mean == pytest.approx(own.mean)
    assert wide.high - wide.low == pytest.approx(own.high - own.low, rel=0.15)


def test_a_judge_that_errs_more_helps_less(study, cascade):
    """Disturbed confidence costs a cascade quality or money, nested in the error; a router that reads none is left alone."""
    calm, some, much = (outcome(cascade, scenario(JudgeError(error=error))) for error in (0.0, 0.3, 0.8))
    assert calm.figure("quality").mean > much.figure("quality").mean
    changed = [(each.called != calm.called).any(axis=1).mean() for each in (some, much)]
    assert 0 < changed[0] < changed[1]
    judged = fitted(study, find("judge-noise-cascade")(chain=("m0", "m3"), error=0.0))
    assert outcome(judged, scenario(JudgeError(error=0.4))).figure("quality").mean < outcome(judged, Scenario()).figure("quality").mean


@given(rates=st.tuples(st.floats(1, 2000), st.floats(1, 2000)), servers=st.integers(1, 4))
@settings(max_examples=20, deadline=None)
def test_load_only_makes_it_slower(cascade, rates, servers):
    """More queries never wait less, more servers never longer; a queue that never keeps up has no latency."""
    few, many = (outcome(cascade, scenario(Load(model="m2", per_hour=rate, servers=servers))) for rate in sorted(rates))
    plain = outcome(cascade, Scenario())
    assert (few.latency >= plain.latency).all()
    assert (many.latency >= few.latency - 1e-6).all()
    assert math.isnan(many.figure("latency").mean) == bool(many.overloaded)
    more = outcome(cascade, scenario(Load(model="m2", per_hour=max(rates), servers=servers + 1)))
    assert (more.latency <= many.latency + 1e-6).all()
    assert np.array_equal(more.cost, plain.cost)


def test_queues_agree_with_the_book():
    """M/M/1, M/D/1 and Erlang's published table: C(2 servers, 1 erlang) = 1/3; two hours of work an hour never end."""
    assert erlang_c(2, 1.0) == pytest.approx(1 / 3)
    assert erlang_c(1, 0.7) == pytest.approx(0.7)
    assert queue(0.5, 1.0, 1.0, 1).wait_s == pytest.approx(1.0)  # rho / (mu - lambda)
    assert queue(0.5, 1.0, 0.0, 1).wait_s == pytest.approx(0.5)  # rho / (2 mu (1 - rho))
    assert queue(2.0, 1.0, 1.0, 1).wait_s == math.inf
    assert not queue(1.0, 1.0, 1.0, 1).keeps_up
    assert queue(0.0, 1.0, 1.0, 3).wait_s == 0


def test_the_formula_meets_a_simulated_queue():
    """A first come, first served queue of 40,000 random calls to two servers waits as long as the formula says."""
    rng = np.random.default_rng(0)
    arrive, work = np.cumsum(rng.exponential(1.0, 40_000)), rng.exponential(1.5, 40_000)
    free, waited = [0.0, 0.0], 0.0
    for at, takes in zip(arrive.tolist(), work.tolist(), strict=True):
        first = free.index(min(free))
        start = max(at, free[first])
        waited += start - at
        free[first] = start + takes
    assert waited / 40_000 == pytest.approx(queue(1.0, 1.5, 1.0, 2).wait_s, rel=0.08)


def test_a_queue_behind_a_stand_in(study, single):
    """Calls that fail over wait in the queue of who answers them."""
    direct = outcome(single("m2"), scenario(Load(model="m2", per_hour=1500.0)))
    lent = outcome(single("m3"), scenario(Outage(model="m3"), Load(model="m2", per_hour=1500.0)))
    assert direct.queues["m2"].wait_s > 0
    assert np.allclose(lent.latency, direct.latency, rtol=1e-5)


def test_latency_is_a_factor_or_set(study, single):
    """A factor scales what was measured, seconds replace it."""
    slow, fixed = (outcome(single("m1"), scenario(change)) for change in (Latency(factor=2.0), Latency(model="m1", seconds=7.0)))
    assert np.array_equal(slow.latency, 2 * outcome(single("m1"), Scenario()).latency)
    assert set(fixed.latency) == {7.0}


def test_pairs_cancel_what_they_share(study, cascade, single):
    """A paired difference is narrower than two intervals, the gap of a policy with itself is nothing, and unlike lengths are refused."""
    base = outcome(cascade, Scenario())
    assert gap(base, base, "quality").mean == gap(base, base, "quality").high == 0
    dear = effect(cascade, scenario(BillFactor(model="m3", factor=2.0)))
    assert dear.told_apart("cost")
    assert not dear.told_apart("quality")
    assert dear.after.monthly(1000).mean == pytest.approx(1000 * dear.after.figure("cost").mean)
    short = replace(base, quality=base.quality[:5])
    with pytest.raises(ProblemError, match="pair up"):
        Effect(before=base, after=short)


def test_a_random_mixture_is_its_expectation(study):
    """A mixture has the exact figures of its curve, before and after; an outage hands its share on, and load counts that share."""
    fit = fitted(study, find("random-mix")(pair=("m0", "m3"), share=0.25))
    plain, down = outcome(fit, Scenario()), outcome(fit, scenario(Outage(model="m3"), Load(model="m2", per_hour=1000.0)))
    tested = study.tested
    assert np.allclose(plain.quality, 0.75 * tested.quality("m0") + 0.25 * tested.quality("m3"))
    assert np.allclose(down.cost, 0.75 * tested.cost_usd("m0") + 0.25 * tested.cost_usd("m2"))
    assert down.shares() == pytest.approx({"m0": 0.75, "m1": 0.0, "m2": 0.25, "m3": 0.0})
    waited = 0.25 * down.queues["m2"].wait_s
    assert np.allclose(down.latency, 0.75 * tested.latency_s("m0") + 0.25 * tested.latency_s("m2") + waited, rtol=1e-4)


def test_replay_is_what_is_measured(study, cascade):
    """Without assumptions the outcome is the plain replay of each split, in the study's order."""
    runs = [replay(p, parts.test) for p, parts in zip(cascade.policies, study.parts, strict=True)]
    assert np.array_equal(outcome(cascade, Scenario()).cost, np.concatenate([run.cost_usd for run in runs]))
