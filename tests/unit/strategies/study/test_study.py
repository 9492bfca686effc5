"""From a table to curves on calibrate and test, and to every decision."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from data.outcomes import Origin, OutcomeTable, outcome_table
from data.problems import ProblemError
from data.queries import QuerySet
from data.splits import assigned, fold_of
from data.texts import Texts
from strategies.frontiers.tune import Goal
from strategies.knobs import setting
from strategies.registry import find
from strategies.study.curves import band, curves, fitted, shown, started, sweepable
from strategies.study.decisions import RIGHT, Decisions, what_changed
from strategies.study.frame import frame
from strategies.study.prepare import MOST_IN_PLAY, WEIGHTS, hull_models, prepare, rises_with_cost, rising_pool
from strategies.study.scores import scores_of


def world(n: int = 1200, *, costs: bool = True, models: int = 3, seed: int = 0) -> OutcomeTable:
    """Three models, each better and dearer than the one before, whose margin tells how hard the query is."""
    random = np.random.default_rng(seed)
    hard = random.random(n)
    strength = np.linspace(1.0, 0.2, models)
    quality = (random.random((n, models)) < 1 - hard[:, None] * strength).astype(np.float32)
    margin = np.clip(1 - hard[:, None] + 0.2 * random.normal(size=(n, models)), 0, 1)
    cost = np.tile(np.geomspace(10.0 ** -(min(models, 4) + 2), 1e-3, models), (n, 1)) * random.lognormal(0, 0.2, (n, models))
    names = [f"m{i}" for i in range(models)]
    queries = QuerySet.build([f"q{i}" for i in range(n)], prompts=[f"prompt {i} {'hard' if hard[i] > 0.5 else 'easy'}" for i in range(n)])
    fields = {"cost_usd": cost, "latency_s": np.tile(np.arange(1.0, models + 1), (n, 1))} if costs else {}
    return outcome_table(names, quality, queries=queries, signals={"margin": margin}, origin=Origin(name="world"), **fields)


def test_a_big_table_is_split_and_a_small_one_cross_fitted() -> None:
    """From 1,000 queries on one split with 40 % tested; below, every query is tested exactly once."""
    big, small = prepare(world(1200)), prepare(world(400))
    assert not big.crossed
    assert len(big.rows) == pytest.approx(480, abs=2)
    assert small.crossed
    assert sorted(small.rows.tolist()) == list(range(400))


def test_a_split_column_counts_only_if_it_names_all_three_parts() -> None:
    """The file's own split wins, even for few queries; one that leaves rows open does not stop cross-fitting."""
    table = world(300)
    whole, partial = (np.resize(words, 300).tolist() for words in (["train", "dev", "test"], ["train", "", "test"]))
    own, drawn = (
        prepare(replace(table, queries=replace(table.queries, splits=Texts(words)), stored_fingerprint="")) for words in (whole, partial)
    )
    assert not own.crossed
    assert own.rows.tolist() == list(range(2, 300, 3))
    assert drawn.crossed


def test_tested_rows_are_in_the_order_of_the_runs() -> None:
    """Row i of every run is the query at study.rows[i], in one split and across folds."""
    for n in (1200, 400):
        study = prepare(world(n))
        listed = [i for parts in study.parts for i in parts.test.queries.ids.to_list()]
        assert study.tested.queries.ids.to_list() == listed


def test_models_without_price_or_answers_are_left_out_and_named() -> None:
    """A model without a price, or seen on few queries, is not in play by default, with the reason."""
    table = world(1200)
    cost, quality = np.array(table.numbers["cost_usd"]), np.array(table.numbers["quality"])
    cost[:, 0] = np.nan
    quality[100:, 1] = np.nan
    extra = outcome_table(
        ["a", "b", "c", "d"],
        np.column_stack([quality, quality[:, 2]]),
        cost_usd=np.column_stack([cost, cost[:, 2] * 2]),
        signals={},
    )
    study = prepare(extra)
    assert study.pool == ("c", "d")
    assert {out.model: out.reason for out in study.left_out} == {"a": "no price known", "b": "seen on 8% of the queries only"}


def test_a_comparison_over_holes_uses_the_queries_known_for_all() -> None:
    """Models that the user wants in play narrow the queries, and the coverage says to how many."""
    table = world(1200)
    quality = np.array(table.numbers["quality"])
    quality[:600, 0] = np.nan
    holed = outcome_table(table.models, quality, cost_usd=table.numbers["cost_usd"])
    study = prepare(holed, pool=("m0", "m1", "m2"))
    assert len(study.table) == 600
    assert study.coverage == pytest.approx(0.5)


def test_of_many_models_the_best_value_comes_into_play() -> None:
    """Of more than twelve models the hull and the best means of the fit part are in play; any other can still be chosen."""
    table = world(1200, models=20)
    study = prepare(table)
    assert len(study.pool) == MOST_IN_PLAY
    assert {"m0", study.best} <= set(study.pool)
    assert len(study.left_out) == 8
    assert prepare(table, pool=[study.left_out[0].model, "m19"]).pool[-1] == "m19"


def test_queries_of_unknown_cost_are_no_part_of_a_comparison() -> None:
    """A few unknown costs narrow the queries, and the coverage says so; a model with many of them is left out unless it is wanted."""
    table = world(1200)
    cost = np.array(table.numbers["cost_usd"])
    cost[:30, 1] = np.nan
    few = prepare(replace(table, numbers={**table.numbers, "cost_usd": cost}, stored_fingerprint=""))
    assert few.pool == ("m0", "m1", "m2")
    assert few.coverage == pytest.approx(1170 / 1200)
    assert not np.isnan(few.table.numbers["cost_usd"]).any()
    cost[:600, 1] = np.nan
    many = replace(table, numbers={**table.numbers, "cost_usd": cost}, stored_fingerprint="")
    assert {out.model: out.reason for out in prepare(many).left_out} == {"m1": "its cost is known for 50% of its answers only"}
    assert len(prepare(many, pool=("m0", "m1", "m2")).table) == 600


def test_without_prices_two_models_are_compared_by_share() -> None:
    """No cost: two models, and the x axis is the share sent to the stronger one."""
    study = prepare(world(1200, costs=False, models=2))
    assert study.table.cost_unit == "share"
    assert study.assumed
    assert study.table.mean("cost_usd") == {"m0": 0.0, "m1": 1.0}


def test_without_prices_typed_weights_are_the_cost() -> None:
    """Typed relative prices become the cost, and the study says that it is assumed."""
    study = prepare(world(1200, costs=False), weights={"m0": 1.0, "m1": 5.0, "m2": 20.0})
    assert study.table.cost_unit == "relative"
    assert study.pool == ("m0", "m1", "m2")


def test_a_price_of_a_model_out_of_play_is_no_price_for_those_in_play() -> None:
    """Two chosen models without list prices are compared by share; three ask for relative prices, whatever others cost."""
    table = world(1200, models=5, costs=False)
    cards = [replace(c, price_in_usd_per_mtok=float(i + 1), price_out_usd_per_mtok=1.0) if i < 2 else c for i, c in enumerate(table.cards)]
    table = replace(table, cards=tuple(cards))
    assert prepare(table).table.cost_unit == "relative"
    assert prepare(table, pool=("m2", "m3")).table.cost_unit == "share"
    with pytest.raises(ProblemError) as refused:
        prepare(table, pool=("m2", "m3", "m4"))
    assert refused.value.problems[0].column == WEIGHTS
    assert prepare(table, pool=("m2", "m3"), weights={"m0": 1.0, "m1": 2.0}).table.cost_unit == "share"


def test_many_models_without_prices_become_a_pair() -> None:
    """Three models, no price, nothing typed: the best and one nearest to three quarters of it, by share."""
    study = prepare(world(1200, costs=False))
    assert len(study.pool) == 2
    assert study.pool[1] == "m2"


def test_which_two_are_compared_is_not_chosen_on_test() -> None:
    """Without prices the weak and the strong model come from the fit part: other scores in test change neither."""
    table = world(1200, costs=False)
    quality = np.array(table.numbers["quality"])
    quality[assigned(table) == 2] = [1, 0, 0]
    turned = replace(table, numbers={"quality": quality}, stored_fingerprint="")
    assert turned.mean("quality")["m2"] < turned.mean("quality")["m0"]
    assert prepare(turned).pool == prepare(table).pool


def test_the_reference_rests_on_all_folds() -> None:
    """Cross-fitted, the best single model is the best over all fit parts, not over the first one's."""
    table = world(400, models=2)
    quality = np.zeros((400, 2))
    fold = fold_of(table)
    quality[:, 0], quality[fold == 0, 1] = 0.5, 1.0
    quality[fold == 1, 1] = 1.0
    quality[fold > 1, 1] = 0.3  # the first fit part has folds 2, 3, 4: there m0 is better
    study = prepare(replace(table, numbers={**table.numbers, "quality": quality}, stored_fingerprint=""))
    assert study.parts[0].fit.mean("quality")["m1"] < 0.5
    assert study.best == "m1"


@pytest.mark.parametrize("table", [world(10), world(1200, models=1)], ids=["few queries", "one model"])
def test_what_cannot_be_compared_is_refused_in_words(table: OutcomeTable) -> None:
    """Too few queries or models is a ProblemError with a way out."""
    with pytest.raises(ProblemError):
        prepare(table)


def test_the_home_pool_rises_with_cost() -> None:
    """A model that is dearer and worse is not in the pool that home opens with."""
    table = world(1200)
    quality = np.array(table.numbers["quality"])
    quality[:, 1] = 0.0
    study = prepare(outcome_table(table.models, quality, cost_usd=table.numbers["cost_usd"]))
    assert not rises_with_cost(study)
    assert rising_pool(study) == ("m0", "m2")
    assert hull_models(study) == ("m0", "m2")


@pytest.mark.parametrize("n", [1200, 400])
@pytest.mark.parametrize("identity", ["margin-cascade", "random-mix", "zero-router"])
def test_curves_agree_with_runs_at_every_setting(n: int, identity: str) -> None:
    """The test curve at a setting is the mean of the decisions made at that setting, folds included."""
    fit = started(fitted(prepare(world(n)), find(identity)()), Goal(keep=0.97))
    knob = sweepable(fit.policy)[-1]
    both = curves(fit, knob)
    assert np.all(np.diff(both.shown.setting) > 0)
    assert both.chosen.setting.tolist() == both.shown.setting.tolist()
    if identity == "margin-cascade":  # a mixture's decisions are one draw; its curve is the expectation
        for at in range(0, len(both.shown.setting), 97):
            run = shown(fit.turned(knob, float(both.shown.setting[at])))
            assert run.quality.mean(dtype=np.float64) == pytest.approx(both.shown.quality[at], abs=1e-9)
            assert run.cost.mean(dtype=np.float64) == pytest.approx(both.shown.cost_usd[at], abs=1e-9)


def test_the_start_keeps_most_of_the_quality_for_less() -> None:
    """A fresh strategy stands where calibrate says that it keeps the goal's share, cheaper than the best single model."""
    study = prepare(world(1200))
    fit = started(fitted(study, find("margin-cascade")()), Goal(keep=0.97))
    run = shown(fit)
    best = study.tested.quality(study.best).mean()
    assert run.quality.mean() >= 0.9 * best
    assert run.cost.mean() < study.tested.cost_usd(study.best).mean()


def test_bands_hold_their_curve() -> None:
    """Every interval along a curve contains the curve's own mean."""
    study = prepare(world(1200))
    fit = fitted(study, find("margin-cascade")(chain=("m0", "m2")))
    curve = curves(fit, "t1").shown
    found = band(study, curve)
    mean = np.interp(found.setting, curve.setting, curve.quality)
    assert np.all(found.quality_low <= mean + 1e-6)
    assert np.all(found.quality_high >= mean - 1e-6)
    seconds = np.interp(found.setting, curve.setting, curve.latency_s)
    assert np.all((found.latency_low <= seconds + 1e-6) & (found.latency_high >= seconds - 1e-6))
    assert np.any(found.latency_high > found.latency_low)
    assert np.all((found.gap_low <= found.gap + 1e-6) & (found.gap_high >= found.gap - 1e-6))


def _decisions() -> Decisions:
    study = prepare(world(1200))
    fit = fitted(study, find("margin-cascade")(chain=("m0", "m1", "m2"), t1=0.5, t2=0.5))
    return Decisions(shown=shown(fit), before=shown(fit.turned("t1", 0.4)))


def test_intervals_keep_the_mix_of_tasks() -> None:
    """Where the task decides who is right, a band that keeps the mix is much narrower than one that draws it too."""
    table = world(1200)
    sums = np.arange(1200) % 2 == 0
    quality = np.where(sums[:, None], 1.0, 0.0) * np.ones((1, 3), dtype=np.float32)
    quality[:, 0] = np.asarray(table.quality(0))
    widths = []
    for tasks in (["sums" if each else "law" for each in sums], None):
        queries = QuerySet.build(table.queries.ids.to_list(), tasks=tasks)
        whole = replace(table, queries=queries, numbers={**table.numbers, "quality": quality.astype(np.float32)}, stored_fingerprint="")
        study = prepare(whole)
        found = band(study, curves(fitted(study, find("margin-cascade")(chain=("m0", "m2"))), "t1").shown)
        widths.append(float(found.quality_high[-1] - found.quality_low[-1]))
        assert (study.strata is None) == (tasks is None)
    assert widths[0] < 0.5 * widths[1]


def test_quick_sets_follow_their_formulas() -> None:
    """Each quick set equals its definition, query by query."""
    found = _decisions()
    sets = found.sets()
    rounds, answer, quality = found.shown.rounds, found.shown.answer, found.everyone
    for i in range(0, len(answer), 7):
        path = [int(m) for m in rounds[i] if m >= 0]
        right = quality[i, answer[i]] >= RIGHT
        earlier = [m for m in path if m != answer[i]]
        assert sets["wrong"].mask[i] == (not right)
        assert sets["needless"].mask[i] == any(quality[i, m] >= quality[i, answer[i]] for m in earlier)
        later = [m for m in range(3) if m not in path and m > answer[i]]
        assert sets["missed"].mask[i] == ((not right) and any(quality[i, m] >= RIGHT for m in later))
        assert sets["hopeless"].mask[i] == (not (quality[i] >= RIGHT).any())
        assert sets["oracle"].mask[i] == ((not right) and bool((quality[i] >= RIGHT).any()))
        assert sets["changed"].mask[i] == ((found.shown.called[i] != found.before.called[i]).any() or found.before.answer[i] != answer[i])
    margin = np.stack([found.shown.study.tested.signal("margin", m) for m in range(3)], axis=1)
    stopped = np.where(answer < 2, margin[np.arange(len(answer)), answer], np.nan)  # the last of the chain is kept unseen
    assert np.array_equal(sets["lucky"].mask, found.right & (stopped < np.nanmedian(stopped)))
    needless, prices = sets["needless"], found.prices
    first = np.argmax(quality >= found.shown.quality[:, None], axis=1)
    saved = [prices[i, first[i] + 1 : answer[i] + 1].sum(dtype=float) for i in np.flatnonzero(needless.mask)]
    assert needless.cost == pytest.approx(sum(saved))
    assert all(group.count == group.mask.sum() and group.cost >= 0 for group in sets.values())


def test_a_panel_that_agrees_did_not_escalate() -> None:
    """Who is asked at once was not asked on: no needless escalation, and only the chain's own models can be missed."""
    random = np.random.default_rng(3)
    quality = random.integers(0, 2, (1200, 4)).astype(float)
    says = {f"m{m}": Texts([("yes" if q else f"no {m % 2}") for q in quality[:, m]]) for m in range(4)}
    cost = np.tile([1e-4, 2e-4, 1e-3, 1e-2], (1200, 1))
    table = outcome_table(list(says), quality, cost_usd=cost, answers=says, queries=QuerySet.build([f"q{i}" for i in range(1200)]))
    found = Decisions(shown=shown(fitted(prepare(table), find("agreement-cascade")(chain=("m0", "m1", "m3")))))
    sets, q = found.sets(), found.everyone
    agreed = ~found.escalated
    assert agreed.any()
    assert not sets["needless"].mask[agreed].any()
    worth = np.maximum(q[:, 0], q[:, 1]) >= q[:, 3]
    assert np.array_equal(sets["needless"].mask, found.escalated & worth)
    assert sets["needless"].cost == pytest.approx(1e-2 * sets["needless"].count, rel=1e-5)
    assert np.array_equal(sets["missed"].mask, agreed & (q[:, 0] < RIGHT) & (q[:, 3] >= RIGHT))


def test_regret_is_zero_where_nothing_cheaper_was_as_good() -> None:
    """Regret is what was paid beyond the cheapest model whose answer was as good, never negative."""
    found = _decisions()
    assert (found.regret >= 0).all()
    at = int(np.argmax(found.regret))
    as_good = found.everyone[at] >= found.shown.quality[at]
    assert found.regret[at] == pytest.approx(found.shown.cost[at] - found.prices[at][as_good].min())


def test_what_changed_counts_both_ways() -> None:
    """Raising a threshold sends queries on, none back; the net of right and wrong is the change in quality."""
    found = _decisions()
    counts = what_changed(found.shown, found.before)
    assert counts["earlier"] == 0
    assert counts["longer"] > 0
    net = counts["now_right"] - counts["now_wrong"]
    assert net == (found.shown.quality >= RIGHT).sum() - (found.before.quality >= RIGHT).sum()


def test_the_frame_has_a_row_a_tested_query() -> None:
    """The decision table lists every tested query with its path and its sets."""
    found = _decisions()
    rows = frame(found)
    assert rows["query"].tolist() == found.shown.study.tested.queries.ids.to_list()
    assert rows["path"].str.startswith("m0").all()
    assert {"confidence 1", "confidence 2", "set needless", "cost_usd", "regret_usd"} <= set(rows.columns)


def test_scores_are_over_the_common_range() -> None:
    """The random mix of two models neither gains over the zero router of two models nor recovers more than half the gap."""
    study = prepare(world(1200, models=2))
    fit = fitted(study, find("random-mix")())
    found = scores_of(fit, curves(fit, "share").shown)
    assert found["aiq_gain"] == pytest.approx(0, abs=1e-6)
    assert found["aiq_gain_low"] <= 1e-6
    assert found["apgr"] == pytest.approx(0.5, abs=1e-6)
    assert found["cpt80"] == pytest.approx(0.8, abs=1e-6)
    assert setting(fit.policy, "share") == 0.5


def test_more_than_two_models_have_measures_of_their_own() -> None:
    """Two models: APGR and CPT by share. More: nAPGR and nCPT by cost, where blind mixing of the two ends recovers as it pays."""
    two, many = (prepare(world(1200, models=count)) for count in (2, 3))
    found = [scores_of(f, curves(f, "share").shown) for f in (fitted(two, find("random-mix")()), fitted(many, find("random-mix")()))]
    assert {"apgr", "apgr_11", "cpt50", "cpt80"} <= set(found[0])
    assert not {"napgr", "ncpt50", "ncpt80"} & set(found[0])
    assert not {"apgr", "apgr_11", "cpt50", "cpt80"} & set(found[1])
    assert found[1]["napgr"] == pytest.approx(0.5, abs=1e-6)
    assert found[1]["ncpt80"] == pytest.approx(0.8, abs=1e-6)


def test_models_of_one_cost_have_scores_without_an_area() -> None:
    """Where all models cost the same there is no range to average over: not defined, and no error."""
    study = prepare(world(1200, costs=False, models=3), weights=dict.fromkeys(("m0", "m1", "m2"), 2.0))
    fit = fitted(study, find("random-mix")())
    found = scores_of(fit, curves(fit, "share").shown)
    assert np.isnan([found["aiq"], found["aiq_gain"], found["napgr"], found["ncpt50"]]).all()


def test_a_lead_over_blind_mixing_comes_with_its_least_value() -> None:
    """The bound lies below the lead; a telling signal keeps it above zero, a useless one does not."""
    leads = {}
    table = world(2400, models=2)
    for name, study in (("telling", prepare(table)), ("useless", prepare(_shuffled_margins(table)))):
        fit = started(fitted(study, find("margin-cascade")()), Goal(keep=0.97))
        leads[name] = scores_of(fit, curves(fit, "t1").shown)
        assert leads[name]["aiq_gain_low"] < leads[name]["aiq_gain"]
    assert leads["telling"]["aiq_gain_low"] > 0 > leads["useless"]["aiq_gain_low"]


def _shuffled_margins(table: OutcomeTable) -> OutcomeTable:
    margin = np.array(table.signals["margin"])
    return table.with_signal("margin", np.random.default_rng(1).permutation(margin))
