"""Answers: lines say what a replay says, the best is found, what is proved is chosen, what is not is explained."""

from __future__ import annotations

import itertools
import math
import threading
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import binomtest

from data.problems import ProblemError
from strategies import replay
from strategies.cascades.margin import MarginCascade
from strategies.proving import bare, proving_ground
from strategies.solver import families
from strategies.solver.answer import answer
from strategies.solver.goals import Limit, Question, parse
from strategies.solver.lever import lever, lever_of
from strategies.solver.lines import Chain, followed
from strategies.solver.measures import Against, margin, objective
from strategies.solver.parts import roles
from strategies.solver.search import search
from strategies.solver.shortlist import points
from strategies.study.prepare import prepare

KEEP = Question(aim="cost", limits=(Limit("keep", 0.97),))


@pytest.fixture(scope="module")
def study():
    """1,400 simulated queries and three models: one split, halves of 140."""
    return prepare(proving_ground(1_400, 3, graded=True))


@pytest.fixture(scope="module")
def energy(study):
    """A made-up energy of every call, rising with the model."""
    return np.random.default_rng(1).uniform(0.5, 1.5, (len(study.table), 3)).astype(np.float32) * np.float32([1, 4, 9])


@pytest.fixture(scope="module")
def searched(study, energy):
    """The families that are quick by nature: single models, mixtures, chains, neighbours, an agreement cascade."""
    patch = pytest.MonkeyPatch()
    patch.setattr(families, "kinds", lambda: tuple(kind for kind in KINDS if kind.card.id in {"knn-router", "agreement-cascade"}))
    found = search(study, seconds=math.inf, energy=energy, energy_unit="Wh")
    patch.undo()
    return found


KINDS = families.kinds()


def test_no_query_plays_two_parts(study):
    """Fit, search, certify and test share no query; calibrate is halved; of a cross-fitted study the solver makes its own split."""
    parts = roles(study)
    tables = [parts.fit, parts.search.table, parts.certify.table, parts.test.table]
    ids = [set(table.queries.ids.to_list()) for table in tables]
    assert sum(map(len, ids)) == len(set().union(*ids)) == len(study.table)
    assert ids[1] | ids[2] == set(study.parts[0].calibrate.queries.ids.to_list())
    assert abs(len(ids[1]) - len(ids[2])) <= 2
    assert not parts.own
    small = roles(prepare(proving_ground(300, 3)))
    sizes = [len(small.fit), len(small.search), len(small.certify), len(small.test)]
    assert small.own
    assert np.allclose(np.array(sizes) / 300, (0.35, 0.15, 0.25, 0.25), atol=0.02)


def test_every_line_says_what_a_replay_says(searched):
    """Means over the search half, of quality, cost, seconds, energy and of slow queries, equal those of the replayed policies."""
    half, limit = searched.roles.search, Limit("p95", 1.2)
    slow = margin(limit, Against.of(searched.roles.fit, searched.study.best, KEEP))
    measures = [objective(Question(aim=aim)) for aim in ("quality", "cost", "latency", "energy")] + [slow]
    rng = np.random.default_rng(0)
    for line in searched.lines:
        if line.mixed:
            continue
        means = [line.means(measure) for measure in measures]
        for k in rng.permutation(len(line))[:4]:
            seen = followed(line.policy(int(k)), half)
            assert [mean[k] for mean in means] == pytest.approx([float(measure(seen, half).mean()) for measure in measures], abs=1e-6)
            for other in (half, searched.roles.certify):
                again = line.seen(other, [int(k)])
                now = followed(line.policy(int(k)), other)
                for name in ("quality", "cost", "latency", "energy"):
                    assert np.allclose(getattr(again, name), getattr(now, name), atol=1e-6)


def test_a_mixture_is_known_in_expectation(searched):
    """A blind mixture's figures are the shares of its two models', not one draw's."""
    line = next(line for line in searched.lines if line.mixed)
    half, k = searched.roles.search, len(line) // 2
    weights = line.policy(k).weights(half.table.models)
    for name, field in (("quality", "quality"), ("cost", "cost_usd"), ("latency", "latency_s")):
        assert np.allclose(getattr(line.seen(half, [k]), name)[:, 0], half.table.numbers[field] @ weights, atol=1e-6)


def test_the_best_is_that_of_brute_force():
    """On a few queries the cheapest chain that keeps 0.9 of the quality is the one that replaying every pair of thresholds finds."""
    study = prepare(proving_ground(90, 3, seed=4))
    parts = roles(study)
    half, question = parts.search, Question(aim="cost", limits=(Limit("keep", 0.9),))
    chains = families.Chains(parts.fit, half)
    against = Against.of(parts.fit, study.best, question)
    keeps = margin(question.limits[0], against)
    floor, found = 0.9 * float(half.table.quality(study.best).mean()), []
    for line in chains:
        assert isinstance(line, Chain)
        met = line.means(keeps) >= -1e-9
        found.append(line.means(objective(question))[met].min(initial=np.inf))
        levels = [np.append(np.unique(half.table.signals["margin"][:, study.table.index(name)]), 1.01) for name in line.models[:-1]]
        brute = math.inf
        for thresholds in itertools.product(*levels):
            run = replay(replace(line.base, thresholds=tuple(map(float, thresholds))), half.table)
            brute = min(brute, float(run.cost_usd.mean(dtype=np.float64))) if float(run.quality.mean()) >= floor - 1e-6 else brute
        assert found[-1] == pytest.approx(brute, rel=1e-5)
    assert len(found) == len(chains) == 4


def test_a_chain_is_the_cascade_that_would_be_fitted(study, searched):
    """The confidence that is learnt once for all chains is that of the cascade fitted by itself."""
    line = next(line for line in searched.lines if isinstance(line, Chain) and len(line.models) == 3)
    alone = MarginCascade(chain=line.models, thresholds=(0.5, 0.5)).fit(study.parts[0].fit)
    assert alone.signals() == line.base.signals()
    assert replay(alone, study.parts[0].test).summary() == replay(replace(line.base, thresholds=(0.5, 0.5)), study.parts[0].test).summary()


@pytest.mark.parametrize("code", ["cost_k0.97_d0.1", "quality_c0.004_t2.0_d0.1", "energy_q0.6_d0.1", "worth_v0.02_d0.1"])
def test_questions_are_answered(searched, code):
    """The chosen policy is certified and no certified one has a better objective; its limits hold on test, too."""
    found = answer(searched, parse(code))
    assert found.chosen is not None
    assert found.chosen.certified
    assert found.chosen.aim == min(option.aim for option in found.certified)
    assert found.chosen.p <= 0.05
    report = found.chosen.report
    for limit in found.question.limits:
        value = {"keep": report.kept.mean, "quality": report.quality.mean, "cost": -report.cost.mean, "p95": -report.p95_s}[limit.kind]
        assert value >= limit.at * (0.97 if limit.kind in {"keep", "quality"} else -1.05)
    assert report.n == found.n_test == len(searched.roles.test)
    assert (found.runner_up is None) == (len(found.certified) == 1)


def test_the_best_model_keeps_itself(searched):
    """Under a limit of its own quality the best single model needs no proof, so that something always qualifies."""
    found = answer(searched, Question(aim="cost", limits=(Limit("keep", 1.0),), delta=0.001))
    alone = [option for option in found.certified if option.proofs[0].method == "definition"]
    assert [option.policy.model for option in alone] == [searched.study.best]


def test_nothing_qualifies_and_why(searched):
    """A limit that nothing keeps: no choice, what comes closest, no number of queries would do; one that only lacks proof: how many."""
    found = answer(searched, Question(aim="quality", limits=(Limit("cost", 1e-6),)))
    assert found.chosen is None
    assert found.closest is not None
    assert found.closest.policy.settings().get("model") == searched.study.pool[0]
    assert found.queries_needed == math.inf
    best = float(searched.roles.certify.table.quality(searched.study.best).mean())
    found = answer(searched, Question(aim="cost", limits=(Limit("quality", best * 1.02),), delta=0.001))
    waiting = found.closest or found.bolder
    assert waiting is not None
    assert not waiting.certified
    assert found.queries_needed == pytest.approx(waiting.needed / searched.roles.share)
    assert waiting.needed > waiting.proofs[0].n


def test_what_the_data_lacks_is_said(study, searched):
    """Seconds and energy that nobody knows are refused in words; strategies that the data does not allow are listed with their reason."""
    with pytest.raises(ProblemError, match="energy"):
        answer(replace(searched, roles=roles(study)), Question(aim="energy"))
    lean = bare(proving_ground(1_200, 3)).relatively_priced({"m0": 1, "m1": 2, "m2": 9})
    found = search(prepare(lean), seconds=math.inf)
    with pytest.raises(ProblemError, match="seconds"):
        answer(found, Question(aim="latency"))
    said = {each.id: each for each in found.tried}
    assert said["knn-router"].status == "cannot run"
    assert said["knn-router"].said
    assert said["single"].status == "searched"


def test_the_search_stops_when_told(study):
    """Once stopped, or out of time, single models are left and everything else is listed as not tried."""
    stop, steps = threading.Event(), []

    def told(step):
        steps.append(step)
        if step.done == 1:
            stop.set()

    found = search(study, seconds=math.inf, progress=told, stop=stop)
    assert found.stopped
    assert {each.status for each in found.tried[1:]} <= {"not tried"}
    assert steps[-1].done == steps[-1].total == len(found.tried)
    late = search(study, seconds=0.0)
    assert [each.id for each in late.tried if each.status == "searched"] == ["single", "random-mix", "margin-cascade"]
    assert answer(late, KEEP).chosen is not None


def test_an_answer_is_repeated_by_its_seed(study, energy, searched):
    """The same study, question and seed give the same choice, p-values and figures; another seed halves calibrate anew."""
    patch = pytest.MonkeyPatch()
    patch.setattr(families, "kinds", lambda: tuple(kind for kind in KINDS if kind.card.id in {"knn-router", "agreement-cascade"}))
    one, two = answer(searched, KEEP), answer(search(study, seconds=math.inf, energy=energy), KEEP)
    patch.undo()
    assert one.chosen.policy.key == two.chosen.policy.key
    assert [option.p for option in one.tested] == [option.p for option in two.tested]
    assert one.chosen.report.kept == two.chosen.report.kept
    ids = [roles(study, seed=seed).certify.table.queries.ids.to_list() for seed in (0, 1)]
    assert ids[0] != ids[1]


def test_the_lever_snaps_to_the_hull(searched):
    """At any price of a wrong answer the lever stands on the vertex that is worth most of everything searched."""
    found, places = lever_of(searched)
    measure = [objective(Question(aim=aim)) for aim in ("quality", "cost")]
    quality, cost = (np.concatenate([line.means(each) for line in searched.lines]) for each in measure)
    for value in np.concatenate([[0.0], found.value[1:], found.value[1:] * 1.001, found.value[1:] * 0.999, [1e9]]):
        assert value * found.quality[found.at(value)] - found.cost[found.at(value)] == pytest.approx(float((-value * quality - cost).max()))
    for at, (line, k) in enumerate(places):
        assert line.means(measure[1])[k] == pytest.approx(found.cost[at])
        assert found.at(found.snapped(found.value[at] * 1.0001)) == at
    with pytest.raises(ProblemError):
        lever([np.nan], [0.5])


def test_points_of_unknown_figures_are_never_chosen(searched):
    """A mixture has no tail of its own under a limit on seconds: it is no candidate, rather than one with a guess."""
    question = Question(aim="cost", limits=(Limit("p95", 1.9),))
    found = points(searched, question, Against.of(searched.roles.fit, searched.study.best, question))
    mixed = np.isin(found.line, [at for at, line in enumerate(searched.lines) if line.mixed])
    assert np.isinf(found.aim[mixed]).all()
    assert np.isfinite(found.aim[~mixed]).all()


def test_the_whole_way_keeps_its_promise():
    """From search to certificate on 30 small simulated sets: what is chosen keeps its limit on 5,000 other queries as promised."""
    patch = pytest.MonkeyPatch()
    patch.setattr(families, "kinds", lambda: ())
    world, delta, broken, made = prepare(proving_ground(5_000, 3, seed=99)).table, 0.2, 0, 0
    for seed in range(30):
        study = prepare(proving_ground(300, 3, seed=seed))
        found = answer(search(study, seconds=math.inf), Question(aim="cost", limits=(Limit("quality", 0.72),), delta=delta))
        if found.chosen is not None and not found.chosen.mixed:
            made += 1
            broken += float(replay(found.chosen.policy, world).quality.mean(dtype=np.float64)) < 0.72
    patch.undo()
    assert made > 10
    assert binomtest(broken, 30, delta, alternative="greater").pvalue > 1e-3
