"""A world's parts: declared numbers, dials, what is refused, the way through JSON."""

from dataclasses import replace

import pytest

from data.problems import ProblemError
from data.simulator import Shift, SimModel, Topic, World, dials, presets, turned
from data.simulator.parameters import options, parameters

LAW, CODE = Topic(name="law"), Topic(name="code 2.0", weight=2)
PAIR = World(
    models=(SimModel(name="a.b"), SimModel(name="c", strengths=(1, -1), accuracy=0.8)), topics=(LAW, CODE),
    shifts=(Shift(kind="outage", model="c", at=0.2, until=0.3),),
)  # fmt: skip


@pytest.mark.parametrize("kind", [World, SimModel, Topic, Shift])
def test_every_number_and_word_is_declared_for_people(kind):
    """Each has a label and one sentence that ends; its default is in its range."""
    for name, spec in parameters(kind):
        assert spec.label, name
        assert spec.help.endswith("."), name
        assert spec.low < spec.high
        assert spec.none or not spec.optional
        assert spec.scale == "linear" or spec.high > 0
    for name, spec in options(kind):
        assert spec.help.endswith("."), name
        assert kind.__dataclass_fields__[name].default in spec.options


@pytest.mark.parametrize("kind", [SimModel, Topic])
def test_numbers_out_of_range_are_refused_by_name(kind):
    """One below and one above each range, and what isn't a number: a ProblemError that names thing, number and range."""
    for name, spec in parameters(kind):
        for bad in (spec.low - 1, spec.high + 1, float("nan"), "much", True):
            value = (bad,) if name == "strengths" else bad
            with pytest.raises(ProblemError, match=rf"x: {name} = .* is outside"):
                kind(name="x", **{name: value})


def test_whole_numbers_are_whole():
    """Half a query is refused; 10.0 queries are 10."""
    with pytest.raises(ProblemError, match=r"n = 10\.5 is no whole number"):
        replace(PAIR, n=10.5)
    assert replace(PAIR, n=10.0).n == 10
    assert isinstance(replace(PAIR, n=10.0).n, int)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"models": ()}, "needs models with names"),
        ({"models": (SimModel(name="a"), SimModel(name="a"))}, "needs models with names"),
        ({"models": ("gpt-4",)}, "not all of the kind SimModel"),
        ({"topics": (replace(LAW, weight=0), replace(CODE, weight=0))}, "no topic is ever asked"),
        ({"topics": (LAW,)}, "2 strengths for 1 topics"),
        ({"shifts": (Shift(kind="price", model="nobody", size=2),)}, "names the model 'nobody'"),
        ({"shifts": (Shift(kind="topic", topic="art", size=2),)}, "names the topic 'art'"),
        ({"residuals": ((1.0,),)}, "don't fit the models"),
        ({"difficulty_shape": "round"}, "is not one of one hump"),
        ({"cost_unit": "relative"}, "needs one price per call"),
    ],
)
def test_worlds_that_make_no_sense_are_refused(change, said):
    """Each with what is wrong."""
    with pytest.raises(ProblemError, match=said):
        replace(PAIR, **change)


def test_shifts_that_make_no_sense_are_refused():
    """Ends before it begins, or names a topic where none belongs."""
    with pytest.raises(ProblemError, match=r"ends at 0\.1, before it begins"):
        Shift(at=0.5, until=0.1)
    with pytest.raises(ProblemError, match="factor of a price shift is -1"):
        Shift(kind="price")
    with pytest.raises(ProblemError, match="a drift shift has no topic"):
        Shift(topic="law")
    with pytest.raises(ProblemError, match="a topic shift needs a topic"):
        Shift(kind="topic", size=2)


def test_a_world_survives_json():
    """It comes back equal, with the same key; unknown fields are refused by name."""
    back = World.from_json(PAIR.to_json())
    assert back == PAIR
    assert back.key == PAIR.key
    assert hash(back) == hash(PAIR)
    assert replace(PAIR, seed=1).key != PAIR.key
    with pytest.raises(ProblemError, match="unknown field 'colour'"):
        World.from_json({"colour": "red"})
    with pytest.raises(ProblemError, match="SimModel has the unknown field 'iq'"):
        World.from_json({"models": [{"name": "a", "iq": 140}]})


def test_every_dial_can_be_turned_by_its_path():
    """Turning each to another value of its range moves that number and no other; names with dots are understood."""
    for dial in dials(PAIR):
        low, high = dial.parameter.low, dial.parameter.high
        value = high if dial.value != high and not dial.path.endswith((".at", "weight", "size")) else (low + high) / 2
        value = round(value) if dial.parameter.whole else value
        if dial.path.startswith("shifts.0.at"):
            value = 0.1
        moved = turned(PAIR, dial.path, value)
        changed = {each.path for each, was in zip(dials(moved), dials(PAIR), strict=True) if each.value != was.value}
        assert changed - {path for path in changed if ".strengths." in path} == {dial.path} - {p for p in [dial.path] if ".strengths." in p}
        assert {each.path: each.value for each in dials(moved)}[dial.path] == pytest.approx(value)
    assert "models.a.b.accuracy" in {dial.path for dial in dials(PAIR)}


@pytest.mark.parametrize(
    "path", ["colour", "models.nobody.accuracy", "models.c.colour", "models.c.strengths.7", "planets.mars.weight", "n.x"]
)
def test_a_path_that_leads_nowhere_is_refused(path):
    """With the path."""
    with pytest.raises(ProblemError, match="a world has no dial"):
        turned(PAIR, path, 0.5)


def test_optional_dials_can_be_let_go():
    """None is how an accuracy is left to follow from ability."""
    assert turned(PAIR, "models.c.accuracy", None).model("c").accuracy is None


def test_presets_are_published():
    """At least four; each figure has source, address and date; every model's price and accuracy are among them, and the dials show them."""
    assert len(presets()) >= 4
    for preset in presets():
        assert all(each.source and each.url.startswith("https://") and len(each.date) == 10 for each in preset.figures)
        assert "simulated" in preset.world.name
        for model in preset.world.models:
            told = {(each.what, each.topic): each.value for each in preset.figures if each.model == model.name}
            assert told["price_in", ""] == model.price_in_usd_per_mtok
            assert told["price_out", ""] == model.price_out_usd_per_mtok
            scores = [value for (what, _), value in told.items() if what == "accuracy"]
            assert sum(scores) / len(scores) == pytest.approx(model.accuracy)
            assert len(scores) == len(preset.world.topics)


def test_list_prices_of_presets_are_those_of_the_list():
    """Figures said to be of the price list are its own, if that version is installed."""
    from importlib.metadata import version

    from data.prices import match

    if version("genai-prices") != "0.2.3":
        pytest.skip("another version of the list is installed")
    listed = [each for preset in presets() for each in preset.figures if each.listed]
    assert len(listed) >= 10
    for figure in listed:
        card = match(figure.listed.partition("/")[2])
        asked = card.price_in_usd_per_mtok if figure.what == "price_in" else card.price_out_usd_per_mtok
        assert figure.value == asked, figure.listed


def test_what_is_said_of_the_specialists_is_so():
    """The larger all-rounder has the best published score on every task, as the idea says; no specialist is sold as more than it is."""
    told = next(each for each in presets() if each.id == "specialists")
    best = {}
    for figure in sorted((each for each in told.figures if each.what == "accuracy"), key=lambda each: each.value):
        best[figure.topic] = figure.model
    assert set(best.values()) == {told.world.models[-1].name}
    assert "ahead even in their fields" in told.idea
