"""The phase diagram: what it measures, what it leaves out, and that it says what the theory says."""

from dataclasses import replace

import numpy as np
import pytest

from data.problems import ProblemError
from data.simulator import SimModel, World, simulate
from strategies.engines.loop import replay
from strategies.registry import find
from strategies.study import phase as module
from strategies.study.envelope import Envelope, envelope, spent
from strategies.study.phase import Lead, Phase, ground, measured, phase, placed, predictability
from strategies.study.predictability import place
from strategies.study.prepare import hull_models, prepare
from tests.worlds import bare, proving_ground


def _world(**changed):
    models = (
        SimModel(name="small", accuracy=0.62, price_in_usd_per_mtok=0.1, price_out_usd_per_mtok=0.4),
        SimModel(name="mid", accuracy=0.75, price_in_usd_per_mtok=0.5, price_out_usd_per_mtok=2),
        SimModel(name="large", accuracy=0.88, price_in_usd_per_mtok=3, price_out_usd_per_mtok=15),
    )
    return World(**{"models": models, **changed})


@pytest.fixture(scope="module")
def small():
    """A diagram of six places and three draws."""
    found = []
    patch = pytest.MonkeyPatch()
    patch.setattr(module, "STEPS", ((3, 2), (6, 3)))
    told = []
    found = list(phase(_world(), progress=lambda done, total: told.append((done, total))))
    patch.undo()
    return found, told


def test_it_comes_coarse_first_and_says_how_far_it_is(small):
    """Each picture is finer than the one before, nothing is measured twice, and only the last is done."""
    pictures, told = small
    assert [picture.router.shape for picture in pictures] == [(2, 3, 100), (3, 6, 100)]
    assert [picture.done for picture in pictures] == [False, True]
    assert told[-1][0] <= 18 + 2 * 1  # .75 is a place of the coarse picture only
    assert np.array_equal(pictures[0].router[:, 0], pictures[1].router[:2, 0], equal_nan=True)


def test_the_winner_flips_along_the_two_predictabilities(small):
    """A blind cascade loses to a seeing router, a blind router to a seeing cascade; the lead moves one way along each axis."""
    last = small[0][-1]
    mean, low, high = last.leads()
    assert mean[0, -1] < high[0, -1] < 0 < low[-1, 0] < mean[-1, 0]
    assert (np.diff(mean, axis=0) > -0.004).all()  # more sight never harms a cascade, but for noise
    assert (np.diff(mean, axis=1) < 0.004).all()
    assert last.lead(0.5, 1.0).winner == "cascade"
    assert last.lead(1.0, 0.5).winner == "router"
    assert Lead(0.001, -0.01, 0.012).winner == ""
    level = last.even(0.8)
    assert 0.5 < level.mean < 1
    assert last.lead(level.mean, 0.8).mean == pytest.approx(0, abs=0.005)
    assert np.isnan(last.even(0.5).mean)  # a cascade that sees nothing is worse than a router that knows nothing


def test_perfect_foresight_is_the_oracle_and_none_is_the_random_mix(small):
    """At AUROC 1 the router has the oracle's quality; at 0.5 it is no better than mixing the single models at random."""
    last = small[0][-1]
    study = prepare(simulate(replace(ground(_world()), seed=0)))
    oracle = replay(find("oracle")(), study.tested).summary().quality
    assert np.nanmax(last.router[0, -1]) == pytest.approx(oracle, abs=1e-6)
    cost, quality = (np.array(list(study.tested.mean(name).values())) for name in ("cost_usd", "quality"))
    share = np.argmin(np.abs(module.SHARES - 0.5))
    mixed = np.interp(0.5 * cost[-1], cost, quality)
    assert last.router[0, 0, share] == pytest.approx(mixed, abs=0.015)


def test_places_between_are_straight_lines(small):
    """The lead at a measured place is that of the grid, half way between two it is their mean."""
    last = small[0][-1]
    mean, low, _ = last.leads(0.5)
    assert last.lead(0.6, 0.9, 0.5).mean == pytest.approx(mean[4, 1])
    assert last.lead(0.6, 0.9, 0.5).low == pytest.approx(low[4, 1])
    assert last.lead(0.65, 0.9, 0.5).mean == pytest.approx((mean[4, 1] + mean[4, 2]) / 2)


def test_budgets_below_the_cheapest_model_are_not_invented(small):
    """Nothing is known below the cheapest model's cost; a budget asked for there is the cheapest's."""
    last = small[0][-1]
    assert 0.01 < last.cheapest < 0.05
    assert np.isnan(last.router[:, :, last.cheapest > module.SHARES]).all(axis=(0, 1)).any()
    assert last.lead(0.6, 0.9, 0.001) == last.lead(0.6, 0.9, last.cheapest)
    assert not np.isnan(last.leads(0.001)[0]).any()


def test_draws_give_a_students_interval():
    """The interval over two draws is mean plus or minus 12.7 standard errors, as Student's t has it."""
    router = np.zeros((2, 2, 100))
    cascade = np.stack([np.full((2, 100), 0.1), np.full((2, 100), 0.3)])
    lead = Phase(auroc=np.array([0.5, 1.0]), router=router, cascade=cascade, done=True).lead(0.7, 0.7)
    assert lead.mean == pytest.approx(0.2)
    assert lead.high - lead.mean == pytest.approx(12.706 * 0.1, rel=1e-6)


def test_level_is_where_the_interval_holds_0(small):
    """Between the ends of "level" no winner is named, beyond them one is; the point itself lies between."""
    last = small[0][-1]
    for seen in (0.7, 0.8, 0.9):
        low, mean, high = last.even(seen)
        assert low < mean < high
        inside, left, right = (last.lead(at, seen) for at in (mean, low - 0.004, high + 0.004))
        assert inside.winner == ""
        assert (left.winner if low > 0.5 else "cascade") == "cascade"
        assert (right.winner if high < 1 else "router") == "router"


def test_level_by_hand():
    """Draws that lie 1 point apart: neither wins while the lead is within 12.7 standard errors; where that is nowhere, all is NaN."""
    auroc, spread = np.array([0.5, 1.0]), 0.0005

    def drawn(lead):
        router = np.repeat(np.array([[0.6, 0.8], [0.6, 0.8]])[:, :, None], 100, axis=2)
        shift = np.array([lead - spread, lead + spread])[:, None, None]
        return Phase(auroc=auroc, router=router, cascade=np.full((2, 2, 100), 0.7) + shift, done=True).even(0.5)

    # The lead falls by 0.4 a unit of AUROC, and half the interval is 12.706 x 0.0005.
    assert drawn(0.0) == pytest.approx((0.75 - 12.706 * spread / 0.4, 0.75, 0.75 + 12.706 * spread / 0.4), abs=1e-3)
    beyond = drawn(0.102)  # level only in some draws, never on average
    assert np.isnan(beyond.mean)
    assert (beyond.low, beyond.high) == pytest.approx((1 - (12.706 * spread - 0.002) / 0.4, 1.0), abs=1e-3)
    assert np.isnan(drawn(0.2)).all()


def test_models_with_figures_of_their_own_move_together():
    """Moving a world keeps its models' order, sets the mean separation, and the world's own place moves nothing."""
    first, *rest = _world().models
    world = _world(models=(replace(first, confidence_auroc=0.9, ex_ante_auroc=0.55), *rest), post_hoc=0.7)
    ahead, after = predictability(world)
    assert 0.7 < after < 0.9
    same = placed(world, ex_ante=ahead, post_hoc=after)
    assert after == pytest.approx((0.9 + 0.7 + 0.7) / 3, abs=1e-6)
    assert [m.confidence_auroc for m in same.models] == pytest.approx([0.9, 0.7, 0.7], abs=1e-4)
    moved = placed(world, ex_ante=0.8, post_hoc=0.95)
    assert predictability(moved) == pytest.approx((0.8, 0.95), abs=1e-4)
    assert moved.models[0].confidence_auroc > moved.models[1].confidence_auroc
    assert {m.confidence_auroc for m in placed(world, post_hoc=1.0).models} == {1.0}
    assert {m.confidence_auroc for m in placed(world, post_hoc=0.5).models} == {0.5}
    with pytest.raises(ProblemError, match="outside"):
        placed(world, ex_ante=0.4)


def test_the_diagram_does_not_hang_on_where_the_world_stands():
    """Worlds that differ in their two predictabilities, size, name and sources only share one diagram; another price is another."""
    assert ground(_world()).key == ground(_world(ex_ante=0.9, post_hoc=0.55, n=99, name="x", sources=("y",))).key
    assert ground(_world()).key != ground(_world(judge_noise=0.1)).key


def test_router_and_cascade_of_a_cell_are_measured_on_the_same_answers():
    """Turning foresight leaves a world's answers and what they cost as they were: the cells of a row differ in the router only."""
    one, other = (simulate(placed(ground(_world()), ex_ante=a, post_hoc=0.8)) for a in (0.5, 0.9))
    assert np.array_equal(one.numbers["quality"], other.numbers["quality"])
    assert np.array_equal(one.numbers["cost_usd"], other.numbers["cost_usd"])
    assert np.array_equal(one.signals["confidence"], other.signals["confidence"])
    assert not np.array_equal(measured(_world(), 0.5, 0)[0], measured(_world(), 0.9, 0)[0])


def test_an_envelope_is_chosen_on_calibrate_and_shown_on_test():
    """Every vertex shows what its policy does on test; the line was chosen without it, so it needn't be concave there."""
    study = prepare(simulate(_world(n=3000, post_hoc=0.8)))
    parts = study.parts[0]
    policy = find("margin-cascade")(chain=hull_models(study)).fit(parts.fit)
    found = envelope(policy, parts)
    chosen = [replay(each, parts.calibrate).summary() for each in found.policies]
    assert np.all(np.diff([each.cost_usd for each in chosen]) > 0)
    assert np.all(np.diff([each.quality for each in chosen]) > 0)
    for each, cost, quality in zip(found.policies, found.cost, found.quality, strict=True):
        shown = replay(each, parts.test).summary()
        assert (shown.cost_usd, shown.quality) == pytest.approx((cost, quality), abs=1e-6)
    middle = (found.cost[3] + found.cost[4]) / 2
    assert found.at(np.array([middle]))[0] == pytest.approx((found.quality[3] + found.quality[4]) / 2, abs=1e-6)


def test_a_set_lies_where_its_world_was_set():
    """A simulated set with known predictabilities is placed there, and who wins on it agrees with the diagram's own measure."""
    found = place(prepare(simulate(_world(n=20_000, ex_ante=0.7, post_hoc=0.85))))
    assert found.ex_ante == pytest.approx(0.7, abs=0.02)
    assert found.post_hoc == pytest.approx(0.85, abs=0.02)
    assert (found.router, found.signals) == ("foreseen-router", ("confidence",))
    lead = found.lead(None)
    assert lead is not None
    assert lead.low < lead.mean < lead.high
    assert lead.winner == "cascade"


def test_what_cannot_be_known_of_a_set_is_not_made_up():
    """Without prompts, features and signals neither place is known; with signals alone only what comes after the call is."""
    nothing = place(prepare(bare(proving_ground(n=1200))))
    assert np.isnan(nothing.ex_ante)
    assert np.isnan(nothing.post_hoc)
    assert nothing.lead(0.5) is None
    table = simulate(_world(n=1500))
    seen = place(prepare(replace(table, features={}, stored_fingerprint="")))
    assert np.isnan(seen.ex_ante)
    assert 0.7 < seen.post_hoc < 0.9
    assert seen.router == ""


def test_costs_that_turn_round_on_test_never_make_more_money_worth_less():
    """Where two vertices change places in cost on test, both cost what the dearer one does: the line still rises with money."""
    none = np.zeros((1, 3), dtype=np.float32)
    turned = Envelope(
        policies=(), cost=np.array([1.2, 1.0, 2.0]), quality=np.array([0.4, 0.5, 0.6]), per_query_cost=none, per_query_quality=none
    )
    at = turned.at(np.array([1.0, 1.2, 1.6, 3.0]))
    assert at.tolist() == pytest.approx([0.4, 0.5, 0.55, 0.6])
    assert spent(np.array([[1.0, 3.0, 2.0]])).tolist() == [[1.0, 3.0, 3.0]]
