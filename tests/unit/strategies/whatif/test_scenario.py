"""Scenarios: composed in one order, written into a link and read again, and nothing where nothing is assumed."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.problems import ProblemError
from strategies.proving import proving_ground
from strategies.whatif.change import knobs_of
from strategies.whatif.conditions import JudgeError, Latency, Load, Mix, NewModel, Outage, Removal, Volume
from strategies.whatif.measure import MEASURES
from strategies.whatif.prices import Batch, BillFactor, HourPrice, PricesOf, TokenPrices
from strategies.whatif.replayed import effect
from strategies.whatif.scenario import KINDS, Scenario, apply, parsed, said, scenario

NAMES = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), min_size=1, max_size=8)
IDLE = (
    PricesOf(), TokenPrices(model="m1"), HourPrice(model="m1"), Batch(), BillFactor(), Latency(), Outage(model="m1", share=0.0),
    JudgeError(), Mix(task="sums"), Load(model="m1"), Volume(), NewModel(),
)  # fmt: skip


def drawn(kind):
    """Draw any change of a kind within its declared ranges, for any name."""
    fields = {}
    for item, spec in knobs_of(kind):
        high = 1e6 if spec.high == "data" else spec.high
        fields[item.name] = st.integers(int(spec.low), int(high)) if spec.whole else st.floats(spec.low, high)
    if kind is NewModel:
        fields |= {"right": st.integers(0, 5), "labels": st.integers(5, 9)}
    about = {name: NAMES for name in ("model", "task") if name in kind.__dataclass_fields__}
    days = {"day": st.dates().map(str), "book": NAMES} if kind is PricesOf else {}
    return st.builds(kind, **fields, **about, **days)


@given(changes=st.lists(st.one_of([drawn(kind) for kind in KINDS]), max_size=6), refit=st.booleans())
@settings(max_examples=60, deadline=None)
def test_a_scenario_survives_its_link(changes, refit):
    """Whatever is in range, of whatever name, is the same scenario after it was written into a link and read."""
    unique = {(change.word, change.about): change for change in changes}
    first = Scenario(changes=tuple(unique.values()), refit=refit)
    again = parsed(first.code)
    assert again.code == first.code
    assert again.active == first.active
    assert again.refit == refit


@pytest.mark.parametrize(
    "word", ["x:1", "bill:a:b", "bill:a:1:2", "bill:a:-1", "bill:a:nan", "down:a:2", "load:a:1:1.5", "day:soon", "bill:a:1e999", "new:3:4"]
)
def test_a_link_that_is_none_is_refused(word):
    """Unknown assumptions, words for numbers, numbers out of range and too many of them are refused."""
    with pytest.raises(ProblemError):
        parsed(word)


def test_order_does_not_matter():
    """The same assumptions in any order are one scenario."""
    a, b, c = BillFactor(model="m1", factor=2.0), Outage(model="m2"), PricesOf(day="2026-01-01")
    assert scenario(a, b, c).code == scenario(c, b, a).code == scenario(b).put(c, a).code


def test_one_thing_is_said_once():
    """Two changes of a kind about one model are refused; `put` replaces."""
    with pytest.raises(ProblemError, match="twice"):
        scenario(BillFactor(model="m1", factor=2.0), BillFactor(model="m1", factor=3.0))
    moved = scenario(BillFactor(model="m1", factor=2.0)).put(BillFactor(model="m1", factor=3.0))
    assert moved.find(BillFactor, "m1").factor == 3
    assert not moved.drop(BillFactor, "m1").changes


def test_nothing_assumed_is_nothing_changed(study, cascade):
    """Every kind at its default is idle: the very same table, and the same figures to the bit."""
    calm = scenario(*IDLE)
    assert calm.code == ""
    assert calm.active == ()
    assert not calm.refits
    assert apply(calm, study.table) is study.table
    found = effect(cascade, calm)
    for name in ("quality", "cost", "latency"):
        assert getattr(found.before, name).tobytes() == getattr(found.after, name).tobytes()
    assert all(found.difference(measure).mean == 0 for measure in MEASURES)
    assert {type(change) for change in IDLE} | {Removal} == set(KINDS)


def test_what_is_assumed_is_said(study):
    """Each assumption leaves a line in the history, and prices are marked assumed; simulated confidence makes the set simulated."""
    assumed = scenario(BillFactor(model="m1", factor=2.0), Outage(model="m2"), JudgeError(error=0.1), Latency(factor=3.0))
    after = apply(assumed, study.table)
    assert [line.action for line in said(study.table, after)] == ["assumed"] * 4
    assert after.cards[1].tier == "assumed"
    assert after.cards[1].price_in_usd_per_mtok == 1.0
    assert after.origin.kind == "simulated"
    assert "simulated" in after.origin.name


@pytest.mark.parametrize("change", [BillFactor(model="nobody", factor=2.0), Outage(model="nobody"), Removal(model="nobody")])
def test_a_model_that_is_not_there_is_refused(study, change):
    """An assumption about an unknown model is refused with the known ones."""
    with pytest.raises(ProblemError, match="nobody"):
        apply(scenario(change), study.table)


def test_a_task_that_is_not_there_is_refused(study):
    """So is a mix of unknown tasks, or one in which nothing is left."""
    with pytest.raises(ProblemError, match="sums"):
        scenario(Mix(task="songs", weight=2.0)).weights(study.tested)
    with pytest.raises(ProblemError, match="no query is left"):
        scenario(Mix(task="sums", weight=0.0), Mix(task="proofs", weight=0.0)).weights(study.tested)


def test_subsets_agree(study):
    """What an assumption makes of a part is that part of what it makes of the whole: splits stay comparable."""
    assumed = scenario(Outage(model="m2", share=0.4, lost_s=2.0), BillFactor(model="m3", factor=0.5), Latency(model="m0", seconds=9.0))
    rows = np.arange(0, len(study.table), 3)
    whole, part = apply(assumed, study.table).take(rows), apply(assumed, study.table.take(rows))
    assert whole.fingerprint == part.fingerprint


def test_the_last_two_models_stay():
    """Taking one of two models out is refused; so is an outage of all."""
    two = proving_ground(40, models=2)
    with pytest.raises(ProblemError, match="fewer than two"):
        apply(scenario(Removal(model="m0")), two)
    with pytest.raises(ProblemError, match="no model is left"):
        apply(scenario(Outage(model="m0"), Outage(model="m1")), two)
    assert math.isnan(TokenPrices(model="m0").input)
