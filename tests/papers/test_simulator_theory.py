"""What theory says of routing and cascading, seen on simulated worlds by the project's own strategies.

Routing decides before any answer and needs ex-ante knowledge, cascading after one and needs post-hoc knowledge (Dekoninck, Baader and
Vechev, "A Unified Approach to Routing and Cascading for LLMs", arXiv 2410.10347: routing is best where quality estimates before the
call are good, cascading where those after it are; both gain as their own estimates improve).
"""

import itertools
from dataclasses import replace

import numpy as np
import pytest

from data.simulator import SimModel, World, preset, simulate
from strategies import find, frontier, replay
from strategies.knobs import turned
from strategies.metrics.plane import aiq, common_range
from strategies.routers.foreseen import FEATURE
from strategies.study.prepare import hull_models, prepare

SMALL = SimModel(name="small", accuracy=0.6, price_in_usd_per_mtok=0.1, price_out_usd_per_mtok=0.4)
LARGE = SimModel(name="large", accuracy=0.85, price_in_usd_per_mtok=2.5, price_out_usd_per_mtok=10)
PAIR = World(name="pair", n=40_000, models=(SMALL, LARGE))


def parts(world):
    """Return the split of a world's table."""
    return simulate(world).split(seed=0)


def cascade(world):
    """Return the cascade's exact curve on test, and the test part."""
    split = parts(world)
    policy = find("margin-cascade")(chain=("small", "large"), signal="confidence").fit(split.fit)
    return frontier(policy, split.test), split.test


def worth(curve, test):
    """Return the mean quality under a curve's hull over the range of the single models' costs."""
    cost, quality = (np.array(list(test.mean(name).values())) for name in ("cost_usd", "quality"))
    return aiq(curve.cost_usd, curve.quality, **common_range(cost, quality)._asdict())


def routed(world, kind="foreseen-router", **knobs):
    """Return a router's curve on test, and the test part."""
    split = parts(world)
    return frontier(find(kind)(**knobs).fit(split.fit), split.test, "lam"), split.test


@pytest.mark.parametrize("correlation", [None, 0.6])
def test_with_useless_confidence_a_cascade_falls_to_the_random_mix(correlation):
    """At AUROC 0.5 the quality at each share sent on is the random mix's, so the first call is paid for nothing."""
    curve, test = cascade(replace(PAIR, post_hoc=0.5, correlation=correlation))
    small, large = test.quality("small").mean(), test.quality("large").mean()
    share = curve.answered[1]
    mix = small + share * (large - small)
    assert np.abs(curve.quality - mix).max() < 0.012
    cost = np.array([test.cost_usd(name).mean() for name in test.models])
    at_equal_cost = np.interp(curve.cost_usd, cost, [small, large])
    assert (curve.quality <= at_equal_cost + 0.012).all()
    assert curve.cost_usd[-1] == pytest.approx(cost.sum(), rel=1e-3)


def test_with_good_confidence_a_cascade_beats_the_random_mix():
    """At AUROC 0.9 it lies well above the mix: the fall above is the confidence's doing."""
    curve, test = cascade(replace(PAIR, post_hoc=0.9))
    share = curve.answered[1]
    mix = test.quality("small").mean() + share * (test.quality("large").mean() - test.quality("small").mean())
    assert (curve.quality - mix).max() > 0.06


FOUR = tuple(
    SimModel(
        name=f"m{k}", accuracy=0.5 + 0.1 * k, price_in_usd_per_mtok=8.0**k * 0.01, price_out_usd_per_mtok=8.0**k * 0.03, tokens_spread=0.1,
    )
    for k in range(4)
)  # fmt: skip
PERFECT = World(name="perfect", n=20_000, models=FOUR, ex_ante=1.0, tokens_in_spread=0.1)


@pytest.mark.parametrize(("kind", "knobs", "close"), [("foreseen-router", {}, 0.0), ("knn-router", {"k": 9}, 0.002)])
def test_with_perfect_foresight_routing_equals_the_oracle(kind, knobs, close):
    """The same quality for the same money: every query goes to the cheapest model that is right."""
    split = parts(PERFECT)
    test, tiny = split.test, 1e-6  # ties between models that are right go to the cheaper one
    run, best = replay(find(kind)(**knobs, lam=tiny).fit(split.fit), test), replay(find("oracle")(), test)
    assert run.quality.mean() == pytest.approx(best.quality.mean(), abs=close)
    solvable = best.quality > 0.5
    assert run.cost_usd[solvable].mean() == pytest.approx(best.cost_usd[solvable].mean(), rel=1e-6 if close == 0 else 0.02)
    assert (run.answer == best.answer)[solvable].mean() >= 1 - close * 5


def test_with_useless_foresight_routing_is_the_best_mix_of_single_models():
    """At AUROC 0.5 no setting of the router lies above the hull of the single models."""
    curve, test = routed(replace(PAIR, ex_ante=0.5))
    mix = np.interp(curve.cost_usd, [test.cost_usd(m).mean() for m in test.models], [test.quality(m).mean() for m in test.models])
    assert (curve.quality <= mix + 0.012).all()


GRID = (0.5, 0.65, 0.8, 0.95)


@pytest.fixture(scope="module")
def worths():
    """Areas under both curves at each value of their own slider: routing does not see post-hoc knowledge, cascading no other."""
    routing = [worth(*routed(replace(PAIR, ex_ante=level))) for level in GRID]
    cascading = [worth(*cascade(replace(PAIR, post_hoc=level))) for level in GRID]
    return np.array(routing), np.array(cascading)


def test_who_wins_flips_along_both_sliders(worths):
    """Cascading wins where only answers tell, routing where only foresight does: every row and column of the diagram flips once."""
    routing, cascading = worths
    routing_wins = routing[:, None] > cascading[None, :]
    assert routing_wins[-1, 0]
    assert not routing_wins[0, -1]
    assert (np.diff(routing_wins.astype(int), axis=0) >= 0).all()
    assert (np.diff(routing_wins.astype(int), axis=1) <= 0).all()
    assert routing_wins[:, 1].any()
    assert not routing_wins[:, 1].all()
    assert not routing_wins[1].all()


def test_each_gains_from_its_own_knowledge(worths):
    """The area under a curve rises with its slider, from the random mix upwards."""
    for areas in worths:
        assert (np.diff(areas) > 0).all()
        assert areas[-1] - areas[0] > 0.05


def test_each_is_blind_to_the_other_slider():
    """Cascades come out the same to the bit at any ex-ante knowledge, routers at any post-hoc one."""
    near, far = (cascade(replace(PAIR, n=4000, ex_ante=level))[0] for level in (0.5, 0.9))
    assert np.array_equal(near.quality, far.quality)
    near, far = (routed(replace(PAIR, n=4000, post_hoc=level))[0] for level in (0.5, 0.9))
    assert np.array_equal(near.quality, far.quality)


def test_at_equal_knowledge_the_dear_first_call_decides():
    """With equally good estimates routing wins, for a cascade pays for the small model as well; the more so the dearer that is."""
    lead = []
    for price in (0.4, 5.0):
        small = replace(SMALL, price_in_usd_per_mtok=price / 4, price_out_usd_per_mtok=price)
        world = replace(PAIR, models=(small, LARGE), ex_ante=0.8, post_hoc=0.8)
        lead.append(worth(*routed(world)) - worth(*cascade(world)))
    assert 0 < lead[0] < lead[1]


SPECIALISTS = replace(preset("specialists").world, n=40_000)
FOR_THE_SAME = 1.01  # models of one price cost the same but for the noise of their answers' lengths


def knowing_the_topic(table, fit):
    """Return a table that foretells each model's quality from nothing but the topic's mean on the fit part."""
    for name in table.models:
        mean = np.bincount(fit.queries.tasks, fit.quality(name)) / np.bincount(fit.queries.tasks)
        table = table.with_feature(FEATURE + name, mean[table.queries.tasks][:, None].astype(np.float32))
    return table


def gain(policy, knob, test, model):
    """Return the most by which a policy beats a single model for its cost on test, with the paired 95 % interval; NaN if it costs more."""
    curve, cost = frontier(policy, test, knob), test.cost_usd(model).mean(dtype=np.float64)
    had = np.flatnonzero(curve.cost_usd <= FOR_THE_SAME * cost)
    if not len(had):
        return np.full(3, np.nan)
    best = had[np.argmax(curve.quality[had])]
    gap = replay(turned(policy, knob, float(curve.setting[best])), test).quality.astype(np.float64) - test.quality(model)
    half = 1.96 * gap.std(ddof=1) / np.sqrt(len(gap))
    return gap.mean() + np.array([-half, 0, half])


@pytest.mark.parametrize("seed", [0, 1])
def test_knowing_the_topic_beats_every_specialist_and_sure_mistakes_betray_a_cascade(seed):
    """A router that knows the topic is 3 points above each model for the same money; no cascade of two is above the best of them."""
    study = prepare(simulate(replace(SPECIALISTS, seed=seed)))
    split = study.parts[0]
    fit, test = (knowing_the_topic(part, split.fit) for part in (split.fit, split.test))
    router, own = find("foreseen-router")().fit(fit), find("foreseen-router")().fit(split.fit)
    for model in test.models:
        assert gain(router, "lam", test, model)[0] > 0.03, model
        assert gain(own, "lam", split.test, model)[0] > 0.03, model  # the world's own foresight is of the topic
    for chain in (hull_models(study), *itertools.permutations(test.models, 2)):
        cascade = find("margin-cascade")(chain=chain, signal="confidence").fit(split.fit)
        low, mean, _ = gain(cascade, "t1", split.test, study.best)
        assert np.isnan(mean) or (low <= 0 and mean < 0.005), chain
