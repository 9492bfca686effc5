"""The What-if page's picture and words: bars from the conclusion as it is, and sentences that claim no more than was measured."""

from __future__ import annotations

import math
import re

import pytest

from dashboard import theme
from dashboard.charts.tornado import MOST, Shaft, tornado
from dashboard.components.whatif import told
from dashboard.words import whatif as words
from strategies.whatif.breakeven import PRICES
from strategies.whatif.measure import MEASURES
from strategies.whatif.scenario import BY_WORD


def shafts(count: int) -> list[Shaft]:
    """Return bars around 0.5, the first the widest."""
    return [Shaft(name=f"input {i}", low=0.5 - 0.4 / (i + 1), high=0.5 + 0.2 / (i + 1), said=("half", "double")) for i in range(count)]


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_each_bar_runs_from_the_conclusion_to_its_ends(mode: str) -> None:
    """The first input is on top, one end in each colour, and a line stands where the conclusion is."""
    picture = tornado(shafts(3), 0.5, axis="Saving", mode=mode, percent=True)
    low, high = picture["data"]
    assert [trace["base"] for trace in (low, high)] == [0.5, 0.5]
    assert low["x"] == pytest.approx([-0.4 / 3, -0.2, -0.4])
    assert high["x"] == pytest.approx([0.2 / 3, 0.1, 0.2])
    assert picture["layout"]["yaxis"]["ticktext"] == ["input 2", "input 1", "input 0"]
    assert picture["layout"]["shapes"][0]["x0"] == 0.5
    assert {low["marker"]["color"], high["marker"]["color"]} == {theme.strategy_colour(0, mode), theme.strategy_colour(1, mode)}


def test_a_chart_has_room_for_the_widest_twelve() -> None:
    """More inputs than can be read are left out, and the height follows what is there."""
    whole, one = (tornado(shafts(n), 0.5, axis="", mode="light") for n in (30, 1))
    assert len(whole["data"][0]["x"]) == MOST
    assert whole["layout"]["height"] > one["layout"]["height"] > 0


def test_an_end_that_is_not_known_has_no_bar() -> None:
    """NaN draws nothing, and a name that is a person's own is no markup and no template."""
    picture = tornado([Shaft(name="<b>%{x}</b>", low=math.nan, high=1.0, said=("", "double"))], 0.5, axis="", mode="light")
    assert picture["data"][0]["x"] == [None]
    assert picture["layout"]["yaxis"]["ticktext"][0].startswith("&lt;b&gt;%\u200b{")


def test_there_are_words_for_everything_that_can_be_assumed() -> None:
    """Each kind of assumption has its few words (a token price has its own), each figure and price its name."""
    assert set(words.SAID) | {"tok"} == set(BY_WORD)
    assert set(MEASURES) <= set(words.MEASURES)
    assert set(PRICES) == set(words.FLIPS_KIND) == set(words.PRICE_UNITS)
    templates = [value for value in vars(words).values() if isinstance(value, str)]
    assert not [text for text in templates if re.search(r"\bnan\b", text)]


def test_points_are_written_without_their_sign() -> None:
    """0.0123 is 1.2 points, and so is its negative."""
    assert told.points(-0.0123) == told.points(0.0123) == "1.2"
