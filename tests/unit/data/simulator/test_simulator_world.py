"""A world's parts: declared numbers, dials, what is refused, the way through JSON."""

from dataclasses import replace

import numpy as np
import pytest

from data.problems import ProblemError
from data.simulator import Shift, SimModel, Topic, World, dials, preset, presets, simulate, turned
from data.simulator.moments import auroc
from data.simulator.parameters import options, parameters
from data.simulator.presets import _telling

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
    for start in presets():
        assert all(each.source and each.url.startswith("https://") and len(each.date) == 10 for each in start.figures)
        assert "simulated" in start.world.name
        for model in start.world.models:
            told = {(each.what, each.topic): each.value for each in start.figures if each.model == model.name}
            assert told["price_in", ""] == model.price_in_usd_per_mtok
            assert told["price_out", ""] == model.price_out_usd_per_mtok
            scores = [value for (what, _), value in told.items() if what == "accuracy"]
            assert sum(scores) / len(scores) == pytest.approx(model.accuracy)
            assert len(scores) == len(start.world.topics)


def test_list_prices_of_presets_are_those_of_the_list():
    """Figures said to be of the price list are its own, if that version is installed."""
    from importlib.metadata import version

    from data.prices import match

    if version("genai-prices") != "0.2.3":
        pytest.skip("another version of the list is installed")
    listed = [each for start in presets() for each in start.figures if each.listed]
    assert len(listed) >= 10
    for figure in listed:
        card = match(figure.listed.partition("/")[2])
        asked = card.price_in_usd_per_mtok if figure.what == "price_in" else card.price_out_usd_per_mtok
        assert figure.value == asked, figure.listed


def test_hidden_reasoning_is_paid_from_a_source_or_said_to_be_left_out():
    """Every reasoning model of a preset has a sourced number of output tokens, or its card and the world's notes say what is missing."""
    told = preset("openai-crux")
    table = simulate(replace(told.world, n=20_000))
    sourced = {each.model: each for each in told.figures if each.what == "tokens_out"}
    assert sourced["o1-mini"].url.startswith("https://github.com/karthikv792/LLMs-Planning/")
    assert table.mean("tokens_out")["o1-mini"] == pytest.approx(1501.2, rel=0.02)
    assert "o1-preview" not in sourced
    assert "leaves out hidden reasoning" in table.cards[table.index("o1-preview")].source
    assert "Of o1-preview no number is published" in told.world.notes[0]
    assert table.origin.note.endswith(told.world.notes[0])


def test_what_is_said_of_the_specialists_is_so():
    """At each price both models have the better published score on some task, and a drawn model is no surer where it is good."""
    told = preset("specialists")
    scores = {m.name: [f.value for f in told.figures if f.what == "accuracy" and f.model == m.name] for m in told.world.models}
    prices = {m.price_in_usd_per_mtok for m in told.world.models}
    assert len(prices) == 2
    for price in prices:
        one, other = (np.array(scores[m.name]) for m in told.world.models if m.price_in_usd_per_mtok == price)
        assert (one > other + 0.05).any()
        assert (other > one + 0.05).any()
    table = simulate(replace(told.world, n=40_000))
    for m, name in enumerate(table.models):
        by = [(table.quality(m)[table.queries.tasks == k], table.signals["confidence"][table.queries.tasks == k, m]) for k in range(5)]
        right, says = (np.array([pair[at].mean() for pair in by]) for at in range(2))
        assert right == pytest.approx(scores[name], abs=0.02)
        assert np.ptp(says) < 0.02  # as sure outside its field as within
        assert says[np.argmin(right)] > right.min() + 0.3


def test_knowing_the_topic_alone_tells_as_well_as_its_means_do():
    """The foresight that a preset takes from its scores is the AUROC of the topics' means, ties counted half."""
    accuracy = np.array([0.9, 0.4, 0.4, 0.7])
    right = (np.random.default_rng(0).random((200_000, 4)) < accuracy).astype(float)
    assert _telling(accuracy) == pytest.approx(auroc(right.ravel(), np.tile(accuracy, len(right))), abs=0.003)
    told = preset("specialists").world
    table = simulate(replace(told, n=40_000))
    for m, model in enumerate(told.models):
        ahead = table.features[f"predicted_quality:{model.name}"][:, 0]
        assert auroc(table.quality(m), ahead) == pytest.approx(model.ex_ante_auroc, abs=0.01)
        assert model.ex_ante_auroc < 0.75
