"""Tables of a simulated world: marked, repeatable, priced as said, shifted where said."""

from dataclasses import replace

import numpy as np
import pytest

from data.simulator import Shift, SimModel, Topic, World, promise, simulate
from data.simulator.simulate import BLOCK
from strategies.engines.recorded import Columns
from strategies.predictors.recorded import best_recorded
from strategies.protocol import Training

SMALL = SimModel(name="small", accuracy=0.6, price_in_usd_per_mtok=1, price_out_usd_per_mtok=4, tokens_out=200)
LARGE = SimModel(name="large", accuracy=0.85, price_in_usd_per_mtok=10, price_out_usd_per_mtok=40, tokens_out=400, latency_spread=0)
WORLD = World(
    name="test", n=20_000, models=(SMALL, LARGE), topics=(Topic(name="law", weight=1), Topic(name="code", weight=3, difficulty=1, length=2))
)


def numbers(table):
    """Return all numbers and signals of a table by name."""
    return dict(table.numbers) | dict(table.signals) | dict(table.features)


def test_it_is_marked_as_simulated():
    """Origin, name, note, tier of the prices and history say so; the history's values give the world back."""
    table = simulate(WORLD)
    assert table.origin.kind == "simulated"
    assert table.origin.name == "test (simulated)"
    assert simulate(replace(WORLD, n=20, name="test (simulated)")).origin.name == "test (simulated)"
    assert "Simulated" in table.origin.note
    assert {card.tier for card in table.cards} == {"assumed"}
    assert all("simulated" in card.note for card in table.cards)
    assert World.from_json(table.history[0].values["world"]) == WORLD


def test_shapes_and_names():
    """Queries x models, tasks from topics, difficulty as a column of the queries, confidence as a signal that strategies pick up."""
    table = simulate(replace(WORLD, n=50))
    assert len(table) == 50
    assert table.models == ("small", "large")
    assert set(table.numbers) == {"quality", "cost_usd", "latency_s", "tokens_in", "tokens_out"}
    assert set(np.unique(table.numbers["quality"])) <= {0.0, 1.0}
    assert table.features["predicted_quality:small"].shape == (50, 1)
    assert table.features["embedding"].shape == (50, 3)
    assert table.queries.task_names == ("law", "code")
    assert len(table.queries.meta["difficulty"]) == 50
    assert table.queries.prompts is None
    assert table.signals["confidence"].min() > 0
    assert table.signals["confidence"].max() < 1
    assert best_recorded(Training(table, Columns(table)), 0) == "confidence"


def test_a_million_texts_are_not_made():
    """Above 100,000 queries the difficulty is no text a query; ids are Arrow strings."""
    table = simulate(replace(WORLD, n=100_001))
    assert table.queries.meta == {}
    assert table.queries.ids[100_000] == "100001"


def test_the_same_world_gives_the_same_table():
    """To the bit, and another seed another one."""
    one, two, other = simulate(WORLD), simulate(WORLD), simulate(replace(WORLD, seed=1))
    assert one.fingerprint == two.fingerprint != other.fingerprint


def test_tables_that_differ_in_foresight_only_are_told_apart():
    """Other predictions with the same answers are another table, whatever part of it is looked at; another name is no other table."""
    one, other, renamed = (simulate(replace(WORLD, **by)) for by in ({}, {"ex_ante": 0.9}, {"name": "else", "sources": ("somebody",)}))
    assert np.array_equal(one.numbers["quality"], other.numbers["quality"])
    assert one.fingerprint == renamed.fingerprint != other.fingerprint
    rows = np.arange(40)
    assert one.take(rows).select(["small"]).fingerprint != other.take(rows).select(["small"]).fingerprint


def test_what_is_said_of_a_world_goes_with_its_table():
    """Notes are read with the origin's own, and change no number."""
    table = simulate(replace(WORLD, n=20, notes=("Hidden tokens are not paid.",)))
    assert table.origin.note.startswith("Simulated:")
    assert table.origin.note.endswith("Hidden tokens are not paid.")
    assert table.fingerprint == simulate(replace(WORLD, n=20)).fingerprint


@pytest.mark.parametrize("size", [1, 700, BLOCK, BLOCK + 5])
def test_a_shorter_table_is_the_beginning_of_a_longer_one(size):
    """Across blocks too."""
    long, short = numbers(simulate(replace(WORLD, n=2 * BLOCK + 9))), numbers(simulate(replace(WORLD, n=size)))
    for name, values in short.items():
        assert np.array_equal(values, long[name][:size]), name


def test_one_dial_moves_only_what_hangs_on_it():
    """Prices move cost alone, confidence confidence alone; a further model leaves the others as they are."""
    base = numbers(simulate(WORLD))
    dearer = numbers(simulate(replace(WORLD, models=(replace(SMALL, price_out_usd_per_mtok=8), LARGE))))
    surer = numbers(simulate(replace(WORLD, post_hoc=0.95)))
    more = numbers(simulate(replace(WORLD, models=(SMALL, LARGE, replace(LARGE, name="third")))))
    assert [name for name in base if not np.array_equal(base[name], dearer[name])] == ["cost_usd"]
    assert [name for name in base if not np.array_equal(base[name], surer[name])] == ["confidence"]
    assert all(np.array_equal(base[name], more[name][:, :2]) for name in base if name in WORLD_FIELDS)


WORLD_FIELDS = ("quality", "cost_usd", "latency_s", "tokens_in", "tokens_out", "confidence")


def test_cost_is_tokens_times_price():
    """Cell by cell; mean lengths are those asked for, whatever topics, difficulty and mistakes do to them."""
    model = replace(SMALL, longer_when_hard=0.4, longer_when_wrong=0.6)
    table = simulate(replace(WORLD, n=100_000, models=(model, LARGE), tokens_in=500, longer_prompt_when_hard=0.3))
    for m, each in enumerate(table.cards):
        expected = table.column("tokens_in", m) * each.price_in_usd_per_mtok + table.column("tokens_out", m) * each.price_out_usd_per_mtok
        assert table.cost_usd(m) == pytest.approx(expected * 1e-6, rel=1e-5)
    assert table.mean("tokens_out")["small"] == pytest.approx(200, rel=0.01)
    assert table.mean("tokens_in")["small"] == pytest.approx(500, rel=0.01)
    wrong, written = table.quality("small") == 0, table.column("tokens_out", "small")
    assert written[wrong].mean() > 1.5 * written[~wrong].mean()
    code = table.queries.tasks == 1
    assert table.column("tokens_out", "large")[code].mean() == pytest.approx(
        2 * table.column("tokens_out", "large")[~code].mean(), rel=0.02
    )


def test_latency_is_start_plus_length_over_speed():
    """Exactly, where it doesn't scatter."""
    table = simulate(WORLD)
    assert table.latency_s("large") == pytest.approx(0.4 + table.column("tokens_out", "large") / 60, rel=1e-5)
    assert table.latency_s("small").mean() == pytest.approx(0.4 + 200 / 60, rel=0.02)


def test_a_price_per_query_needs_no_tokens():
    """The mean bill is the price; tokens aren't there, and its card says what kind of price it is."""
    models = (SimModel(name="a", price_usd_per_query=0.01, accuracy=0.5), SimModel(name="b", price_usd_per_query=0, accuracy=0.5))
    table = simulate(World(n=50_000, models=models))
    assert "tokens_out" not in table.numbers
    assert table.mean("cost_usd")["a"] == pytest.approx(0.01, rel=0.01)
    assert table.cards[0].price_usd_per_query == 0.01
    mixed = simulate(World(n=100, models=(models[0], SMALL)))
    assert np.isnan(mixed.column("tokens_out", "a")).all()
    assert not np.isnan(mixed.column("tokens_out", "small")).any()
    share = simulate(World(n=100, models=tuple(replace(m, tokens_spread=0) for m in models), cost_unit="relative"))
    assert share.cost_unit == "relative"
    assert share.cards[0].relative_price == 0.01
    assert share.cost_usd("a") == pytest.approx(np.full(100, 0.01))


def test_energy_is_declared_on_the_card():
    """It has no column: the card carries it."""
    table = simulate(World(n=10, models=(replace(SMALL, energy_wh_per_ktok=2.5),)))
    assert "2.5 Wh per 1,000 answer tokens" in table.cards[0].note


def test_judge_noise_flips_verdicts_and_nothing_else():
    """The asked share of verdicts is the opposite; costs and confidence don't know of it."""
    true, judged = simulate(WORLD), simulate(replace(WORLD, judge_noise=0.2))
    flipped = true.numbers["quality"] != judged.numbers["quality"]
    assert flipped.mean() == pytest.approx(0.2, abs=0.01)
    assert np.array_equal(true.signals["confidence"], judged.signals["confidence"])
    assert np.array_equal(true.numbers["cost_usd"], judged.numbers["cost_usd"])


def half(values):
    """Return means before and after the middle."""
    middle = len(values) // 2
    return values[:middle].mean(), values[middle:].mean()


def test_a_drift_moves_ability_from_its_place_on():
    """A model that loses two logits errs more afterwards; before its place the table is the same, and so is the other model."""
    still, drifting = simulate(WORLD), simulate(replace(WORLD, shifts=(Shift(at=0.5, until=0.5, size=-2, model="large"),)))
    assert np.array_equal(still.quality("large")[:10_000], drifting.quality("large")[:10_000])
    assert np.array_equal(still.quality("small"), drifting.quality("small"))
    before, after = half(drifting.quality("large"))
    assert before - after > 0.2


def test_a_drift_without_a_name_moves_all():
    """Both models lose."""
    drifting = simulate(replace(WORLD, shifts=(Shift(at=0.5, until=0.5, size=-2),)))
    assert all(half(drifting.quality(m))[0] - half(drifting.quality(m))[1] > 0.15 for m in (0, 1))


def test_a_topic_shift_moves_the_mix():
    """A topic asked ten times as often in the second half is asked so there and only there."""
    table = simulate(replace(WORLD, shifts=(Shift(kind="topic", topic="law", at=0.5, until=1, size=10),)))
    before, after = half((table.queries.tasks == 0).astype(float))
    assert before == pytest.approx(0.25, abs=0.02)
    assert after == pytest.approx(10 / 13, abs=0.02)


def test_a_price_shock_and_a_slowdown_hold_while_they_last():
    """Factor three between a quarter and a half, for that model alone."""
    shifts = tuple(Shift(kind=kind, at=0.25, until=0.5, size=3, model="small") for kind in ("price", "slowdown"))
    still, shocked = simulate(WORLD), simulate(replace(WORLD, shifts=shifts))
    for name in ("cost_usd", "latency_s"):
        ratio = shocked.column(name, "small") / still.column(name, "small")
        assert ratio[5_000:10_000] == pytest.approx(np.full(5_000, 3), rel=1e-5)
        assert (np.delete(ratio, np.arange(5_000, 10_000)) == 1).all()
        assert np.array_equal(shocked.column(name, "large"), still.column(name, "large"))


def test_an_outage_leaves_nothing():
    """No quality, cost, latency, tokens or confidence of that model there, all of it elsewhere."""
    table = simulate(replace(WORLD, shifts=(Shift(kind="outage", at=0.5, until=0.6, model="large"),)))
    for values in (*table.numbers.values(), *table.signals.values()):
        gone = np.isnan(values[:, 1])
        assert gone[10_000:12_000].all()
        assert gone.sum() == 2_000
        assert not np.isnan(values[:, 0]).any()


def test_specialists_are_good_in_their_field():
    """Strengths move accuracy by topic, the mean stays what was asked."""
    world = replace(WORLD, n=100_000, models=(replace(SMALL, strengths=(3, 0)), LARGE))
    table, solved = simulate(world), promise(world)
    law = table.queries.tasks == 0
    assert table.quality("small")[law].mean() == pytest.approx(solved.by_topic[0, 0], abs=0.01)
    assert table.quality("small")[law].mean() > table.quality("small")[~law].mean() + 0.3
    assert table.quality("small").mean() == pytest.approx(0.6, abs=0.01)


def test_what_cannot_be_had_is_said():
    """A correlation out of reach is the nearest one, and the history says so; so is an overconfidence beyond certainty."""
    table = simulate(replace(WORLD, correlation=0.99, models=(replace(SMALL, overconfidence=0.7), LARGE)))
    assert "error correlation 0.99 can't be had" in table.history[0].detail
    assert "small: overconfidence +0.70 can't be had" in table.history[0].detail
