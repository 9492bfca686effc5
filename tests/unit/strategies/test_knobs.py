"""Declarations: sliders, ranges, the one range message."""

from dataclasses import dataclass

import numpy as np
import pytest

from data.problems import ProblemError
from strategies import find
from strategies.conformance import bad_values, end_values
from strategies.knobs import Knob, arms, choice, knob, setting, turn, turned, turns
from strategies.protocol import Card, Strategy

CARD = Card(id="many", title="Many", family="router", source="a test", rule="none")


@dataclass(frozen=True, eq=False)
class Many(Strategy):
    """One of each kind of declaration."""

    card = CARD
    share: float = knob(0.5, low=0, high=1, unit="share", help="How much.", title="share")
    steps: tuple[float, ...] = knob((1.0, 2.0), low=0, high=10, unit="steps", help="How far.", vector=True, cuts="stage")
    count: int = knob(3, low=1, high=9, unit="things", help="How many.", whole=True)
    weight: float = knob(0.0, low=0, high="data", unit="weight", help="How heavy.", cuts=4)
    word: str = choice("one", options=("one", "two"), help="Which.")
    loose: str = choice("any", options=("any",), help="Whichever.", free=True)
    pair: tuple[str, ...] = arms((), least=2, most=2, help="Who.")
    several: tuple[str, ...] = arms((), least=2, most=3, help="Who else.")
    open_ended: tuple[str, ...] = arms((), least=2, help="All who.")
    one: str = arms("", least=1, most=1, help="Whom.")


def test_every_number_is_one_slider():
    """A vector knob gives t1, t2 ...; titles, stages and units follow the declaration."""
    found = {t.name: t for t in turns(Many())}
    assert list(found) == ["share", "t1", "t2", "count", "weight"]
    assert [t.cuts for t in found.values()] == [None, 1, 2, None, 4]
    assert [t.title for t in found.values()] == ["share", "steps 1", "steps 2", "count", "weight"]
    assert isinstance(found["share"].knob, Knob)


def test_a_turned_copy_keeps_everything_else():
    """Turning moves one entry, rounds whole numbers, keeps seed and state."""
    before = Many(seed=7).with_state(kept=np.arange(3))
    after = turned(turned(turned(before, "t2", 5), "count", 4.4), "share", np.float32(0.25))
    assert (after.steps, after.count, after.share, after.seed) == ((1.0, 5.0), 4, 0.25, 7)
    assert after.state["kept"].tolist() == [0, 1, 2]
    assert (before.steps, setting(after, "t2"), setting(after, "share")) == ((1.0, 2.0), 5.0, 0.25)


@pytest.mark.parametrize(("policy", "words"), [(Many(), "share, t1, t2, count, weight"), (find("oracle")(), "none")])
def test_an_unknown_slider_is_refused_with_those_there_are(policy, words):
    """The message lists what can be turned."""
    with pytest.raises(ProblemError, match=words):
        turn(policy, "t9")


@pytest.mark.parametrize(("name", "value"), list(bad_values(Many)), ids=repr)
def test_what_a_declaration_forbids_is_refused_by_name(name, value):
    """Bad values are generated from the declarations: each is a ProblemError with column and way out."""
    with pytest.raises(ProblemError, match="many: ") as caught:
        Many(**{name: value})
    assert caught.value.problems[0].fix


def test_bad_values_are_made_for_every_kind_of_declaration():
    """Past both ends, NaN, infinite, words, nothing, true, half, strange words, too few, too many, doubled."""
    values = list(bad_values(Many))
    assert {name for name, _ in values} == {"share", "steps", "count", "weight", "word", "pair", "several", "open_ended"}
    assert ("count", 1.5) in values
    assert ("pair", ("a", "b", "c")) in values
    assert ("pair", ("a", "a")) in values
    assert dict(end_values(Many)) == {"share": 1, "steps": (10,), "count": 9, "weight": 1}


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"share": 2}, "share = 2 is outside 0 to 1. How much. Give a number in that range \\(share\\)"),
        ({"count": 2.5}, "no whole number from 1 to 9"),
        ({"weight": -1}, "the data's own end"),
        ({"steps": (1, 11)}, "t2 = 11"),
        ({"word": "three"}, "one, two"),
        ({"pair": ("a", "b", "c")}, "not 2 different models"),
        ({"several": ("a",)}, "not 2 to 3 different models"),
        ({"open_ended": ("a", "a")}, "not 2 or more different models"),
    ],
)
def test_the_range_message_says_what_where_and_how(given, words):
    """One sentence form for all."""
    with pytest.raises(ProblemError, match=words):
        Many(**given)


def test_equal_settings_are_kept_as_equal_python_values():
    """NumPy numbers, whole floats and lists become plain: the key does not know where they came from."""
    one = Many(share=np.float64(1), steps=[np.float32(1), 2], count=np.int64(3), pair=["a", "b"])
    other = Many(share=1, steps=(1, 2), count=3.0, pair=("a", "b"))
    assert one.key == other.key
    assert [type(one.share), type(one.count), type(one.steps[0]), type(one.pair)] == [float, int, float, tuple]


def test_free_words_and_open_choices_are_allowed():
    """A signal of one's own, models not yet chosen."""
    assert (Many(loose="mine").loose, Many(one="x").one, Many().pair) == ("mine", "x", ())
