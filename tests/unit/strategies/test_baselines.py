"""Single models, mixtures in closed form, the oracle."""

import numpy as np
import pytest

from data.problems import ProblemError
from strategies import find, frontier, replay
from strategies.frontiers.hull import hull
from tests.worlds import NAN, by_hand, proving_ground, unpriced

TABLE = proving_ground(400, 4, seed=1)
MEANS = {name: TABLE.mean(name) for name in ("quality", "cost_usd", "latency_s")}


@pytest.mark.parametrize(("kind", "model"), [("cheapest", "m0"), ("priciest", "m3")])
def test_cheapest_and_priciest_are_by_mean_cost_on_fit(kind, model):
    """Each sends everything to one model, whatever was chosen before."""
    for policy in (find(kind)(), find(kind)(model="m1")):
        summary = replay(policy.fit(TABLE), TABLE).summary()
        assert summary.answered[model] == 1
        assert summary.quality == pytest.approx(MEANS["quality"][model])
        assert summary.cost_usd == pytest.approx(MEANS["cost_usd"][model])


def test_the_best_single_model_is_by_quality_and_the_cheaper_of_two():
    """Ties go to the cheaper model, unknown means lose."""
    table = by_hand([[0.5, 1, 1, NAN]] * 3, cost=[[1, 9, 5, 0.1]] * 3)
    assert find("best-single")().fit(table).model == "c"
    assert find("single")().fit(table).model == "c"
    assert find("single")(model="a").fit(table).model == "a"


def test_a_single_model_that_is_not_there_is_refused():
    """The message lists the models."""
    with pytest.raises(ProblemError, match="m0, m1"):
        replay(find("single")(model="gpt"), TABLE)


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_the_closed_form_of_a_random_mix_is_the_mean_of_many_draws(share):
    """Expected quality, cost and latency are met by the mean over seeds; at 0 and 1 every draw is the single model."""
    policy = find("random-mix")(pair=("m0", "m3"), share=share)
    expected = policy.expected(TABLE)
    drawn = [replay(find("random-mix")(pair=("m0", "m3"), share=share, seed=s), TABLE).summary() for s in range(60)]
    for name, value in (("quality", expected.quality), ("cost_usd", expected.cost_usd), ("latency_s", expected.latency_s)):
        assert np.mean([getattr(d, name) for d in drawn]) == pytest.approx(value, rel=0.02)
        assert value == pytest.approx((1 - share) * MEANS[name]["m0"] + share * MEANS[name]["m3"])
    if share in {0.0, 1.0}:
        assert {d.answered["m3"] for d in drawn} == {share}


def test_a_random_mix_is_fitted_to_cheapest_and_priciest():
    """An empty pair is resolved, a given one stays."""
    assert find("random-mix")().fit(TABLE).pair == ("m0", "m3")
    assert find("random-mix")(pair=("m1", "m2")).fit(TABLE).pair == ("m1", "m2")
    with pytest.raises(ProblemError, match="no model 'x'"):
        find("random-mix")(pair=("m1", "x")).expected(TABLE)


def test_a_hole_of_a_model_without_a_share_is_no_hole():
    """Expected figures and the per-query values behind the band are unknown only where a used model is."""
    table = by_hand([[1, NAN], [0, 1]], cost=[[1, NAN], [1, 2]])
    curve = frontier(find("random-mix")(pair=("a", "b")), table, settings=np.array([0.0, 0.5, 1.0]))
    assert curve.quality[0] == 0.5
    assert np.isnan(curve.quality[1:]).all()
    per_query = curve.per_query(np.array([0.0, 0.5, 1.0]), "quality")
    assert per_query[:, 0].tolist() == [1, 0]
    assert np.isnan(per_query[0, 1:]).all()
    assert per_query[1].tolist() == [0, 0.5, 1]


def test_uniform_random_deals_evenly_and_again():
    """Every model gets its share; another seed deals otherwise; the expected figure is the mean of means."""
    policy = find("uniform-random")()
    run = replay(policy, TABLE)
    assert np.bincount(run.answer, minlength=4) / 400 == pytest.approx([0.25] * 4, abs=0.08)
    assert not np.array_equal(run.answer, replay(find("uniform-random")(seed=1), TABLE).answer)
    assert policy.expected(TABLE).quality == pytest.approx(np.mean(list(MEANS["quality"].values())))


def test_the_zero_routers_vertices_are_single_models():
    """At the cost of a hull model it is that model; between two it is their chord; it is never above the hull."""
    policy = find("zero-router")().fit(TABLE)
    cost, quality = (np.array(list(MEANS[name].values())) for name in ("cost_usd", "quality"))
    at = hull(cost, quality)
    assert [str(name) for name in policy.state["names"]] == [TABLE.models[v] for v in at]
    span = cost[at[-1]] - cost[at[0]]
    for vertex in at:
        there = find("zero-router")(budget=(cost[vertex] - cost[at[0]]) / span).fit(TABLE).expected(TABLE)
        assert (there.cost_usd, there.quality) == pytest.approx((cost[vertex], quality[vertex]), rel=1e-6)
    middle = find("zero-router")(budget=float((cost[at[:2]].mean() - cost[at[0]]) / span)).fit(TABLE).expected(TABLE)
    assert (middle.cost_usd, middle.quality) == pytest.approx((cost[at[:2]].mean(), quality[at[:2]].mean()))
    assert (middle.weights >= 0).all()
    assert middle.weights.sum() == pytest.approx(1)


def test_a_zero_router_with_one_vertex_is_that_model_at_any_budget():
    """Where the cheapest is the best there is nothing to mix."""
    table = by_hand([[1, 0]] * 4, cost=[[1, 2]] * 4)
    for budget in (0.0, 0.5, 1.0):
        assert find("zero-router")(budget=budget).fit(table).expected(table).weights.tolist() == [1, 0]


@pytest.mark.parametrize("table", [unpriced(TABLE), by_hand([[NAN, NAN]] * 3, cost=[[1, 2]] * 3)])
def test_a_zero_router_without_a_point_is_refused(table):
    """No cost known, or no quality: there is no hull."""
    with pytest.raises(ProblemError, match="needs costs"):
        find("zero-router")().fit(table)


def test_mixtures_refuse_a_table_without_their_models():
    """A fitted mixture names the model that is absent, instead of dealing too few shares."""
    shares = find("matched-random").of({"m0": 0.5, "m3": 0.5})
    for policy in (find("zero-router")().fit(TABLE), shares):
        with pytest.raises(ProblemError, match=r"no model .* in this data"):
            policy.expected(TABLE.select(["m1", "m2"]))
    assert find("matched-random").of({"m0": 1.0, "m3": 0.0}).weights(("m0", "m1")).tolist() == [1, 0]


def test_the_matched_control_spends_as_the_policy_and_knows_nothing():
    """Same shares and, in expectation, the cost of a single-call policy with these shares; quality is the blind mean."""
    router = find("knn-router")(k=15, lam=20.0).fit(TABLE)
    shares = replay(router, TABLE).summary().answered
    control = find("matched-random").of(dict(shares), seed=4)
    expected = control.expected(TABLE)
    assert dict(zip(TABLE.models, expected.weights.tolist(), strict=True)) == pytest.approx(dict(shares))
    assert expected.quality == pytest.approx(sum(shares[m] * MEANS["quality"][m] for m in TABLE.models))
    assert control.fit(TABLE) == control
    assert find("matched-random")().fit(TABLE).weights(TABLE.models).tolist() == [0.25] * 4


def test_the_oracle_takes_the_cheapest_of_the_best():
    """Equal quality goes to the cheaper model, per query; its quality is the maximum."""
    table = by_hand([[1, 1, 1], [0, 1, 1], [0, 0, 0], [0.2, 0.5, 0.4]], cost=[[3, 2, 1], [1, 5, 4], [3, 2, 9], [1, 1, 1]])
    run = replay(find("oracle")(), table)
    assert run.answer.tolist() == [2, 2, 1, 1]
    assert run.cost_usd.tolist() == [1, 4, 2, 1]
    assert run.quality.tolist() == pytest.approx([1, 1, 0, 0.5])
    assert replay(find("oracle")(), TABLE).quality.tolist() == TABLE.numbers["quality"].max(axis=1).tolist()


def test_over_holes_the_oracle_is_that_of_the_seen():
    """A hole is never chosen where something was seen, an unknown price only where no other is as good."""
    table = by_hand([[NAN, 0.5], [0.2, NAN], [1, 1], [1, 1], [NAN, NAN]], cost=[[1, 2], [9, 1], [NAN, 5], [NAN, NAN], [1, 2]])
    run = replay(find("oracle")(), table)
    assert run.answer.tolist() == [1, 0, 1, 0, 0]
    assert np.isnan(run.quality).tolist() == [False, False, False, False, True]
    assert np.isnan(run.cost_usd).tolist() == [False, False, False, True, False]
